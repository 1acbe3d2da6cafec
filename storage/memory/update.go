package memory

import (
	"context"
	"fmt"

	"github.com/shopifysession/toolkit/shopifysession"
)

// Update changes the session atomically; see [shopifysession.Updater]. No lock
// is held while fn runs, so fn may use the storage; if the session has changed
// meanwhile, fn runs again. A panic of fn passes through and changes nothing.
func (st *Storage) Update(ctx context.Context, id string, fn func(old *shopifysession.Session) (*shopifysession.Session, error)) error {
	for {
		if err := ended(ctx, "update"); err != nil {
			return err
		}
		old := st.current(id)
		next, err := fn(old.Clone())
		if err != nil {
			return err
		}
		if next != nil && next.ID != id {
			return fmt.Errorf("memory: update: %w: result has another id", shopifysession.ErrInvalidSession)
		}
		if done, err := st.replace(ctx, id, old, next); done {
			return err
		}
	}
}

// replace writes next, nil to delete, if old is still stored; else it reports
// false.
func (st *Storage) replace(ctx context.Context, id string, old, next *shopifysession.Session) (bool, error) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if err := ended(ctx, "update"); err != nil {
		return true, err
	}
	var stored *shopifysession.Session
	if r := st.records[id]; r != nil {
		stored = r.session
	}
	if stored != old {
		return false, nil
	}
	if next == nil {
		st.drop(id, st.now())
		return true, nil
	}
	return true, st.put("update", next)
}
