package storagetest_test

import (
	"context"
	"encoding/hex"
	"errors"
	"iter"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/shopifysession"
	"github.com/shopifysession/toolkit/storage/storagetest"
)

// pass is a decorator without effect: everything goes around it.
type pass struct{ shopifysession.SessionStorage }

func (p pass) Unwrap() shopifysession.SessionStorage { return p.SessionStorage }

func withPass(st shopifysession.SessionStorage) shopifysession.SessionStorage { return pass{st} }

// veil keeps tokens in another form and implements what crosses that.
type veil struct{ shopifysession.SessionStorage }

func withVeil(st shopifysession.SessionStorage) shopifysession.SessionStorage { return veil{st} }

func (v veil) Unwrap() shopifysession.SessionStorage { return v.SessionStorage }

func veiled(s *session) *session {
	if s = s.Clone(); s != nil {
		s.AccessToken, s.RefreshToken = hex.EncodeToString([]byte(s.AccessToken)), hex.EncodeToString([]byte(s.RefreshToken))
	}
	return s
}

func unveiled(s *session) *session {
	if s = s.Clone(); s != nil {
		access, _ := hex.DecodeString(s.AccessToken)
		refresh, _ := hex.DecodeString(s.RefreshToken)
		s.AccessToken, s.RefreshToken = string(access), string(refresh)
	}
	return s
}

func (v veil) Store(ctx context.Context, s *session) error {
	if err := s.Validate(); err != nil && ctx.Err() == nil {
		return err // what is not UTF-8 would be valid in hexadecimal
	}
	return v.SessionStorage.Store(ctx, veiled(s))
}

func (v veil) Load(ctx context.Context, id string) (*session, error) {
	s, err := v.SessionStorage.Load(ctx, id)
	return unveiled(s), err
}

func (v veil) FindSessionsByShop(ctx context.Context, shop string) ([]*session, error) {
	found, err := v.SessionStorage.FindSessionsByShop(ctx, shop)
	for i, s := range found {
		found[i] = unveiled(s)
	}
	return found, err
}

func (v veil) Update(ctx context.Context, id string, fn func(old *session) (*session, error)) error {
	return shopifysession.Update(ctx, v.SessionStorage, id, func(old *session) (*session, error) {
		next, err := fn(unveiled(old))
		if err == nil && next != nil {
			err = next.Validate()
		}
		if err != nil {
			return nil, err
		}
		return veiled(next), nil
	})
}

func (v veil) All(ctx context.Context) iter.Seq2[*session, error] {
	return func(yield func(*session, error) bool) {
		for s, err := range shopifysession.All(ctx, v.SessionStorage) {
			if !yield(unveiled(s), err) {
				return
			}
		}
	}
}

func TestRunDecoratorAcceptsGoodOnes(t *testing.T) {
	t.Parallel()
	t.Run("none", func(t *testing.T) {
		t.Parallel()
		storagetest.RunDecorator(t, withPass)
	})
	t.Run("encoding", func(t *testing.T) {
		t.Parallel()
		storagetest.RunDecorator(t, withVeil)
	})
}

// embedded loses every capability.
type embedded struct{ shopifysession.SessionStorage }

// halfVeil forgets that Update goes around it.
type halfVeil struct{ veil }

func (h halfVeil) Update(ctx context.Context, id string, fn func(old *session) (*session, error)) error {
	return shopifysession.Update(ctx, h.SessionStorage, id, fn)
}

// pretender claims a capability that the storage inside may not have.
type pretender struct{ pass }

func (p pretender) Touch(ctx context.Context, id string, until time.Time) error {
	if err := shopifysession.Touch(ctx, p.SessionStorage, id, until); !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	return nil
}

// grumbler rewrites errors.
type grumbler struct{ pass }

func (g grumbler) Load(ctx context.Context, id string) (*session, error) {
	s, err := g.SessionStorage.Load(ctx, id)
	if err != nil {
		err = shopifysession.ErrNotFound
	}
	return s, err
}

