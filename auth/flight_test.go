package auth_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/auth"
	"github.com/shopifysession/toolkit/shopifysession"
	"github.com/shopifysession/toolkit/shopifytest"
)

// A panic of the work is every waiting caller's, and the next call starts anew.
func TestPanicReachesAllWhoWaitAndEndsThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := &panicOnce{}
		f := newFixture(t, setup{config: func(c *shopifysession.Config) { st.SessionStorage, c.SessionStorage = c.SessionStorage, st }})
		raw := f.shop.SessionToken(shopifytest.User{})
		exchange := func() (err error) {
			_, err = f.auth.ExchangeSessionToken(t.Context(), raw, auth.Offline)
			return err
		}
		st.broken = true
		f.shopify.Fail(shopifytest.Fault{Grant: shopifytest.TokenExchange, Delay: time.Second})
		caught := make([]any, 3)
		var wg sync.WaitGroup
		for i := range caught {
			wg.Go(func() {
				defer func() { caught[i] = recover() }()
				_ = exchange()
			})
		}
		wg.Wait()
		require.Equal(t, []any{"boom", "boom", "boom"}, caught)
		require.Len(t, f.tokenRequests(), 1)
		st.broken = false
		require.NoError(t, exchange())
	})
}

// panicOnce panics in Store while it is broken.
type panicOnce struct {
	shopifysession.SessionStorage
	broken bool
}

func (s *panicOnce) Store(ctx context.Context, x *shopifysession.Session) error {
	if s.broken {
		panic("boom")
	}
	return s.SessionStorage.Store(ctx, x)
}
