package auth_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/auth"
	"github.com/shopifysession/toolkit/shopifysession"
	"github.com/shopifysession/toolkit/shopifytest"
)

// login installs the app in a browser and returns its session cookie.
func (f *fixture) login() *http.Cookie {
	f.t.Helper()
	u, cookies := f.begin()
	resp := serve(f.auth.Callback(nil), f.shop.Approve(u.String()), cookies...)
	for _, c := range resp.Cookies() {
		if strings.HasSuffix(c.Name, "shopify_app_session") {
			return c
		}
	}
	f.t.Fatal("no session cookie")
	return nil
}

func document(target string) *http.Request {
	r := get(target)
	r.Header.Set("Sec-Fetch-Dest", "document")
	return r
}

func TestLoginCookie(t *testing.T) {
	t.Parallel()
	f := newFixture(t, standalone())
	c := f.login()
	require.Equal(t, "__Host-shopify_app_session", c.Name)
	require.True(t, c.HttpOnly)
	require.True(t, c.Secure)
	require.Equal(t, http.SameSiteLaxMode, c.SameSite)
	require.Equal(t, "/", c.Path)
	require.Empty(t, c.Domain)
	require.NotContains(t, c.Value, shopDomain, "not the same for everybody in the shop")
	require.NotEqual(t, c.Value, f.login().Value, "a new id at each login")

	resp := serve(f.auth.RequireSession(who), document("/"), c)
	require.Equal(t, http.StatusOK, resp.StatusCode)
	require.Equal(t, f.offline().AccessToken, resp.Header.Get("X-Token"))
	require.Equal(t, "frame-ancestors 'none';", resp.Header.Get("Content-Security-Policy"))
	require.Equal(t, "no-store", resp.Header.Get("Cache-Control"))
}

func TestLoginCookieOnLoopback(t *testing.T) {
	t.Parallel()
	s := standalone()
	s.app.URL = "http://127.0.0.1:8080"
	f := newFixture(t, s)
	c := f.login()
	require.Equal(t, "shopify_app_session", c.Name)
	require.False(t, c.Secure, "browsers drop secure cookies of http pages")
	require.True(t, c.HttpOnly)
}

func TestOnlineLoginIsTheUsersSession(t *testing.T) {
	t.Parallel()
	s := standalone()
	s.options.AccessMode = auth.Online
	f := newFixture(t, s)
	u, cookies := f.begin()
	serve(f.auth.Callback(nil), f.shop.Approve(u.String()), cookies...)
	c := f.login()
	resp := serve(f.auth.RequireSession(who), document("/"), c)
	require.Equal(t, http.StatusOK, resp.StatusCode)
	online, err := f.storage.Load(t.Context(), resp.Header.Get("X-Session"))
	require.NoError(t, err)
	require.True(t, online.IsOnline)
	require.NotContains(t, online.ID, shopDomain)

	f.shopify.Advance(25 * time.Hour)
	require.Equal(t, "/auth", location(t, serve(f.auth.RequireSession(who), document("/?shop="+shopDomain), c)).Path)
}

func TestWithoutLogin(t *testing.T) {
	t.Parallel()
	f := newFixture(t, standalone())
	h := f.auth.RequireSession(who)
	const begin = "https://app.example.com/auth?shop=test-shop.myshopify.com"

	require.Equal(t, begin, location(t, serve(h, document("/orders?shop="+shopDomain))).String())
	require.Equal(t, http.StatusUnauthorized, serve(h, document("/orders")).StatusCode, "which shop?")

	xhr := get("/api?shop=" + shopDomain)
	xhr.Header.Set("Sec-Fetch-Dest", "empty")
	require.Equal(t, http.StatusUnauthorized, serve(h, xhr).StatusCode)
	post := httptest.NewRequest(http.MethodPost, "/orders?shop="+shopDomain, strings.NewReader("x"))
	require.Equal(t, http.StatusUnauthorized, serve(h, post).StatusCode, "a redirect would lose the form")

	crawler := document("/?shop=" + shopDomain)
	crawler.Header.Set("User-Agent", "Googlebot")
	require.Equal(t, http.StatusGone, serve(h, crawler).StatusCode)
	for _, query := range []string{"shop=evil.example", "shop=a.myshopify.com&shop=" + shopDomain, "shop="} {
		require.Equal(t, http.StatusBadRequest, serve(h, document("/?"+query)).StatusCode, query)
	}
	f.requireNothing()
}

