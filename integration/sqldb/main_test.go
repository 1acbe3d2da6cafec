package sqldb_test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "github.com/mattn/go-sqlite3"
	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"github.com/shopifysession/toolkit/shopifysession"
	"github.com/shopifysession/toolkit/storage/sqldb"
)

// TestMain runs the tests or, in a process that a test has started, what the
// test wants from a second process.
func TestMain(m *testing.M) {
	if role := os.Getenv(roleVariable); role != "" {
		os.Exit(runChild(role))
	}
	os.Exit(m.Run())
}

// sqliteDriver is a driver and how doc.go of storage/sqldb says to open it.
type sqliteDriver struct {
	label  string // for names of tests
	name   string // for sql.Open
	params string
}

var drivers = []sqliteDriver{
	{
		label: "modernc", name: "sqlite",
		params: "_pragma=busy_timeout(1000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_txlock=immediate",
	},
	{
		label: "mattn", name: "sqlite3",
		params: "_busy_timeout=1000&_journal_mode=WAL&_synchronous=FULL&_txlock=immediate",
	},
}

// eachDriver runs a test with every driver.
func eachDriver(t *testing.T, test func(t *testing.T, d sqliteDriver)) {
	t.Helper()
	for _, d := range drivers {
		t.Run(d.label, func(t *testing.T) {
			t.Parallel()
			d.need(t)
			test(t, d)
		})
	}
}

// need skips a test whose driver was built without the C library that it is.
func (d sqliteDriver) need(t testing.TB) {
	t.Helper()
	err := d.open(t, ":memory:").PingContext(t.Context())
	switch {
	case err == nil:
	case strings.Contains(err.Error(), "requires cgo") && os.Getenv("REQUIRE_SERVERS") == "":
		t.Skipf("%s needs cgo, and a C compiler", d.label)
	default:
		t.Fatalf("open %s: %v", d.label, err)
	}
}

// dsn returns the recommended DSN of a file.
func (d sqliteDriver) dsn(path string) string { return "file:" + path + "?" + d.params }

// open opens a DSN until the end of the test.
func (d sqliteDriver) open(t testing.TB, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open(d.name, dsn)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

// file opens a new database file.
func (d sqliteDriver) file(t testing.TB) (db *sql.DB, path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "app.db")
	return d.open(t, d.dsn(path)), path
}

// memory opens a new database in memory.
func (d sqliteDriver) memory(t testing.TB) *sql.DB {
	t.Helper()
	db := d.open(t, ":memory:")
	db.SetMaxOpenConns(1)
	return db
}

// storage returns a storage in db that is not migrated.
func storage(t testing.TB, db *sql.DB, opts *sqldb.Options) *sqldb.Storage {
	t.Helper()
	st, err := sqldb.New(db, sqldb.SQLite, opts)
	require.NoError(t, err)
	return st
}

// migrated returns a storage in db.
func migrated(t testing.TB, db *sql.DB, opts *sqldb.Options) *sqldb.Storage {
	t.Helper()
	st := storage(t, db, opts)
	require.NoError(t, st.Migrate(t.Context()))
	return st
}

const shop = "example.myshopify.com"

var start = time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)

func clock() time.Time { return start }

// offline returns the session that an expiring offline grant makes.
func offline(id string) *shopifysession.Session {
	return &shopifysession.Session{
		ID: id, Shop: shop, Scope: "read_products,write_orders", AccessToken: "shpat_secret",
		Expires: start.Add(time.Hour), RefreshToken: "shprt_secret", RefreshTokenExpires: start.AddDate(0, 0, 90),
	}
}

// online returns the session of a user, with every field set.
func online(id string) *shopifysession.Session {
	return &shopifysession.Session{
		ID: id, Shop: shop, State: "state_secret", IsOnline: true, Scope: "read_products", AccessToken: "shpua_secret",
		Expires: start.Add(time.Hour), RefreshToken: "shprt_secret", RefreshTokenExpires: start.AddDate(0, 0, 90),
		OnlineAccessInfo: &shopifysession.OnlineAccessInfo{
			ExpiresIn: 86399, AssociatedUserScope: "read_products_secret",
			AssociatedUser: shopifysession.AssociatedUser{
				ID: 9_007_199_254_740_993, FirstName: "Zoë_secret", LastName: "O'Hara_secret", Email: "zoe_secret@example.com",
				EmailVerified: true, AccountOwner: true, Locale: "pt-BR_secret", Collaborator: true,
			},
		},
	}
}

// require that err is a StorageError of this backend without data in its text.
func requireStorageError(t testing.TB, err error, op string, cause error) {
	t.Helper()
	var failure *shopifysession.StorageError
	require.ErrorAs(t, err, &failure)
	require.Equal(t, "sqldb", failure.Backend)
	require.Equal(t, op, failure.Op)
	require.ErrorIs(t, err, cause)
	require.True(t, strings.HasPrefix(err.Error(), fmt.Sprintf("sqldb: %s: ", op)), err.Error())
	require.NotContains(t, err.Error(), "secret")
	require.NotContains(t, err.Error(), shop)
}
