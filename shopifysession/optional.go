package shopifysession

import (
	"context"
	"errors"
	"iter"
	"time"
)

// What a storage may offer beyond [SessionStorage] is an interface of one
// method each. Callers use the package function of the same name: it finds the
// capability behind decorators, falls back where a fallback is right, and
// returns errors.ErrUnsupported otherwise.

// Updater changes a session atomically.
type Updater interface {
	// Update calls fn with the stored session, nil if there is none, and writes
	// what fn returns in its place, unless the stored session has changed in
	// between: then fn is called again with the new one. fn must not do I/O and
	// may run again even after its result was applied and the reply was lost.
	//
	// A nil result deletes the session, fencing it as Delete does. An error of
	// fn comes back unchanged and nothing is written. The result must have the
	// id (else ErrInvalidSession) and passes [Revise] like a Store. old is fn's
	// to change and return. It reads where it writes, never from a replica.
	Update(ctx context.Context, id string, fn func(old *Session) (*Session, error)) error
}

// Iterator walks through all sessions.
type Iterator interface {
	// All yields every session in constant memory and in no particular order.
	// What exists throughout comes exactly once; what comes or goes meanwhile
	// at most once. A record that can't be read is one error and not the end;
	// an error of the backend or the context is the end. Stopping early
	// releases everything.
	All(ctx context.Context) iter.Seq2[*Session, error]
}

// Lener counts sessions.
type Lener interface {
	// Len returns the number of sessions, expired ones included.
	Len(ctx context.Context) (int, error)
}

// Clearer removes all sessions.
type Clearer interface {
	// Clear removes every session of this storage and its fences, and nothing
	// else that the database holds.
	Clear(ctx context.Context) error
}

// Toucher prolongs retention.
type Toucher interface {
	// Touch keeps the record at least until keepUntil, never shorter than it
	// would be kept anyway; the session itself, its expiry included, does not
	// change. The zero time keeps it until it is deleted. ErrNotFound if there
	// is none.
	Touch(ctx context.Context, id string, keepUntil time.Time) error
}

// Pinger asks whether the storage answers.
type Pinger interface {
	Ping(ctx context.Context) error
}

// Cleaner removes what need not be kept.
type Cleaner interface {
	// DeleteExpired removes the sessions whose retention ([Session.KeepUntil]
	// and Touch) ended before that time and returns how many it removed.
	DeleteExpired(ctx context.Context, before time.Time) (int, error)
}

// Migrator prepares the database.
type Migrator interface {
	// Migrate creates or upgrades what the storage needs: tables, indexes. It
	// may run again and in many processes at once.
	Migrate(ctx context.Context) error
}

// Update changes a session atomically, if the storage is an [Updater]; there is
// no fallback, since a Load and a Store are not atomic.
func Update(ctx context.Context, st SessionStorage, id string, fn func(old *Session) (*Session, error)) error {
	if u, ok := As[Updater](st); ok {
		return u.Update(ctx, id, fn)
	}
	return errors.ErrUnsupported
}

// All yields every session, if the storage is an [Iterator]; else one
// errors.ErrUnsupported.
func All(ctx context.Context, st SessionStorage) iter.Seq2[*Session, error] {
	if it, ok := As[Iterator](st); ok {
		return it.All(ctx)
	}
	return func(yield func(*Session, error) bool) { yield(nil, errors.ErrUnsupported) }
}

// Len counts the sessions, by walking through them if the storage is no
// [Lener].
func Len(ctx context.Context, st SessionStorage) (int, error) {
	if l, ok := As[Lener](st); ok {
		if n, err := l.Len(ctx); !errors.Is(err, errors.ErrUnsupported) {
			return n, err
		}
	}
	n := 0
	for _, err := range All(ctx, st) {
		if err != nil {
			return 0, err
		}
		n++
	}
	return n, nil
}

// Clear removes all sessions, if the storage is a [Clearer].
func Clear(ctx context.Context, st SessionStorage) error {
	if c, ok := As[Clearer](st); ok {
		return c.Clear(ctx)
	}
	return errors.ErrUnsupported
}

// Touch prolongs the retention of a session, if the storage is a [Toucher].
func Touch(ctx context.Context, st SessionStorage, id string, keepUntil time.Time) error {
	if t, ok := As[Toucher](st); ok {
		return t.Touch(ctx, id, keepUntil)
	}
	return errors.ErrUnsupported
}

// pingID is looked up where a storage has no Ping of its own.
const pingID = "shopifysession.ping"

// Ping returns nil if the storage answers. A storage that is no [Pinger] is
// asked for a session that does not exist.
func Ping(ctx context.Context, st SessionStorage) error {
	if p, ok := As[Pinger](st); ok {
		if err := p.Ping(ctx); !errors.Is(err, errors.ErrUnsupported) {
			return err
		}
	}
	if _, err := st.Load(ctx, pingID); err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	return nil
}

// DeleteExpired removes what need not be kept any more, if the storage is a
// [Cleaner].
func DeleteExpired(ctx context.Context, st SessionStorage, before time.Time) (int, error) {
	if c, ok := As[Cleaner](st); ok {
		return c.DeleteExpired(ctx, before)
	}
	return 0, errors.ErrUnsupported
}

// Migrate prepares the database. A storage that is no [Migrator], or answers
// errors.ErrUnsupported as one, needs nothing.
func Migrate(ctx context.Context, st SessionStorage) error {
	if m, ok := As[Migrator](st); ok {
		if err := m.Migrate(ctx); !errors.Is(err, errors.ErrUnsupported) {
			return err
		}
	}
	return nil
}
