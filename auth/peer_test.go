package auth_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/auth"
	"github.com/shopifysession/toolkit/shopifysession"
	"github.com/shopifysession/toolkit/shopifytest"
)

// lagging answers some loads with what was stored before.
type lagging struct {
	shopifysession.SessionStorage
	old   *shopifysession.Session
	loads atomic.Int32 // that are still answered with old
}

func (l *lagging) Load(ctx context.Context, id string) (*shopifysession.Session, error) {
	if l.loads.Add(-1) >= 0 {
		return l.old.Clone(), nil
	}
	return l.SessionStorage.Load(ctx, id)
}

// withPeer is a shop whose tokens another process has refreshed twice, so that
// the first refresh token is dead; this process has yet to notice.
func withPeer(t *testing.T) (*fixture, *lagging) {
	t.Helper()
	lag := &lagging{}
	f := installed(t, setup{config: func(c *shopifysession.Config) { lag.SessionStorage, c.SessionStorage = c.SessionStorage, lag }})
	lag.old = f.offline()
	peer := auth.New(f.app, nil)
	for range 2 {
		f.shopify.Advance(2 * time.Hour)
		_, err := peer.Refresh(t.Context(), lag.old.ID)
		require.NoError(t, err)
	}
	f.shopify.ClearRequests()
	return f, lag
}

func TestPairOfAPeerIsUsed(t *testing.T) {
	t.Parallel()
	f, lag := withPeer(t)
	lag.loads.Store(1) // noticed before the request
	s, err := f.auth.Offline(shopDomain).Token(t.Context())
	require.NoError(t, err)
	require.True(t, f.shop.Valid(s.AccessToken))
	require.Empty(t, f.tokenRequests(), "no second refresh")
}

func TestDeadRefreshTokenIsNoVerdictWhileAPeerHasANewOne(t *testing.T) {
	t.Parallel()
	f, lag := withPeer(t)
	lag.loads.Store(2) // noticed after Shopify's 401
	s, err := f.auth.Offline(shopDomain).Token(t.Context())
	require.NoError(t, err)
	require.True(t, f.shop.Valid(s.AccessToken))
	require.Len(t, f.tokenRequests(), 1)
	require.Equal(t, http.StatusUnauthorized, f.tokenRequests()[0].Status)
}

func TestAnswerOfAnotherAccessModeIsNotStored(t *testing.T) {
	t.Parallel()
	f := newFixture(t, setup{})
	f.shopify.Fail(shopifytest.Fault{
		Status: 200, Header: http.Header{"Content-Type": {"application/json"}},
		Body: `{"access_token":"shpat_1","scope":"x","expires_in":86399,"associated_user":{"id":7}}`,
	})
	_, err := f.auth.ExchangeSessionToken(t.Context(), f.shop.SessionToken(shopifytest.User{ID: 7}), auth.Offline)
	require.ErrorIs(t, err, auth.ErrTemporary)
	n, err := f.storage.Len(t.Context())
	require.NoError(t, err)
	require.Zero(t, n)
}

func TestVisitServesTheOldTokenWhileItIsGood(t *testing.T) {
	t.Parallel()
	f := installed(t, setup{})
	before := f.offline()
	f.shopify.Advance(57 * time.Minute)
	f.shopify.Fail(shopifytest.Cloudflare520())
	resp := serve(f.auth.RequireSession(who), f.fetch(f.shop.SessionToken(shopifytest.User{})))
	require.Equal(t, http.StatusOK, resp.StatusCode)
	require.Equal(t, before.AccessToken, resp.Header.Get("X-Token"))
}

func TestInvalidRequestIsTerminalForARefreshOnly(t *testing.T) {
	t.Parallel()
	f := installed(t, setup{})
	for status, dead := range map[int]bool{401: true, 400: false, 403: false} {
		f.shopify.Fail(shopifytest.Fault{
			Grant: shopifytest.RefreshToken, Status: status, Header: http.Header{"Content-Type": {"application/json"}},
			Body: `{"error":"invalid_request","error_description":"x"}`,
		})
		_, err := f.auth.Refresh(t.Context(), shopifysession.OfflineID(shopDomain))
		require.Equal(t, dead, errors.Is(err, auth.ErrReauthorize), status)
	}
}

// brokenNet fails as net/http does, with the URL in the text.
type brokenNet struct{}

func (brokenNet) RoundTrip(r *http.Request) (*http.Response, error) {
	return nil, &url.Error{Op: "Post", URL: r.URL.String() + "?client_secret=secret", Err: errors.New("connection refused")}
}

func TestNetworkErrorNamesNoURL(t *testing.T) {
	t.Parallel()
	f := newFixture(t, setup{config: func(c *shopifysession.Config) { c.HTTPClient = &http.Client{Transport: brokenNet{}} }})
	_, err := f.auth.ClientCredentials(t.Context(), shopDomain)
	require.ErrorIs(t, err, auth.ErrTemporary)
	require.EqualError(t, err, "auth: client credentials for test-shop.myshopify.com: shopify: no answer")
}

func TestHugeAnswerIsNoToken(t *testing.T) {
	t.Parallel()
	f := newFixture(t, setup{})
	body := make([]byte, 2<<20)
	for i := range body {
		body[i] = ' '
	}
	f.shopify.Fail(shopifytest.Fault{
		Status: 200, Header: http.Header{"Content-Type": {"application/json"}},
		Body: string(body) + `{"access_token":"shpat_1","scope":"x"}`,
	})
	_, err := f.auth.ExchangeSessionToken(t.Context(), f.shop.SessionToken(shopifytest.User{}), auth.Offline)
	require.ErrorIs(t, err, auth.ErrTemporary)
}
