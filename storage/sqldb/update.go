package sqldb

import (
	"context"
	"fmt"

	"github.com/shopifysession/toolkit/shopifysession"
)

// Update changes the session atomically; see [shopifysession.Updater]. Neither
// a transaction nor a connection is held while fn runs, so fn may use the
// storage; if the session has changed meanwhile, fn runs again, until the
// context ends. A panic of fn passes through and changes nothing.
func (st *Storage) Update(ctx context.Context, id string, fn func(old *shopifysession.Session) (*shopifysession.Session, error)) error {
	return st.change(ctx, "update", id, fn)
}

func (st *Storage) change(ctx context.Context, op, id string, fn func(old *shopifysession.Session) (*shopifysession.Session, error)) error {
	for try := 1; ; try++ {
		old, err := st.current(ctx, op, id)
		if err != nil {
			return err
		}
		s, err := fn(old.session.Clone())
		if err != nil {
			return err
		}
		if s != nil && s.ID != id {
			return fmt.Errorf("sqldb: %s: %w: result has another id", op, shopifysession.ErrInvalidSession)
		}
		if done, err := st.replace(ctx, op, id, old, s); done || err != nil {
			return err
		}
		// Whoever was faster got on: there is no limit but the context.
		pause(ctx, try)
	}
}

// replace puts s, nil to delete, in the place of old, or reports false if the
// table has something else there by now.
func (st *Storage) replace(ctx context.Context, op, id string, old state, s *shopifysession.Session) (bool, error) {
	if s == nil && old.session == nil {
		return true, nil
	}
	var query string
	var args []any
	if s == nil {
		query = st.queries.eraseHead + list(1) + st.queries.unchanged
		args = append(st.eraseArgs([]string{id}), old.stamp.version, old.stamp.grantedAt)
	} else {
		now := st.now()
		next, err := shopifysession.Revise(old.session, s, old.stamp.fence(now), now)
		if err != nil {
			return false, err
		}
		query, args = st.queries.insert, values(newRow(next, st.grace).columns())
		if old.exists {
			query = st.queries.update
			args = append(args[1:], id, old.stamp.version, old.stamp.grantedAt, old.stamp.fenceUntil)
		}
	}
	var n int64
	err := st.do(ctx, op, func() error {
		result, err := st.db.ExecContext(ctx, query, args...)
		if err != nil {
			return err
		}
		n, err = result.RowsAffected()
		return err
	})
	return n == 1, err
}
