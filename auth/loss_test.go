package auth_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/auth"
	"github.com/shopifysession/toolkit/shopifysession"
	"github.com/shopifysession/toolkit/shopifytest"
)

// hold makes the answer to the next request of a grant wait, after Shopify has
// issued the token, until release is called.
func (f *fixture) hold(grant shopifytest.Grant) (release func()) {
	c := make(chan struct{})
	f.shopify.Fail(shopifytest.Fault{Grant: grant, Commit: true, Omit: []string{"none"}, Hold: func(context.Context) { <-c }})
	return func() { close(c) }
}

// requireLiving asserts that the shop's jobs go on when the token has ended:
// what is stored is Shopify's current pair.
func (f *fixture) requireLiving() {
	f.t.Helper()
	f.shopify.Advance(2 * time.Hour)
	s, err := f.auth.Offline(shopDomain).Token(f.t.Context())
	require.NoError(f.t, err)
	require.True(f.t, f.shop.Valid(s.AccessToken))
}

// Stop, a double click, a closed tab: Shopify has ended the shop's old pair by
// then, so the new one must be stored without a browser.
func TestBrowserThatGoesAwayDoesNotLoseThePair(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, legacy())
		u, cookies := f.begin()
		serve(f.auth.Callback(who), f.shop.Approve(u.String()), cookies...)
		before := f.offline()

		u, cookies = f.begin()
		r := f.shop.Approve(u.String())
		release := f.hold(shopifytest.AuthorizationCode)
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() { serve(f.auth.Callback(who), r.WithContext(ctx), cookies...) })
		synctest.Wait()
		cancel()
		wg.Wait()
		release()
		synctest.Wait()
		require.NotEqual(t, before.RefreshToken, f.offline().RefreshToken)
		f.requireLiving()
	})
}

// Whichever answer arrives last, the pair that Shopify issued last is stored.
func TestAcquisitionsOfAShopTakeTurns(t *testing.T) {
	for name, second := range map[string]func(f *fixture) func(){
		"two callbacks": func(f *fixture) func() {
			u, cookies := f.begin()
			r := f.shop.Approve(u.String())
			return func() { serve(f.auth.Callback(who), r, cookies...) }
		},
		"callback and visit": func(f *fixture) func() {
			return func() { serve(f.auth.RequireSession(who), f.fetch(f.shop.SessionToken(shopifytest.User{}))) }
		},
		"callback and client credentials": func(f *fixture) func() {
			return func() { _, _ = f.auth.ClientCredentials(f.t.Context(), shopDomain) }
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFixture(t, legacy())
				u, cookies := f.begin()
				first := f.shop.Approve(u.String())
				then := second(f)
				release := f.hold(shopifytest.AuthorizationCode)
				var wg sync.WaitGroup
				wg.Go(func() { serve(f.auth.Callback(who), first, cookies...) })
				synctest.Wait()
				wg.Go(then)
				synctest.Wait()
				require.Len(t, f.tokenRequests(), 1, "the second waits for the first")
				release()
				wg.Wait()
				require.Len(t, f.tokenRequests(), 2)
				require.True(t, f.shop.Valid(f.offline().AccessToken))
				if f.offline().RefreshToken != "" {
					f.requireLiving()
				}
			})
		})
	}
}

// A visit must not be told what became of somebody else's refresh.
func TestVisitDoesNotShareTheFateOfARefresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := installed(t, setup{})
		f.shop.Uninstall()
		f.shop.Install()
		f.shopify.Advance(2 * time.Hour)
		release := f.hold(shopifytest.RefreshToken)
		var wg sync.WaitGroup
		var refreshed, exchanged error
		wg.Go(func() { _, refreshed = f.auth.Refresh(t.Context(), shopifysession.OfflineID(shopDomain)) })
		synctest.Wait()
		wg.Go(func() {
			_, exchanged = f.auth.ExchangeSessionToken(t.Context(), f.shop.SessionToken(shopifytest.User{}), auth.Offline)
		})
		synctest.Wait()
		release()
		wg.Wait()
		require.ErrorIs(t, refreshed, auth.ErrReauthorize)
		require.NoError(t, exchanged)
	})
}

