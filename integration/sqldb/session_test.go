package sqldb_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/shopifysession"
	"github.com/shopifysession/toolkit/storage/sqldb"
)

func TestEveryFieldComesBack(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("Ω", 40_000)
	empty := online("id")
	empty.OnlineAccessInfo = &shopifysession.OnlineAccessInfo{}
	negative := online("id")
	negative.OnlineAccessInfo.AssociatedUser.ID = -1
	sessions := map[string]*shopifysession.Session{
		"offline":     offline("id"),
		"online":      online("id"),
		"empty info":  empty,
		"negative id": negative,
		"bare":        {ID: "id", Shop: "s"},
		"far away": {
			ID: "id", Shop: "s", Expires: time.Date(9999, 12, 31, 23, 59, 59, 999e6, time.UTC),
			RefreshTokenExpires: time.Date(2, 1, 1, 0, 0, 0, 0, time.UTC),
		},
		"epoch":   {ID: "id", Shop: "s", Expires: time.UnixMilli(0)},
		"odd id":  {ID: "/ .. * ? [ ] { } : % ' \" \\ é 😀", Shop: "'; DROP TABLE x; --"},
		"long":    {ID: strings.Repeat("i", 255), Shop: strings.Repeat("s", 255), State: long, Scope: long, AccessToken: long, RefreshToken: long},
		"strange": {ID: "id", Shop: "s", State: "a\tb", Scope: "\x01", AccessToken: "1e5", RefreshToken: "007"},
	}
	for name, s := range sessions {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachDriver(t, func(t *testing.T, d sqliteDriver) {
				st := migrated(t, d.memory(t), nil)
				require.NoError(t, s.Clone().SetBookkeeping(nil))
				require.NoError(t, st.Store(t.Context(), s))
				got, err := st.Load(t.Context(), s.ID)
				require.NoError(t, err)
				require.True(t, s.Equal(got), "%v", got)
				require.Equal(t, int64(1), got.Version())

				found, err := st.FindSessionsByShop(t.Context(), s.Shop)
				require.NoError(t, err)
				require.Len(t, found, 1)
				require.Equal(t, got, found[0])
			})
		})
	}
}

// Keys of other writers and of newer releases ride along.
func TestBookkeepingComesBack(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(t *testing.T, d sqliteDriver) {
		st := migrated(t, d.memory(t), nil)
		s, err := shopifysession.Deserialize([]byte(`{"id":"id","shop":"s","state":"","isOnline":true,"custom":{"n":1.50},` +
			`"onlineAccessInfo":{"session":"x","associated_user":{"id":1,"nick":"y"}},"bookkeeping":{"version":0,"later":[1]}}`))
		require.NoError(t, err)
		require.NoError(t, st.Store(t.Context(), s))
		got, err := st.Load(t.Context(), "id")
		require.NoError(t, err)
		data, err := got.Serialize()
		require.NoError(t, err)
		for _, part := range []string{`"custom":{"n":1.50}`, `"session":"x"`, `"nick":"y"`, `"later":[1]`, `"version":1`} {
			require.Contains(t, string(data), part)
		}
	})
}

// What the official PostgreSQL storage gets wrong: a field that is empty now
// must not keep its old value.
func TestStoreReplacesEveryColumn(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(t *testing.T, d sqliteDriver) {
		db := d.memory(t)
		st := migrated(t, db, nil)
		require.NoError(t, st.Store(t.Context(), online("id")))
		bare := &shopifysession.Session{ID: "id", Shop: "other"}
		require.NoError(t, st.Store(t.Context(), bare))
		got, err := st.Load(t.Context(), "id")
		require.NoError(t, err)
		require.True(t, bare.Equal(got), "%v", got)
		require.Nil(t, got.OnlineAccessInfo)
		require.NotContains(t, dump(t, db), "secret")
		found, err := st.FindSessionsByShop(t.Context(), shop)
		require.NoError(t, err)
		require.Empty(t, found)
		n, err := st.DeleteExpired(t.Context(), start.AddDate(100, 0, 0))
		require.NoError(t, err)
		require.Zero(t, n, "retention is replaced, too")
	})
}

