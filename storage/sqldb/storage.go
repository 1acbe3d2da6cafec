package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"sync/atomic"
	"time"

	"github.com/shopifysession/toolkit/shopifysession"
)

// Storage keeps sessions in one table; make it with [New]. It is safe for
// concurrent use, by any number of storages and processes on one table, and
// starts no goroutine.
type Storage struct {
	db       *sql.DB
	dialect  dialect
	table    string
	grace    time.Duration
	now      func() time.Time
	queries  queries
	steps    []string // migrations; step i leads to version i+1
	migrated atomic.Bool
}

// New returns a storage in db; nil opts are the defaults. It does not talk to
// the database and neither owns nor ever closes db. The error is about the
// arguments: a nil db, an unknown dialect, [Options] out of range.
func New(db *sql.DB, dialect Dialect, opts *Options) (*Storage, error) {
	if db == nil {
		return nil, errors.New("sqldb: db is nil")
	}
	d, ok := dialect.dialect()
	if !ok {
		return nil, errors.New("sqldb: unknown dialect")
	}
	o, err := opts.withDefaults()
	if err != nil {
		return nil, err
	}
	steps, err := readSteps(d.migrations, o.Table)
	if err != nil {
		return nil, err
	}
	return &Storage{
		db: db, dialect: d, table: o.Table, grace: o.Grace, now: o.Now,
		queries: newQueries(d, o.Table), steps: steps,
	}, nil
}

// Store creates or replaces the session; see [shopifysession.SessionStorage].
func (st *Storage) Store(ctx context.Context, s *shopifysession.Session) error {
	if err := ended(ctx, "store"); err != nil {
		return err
	}
	if err := s.Validate(); err != nil {
		return err
	}
	return st.change(ctx, "store", s.ID, func(*shopifysession.Session) (*shopifysession.Session, error) {
		return s, nil
	})
}

// Load returns the session; see [shopifysession.SessionStorage].
func (st *Storage) Load(ctx context.Context, id string) (*shopifysession.Session, error) {
	r, err := st.current(ctx, "load", id)
	if err != nil {
		return nil, err
	}
	if r.session == nil {
		return nil, shopifysession.ErrNotFound
	}
	return r.session, nil
}

// Delete blanks the session and leaves a fence; see
// [shopifysession.SessionStorage].
func (st *Storage) Delete(ctx context.Context, id string) error {
	return st.erase(ctx, "delete", []string{id})
}

// DeleteSessions deletes the sessions, 500 in a statement; see
// [shopifysession.SessionStorage].
func (st *Storage) DeleteSessions(ctx context.Context, ids []string) error {
	return st.erase(ctx, "delete sessions", ids)
}

// FindSessionsByShop returns the sessions of the shop, by the index on shop; see
// [shopifysession.SessionStorage].
func (st *Storage) FindSessionsByShop(ctx context.Context, shop string) ([]*shopifysession.Session, error) {
	const op = "find"
	found, err := st.read(ctx, op, st.queries.find, shop)
	if err != nil {
		return nil, err
	}
	sessions := make([]*shopifysession.Session, 0, len(found))
	for _, r := range found {
		s, err := r.decode(op)
		if err != nil {
			return nil, err
		}
		sessions = append(sessions, s)
	}
	return sessions, nil
}

// erase deletes the sessions with those ids.
func (st *Storage) erase(ctx context.Context, op string, ids []string) error {
	if err := ended(ctx, op); err != nil {
		return err
	}
	for chunk := range slices.Chunk(slices.DeleteFunc(slices.Clone(ids), isNoID), chunkSize) {
		err := st.do(ctx, op, func() error {
			_, err := st.db.ExecContext(ctx, st.queries.eraseHead+list(len(chunk)), st.eraseArgs(chunk)...)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// eraseArgs are the arguments of eraseHead.
func (st *Storage) eraseArgs(ids []string) []any {
	until := st.now().Add(shopifysession.FenceGrace)
	args := append(values(erased()), ceilMillis(until))
	for _, id := range ids {
		args = append(args, id)
	}
	return args
}

// isNoID tells the ids that no session can have; not every database takes them
// as arguments.
func isNoID(id string) bool { return !shopifysession.ValidID(id) }
