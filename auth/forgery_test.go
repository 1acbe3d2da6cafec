package auth_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/auth"
	"github.com/shopifysession/toolkit/shopifysession"
	"github.com/shopifysession/toolkit/shopifytest"
)

// Shopify signs OAuth queries with the webhooks' key, and merchants see them in
// the address bar: query and signature of the attacker's own shop, sent as a
// delivery for another one.
func TestSignedQueryIsNoWebhook(t *testing.T) {
	t.Parallel()
	f := newFixture(t, legacy())
	q := f.shopify.Shop("attacker.myshopify.com").InstallRequest().URL.Query()
	mac, err := hex.DecodeString(q.Get("hmac"))
	require.NoError(t, err)
	q.Del("hmac")
	for _, topic := range []string{"app/uninstalled", "shop/redact", "orders/create"} {
		r := f.shop.Webhook(topic, strings.ReplaceAll(q.Encode(), "+", "%20"))
		r.Header.Set("X-Shopify-Hmac-Sha256", base64.StdEncoding.EncodeToString(mac))
		mux := f.auth.Webhooks()
		mux.Handle(topic, func(context.Context, *auth.Webhook) error { t.Error("handled " + topic); return nil })
		require.Equal(t, http.StatusBadRequest, serve(mux, r).StatusCode, topic)
	}
	xml := f.shop.Webhook("orders/create", "<?xml version=\"1.0\"?><order/>")
	_, err = f.auth.VerifyWebhook(xml)
	require.NoError(t, err, "subscriptions may ask for XML")
}

func TestPayloadOfAnotherShopReachesNoHandler(t *testing.T) {
	t.Parallel()
	f := newFixture(t, setup{})
	for _, topic := range []string{"app/uninstalled", "shop/redact", "customers/redact"} {
		mux := f.auth.Webhooks()
		mux.Handle(topic, func(context.Context, *auth.Webhook) error { t.Error("handled " + topic); return nil })
		r := f.shopify.Shop("attacker.myshopify.com").Webhook(topic, nil)
		r.Header.Set("X-Shopify-Shop-Domain", shopDomain)
		require.Equal(t, http.StatusUnauthorized, serve(mux, r).StatusCode, topic)
	}
}

func TestHandlerErrorIsAlways500(t *testing.T) {
	t.Parallel()
	f := newFixture(t, setup{})
	for _, cause := range []error{auth.ErrReauthorize, shopifysession.ErrInvalidShop, auth.ErrBot, auth.ErrInvalidHMAC} {
		mux := f.auth.Webhooks()
		mux.Handle("orders/create", func(context.Context, *auth.Webhook) error { return fmt.Errorf("job: %w", cause) })
		require.Equal(t, http.StatusInternalServerError, serve(mux, f.shop.Webhook("orders/create", "{}")).StatusCode, cause.Error())
	}
}

func TestOddWebhooksChangeNothing(t *testing.T) {
	t.Parallel()
	f := installed(t, setup{})
	f.shopify.Advance(time.Minute)
	before := f.offline()
	require.Equal(t, http.StatusBadRequest, serve(f.auth.Webhooks(), f.shop.Webhook("app/scopes_update", `{"id":1}`)).StatusCode)
	odd := f.shop.Webhook("app/uninstalled", nil)
	odd.Header.Set("X-Shopify-Triggered-At", "2026-11-20 12:00:00 UTC")
	require.Equal(t, http.StatusBadRequest, serve(f.auth.Webhooks(), odd).StatusCode, "a time that can't be read is not now")
	require.True(t, before.Equal(f.offline()))
}

// Tokens of the checkout and of customer accounts are signed like the merchant's.
func TestBuyersTokenOpensNothing(t *testing.T) {
	t.Parallel()
	f := installed(t, setup{})
	for name, mod := range map[string]func(jwt.MapClaims){
		"anonymous": func(c jwt.MapClaims) { delete(c, "sub") },
		"customer":  func(c jwt.MapClaims) { c["sub"] = "gid://shopify/Customer/7" },
	} {
		resp := serve(f.auth.RequireSession(who), f.fetch(f.shop.SessionToken(shopifytest.User{}, mod)))
		require.Equal(t, http.StatusUnauthorized, resp.StatusCode, name)
	}
}

