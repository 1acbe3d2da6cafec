package storagetest

import (
	"errors"
	"fmt"
	"time"

	"pgregory.net/rapid"

	"github.com/shopifysession/toolkit/shopifysession"
)

func modelCases() []testCase {
	return []testCase{{name: "model/random-operations", sentence: staleWrites, run: func(c *check) {
		m := &model{check: c, noFind: c.lacksFind()}
		m.noUpdate = errors.Is(needsUpdate(c), errors.ErrUnsupported)
		rapid.Check(c, m.walk)
	}}}
}

// model compares the storage with two maps and [shopifysession.Revise] through
// random operations. All walks share one storage, each with ids of its own.
type model struct {
	*check
	noFind, noUpdate bool
	walks            int

	prefix string
	stored map[string]*shopifysession.Session // as Load returned it last
	fences map[string]time.Time
	copies map[string][]*shopifysession.Session // everything ever loaded
	serial int
}

// maxOperations bounds a walk, since some storages are slow.
const maxOperations = 16

func (m *model) walk(t *rapid.T) {
	m.walks++
	m.prefix = fmt.Sprintf("walk%d-", m.walks)
	m.stored = map[string]*shopifysession.Session{}
	m.fences = map[string]time.Time{}
	m.copies = map[string][]*shopifysession.Session{}

	operations := map[string]func(*rapid.T, string){
		"store by hand":    m.storeByHand,
		"store a copy":     m.storeCopy,
		"store a grant":    m.storeGrant,
		"delete":           m.remove,
		"delete sessions":  m.removeMany,
		"load":             m.compare,
		"find":             m.find,
		"update":           m.updateStored,
		"update to delete": m.updateToDelete,
	}
	names := []string{
		"store by hand", "store by hand", "store a copy", "store a copy", "store a grant", "delete", "delete sessions",
		"load", "find", "update", "update to delete",
	}
	for range rapid.IntRange(1, maxOperations).Draw(t, "operations") {
		name := rapid.SampledFrom(names).Draw(t, "operation")
		id := m.prefix + rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "id")
		operations[name](t, id)
	}
	for _, name := range []string{"a", "b", "c"} {
		m.compare(t, m.prefix+name)
	}
	m.find(t, "")
}

// fresh is a session made by hand, different from all before.
func (m *model) fresh(id string) *shopifysession.Session {
	m.serial++
	s := changed(sample(m.prefix+"shop"), fmt.Sprint(m.serial))
	s.ID = id
	return s
}

func (m *model) storeByHand(t *rapid.T, id string) {
	s := m.fresh(id)
	m.write(t, s, m.st.Store(m.ctx, s))
}

// storeCopy writes one of the copies that were loaded before, most of which are
// stale.
func (m *model) storeCopy(t *rapid.T, id string) {
	copies := m.copies[id]
	if len(copies) == 0 {
		return
	}
	s := rapid.SampledFrom(copies).Draw(t, "copy")
	if m.cfg.lastWriteWins != "" {
		if s = m.stored[id]; s == nil {
			return
		}
	}
	m.serial++
	s = changed(s, fmt.Sprint(m.serial))
	m.write(t, s, m.st.Store(m.ctx, s))
}

// storeGrant writes a grant that is older or newer than what is known.
func (m *model) storeGrant(t *rapid.T, id string) {
	at := time.UnixMilli(1_700_000_000_000)
	if old := m.stored[id]; old != nil {
		at = old.GrantedAt()
	} else if fence := m.fences[id]; !fence.IsZero() {
		at = fence
	}
	shift := rapid.SampledFrom([]int{-1, 0, 1}).Draw(t, "milliseconds")
	if m.cfg.lastWriteWins != "" {
		shift = 1
	}
	s := granted(m.fresh(id), rapid.Int64Range(0, 3).Draw(t, "version"), at.Add(time.Duration(shift)*time.Millisecond))
	m.write(t, s, m.st.Store(m.ctx, s))
}

