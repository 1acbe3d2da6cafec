package auth_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/auth"
	"github.com/shopifysession/toolkit/shopifytest"
)

// The token about to end is served while neither refresh nor exchange succeed.
func TestVisitServesTheOldTokenOfADeadGrantWhileShopifyIsDown(t *testing.T) {
	t.Parallel()
	f := installed(t, setup{})
	f.forgetRefreshToken()
	before := f.offline()
	f.shopify.Advance(57 * time.Minute)
	f.shopify.Fail(shopifytest.Fault{Grant: shopifytest.TokenExchange, Status: 520})
	resp := serve(f.auth.RequireSession(who), f.fetch(f.shop.SessionToken(shopifytest.User{})))
	require.Equal(t, http.StatusOK, resp.StatusCode)
	require.Equal(t, before.AccessToken, resp.Header.Get("X-Token"))
	require.Contains(t, f.log.String(), "the old token is still good")

	f.shopify.Advance(4 * time.Minute)
	f.shopify.Fail(shopifytest.Fault{Grant: shopifytest.TokenExchange, Status: 520})
	resp = serve(f.auth.RequireSession(who), f.fetch(f.shop.SessionToken(shopifytest.User{})))
	require.Equal(t, http.StatusServiceUnavailable, resp.StatusCode, "it has ended")
}

// Without an expiry nobody knows whether the old token is still good.
func TestTokenOfUnknownLifetimeIsNotServedUnrenewed(t *testing.T) {
	t.Parallel()
	f := installed(t, setup{})
	s := f.offline()
	s.Expires = time.Time{}
	require.NoError(t, f.storage.Store(t.Context(), s))
	f.shopify.Fail(shopifytest.Fault{Grant: shopifytest.RefreshToken, Status: 520, Count: 2})
	resp := serve(f.auth.RequireSession(who), f.fetch(f.shop.SessionToken(shopifytest.User{})))
	require.Equal(t, http.StatusServiceUnavailable, resp.StatusCode)
	_, err := f.auth.Offline(shopDomain).Token(t.Context())
	require.ErrorIs(t, err, auth.ErrTemporary)
}

// Jobs use a token without a refresh token to its last second.
func TestTokenThatCanNotBeRefreshedIsUsedToItsEnd(t *testing.T) {
	t.Parallel()
	f := installed(t, setup{})
	f.forgetRefreshToken()
	source := f.auth.Offline(shopDomain)
	f.shopify.Advance(59 * time.Minute)
	s, err := source.Token(t.Context())
	require.NoError(t, err)
	require.True(t, f.shop.Valid(s.AccessToken))
	f.shopify.Advance(time.Minute)
	_, err = source.Token(t.Context())
	require.ErrorIs(t, err, auth.ErrReauthorize)
	require.Empty(t, f.tokenRequests())
}
