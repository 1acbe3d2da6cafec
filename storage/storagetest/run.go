package storagetest

import (
	"testing"

	"github.com/shopifysession/toolkit/shopifysession"
)

// Run checks that a storage keeps the contract of
// [shopifysession.SessionStorage] and of every capability that it offers. Each
// case is a subtest; when it fails it prints the sentence that is broken.
//
// open returns a storage that is ready (migrated) and empty, and that nobody
// else uses meanwhile; it is called once for every case, one after the other.
// What has to be closed it closes with t.Cleanup.
//
// Cases about what the storage does not offer are skipped: those about a
// capability that [shopifysession.As] does not find or that answers
// errors.ErrUnsupported, those that an option asks for, and those that need an
// option which was not given.
func Run(t *testing.T, open func(t *testing.T) shopifysession.SessionStorage, opts ...Option) {
	t.Helper()
	cfg := newConfig(opts)
	all := cases()
	if name, ok := cfg.unknownSkip(all); ok {
		t.Fatalf("storagetest: Skip(%q): no case has that name", name)
	}
	runAll(t, all, open, cfg)
}

func runAll(t *testing.T, all []testCase, open func(t *testing.T) shopifysession.SessionStorage, cfg *config) {
	t.Helper()
	for _, rule := range all {
		t.Run(rule.name, func(t *testing.T) {
			runCase(t, t, rule, open, cfg)
		})
	}
}
