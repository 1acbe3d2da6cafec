package main_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/shopifytest"
)

type products struct {
	Products []struct {
		Title, Status  string
		TotalInventory int
	}
	More bool
}

type refusal struct{ Error, Setting string }

func TestEmbeddedPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	resp := w.install()
	require.Equal(t, http.StatusOK, resp.StatusCode)
	policy := resp.Header.Get("Content-Security-Policy")
	require.Contains(t, policy, "frame-ancestors https://"+domain+" https://admin.shopify.com;")
	require.Contains(t, policy, "default-src 'none'; script-src 'self' http://127.0.0.1:8081; style-src 'self'")
	require.NotContains(t, policy, "unsafe")
	page := body(t, resp)
	require.Contains(t, page, domain)
	require.Contains(t, page, `src="http://127.0.0.1:8081/app-bridge.js"`)
	require.Contains(t, page, "read_products")
	require.Equal(t, "read_products", w.offline().Scope)
}

func TestProductsComeWithTheStoredToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.install()
	w.shopify.ClearRequests()
	resp := w.fetch(w.shop.SessionToken(shopifytest.User{}))
	require.Equal(t, http.StatusOK, resp.StatusCode)
	require.Equal(t, "no-store", resp.Header.Get("Cache-Control"))
	got := decode[products](t, resp)
	require.Len(t, got.Products, 5)
	require.NotEmpty(t, got.Products[0].Title)
	require.Equal(t, "ACTIVE", got.Products[0].Status)
	require.False(t, got.More)

	requests := w.shopify.Requests()
	require.Len(t, requests, 1, "no token is asked for")
	require.Equal(t, w.shopify.Mask(w.offline().AccessToken), requests[0].Params["X-Shopify-Access-Token"])
}

func TestProductsNeedAnIDToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.install()
	resp := w.fetch("")
	require.Equal(t, http.StatusUnauthorized, resp.StatusCode)
	require.Equal(t, "1", resp.Header.Get("X-Shopify-Retry-Invalid-Session-Request"))
	require.NotEmpty(t, decode[refusal](t, resp).Error)
}

func TestTokenIsRefreshedBeforeUse(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.install()
	before := w.offline()
	w.shopify.Advance(58 * time.Minute)
	require.Equal(t, http.StatusOK, w.fetch(w.shop.SessionToken(shopifytest.User{})).StatusCode)
	after := w.offline()
	require.NotEqual(t, before.AccessToken, after.AccessToken)
	require.NotEqual(t, before.RefreshToken, after.RefreshToken)
	require.True(t, after.Expires.After(before.Expires))
}

func TestTokenThatShopifyHasEnded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.install()
	before := w.offline()
	deaf := w.shopify.App() // the webhook never arrives
	deaf.WebhookURL, deaf.Handler = "", nil
	w.shopify.SetApp(deaf)
	w.shop.Uninstall()
	w.shop.Install()

	resp := w.fetch(w.shop.SessionToken(shopifytest.User{}))
	require.Equal(t, http.StatusUnauthorized, resp.StatusCode)
	require.Equal(t, "1", resp.Header.Get("X-Shopify-Retry-Invalid-Session-Request"), "App Bridge is told to ask again")
	require.Equal(t, http.StatusOK, w.fetch(w.shop.SessionToken(shopifytest.User{})).StatusCode)
	require.True(t, w.offline().GrantedAt().After(before.GrantedAt()))
}

func TestWhatTheAdminAPIRefuses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		happens func(*world)
		status  int
		text    string
	}{
		"scope lost":  {func(w *world) { w.shop.ScopesUpdate("read_orders") }, 403, "may not read products"},
		"shop frozen": {func(w *world) { w.shop.Freeze() }, 502, "unavailable"},
		"Shopify down": {func(w *world) {
			w.shopify.Fail(shopifytest.Fault{Path: "/admin/api/", Status: 500})
		}, 503, "does not answer"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, setup{})
			w.install()
			tt.happens(w)
			resp := w.fetch(w.shop.SessionToken(shopifytest.User{}))
			require.Equal(t, tt.status, resp.StatusCode)
			require.Contains(t, decode[refusal](t, resp).Error, tt.text)
		})
	}
}

func TestAppInItsOwnWindow(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{window: true})
	resp := w.follow(w.shop.InstallRequest())
	require.Equal(t, http.StatusOK, resp.StatusCode)
	require.Contains(t, resp.Header.Get("Content-Security-Policy"), "frame-ancestors 'none'; default-src 'none'; script-src 'self';")
	page := body(t, resp)
	require.Contains(t, page, domain)
	require.NotContains(t, page, "app-bridge")
	require.Len(t, decode[products](t, w.fetch("")).Products, 5)

	clear(w.cookies)
	require.Equal(t, http.StatusUnauthorized, w.fetch("").StatusCode)
	resp = w.get("/")
	require.Equal(t, http.StatusUnauthorized, resp.StatusCode)
	require.Contains(t, body(t, resp), "Please log in")
}

func TestAddressOpenedByHand(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	resp := w.get("/")
	require.Equal(t, http.StatusOK, resp.StatusCode)
	require.Contains(t, body(t, resp), "Open the local admin")
	resp = w.get("/nothing")
	require.Equal(t, http.StatusNotFound, resp.StatusCode)
	require.Contains(t, body(t, resp), "There is no such page")
}

func TestAssets(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	for path, kind := range map[string]string{
		"/assets/app.css": "text/css; charset=utf-8", "/assets/products.js": "text/javascript; charset=utf-8",
		"/assets/icon.svg": "image/svg+xml", "/favicon.ico": "image/svg+xml",
	} {
		resp := w.get(path)
		require.Equal(t, http.StatusOK, resp.StatusCode, path)
		require.Equal(t, kind, resp.Header.Get("Content-Type"), path)
		require.Equal(t, "nosniff", resp.Header.Get("X-Content-Type-Options"), path)
	}
	require.Equal(t, http.StatusNotFound, w.get("/assets/layout.html").StatusCode, "templates are not served")
}