// Something of the same grant is stored while Shopify answers a refresh.
func TestWriteDuringARefreshDoesNotLoseThePair(t *testing.T) {
	t.Parallel()
	f := installed(t, setup{})
	f.shopify.Advance(2 * time.Hour)
	before := f.offline()
	update := f.shop.Webhook("app/scopes_update", map[string][]string{"current": {"read_products"}})
	f.shopify.Fail(shopifytest.Fault{Grant: shopifytest.RefreshToken, Commit: true, Omit: []string{"scope"}, Hold: func(context.Context) {
		require.Equal(t, http.StatusOK, serve(f.auth.Webhooks(), update).StatusCode)
	}})
	resp := serve(f.auth.RequireSession(who), f.fetch(f.shop.SessionToken(shopifytest.User{})))
	require.Equal(t, http.StatusOK, resp.StatusCode)
	require.True(t, f.shop.Valid(resp.Header.Get("X-Token")), "a token that lives")
	require.NotEqual(t, before.RefreshToken, f.offline().RefreshToken)
	require.Equal(t, "read_products", f.offline().Scope, "and nothing of the other write is lost")
	f.requireLiving()
}

// forgetful fails one Store.
type forgetful struct {
	shopifysession.SessionStorage
	fail atomic.Bool
}

func (s *forgetful) Store(ctx context.Context, x *shopifysession.Session) error {
	if s.fail.CompareAndSwap(true, false) {
		return &shopifysession.StorageError{Op: "store", Backend: "test", Err: errors.New("connection reset")}
	}
	return s.SessionStorage.Store(ctx, x)
}

func TestOneFailedStoreDoesNotLoseAnAcquisition(t *testing.T) {
	t.Parallel()
	st := &forgetful{}
	s := legacy()
	s.config = func(c *shopifysession.Config) { st.SessionStorage, c.SessionStorage = c.SessionStorage, st }
	f := newFixture(t, s)
	u, cookies := f.begin()
	st.fail.Store(true)
	require.Equal(t, http.StatusOK, serve(f.auth.Callback(who), f.shop.Approve(u.String()), cookies...).StatusCode)
	f.requireLiving()
}

func TestOddLifetimesDoNotCostTheToken(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fields string
		life   time.Duration
	}{
		"text":     {`"expires_in":"3600"`, time.Hour},
		"float":    {`"expires_in":3600.0`, time.Hour},
		"huge":     {`"expires_in":9300000000`, 55 * time.Minute},
		"negative": {`"expires_in":-1`, 55 * time.Minute},
		"null":     {`"expires_in":null`, 55 * time.Minute},
		"NaN":      {`"expires_in":"NaN"`, 55 * time.Minute},
		"object":   {`"expires_in":{}`, 55 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, setup{})
			f.shopify.Fail(shopifytest.Fault{
				Status: 200, Header: http.Header{"Content-Type": {"application/json"}},
				Body: `{"access_token":"shpat_1","scope":"x","refresh_token":"shprt_1",` + tt.fields + `}`,
			})
			s, err := f.auth.ExchangeSessionToken(t.Context(), f.shop.SessionToken(shopifytest.User{}), auth.Offline)
			require.NoError(t, err)
			require.Equal(t, "shprt_1", s.RefreshToken)
			require.WithinDuration(t, f.shopify.Now().Add(tt.life), s.Expires, 10*time.Second)
		})
	}
}

func TestRefreshAheadIsBounded(t *testing.T) {
	t.Parallel()
	f := installed(t, setup{options: auth.Options{RefreshAhead: time.Hour}})
	for range 3 {
		_, err := f.auth.Offline(shopDomain).Token(t.Context())
		require.NoError(t, err)
	}
	require.Empty(t, f.tokenRequests(), "a token just issued is good for use")
}

// A panic in the storage is its caller's, not the process's.
func TestPanicOfTheStorageReachesItsCallers(t *testing.T) {
	t.Parallel()
	f := newFixture(t, setup{config: func(c *shopifysession.Config) { c.SessionStorage = panicky{c.SessionStorage} }})
	require.PanicsWithValue(t, "boom", func() {
		_, _ = f.auth.ExchangeSessionToken(t.Context(), f.shop.SessionToken(shopifytest.User{}), auth.Offline)
	})
}

type panicky struct{ shopifysession.SessionStorage }

func (panicky) Store(context.Context, *shopifysession.Session) error { panic("boom") }
