package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"embed"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// migrations holds a folder for each dialect, in it 0001_….sql, 0002_….sql and
// so on without a gap. A file that was released is never changed.
//
//go:embed migrations
var migrations embed.FS

// readSteps returns the migrations of a folder, in order and for that table.
func readSteps(folder, table string) ([]string, error) {
	entries, err := migrations.ReadDir("migrations/" + folder)
	if err != nil {
		return nil, fmt.Errorf("sqldb: migrations: %w", err)
	}
	steps := make([]string, 0, len(entries))
	for i, entry := range entries { // sorted by name
		if !strings.HasPrefix(entry.Name(), fmt.Sprintf("%04d_", i+1)) {
			return nil, fmt.Errorf("sqldb: migrations: %s is out of order", entry.Name())
		}
		data, err := migrations.ReadFile("migrations/" + folder + "/" + entry.Name())
		if err != nil {
			return nil, fmt.Errorf("sqldb: migrations: %w", err)
		}
		steps = append(steps, strings.ReplaceAll(string(data), "{{table}}", table))
	}
	return steps, nil
}

// Migrate creates the table or brings it up to date, in one transaction; a table
// that is up to date is only read. Run it at every start: it may run in any
// number of processes at once, of which one does the work. It changes nothing
// and fails with [ErrNewerSchema] if a newer release was here, and with
// [ErrForeignTable] if somebody else's table has that name.
func (st *Storage) Migrate(ctx context.Context) error {
	return st.retry(ctx, "migrate", func() error {
		version, err := st.version(ctx, st.db)
		if err != nil {
			return err
		}
		if version < len(st.steps) {
			return st.migrate(ctx)
		}
		return st.check(ctx)
	})
}

// migrate takes the steps that are missing. It uses BEGIN and COMMIT as
// statements, since sql.Tx can't say which lock to take.
func (st *Storage) migrate(ctx context.Context) (err error) {
	conn, err := st.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, st.dialect.begin); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			rollback(ctx, conn)
		}
	}()
	version, err := st.version(ctx, conn) // others may have been faster
	if err != nil {
		return err
	}
	if version == 0 {
		if err := st.createVersions(ctx, conn); err != nil {
			return err
		}
	}
	for ; version < len(st.steps); version++ {
		if err := st.step(ctx, conn, version); err != nil {
			return err
		}
	}
	_, err = conn.ExecContext(ctx, "COMMIT")
	return err
}

func (st *Storage) createVersions(ctx context.Context, conn *sql.Conn) error {
	taken, err := st.exists(ctx, conn, st.table)
	if err != nil {
		return err
	}
	if taken {
		return ErrForeignTable
	}
	_, err = conn.ExecContext(ctx, "CREATE TABLE IF NOT EXISTS "+st.versions()+
		" (version INTEGER NOT NULL PRIMARY KEY, applied_at BIGINT NOT NULL)")
	return err
}

// step takes the step from that version to the next, a statement at a time:
// not every driver takes several.
func (st *Storage) step(ctx context.Context, conn *sql.Conn, version int) error {
	for statement := range strings.SplitSeq(st.steps[version], ";\n") {
		if strings.TrimSpace(statement) == "" {
			continue
		}
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	_, err := conn.ExecContext(ctx, "INSERT INTO "+st.versions()+" (version, applied_at) VALUES (?, ?)",
		version+1, st.now().UnixMilli())
	return err
}

// rollback ends the transaction, whatever became of the context. A connection
// on which that fails may still be inside it, so it leaves the pool.
func rollback(ctx context.Context, conn *sql.Conn) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	if _, err := conn.ExecContext(ctx, "ROLLBACK"); err != nil {
		_ = conn.Raw(func(any) error { return driver.ErrBadConn })
	}
}

// querier is a pool or one connection of it.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// ready returns nil if the table is the one that this release works with. It
// asks once.
func (st *Storage) ready(ctx context.Context) error {
	if st.migrated.Load() {
		return nil
	}
	return st.check(ctx)
}

// check is ready that always asks.
func (st *Storage) check(ctx context.Context) error {
	version, err := st.version(ctx, st.db)
	if err == nil && version < len(st.steps) {
		err = ErrNotMigrated
	}
	if err == nil && version > len(st.steps) {
		err = ErrNewerSchema
	}
	st.migrated.Store(err == nil)
	return err
}

// version returns which migrations the table has had; 0: none.
func (st *Storage) version(ctx context.Context, q querier) (int, error) {
	known, err := st.exists(ctx, q, st.table+versionsSuffix)
	if err != nil || !known {
		return 0, err
	}
	var version int
	err = q.QueryRowContext(ctx, "SELECT COALESCE(MAX(version), 0) FROM "+st.versions()).Scan(&version)
	return version, err
}

func (st *Storage) exists(ctx context.Context, q querier, table string) (bool, error) {
	var n int
	err := q.QueryRowContext(ctx, st.dialect.tableExists, table).Scan(&n)
	return n > 0, err
}

// versionsSuffix is not _migrations, which the official Node packages use.
const versionsSuffix = "_schema"

// versions is the quoted name of the table that remembers migrations.
func (st *Storage) versions() string { return strconv.Quote(st.table + versionsSuffix) }
