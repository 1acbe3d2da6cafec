package sqldb_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/shopifysession"
	"github.com/shopifysession/toolkit/storage/sqldb"
)

// calls are all methods that talk to the database.
func calls(st *sqldb.Storage) map[string]func(ctx context.Context) error {
	return map[string]func(ctx context.Context) error{
		"store":           func(ctx context.Context) error { return st.Store(ctx, offline("a")) },
		"load":            func(ctx context.Context) error { _, err := st.Load(ctx, "a"); return err },
		"delete":          func(ctx context.Context) error { return st.Delete(ctx, "a") },
		"delete sessions": func(ctx context.Context) error { return st.DeleteSessions(ctx, []string{"a", "b"}) },
		"find":            func(ctx context.Context) error { _, err := st.FindSessionsByShop(ctx, shop); return err },
		"update": func(ctx context.Context) error {
			return st.Update(ctx, "a", func(*shopifysession.Session) (*shopifysession.Session, error) { return offline("a"), nil })
		},
		"all": func(ctx context.Context) error {
			for _, err := range st.All(ctx) {
				return err
			}
			return nil
		},
		"len":            func(ctx context.Context) error { _, err := st.Len(ctx); return err },
		"clear":          st.Clear,
		"touch":          func(ctx context.Context) error { return st.Touch(ctx, "a", start) },
		"ping":           st.Ping,
		"delete expired": func(ctx context.Context) error { _, err := st.DeleteExpired(ctx, start); return err },
	}
}

func TestBeforeMigrateEveryCallSaysSo(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(t *testing.T, d sqliteDriver) {
		st := storage(t, d.memory(t), nil)
		for op, call := range calls(st) {
			err := call(t.Context())
			requireStorageError(t, err, op, sqldb.ErrNotMigrated)
			require.Contains(t, err.Error(), "call Migrate")
		}
		require.NoError(t, st.Migrate(t.Context()))
		require.NoError(t, st.Ping(t.Context()))
	})
}

func TestDatabaseThatIsReplacedIsNoticed(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(t *testing.T, d sqliteDriver) {
		db := d.memory(t)
		st := migrated(t, db, nil)
		require.NoError(t, st.Store(t.Context(), offline("a")))
		for _, table := range []string{sqldb.DefaultTable, sqldb.DefaultTable + "_schema"} {
			_, err := db.ExecContext(t.Context(), "DROP TABLE "+table)
			require.NoError(t, err)
		}
		_, err := st.Load(t.Context(), "a")
		requireStorageError(t, err, "load", sqldb.ErrNotMigrated)
		require.NoError(t, st.Migrate(t.Context()))
		_, err = st.Load(t.Context(), "a")
		require.ErrorIs(t, err, shopifysession.ErrNotFound)
	})
}

func TestMigrateInManyProcessesAtOnce(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(t *testing.T, d sqliteDriver) {
		_, path := d.file(t)
		const processes = 8
		failures := make([]error, processes)
		var wg sync.WaitGroup
		for i := range processes {
			st := storage(t, d.open(t, d.dsn(path)), nil)
			wg.Go(func() {
				failures[i] = st.Migrate(t.Context())
				if failures[i] == nil {
					failures[i] = st.Store(t.Context(), offline(fmt.Sprint(i)))
				}
			})
		}
		wg.Wait()
		for _, err := range failures {
			require.NoError(t, err)
		}
		st := storage(t, d.open(t, d.dsn(path)), nil)
		require.Len(t, ids(t, st), processes)
	})
}

func TestMigrateAgainChangesNothing(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(t *testing.T, d sqliteDriver) {
		db, recorder := record(t, d)
		st := migrated(t, db, nil)
		require.NoError(t, st.Store(t.Context(), offline("a")))
		before := schema(t, db)
		statements := recorder.during(func() { require.NoError(t, st.Migrate(t.Context())) })
		for _, s := range statements {
			require.Contains(t, s.query, "SELECT")
		}
		require.Equal(t, before, schema(t, db))
		require.Equal(t, []string{"a"}, ids(t, st))
	})
}

func TestNewerDatabaseIsLeftAlone(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(t *testing.T, d sqliteDriver) {
		db := d.memory(t)
		st := migrated(t, db, nil)
		require.NoError(t, st.Store(t.Context(), offline("a")))
		_, err := db.ExecContext(t.Context(), "INSERT INTO "+sqldb.DefaultTable+"_schema (version, applied_at) VALUES (9999, 0)")
		require.NoError(t, err)
		before := dump(t, db)

		older := storage(t, db, nil)
		requireStorageError(t, older.Migrate(t.Context()), "migrate", sqldb.ErrNewerSchema)
		for op, call := range calls(older) {
			requireStorageError(t, call(t.Context()), op, sqldb.ErrNewerSchema)
		}
		require.Equal(t, before, dump(t, db))
	})
}

