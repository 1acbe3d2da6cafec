package storagetest

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/shopifysession/toolkit/shopifysession"
	"github.com/shopifysession/toolkit/storage/memory"
)

// RunDecorator checks the law of decorators ([shopifysession.Unwrapper]). The
// whole suite runs over the decorator around a storage with every capability
// and around one with none, so that an effect that a capability goes around is
// seen: a record that comes out encrypted, a deleted session that a cache still
// serves. Then the cases of its own: a capability of the storage inside works
// and a missing one is errors.ErrUnsupported; errors pass unchanged and are not
// remembered; a reply that was lost leaves the decorator with what the storage
// has.
//
// with is called many times, also several times on one storage. Options count
// for all of that; Skip also takes the names of the cases of its own.
func RunDecorator(t *testing.T, with shopifysession.Decorator, opts ...Option) {
	t.Helper()
	cfg := newConfig(opts)
	suite, own := cases(), decoratorCases(with)
	if name, ok := cfg.unknownSkip(slices.Concat(suite, own)); ok {
		t.Fatalf("storagetest: Skip(%q): no case has that name", name)
	}
	overFull := func(*testing.T) shopifysession.SessionStorage { return with(newFull()) }
	t.Run("full", func(t *testing.T) { runAll(t, suite, overFull, cfg) })
	t.Run("minimal", func(t *testing.T) {
		runAll(t, suite, func(*testing.T) shopifysession.SessionStorage { return with(Minimal(memory.New())) }, cfg)
	})
	t.Run("law", func(t *testing.T) { runAll(t, own, overFull, cfg) })
}

// full is a storage with every capability.
type full struct {
	*memory.Storage
	migrations atomic.Int64
}

func newFull() *full { return &full{Storage: memory.New()} }

func (f *full) Migrate(ctx context.Context) error {
	f.migrations.Add(1)
	return context.Cause(ctx)
}
