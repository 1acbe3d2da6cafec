package auth_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/auth"
	"github.com/shopifysession/toolkit/shopifysession"
	"github.com/shopifysession/toolkit/shopifytest"
)

func TestStatusCode(t *testing.T) {
	t.Parallel()
	for status, errs := range map[int][]error{
		400: {auth.ErrInvalidRequest, shopifysession.ErrInvalidShop, auth.ErrStaleRequest},
		401: {auth.ErrMissingToken, auth.ErrInvalidToken, auth.ErrInvalidHMAC, auth.ErrLoginRequired, auth.ErrReauthorize},
		403: {auth.ErrStateMismatch, auth.ErrAccessDenied},
		409: {shopifysession.ErrConflict},
		410: {auth.ErrBot},
		500: {errors.New("x"), auth.ErrForeignHost, &auth.TokenError{Status: 400, Code: "invalid_client"}, shopifysession.ErrInvalidSession},
		503: {auth.ErrTemporary, &shopifysession.StorageError{}, context.DeadlineExceeded, &auth.TokenError{}, &auth.TokenError{Status: 520}, &auth.TokenError{Status: 429}},
	} {
		for _, err := range errs {
			require.Equal(t, status, auth.StatusCode(fmt.Errorf("wrapped: %w", err)), err.Error())
		}
	}
}

func TestTokenErrorClasses(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		err                    *auth.TokenError
		temporary, reauthorize bool
		text                   string
	}{
		"no answer":      {&auth.TokenError{}, true, false, "shopify: no answer"},
		"cloudflare":     {&auth.TokenError{Status: 520}, true, false, "shopify: 520"},
		"throttled":      {&auth.TokenError{Status: 429}, true, false, "shopify: 429"},
		"empty success":  {&auth.TokenError{Status: 200}, true, false, "shopify: 200"},
		"redirect":       {&auth.TokenError{Status: 302}, true, false, "shopify: 302"},
		"invalid grant":  {&auth.TokenError{Status: 400, Code: "invalid_grant"}, false, true, "shopify: 400 invalid_grant"},
		"wrong secret":   {&auth.TokenError{Status: 401, Code: "invalid_client"}, false, false, "shopify: 401 invalid_client"},
		"spent code":     {&auth.TokenError{Status: 400, Code: "invalid_request"}, false, false, "shopify: 400 invalid_request"},
		"unknown client": {&auth.TokenError{Status: 400, Code: "application_cannot_be_found"}, false, false, "shopify: 400 application_cannot_be_found"},
	} {
		require.Equal(t, tt.temporary, errors.Is(tt.err, auth.ErrTemporary), name)
		require.Equal(t, tt.reauthorize, errors.Is(tt.err, auth.ErrReauthorize), name)
		require.EqualError(t, tt.err, tt.text)
	}
}

func TestTokenErrorPrintsNoBody(t *testing.T) {
	t.Parallel()
	f := newFixture(t, setup{})
	f.shopify.Fail(shopifytest.Fault{
		Status: 400, Header: http.Header{"Content-Type": {"application/json; charset=utf-8"}, "X-Request-Id": {"request-1"}},
		Body: `{"error":"invalid_request","error_description":"the token shpat_leak` + strings.Repeat("x", 500) + `"}`,
	})
	_, err := f.auth.ExchangeSessionToken(t.Context(), f.shop.SessionToken(shopifytest.User{}), auth.Offline)
	var tokenErr *auth.TokenError
	require.ErrorAs(t, err, &tokenErr)
	require.Len(t, tokenErr.Description, 200)
	require.Equal(t, "request-1", tokenErr.RequestID)
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Error("m", "err", tokenErr, "value", *tokenErr)
	require.NotContains(t, fmt.Sprintf("%v %+v %#v %s %q", err, tokenErr, *tokenErr, []any{tokenErr}, tokenErr)+log.String(), "leak")

	// A code that is no code may be anything.
	f.shopify.Fail(shopifytest.Fault{Status: 400, Header: http.Header{"Content-Type": {"application/json"}}, Body: `{"error":"shpat_LEAK 1"}`})
	_, err = f.auth.ExchangeSessionToken(t.Context(), f.shop.SessionToken(shopifytest.User{}), auth.Offline)
	require.ErrorAs(t, err, &tokenErr)
	require.Empty(t, tokenErr.Code)
}