func TestStoredSessionOfAnotherShopIsNotServed(t *testing.T) {
	t.Parallel()
	f := newFixture(t, setup{})
	require.NoError(t, f.storage.Store(t.Context(), &shopifysession.Session{
		ID: shopifysession.OfflineID(shopDomain), Shop: "other.myshopify.com", AccessToken: "shpat_other",
	}))
	resp := serve(f.auth.RequireSession(who), f.fetch(f.shop.SessionToken(shopifytest.User{})))
	require.Equal(t, http.StatusInternalServerError, resp.StatusCode)
	_, err := f.auth.Offline(shopDomain).Token(t.Context())
	require.Error(t, err)
}

func TestAnswerForAnotherUserIsNotStored(t *testing.T) {
	t.Parallel()
	f := installed(t, setup{options: auth.Options{AccessMode: auth.Online}})
	f.shopify.Fail(shopifytest.Fault{
		Status: 200, Header: http.Header{"Content-Type": {"application/json"}},
		Body: `{"access_token":"shpat_99","scope":"read_products","expires_in":86399,"associated_user":{"id":99}}`,
	})
	resp := serve(f.auth.RequireSession(who), f.fetch(f.shop.SessionToken(shopifytest.User{ID: 77})))
	require.Equal(t, http.StatusServiceUnavailable, resp.StatusCode)
	n, err := f.storage.Len(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, n, "only the offline session")
}

func TestFetchForAnotherShopOfTheBrowser(t *testing.T) {
	t.Parallel()
	f := newFixture(t, standalone())
	c := f.login()
	r := httptest.NewRequest(http.MethodPost, "/api/products?shop=second.myshopify.com", strings.NewReader("{}"))
	r.Header.Set("Sec-Fetch-Dest", "empty")
	resp := serve(f.auth.RequireSession(who), r, c)
	require.Equal(t, http.StatusUnauthorized, resp.StatusCode)
	require.Contains(t, resp.Header.Get("X-Shopify-API-Request-Failure-Reauthorize-Url"), "second.myshopify.com")
}

func TestOfflineLoginEndsWithTheSwitchToOnline(t *testing.T) {
	t.Parallel()
	f := newFixture(t, standalone())
	c := f.login()
	a := auth.New(f.app, &auth.Options{AccessMode: auth.Online})
	require.Equal(t, "/auth", location(t, serve(a.RequireSession(who), document("/?shop="+shopDomain), c)).Path)
}

// With scopes of its own the app installs itself: the admin would send the
// merchant back at once, for ever.
func TestEmbeddedAppWithoutManagedInstallationGoesToTheLogin(t *testing.T) {
	t.Parallel()
	f := newFixture(t, legacy())
	h := f.auth.RequireSession(who)
	install := func() *http.Request { return get(f.shop.InstallRequest().URL.String()) }
	require.Equal(t, "/auth", location(t, serve(h, install())).Path)
	u, cookies := f.begin()
	serve(f.auth.Callback(nil), f.shop.Approve(u.String()), cookies...)
	require.Equal(t, "/admin/apps/"+f.app.APIKey(), location(t, serve(h, install())).Path, "installed: into the admin")
}

func TestLinkAfterABounceIsSentForATokenAgain(t *testing.T) {
	t.Parallel()
	f := newFixture(t, setup{})
	h := f.auth.RequireSession(who)
	bounce := location(t, serve(h, f.page(url.Values{"embedded": {"1"}, "shop": {shopDomain}})))
	reload, err := url.Parse(bounce.Query().Get("shopify-reload"))
	require.NoError(t, err)
	f.shopify.Advance(5 * time.Second)
	location(t, serve(h, f.page(reload.Query())))
	require.NotContains(t, f.log.String(), "check the API secret")
}

