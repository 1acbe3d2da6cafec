package sqldb_test

import (
	"database/sql"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/shopifysession"
	"github.com/shopifysession/toolkit/storage/sqldb"
	"github.com/shopifysession/toolkit/storage/storagetest"
)

func TestConformanceInAFile(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(t *testing.T, d sqliteDriver) {
		var path string
		storagetest.Run(t, func(t *testing.T) shopifysession.SessionStorage {
			path = filepath.Join(t.TempDir(), "app.db")
			return migrated(t, d.open(t, d.dsn(path)), nil)
		},
			storagetest.SecondProcess(func(t *testing.T) shopifysession.SessionStorage {
				return storage(t, d.open(t, d.dsn(path)), nil)
			}),
		)
	})
}

func TestConformanceInMemory(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(t *testing.T, d sqliteDriver) {
		var db *sql.DB
		storagetest.Run(t, func(t *testing.T) shopifysession.SessionStorage {
			db = d.memory(t)
			return migrated(t, db, nil)
		},
			storagetest.SecondProcess(func(t *testing.T) shopifysession.SessionStorage { return storage(t, db, nil) }),
			storagetest.Damage(func(t *testing.T, _ shopifysession.SessionStorage, id string) {
				_, err := db.ExecContext(t.Context(), "UPDATE "+sqldb.DefaultTable+" SET bookkeeping = x'7b' WHERE id = ?", id)
				require.NoError(t, err)
			}),
		)
	})
}

// Connections that share a cache in memory lock tables (SQLITE_LOCKED), which
// no busy timeout waits for.
func TestConformanceInASharedCache(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(t *testing.T, d sqliteDriver) {
		storagetest.Run(t, func(t *testing.T) shopifysession.SessionStorage {
			db := d.open(t, "file:"+t.Name()+"?mode=memory&cache=shared")
			db.SetMaxOpenConns(4)
			db.SetMaxIdleConns(4) // the database lives as long as a connection
			return migrated(t, db, nil)
		})
	})
}
