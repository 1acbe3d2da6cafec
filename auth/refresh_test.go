package auth_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/auth"
	"github.com/shopifysession/toolkit/shopifysession"
	"github.com/shopifysession/toolkit/shopifytest"
)

// installed is a fixture whose shop has an expiring offline session.
func installed(t *testing.T, s setup) *fixture {
	t.Helper()
	f := newFixture(t, s)
	_, err := f.auth.ExchangeSessionToken(t.Context(), f.shop.SessionToken(shopifytest.User{}), auth.Offline)
	require.NoError(t, err)
	f.shopify.ClearRequests()
	return f
}

func TestTokenIsRefreshedBeforeUse(t *testing.T) {
	t.Parallel()
	f := installed(t, setup{})
	first := f.offline()
	source := f.auth.Offline(shopDomain)

	s, err := source.Token(t.Context())
	require.NoError(t, err)
	require.Equal(t, first.AccessToken, s.AccessToken, "fresh enough")
	f.shopify.Advance(51 * time.Minute)
	_, err = source.Token(t.Context())
	require.NoError(t, err)
	require.Empty(t, f.tokenRequests(), "8 minutes ahead at the most")

	f.shopify.Advance(5*time.Minute + time.Second)
	s, err = source.Token(t.Context())
	require.NoError(t, err)
	require.NotEqual(t, first.AccessToken, s.AccessToken, "4 minutes ahead at the least")
	require.True(t, f.shop.Valid(s.AccessToken))
	stored := f.offline()
	require.Equal(t, stored.AccessToken, s.AccessToken, "stored before it is given out")
	require.NotEqual(t, first.RefreshToken, stored.RefreshToken, "the refresh token rotates")
	require.Equal(t, first.GrantedAt(), stored.GrantedAt(), "the same grant")
	require.True(t, stored.Expires.After(first.Expires))
	require.Len(t, f.tokenRequests(), 1)
}

func TestTokenCopyIsForUseOnly(t *testing.T) {
	t.Parallel()
	f := installed(t, setup{})
	s, err := f.auth.Offline(shopDomain).Token(t.Context())
	require.NoError(t, err)
	require.Empty(t, s.RefreshToken)
	require.ErrorIs(t, f.storage.Store(t.Context(), s), shopifysession.ErrConflict, "storing it would lose the refresh token")
	require.NotEmpty(t, f.offline().RefreshToken)
}

func TestVisitRefreshesRatherThanExchanges(t *testing.T) {
	t.Parallel()
	f := installed(t, setup{})
	f.shopify.Advance(2 * time.Hour)
	resp := serve(f.auth.RequireSession(who), f.fetch(f.shop.SessionToken(shopifytest.User{})))
	require.Equal(t, http.StatusOK, resp.StatusCode)
	require.Len(t, f.tokenRequests(), 1)
	require.Equal(t, shopifytest.RefreshToken, f.tokenRequests()[0].Grant)
}

func TestVisitRevivesADeadGrant(t *testing.T) {
	t.Parallel()
	for name, kill := range map[string]func(*fixture){
		"refresh token ran out":    func(f *fixture) { f.shopify.Advance(91 * 24 * time.Hour) },
		"replaced by another app":  func(f *fixture) { f.shop.Uninstall(); f.shop.Install(); f.shopify.Advance(2 * time.Hour) },
		"token without refreshing": func(f *fixture) { f.forgetRefreshToken(); f.shopify.Advance(2 * time.Hour) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := installed(t, setup{})
			kill(f)
			_, err := f.auth.Offline(shopDomain).Token(t.Context())
			require.ErrorIs(t, err, auth.ErrReauthorize, "a job can't help it")
			resp := serve(f.auth.RequireSession(who), f.fetch(f.shop.SessionToken(shopifytest.User{})))
			require.Equal(t, http.StatusOK, resp.StatusCode, "the merchant's visit does")
			require.True(t, f.shop.Valid(resp.Header.Get("X-Token")))
			_, err = f.auth.Offline(shopDomain).Token(t.Context())
			require.NoError(t, err)
		})
	}
}

func (f *fixture) forgetRefreshToken() {
	f.t.Helper()
	s := f.offline()
	s.RefreshToken, s.RefreshTokenExpires = "", time.Time{}
	require.NoError(f.t, f.storage.Store(f.t.Context(), s))
}