func TestIDsAreComparedByteByByte(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(t *testing.T, d sqliteDriver) {
		st := migrated(t, d.memory(t), nil)
		require.NoError(t, st.Store(t.Context(), offline("offline_a")))
		for _, id := range []string{"OFFLINE_A", "offline_a ", "offline_", "offline_a\u200b", "offline__", "offline_%", "", "\xff"} {
			_, err := st.Load(t.Context(), id)
			require.ErrorIs(t, err, shopifysession.ErrNotFound, "%q", id)
			require.NoError(t, st.Delete(t.Context(), id))
		}
		for _, other := range []string{strings.ToUpper(shop), shop + " ", "", "\xff", "example.%"} {
			found, err := st.FindSessionsByShop(t.Context(), other)
			require.NoError(t, err)
			require.Empty(t, found, "%q", other)
		}
		_, err := st.Load(t.Context(), "offline_a")
		require.NoError(t, err)
	})
}

func TestAllGoesOnWhileTheBodyWritesOnOneConnection(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(t *testing.T, d sqliteDriver) {
		db := d.memory(t)
		st := migrated(t, db, nil)
		const n = 250 // more than two pages
		for i := range n {
			require.NoError(t, st.Store(t.Context(), offline(fmt.Sprintf("s%03d", i))))
		}
		seen := map[string]int{}
		for s, err := range st.All(t.Context()) {
			require.NoError(t, err)
			require.Zero(t, db.Stats().InUse)
			seen[s.ID]++
			s.Scope = "changed"
			require.NoError(t, st.Store(t.Context(), s))
		}
		require.Len(t, seen, n)
		for id, times := range seen {
			require.Equal(t, 1, times, id)
		}
	})
}

func TestDamagedRowIsOneError(t *testing.T) {
	t.Parallel()
	damages := map[string]string{
		"bookkeeping":        "UPDATE " + sqldb.DefaultTable + " SET bookkeeping = x'7b22736563726574' WHERE id = 'b'",
		"no bookkeeping":     "UPDATE " + sqldb.DefaultTable + " SET bookkeeping = NULL WHERE id = 'b'",
		"version":            "UPDATE " + sqldb.DefaultTable + " SET version = 7 WHERE id = 'b'",
		"grant":              "UPDATE " + sqldb.DefaultTable + " SET granted_at = 1 WHERE id = 'b'",
		"boolean":            "UPDATE " + sqldb.DefaultTable + " SET is_online = 12345 WHERE id = 'b'",
		"text":               "UPDATE " + sqldb.DefaultTable + " SET access_token = CAST(x'ff736563726574' AS TEXT) WHERE id = 'b'",
		"time out of bounds": "UPDATE " + sqldb.DefaultTable + " SET expires = 9223372036854775807 WHERE id = 'b'",
	}
	for name, damage := range damages {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachDriver(t, func(t *testing.T, d sqliteDriver) {
				db := d.memory(t)
				st := migrated(t, db, nil)
				for _, id := range []string{"a", "b", "c"} {
					require.NoError(t, st.Store(t.Context(), offline(id)))
				}
				_, err := db.ExecContext(t.Context(), damage)
				require.NoError(t, err)

				var ids []string
				var failures []error
				for s, err := range st.All(t.Context()) {
					if err != nil {
						require.Nil(t, s)
						failures = append(failures, err)
						continue
					}
					ids = append(ids, s.ID)
				}
				require.Equal(t, []string{"a", "c"}, ids)
				require.Len(t, failures, 1)
				requireStorageError(t, failures[0], "all", shopifysession.ErrInvalidSession)

				_, err = st.Load(t.Context(), "b")
				requireStorageError(t, err, "load", shopifysession.ErrInvalidSession)
				_, err = st.FindSessionsByShop(t.Context(), shop)
				requireStorageError(t, err, "find", shopifysession.ErrInvalidSession)
				requireStorageError(t, st.Store(t.Context(), offline("b")), "store", shopifysession.ErrInvalidSession)
				require.NoError(t, st.Delete(t.Context(), "b"), "the way out")
				require.NoError(t, st.Store(t.Context(), offline("b")))
			})
		})
	}
}
