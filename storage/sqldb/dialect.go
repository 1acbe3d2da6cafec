package sqldb

import "fmt"

// Dialect names the kind of database behind a *sql.DB. The zero value is none:
// [New] refuses it.
type Dialect int

// The supported databases.
const (
	// SQLite is SQLite 3.37 (2021) or newer, because of STRICT tables. Tested
	// with modernc.org/sqlite and github.com/mattn/go-sqlite3.
	SQLite Dialect = iota + 1
)

// String returns the name of the database.
func (d Dialect) String() string {
	if d == SQLite {
		return "sqlite"
	}
	return fmt.Sprintf("Dialect(%d)", int(d))
}

// dialect is everything that differs between databases, apart from the
// migrations, which are a folder for each.
type dialect struct {
	// migrations is the folder in which they are.
	migrations string
	// begin opens the transaction of a migration; whoever has passed it is
	// alone until the end of that transaction.
	begin string
	// tableExists has one parameter, a table's name, and counts such tables.
	tableExists string
	// ifAbsent ends an INSERT that is to write nothing if the id exists.
	ifAbsent string
	// condition returns what this package can tell about a driver's error: one
	// of the Err variables, nil if none of them fits.
	condition func(err error) error
}

// dialect returns what New needs to know; false for an unknown Dialect.
func (d Dialect) dialect() (dialect, bool) {
	if d == SQLite {
		return sqlite(), true
	}
	return dialect{}, false
}
