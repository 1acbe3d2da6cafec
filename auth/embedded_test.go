package auth_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/auth"
	"github.com/shopifysession/toolkit/shopifysession"
	"github.com/shopifysession/toolkit/shopifytest"
)

// fetch is a request of a script in the embedded page.
func (f *fixture) fetch(token string) *http.Request {
	r := get("/api/products")
	r.Header.Set("Sec-Fetch-Dest", "empty")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	return r
}

// page is the first request of the embedded page.
func (f *fixture) page(q url.Values) *http.Request {
	r := get("/orders?" + q.Encode())
	r.Header.Set("Sec-Fetch-Dest", "iframe")
	return r
}

func (f *fixture) tokenRequests() []shopifytest.Request {
	var out []shopifytest.Request
	for _, r := range f.shopify.Requests() {
		if r.Path == "/admin/oauth/access_token" {
			out = append(out, r)
		}
	}
	return out
}

func TestFetchExchangesOnce(t *testing.T) {
	t.Parallel()
	f := newFixture(t, setup{})
	h := f.auth.RequireSession(who)
	for range 3 {
		resp := serve(h, f.fetch(f.shop.SessionToken(shopifytest.User{})))
		require.Equal(t, http.StatusOK, resp.StatusCode)
		require.Equal(t, f.offline().AccessToken, resp.Header.Get("X-Token"))
	}
	require.Len(t, f.tokenRequests(), 1)
	require.True(t, f.shop.Valid(f.offline().AccessToken))
	require.NotEmpty(t, f.offline().RefreshToken, "expiring by default")
	require.Empty(t, f.offline().State)
}

func TestFetchHandsTokenAndSessionOn(t *testing.T) {
	t.Parallel()
	f := newFixture(t, setup{})
	user := f.shop.Owner()
	h := f.auth.RequireSession(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		s, ok := auth.SessionFrom(r.Context())
		require.True(t, ok)
		s.AccessToken = "changed"
		again, _ := auth.SessionFrom(r.Context())
		require.NotEqual(t, "changed", again.AccessToken, "the copy is the caller's")
		token, ok := auth.TokenFrom(r.Context())
		require.True(t, ok)
		id, err := token.UserID()
		require.NoError(t, err)
		require.Equal(t, user.ID, id)
		require.Equal(t, shopDomain, token.Shop())
	}))
	require.Equal(t, http.StatusOK, serve(h, f.fetch(f.shop.SessionToken(user))).StatusCode)

	_, ok := auth.SessionFrom(t.Context())
	require.False(t, ok)
	_, ok = auth.TokenFrom(t.Context())
	require.False(t, ok)
}

func TestFetchWithoutValidTokenIsAskedToRetry(t *testing.T) {
	t.Parallel()
	f := newFixture(t, setup{})
	other := shopifytest.Run(t)
	good := f.shop.SessionToken(shopifytest.User{})
	stale := f.shop.SessionToken(shopifytest.User{}, func(c jwt.MapClaims) { c["exp"] = f.shopify.Now().Add(-time.Minute).Unix() })
	requests := map[string]*http.Request{
		"no token":               f.fetch(""),
		"stale token":            f.fetch(stale),
		"token of another app":   f.fetch(other.Shop(shopDomain).SessionToken(shopifytest.User{})),
		"not a bearer":           f.fetch(""),
		"two headers":            f.fetch(good),
		"token in the query":     get("/api?id_token=" + good),
		"form post without":      httptest.NewRequest(http.MethodPost, "/api?embedded=1&id_token="+good, strings.NewReader("a=b")),
		"XMLHttpRequest without": get("/api"),
	}
	requests["not a bearer"].Header.Set("Authorization", "Basic "+good)
	requests["two headers"].Header.Add("Authorization", "Bearer "+good)
	requests["token in the query"].Header.Set("Sec-Fetch-Dest", "empty")
	requests["XMLHttpRequest without"].Header.Set("X-Requested-With", "XMLHttpRequest")
	for name, r := range requests {
		resp := serve(f.auth.RequireSession(who), r)
		require.Equal(t, http.StatusUnauthorized, resp.StatusCode, name)
		require.Equal(t, "1", resp.Header.Get("X-Shopify-Retry-Invalid-Session-Request"), name)
		require.NotContains(t, bodyText(t, resp)+f.log.String(), good[:40], name)
	}
	f.requireNothing()

	lower := f.fetch("")
	lower.Header.Set("Authorization", "bearer "+good)
	require.Equal(t, http.StatusOK, serve(f.auth.RequireSession(who), lower).StatusCode, "the scheme's case does not matter (RFC 9110)")
}

