package sqldb_test

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/shopifysession"
	"github.com/shopifysession/toolkit/storage/sqldb"
)

// What a child process is told through its environment.
const (
	roleVariable   = "SQLDB_TEST_ROLE"
	driverVariable = "SQLDB_TEST_DRIVER"
	dsnVariable    = "SQLDB_TEST_DSN"
	nameVariable   = "SQLDB_TEST_NAME" // of this child, different from all others

	roleCount = "count" // increments the counter childCounts times
	roleStore = "store" // stores until it is killed, and prints what was acknowledged

	childCounts = 100
)

// child returns this test binary as a second process on a file.
func child(t testing.TB, d sqliteDriver, path, role, name string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), roleVariable+"="+role, driverVariable+"="+d.name,
		dsnVariable+"="+d.dsn(path), nameVariable+"="+name)
	cmd.Stderr = os.Stderr
	return cmd
}

func runChild(role string) int {
	roles := map[string]func(ctx context.Context, st *sqldb.Storage) error{roleCount: count, roleStore: storeForever}
	db, err := sql.Open(os.Getenv(driverVariable), os.Getenv(dsnVariable))
	if err == nil {
		var st *sqldb.Storage
		if st, err = sqldb.New(db, sqldb.SQLite, nil); err == nil {
			ctx := context.Background()
			if err = st.Migrate(ctx); err == nil {
				err = roles[role](ctx, st)
			}
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func count(ctx context.Context, st *sqldb.Storage) error {
	for range childCounts {
		if err := st.Update(ctx, "counter", increment); err != nil {
			return err
		}
	}
	return nil
}

// storeForever rotates the refresh token of one session and creates another one
// in turn, and prints each after its acknowledgement.
func storeForever(ctx context.Context, st *sqldb.Storage) error {
	name := os.Getenv(nameVariable)
	for i := 1; ; i++ {
		id := fmt.Sprintf("new-%s-%d", name, i)
		if err := st.Store(ctx, offline(id)); err != nil {
			return err
		}
		fmt.Println(id)
		err := st.Update(ctx, "rotated-"+name, func(old *shopifysession.Session) (*shopifysession.Session, error) {
			if old == nil {
				old = offline("rotated-" + name)
			}
			old.RefreshToken = strconv.Itoa(i)
			return old, nil
		})
		if err != nil {
			return err
		}
		fmt.Println(i)
	}
}

func TestProcessesUpdateOneSession(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(t *testing.T, d sqliteDriver) {
		db, path := d.file(t)
		const children = 2
		var running []*exec.Cmd
		for i := range children { // they migrate, too
			cmd := child(t, d, path, roleCount, strconv.Itoa(i))
			require.NoError(t, cmd.Start())
			running = append(running, cmd)
		}
		st := migrated(t, db, nil)
		require.NoError(t, count(t.Context(), st))
		for _, cmd := range running {
			require.NoError(t, cmd.Wait())
		}
		s, err := st.Load(t.Context(), "counter")
		require.NoError(t, err)
		require.Equal(t, strconv.Itoa((children+1)*childCounts), s.State)
	})
}

// A process that is killed with SIGKILL loses nothing that was acknowledged,
// and leaves a database that works at once.
func TestKilledProcessLosesNothingAcknowledged(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(t *testing.T, d sqliteDriver) {
		db, path := d.file(t)
		st := migrated(t, db, nil)
		all := 0
		for round := range 10 {
			name := strconv.Itoa(round)
			cmd := child(t, d, path, roleStore, name)
			out, err := cmd.StdoutPipe()
			require.NoError(t, err)
			require.NoError(t, cmd.Start())
			var acknowledged []string
			for lines := bufio.NewScanner(out); lines.Scan(); {
				acknowledged = append(acknowledged, lines.Text())
				if len(acknowledged) == 20+7*round {
					require.NoError(t, cmd.Process.Kill()) // and read on to the end
				}
			}
			var killed *exec.ExitError
			require.ErrorAs(t, cmd.Wait(), &killed)
			require.False(t, killed.Exited())

			rotated := 0
			for _, line := range acknowledged {
				if n, err := strconv.Atoi(line); err == nil {
					rotated = n
					continue
				}
				got, err := st.Load(t.Context(), line)
				require.NoError(t, err, line)
				require.True(t, offline(line).Equal(got))
				all++
			}
			got, err := st.Load(t.Context(), "rotated-"+name)
			require.NoError(t, err)
			last, err := strconv.Atoi(got.RefreshToken)
			require.NoError(t, err)
			require.GreaterOrEqual(t, last, rotated)
		}
		t.Logf("%d acknowledged sessions, all there", all)
		var verdict string
		require.NoError(t, db.QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&verdict))
		require.Equal(t, "ok", verdict)
	})
}
