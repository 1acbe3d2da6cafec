package sqldb_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// recorder is a driver.Connector that remembers the statements which pass it.
type recorder struct {
	inner driver.Driver
	dsn   string

	mu         sync.Mutex
	statements []statement
	meanwhile  map[string]string // what another process does before a statement that begins so
}

type statement struct {
	query string
	args  []any
}

// record opens a database in memory whose statements are remembered.
func record(t testing.TB, d sqliteDriver) (*sql.DB, *recorder) {
	t.Helper()
	r := &recorder{inner: d.memory(t).Driver(), dsn: ":memory:"}
	db := sql.OpenDB(r)
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db, r
}

// during returns the statements of fn.
func (r *recorder) during(fn func()) []statement {
	r.mu.Lock()
	r.statements = nil
	r.mu.Unlock()
	fn()
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.statements)
}

func (r *recorder) add(query string, args []driver.NamedValue) {
	s := statement{query: query}
	for _, arg := range args {
		s.args = append(s.args, arg.Value)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.statements = append(r.statements, s)
}

func (r *recorder) Driver() driver.Driver { return r.inner }

func (r *recorder) Connect(context.Context) (driver.Conn, error) {
	conn, err := r.inner.Open(r.dsn)
	return recordedConn{conn, r}, err
}

type recordedConn struct {
	driver.Conn
	recorder *recorder
}

func (c recordedConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	c.recorder.add(query, args)
	return c.Conn.(driver.QueryerContext).QueryContext(ctx, query, args)
}

func (c recordedConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	c.recorder.add(query, args)
	for prefix, other := range c.recorder.meanwhile {
		if strings.HasPrefix(query, prefix) {
			if _, err := c.Conn.(driver.ExecerContext).ExecContext(ctx, other, nil); err != nil {
				return nil, err
			}
		}
	}
	return c.Conn.(driver.ExecerContext).ExecContext(ctx, query, args)
}

// plan returns the lines of SQLite's plan for a statement.
func plan(t testing.TB, db *sql.DB, s statement) string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+s.query, s.args...)
	require.NoError(t, err)
	defer rows.Close()
	var lines []string
	for rows.Next() {
		var id, parent, unused int
		var detail string
		require.NoError(t, rows.Scan(&id, &parent, &unused, &detail))
		lines = append(lines, detail)
	}
	require.NoError(t, rows.Err())
	return strings.Join(lines, "\n")
}
