package sqldb

import (
	"context"
	"slices"
	"time"
)

// DeleteExpired removes the sessions that need not be kept beyond that time, by
// the index on their retention and 500 in a statement, so that other writers get
// their turn, and returns their number. It also removes the fences that are
// over now, which don't count. On error the number is that of the sessions
// which are gone already. See [shopifysession.Cleaner].
func (st *Storage) DeleteExpired(ctx context.Context, before time.Time) (int, error) {
	const op = "delete expired"
	err := st.do(ctx, op, func() error {
		_, err := st.db.ExecContext(ctx, st.queries.purge, st.now().UnixMilli())
		return err
	})
	if err != nil {
		return 0, err
	}
	limit := ceilMillis(before)
	for total := 0; ; {
		ids, err := st.expired(ctx, op, limit)
		if err != nil || len(ids) == 0 {
			return total, err
		}
		n, err := st.deleteExpired(ctx, op, ids, limit)
		total += n
		if err != nil {
			return total, err
		}
	}
}

// expired returns the ids of some sessions whose retention is over.
func (st *Storage) expired(ctx context.Context, op string, limit int64) ([]any, error) {
	var ids []any
	err := st.do(ctx, op, func() error {
		ids = nil
		rows, err := st.db.QueryContext(ctx, st.queries.expired, limit, limit)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id string
			if err := rows.Scan(&id); err != nil {
				return err
			}
			ids = append(ids, id)
		}
		return rows.Err()
	})
	return ids, err
}

// deleteExpired removes those of the sessions whose retention is still over: one
// may have been written in between.
func (st *Storage) deleteExpired(ctx context.Context, op string, ids []any, limit int64) (int, error) {
	var n int64
	err := st.do(ctx, op, func() error {
		query := st.queries.deleteHead + list(len(ids)) + st.queries.expiredAnd
		result, err := st.db.ExecContext(ctx, query, append(slices.Clone(ids), limit, limit)...)
		if err != nil {
			return err
		}
		n, err = result.RowsAffected()
		return err
	})
	return int(n), err
}
