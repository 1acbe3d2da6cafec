package sqldb_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/shopifysession"
	"github.com/shopifysession/toolkit/storage/sqldb"
)

// unreachable is a database whose connections fail; what needs a real one is
// tested in integration/sqldb.
type unreachable struct{ err error }

func (u unreachable) Connect(context.Context) (driver.Conn, error) { return nil, u.err }
func (u unreachable) Driver() driver.Driver                        { return nil }

func open(t testing.TB, err error) *sql.DB {
	t.Helper()
	db := sql.OpenDB(unreachable{err})
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

func TestNewNamesMistakesWithoutTouchingTheDatabase(t *testing.T) {
	t.Parallel()
	db := open(t, errors.New("touched"))
	cases := []struct {
		name    string
		db      *sql.DB
		dialect sqldb.Dialect
		opts    *sqldb.Options
		want    string // part of the error; empty: none
	}{
		{"defaults", db, sqldb.SQLite, nil, ""},
		{"zero options", db, sqldb.SQLite, &sqldb.Options{}, ""},
		{"longest table", db, sqldb.SQLite, &sqldb.Options{Table: strings.Repeat("a", 48)}, ""},
		{"underscore", db, sqldb.SQLite, &sqldb.Options{Table: "_1"}, ""},
		{"no database", nil, sqldb.SQLite, nil, "db is nil"},
		{"no dialect", db, 0, nil, "unknown dialect"},
		{"unknown dialect", db, 99, nil, "unknown dialect"},
		{"too long", db, sqldb.SQLite, &sqldb.Options{Table: strings.Repeat("a", 49)}, "48 bytes"},
		{"capitals", db, sqldb.SQLite, &sqldb.Options{Table: "Session"}, "a-z"},
		{"digit first", db, sqldb.SQLite, &sqldb.Options{Table: "1a"}, "a-z"},
		{"schema", db, sqldb.SQLite, &sqldb.Options{Table: "app.sessions"}, "a-z"},
		{"injection", db, sqldb.SQLite, &sqldb.Options{Table: `a" (x); DROP TABLE b; --`}, "a-z"},
		{"line after the name", db, sqldb.SQLite, &sqldb.Options{Table: "a\n"}, "a-z"},
		{"reserved", db, sqldb.SQLite, &sqldb.Options{Table: "sqlite_sessions"}, "reserves"},
		{"negative grace", db, sqldb.SQLite, &sqldb.Options{Grace: -1}, "grace"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			st, err := sqldb.New(c.db, c.dialect, c.opts)
			if c.want == "" {
				require.NoError(t, err)
				require.NotNil(t, st)
				return
			}
			require.Nil(t, st)
			require.ErrorContains(t, err, c.want)
			require.True(t, strings.HasPrefix(err.Error(), "sqldb: "), err.Error())
		})
	}
}

func TestDefaultTableIsNobodyElses(t *testing.T) {
	t.Parallel()
	for _, foreign := range []string{"shopify_sessions", "shopify_sessions_migrations", "session", "sessions"} {
		require.NotEqual(t, foreign, sqldb.DefaultTable)
	}
}

func TestDialectString(t *testing.T) {
	t.Parallel()
	require.Equal(t, "sqlite", sqldb.SQLite.String())
	require.Equal(t, "Dialect(0)", sqldb.Dialect(0).String())
}

// Errors as drivers present them: a method Code, or a field.
type (
	methodError int
	fieldError  struct {
		Code  errno
		Extra string
	}
	pointerError struct{ Code errno }
	textError    struct{ Code string }
	nestedError  struct{ *pointerError }

	errno int
)

func (e methodError) Error() string   { return "shpat_secret" }
func (e methodError) Code() int       { return int(e) }
func (e fieldError) Error() string    { return "shpat_secret" }
func (e *pointerError) Error() string { return "shpat_secret" }
func (e textError) Error() string     { return "shpat_secret" }
func (e nestedError) Error() string   { return "shpat_secret" }

