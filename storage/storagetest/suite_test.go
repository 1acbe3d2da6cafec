package storagetest_test

import (
	"flag"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/shopifysession"
	"github.com/shopifysession/toolkit/storage/memory"
	"github.com/shopifysession/toolkit/storage/storagetest"
)

func TestMain(m *testing.M) {
	flag.Parse()
	// A broken storage fails on purpose: no files about it, no long search for
	// the shortest way to fail.
	_ = flag.Set("rapid.nofailfile", "true")
	_ = flag.Set("rapid.shrinktime", "100ms")
	os.Exit(m.Run())
}

func openMemory(*testing.T) shopifysession.SessionStorage { return memory.New() }

func TestRunAcceptsGoodStorage(t *testing.T) {
	t.Parallel()
	for _, c := range storagetest.Cases() {
		r := rejects(t, c, openMemory)
		require.Nil(t, r.panics, "%s: %s", c.Name, r.text())
		require.False(t, r.Failed(), "%s: %s", c.Name, r.text())
	}
}

// TestRunAcceptsMinimalStorage: what a storage does not offer is skipped.
func TestRunAcceptsMinimalStorage(t *testing.T) {
	t.Parallel()
	skipped := map[string]bool{}
	for _, c := range storagetest.Cases() {
		r := rejects(t, c, func(*testing.T) shopifysession.SessionStorage { return storagetest.Minimal(memory.New()) })
		require.Nil(t, r.panics, "%s: %s", c.Name, r.text())
		require.False(t, r.Failed(), "%s: %s", c.Name, r.text())
		skipped[c.Name] = r.skipped
	}
	require.True(t, skipped["update/changes"])
	require.True(t, skipped["touch/missing"])
	require.False(t, skipped["store/stale-copy-is-refused"])
}

func TestRunRejectsBrokenStorages(t *testing.T) {
	t.Parallel()
	byName := map[string]storagetest.Case{}
	for _, c := range storagetest.Cases() {
		byName[c.Name] = c
	}
	for _, m := range slices.Concat(storeMutants, loadMutants, optionalMutants) {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			c, ok := byName[m.rule]
			require.True(t, ok, "no case %q", m.rule)
			r := rejects(t, c, func(*testing.T) shopifysession.SessionStorage {
				b := &broken{Storage: memory.New()}
				m.breakIt(b)
				return b
			})
			require.Nil(t, r.panics)
			require.False(t, r.skipped, r.text())
			require.True(t, r.Failed(), "the case %s accepts it", m.rule)
			require.Contains(t, r.text(), m.reason)
			require.Contains(t, r.text(), "the contract says: "+c.Sentence)
		})
	}
}
