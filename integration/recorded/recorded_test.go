package recorded_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"github.com/shopifysession/toolkit/shopifysession"
	"github.com/shopifysession/toolkit/storage/custom"
)

// recording is a database of testdata, and what its writer loads from it.
type recording struct {
	name, file, loaded, table string
	readTime                  func(any) any
	writeTime                 func(time.Time) any
	precision                 time.Duration
	kept                      string // what typeof says of a time that is there
}

var recordings = []recording{
	{
		name: "official sqlite package", file: "sqlite/fixture.sqlite", loaded: "sqlite/loaded.json", table: "shopify_sessions",
		readTime: fromSeconds, writeTime: toSeconds, precision: time.Second, kept: "integer",
	},
	{
		name: "Prisma through a driver adapter", file: "prisma-sqlite/fixture-iso8601.sqlite",
		loaded: "prisma-sqlite/loaded-iso8601.json", table: `"Session"`,
		readTime: asItIs, writeTime: toText, precision: time.Millisecond, kept: "text",
	},
	{
		name: "Prisma through its own engine", file: "prisma-sqlite/fixture-unixepoch-ms.sqlite",
		loaded: "prisma-sqlite/loaded-unixepoch-ms.json", table: `"Session"`,
		readTime: asItIs, writeTime: toMillis, precision: time.Millisecond, kept: "integer",
	},
}

// The official package keeps seconds in an INTEGER column, FromMap takes
// milliseconds.
func fromSeconds(column any) any {
	if seconds, ok := column.(int64); ok {
		return seconds * 1000
	}
	return column
}

// Prisma keeps a DATETIME, as text or as milliseconds; the driver knows both.
func asItIs(column any) any { return column }

func toSeconds(t time.Time) any { return unlessZero(t, t.Unix()) }
func toMillis(t time.Time) any  { return unlessZero(t, t.UnixMilli()) }
func toText(t time.Time) any    { return unlessZero(t, t.UTC().Format("2006-01-02T15:04:05.000-07:00")) }

func unlessZero(t time.Time, column any) any {
	if t.IsZero() {
		return nil
	}
	return column
}

// open opens the recording read-only, or a copy that may be written.
func (r recording) open(t *testing.T, writable bool) (*custom.CustomSessionStorage, *sql.DB) {
	t.Helper()
	dsn := "file:" + filepath.Join("testdata", r.file) + "?mode=ro&immutable=1"
	if writable {
		data, err := os.ReadFile(filepath.Join("testdata", r.file))
		require.NoError(t, err)
		path := filepath.Join(t.TempDir(), "copy.sqlite")
		require.NoError(t, os.WriteFile(path, data, 0o600))
		dsn = "file:" + path
	}
	db, err := sql.Open("sqlite", dsn)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	b := &bespoke{db: db, table: r.table, readTime: r.readTime, writeTime: r.writeTime}
	st, err := b.storage()
	require.NoError(t, err)
	return st, db
}

// loaded is what the official library loaded, by id, and the ids it found for
// test-shop.myshopify.com.
func loaded(t *testing.T, file string) (sessions map[string]*shopifysession.Session, found []string) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", file))
	require.NoError(t, err)
	var answers map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(data, &answers))
	sessions = map[string]*shopifysession.Session{}
	for _, name := range []string{"offline", "online", "offline_expiring", "minimal", "online_partial"} {
		var answer struct {
			ToObject *shopifysession.Session `json:"toObject"`
		}
		require.NoError(t, json.Unmarshal(answers[name], &answer), name)
		sessions[answer.ToObject.ID] = withoutNullText(answer.ToObject)
	}
	require.Len(t, sessions, 5)
	require.NoError(t, json.Unmarshal(answers["findSessionsByShop"], &found))
	require.Len(t, found, 3)
	return sessions, found
}

// withoutNullText undoes a mistake of the official Prisma package, which makes
// the text null of a name that is NULL.
func withoutNullText(s *shopifysession.Session) *shopifysession.Session {
	if s.OnlineAccessInfo == nil {
		return s
	}
	u := &s.OnlineAccessInfo.AssociatedUser
	for _, text := range []*string{&u.FirstName, &u.LastName, &u.Email, &u.Locale} {
		if *text == "null" {
			*text = ""
		}
	}
	return s
}

func requireEqual(t *testing.T, want, got *shopifysession.Session) {
	t.Helper()
	require.True(t, want.Equal(got), "%v\n%v", want, got)
}

func eachRecording(t *testing.T, test func(t *testing.T, r recording)) {
	t.Helper()
	for _, r := range recordings {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			test(t, r)
		})
	}
}

func TestLoadsWhatTheWriterLoads(t *testing.T) {
	t.Parallel()
	eachRecording(t, func(t *testing.T, r recording) {
		st, _ := r.open(t, false)
		sessions, _ := loaded(t, r.loaded)
		for id, want := range sessions {
			got, err := st.Load(t.Context(), id)
			require.NoError(t, err, id)
			requireEqual(t, want, got)
		}
		_, err := st.Load(t.Context(), "no-such-id")
		require.ErrorIs(t, err, shopifysession.ErrNotFound)
	})
}