func TestFetchWhoseTokenShopifyRefusesIsAskedToRetry(t *testing.T) {
	t.Parallel()
	f := newFixture(t, setup{})
	token := f.shop.SessionToken(shopifytest.User{})
	f.shopify.Advance(65 * time.Second) // within our leeway, not Shopify's
	resp := serve(f.auth.RequireSession(who), f.fetch(token))
	require.Equal(t, http.StatusUnauthorized, resp.StatusCode)
	require.Equal(t, "1", resp.Header.Get("X-Shopify-Retry-Invalid-Session-Request"))
}

func TestOnlineModeKeepsAnOfflineSessionToo(t *testing.T) {
	t.Parallel()
	f := newFixture(t, setup{options: auth.Options{AccessMode: auth.Online}})
	h := f.auth.RequireSession(who)
	first, second := f.shop.Owner(), shopifytest.User{ID: 77, FirstName: "Second"}
	for _, u := range []shopifytest.User{first, second, first} {
		resp := serve(h, f.fetch(f.shop.SessionToken(u)))
		require.Equal(t, shopifysession.OnlineID(shopDomain, u.ID), resp.Header.Get("X-Session"))
	}
	require.Len(t, f.tokenRequests(), 3, "one offline, one for each user")
	require.True(t, f.shop.Valid(f.offline().AccessToken))

	f.shopify.Advance(25 * time.Hour)
	resp := serve(h, f.fetch(f.shop.SessionToken(first)))
	require.Equal(t, http.StatusOK, resp.StatusCode)
	require.True(t, f.shop.Valid(resp.Header.Get("X-Token")), "an ended online session is exchanged anew")
}

func TestConcurrentFirstRequestsShareOneExchange(t *testing.T) {
	t.Parallel()
	f := newFixture(t, setup{})
	release := make(chan struct{})
	f.shopify.Fail(shopifytest.Fault{Grant: shopifytest.TokenExchange, Hold: func(context.Context) { <-release }})
	h := f.auth.RequireSession(who)
	var wg sync.WaitGroup
	statuses := make([]int, 20)
	for i := range statuses {
		wg.Go(func() { statuses[i] = serve(h, f.fetch(f.shop.SessionToken(shopifytest.User{}))).StatusCode })
	}
	impatient, cancel := context.WithCancel(t.Context())
	cancel()
	resp := serve(h, f.fetch(f.shop.SessionToken(shopifytest.User{})).WithContext(impatient))
	require.Equal(t, http.StatusServiceUnavailable, resp.StatusCode, "each waits on its own context")
	close(release)
	wg.Wait()
	for _, status := range statuses {
		require.Equal(t, http.StatusOK, status)
	}
	require.LessOrEqual(t, len(f.tokenRequests()), 1)
}

func TestPageWithToken(t *testing.T) {
	t.Parallel()
	f := newFixture(t, setup{})
	q := url.Values{"embedded": {"1"}, "shop": {shopDomain}, "host": {"aG9zdA"}, "id_token": {f.shop.SessionToken(shopifytest.User{})}, "ids": {"1", "2"}}
	resp := serve(f.auth.RequireSession(who), f.page(q))
	require.Equal(t, http.StatusOK, resp.StatusCode)
	require.Equal(t, "frame-ancestors https://test-shop.myshopify.com https://admin.shopify.com;", resp.Header.Get("Content-Security-Policy"))
	require.Equal(t, "no-referrer", resp.Header.Get("Referrer-Policy"), "the URL holds the token")
}

