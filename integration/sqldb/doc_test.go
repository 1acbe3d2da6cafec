package sqldb_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The DSNs of doc.go do what it says, with the drivers as they are.
func TestRecommendedParametersTakeEffect(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(t *testing.T, d sqliteDriver) {
		db, _ := d.file(t)
		for pragma, want := range map[string]string{"busy_timeout": "1000", "journal_mode": "wal", "synchronous": "2"} {
			var got string
			require.NoError(t, db.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got))
			require.Equal(t, want, got, pragma)
		}
	})
}