func TestTokenRequestIsShopifys(t *testing.T) {
	t.Parallel()
	f := newFixture(t, setup{})
	raw := f.shop.SessionToken(shopifytest.User{})
	_, err := f.auth.ExchangeSessionToken(t.Context(), raw, auth.Offline)
	require.NoError(t, err)
	p := f.tokenRequests()[0].Params
	require.Equal(t, f.app.APIKey(), p["client_id"])
	require.Equal(t, f.shopify.Mask(f.app.Secrets()[0]), p["client_secret"])
	require.Equal(t, "urn:ietf:params:oauth:grant-type:token-exchange", p["grant_type"])
	require.Equal(t, f.shopify.Mask(raw), p["subject_token"])
	require.Equal(t, "urn:ietf:params:oauth:token-type:id_token", p["subject_token_type"])
	require.Equal(t, "urn:shopify:params:oauth:token-type:offline-access-token", p["requested_token_type"])
	require.Equal(t, "1", p["expiring"])

	_, err = f.auth.Refresh(t.Context(), shopifysession.OfflineID(shopDomain))
	require.NoError(t, err)
	require.NotContains(t, f.tokenRequests()[1].Params, "expiring", "a refresh has exactly four parameters")
}

// The client secret goes to the shop's token endpoint and never further.
func TestTokenRequestFollowsNoRedirect(t *testing.T) {
	t.Parallel()
	base := &recorder{location: "https://evil.example/"}
	f := newFixture(t, setup{config: func(c *shopifysession.Config) { c.HTTPClient = &http.Client{Transport: base} }})
	_, err := f.auth.ClientCredentials(t.Context(), shopDomain)
	require.ErrorIs(t, err, auth.ErrTemporary)
	require.Len(t, base.seen, 1)
	require.Equal(t, shopDomain, base.seen[0].URL.Host)
}

func TestRequestTimeout(t *testing.T) {
	t.Parallel()
	f := newFixture(t, setup{options: auth.Options{RequestTimeout: time.Millisecond}})
	f.shop.Install()
	f.shopify.Fail(shopifytest.Fault{Hold: func(ctx context.Context) { <-ctx.Done() }})
	_, err := f.auth.ClientCredentials(t.Context(), shopDomain)
	require.ErrorIs(t, err, auth.ErrTemporary)
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

func TestBrokenRandomness(t *testing.T) {
	t.Parallel()
	s := legacy()
	s.options.Rand = iotest.ErrReader(errors.New("no entropy"))
	f := newFixture(t, s)
	resp := serve(f.auth.Begin(), get("/auth?shop="+shopDomain))
	require.Equal(t, http.StatusInternalServerError, resp.StatusCode)
	require.Empty(t, resp.Cookies())
}

func TestAuthorizeURLNeedsAState(t *testing.T) {
	t.Parallel()
	f := newFixture(t, legacy())
	_, err := f.auth.AuthorizeURL(shopDomain, "")
	require.ErrorIs(t, err, auth.ErrInvalidRequest)
	_, err = f.auth.AuthorizeURL("evil.example", "state")
	require.ErrorIs(t, err, shopifysession.ErrInvalidShop)
	u, err := f.auth.AuthorizeURL(shopDomain, "state")
	require.NoError(t, err)
	require.Equal(t, "state", u.Query().Get("state"))
}

func TestNewNeedsAnApp(t *testing.T) {
	t.Parallel()
	require.Panics(t, func() { auth.New(nil, nil) })
}

func TestAccessModeString(t *testing.T) {
	t.Parallel()
	require.Equal(t, "offline online", auth.Offline.String()+" "+auth.Online.String())
}
