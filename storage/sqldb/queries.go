package sqldb

import (
	"strconv"
	"strings"
)

// queries are the statements on one table. All of them but clear and purge see
// sessions only, never the fences of deleted ones.
type queries struct {
	load   string // id, fences included
	find   string // shop
	page   string // id to go on after
	insert string // the columns; writes nothing if the id exists
	update string // the columns without id; id and stamp of the row to replace
	touch  string // until, until, id
	count  string
	clear  string

	expired string // before, before; ids of sessions that need not be kept
	purge   string // now; fences that are over

	eraseHead  string // the erased columns, fence_until; … ids, then eraseTail
	deleteHead string // ids; …
	expiredAnd string // before, before; after the ids of deleteHead
	unchanged  string // version, granted_at; after the ids of eraseHead
}

const (
	pageSize  = 100 // rows that All holds at a time
	chunkSize = 500 // ids in one statement
)

func newQueries(d dialect, table string) queries {
	table = strconv.Quote(table)
	var names, sets, blanks []string
	for i, c := range new(row).columns() {
		names = append(names, c.name)
		if i > 0 {
			sets = append(sets, c.name+" = ?")
		}
	}
	for _, c := range erased() {
		blanks = append(blanks, c.name+" = ?")
	}
	list := strings.Join(names, ", ")
	selectRow := "SELECT " + list + " FROM " + table + " WHERE "
	const over = "keep_until < ? AND touched_until < ? AND fence_until = 0"

	return queries{
		load: selectRow + "id = ?",
		find: selectRow + "shop = ? AND fence_until = 0",
		page: selectRow + "id > ? AND fence_until = 0 ORDER BY id LIMIT " + strconv.Itoa(pageSize),
		insert: "INSERT INTO " + table + " (" + list + ") VALUES (" + marks(len(names)) + ") " +
			d.ifAbsent,
		update: "UPDATE " + table + " SET " + strings.Join(sets, ", ") +
			" WHERE id = ? AND version = ? AND granted_at = ? AND fence_until = ?",
		touch: "UPDATE " + table + " SET touched_until = CASE WHEN touched_until < ? THEN ? ELSE touched_until END" +
			" WHERE id = ? AND fence_until = 0",
		// The index of fences is small; to look at every row is not.
		count: "SELECT (SELECT COUNT(*) FROM " + table + ") - (SELECT COUNT(*) FROM " + table + " WHERE fence_until > 0)",
		clear: "DELETE FROM " + table,

		expired: "SELECT id FROM " + table + " WHERE " + over + " LIMIT " + strconv.Itoa(chunkSize),
		purge:   "DELETE FROM " + table + " WHERE fence_until > 0 AND fence_until <= ?",

		eraseHead: "UPDATE " + table + " SET " + strings.Join(blanks, ", ") +
			", touched_until = 0, fence_until = ? WHERE fence_until = 0 AND id IN ",
		deleteHead: "DELETE FROM " + table + " WHERE id IN ",
		expiredAnd: " AND " + over,
		unchanged:  " AND version = ? AND granted_at = ?",
	}
}

// marks returns n placeholders.
func marks(n int) string { return strings.TrimSuffix(strings.Repeat("?, ", n), ", ") }

// list returns n placeholders in parentheses, for IN.
func list(n int) string { return "(" + marks(n) + ")" }
