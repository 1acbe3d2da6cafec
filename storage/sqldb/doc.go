// Package sqldb keeps sessions in a SQL database through database/sql, with the
// driver that the app brings along. Today that is SQLite; [Dialect] names what
// is supported.
//
//	db, err := sql.Open("sqlite", "file:app.db?_pragma=busy_timeout(1000)&_pragma=journal_mode(WAL)")
//	if err != nil { … }
//	storage, err := sqldb.New(db, sqldb.SQLite, nil)
//	if err != nil { … }
//	if err := storage.Migrate(ctx); err != nil { … } // at every start
//
// The package imports no driver; examples that run are in the repository's
// integration/sqldb/example_test.go. The storage does not own db: the app
// configures the pool and closes it, and may use it for its own tables.
//
// # The table
//
// Sessions live in one table of this package's own, [DefaultTable] unless
// [Options] names another, with a column for each field. [Storage.Migrate]
// creates it and brings it up to date; {table}_schema holds the versions that
// were applied. A storage whose table is missing or old answers
// [ErrNotMigrated], one whose table is newer than this release
// [ErrNewerSchema].
//
// Writes are optimistic: read, decide ([shopifysession.Revise]), and write if
// the row still has the version and the grant that were read, else again.
// Each is one statement, no transaction stays open, and no connection is held
// while the function of an Update runs, so it works on a pool of one.
//
// Delete blanks the row at once, tokens and personal data first of all, and
// leaves the id with the grant's time as a fence for
// [shopifysession.FenceGrace]. Rows that are over, fences and sessions, go when
// the app calls [Storage.DeleteExpired]; let it do so now and then.
//
// # Opening SQLite
//
// For modernc.org/sqlite (pure Go) and github.com/mattn/go-sqlite3 (cgo):
//
//	sql.Open("sqlite", "file:app.db?_pragma=busy_timeout(1000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_txlock=immediate")
//	sql.Open("sqlite3", "file:app.db?_busy_timeout=1000&_journal_mode=WAL&_synchronous=FULL&_txlock=immediate")
//
// These are for:
//
//   - busy_timeout: SQLite has one writer at a time; the others wait that many
//     milliseconds before they get SQLITE_BUSY. This package tries again after
//     that, so it needs no long one, and SQLite does not look at the context
//     while it waits: a call may outlast its context by that time.
//   - journal_mode WAL: readers and the writer don't wait for each other. It
//     needs a local disk, and the directory must be writable.
//   - synchronous FULL: what was acknowledged survives a power cut. mattn sets
//     NORMAL in WAL mode, which may lose the last writes then; one of them may
//     be the refresh token that Shopify has just rotated. After a crash of the
//     process alone nothing is lost either way.
//   - _txlock immediate is for the app's own transactions: one that reads first
//     and then writes fails with SQLITE_BUSY at once if another has written in
//     between. This package opens none but that of Migrate, which is immediate
//     anyway.
//   - secure_delete, off by default, overwrites what is deleted; without it
//     bytes of an erased token can stay in free pages of the file until these
//     are used again. In WAL mode older pages also stay in the -wal file until a
//     checkpoint resets it.
//
// There are no foreign keys. A database in memory belongs to one connection, so
// call db.SetMaxOpenConns(1) for ":memory:"; nothing here needs a second one.
//
// # Errors
//
// Besides [shopifysession]'s sentinels every error is a
// *[shopifysession.StorageError], to be found with errors.As; what can be told
// about the cause is one of this package's Err variables, to be found with
// errors.Is. No text holds data of a session.
package sqldb