// write compares the outcome of a write with what Revise says.
func (m *model) write(t *rapid.T, s *shopifysession.Session, got error) {
	old, fence := m.stored[s.ID], m.fences[s.ID]
	if m.cfg.lastWriteWins != "" { // the operations are chosen so that none is stale
		old, fence = nil, time.Time{}
	}
	_, want := shopifysession.Revise(old, s, fence, time.Now())
	if !errors.Is(got, want) || (want == nil) != (got == nil) {
		t.Fatalf("a write of version %d of grant %d returned %s, want %s (%s)", s.Version(), s.GrantedAt().UnixMilli(), text(got), text(want), m.rule.sentence)
	}
	if want != nil {
		return
	}
	now, err := m.st.Load(m.ctx, s.ID)
	if err != nil || now == nil {
		t.Fatalf("Load after a write returned %s", text(err))
	}
	if diff := difference(now, s); diff != "" {
		t.Fatalf("Load after a write returned other values in %s", diff)
	}
	m.stored[s.ID] = now
	m.copies[s.ID] = append(m.copies[s.ID], now)
}

func (m *model) remove(t *rapid.T, id string) {
	if err := m.st.Delete(m.ctx, id); err != nil {
		t.Fatalf("Delete failed: %v", err)
	}
	m.forget(id)
}

func (m *model) removeMany(t *rapid.T, id string) {
	list := rapid.SliceOfN(rapid.SampledFrom([]string{id, m.prefix + "a", m.prefix + "b", m.prefix + "absent"}), 0, 4).Draw(t, "ids")
	if err := m.st.DeleteSessions(m.ctx, list); err != nil {
		t.Fatalf("DeleteSessions failed: %v", err)
	}
	for _, id := range list {
		m.forget(id)
	}
}

func (m *model) forget(id string) {
	old := m.stored[id]
	if old == nil {
		return
	}
	if old.GrantedAt().After(m.fences[id]) {
		m.fences[id] = old.GrantedAt()
	}
	delete(m.stored, id)
}

// compare compares one session.
func (m *model) compare(t *rapid.T, id string) {
	got, err := m.st.Load(m.ctx, id)
	want := m.stored[id]
	switch {
	case want == nil && !errors.Is(err, shopifysession.ErrNotFound):
		t.Fatalf("Load of an absent session returned %s", text(err))
	case want != nil && (err != nil || got == nil):
		t.Fatalf("Load of a stored session returned %s", text(err))
	case want != nil && (!got.Equal(want) || string(got.Bookkeeping()) != string(want.Bookkeeping())):
		t.Fatalf("Load of a session nobody wrote returned another one than before")
	}
}

func (m *model) find(t *rapid.T, _ string) {
	if m.noFind {
		return
	}
	got, err := m.st.FindSessionsByShop(m.ctx, m.prefix+"shop.myshopify.com")
	if err != nil || len(got) != len(m.stored) {
		t.Fatalf("FindSessionsByShop returned %d sessions (%s), want %d", len(got), text(err), len(m.stored))
	}
	for _, s := range got {
		if want := m.stored[s.ID]; want == nil || !s.Equal(want) {
			t.Fatalf("FindSessionsByShop returned a session that is not stored like this")
		}
	}
}

func (m *model) updateStored(t *rapid.T, id string) {
	if m.noUpdate {
		return
	}
	next := m.fresh(id)
	err := shopifysession.Update(m.ctx, m.st, id, func(old *shopifysession.Session) (*shopifysession.Session, error) {
		if want := m.stored[id]; (old == nil) != (want == nil) || old != nil && !old.Equal(want) {
			t.Errorf("Update called fn with another session than the stored one")
		}
		if old != nil {
			next = changed(old, next.AccessToken)
		}
		return next, nil
	})
	m.write(t, next, err)
}

func (m *model) updateToDelete(t *rapid.T, id string) {
	if m.noUpdate {
		return
	}
	err := shopifysession.Update(m.ctx, m.st, id, func(*shopifysession.Session) (*shopifysession.Session, error) { return nil, nil })
	if err != nil {
		t.Fatalf("Update to delete failed: %v", err)
	}
	m.forget(id)
}
