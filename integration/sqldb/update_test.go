package sqldb_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/shopifysession"
	"github.com/shopifysession/toolkit/storage/sqldb"
)

// increment counts up the number in the session's State.
func increment(old *shopifysession.Session) (*shopifysession.Session, error) {
	if old == nil {
		old = offline("counter")
		old.State = "0"
	}
	n, err := strconv.Atoi(old.State)
	old.State = strconv.Itoa(n + 1)
	return old, err
}

func TestNoUpdateIsLost(t *testing.T) {
	t.Parallel()
	pools := map[string]func(t *testing.T, d sqliteDriver) []*sql.DB{
		"memory": func(t *testing.T, d sqliteDriver) []*sql.DB { return []*sql.DB{d.memory(t)} },
		"two pools": func(t *testing.T, d sqliteDriver) []*sql.DB {
			one, path := d.file(t)
			return []*sql.DB{one, d.open(t, d.dsn(path))}
		},
		// Rollback journal, no busy timeout with modernc: who collides fails at
		// once. Few connections, since there is no queue for the lock.
		"defaults of SQLite": func(t *testing.T, d sqliteDriver) []*sql.DB {
			dsn := "file:" + filepath.Join(t.TempDir(), "app.db")
			pools := []*sql.DB{d.open(t, dsn), d.open(t, dsn)}
			for _, db := range pools {
				db.SetMaxOpenConns(2)
			}
			return pools
		},
	}
	for name, open := range pools {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachDriver(t, func(t *testing.T, d sqliteDriver) {
				var storages []*sqldb.Storage
				for _, db := range open(t, d) {
					storages = append(storages, migrated(t, db, nil))
				}
				const writers, each = 64, 3
				var calls atomic.Int64
				failures := make(chan error, writers*each)
				var wg sync.WaitGroup
				for i := range writers {
					wg.Go(func() {
						for range each {
							failures <- storages[i%len(storages)].Update(t.Context(), "counter", func(old *shopifysession.Session) (*shopifysession.Session, error) {
								calls.Add(1)
								return increment(old)
							})
						}
					})
				}
				wg.Wait()
				close(failures)
				for err := range failures {
					require.NoError(t, err)
				}
				s, err := storages[0].Load(t.Context(), "counter")
				require.NoError(t, err)
				require.Equal(t, strconv.Itoa(writers*each), s.State)
				require.Equal(t, int64(writers*each), s.Version())
				require.GreaterOrEqual(t, calls.Load(), int64(writers*each))
			})
		})
	}
}

func TestOfManyStoresOfOneVersionOneWins(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(t *testing.T, d sqliteDriver) {
		db, _ := d.file(t)
		st := migrated(t, db, nil)
		require.NoError(t, st.Store(t.Context(), offline("a")))
		stored, err := st.Load(t.Context(), "a")
		require.NoError(t, err)
		const writers = 64
		failures := make([]error, writers)
		var wg sync.WaitGroup
		for i := range writers {
			wg.Go(func() {
				mine := stored.Clone()
				mine.State = strconv.Itoa(i)
				failures[i] = st.Store(t.Context(), mine)
			})
		}
		wg.Wait()
		got, err := st.Load(t.Context(), "a")
		require.NoError(t, err)
		for i, err := range failures {
			if strconv.Itoa(i) == got.State {
				require.NoError(t, err)
			} else {
				require.ErrorIs(t, err, shopifysession.ErrConflict)
			}
		}
	})
}

// What happens between fn and the write is always noticed.
func TestUpdateRunsAgainAfterAChangeInBetween(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name    string
		first   bool // the session exists before
		between func(ctx context.Context, st *sqldb.Storage) error
		want    string // State that the second run of fn sees
	}{
		{"created", false, func(ctx context.Context, st *sqldb.Storage) error { return st.Store(ctx, state("1")) }, "1"},
		{"replaced", true, func(ctx context.Context, st *sqldb.Storage) error { return st.Store(ctx, state("1")) }, "1"},
		{"deleted", true, func(ctx context.Context, st *sqldb.Storage) error { return st.Delete(ctx, "a") }, "none"},
		{"cleared", true, func(ctx context.Context, st *sqldb.Storage) error { return st.Clear(ctx) }, "none"},
		{"deleted and replaced", true, func(ctx context.Context, st *sqldb.Storage) error {
			return errors.Join(st.Delete(ctx, "a"), st.Store(ctx, state("1")))
		}, "1"},
	}
	for _, c := range cases {
		for _, deleting := range []bool{false, true} {
			t.Run(c.name+" deleting="+strconv.FormatBool(deleting), func(t *testing.T) {
				t.Parallel()
				eachDriver(t, func(t *testing.T, d sqliteDriver) {
					st := migrated(t, d.memory(t), nil)
					if c.first {
						require.NoError(t, st.Store(t.Context(), state("0")))
					}
					var seen []string
					err := st.Update(t.Context(), "a", func(old *shopifysession.Session) (*shopifysession.Session, error) {
						if old == nil {
							seen = append(seen, "none")
						} else {
							seen = append(seen, old.State)
						}
						if len(seen) == 1 {
							require.NoError(t, c.between(t.Context(), st))
						}
						if deleting {
							return nil, nil
						}
						return state("mine"), nil
					})
					require.NoError(t, err)
					s, err := st.Load(t.Context(), "a")
					if deleting && !c.first {
						require.Equal(t, []string{"none"}, seen, "nothing to delete, nothing to do")
						require.NoError(t, err)
						return
					}
					require.Len(t, seen, 2)
					require.Equal(t, c.want, seen[1])
					if deleting {
						require.ErrorIs(t, err, shopifysession.ErrNotFound)
						return
					}
					require.NoError(t, err)
					require.Equal(t, "mine", s.State)
				})
			})
		}
	}
}

func state(text string) *shopifysession.Session {
	s := offline("a")
	s.State = text
	return s
}
