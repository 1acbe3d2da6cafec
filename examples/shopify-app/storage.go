package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	_ "modernc.org/sqlite"

	"github.com/shopifysession/toolkit/shopifysession"
	"github.com/shopifysession/toolkit/storage/sqldb"
)

// openStorage opens the SQLite file, creates it and its directory if need be, and
// brings its table up to date. The caller closes the database.
func openStorage(ctx context.Context, path string, now func() time.Time) (*sqldb.Storage, *sql.DB, error) {
	if err := createFile(path); err != nil {
		return nil, nil, err
	}
	db, err := sql.Open("sqlite", dataSource(path))
	if err != nil {
		return nil, nil, fmt.Errorf("the database %s can't be opened: %w", path, err)
	}
	storage, err := sqldb.New(db, sqldb.SQLite, &sqldb.Options{Now: now})
	if err == nil {
		err = storage.Migrate(ctx)
	}
	if err == nil {
		// Migrate writes nothing where nothing is to do; a program that can't
		// write must not begin.
		_, err = storage.DeleteExpired(ctx, now())
	}
	if err != nil {
		return nil, nil, errors.Join(storageProblem(path, err), db.Close())
	}
	return storage, db, nil
}

// dataSource names the file to the driver, whatever letters its name has; the
// settings are those that package sqldb asks for.
func dataSource(path string) string {
	name := (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath()
	return "file:" + name + "?_pragma=busy_timeout(1000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)" +
		"&_pragma=secure_delete(ON)&_txlock=immediate"
}

// createFile makes sure that the file is there and only its owner may read it:
// SQLite would create it for everybody to read, and tokens will be in it.
func createFile(path string) error {
	err := os.MkdirAll(filepath.Dir(path), 0o700)
	var f *os.File
	if err == nil {
		f, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	}
	if err == nil {
		err = f.Close()
	}
	switch {
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("the database %s can't be written: %w.\n"+writableHint, path, cause(err))
	case err != nil:
		return fmt.Errorf("the database %s can't be opened: %w.\nChoose another file with -db", path, cause(err))
	}
	return nil
}

const writableHint = "Make the file and its directory writable, or choose another with -db"

// storageProblem says what to do about a storage that can't be used.
func storageProblem(path string, err error) error {
	switch {
	case errors.Is(err, context.Canceled):
		return context.Canceled // somebody has stopped the program already
	case errors.Is(err, sqldb.ErrReadOnly):
		return fmt.Errorf("the database %s is read-only.\n"+writableHint, path)
	case errors.Is(err, sqldb.ErrFull):
		return fmt.Errorf("the disk with the database %s is full", path)
	case errors.Is(err, sqldb.ErrBusy):
		return fmt.Errorf("the database %s is locked by another program", path)
	case errors.Is(err, sqldb.ErrNewerSchema):
		return fmt.Errorf("the database %s was written by a newer version of this program", path)
	case errors.Is(err, sqldb.ErrForeignTable):
		return fmt.Errorf("the database %s belongs to another program.\nChoose another file with -db", path)
	case errors.Is(err, sqldb.ErrUnavailable):
		return fmt.Errorf("the database %s can't be opened.\n"+writableHint, path)
	}
	var failure *shopifysession.StorageError
	if errors.As(err, &failure) {
		return fmt.Errorf("the database %s can't be used: it is damaged or no SQLite database.\nChoose another file with -db", path)
	}
	return err
}

// cause returns the system's word for what happened to a file, without the name
// of the file, which the message has already.
func cause(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