func TestFindsWhatTheWriterFinds(t *testing.T) {
	t.Parallel()
	eachRecording(t, func(t *testing.T, r recording) {
		st, _ := r.open(t, false)
		sessions, ids := loaded(t, r.loaded)
		got, err := st.FindSessionsByShop(t.Context(), "test-shop.myshopify.com")
		require.NoError(t, err)
		var found []string
		for _, s := range got {
			found = append(found, s.ID)
			requireEqual(t, sessions[s.ID], s)
		}
		require.ElementsMatch(t, ids, found)

		none, err := st.FindSessionsByShop(t.Context(), "nobody.myshopify.com")
		require.NoError(t, err)
		require.Empty(t, none)
	})
}

func TestStoresBesideTheWriter(t *testing.T) {
	t.Parallel()
	user := shopifysession.AssociatedUser{
		ID: 95182389273, FirstName: "Zoë", LastName: "O'Hara", Email: "zoe@example.com", Locale: "pt-BR", EmailVerified: true, Collaborator: true,
	}
	at := time.Date(2027, 3, 1, 12, 0, 0, 789e6, time.UTC)
	tests := map[string]*shopifysession.Session{
		"new": {ID: "offline_new-shop.myshopify.com", Shop: "new-shop.myshopify.com", Scope: "read_products", AccessToken: "shpat_new"},
		"refreshed": {
			ID: "offline_expiring-shop.myshopify.com", Shop: "expiring-shop.myshopify.com", Scope: "write_products",
			AccessToken: "shpat_second", Expires: at, RefreshToken: "shprt_second", RefreshTokenExpires: at.AddDate(0, 0, 90),
		},
		"no longer expiring": {ID: "offline_expiring-shop.myshopify.com", Shop: "expiring-shop.myshopify.com", AccessToken: "shpat_third"},
		"online": {
			ID: "test-shop.myshopify.com_902541635", Shop: "test-shop.myshopify.com", State: "state", IsOnline: true,
			Scope: "read_products", AccessToken: "shpua_new", Expires: at,
			OnlineAccessInfo: &shopifysession.OnlineAccessInfo{AssociatedUser: user},
		},
	}
	eachRecording(t, func(t *testing.T, r recording) {
		for name, s := range tests {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				st, db := r.open(t, true)
				require.NoError(t, st.Store(t.Context(), s))

				want := s.Clone()
				want.Expires = want.Expires.Truncate(r.precision)
				want.RefreshTokenExpires = want.RefreshTokenExpires.Truncate(r.precision)
				got, err := st.Load(t.Context(), s.ID)
				require.NoError(t, err)
				requireEqual(t, want, got)

				types := map[string]int{}
				rows, err := db.QueryContext(t.Context(), "SELECT typeof(expires) FROM "+r.table+" WHERE expires IS NOT NULL")
				require.NoError(t, err)
				defer func() { require.NoError(t, rows.Close()) }()
				for rows.Next() {
					var kept string
					require.NoError(t, rows.Scan(&kept))
					types[kept]++
				}
				require.NoError(t, rows.Err())
				require.Len(t, types, 1, "times are kept in one form")
				require.Contains(t, types, r.kept)
			})
		}
	})
}

func TestDeletesBesideTheWriter(t *testing.T) {
	t.Parallel()
	eachRecording(t, func(t *testing.T, r recording) {
		st, _ := r.open(t, true)
		sessions, ids := loaded(t, r.loaded)
		require.NoError(t, st.Delete(t.Context(), ids[0]))
		require.NoError(t, st.DeleteSessions(t.Context(), []string{ids[1], "no-such-id", ids[1]}))
		delete(sessions, ids[0])
		delete(sessions, ids[1])

		for _, id := range ids[:2] {
			_, err := st.Load(t.Context(), id)
			require.ErrorIs(t, err, shopifysession.ErrNotFound)
		}
		for id, want := range sessions {
			got, err := st.Load(t.Context(), id)
			require.NoError(t, err, id)
			requireEqual(t, want, got)
		}
		left, err := st.FindSessionsByShop(t.Context(), "test-shop.myshopify.com")
		require.NoError(t, err)
		require.Len(t, left, 1)
		require.Equal(t, ids[2], left[0].ID)
	})
}

// The official Redis package keeps property arrays.
func TestPropertyArraysLoadThroughFromBytes(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/redis/dump.json")
	require.NoError(t, err)
	var keys map[string]struct{ Value string }
	require.NoError(t, json.Unmarshal(data, &keys))
	load := custom.FromBytes(func(_ context.Context, id string) ([]byte, error) {
		key, ok := keys["shopify_sessions_"+id]
		if !ok {
			return nil, nil
		}
		return []byte(key.Value), nil
	})
	readOnly := func(context.Context, *shopifysession.Session) error { return os.ErrPermission }
	st, err := custom.New(readOnly, load, func(context.Context, string) error { return os.ErrPermission })
	require.NoError(t, err)

	sessions, _ := loaded(t, "redis/loaded.json")
	for id, want := range sessions {
		got, err := st.Load(t.Context(), id)
		require.NoError(t, err, id)
		requireEqual(t, want, got)
	}
	_, err = st.Load(t.Context(), "no-such-id")
	require.ErrorIs(t, err, shopifysession.ErrNotFound)

	// The package's index of a shop is a JSON array, too, and no session.
	_, err = st.Load(t.Context(), "test-shop.myshopify.com")
	require.ErrorIs(t, err, shopifysession.ErrInvalidSession)
}
