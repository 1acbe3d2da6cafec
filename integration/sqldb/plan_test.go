package sqldb_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/shopifysession"
	"github.com/shopifysession/toolkit/storage/sqldb"
)

// Every statement that names rows finds them by an index, on an empty planner
// as well as on one that knows the table.
func TestStatementsUseIndexes(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(t *testing.T, d sqliteDriver) {
		db, recorder := record(t, d)
		st := migrated(t, db, &sqldb.Options{Now: clock})
		for i := range 200 {
			s := offline(fmt.Sprintf("s%03d", i))
			s.Shop = fmt.Sprintf("shop-%d.myshopify.com", i%20)
			require.NoError(t, st.Store(t.Context(), s))
		}
		require.NoError(t, st.Delete(t.Context(), "s000"))

		const table = sqldb.DefaultTable
		primary := "USING INDEX sqlite_autoindex_" + table + "_1 (id"
		cases := []struct {
			name  string
			call  func() error
			plans []string // of the first statements, a part of it each
		}{
			{"load", func() error { _, err := st.Load(t.Context(), "s001"); return err }, []string{primary + "=?)"}},
			{
				"find", func() error { _, err := st.FindSessionsByShop(t.Context(), shop); return err },
				[]string{"USING INDEX " + table + "_shop (shop=?)"},
			},
			{"store", func() error { return st.Store(t.Context(), offline("s001")) }, []string{primary + "=?)", primary + "=?)"}},
			{"delete", func() error { return st.Delete(t.Context(), "s002") }, []string{primary + "=?)"}},
			{"touch", func() error { return st.Touch(t.Context(), "s003", start) }, []string{primary + "=?)"}},
			{"all", func() error {
				for range st.All(t.Context()) {
					break
				}
				return nil
			}, []string{primary + ">?)"}},
			{
				"delete expired", func() error {
					n, err := st.DeleteExpired(t.Context(), start.AddDate(0, 0, 2))
					require.Equal(t, 1, n)
					return err
				},
				[]string{
					"USING INDEX " + table + "_fence_until (fence_until>? AND fence_until<?)",
					"USING INDEX " + table + "_keep_until (keep_until<?)",
					primary + "=?)",
				},
			},
		}
		for _, analyzed := range []bool{false, true} {
			if analyzed {
				_, err := db.ExecContext(t.Context(), "ANALYZE")
				require.NoError(t, err)
			}
			for _, c := range cases {
				t.Run(fmt.Sprintf("%s analyzed=%t", c.name, analyzed), func(t *testing.T) {
					require.NoError(t, st.Store(t.Context(), &shopifysession.Session{ID: "short", Shop: "s", Expires: start}))
					statements := recorder.during(func() { require.NoError(t, c.call()) })
					require.GreaterOrEqual(t, len(statements), len(c.plans))
					for i, want := range c.plans {
						require.Contains(t, plan(t, db, statements[i]), want, statements[i].query)
					}
				})
			}
		}
	})
}

func TestDeleteSessionsStaysWithinBoundedStatements(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(t *testing.T, d sqliteDriver) {
		db, recorder := record(t, d)
		st := migrated(t, db, nil)
		ids := make([]string, 10_000)
		for i := range ids {
			ids[i] = fmt.Sprintf("s%d", i)
		}
		stored := []string{"s0", "s499", "s500", "s5000", "s9999", "other"}
		for _, id := range stored {
			require.NoError(t, st.Store(t.Context(), offline(id)))
		}
		statements := recorder.during(func() { require.NoError(t, st.DeleteSessions(t.Context(), ids)) })
		require.Len(t, statements, 20)
		for _, s := range statements {
			require.Less(t, len(s.args), 550)
		}
		var left []string
		for s, err := range st.All(t.Context()) {
			require.NoError(t, err)
			left = append(left, s.ID)
		}
		require.Equal(t, []string{"other"}, left)
	})
}

// No transaction: Update holds nothing that others wait for while fn runs.
func TestUpdateHoldsNoConnectionWhileFnRuns(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(t *testing.T, d sqliteDriver) {
		db, recorder := record(t, d)
		st := migrated(t, db, nil)
		require.NoError(t, st.Store(t.Context(), offline("a")))
		statements := recorder.during(func() {
			err := st.Update(t.Context(), "a", func(old *shopifysession.Session) (*shopifysession.Session, error) {
				require.Zero(t, db.Stats().InUse)
				require.NoError(t, st.Store(t.Context(), offline("b")))
				old.Scope = "read_orders"
				return old, nil
			})
			require.NoError(t, err)
		})
		for _, s := range statements {
			require.NotContains(t, s.query, "BEGIN")
		}
		s, err := st.Load(t.Context(), "a")
		require.NoError(t, err)
		require.Equal(t, "read_orders", s.Scope)
	})
}
