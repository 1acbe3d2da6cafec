package sqldb

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// DefaultTable is the table if [Options] names none. It is not
// shopify_sessions, the default of the official Node packages, nor Session, that
// of Prisma's template: both have other columns and may be in the same
// database, and a program that finds a foreign table under its own name alters
// it or fails.
const DefaultTable = "shopify_toolkit_sessions"

const (
	defaultGrace = 24 * time.Hour

	// PostgreSQL's names have 63 bytes and the longest suffix of an index,
	// _fence_until, 12; the smallest limit counts everywhere, so that a name
	// moves from one database to another.
	maxTableLen = 48
)

// Options are the settings of a [Storage]. The zero value is the default.
type Options struct {
	// Table is the name of the table; empty: [DefaultTable]. It consists of a-z,
	// 0-9 and _, does not begin with a digit and has at most 48 bytes. There
	// are no capitals, since databases disagree on whether they count. Storages
	// with different tables are independent of each other.
	Table string
	// Grace is for how long a session is kept after its last token has expired
	// (shopifysession's KeepUntil); 0: 24 hours; negative: an error of [New].
	Grace time.Duration
	// Now is the clock, for grant times and fences; nil: time.Now.
	Now func() time.Time
}

// withDefaults returns the options with nothing left open, or what is wrong
// with them. nil are the defaults.
func (o *Options) withDefaults() (Options, error) {
	var full Options
	if o != nil {
		full = *o
	}
	if full.Table == "" {
		full.Table = DefaultTable
	}
	if err := checkTable(full.Table); err != nil {
		return Options{}, err
	}
	if full.Grace < 0 {
		return Options{}, errors.New("sqldb: options: grace is negative")
	}
	if full.Grace == 0 {
		full.Grace = defaultGrace
	}
	if full.Now == nil {
		full.Now = time.Now
	}
	return full, nil
}

func checkTable(name string) error {
	if len(name) > maxTableLen {
		return fmt.Errorf("sqldb: options: table has more than %d bytes", maxTableLen)
	}
	if !regexp.MustCompile(`^[a-z_][a-z0-9_]*$`).MatchString(name) {
		return errors.New("sqldb: options: table is not a name of a-z, 0-9 and _")
	}
	if strings.HasPrefix(name, "sqlite_") {
		return errors.New("sqldb: options: table begins with sqlite_, which SQLite reserves")
	}
	return nil
}