func TestForeignTableIsLeftAlone(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(t *testing.T, d sqliteDriver) {
		db := d.memory(t)
		_, err := db.ExecContext(t.Context(), "CREATE TABLE Shopify_Sessions (id varchar(255) NOT NULL PRIMARY KEY)")
		require.NoError(t, err)
		before := schema(t, db)
		st := storage(t, db, &sqldb.Options{Table: "shopify_sessions"})
		requireStorageError(t, st.Migrate(t.Context()), "migrate", sqldb.ErrForeignTable)
		require.Equal(t, before, schema(t, db))
		_, err = st.Load(t.Context(), "a")
		requireStorageError(t, err, "load", sqldb.ErrNotMigrated)
	})
}

func TestTwoTablesInOneDatabase(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(t *testing.T, d sqliteDriver) {
		db := d.memory(t)
		one := migrated(t, db, &sqldb.Options{Table: "order"}) // a keyword
		two := migrated(t, db, &sqldb.Options{Table: "order_2"})
		require.NoError(t, one.Store(t.Context(), offline("a")))
		require.Empty(t, ids(t, two))
		require.NoError(t, two.Clear(t.Context()))
		require.Equal(t, []string{"a"}, ids(t, one))
	})
}

// schema returns the definition of every table and index.
func schema(t testing.TB, db *sql.DB) []string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type, name")
	require.NoError(t, err)
	defer rows.Close()
	var all []string
	for rows.Next() {
		var definition string
		require.NoError(t, rows.Scan(&definition))
		all = append(all, definition)
	}
	require.NoError(t, rows.Err())
	return all
}

// testdata/sqlite_vN.sql is a database as the release with N migrations left
// it: a session, an online session, a touched one and a fence.
func TestMigrateFromEveryEarlierVersion(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(t *testing.T, d sqliteDriver) {
		fresh := d.memory(t)
		migrated(t, fresh, nil)
		var latest int
		require.NoError(t, fresh.QueryRowContext(t.Context(), "SELECT MAX(version) FROM "+sqldb.DefaultTable+"_schema").Scan(&latest))

		for version := 1; version <= latest; version++ {
			t.Run(fmt.Sprint(version), func(t *testing.T) {
				fixture, err := os.ReadFile(fmt.Sprintf("testdata/sqlite_v%d.sql", version))
				require.NoError(t, err, "each version needs a fixture")
				db := d.memory(t)
				_, err = db.ExecContext(t.Context(), string(fixture))
				require.NoError(t, err)
				now := start.Add(time.Minute)
				st := storage(t, db, &sqldb.Options{Now: func() time.Time { return now }})
				if version < latest {
					requireStorageError(t, st.Ping(t.Context()), "ping", sqldb.ErrNotMigrated)
				}

				require.NoError(t, st.Migrate(t.Context()))
				require.Equal(t, schema(t, fresh), schema(t, db))
				for _, want := range []*shopifysession.Session{offline("offline"), online("online"), offline("touched")} {
					got, err := st.Load(t.Context(), want.ID)
					require.NoError(t, err)
					require.True(t, want.Equal(got), "%v", got)
					require.NoError(t, st.Store(t.Context(), got))
				}
				deleted := offline("deleted")
				require.NoError(t, deleted.SetBookkeeping([]byte(fmt.Sprintf(`{"record":{"version":1,"grantedAt":%d}}`, start.UnixMilli()))))
				require.ErrorIs(t, st.Store(t.Context(), deleted), shopifysession.ErrConflict, "the fence")
				n, err := st.DeleteExpired(t.Context(), start.AddDate(1, 0, 0))
				require.NoError(t, err)
				require.Equal(t, 2, n)
				require.Equal(t, []string{"touched"}, ids(t, st))
			})
		}
	})
}

// A migration that fails in the middle leaves the version that was there.
func TestFailedMigrationIsRolledBack(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(t *testing.T, d sqliteDriver) {
		fixture, err := os.ReadFile("testdata/sqlite_v1.sql")
		require.NoError(t, err)
		db, _ := d.file(t)
		_, err = db.ExecContext(t.Context(), string(fixture))
		require.NoError(t, err)
		obstacle := sqldb.DefaultTable + "_fence_until" // the last index of version 2
		_, err = db.ExecContext(t.Context(), "CREATE TABLE "+obstacle+" (x)")
		require.NoError(t, err)
		before := schema(t, db)

		st := storage(t, db, nil)
		var failure *shopifysession.StorageError
		require.ErrorAs(t, st.Migrate(t.Context()), &failure)
		require.Equal(t, before, schema(t, db))
		_, err = db.ExecContext(t.Context(), "DROP TABLE "+obstacle)
		require.NoError(t, err)
		require.NoError(t, st.Migrate(t.Context()))
		_, err = st.Load(t.Context(), "offline")
		require.NoError(t, err)
	})
}
