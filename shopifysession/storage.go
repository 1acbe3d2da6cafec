package shopifysession

import "context"

// SessionStorage keeps sessions. It is the interface that an app's database
// implements; the packages below storage implement it for the usual ones, and
// storage/storagetest checks every sentence of this comment.
//
// Implementations are safe for concurrent use. They never keep, change or hand
// out memory that they share with the caller. They honour the context: with a
// context that has ended they do nothing and return an error that wraps its
// cause. Once a method has returned nil, every later call sees its effect, in
// this process and in others on the same database.
//
// What is stored comes back with every field ([Session.Equal]), with its
// bookkeeping and with JSON keys that this toolkit does not know; times come
// back in UTC, cut to milliseconds. A session that has expired still loads: its
// refresh token is needed. How long it must be kept is [Session.KeepUntil].
//
// Errors are ErrNotFound, ErrConflict and ErrInvalidSession as said below, and
// otherwise a *StorageError: a storage that can't be reached never looks like
// a missing session. No error text holds a token.
type SessionStorage interface {
	// Store creates the session or replaces all of it: a field that is empty
	// now is empty afterwards. It replaces the stored session if s is the same
	// version of it, a later grant, or made by hand; else it writes nothing and
	// returns ErrConflict, so that a stale copy can't undo a rotation; see
	// [Revise]. It does not change s: who wants to write again loads again, or
	// uses [Update]. A session that can't be kept, nil too, is
	// ErrInvalidSession.
	//
	// Storages over callbacks and over tables of other programs can't refuse
	// stale copies; their documentation says so.
	Store(ctx context.Context, s *Session) error

	// Load returns the session with that id, or ErrNotFound if there is none or
	// the id can't be one.
	Load(ctx context.Context, id string) (*Session, error)

	// Delete removes the session with that id; nil if there is none. For
	// [FenceGrace] a write of the deleted grant, or of an older one, is
	// ErrConflict; a later grant, such as a reinstall seconds later, is
	// accepted.
	Delete(ctx context.Context, id string) error

	// DeleteSessions removes the sessions with those ids like Delete; nil for no
	// ids, absent ones and repetitions. If it fails, some may be gone.
	DeleteSessions(ctx context.Context, ids []string) error

	// FindSessionsByShop returns the sessions whose Shop is that string exactly,
	// in no particular order, expired ones included; an empty result and nil if
	// there are none.
	FindSessionsByShop(ctx context.Context, shop string) ([]*Session, error)
}