// A session without expiry but with a refresh token is what other libraries
// stored of an answer without expires_in: it is not eternal.
func TestRefreshTokenWithoutExpiryIsRefreshed(t *testing.T) {
	t.Parallel()
	f := installed(t, setup{})
	s := f.offline()
	s.Expires = time.Time{}
	require.NoError(t, f.storage.Store(t.Context(), s))
	got, err := f.auth.Offline(shopDomain).Token(t.Context())
	require.NoError(t, err)
	require.NotEqual(t, s.AccessToken, got.AccessToken)
	require.False(t, f.offline().Expires.IsZero())
}

func TestAnswerWithoutLifetimesIsNotEternal(t *testing.T) {
	t.Parallel()
	f := newFixture(t, setup{})
	f.shopify.Fail(shopifytest.Fault{Omit: []string{"expires_in", "refresh_token_expires_in"}})
	s, err := f.auth.ExchangeSessionToken(t.Context(), f.shop.SessionToken(shopifytest.User{}), auth.Offline)
	require.NoError(t, err)
	require.WithinDuration(t, f.shopify.Now().Add(55*time.Minute), s.Expires, 10*time.Second)
	require.NotEmpty(t, s.RefreshToken)
	require.True(t, s.RefreshTokenExpires.IsZero(), "not known")
	require.True(t, s.KeepUntil(0).IsZero(), "so it is kept")
}

func TestFailedRefreshKeepsWhatThereIs(t *testing.T) {
	t.Parallel()
	faults := map[string]shopifytest.Fault{
		"520":                 shopifytest.Cloudflare520(),
		"429":                 shopifytest.TooManyRequests(time.Second),
		"HTML":                shopifytest.HTMLPage(503),
		"lost request":        {Drop: true},
		"lost answer":         {Drop: true, Commit: true},
		"torn answer":         {Truncate: true},
		"no access token":     {Omit: []string{"access_token"}},
		"no refresh token":    {Omit: []string{"refresh_token"}},
		"someone else's page": {Status: 200, Body: "<html>"},
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := installed(t, setup{})
			before := f.offline()
			f.shopify.Advance(57 * time.Minute)
			f.shopify.Fail(fault)
			s, err := f.auth.Offline(shopDomain).Token(t.Context())
			require.NoError(t, err)
			require.Equal(t, before.AccessToken, s.AccessToken, "the old token is still good")
			require.True(t, before.Equal(f.offline()))

			f.shopify.Advance(10 * time.Minute)
			f.shopify.Fail(fault)
			_, err = f.auth.Offline(shopDomain).Token(t.Context())
			require.ErrorIs(t, err, auth.ErrTemporary)
			require.NotErrorIs(t, err, auth.ErrReauthorize)
			require.True(t, before.Equal(f.offline()), "nothing is lost")

			s, err = f.auth.Offline(shopDomain).Token(t.Context())
			require.NoError(t, err, "the same refresh token brings the pair")
			require.True(t, f.shop.Valid(s.AccessToken))
		})
	}
}

func TestRefreshOfAnUninstalledShop(t *testing.T) {
	t.Parallel()
	f := installed(t, setup{})
	f.shop.Uninstall()
	before := f.offline()
	_, err := f.auth.Refresh(t.Context(), before.ID)
	require.ErrorIs(t, err, auth.ErrReauthorize)
	var tokenErr *auth.TokenError
	require.ErrorAs(t, err, &tokenErr)
	require.Equal(t, 401, tokenErr.Status)
	require.Equal(t, "invalid_request", tokenErr.Code)
	require.EqualError(t, err, "auth: refresh for test-shop.myshopify.com: shopify: 401 invalid_request")
	require.True(t, before.Equal(f.offline()), "an error erases nothing")
}

func TestRefreshWithoutRefreshToken(t *testing.T) {
	t.Parallel()
	f := installed(t, setup{config: func(c *shopifysession.Config) { c.NonExpiringTokens = true }})
	_, err := f.auth.Refresh(t.Context(), shopifysession.OfflineID(shopDomain))
	require.ErrorIs(t, err, auth.ErrReauthorize)
	require.Empty(t, f.tokenRequests())
	_, err = f.auth.Refresh(t.Context(), "unknown")
	require.ErrorIs(t, err, shopifysession.ErrNotFound)
}

func TestHundredCallersOneRefresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := installed(t, setup{})
		f.shopify.Advance(2 * time.Hour)
		f.shopify.Fail(shopifytest.Fault{Grant: shopifytest.RefreshToken, Delay: 3 * time.Second})
		source := f.auth.Offline(shopDomain)
		var wg sync.WaitGroup
		tokens := make([]string, 100)
		for i := range tokens {
			wg.Go(func() {
				s, err := source.Token(t.Context())
				if err == nil {
					tokens[i] = s.AccessToken
				}
			})
		}
		hurried, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		start := time.Now()
		_, err := source.Token(hurried)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, 50*time.Millisecond, time.Since(start), "a caller leaves at its own deadline")
		wg.Wait()
		for _, token := range tokens {
			require.Equal(t, f.offline().AccessToken, token)
		}
		require.Len(t, f.tokenRequests(), 1)
	})
}

// The first caller's cancellation must not lose the pair that Shopify has issued.
func TestCancelledCallerDoesNotLoseThePair(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := installed(t, setup{})
		before := f.offline()
		f.shopify.Advance(2 * time.Hour)
		f.shopify.Fail(shopifytest.Fault{Grant: shopifytest.RefreshToken, Commit: true, Omit: []string{"scope"}, Delay: time.Second})
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		_, err := f.auth.Refresh(ctx, before.ID)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		<-time.After(2 * time.Second) // of the bubble
		synctest.Wait()
		after := f.offline()
		require.NotEqual(t, before.RefreshToken, after.RefreshToken)
		require.True(t, f.shop.Valid(after.AccessToken))
		require.Equal(t, before.Scope, after.Scope, "an answer without scope does not erase it")
	})
}

// Another process has refreshed between our load and our request.
func TestRefreshTakesThePeersPair(t *testing.T) {
	t.Parallel()
	f := installed(t, setup{})
	peer := auth.New(f.app, nil)
	f.shopify.Advance(2 * time.Hour)
	f.shopify.Fail(shopifytest.Fault{Grant: shopifytest.RefreshToken, Commit: true, Omit: []string{"none"}, Hold: func(ctx context.Context) {
		_, err := peer.Refresh(ctx, shopifysession.OfflineID(shopDomain))
		require.NoError(t, err)
	}})
	s, err := f.auth.Offline(shopDomain).Token(t.Context())
	require.NoError(t, err)
	require.Equal(t, f.offline().AccessToken, s.AccessToken)
	require.True(t, f.shop.Valid(s.AccessToken))
}

func TestOfflineRefusesForeignShops(t *testing.T) {
	t.Parallel()
	f := newFixture(t, setup{})
	_, err := f.auth.Offline("evil.example").Token(t.Context())
	require.ErrorIs(t, err, shopifysession.ErrInvalidShop)
	_, err = f.auth.Offline(shopDomain).Token(t.Context())
	require.ErrorIs(t, err, shopifysession.ErrNotFound)
	_, err = f.auth.ClientCredentials(t.Context(), "evil.example")
	require.ErrorIs(t, err, shopifysession.ErrInvalidShop)
	_, err = f.auth.ExchangeCode(t.Context(), "evil.example", "code")
	require.ErrorIs(t, err, shopifysession.ErrInvalidShop)
	require.NotContains(t, err.Error(), "evil.example")
	f.requireNothing()
}

func TestClientCredentials(t *testing.T) {
	t.Parallel()
	f := newFixture(t, setup{})
	_, err := f.auth.ClientCredentials(t.Context(), shopDomain)
	var tokenErr *auth.TokenError
	require.ErrorAs(t, err, &tokenErr)
	require.Equal(t, "app_not_installed", tokenErr.Code)
	require.False(t, errors.Is(err, auth.ErrTemporary))

	f.shop.Install()
	s, err := f.auth.ClientCredentials(t.Context(), shopDomain)
	require.NoError(t, err)
	require.True(t, f.shop.Valid(s.AccessToken))
	require.WithinDuration(t, f.shopify.Now().Add(24*time.Hour), s.Expires, time.Minute)
	require.Empty(t, s.RefreshToken)
	require.True(t, s.Equal(f.offline()))
}
