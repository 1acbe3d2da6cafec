package sqldb_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/shopifysession"
	"github.com/shopifysession/toolkit/storage/sqldb"
)

func TestReadOnlyDatabaseReadsAndRefusesWrites(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(t *testing.T, d sqliteDriver) {
		db, path := d.file(t)
		writer := migrated(t, db, nil)
		require.NoError(t, writer.Store(t.Context(), offline("a")))

		st := storage(t, d.open(t, "file:"+path+"?mode=ro"), nil)
		require.NoError(t, st.Migrate(t.Context()), "nothing to do")
		s, err := st.Load(t.Context(), "a")
		require.NoError(t, err)
		require.True(t, offline("a").Equal(s))

		requireStorageError(t, st.Store(t.Context(), s), "store", sqldb.ErrReadOnly)
		requireStorageError(t, st.Delete(t.Context(), "a"), "delete", sqldb.ErrReadOnly)
		requireStorageError(t, st.Clear(t.Context()), "clear", sqldb.ErrReadOnly)
		other := storage(t, d.open(t, "file:"+path+"?mode=ro"), &sqldb.Options{Table: "other"})
		requireStorageError(t, other.Migrate(t.Context()), "migrate", sqldb.ErrReadOnly)
		_, err = writer.Load(t.Context(), "a")
		require.NoError(t, err)
	})
}

func TestMissingDirectory(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(t *testing.T, d sqliteDriver) {
		st := storage(t, d.open(t, d.dsn(filepath.Join(t.TempDir(), "secret", "app.db"))), nil)
		requireStorageError(t, st.Migrate(t.Context()), "migrate", sqldb.ErrUnavailable)
		for op, call := range calls(st) {
			requireStorageError(t, call(t.Context()), op, sqldb.ErrUnavailable)
		}
	})
}

func TestFileThatIsNoDatabase(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(t *testing.T, d sqliteDriver) {
		st := storage(t, d.open(t, "file:main_test.go?mode=ro"), nil)
		var failure *shopifysession.StorageError
		require.ErrorAs(t, st.Migrate(t.Context()), &failure)
		_, err := st.Load(t.Context(), "a")
		require.ErrorAs(t, err, &failure)
		require.NotErrorIs(t, err, shopifysession.ErrNotFound)
		require.NotErrorIs(t, err, sqldb.ErrNotMigrated)
	})
}

func TestFullDatabaseWritesAllOrNothing(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(t *testing.T, d sqliteDriver) {
		db, path := d.file(t)
		db.SetMaxOpenConns(1) // the limit is the connection's
		st := migrated(t, db, nil)
		small := offline("small")
		require.NoError(t, st.Store(t.Context(), small))
		_, err := db.ExecContext(t.Context(), "PRAGMA max_page_count = 60")
		require.NoError(t, err)

		var stored []string
		for i := 0; err == nil; i++ {
			s := offline(fmt.Sprintf("big%d", i))
			s.Scope = strings.Repeat("read_products,", 1000)
			if err = st.Store(t.Context(), s); err == nil {
				stored = append(stored, s.ID)
			}
		}
		require.NotEmpty(t, stored)
		requireStorageError(t, err, "store", sqldb.ErrFull)

		large := small.Clone()
		large.AccessToken = strings.Repeat("secret", 20_000)
		requireStorageError(t, st.Store(t.Context(), large), "store", sqldb.ErrFull)
		other := storage(t, db, &sqldb.Options{Table: "other"})
		requireStorageError(t, other.Migrate(t.Context()), "migrate", sqldb.ErrFull)

		second := storage(t, d.open(t, d.dsn(path)), nil)
		require.ElementsMatch(t, append(stored, "small"), ids(t, second))
		got, err := second.Load(t.Context(), "small")
		require.NoError(t, err)
		require.True(t, small.Equal(got), "the old session, whole")
		require.NoError(t, second.Store(t.Context(), large), "room again")
	})
}

// holdLock takes the write lock of a file and returns what lets go of it.
func holdLock(t *testing.T, d sqliteDriver, path string) (release func()) {
	t.Helper()
	conn, err := d.open(t, d.dsn(path)).Conn(t.Context())
	require.NoError(t, err)
	_, err = conn.ExecContext(t.Context(), "BEGIN IMMEDIATE")
	require.NoError(t, err)
	return func() {
		_, err := conn.ExecContext(context.WithoutCancel(t.Context()), "ROLLBACK")
		require.NoError(t, err)
		require.NoError(t, conn.Close())
	}
}

func TestLockedDatabase(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(t *testing.T, d sqliteDriver) {
		path := filepath.Join(t.TempDir(), "app.db")
		synctest.Test(t, func(t *testing.T) {
			writer := migrated(t, d.open(t, d.dsn(path)), nil)
			// Without a busy timeout: that would be real time.
			st := storage(t, d.open(t, "file:"+path+"?_pragma=busy_timeout(0)&_busy_timeout=0"), nil)
			fresh := storage(t, d.open(t, "file:"+path+"?_pragma=busy_timeout(0)&_busy_timeout=0"), &sqldb.Options{Table: "fresh"})

			release := holdLock(t, d, path)
			requireStorageError(t, st.Store(t.Context(), offline("a")), "store", sqldb.ErrBusy)
			requireStorageError(t, fresh.Migrate(t.Context()), "migrate", sqldb.ErrBusy)
			_, err := st.Load(t.Context(), "a")
			require.ErrorIs(t, err, shopifysession.ErrNotFound, "readers don't wait in WAL mode")

			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			requireStorageError(t, st.Store(ctx, offline("a")), "store", context.DeadlineExceeded)

			done := make(chan error)
			go func() { done <- st.Store(t.Context(), offline("a")) }()
			synctest.Wait() // it has been refused once, and waits
			release()
			require.NoError(t, <-done)
			_, err = writer.Load(t.Context(), "a")
			require.NoError(t, err)
		})
	})
}

func TestEndedContextDoesNothing(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(t *testing.T, d sqliteDriver) {
		db := d.memory(t)
		st := migrated(t, db, nil)
		require.NoError(t, st.Store(t.Context(), offline("a")))
		before := dump(t, db)
		cause := errors.New("shutting down")
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(cause)
		for op, call := range calls(st) {
			err := call(ctx)
			requireStorageError(t, err, op, context.Canceled)
			require.ErrorIs(t, err, cause)
		}
		require.Equal(t, before, dump(t, db))
	})
}

func TestClosedDatabaseIsNoMissingSession(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(t *testing.T, d sqliteDriver) {
		db := d.memory(t)
		st := migrated(t, db, nil)
		require.NoError(t, db.Close())
		for _, call := range calls(st) {
			err := call(t.Context())
			var failure *shopifysession.StorageError
			require.ErrorAs(t, err, &failure)
			require.NotErrorIs(t, err, sqldb.ErrNotMigrated)
		}
	})
}