// stubborn is a cache that remembers what it must not.
type stubborn struct {
	pass
	mu    sync.Mutex
	cache map[string]*session
	errs  map[string]error
}

func (c *stubborn) Load(ctx context.Context, id string) (*session, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s, ok := c.cache[id]; ok {
		return s.Clone(), c.errs[id]
	}
	c.cache[id], c.errs[id] = c.SessionStorage.Load(ctx, id)
	return c.cache[id].Clone(), c.errs[id]
}

func (c *stubborn) forget(id string, err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil { // wrong: after a lost reply the write may be there
		delete(c.cache, id)
	}
	return err
}

func (c *stubborn) Store(ctx context.Context, s *session) error {
	err := c.SessionStorage.Store(ctx, s)
	if s == nil {
		return err
	}
	return c.forget(s.ID, err)
}

func withStubborn(st shopifysession.SessionStorage) shopifysession.SessionStorage {
	return &stubborn{pass: pass{st}, cache: map[string]*session{}, errs: map[string]error{}}
}

func TestRunDecoratorRejectsBrokenOnes(t *testing.T) {
	t.Parallel()
	for _, broken := range []struct {
		name, rule, reason string
		with               shopifysession.Decorator
	}{
		{
			"embeds without Unwrap", "works/update", "unsupported operation",
			func(st shopifysession.SessionStorage) shopifysession.SessionStorage { return embedded{st} },
		},
		{
			"Update goes around it", "update/changes", "other values in AccessToken",
			func(st shopifysession.SessionStorage) shopifysession.SessionStorage { return halfVeil{veil{st}} },
		},
		{
			"All goes around it", "all/every-session", "other values in AccessToken",
			func(st shopifysession.SessionStorage) shopifysession.SessionStorage {
				return struct {
					shopifysession.SessionStorage
					shopifysession.Iterator
				}{veil{st}, mustAs[shopifysession.Iterator](st)}
			},
		},
		{"Clear goes around the cache", "clear/removes-all", "instead of ErrNotFound", withStubborn},
		{"failures are remembered", "error-passes/load", "failed again", withStubborn},
		{"lost replies leave the cache", "lost-reply/store", "other values in", withStubborn},
		{
			"pretends to have Touch", "unsupported/touch", "returned no error",
			func(st shopifysession.SessionStorage) shopifysession.SessionStorage { return pretender{pass{st}} },
		},
		{"rewrites errors", "error-passes/load", "the caller got", func(st shopifysession.SessionStorage) shopifysession.SessionStorage { return grumbler{pass{st}} }},
		{"hides the end of the context", "context-passes/load", "want an error that is", func(st shopifysession.SessionStorage) shopifysession.SessionStorage { return grumbler{pass{st}} }},
	} {
		t.Run(broken.name, func(t *testing.T) {
			t.Parallel()
			for _, c := range append(storagetest.Cases(), storagetest.DecoratorCases(broken.with)...) {
				if c.Name != broken.rule {
					continue
				}
				r := rejects(t, c, storagetest.OverFull(broken.with))
				require.Nil(t, r.panics)
				require.True(t, r.Failed(), "the case %s accepts it", c.Name)
				require.Contains(t, r.text(), broken.reason)
				return
			}
			require.Fail(t, "no case "+broken.rule)
		})
	}
}

func mustAs[T any](st shopifysession.SessionStorage) T {
	got, ok := shopifysession.As[T](st)
	if !ok {
		panic("missing capability")
	}
	return got
}

func TestDecoratorCasesHaveNames(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for _, c := range append(storagetest.Cases(), storagetest.DecoratorCases(withPass)...) {
		require.False(t, names[c.Name], "two cases %s", c.Name)
		require.Regexp(t, `^[a-z-]+/[a-z-]+$`, c.Name)
		names[c.Name] = true
	}
}
