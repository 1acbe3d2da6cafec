package storagetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/shopifysession/toolkit/shopifysession"
)

// deadlockGuard ends the context of a case that hangs; no case depends on it.
const deadlockGuard = 2 * time.Minute

// testCase enforces one sentence of the contract.
type testCase struct {
	name     string // group/rule; Skip takes either
	sentence string // what it enforces, in the words of package shopifysession
	needs    need   // the capability without which there is nothing to test
	strict   bool   // LastWriteWins skips it
	run      func(c *check)
}

// cases is the whole suite.
func cases() []testCase {
	return slices.Concat(roundTripCases(), storeCases(), staleCases(), idCases(), loadCases(), deleteCases(),
		fenceCases(), findCases(), contextCases(), concurrentCases(), processCases(), updateCases(), allCases(),
		lenCases(), clearCases(), touchCases(), pingCases(), expiryCases(), migrateCases(), secretCases(), modelCases())
}

// tb is what a case needs of *testing.T. The tests of the suite put a recorder
// in its place, to see broken storages fail.
type tb interface {
	rapid.TB
	Context() context.Context
}

// check is a case at work on a storage of its own.
type check struct {
	tb
	t    *testing.T // for the functions of the caller
	ctx  context.Context
	st   shopifysession.SessionStorage
	cfg  *config
	rule testCase
}

// runCase runs one case; open makes its storage.
func runCase(r tb, t *testing.T, rule testCase, open func(t *testing.T) shopifysession.SessionStorage, cfg *config) {
	r.Helper()
	if reason, ok := cfg.skipped(rule); ok {
		r.Skipf("skipped: %s", reason)
	}
	ctx, cancel := context.WithTimeout(r.Context(), deadlockGuard)
	defer cancel()
	c := &check{tb: r, t: t, ctx: ctx, st: open(t), cfg: cfg, rule: rule}
	if rule.needs != nil && errors.Is(rule.needs(c), errors.ErrUnsupported) {
		r.Skipf("the storage, or the call of Run, does not offer what this case needs")
	}
	rule.run(c)
}

func (r testCase) group() string {
	group, _, _ := strings.Cut(r.name, "/")
	return group
}

// Errorf and Fatalf name the sentence that is broken.
func (c *check) Errorf(format string, args ...any) {
	c.Helper()
	c.tb.Errorf("%s\n\tthe contract says: %s", fmt.Sprintf(format, args...), c.rule.sentence)
}

func (c *check) Fatalf(format string, args ...any) {
	c.Helper()
	c.tb.Fatalf("%s\n\tthe contract says: %s", fmt.Sprintf(format, args...), c.rule.sentence)
}
