package custom

import (
	"context"
	"errors"
	"iter"
	"strings"
	"time"

	"github.com/shopifysession/toolkit/shopifysession"
)

// CustomSessionStorage is a session storage over callbacks. Set the fields
// before the first use; it is safe for concurrent use if the callbacks are.
//
// Before a callback is called the arguments are checked, and afterwards what it
// returned: contexts that have ended, ids that can't be one and sessions that
// can't be kept never reach a callback. The callbacks own the sessions they
// get. An error of a callback that is ErrNotFound, ErrConflict or
// ErrInvalidSession passes; any other is the cause of a *StorageError. A panic
// of a callback passes.
type CustomSessionStorage struct {
	// StoreFunc creates or replaces the session by its ID. What it gets has a
	// version and a grant time: keep Bookkeeping along with the fields, or all
	// of Serialize. Required; with UpdateFunc, that is called instead.
	StoreFunc func(ctx context.Context, s *shopifysession.Session) error
	// LoadFunc returns the session; nil and nil, or ErrNotFound: there is none.
	// See [FromBytes] and [FromMap]. Required.
	LoadFunc func(ctx context.Context, id string) (*shopifysession.Session, error)
	// DeleteFunc removes the session; nil or ErrNotFound if there is none.
	// Required.
	DeleteFunc func(ctx context.Context, id string) error

	// DeleteSessionsFunc removes the sessions; it is called with different valid
	// ids, at least one. nil: DeleteFunc for each, see DeleteSessions.
	DeleteSessionsFunc func(ctx context.Context, ids []string) error
	// FindSessionsByShopFunc returns the sessions of a shop; sessions of other
	// shops, as a case-insensitive column finds them, are left out. nil:
	// errors.ErrUnsupported.
	FindSessionsByShopFunc func(ctx context.Context, shop string) ([]*shopifysession.Session, error)
	// UpdateFunc changes a session atomically, and everything that
	// [shopifysession.Updater] says is for it to do: read the session where it
	// is written and keep others from writing it (or notice and begin anew),
	// call fn, give its error back, delete for a nil result, pass any other
	// result through [shopifysession.Revise] with the session that fn was given
	// and the fence of the id, and write what that returns. Store then goes
	// through it, too, so that stale copies are refused. nil:
	// errors.ErrUnsupported.
	UpdateFunc func(ctx context.Context, id string, fn func(old *shopifysession.Session) (*shopifysession.Session, error)) error
	// AllFunc yields every session; see [shopifysession.Iterator]. nil:
	// errors.ErrUnsupported.
	AllFunc func(ctx context.Context) iter.Seq2[*shopifysession.Session, error]
	// PingFunc returns nil if the database answers. nil: errors.ErrUnsupported,
	// and [shopifysession.Ping] makes do with LoadFunc.
	PingFunc func(ctx context.Context) error

	// Now is the clock for the grant time of sessions made by hand; nil:
	// time.Now.
	Now func() time.Time
}

// New returns a storage over the three callbacks that every storage needs; a
// nil one is an error that names all that are missing. The optional callbacks
// are fields of the result.
func New(
	store func(ctx context.Context, s *shopifysession.Session) error,
	load func(ctx context.Context, id string) (*shopifysession.Session, error),
	remove func(ctx context.Context, id string) error,
) (*CustomSessionStorage, error) {
	var missing []string
	if store == nil {
		missing = append(missing, "store")
	}
	if load == nil {
		missing = append(missing, "load")
	}
	if remove == nil {
		missing = append(missing, "delete")
	}
	if len(missing) > 0 {
		return nil, errors.New("custom: missing callbacks: " + strings.Join(missing, ", "))
	}
	return &CustomSessionStorage{StoreFunc: store, LoadFunc: load, DeleteFunc: remove}, nil
}

// Store checks the session and hands a copy with version and grant time to
// StoreFunc, or to UpdateFunc if there is one. Only the latter refuses stale
// copies.
func (c *CustomSessionStorage) Store(ctx context.Context, s *shopifysession.Session) error {
	if err := ready(ctx, "store", "StoreFunc", c.StoreFunc == nil); err != nil {
		return err
	}
	next, err := shopifysession.Revise(nil, s, time.Time{}, c.now())
	if err != nil {
		return err
	}
	if c.UpdateFunc == nil {
		return failure("store", c.StoreFunc(ctx, next))
	}
	err = c.UpdateFunc(ctx, s.ID, func(*shopifysession.Session) (*shopifysession.Session, error) {
		return s.Clone(), nil
	})
	return failure("store", err)
}

// Load returns a copy of what LoadFunc returns. A session that is not valid, or
// has another id, is ErrInvalidSession.
func (c *CustomSessionStorage) Load(ctx context.Context, id string) (*shopifysession.Session, error) {
	if err := ready(ctx, "load", "LoadFunc", c.LoadFunc == nil); err != nil {
		return nil, err
	}
	if !shopifysession.ValidID(id) {
		return nil, shopifysession.ErrNotFound
	}
	s, err := c.LoadFunc(ctx, id)
	if err != nil {
		return nil, failure("load", err)
	}
	if s == nil {
		return nil, shopifysession.ErrNotFound
	}
	if s.ID != id {
		return nil, invalid("load", "LoadFunc returned a session with another id")
	}
	return returned("load", s)
}

// Delete calls DeleteFunc; an absent session is no error.
func (c *CustomSessionStorage) Delete(ctx context.Context, id string) error {
	if err := ready(ctx, "delete", "DeleteFunc", c.DeleteFunc == nil); err != nil {
		return err
	}
	if !shopifysession.ValidID(id) {
		return nil
	}
	return present(failure("delete", c.DeleteFunc(ctx, id)))
}

// FindSessionsByShop returns copies of what FindSessionsByShopFunc returns for
// that very shop.
func (c *CustomSessionStorage) FindSessionsByShop(ctx context.Context, shop string) ([]*shopifysession.Session, error) {
	if err := supported(ctx, "find", c.FindSessionsByShopFunc == nil); err != nil {
		return nil, err
	}
	if !shopifysession.ValidID(shop) { // a shop follows the same rule
		return nil, nil
	}
	found, err := c.FindSessionsByShopFunc(ctx, shop)
	if err != nil {
		return nil, present(failure("find", err))
	}
	sessions := make([]*shopifysession.Session, 0, len(found))
	for _, s := range found {
		if s != nil && s.Shop != shop {
			continue
		}
		own, err := returned("find", s)
		if err != nil {
			return nil, err
		}
		sessions = append(sessions, own)
	}
	return sessions, nil
}

func (c *CustomSessionStorage) now() time.Time {
	if c.Now != nil {
		return c.Now()
	}
	return time.Now()
}