func TestReloadStaysBelowTheAppURL(t *testing.T) {
	t.Parallel()
	f := newFixture(t, setup{app: shopifytest.App{URL: "https://example.com/app"}})
	h := f.auth.RequireSession(who)
	for target, status := range map[string]int{
		"https://example.com/app":              200,
		"https://example.com/app/orders":       200,
		"https://example.com/other-tenant":     400,
		"https://example.com/application":      400,
		"https://example.com/app/../collect":   400,
		"https://example.com/app/%2e%2e/other": 400,
	} {
		resp := serve(h, get("/app/?shop="+shopDomain+"&shopify-reload="+url.QueryEscape(target)))
		require.Equal(t, status, resp.StatusCode, target)
	}
	u := location(t, serve(h, get("/files/a%2Fb?embedded=1&shop="+shopDomain)))
	require.Equal(t, "/app/files/a%2Fb", u.EscapedPath(), "the path is kept as it was")
}

func TestAnswersAreNotCached(t *testing.T) {
	t.Parallel()
	f := newFixture(t, setup{})
	h := f.auth.RequireSession(who)
	for name, r := range map[string]*http.Request{
		"fetch": f.fetch(f.shop.SessionToken(shopifytest.User{})), "refused": f.fetch(""), "stray": get("/"),
		"page":   f.page(url.Values{"embedded": {"1"}, "shop": {shopDomain}, "id_token": {f.shop.SessionToken(shopifytest.User{})}}),
		"bounce": f.page(url.Values{"embedded": {"1"}, "shop": {shopDomain}}),
	} {
		require.Equal(t, "no-store", serve(h, r).Header.Get("Cache-Control"), name)
	}
	stray := serve(h, get("/"))
	require.Equal(t, "nosniff", stray.Header.Get("X-Content-Type-Options"))
	require.Equal(t, "no-referrer", stray.Header.Get("Referrer-Policy"))
}

func TestOpenLoginsDoNotFillTheCookieHeader(t *testing.T) {
	t.Parallel()
	f := newFixture(t, legacy())
	jar := map[string]*http.Cookie{} // a browser's
	for range 60 {
		r := get("/auth?shop=" + shopDomain)
		for _, c := range jar {
			r.AddCookie(c)
		}
		for _, c := range serve(f.auth.Begin(), r).Cookies() {
			jar[c.Name] = c
			if c.MaxAge < 0 {
				delete(jar, c.Name)
			}
		}
	}
	require.LessOrEqual(t, len(jar), 8)
}

func TestUsedStateIsForgottenByTheBrowser(t *testing.T) {
	t.Parallel()
	f := newFixture(t, legacy())
	u, cookies := f.begin()
	resp := serve(f.auth.Callback(who), f.shop.Approve(u.String()), cookies...)
	require.Len(t, resp.Cookies(), 1)
	require.Equal(t, cookies[0].Name, resp.Cookies()[0].Name)
	require.Negative(t, resp.Cookies()[0].MaxAge)

	s := legacy()
	s.options.Once = brokenOnce{}
	f = newFixture(t, s)
	u, cookies = f.begin()
	resp = serve(f.auth.Callback(who), f.shop.Approve(u.String()), cookies...)
	require.Equal(t, http.StatusServiceUnavailable, resp.StatusCode)
	require.Empty(t, resp.Cookies(), "asked to retry, so the state must still be there")
}

func TestNotStoredErrorInALog(t *testing.T) {
	t.Parallel()
	lost := auth.NotStoredError{
		Session: &shopifysession.Session{ID: "x", Shop: shopDomain, AccessToken: "shpat_secret"}, Err: errors.New("full"),
	}
	for _, value := range []any{lost, &lost} {
		var log bytes.Buffer
		slog.New(slog.NewJSONHandler(&log, nil)).Error("m", "err", value)
		require.NotContains(t, log.String()+fmt.Sprintf("%v %+v %#v", value, value, value), "secret")
	}
}
