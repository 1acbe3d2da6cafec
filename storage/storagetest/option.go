package storagetest

import (
	"testing"

	"github.com/shopifysession/toolkit/shopifysession"
)

// Option adapts the suite to a storage.
type Option func(*config)

type config struct {
	skips         []skip
	lastWriteWins string
	second        func(t *testing.T) shopifysession.SessionStorage
	damage        func(t *testing.T, st shopifysession.SessionStorage, id string)
}

type skip struct{ name, reason string }

// Skip leaves out a case, or a group of cases (what stands before the slash),
// for a reason that the test's output shows. A name that no case has fails the
// test.
func Skip(name, reason string) Option {
	return func(c *config) { c.skips = append(c.skips, skip{name, reason}) }
}

// LastWriteWins is for storages over callbacks and over tables of other
// programs, which can't see that a write is stale. It leaves out the cases about
// stale copies and fences and nothing else; reason is shown.
func LastWriteWins(reason string) Option {
	return func(c *config) { c.lastWriteWins = reason }
}

// SecondProcess adds cases about several processes on one database. open
// returns another handle, as a second process would have, on the database of
// the storage that the function given to [Run] returned last.
func SecondProcess(open func(t *testing.T) shopifysession.SessionStorage) Option {
	return func(c *config) { c.second = open }
}

// Damage adds cases about records that can't be read. damage makes the stored
// record of the id unreadable, by means of the database.
func Damage(damage func(t *testing.T, st shopifysession.SessionStorage, id string)) Option {
	return func(c *config) { c.damage = damage }
}

func newConfig(opts []Option) *config {
	c := &config{}
	for _, opt := range opts {
		opt(c)
	}
	return c
}

// skipped returns why the case is left out.
func (c *config) skipped(rule testCase) (string, bool) {
	for _, s := range c.skips {
		if s.name == rule.name || s.name == rule.group() {
			return s.reason, true
		}
	}
	return c.lastWriteWins, rule.strict && c.lastWriteWins != ""
}

// unknownSkip returns a name given to Skip that no case has.
func (c *config) unknownSkip(all []testCase) (string, bool) {
	for _, s := range c.skips {
		known := false
		for _, rule := range all {
			known = known || s.name == rule.name || s.name == rule.group()
		}
		if !known {
			return s.name, true
		}
	}
	return "", false
}
