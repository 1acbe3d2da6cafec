package sqldb_test

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/shopifysession"
	"github.com/shopifysession/toolkit/storage/sqldb"
)

// dump returns every value of every row of the table.
func dump(t testing.TB, db *sql.DB) string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), "SELECT * FROM "+sqldb.DefaultTable)
	require.NoError(t, err)
	defer rows.Close()
	names, err := rows.Columns()
	require.NoError(t, err)
	var text strings.Builder
	for rows.Next() {
		values, pointers := make([]sql.RawBytes, len(names)), make([]any, len(names))
		for i := range values {
			pointers[i] = &values[i]
		}
		require.NoError(t, rows.Scan(pointers...))
		for i, name := range names {
			fmt.Fprintf(&text, "%s=%s\n", name, values[i])
		}
	}
	require.NoError(t, rows.Err())
	return text.String()
}

func TestDeletionErasesEveryTokenAndPersonalField(t *testing.T) {
	t.Parallel()
	ways := map[string]func(t *testing.T, st *sqldb.Storage, id string) error{
		"Delete": func(t *testing.T, st *sqldb.Storage, id string) error { return st.Delete(t.Context(), id) },
		"DeleteSessions": func(t *testing.T, st *sqldb.Storage, id string) error {
			return st.DeleteSessions(t.Context(), []string{id, id, "absent"})
		},
		"Update": func(t *testing.T, st *sqldb.Storage, id string) error {
			return st.Update(t.Context(), id, func(*shopifysession.Session) (*shopifysession.Session, error) { return nil, nil })
		},
	}
	for name, remove := range ways {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachDriver(t, func(t *testing.T, d sqliteDriver) {
				db, _ := d.file(t)
				st := migrated(t, db, &sqldb.Options{Now: clock})
				s := online("session")
				require.NoError(t, s.SetBookkeeping([]byte(`{"record":{"version":0,"legacy":{"token":"shpat_legacy_secret","exchangedAt":1}}}`)))
				require.NoError(t, st.Store(t.Context(), s))
				require.NoError(t, st.Touch(t.Context(), s.ID, start.AddDate(1, 0, 0)))
				require.Contains(t, dump(t, db), "secret")
				stored, err := st.Load(t.Context(), s.ID)
				require.NoError(t, err)

				require.NoError(t, remove(t, st, s.ID))
				after := dump(t, db)
				require.NotContains(t, after, "secret")
				require.NotContains(t, after, shop)
				require.NotContains(t, after, "9007199254740993")
				require.Contains(t, after, "id=session\n", "the fence")

				_, err = st.Load(t.Context(), s.ID)
				require.ErrorIs(t, err, shopifysession.ErrNotFound)
				found, err := st.FindSessionsByShop(t.Context(), shop)
				require.NoError(t, err)
				require.Empty(t, found)
				n, err := st.Len(t.Context())
				require.NoError(t, err)
				require.Zero(t, n)
				for range st.All(t.Context()) {
					t.Fatal("All yields a deleted session")
				}
				require.ErrorIs(t, st.Touch(t.Context(), s.ID, start.AddDate(2, 0, 0)), shopifysession.ErrNotFound)
				require.ErrorIs(t, st.Store(t.Context(), stored), shopifysession.ErrConflict)
				require.NoError(t, st.Store(t.Context(), online("session")), "a later grant")
			})
		})
	}
}

func TestFenceHoldsUntilItsEndAndIsPurgedThen(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(t *testing.T, d sqliteDriver) {
		now := start
		db := d.memory(t)
		st := migrated(t, db, &sqldb.Options{Now: func() time.Time { return now }})
		stored := map[string]*shopifysession.Session{}
		for _, id := range []string{"a", "b"} {
			require.NoError(t, st.Store(t.Context(), offline(id)))
			s, err := st.Load(t.Context(), id)
			require.NoError(t, err)
			stored[id] = s
			require.NoError(t, st.Delete(t.Context(), id))
		}

		now = start.Add(shopifysession.FenceGrace - time.Millisecond)
		require.NoError(t, st.Delete(t.Context(), "a"), "does not renew the fence")
		n, err := st.DeleteExpired(t.Context(), now.AddDate(10, 0, 0))
		require.NoError(t, err)
		require.Zero(t, n)
		require.ErrorIs(t, st.Store(t.Context(), stored["a"]), shopifysession.ErrConflict)

		now = start.Add(shopifysession.FenceGrace)
		require.NoError(t, st.Store(t.Context(), stored["b"]), "over, though not purged")
		n, err = st.DeleteExpired(t.Context(), time.Time{}.AddDate(1, 0, 0))
		require.NoError(t, err)
		require.Zero(t, n, "fences don't count")
		require.NotContains(t, dump(t, db), "id=a\n")
		require.NoError(t, st.Store(t.Context(), stored["a"]))
		require.Equal(t, []string{"a", "b"}, ids(t, st))
	})
}

func TestClearRemovesFencesAndNothingElse(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(t *testing.T, d sqliteDriver) {
		db := d.memory(t)
		st := migrated(t, db, nil)
		other := migrated(t, db, &sqldb.Options{Table: "other"})
		require.NoError(t, other.Store(t.Context(), offline("a")))
		require.NoError(t, st.Store(t.Context(), offline("a")))
		require.NoError(t, st.Store(t.Context(), offline("b")))
		require.NoError(t, st.Delete(t.Context(), "b"))
		require.NoError(t, st.Clear(t.Context()))
		require.Empty(t, dump(t, db))
		n, err := other.Len(t.Context())
		require.NoError(t, err)
		require.Equal(t, 1, n)
	})
}

// A session of another store may come without the time of its grant; its
// deletion is a fence for it all the same.
func TestFenceOfAnUnknownGrant(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(t *testing.T, d sqliteDriver) {
		st := migrated(t, d.memory(t), &sqldb.Options{Now: clock})
		s := offline("a")
		require.NoError(t, s.SetBookkeeping([]byte(`{"record":{"version":3}}`)))
		require.NoError(t, st.Store(t.Context(), s))
		stored, err := st.Load(t.Context(), "a")
		require.NoError(t, err)
		require.True(t, stored.GrantedAt().IsZero())
		require.NoError(t, st.Delete(t.Context(), "a"))
		require.ErrorIs(t, st.Store(t.Context(), stored), shopifysession.ErrConflict)
		require.NoError(t, st.Store(t.Context(), offline("a")))
	})
}
