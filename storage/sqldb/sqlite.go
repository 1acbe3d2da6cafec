package sqldb

import (
	"errors"
	"reflect"
)

func sqlite() dialect {
	return dialect{
		migrations: "sqlite",
		// IMMEDIATE takes the write lock now, and waits for it: a transaction
		// that has begun with reading may be refused it without waiting.
		begin:       "BEGIN IMMEDIATE",
		tableExists: "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = ? COLLATE NOCASE",
		ifAbsent:    "ON CONFLICT (id) DO NOTHING",
		condition:   sqliteCondition,
	}
}

// Primary result codes (https://www.sqlite.org/rescode.html).
const (
	sqliteBusy     = 5  // another connection holds the file
	sqliteLocked   = 6  // another connection of a shared cache holds the table
	sqliteReadOnly = 8  // no writes here
	sqliteFull     = 13 // no room
	sqliteCantOpen = 14 // no such file or directory, no permission
	sqliteProtocol = 15 // the race for a WAL lock was lost too often

	primaryCode = 0xff // an extended code holds the primary one in these bits
)

func sqliteCondition(err error) error {
	switch sqliteCode(err) & primaryCode {
	case sqliteBusy, sqliteLocked, sqliteProtocol:
		return ErrBusy
	case sqliteReadOnly:
		return ErrReadOnly
	case sqliteFull:
		return ErrFull
	case sqliteCantOpen:
		return ErrUnavailable
	}
	return nil
}

// sqliteCode finds SQLite's result code in a driver's error without importing
// the driver; 0 if there is none. modernc's error has a method Code() int,
// mattn's is a struct with an integer field Code. Their texts are no help:
// modernc's are its own, and both can quote names from the statement.
func sqliteCode(err error) int {
	for ; err != nil; err = errors.Unwrap(err) {
		if coded, ok := err.(interface{ Code() int }); ok {
			return coded.Code()
		}
		v := reflect.Indirect(reflect.ValueOf(err))
		if v.Kind() != reflect.Struct {
			continue
		}
		field, ok := v.Type().FieldByName("Code")
		if ok && len(field.Index) == 1 && v.Field(field.Index[0]).CanInt() {
			return int(v.Field(field.Index[0]).Int())
		}
	}
	return 0
}
