package storagetest_test

import (
	"context"
	"iter"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/shopifysession"
	"github.com/shopifysession/toolkit/storage/memory"
	"github.com/shopifysession/toolkit/storage/storagetest"
)

func find(t *testing.T, name string) storagetest.Case {
	t.Helper()
	for _, c := range storagetest.Cases() {
		if c.Name == name {
			return c
		}
	}
	require.Fail(t, "no case "+name)
	panic("unreachable")
}

func TestSkip(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"find/exact-shop", "find"} {
		r := rejects(t, find(t, "find/exact-shop"), openMemory, storagetest.Skip(name, "no index"))
		require.True(t, r.skipped)
		require.Contains(t, r.text(), "no index")
	}
	require.False(t, rejects(t, find(t, "find/exact-shop"), openMemory, storagetest.Skip("find/none", "no index")).skipped)
}

// TestLastWriteWins: exactly the cases about stale copies and fences go.
func TestLastWriteWins(t *testing.T) {
	t.Parallel()
	var got []string
	for _, c := range storagetest.Cases() {
		r := rejects(t, c, openMemory, storagetest.LastWriteWins("no versions"))
		require.False(t, r.Failed(), "%s: %s", c.Name, r.text())
		if r.skipped && !rejects(t, c, openMemory).skipped {
			got = append(got, c.Name)
			require.Contains(t, r.text(), "no versions")
		}
	}
	require.ElementsMatch(t, []string{
		"store/stale-copy-is-refused", "store/same-version-only-once", "store/later-version-is-refused", "store/older-grant-is-refused",
		"store/handmade-outdates-copies", "fence/after-delete", "fence/after-delete-sessions", "fence/after-update",
		"fence/holds-after-reinstall", "fence/second-delete", "fence/update-is-refused", "concurrent/one-writer-of-a-version-wins",
		"concurrent/delete-beats-store", "update/stale-result", "update/outdates-copies", "update/runs-again",
	}, got)
}

// TestSecondProcess: a second handle on the same data passes, one on other data
// or with a cache of its own does not.
func TestSecondProcess(t *testing.T) {
	t.Parallel()
	var last shopifysession.SessionStorage
	open := func(*testing.T) shopifysession.SessionStorage {
		last = memory.New()
		return last
	}
	same := storagetest.SecondProcess(func(*testing.T) shopifysession.SessionStorage { return storagetest.Faulty(last, nil) })
	cached := storagetest.SecondProcess(func(*testing.T) shopifysession.SessionStorage { return withStubborn(last) })
	for _, name := range []string{"process/sees-writes", "process/refuses-stale-copies", "process/fences", "process/updates"} {
		r := rejects(t, find(t, name), open, same)
		require.False(t, r.skipped || r.Failed(), "%s: %s", name, r.text())
		r = rejects(t, find(t, name), open, storagetest.SecondProcess(openMemory))
		require.True(t, r.Failed(), name)
	}
	r := rejects(t, find(t, "process/sees-writes"), open, cached)
	require.True(t, r.Failed())
}

// damaged is a storage whose records can be damaged.
type damaged struct {
	*memory.Storage
	id   string
	ends bool // at a damaged record, which is wrong
}

func (d *damaged) error(op string) error {
	return &shopifysession.StorageError{Op: op, Backend: "damaged", Err: shopifysession.ErrInvalidSession}
}

func (d *damaged) Load(ctx context.Context, id string) (*session, error) {
	if id == d.id && !d.ends {
		return nil, d.error("load")
	}
	return d.Storage.Load(ctx, id)
}

func (d *damaged) All(ctx context.Context) iter.Seq2[*session, error] {
	return func(yield func(*session, error) bool) {
		for s, err := range d.Storage.All(ctx) {
			if s != nil && s.ID == d.id {
				s, err = nil, d.error("all")
			}
			if !yield(s, err) || err != nil && d.ends {
				return
			}
		}
	}
}

func TestDamage(t *testing.T) {
	t.Parallel()
	damage := storagetest.Damage(func(_ *testing.T, st shopifysession.SessionStorage, id string) { st.(*damaged).id = id })
	for _, name := range []string{"all/damaged-record", "load/damaged-record"} {
		for _, wrong := range []bool{false, true} {
			r := rejects(t, find(t, name), func(*testing.T) shopifysession.SessionStorage {
				return &damaged{Storage: memory.New(), ends: wrong}
			}, damage)
			require.Nil(t, r.panics)
			require.Equal(t, wrong, r.Failed(), "%s: %s", name, r.text())
			require.False(t, r.skipped)
		}
	}
}

func TestOddIDsAreDifferent(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, id := range storagetest.OddIDs {
		require.True(t, shopifysession.ValidID(id), "%q", id)
		require.False(t, seen[id], "%q", id)
		seen[id] = true
	}
}