func TestEndedLogin(t *testing.T) {
	t.Parallel()
	const begin = "https://app.example.com/auth?shop=test-shop.myshopify.com"
	for name, end := range map[string]func(*fixture){
		"after a day": func(f *fixture) { f.shopify.Advance(23*time.Hour + 59*time.Minute + 59*time.Second) },
		"uninstalled": func(f *fixture) { require.NoError(f.t, f.auth.Uninstall(f.t.Context(), shopDomain, f.shopify.Now())) },
		"offline is deleted": func(f *fixture) {
			require.NoError(f.t, f.storage.Delete(f.t.Context(), shopifysession.OfflineID(shopDomain)))
		},
		"grant is dead": func(f *fixture) { f.shop.Uninstall(); f.shop.Install(); f.shopify.Advance(2 * time.Hour) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, standalone())
			c := f.login()
			h := f.auth.RequireSession(who)
			end(f)
			if name == "after a day" {
				require.Equal(t, http.StatusOK, serve(h, document("/"), c).StatusCode, "still")
				f.shopify.Advance(time.Second)
				require.Equal(t, http.StatusUnauthorized, serve(h, document("/"), c).StatusCode, "the cookie has ended")
			}
			require.Equal(t, begin, location(t, serve(h, document("/?shop="+shopDomain), c)).String())
			if name == "grant is dead" {
				xhr := get("/api")
				xhr.Header.Set("Sec-Fetch-Dest", "empty")
				resp := serve(h, xhr, c)
				require.Equal(t, http.StatusUnauthorized, resp.StatusCode)
				require.Equal(t, begin, resp.Header.Get("X-Shopify-API-Request-Failure-Reauthorize-Url"))
			}
		})
	}
}

func TestForgedSessionCookies(t *testing.T) {
	t.Parallel()
	f := newFixture(t, standalone())
	good := f.login()
	_, stateCookies := f.begin()
	value := func(v string) *http.Cookie { return &http.Cookie{Name: good.Name, Value: v} }
	payload, rest, _ := strings.Cut(good.Value, ".")
	expiry, mac, _ := strings.Cut(rest, ".")
	for name, c := range map[string]*http.Cookie{
		"unsigned":             value(shopifysession.OfflineID(shopDomain)),
		"empty":                value(""),
		"dots":                 value(".."),
		"no signature":         value(payload + "." + expiry + "."),
		"other id":             value("offline_" + shopDomain + "." + expiry + "." + mac),
		"longer life":          value(payload + ".99999999999." + mac),
		"expiry moved":         value(payload + expiry + ".." + mac),
		"signature of a state": value(stateCookies[0].Value),
		"name without __Host-": {Name: "shopify_app_session", Value: good.Value},
		"bad base64":           value(good.Value + "="),
	} {
		resp := serve(f.auth.RequireSession(who), document("/"), c)
		require.Equal(t, http.StatusUnauthorized, resp.StatusCode, name)
	}
	require.Equal(t, http.StatusOK, serve(f.auth.RequireSession(who), document("/"), value("forged"), good).StatusCode,
		"a planted cookie of the same name does not lock anybody out")
}

func TestSeveralShopsInOneBrowser(t *testing.T) {
	t.Parallel()
	f := newFixture(t, standalone())
	c := f.login()
	u := location(t, serve(f.auth.RequireSession(who), document("/?shop=second.myshopify.com"), c))
	require.Equal(t, "second.myshopify.com", u.Query().Get("shop"))
}

func TestStandaloneStorageDown(t *testing.T) {
	t.Parallel()
	f := newFixture(t, standalone())
	c := f.login()
	cfg := f.shopify.Config(brokenStorage{f.storage})
	app, err := shopifysession.NewContext(cfg)
	require.NoError(t, err)
	resp := serve(auth.New(app, nil).RequireSession(who), document("/?shop="+shopDomain), c)
	require.Equal(t, http.StatusServiceUnavailable, resp.StatusCode, "no login while nobody knows")
}

func TestStandaloneRefreshesBeforeUse(t *testing.T) {
	t.Parallel()
	f := newFixture(t, standalone())
	c := f.login()
	before := f.offline()
	f.shopify.Advance(2 * time.Hour)
	resp := serve(f.auth.RequireSession(who), document("/"), c)
	require.Equal(t, http.StatusOK, resp.StatusCode)
	require.NotEqual(t, before.AccessToken, resp.Header.Get("X-Token"))

	f.shopify.Advance(2 * time.Hour)
	f.shopify.Fail(shopifytest.Cloudflare520())
	resp = serve(f.auth.RequireSession(who), document("/"), c)
	require.Equal(t, http.StatusServiceUnavailable, resp.StatusCode, "Shopify is down, the grant is not dead")
}