func TestPageWithoutTokenBouncesThroughAppBridge(t *testing.T) {
	t.Parallel()
	f := newFixture(t, setup{})
	h := f.auth.RequireSession(who)
	stale := f.shop.SessionToken(shopifytest.User{}, func(c jwt.MapClaims) { c["exp"] = f.shopify.Now().Add(-time.Minute).Unix() })
	for name, token := range map[string]string{"none": "", "stale": stale} {
		q := url.Values{"embedded": {"1"}, "shop": {shopDomain}, "host": {"aG9zdA"}, "ids": {"1", "2"}}
		if token != "" {
			q.Set("id_token", token)
		}
		bounce := location(t, serve(h, f.page(q)))
		require.Equal(t, "app.example.com", bounce.Host, name)
		require.False(t, bounce.Query().Has("id_token"))
		reload, err := url.Parse(bounce.Query().Get("shopify-reload"))
		require.NoError(t, err)
		require.Equal(t, "https://app.example.com/orders", reload.Scheme+"://"+reload.Host+reload.Path)
		require.Equal(t, []string{"1", "2"}, reload.Query()["ids"], "the app's own parameters survive")
		require.False(t, reload.Query().Has("id_token"))

		resp := serve(h, get(bounce.String()))
		require.Equal(t, http.StatusOK, resp.StatusCode)
		page := bodyText(t, resp)
		require.Contains(t, page, `data-api-key="`+f.app.APIKey()+`"`)
		require.NotContains(t, page, "open(")
		require.Equal(t, "frame-ancestors https://test-shop.myshopify.com https://admin.shopify.com;", resp.Header.Get("Content-Security-Policy"))

		// App Bridge reloads with a fresh token.
		back := reload.Query()
		back.Set("id_token", f.shop.SessionToken(shopifytest.User{}))
		require.Equal(t, http.StatusOK, serve(h, f.page(back)).StatusCode)

		// And if that is no good either, it ends.
		back.Set("id_token", stale)
		require.Equal(t, http.StatusUnauthorized, serve(h, f.page(back)).StatusCode, "no endless bouncing")
		require.Contains(t, f.log.String(), "check the API secret and the clock")
		f.shopify.Advance(time.Minute)
		location(t, serve(h, f.page(back)))
	}
}

func TestPageOutsideOfTheAdmin(t *testing.T) {
	t.Parallel()
	f := newFixture(t, setup{})
	h := f.auth.RequireSession(who)
	t.Run("with shop goes into the admin", func(t *testing.T) {
		t.Parallel()
		u := location(t, serve(h, get("/?shop="+shopDomain+"&host=aG9zdA")))
		require.Equal(t, "https://test-shop.myshopify.com/admin/apps/"+f.app.APIKey(), u.String())
	})
	t.Run("a token alone does not open it", func(t *testing.T) {
		t.Parallel()
		location(t, serve(h, get("/?shop="+shopDomain+"&id_token="+f.shop.SessionToken(shopifytest.User{}))))
	})
	t.Run("without shop gets App Bridge and no frame", func(t *testing.T) {
		t.Parallel()
		resp := serve(h, get("/"))
		require.Equal(t, http.StatusOK, resp.StatusCode)
		require.Equal(t, "frame-ancestors 'none';", resp.Header.Get("Content-Security-Policy"))
		page := bodyText(t, resp)
		require.Contains(t, page, "app-bridge.js")
		require.Contains(t, page, "Open this app from your Shopify admin.")
	})
	t.Run("crawler", func(t *testing.T) {
		t.Parallel()
		r := get("/?shop=" + shopDomain)
		r.Header.Set("User-Agent", "bingbot/2.0")
		require.Equal(t, http.StatusGone, serve(h, r).StatusCode)
		r.Header.Set("User-Agent", "Shopify Mobile/iOS/9.1 (preview)")
		require.Equal(t, http.StatusFound, serve(h, r).StatusCode, "Shopify's own apps are no bots")
		r.Header.Set("User-Agent", "Mozilla/5.0 (Linux; Android 13; CUBOT P80) Chrome/120.0 Mobile")
		require.Equal(t, http.StatusFound, serve(h, r).StatusCode, "nor is a phone")
	})
}