func TestDriverErrorsAreTold(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name string
		err  error
		want error // nil: no more than a StorageError
	}{
		{"read-only, method", methodError(8), sqldb.ErrReadOnly},
		{"read-only, field", fieldError{Code: 8}, sqldb.ErrReadOnly},
		{"read-only, pointer", &pointerError{Code: 8}, sqldb.ErrReadOnly},
		{"extended code", methodError(8 | 3<<8), sqldb.ErrReadOnly},
		{"full", fieldError{Code: 13}, sqldb.ErrFull},
		{"cannot open", methodError(14), sqldb.ErrUnavailable},
		{"wrapped", fmt.Errorf("pool: %w", fieldError{Code: 13}), sqldb.ErrFull},
		{"busy", methodError(5), sqldb.ErrBusy},
		{"busy snapshot", methodError(5 | 2<<8), sqldb.ErrBusy},
		{"locked", fieldError{Code: 6}, sqldb.ErrBusy},
		{"another code", methodError(11), nil},
		{"code that is no number", textError{Code: "5"}, nil},
		{"code out of reach", nestedError{}, nil},
		{"no code", errors.New("shpat_secret"), nil},
	}
	known := []error{sqldb.ErrReadOnly, sqldb.ErrFull, sqldb.ErrUnavailable, sqldb.ErrBusy, sqldb.ErrNotMigrated}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { // who is busy waits
				st, err := sqldb.New(open(t, c.err), sqldb.SQLite, nil)
				require.NoError(t, err)
				_, err = st.Load(t.Context(), "id")

				var failure *shopifysession.StorageError
				require.ErrorAs(t, err, &failure)
				require.Equal(t, "load", failure.Op)
				require.Equal(t, "sqldb", failure.Backend)
				require.ErrorIs(t, err, c.err)
				require.NotContains(t, err.Error(), "secret")
				for _, k := range known {
					require.Equal(t, k == c.want, errors.Is(err, k), "%v", k)
				}
				if c.want != nil {
					require.Equal(t, "sqldb: load: backend failure: "+c.want.Error(), err.Error())
				}
			})
		})
	}
}

func TestBusyDatabaseIsTriedAgainForSomeSeconds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		st, err := sqldb.New(open(t, methodError(5)), sqldb.SQLite, nil)
		require.NoError(t, err)
		begin := time.Now() // of the bubble
		_, err = st.Len(t.Context())
		require.ErrorIs(t, err, sqldb.ErrBusy)
		require.InDelta(t, 10, time.Since(begin).Seconds(), 1)

		begin = time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = st.Len(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, time.Second, time.Since(begin))
	})
}

// The contract's errors need no database.
func TestWhatCannotBeStoredIsRefused(t *testing.T) {
	t.Parallel()
	st, err := sqldb.New(open(t, errors.New("touched")), sqldb.SQLite, nil)
	require.NoError(t, err)
	ctx := t.Context()
	require.ErrorIs(t, st.Store(ctx, nil), shopifysession.ErrInvalidSession)
	require.ErrorIs(t, st.Store(ctx, &shopifysession.Session{Shop: "s"}), shopifysession.ErrInvalidSession)
	_, err = st.Load(ctx, "\x00")
	require.ErrorIs(t, err, shopifysession.ErrNotFound)
	require.NoError(t, st.Delete(ctx, ""))
	require.NoError(t, st.DeleteSessions(ctx, nil))
	require.NoError(t, st.DeleteSessions(ctx, []string{"", "\xff"}))
	require.ErrorIs(t, st.Touch(ctx, "", time.Now()), shopifysession.ErrNotFound)
}

// interrupting fails like a driver that is interrupted: with words of its own.
type interrupting struct {
	unreachable
	cancel context.CancelCauseFunc
}

func (i interrupting) Connect(context.Context) (driver.Conn, error) {
	i.cancel(errors.New("shutting down"))
	return nil, methodError(9)
}

func TestInterruptionIsTheContextsError(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	db := sql.OpenDB(interrupting{cancel: cancel})
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	st, err := sqldb.New(db, sqldb.SQLite, nil)
	require.NoError(t, err)
	_, err = st.Load(ctx, "id")
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, err, context.Cause(ctx))
	require.Equal(t, "sqldb: load: canceled", err.Error())
}
