package storagetest_test

import (
	"context"
	"encoding/json"
	"iter"
	"sync"
	"time"

	"github.com/shopifysession/toolkit/shopifysession"
	"github.com/shopifysession/toolkit/storage/memory"
)

type (
	session = shopifysession.Session
	update  = func(old *session) (*session, error)
)

// broken is the good storage with methods replaced by wrong ones; nil: right.
type broken struct {
	*memory.Storage
	store          func(ctx context.Context, s *session) error
	load           func(ctx context.Context, id string) (*session, error)
	del            func(ctx context.Context, id string) error
	deleteSessions func(ctx context.Context, ids []string) error
	find           func(ctx context.Context, shop string) ([]*session, error)
	update         func(ctx context.Context, id string, fn update) error
	all            func(ctx context.Context) iter.Seq2[*session, error]
	len            func(ctx context.Context) (int, error)
	clear          func(ctx context.Context) error
	touch          func(ctx context.Context, id string, until time.Time) error
	deleteExpired  func(ctx context.Context, before time.Time) (int, error)
}

func (b *broken) Store(ctx context.Context, s *session) error {
	if b.store != nil {
		return b.store(ctx, s)
	}
	return b.Storage.Store(ctx, s)
}

func (b *broken) Load(ctx context.Context, id string) (*session, error) {
	if b.load != nil {
		return b.load(ctx, id)
	}
	return b.Storage.Load(ctx, id)
}

func (b *broken) Delete(ctx context.Context, id string) error {
	if b.del != nil {
		return b.del(ctx, id)
	}
	return b.Storage.Delete(ctx, id)
}

func (b *broken) DeleteSessions(ctx context.Context, ids []string) error {
	if b.deleteSessions != nil {
		return b.deleteSessions(ctx, ids)
	}
	return b.Storage.DeleteSessions(ctx, ids)
}

func (b *broken) FindSessionsByShop(ctx context.Context, shop string) ([]*session, error) {
	if b.find != nil {
		return b.find(ctx, shop)
	}
	return b.Storage.FindSessionsByShop(ctx, shop)
}

func (b *broken) Update(ctx context.Context, id string, fn update) error {
	if b.update != nil {
		return b.update(ctx, id, fn)
	}
	return b.Storage.Update(ctx, id, fn)
}

func (b *broken) All(ctx context.Context) iter.Seq2[*session, error] {
	if b.all != nil {
		return b.all(ctx)
	}
	return b.Storage.All(ctx)
}

func (b *broken) Len(ctx context.Context) (int, error) {
	if b.len != nil {
		return b.len(ctx)
	}
	return b.Storage.Len(ctx)
}

func (b *broken) Clear(ctx context.Context) error {
	if b.clear != nil {
		return b.clear(ctx)
	}
	return b.Storage.Clear(ctx)
}

func (b *broken) Touch(ctx context.Context, id string, until time.Time) error {
	if b.touch != nil {
		return b.touch(ctx, id, until)
	}
	return b.Storage.Touch(ctx, id, until)
}

func (b *broken) DeleteExpired(ctx context.Context, before time.Time) (int, error) {
	if b.deleteExpired != nil {
		return b.deleteExpired(ctx, before)
	}
	return b.Storage.DeleteExpired(ctx, before)
}

// mapped changes every session on its way in.
func (b *broken) mapped(change func(s *session)) {
	b.store = func(ctx context.Context, s *session) error {
		if s = s.Clone(); s != nil {
			change(s)
		}
		return b.Storage.Store(ctx, s)
	}
}

// overwrite makes s the stored session whatever it is.
func (b *broken) overwrite(ctx context.Context, s *session) error {
	if s == nil {
		return shopifysession.ErrInvalidSession
	}
	fresh := s.Clone()
	if err := fresh.SetBookkeeping(nil); err != nil {
		return err
	}
	return b.Storage.Store(ctx, fresh)
}

// bookkeeping changes the record in a session's bookkeeping.
func bookkeeping(s *session, change func(record map[string]json.RawMessage)) {
	var all map[string]json.RawMessage
	var record map[string]json.RawMessage
	if json.Unmarshal(s.Bookkeeping(), &all) != nil || json.Unmarshal(all["record"], &record) != nil {
		return
	}
	change(record)
	all["record"], _ = json.Marshal(record)
	data, _ := json.Marshal(all)
	_ = s.SetBookkeeping(data)
}

// mutant is a storage with one mistake, and the case that must find it. Most of
// the mistakes were made by storages in use somewhere.
type mutant struct {
	name    string
	rule    string // the case
	reason  string // part of its output
	breakIt func(b *broken)
}

// meeting returns a function that makes its first n callers wait for each
// other.
func meeting(n int) func() {
	var mu sync.Mutex
	calls := 0
	all := make(chan struct{})
	return func() {
		mu.Lock()
		calls++
		mine := calls
		if calls == n {
			close(all)
		}
		mu.Unlock()
		if mine <= n {
			<-all
		}
	}
}

// forget removes a session without leaving a fence.
func (b *broken) forget(ctx context.Context, id string) error {
	var others []*session
	for s := range b.Storage.All(ctx) {
		if s.ID != id {
			others = append(others, s)
		}
	}
	if err := b.Storage.Clear(ctx); err != nil {
		return err
	}
	for _, s := range others {
		if err := b.Storage.Store(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

func (b *broken) findWhere(match func(asked, shop string) bool) func(ctx context.Context, shop string) ([]*session, error) {
	return func(ctx context.Context, shop string) ([]*session, error) {
		var found []*session
		for s, err := range b.Storage.All(ctx) {
			if err != nil {
				return nil, err
			}
			if match(shop, s.Shop) {
				found = append(found, s)
			}
		}
		return found, nil
	}
}
