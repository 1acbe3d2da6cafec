package memory

import (
	"context"
	"iter"
	"time"

	"github.com/shopifysession/toolkit/shopifysession"
)

var (
	_ shopifysession.SessionStorage = (*Storage)(nil)
	_ shopifysession.Updater        = (*Storage)(nil)
	_ shopifysession.Iterator       = (*Storage)(nil)
	_ shopifysession.Lener          = (*Storage)(nil)
	_ shopifysession.Clearer        = (*Storage)(nil)
	_ shopifysession.Toucher        = (*Storage)(nil)
	_ shopifysession.Pinger         = (*Storage)(nil)
	_ shopifysession.Cleaner        = (*Storage)(nil)
)

// All yields copies of the sessions that exist when the iteration begins, oldest
// first, without those that are deleted before their turn; see
// [shopifysession.Iterator]. No lock is held while the loop body runs: it may
// use the storage.
func (st *Storage) All(ctx context.Context) iter.Seq2[*shopifysession.Session, error] {
	return func(yield func(*shopifysession.Session, error) bool) {
		st.mu.RLock()
		end := st.order.last
		st.mu.RUnlock()
		for position := uint64(0); position < end; {
			if err := ended(ctx, "all"); err != nil {
				yield(nil, err)
				return
			}
			var s *shopifysession.Session
			if s, position = st.after(position); position > end || s == nil {
				return
			}
			if !yield(s.Clone(), nil) {
				return
			}
		}
		if err := ended(ctx, "all"); err != nil {
			yield(nil, err)
		}
	}
}

// after returns the next session, to be read only, and its position.
func (st *Storage) after(position uint64) (*shopifysession.Session, uint64) {
	st.mu.RLock()
	defer st.mu.RUnlock()
	r := st.order.next(position)
	if r == nil {
		return nil, position
	}
	return r.session, r.position
}

// Len returns the number of sessions, expired ones included.
func (st *Storage) Len(ctx context.Context) (int, error) {
	if err := ended(ctx, "len"); err != nil {
		return 0, err
	}
	st.mu.RLock()
	defer st.mu.RUnlock()
	return len(st.records), nil
}

// Clear removes every session and every fence.
func (st *Storage) Clear(ctx context.Context) error {
	if err := ended(ctx, "clear"); err != nil {
		return err
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	st.records, st.byShop, st.fences = nil, nil, fences{}
	st.order.clear()
	st.due = time.Time{}
	return nil
}

// Touch keeps the session at least until then, whatever is stored under its id
// meanwhile; the zero time: until it is deleted. See [shopifysession.Toucher].
func (st *Storage) Touch(ctx context.Context, id string, keepUntil time.Time) error {
	if err := ended(ctx, "touch"); err != nil {
		return err
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	r := st.records[id]
	if r == nil {
		return shopifysession.ErrNotFound
	}
	if keepUntil.IsZero() {
		r.forever = true
	} else if keepUntil.After(r.keepUntil) {
		r.keepUntil = keepUntil
	}
	return nil
}

// Ping returns nil, or the error of a context that has ended.
func (st *Storage) Ping(ctx context.Context) error { return ended(ctx, "ping") }

// DeleteExpired removes the sessions that need not be kept beyond that time and
// returns their number. KeepUntil counts with a grace of
// [shopifysession.FenceGrace]. It looks at every session.
func (st *Storage) DeleteExpired(ctx context.Context, before time.Time) (int, error) {
	if err := ended(ctx, "delete expired"); err != nil {
		return 0, err
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	st.fences.expire(st.now())
	return st.dropExpired(before), nil
}
