package shopifysession

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
)

// The conditions that callers tell apart with [errors.Is].
var (
	// ErrNotFound says that the storage holds no session with that id.
	ErrNotFound = errors.New("shopifysession: session not found")
	// ErrConflict says that a write was refused, and nothing written, because
	// the storage holds a newer session or the deletion of this one.
	ErrConflict = errors.New("shopifysession: session is stale")
	// ErrInvalidShop says that a string is not a shop's domain.
	ErrInvalidShop = errors.New("shopifysession: invalid shop domain")
	// ErrInvalidSession says that a session can't be stored or serialized
	// data is not a session.
	ErrInvalidSession = errors.New("shopifysession: invalid session")
)

// StorageError is a failure of the storage behind a [SessionStorage]: the
// session may exist, it could not be reached. Storages return it for every
// error that is not one of the sentinels above.
//
// Its text names operation, backend and class of the error, and nothing else:
// the texts of drivers may quote the data they carried. The driver's error is
// there through Unwrap for those who need it.
type StorageError struct {
	Op      string // what was tried: "store", "load", "delete", …
	Backend string // who tried: "memory", "redis", …
	Err     error  // the cause
}

// Error returns operation, backend and class of the cause.
func (e *StorageError) Error() string {
	return e.Backend + ": " + e.Op + ": " + errorClass(e.Err)
}

// Format prints what Error returns, for every verb.
func (e *StorageError) Format(f fmt.State, _ rune) { io.WriteString(f, e.Error()) }

// Unwrap returns the cause; its text may hold data.
func (e *StorageError) Unwrap() error { return e.Err }

// Ended is for storages, which do nothing once the context has ended: it returns
// nil for a context that has not, else a *[StorageError] that wraps ctx.Err and
// the cause of the end.
func Ended(ctx context.Context, backend, op string) error {
	err := ctx.Err()
	if err == nil {
		return nil
	}
	if cause := context.Cause(ctx); !errors.Is(cause, err) {
		err = fmt.Errorf("%w: %w", err, cause)
	} else {
		err = cause
	}
	return &StorageError{Op: op, Backend: backend, Err: err}
}

// errorClass tells in fixed words what kind of failure err is.
func errorClass(err error) string {
	var network net.Error
	switch {
	case errors.Is(err, context.Canceled):
		return "canceled"
	case errors.Is(err, context.DeadlineExceeded):
		return "deadline exceeded"
	case errors.Is(err, errors.ErrUnsupported):
		return "unsupported"
	case errors.As(err, &network) && network.Timeout():
		return "network timeout"
	case errors.As(err, &network):
		return "network failure"
	}
	return "backend failure"
}

// ConfigError is one mistake in a [Config].
type ConfigError struct {
	Field  string // the field of Config
	Reason string // what is wrong with it, without its value
}

// Error returns field and reason.
func (e *ConfigError) Error() string {
	return "shopifysession: config: " + e.Field + " " + e.Reason
}
