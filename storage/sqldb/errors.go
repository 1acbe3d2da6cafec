package sqldb

import (
	"context"
	"errors"
	"fmt"

	"github.com/shopifysession/toolkit/shopifysession"
)

// What can be told about the cause of a *[shopifysession.StorageError] of this
// package, whatever the driver; find it with [errors.Is].
var (
	// ErrNotMigrated says that the table is missing or of an older release. Call
	// [Storage.Migrate].
	ErrNotMigrated = errors.New("table is missing or old, call Migrate")
	// ErrNewerSchema says that a newer release has migrated the table. This one
	// could lose what it does not know of, so it does nothing.
	ErrNewerSchema = errors.New("table was migrated by a newer release")
	// ErrForeignTable says that Migrate found a table of that name which this
	// package did not make. It was left alone; choose another name in [Options].
	ErrForeignTable = errors.New("table exists and is not of this package")
	// ErrBusy says that others kept the database locked for longer than this
	// package waits. The statement wrote nothing; try again later.
	ErrBusy = errors.New("database is locked")
	// ErrReadOnly says that the database can be read but not written.
	ErrReadOnly = errors.New("database is read-only")
	// ErrFull says that the disk, or the size that the database may have, is
	// used up. The statement wrote nothing.
	ErrFull = errors.New("database or disk is full")
	// ErrUnavailable says that the database can't be opened: a missing
	// directory, a missing file, no permission.
	ErrUnavailable = errors.New("database can't be opened")
)

// condition returns the Err variable that fits err, nil if none does.
func (st *Storage) condition(err error) error {
	for _, known := range []error{ErrNotMigrated, ErrNewerSchema, ErrForeignTable} {
		if errors.Is(err, known) {
			return known
		}
	}
	return st.dialect.condition(err)
}

// failure returns the error of an operation that failed with err, a driver's
// or this package's.
func (st *Storage) failure(ctx context.Context, op string, err error) error {
	if ctx.Err() != nil {
		// Drivers report an interruption in their own words.
		return ended(ctx, op)
	}
	if known := st.condition(err); known != nil {
		return fmt.Errorf("%w: %w", storageError(op, err), known)
	}
	return storageError(op, err)
}

// damaged returns the error of a row that is no session.
func damaged(op string, err error) error {
	err = fmt.Errorf("%w: %w", shopifysession.ErrInvalidSession, err)
	return fmt.Errorf("%w: row is damaged", storageError(op, err))
}

const backend = "sqldb"

func ended(ctx context.Context, op string) error { return shopifysession.Ended(ctx, backend, op) }

func storageError(op string, err error) *shopifysession.StorageError {
	return &shopifysession.StorageError{Op: op, Backend: backend, Err: err}
}
