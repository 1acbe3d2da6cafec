package custom_test

import (
	"context"
	"iter"
	"maps"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/shopifysession"
	"github.com/shopifysession/toolkit/storage/custom"
	"github.com/shopifysession/toolkit/storage/memory"
	"github.com/shopifysession/toolkit/storage/storagetest"
)

// table is the simplest database: bytes by id.
type table struct {
	mu   sync.Mutex
	rows map[string][]byte
}

func (db *table) put(_ context.Context, s *shopifysession.Session) error {
	data, err := s.Serialize()
	if err != nil {
		return err
	}
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.rows == nil {
		db.rows = map[string][]byte{}
	}
	db.rows[s.ID] = data
	return nil
}

func (db *table) get(_ context.Context, id string) ([]byte, error) {
	db.mu.Lock()
	defer db.mu.Unlock()
	return db.rows[id], nil
}

func (db *table) remove(_ context.Context, id string) error {
	db.mu.Lock()
	defer db.mu.Unlock()
	delete(db.rows, id)
	return nil
}

func (db *table) ids() []string {
	db.mu.Lock()
	defer db.mu.Unlock()
	return slices.Collect(maps.Keys(db.rows))
}

func (db *table) all(ctx context.Context) iter.Seq2[*shopifysession.Session, error] {
	return func(yield func(*shopifysession.Session, error) bool) {
		for _, id := range db.ids() {
			if data, _ := db.get(ctx, id); data != nil && !yield(shopifysession.Deserialize(data)) {
				return
			}
		}
	}
}

func (db *table) byShop(ctx context.Context, shop string) ([]*shopifysession.Session, error) {
	var found []*shopifysession.Session
	for s, err := range db.all(ctx) {
		if err != nil {
			return nil, err
		}
		if s.Shop == shop {
			found = append(found, s)
		}
	}
	return found, nil
}

func newStorage(t *testing.T, db *table) *custom.CustomSessionStorage {
	t.Helper()
	st, err := custom.New(db.put, custom.FromBytes(db.get), db.remove)
	require.NoError(t, err)
	return st
}

func TestConformanceOverMap(t *testing.T) {
	t.Parallel()
	const reason = "three callbacks see no stale copies"

	t.Run("three callbacks", func(t *testing.T) {
		t.Parallel()
		storagetest.Run(t, func(t *testing.T) shopifysession.SessionStorage { return newStorage(t, &table{}) },
			storagetest.LastWriteWins(reason), storagetest.Skip("find", "no callback"))
	})
	t.Run("more callbacks", func(t *testing.T) {
		t.Parallel()
		storagetest.Run(t, func(t *testing.T) shopifysession.SessionStorage {
			db := &table{}
			st := newStorage(t, db)
			st.FindSessionsByShopFunc, st.AllFunc = db.byShop, db.all
			return st
		}, storagetest.LastWriteWins(reason), storagetest.Damage(func(t *testing.T, st shopifysession.SessionStorage, id string) {
			damage(t, st, id)
		}))
	})
}

// damage stores bytes that are no session, around the check of Store.
func damage(t *testing.T, st shopifysession.SessionStorage, id string) {
	t.Helper()
	c := st.(*custom.CustomSessionStorage)
	broken := (&shopifysession.Session{ID: id, Shop: "broken.myshopify.com"}).Clone()
	load, all := c.LoadFunc, c.AllFunc
	c.LoadFunc = func(ctx context.Context, asked string) (*shopifysession.Session, error) {
		if asked == id {
			broken.Shop = ""
			return broken, nil
		}
		return load(ctx, asked)
	}
	c.AllFunc = func(ctx context.Context) iter.Seq2[*shopifysession.Session, error] {
		return func(yield func(*shopifysession.Session, error) bool) {
			for s, err := range all(ctx) {
				if s != nil && s.ID == id {
					s.Shop = ""
				}
				if !yield(s, err) {
					return
				}
			}
		}
	}
}

func TestConformanceOverUpdateFunc(t *testing.T) {
	t.Parallel()
	storagetest.Run(t, func(t *testing.T) shopifysession.SessionStorage {
		inner := memory.New()
		st, err := custom.New(inner.Store, inner.Load, inner.Delete)
		require.NoError(t, err)
		st.DeleteSessionsFunc, st.FindSessionsByShopFunc = inner.DeleteSessions, inner.FindSessionsByShop
		st.UpdateFunc, st.AllFunc, st.PingFunc = inner.Update, inner.All, inner.Ping
		return st
	})
}