func TestPageRefuses(t *testing.T) {
	t.Parallel()
	f := newFixture(t, setup{})
	token := f.shop.SessionToken(shopifytest.User{})
	for name, tt := range map[string]struct {
		query  string
		status int
	}{
		"invalid shop":        {"embedded=1&shop=evil.example&id_token=" + token, 400},
		"shop with CSP":       {"embedded=1&shop=a.myshopify.com%3B%20frame-ancestors%20*", 400},
		"two shops":           {"embedded=1&shop=" + shopDomain + "&shop=b.myshopify.com&id_token=" + token, 400},
		"two tokens":          {"embedded=1&shop=" + shopDomain + "&id_token=x&id_token=" + token, 400},
		"two embedded":        {"embedded=1&embedded=0&shop=" + shopDomain + "&id_token=" + token, 400},
		"token of other shop": {"embedded=1&shop=victim.myshopify.com&id_token=" + token, 401},
		"reload elsewhere":    {"shop=" + shopDomain + "&shopify-reload=https://evil.example/", 400},
		"reload by user info": {"shop=" + shopDomain + "&shopify-reload=https://app.example.com@evil.example/", 400},
		"reload backslash":    {"shop=" + shopDomain + "&shopify-reload=https://app.example.com%5C@evil.example/", 400},
		"reload script":       {"shop=" + shopDomain + "&shopify-reload=javascript:alert(1)", 400},
		"reload relative":     {"shop=" + shopDomain + "&shopify-reload=//evil.example", 400},
		"reload over http":    {"shop=" + shopDomain + "&shopify-reload=http://app.example.com/", 400},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resp := serve(f.auth.RequireSession(who), get("/?"+tt.query))
			require.Equal(t, tt.status, resp.StatusCode)
			require.NotContains(t, strings.Join(resp.Header.Values("Content-Security-Policy"), ""), "*")
		})
	}
	t.Cleanup(f.requireNothing)
}

// A storage that is down must never look like "not installed": that would
// exchange, and end the tokens that the storage still holds.
func TestStorageDownIsNotAMissingSession(t *testing.T) {
	t.Parallel()
	broken := setup{config: func(c *shopifysession.Config) { c.SessionStorage = brokenStorage{c.SessionStorage} }}
	f := newFixture(t, broken)
	q := url.Values{"embedded": {"1"}, "shop": {shopDomain}, "id_token": {f.shop.SessionToken(shopifytest.User{})}}
	for name, r := range map[string]*http.Request{"fetch": f.fetch(q.Get("id_token")), "page": f.page(q)} {
		resp := serve(f.auth.RequireSession(who), r)
		require.Equal(t, http.StatusServiceUnavailable, resp.StatusCode, name)
		require.NotEmpty(t, resp.Header.Get("Retry-After"))
		require.Empty(t, resp.Header.Get("X-Shopify-Retry-Invalid-Session-Request"), "a fresh token would not help")
		require.NotContains(t, bodyText(t, resp)+f.log.String(), "shpat_leak")
	}
	require.Empty(t, f.tokenRequests())
}

type brokenStorage struct{ shopifysession.SessionStorage }

func (brokenStorage) Load(context.Context, string) (*shopifysession.Session, error) {
	return nil, &shopifysession.StorageError{Op: "load", Backend: "test", Err: errors.New("row shpat_leak")}
}

func TestShopifyDown(t *testing.T) {
	t.Parallel()
	f := newFixture(t, setup{})
	for _, fault := range []shopifytest.Fault{
		shopifytest.Cloudflare520(), shopifytest.HTMLPage(502),
		{Drop: true},
		{Drop: true, Commit: true},
		{Truncate: true},
		shopifytest.TooManyRequests(time.Second),
		{Omit: []string{"access_token"}},
		{Status: 200, Body: "{}"},
		{Status: 302, Header: http.Header{"Location": {"https://evil.example/"}}},
	} {
		f.shopify.Fail(fault)
		resp := serve(f.auth.RequireSession(who), f.fetch(f.shop.SessionToken(shopifytest.User{})))
		require.Equal(t, http.StatusServiceUnavailable, resp.StatusCode, "%+v", fault)
		n, err := f.storage.Len(t.Context())
		require.NoError(t, err)
		require.Zero(t, n, "%+v", fault)
	}
	require.Equal(t, http.StatusOK, serve(f.auth.RequireSession(who), f.fetch(f.shop.SessionToken(shopifytest.User{}))).StatusCode)
}

func TestWrongSecretIsTheDevelopersToMend(t *testing.T) {
	t.Parallel()
	// Both accept ID tokens of the old secret, Shopify has revoked it meanwhile.
	f := newFixture(t, setup{})
	f.shopify.Fail(shopifytest.Fault{Status: 400, Header: http.Header{"Content-Type": {"application/json"}}, Body: `{"error":"invalid_client","error_description":"client_secret shpss_x is wrong"}`})
	resp := serve(f.auth.RequireSession(who), f.fetch(f.shop.SessionToken(shopifytest.User{})))
	require.Equal(t, http.StatusInternalServerError, resp.StatusCode)
	require.Contains(t, f.log.String(), "400 invalid_client")
	require.NotContains(t, f.log.String()+bodyText(t, resp), "shpss_x")
}

