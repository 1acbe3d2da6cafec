package sqldb

import (
	"context"
	"iter"
	"math"
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
	_ shopifysession.Migrator       = (*Storage)(nil)
)

// All yields every session in the order of ids; see [shopifysession.Iterator].
// It reads 100 at a time and holds no connection while the loop body runs: the
// body may write, on a pool of one connection, too.
func (st *Storage) All(ctx context.Context) iter.Seq2[*shopifysession.Session, error] {
	const op = "all"
	return func(yield func(*shopifysession.Session, error) bool) {
		for last := ""; ; {
			page, err := st.read(ctx, op, st.queries.page, last)
			if err != nil {
				yield(nil, err)
				return
			}
			if len(page) == 0 {
				return
			}
			for _, r := range page {
				if err := ended(ctx, op); err != nil {
					yield(nil, err)
					return
				}
				if !yield(r.decode(op)) {
					return
				}
			}
			last = page[len(page)-1].id
		}
	}
}

// Len returns the number of sessions, expired ones included.
func (st *Storage) Len(ctx context.Context) (int, error) {
	var n int
	err := st.do(ctx, "len", func() error {
		return st.db.QueryRowContext(ctx, st.queries.count).Scan(&n)
	})
	return n, err
}

// Clear removes every row of the table, sessions and fences, in one statement.
func (st *Storage) Clear(ctx context.Context) error {
	return st.do(ctx, "clear", func() error {
		_, err := st.db.ExecContext(ctx, st.queries.clear)
		return err
	})
}

// Touch keeps the session at least until then, whatever is stored under its id
// meanwhile; the zero time: until it is deleted. A session that is kept for
// ever stays so. See [shopifysession.Toucher].
func (st *Storage) Touch(ctx context.Context, id string, keepUntil time.Time) error {
	const op = "touch"
	until := int64(math.MaxInt64)
	if !keepUntil.IsZero() {
		until = ceilMillis(keepUntil)
	}
	if err := ended(ctx, op); err != nil {
		return err
	}
	if isNoID(id) {
		return shopifysession.ErrNotFound
	}
	var n int64
	err := st.do(ctx, op, func() error {
		result, err := st.db.ExecContext(ctx, st.queries.touch, until, until, id)
		if err != nil {
			return err
		}
		n, err = result.RowsAffected()
		return err
	})
	if err == nil && n == 0 {
		return shopifysession.ErrNotFound
	}
	return err
}

// Ping returns nil if the database answers and is migrated.
func (st *Storage) Ping(ctx context.Context) error {
	return st.retry(ctx, "ping", func() error { return st.check(ctx) })
}
