package custom

import (
	"context"
	"iter"

	"github.com/shopifysession/toolkit/shopifysession"
)

var (
	_ shopifysession.SessionStorage = (*CustomSessionStorage)(nil)
	_ shopifysession.Updater        = (*CustomSessionStorage)(nil)
	_ shopifysession.Iterator       = (*CustomSessionStorage)(nil)
	_ shopifysession.Pinger         = (*CustomSessionStorage)(nil)
)

// Update calls UpdateFunc; errors.ErrUnsupported without it. An error of fn
// comes back as it is, whatever UpdateFunc makes of it.
func (c *CustomSessionStorage) Update(ctx context.Context, id string, fn func(old *shopifysession.Session) (*shopifysession.Session, error)) error {
	const op = "update"
	if err := supported(ctx, op, c.UpdateFunc == nil); err != nil {
		return err
	}
	var gaveUp error // of the last run of fn
	run := func(old *shopifysession.Session) (*shopifysession.Session, error) {
		var next *shopifysession.Session
		if next, gaveUp = fn(old.Clone()); gaveUp != nil {
			return nil, gaveUp
		}
		if next == nil {
			return nil, nil
		}
		if err := next.Validate(); err != nil {
			return nil, err
		}
		if next.ID != id {
			return nil, invalid(op, "the result has another id")
		}
		return next.Clone(), nil
	}
	if !shopifysession.ValidID(id) { // nothing is stored there, and nothing can be
		_, err := run(nil)
		return err
	}
	err := c.UpdateFunc(ctx, id, run)
	if gaveUp != nil {
		return gaveUp
	}
	return failure(op, err)
}

// All yields copies of what AllFunc yields; one errors.ErrUnsupported without
// it. A session that is not valid is one error and not the end.
func (c *CustomSessionStorage) All(ctx context.Context) iter.Seq2[*shopifysession.Session, error] {
	const op = "all"
	return func(yield func(*shopifysession.Session, error) bool) {
		if err := supported(ctx, op, c.AllFunc == nil); err != nil {
			yield(nil, err)
			return
		}
		for s, err := range c.AllFunc(ctx) {
			if err := ended(ctx, op); err != nil {
				yield(nil, err)
				return
			}
			if err == nil {
				s, err = returned(op, s)
			} else {
				s, err = nil, failure(op, err)
			}
			if !yield(s, err) {
				return
			}
		}
	}
}

// Ping calls PingFunc; errors.ErrUnsupported without it.
func (c *CustomSessionStorage) Ping(ctx context.Context) error {
	const op = "ping"
	if err := supported(ctx, op, c.PingFunc == nil); err != nil {
		return err
	}
	return failure(op, c.PingFunc(ctx))
}