func TestUnstoredTokenIsInTheError(t *testing.T) {
	t.Parallel()
	f := newFixture(t, setup{config: func(c *shopifysession.Config) { c.SessionStorage = fullStorage{c.SessionStorage} }})
	_, err := f.auth.ExchangeSessionToken(t.Context(), f.shop.SessionToken(shopifytest.User{}), auth.Offline)
	var lost *auth.NotStoredError
	require.ErrorAs(t, err, &lost)
	require.True(t, f.shop.Valid(lost.Session.AccessToken), "nothing that Shopify gave is dropped")
	require.Equal(t, http.StatusServiceUnavailable, auth.StatusCode(err))
	require.NotContains(t, fmt.Sprintf("%v %+v %s", err, err, err), lost.Session.AccessToken)
}

type fullStorage struct{ shopifysession.SessionStorage }

func (fullStorage) Store(context.Context, *shopifysession.Session) error {
	return &shopifysession.StorageError{Op: "store", Backend: "test", Err: errors.New("full")}
}

func TestCrossOrigin(t *testing.T) {
	t.Parallel()
	f := newFixture(t, setup{})
	h := f.auth.RequireSession(who)
	preflight := httptest.NewRequest(http.MethodOptions, "/api", nil)
	preflight.Header.Set("Origin", "https://extensions.shopifycdn.com")
	preflight.Header.Set("Access-Control-Request-Method", "POST")
	resp := serve(h, preflight)
	require.Equal(t, http.StatusNoContent, resp.StatusCode)
	require.Equal(t, "Authorization, Content-Type", resp.Header.Get("Access-Control-Allow-Headers"))
	require.Empty(t, resp.Header.Get("Access-Control-Allow-Credentials"), "no cookies: the ID token is the only authority")

	r := f.fetch("")
	r.Header.Set("Origin", "https://extensions.shopifycdn.com")
	resp = serve(h, r)
	require.Equal(t, "*", resp.Header.Get("Access-Control-Allow-Origin"))
	require.Contains(t, resp.Header.Get("Access-Control-Expose-Headers"), "X-Shopify-Retry-Invalid-Session-Request")

	r.Header.Set("Origin", "https://app.example.com")
	require.Empty(t, serve(h, r).Header.Get("Access-Control-Allow-Origin"), "the app itself")
}

func TestAdminURLOriginMayFrame(t *testing.T) {
	t.Parallel()
	f := newFixture(t, setup{config: func(c *shopifysession.Config) {
		c.AdminURL = func(shop string) string { return "http://127.0.0.1:8081/shops/" + shop }
	}})
	resp := serve(f.auth.RequireSession(who), get("/?embedded=1&shop="+shopDomain))
	require.Equal(t, "frame-ancestors https://test-shop.myshopify.com https://admin.shopify.com http://127.0.0.1:8081;", resp.Header.Get("Content-Security-Policy"))
}

func TestAppURLWithPrefix(t *testing.T) {
	t.Parallel()
	f := newFixture(t, setup{app: shopifytest.App{URL: "https://example.com/app"}})
	for _, path := range []string{"/app/orders", "/orders"} {
		bounce := location(t, serve(f.auth.RequireSession(who), get(path+"?embedded=1&shop="+shopDomain)))
		require.Equal(t, "https://example.com/app/orders", bounce.Scheme+"://"+bounce.Host+bounce.Path)
	}
}

func TestErrorHandler(t *testing.T) {
	t.Parallel()
	f := newFixture(t, setup{options: auth.Options{ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
		w.WriteHeader(auth.StatusCode(err))
		fmt.Fprint(w, "mine")
	}}})
	resp := serve(f.auth.RequireSession(who), f.fetch(""))
	require.Equal(t, http.StatusUnauthorized, resp.StatusCode)
	require.Equal(t, "1", resp.Header.Get("X-Shopify-Retry-Invalid-Session-Request"), "set before")
	require.Equal(t, "mine", bodyText(t, resp))
}
