package main_test

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/shopifysession"
)

const sessionsPath = "/admin/sessions"

// keep stores an offline session for a shop, as the app would.
func (w *world) keep(shop string) *shopifysession.Session {
	w.t.Helper()
	s := &shopifysession.Session{
		ID: shopifysession.OfflineID(shop), Shop: shop, Scope: "read_products,write_orders",
		AccessToken: "shpat_of_" + shop, RefreshToken: "shprt_of_" + shop,
		Expires: w.shopify.Now().Add(time.Hour), RefreshTokenExpires: w.shopify.Now().Add(90 * 24 * time.Hour),
	}
	require.NoError(w.t, w.storage.Store(w.t.Context(), s))
	return s
}

func TestListOfSessions(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	page := body(t, w.get(sessionsPath))
	require.Contains(t, page, "No sessions yet")
	require.Contains(t, page, "0 sessions in all")

	w.keep("one.myshopify.com")
	online := w.keep("two.myshopify.com")
	online.ID, online.IsOnline = "two.myshopify.com_7", true
	online.Expires = w.shopify.Now().Add(-2 * time.Hour)
	online.OnlineAccessInfo = &shopifysession.OnlineAccessInfo{AssociatedUser: shopifysession.AssociatedUser{ID: 7, Email: "person@example.com"}}
	require.NoError(t, w.storage.Store(t.Context(), online))

	resp := w.get(sessionsPath)
	require.Equal(t, http.StatusOK, resp.StatusCode)
	require.Equal(t, "no-store", resp.Header.Get("Cache-Control"))
	require.Contains(t, resp.Header.Get("Content-Security-Policy"), "frame-ancestors 'none'")
	page = body(t, resp)
	for _, want := range []string{
		"3 sessions in all", "one.myshopify.com", "offline_two.myshopify.com", "Offline", "Online, user 7",
		"<li>read_products</li><li>write_orders</li>", "in 1 hour", "refresh token ends", "Expired", "2 hours ago", "just now",
	} {
		require.Contains(t, page, want)
	}
	require.NotContains(t, page, "person@example.com")
}

func TestLongList(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	for i := range 101 {
		w.keep(fmt.Sprintf("shop-%d.myshopify.com", i))
	}
	page := body(t, w.get(sessionsPath))
	require.Contains(t, page, "101 sessions in all")
	require.Contains(t, page, "These are the first 100.")
}

func TestFindByShop(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.keep("one.myshopify.com")
	w.keep("two.myshopify.com")
	tests := map[string]struct {
		query   string
		status  int
		has, no string
	}{
		"domain":          {"one.myshopify.com", 200, "offline_one.myshopify.com", "offline_two.myshopify.com"},
		"name":            {"ONE", 200, "offline_one.myshopify.com", "offline_two.myshopify.com"},
		"shop without":    {"three", 200, "three.myshopify.com has none", "offline_one.myshopify.com"},
		"no shop":         {"one.example.com", 400, "This is not a shop", "offline_one.myshopify.com"},
		"markup":          {"<script>alert(1)</script>", 400, "&lt;script&gt;", "<script>alert"},
		"unknown notices": {"one&done=<b>hello</b>", 200, "offline_one.myshopify.com", "hello"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			resp := w.get(sessionsPath + "?shop=" + tt.query)
			require.Equal(t, tt.status, resp.StatusCode)
			page := body(t, resp)
			require.Contains(t, page, tt.has)
			require.NotContains(t, page, tt.no)
		})
	}
}

func TestDeletions(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		path   string
		form   url.Values
		left   []string
		notice string
	}{
		"one session": {"/delete", url.Values{"id": {"offline_one.myshopify.com"}}, []string{"offline_two.myshopify.com"}, "The session is deleted."},
		"a shop":      {"/delete-shop", url.Values{"shop": {"two.myshopify.com"}}, []string{"offline_one.myshopify.com"}, "The shop’s sessions are deleted."},
		"all":         {"/clear", nil, nil, "All sessions are deleted."},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, setup{})
			w.keep("one.myshopify.com")
			w.keep("two.myshopify.com")
			resp := w.post(sessionsPath+tt.path, tt.form)
			require.Equal(t, http.StatusSeeOther, resp.StatusCode)
			require.Contains(t, body(t, w.get(resp.Header.Get("Location"))), tt.notice)
			require.Equal(t, tt.left, w.ids())
		})
	}
}

func (w *world) ids() []string {
	var ids []string
	for _, s := range w.sessions() {
		ids = append(ids, s.ID)
	}
	return ids
}

func TestDeletionsThatAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	s := w.keep("one.myshopify.com")
	tests := map[string]struct {
		change func(*http.Request)
		status int
	}{
		"form of another site":   {func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }, 403},
		"form of a sibling site": {func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-site") }, 403},
		"old browser, other origin": {func(r *http.Request) {
			r.Header.Del("Sec-Fetch-Site")
			r.Header.Set("Origin", "https://evil.example")
		}, 403},
		"link":                        {func(r *http.Request) { r.Method = http.MethodGet }, 405},
		"somebody else's computer":    {func(r *http.Request) { r.RemoteAddr = "192.0.2.1:50000" }, 403},
		"a name that leads here, too": {func(r *http.Request) { r.Host = "evil.example" }, 403},
	}
	for name, tt := range tests {
		for _, path := range []string{"/delete", "/delete-shop", "/clear"} {
			t.Run(name+path, func(t *testing.T) {
				r := w.form(sessionsPath+path, url.Values{"id": {s.ID}, "shop": {s.Shop}})
				tt.change(r)
				require.Equal(t, tt.status, w.send(r).StatusCode)
				require.Equal(t, []string{s.ID}, w.ids())
			})
		}
	}
}

func TestStorageThatCanDoLess(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{custom: true})
	w.install()
	page := body(t, w.get(sessionsPath))
	require.Contains(t, page, "This storage can’t count its sessions")
	require.Contains(t, page, "This storage can’t list its sessions")
	require.NotContains(t, page, "Delete all sessions", "what it can't do is not offered")
	require.Contains(t, body(t, w.get(sessionsPath+"?shop="+domain)), "offline_"+domain)

	resp := w.post(sessionsPath+"/clear", nil)
	require.Equal(t, http.StatusNotImplemented, resp.StatusCode)
	require.Contains(t, body(t, resp), "Nothing was deleted: this storage has no such operation")
	require.Len(t, w.ids(), 1)

	require.Equal(t, http.StatusSeeOther, w.post(sessionsPath+"/delete-shop", url.Values{"shop": {domain}}).StatusCode)
	require.Empty(t, w.ids())
}

func TestUninstallHidesSessions(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]setup{"embedded": {}, "window": {window: true}, "callbacks": {custom: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, s)
			if s.window {
				w.follow(w.shop.InstallRequest())
			} else {
				w.install()
			}
			require.NotEmpty(t, w.ids())
			w.shopify.Advance(time.Second)
			w.shop.Uninstall()
			require.True(t, w.shopify.Webhooks()[0].Delivered)
			require.Empty(t, w.ids())
			require.Contains(t, body(t, w.get(sessionsPath+"?shop="+domain)), "has none")
		})
	}
}
