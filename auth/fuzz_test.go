package auth_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/auth"
	"github.com/shopifysession/toolkit/shopifysession"
	"github.com/shopifysession/toolkit/storage/memory"
)

const signedQuery = "code=0907a61c0c8d55e99db179b68161bc00&hmac=700e2dadb827fcc8609e9d5ce208b2e9cdaab9df07390d2cbca10d7c328fc4bf" +
	"&shop=some-shop.myshopify.com&state=0.6784241404160823&timestamp=1337178173"

// Whatever the spelling of a query, what verifies says what was signed.
func FuzzVerifyCallback(f *testing.F) {
	f.Add(signedQuery)
	f.Add("shop=victim.myshopify.com&" + signedQuery)
	f.Add(strings.ReplaceAll(signedQuery, "&", ";"))
	f.Add(signedQuery + "&state=")
	f.Add(strings.Replace(signedQuery, "some-shop", "some%2dshop", 1))
	app, err := shopifysession.NewContext(shopifysession.Config{
		APIKey: "key", APISecret: "hush", AppURL: "https://app.example.com", SessionStorage: memory.New(),
		Now: func() time.Time { return time.Unix(1337178173, 0) },
	})
	require.NoError(f, err)
	a := auth.New(app, nil)
	f.Fuzz(func(t *testing.T, query string) {
		r := &http.Request{Method: http.MethodGet, URL: &url.URL{Path: "/auth/callback", RawQuery: query}}
		p, err := a.VerifyCallback(r)
		if err != nil {
			require.Nil(t, p)
			return
		}
		require.Equal(t, "some-shop.myshopify.com", p.Shop)
		require.Equal(t, "0907a61c0c8d55e99db179b68161bc00", p.Code)
		require.Equal(t, "0.6784241404160823", p.State)
		require.Empty(t, p.Host)
	})
}

// No cookie that this app has not signed logs anybody in or ends a login.
func FuzzCookies(f *testing.F) {
	f.Add("offline_test-shop.myshopify.com.1.AAAA", "offline:test-shop.myshopify.com.99999999999.AAAA", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")
	f.Add("..", ".", "a;b")
	app, err := shopifysession.NewContext(shopifysession.Config{
		APIKey: "key", APISecret: "hush", AppURL: "https://app.example.com", SessionStorage: memory.New(), NotEmbedded: true,
		Now: func() time.Time { return time.Unix(1337178173, 0) },
	})
	require.NoError(f, err)
	a := auth.New(app, nil)
	f.Fuzz(func(t *testing.T, session, state, name string) {
		cookies := http.Header{"Cookie": {"__Host-shopify_app_session=" + session, "__Host-shopify_app_state_" + name + "=" + state}}
		page := httptest.NewRequest(http.MethodGet, "/", nil)
		page.Header = cookies
		require.Equal(t, http.StatusUnauthorized, serve(a.RequireSession(who), page).StatusCode)

		callback := httptest.NewRequest(http.MethodGet, "/auth/callback", nil)
		callback.URL.RawQuery = signedQuery
		callback.Header = cookies
		require.Equal(t, http.StatusForbidden, serve(a.Callback(who), callback).StatusCode)
	})
}
