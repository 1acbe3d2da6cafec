package sqldb_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/shopifysession"
	"github.com/shopifysession/toolkit/storage/sqldb"
)

func ids(t testing.TB, st *sqldb.Storage) []string {
	t.Helper()
	var all []string
	for s, err := range st.All(t.Context()) {
		require.NoError(t, err)
		all = append(all, s.ID)
	}
	return all
}

func TestDeleteExpiredKeepsWhatMayStillBeNeeded(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(t *testing.T, d sqliteDriver) {
		st := migrated(t, d.memory(t), &sqldb.Options{Now: clock, Grace: time.Hour})
		access := &shopifysession.Session{ID: "access token only", Shop: shop, Expires: start}
		both := &shopifysession.Session{ID: "both", Shop: shop, Expires: start, RefreshToken: "r", RefreshTokenExpires: start.AddDate(0, 0, 30)}
		unknown := &shopifysession.Session{ID: "unknown refresh expiry", Shop: shop, Expires: start, RefreshToken: "r"}
		permanent := &shopifysession.Session{ID: "permanent", Shop: shop}
		open := &shopifysession.Session{ID: "open attempt", Shop: shop, Expires: start}
		require.NoError(t, open.SetBookkeeping([]byte(`{"record":{"version":0,"attempt":{"startedAt":1}}}`)))
		for _, s := range []*shopifysession.Session{access, both, unknown, permanent, open} {
			require.NoError(t, st.Store(t.Context(), s))
		}
		steps := []struct {
			before time.Time
			gone   []string
		}{
			{start.Add(time.Hour), nil},
			{start.Add(time.Hour + 1), []string{access.ID}},
			{start.AddDate(0, 0, 30).Add(time.Hour), nil},
			{start.AddDate(0, 0, 30).Add(time.Hour + time.Millisecond), []string{both.ID}},
			{start.AddDate(1000, 0, 0), nil},
		}
		for _, step := range steps {
			had := ids(t, st)
			n, err := st.DeleteExpired(t.Context(), step.before)
			require.NoError(t, err)
			require.Len(t, step.gone, n)
			has := ids(t, st)
			require.Len(t, has, len(had)-n)
			for _, id := range step.gone {
				require.NotContains(t, has, id)
			}
		}
		require.ElementsMatch(t, []string{unknown.ID, permanent.ID, open.ID}, ids(t, st))
	})
}

func TestDeleteExpiredCountsAcrossStatements(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(t *testing.T, d sqliteDriver) {
		st := migrated(t, d.memory(t), &sqldb.Options{Now: clock})
		for i := range 1001 {
			require.NoError(t, st.Store(t.Context(), offline(fmt.Sprint(i))))
		}
		require.NoError(t, st.Store(t.Context(), &shopifysession.Session{ID: "keep", Shop: shop}))
		n, err := st.DeleteExpired(t.Context(), start.AddDate(1, 0, 0))
		require.NoError(t, err)
		require.Equal(t, 1001, n)
		require.Equal(t, []string{"keep"}, ids(t, st))
	})
}

func TestTouchOnlyProlongs(t *testing.T) {
	t.Parallel()
	own := start.AddDate(0, 0, 91) // of offline, with the grace
	cases := []struct {
		name    string
		touches []time.Time
		until   time.Time // zero: for ever
	}{
		{"later", []time.Time{own.AddDate(1, 0, 0)}, own.AddDate(1, 0, 0)},
		{"earlier than its own", []time.Time{start}, own},
		{"earlier than before", []time.Time{own.AddDate(1, 0, 0), own.AddDate(0, 1, 0)}, own.AddDate(1, 0, 0)},
		{"between milliseconds", []time.Time{own.Add(1)}, own.Add(time.Millisecond)},
		{"for ever", []time.Time{{}, own.AddDate(1, 0, 0)}, time.Time{}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			eachDriver(t, func(t *testing.T, d sqliteDriver) {
				st := migrated(t, d.memory(t), &sqldb.Options{Now: clock})
				require.NoError(t, st.Store(t.Context(), offline("a")))
				before, err := st.Load(t.Context(), "a")
				require.NoError(t, err)
				for _, touch := range slices.Concat(c.touches) {
					require.NoError(t, st.Touch(t.Context(), "a", touch))
				}
				after, err := st.Load(t.Context(), "a")
				require.NoError(t, err)
				require.Equal(t, before, after)
				require.NoError(t, st.Store(t.Context(), after), "a Store does not undo it")

				limit := c.until
				if limit.IsZero() {
					limit = start.AddDate(5000, 0, 0)
				}
				n, err := st.DeleteExpired(t.Context(), limit)
				require.NoError(t, err)
				require.Zero(t, n)
				if !c.until.IsZero() {
					n, err = st.DeleteExpired(t.Context(), limit.Add(1))
					require.NoError(t, err)
					require.Equal(t, 1, n)
				}
			})
		})
	}
}

func TestTouchOfAPermanentSessionGivesItNoEnd(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(t *testing.T, d sqliteDriver) {
		st := migrated(t, d.memory(t), nil)
		require.NoError(t, st.Store(t.Context(), &shopifysession.Session{ID: "a", Shop: shop}))
		require.NoError(t, st.Touch(t.Context(), "a", start))
		n, err := st.DeleteExpired(t.Context(), start.AddDate(1000, 0, 0))
		require.NoError(t, err)
		require.Zero(t, n)
	})
}

func TestDeleteExpiredSparesWhatIsTouchedMeanwhile(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(t *testing.T, d sqliteDriver) {
		db, recorder := record(t, d)
		st := migrated(t, db, &sqldb.Options{Now: clock})
		for _, id := range []string{"a", "b", "c"} {
			require.NoError(t, st.Store(t.Context(), offline(id)))
		}
		recorder.meanwhile = map[string]string{
			"DELETE FROM \"" + sqldb.DefaultTable + "\" WHERE id IN": "UPDATE " + sqldb.DefaultTable + " SET touched_until = 1e18 WHERE id = 'b'",
		}
		n, err := st.DeleteExpired(t.Context(), start.AddDate(1, 0, 0))
		require.NoError(t, err)
		require.Equal(t, 2, n)
		require.Equal(t, []string{"b"}, ids(t, st))
	})
}

func TestTouchEndsWithTheSession(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(t *testing.T, d sqliteDriver) {
		st := migrated(t, d.memory(t), &sqldb.Options{Now: clock})
		require.NoError(t, st.Store(t.Context(), offline("a")))
		require.NoError(t, st.Touch(t.Context(), "a", time.Time{}))
		require.NoError(t, st.Delete(t.Context(), "a"))
		require.NoError(t, st.Store(t.Context(), offline("a")))
		n, err := st.DeleteExpired(t.Context(), start.AddDate(1, 0, 0))
		require.NoError(t, err)
		require.Equal(t, 1, n)
	})
}
