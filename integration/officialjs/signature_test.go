package officialjs_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/shopifytest"
)

// utils.validateHmac takes every query that shopifytest signs.
func TestSignedQueries(t *testing.T) {
	t.Parallel()
	a := startApp(t, shopifytest.App{})
	sh := a.Shop("signed.myshopify.com")
	validate := func(t *testing.T, signator, query string) answer {
		t.Helper()
		return a.call(t, "validateHmac", map[string]any{"query": query, "signator": signator})
	}

	tests := []struct {
		name, signator string
		make           func(t *testing.T) *http.Request
	}{
		{"install request", "admin", func(*testing.T) *http.Request { return sh.InstallRequest() }},
		{"opened app", "admin", func(*testing.T) *http.Request { return sh.OpenRequest(shopifytest.User{}, "") }},
		{"opened app, parameters with spaces and signs", "admin", func(*testing.T) *http.Request {
			return sh.OpenRequest(shopifytest.User{}, "/products?title=red+shoes&note=a%26b%3Dc%2Fd%3F%23%2B%25%20%C3%A9")
		}},
		{"callback", "admin", func(t *testing.T) *http.Request {
			return sh.Approve(a.begin(t, sh, false, true).header.Get("Location"))
		}},
		{"callback of a merchant who declined", "admin", func(t *testing.T) *http.Request {
			r, err := sh.Deny(a.begin(t, sh, false, true).header.Get("Location"))
			require.NoError(t, err)
			return r
		}},
		{"app proxy", "appProxy", func(*testing.T) *http.Request { return sh.ProxyRequest("/") }},
		{"app proxy, parameters with spaces and signs", "appProxy", func(*testing.T) *http.Request {
			return sh.ProxyRequest("/find?title=red+shoes&note=a%26b%3Dc%2Fd%3F%23%2B%25%20%C3%A9")
		}},
		{"app proxy, repeated parameter", "appProxy", func(*testing.T) *http.Request {
			return sh.ProxyRequest("/find?tag=new&tag=on+sale")
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			query := tt.make(t).URL.Query()
			require.True(t, get[bool](t, validate(t, tt.signator, query.Encode())))

			query.Set("shop", "another.myshopify.com")
			require.False(t, get[bool](t, validate(t, tt.signator, query.Encode())), "another shop")
		})
	}
}

// A callback that was changed on the way, or took too long, brings no token.
func TestBentCallbacks(t *testing.T) {
	t.Parallel()
	a := startApp(t, shopifytest.App{})
	tests := []struct {
		name string
		bend func(query url.Values)
		want string
	}{
		{"shop", func(q url.Values) { q.Set("shop", "another.myshopify.com") }, "InvalidOAuthError"},
		{"code", func(q url.Values) { q.Set("code", "another") }, "InvalidOAuthError"},
		{"hmac", func(q url.Values) { q.Set("hmac", q.Get("hmac")[1:]) }, "InvalidOAuthError"},
		{"host gone", func(q url.Values) { q.Del("host") }, "InvalidOAuthError"},
		{"timestamp gone", func(q url.Values) { q.Del("timestamp") }, "InvalidHmacError"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			sh := a.Shop("bent-" + shopName(tt.name))
			begun := a.begin(t, sh, false, true)
			r := sh.Approve(begun.header.Get("Location"))
			addCookies(r, begun)
			query := r.URL.Query()
			tt.bend(query)
			r.URL.RawQuery = query.Encode()
			require.Equal(t, tt.want, a.do(t, r).Error.Name)
			require.Empty(t, a.requests(sh), "nothing is asked for")
		})
	}
}

// The timestamp is Shopify's.
func TestCallbackOfAnotherTime(t *testing.T) {
	t.Parallel()
	a := startApp(t, shopifytest.App{})
	sh := a.Shop("late.myshopify.com")
	begun := a.begin(t, sh, false, true)
	a.Advance(2 * time.Minute)
	r := sh.Approve(begun.header.Get("Location"))
	addCookies(r, begun)
	require.Equal(t, "InvalidHmacError", a.do(t, r).Error.Name)
}
