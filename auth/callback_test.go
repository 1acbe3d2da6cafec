package auth_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/auth"
	"github.com/shopifysession/toolkit/shopifysession"
	"github.com/shopifysession/toolkit/shopifytest"
)

func legacy() setup { return setup{app: shopifytest.App{LegacyInstall: true}} }

func standalone() setup {
	return setup{app: shopifytest.App{LegacyInstall: true, NotEmbedded: true}}
}

func TestBeginRedirectsToTheShop(t *testing.T) {
	t.Parallel()
	f := newFixture(t, legacy())
	resp := serve(f.auth.Begin(), get("/auth?shop=TEST-shop.myshopify.com"))
	u := location(t, resp)
	require.Equal(t, "https", u.Scheme)
	require.Equal(t, shopDomain, u.Host)
	require.Equal(t, "/admin/oauth/authorize", u.Path)
	q := u.Query()
	require.Equal(t, f.app.APIKey(), q.Get("client_id"))
	require.Equal(t, "https://app.example.com/auth/callback", q.Get("redirect_uri"))
	require.Equal(t, f.app.Scopes().String(), q.Get("scope"))
	require.False(t, q.Has("grant_options[]"))
	require.GreaterOrEqual(t, len(q.Get("state")), 32, "160 bits in base 32")
	require.Equal(t, "no-store", resp.Header.Get("Cache-Control"))

	require.Len(t, resp.Cookies(), 1)
	c := resp.Cookies()[0]
	require.True(t, c.HttpOnly)
	require.True(t, c.Secure)
	require.Equal(t, http.SameSiteLaxMode, c.SameSite)
	require.Equal(t, "/", c.Path)
	require.True(t, strings.HasPrefix(c.Name, "__Host-"), c.Name)
	require.Equal(t, 600, c.MaxAge, "ten minutes")
}

func TestBeginRefuses(t *testing.T) {
	t.Parallel()
	crawler := get("/auth?shop=" + shopDomain)
	crawler.Header.Set("User-Agent", "Mozilla/5.0 (compatible; Googlebot/2.1)")
	for name, tt := range map[string]struct {
		r      *http.Request
		status int
	}{
		"no shop":        {get("/auth"), 400},
		"empty shop":     {get("/auth?shop="), 400},
		"foreign shop":   {get("/auth?shop=evil.example"), 400},
		"unanchored":     {get("/auth?shop=a.myshopify.com.evil.example"), 400},
		"two shops":      {get("/auth?shop=a.myshopify.com&shop=b.myshopify.com"), 400},
		"malformed":      {get("/auth?shop=%zz"), 400},
		"semicolon":      {get("/auth?shop=a.myshopify.com;x=1"), 400},
		"huge":           {get("/auth?shop=a.myshopify.com&x=" + strings.Repeat("x", 20<<10)), 400},
		"POST":           {httptest.NewRequest(http.MethodPost, "/auth?shop="+shopDomain, nil), 405},
		"crawler":        {crawler, 410},
		"encoded slash":  {get("/auth?shop=a.myshopify.com%2F"), 400},
		"newline":        {get("/auth?shop=a.myshopify.com%0d%0aX:y"), 400},
		"two parameters": {get("/auth?shop=a.myshopify.com&x=1&x=2"), 400},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, legacy())
			resp := serve(f.auth.Begin(), tt.r)
			require.Equal(t, tt.status, resp.StatusCode)
			require.Empty(t, resp.Cookies(), "no state")
			f.requireNothing()
		})
	}
}

func TestBeginLeavesTheIframeFirst(t *testing.T) {
	t.Parallel()
	f := newFixture(t, legacy())
	framed := get("/auth?shop=" + shopDomain)
	framed.Header.Set("Sec-Fetch-Dest", "iframe")
	for name, r := range map[string]*http.Request{"parameter": get("/auth?embedded=1&shop=" + shopDomain), "fetch metadata": framed} {
		resp := serve(f.auth.Begin(), r)
		require.Equal(t, http.StatusOK, resp.StatusCode, name)
		require.Empty(t, resp.Cookies(), "a state's cookie would be a third party's")
		page := bodyText(t, resp)
		require.Contains(t, page, `open("https://app.example.com/auth?shop=test-shop.myshopify.com", "_top")`)
		require.Contains(t, page, `src="https://cdn.shopify.com/shopifycloud/app-bridge.js"`)
		require.Equal(t, "frame-ancestors https://test-shop.myshopify.com https://admin.shopify.com;", resp.Header.Get("Content-Security-Policy"))
	}
}

func TestCallbackInstalls(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]setup{"embedded": legacy(), "standalone": standalone()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, s)
			u, cookies := f.begin()
			resp := serve(f.auth.Callback(who), f.shop.Approve(u.String()), cookies...)
			require.Equal(t, http.StatusOK, resp.StatusCode)
			require.Equal(t, shopifysession.OfflineID(shopDomain), resp.Header.Get("X-Session"))

			stored := f.offline()
			require.True(t, f.shop.Valid(stored.AccessToken))
			require.NotEmpty(t, stored.RefreshToken, "expiring tokens are asked for by default")
			require.WithinDuration(t, f.shopify.Now().Add(time.Hour), stored.Expires, time.Minute)
			require.WithinDuration(t, f.shopify.Now().Add(90*24*time.Hour), stored.RefreshTokenExpires, time.Minute)
			require.Equal(t, u.Query().Get("state"), stored.State)
			require.True(t, stored.Scopes().Equal(f.app.Scopes()))
		})
	}
}

func TestCallbackWithoutNextOpensTheApp(t *testing.T) {
	t.Parallel()
	f := newFixture(t, legacy())
	u, cookies := f.begin()
	resp := serve(f.auth.Callback(nil), f.shop.Approve(u.String()), cookies...)
	require.Equal(t, "https://test-shop.myshopify.com/admin/apps/"+f.app.APIKey(), location(t, resp).String())

	f = newFixture(t, standalone())
	u, cookies = f.begin()
	resp = serve(f.auth.Callback(nil), f.shop.Approve(u.String()), cookies...)
	require.Equal(t, "https://app.example.com/?shop=test-shop.myshopify.com", location(t, resp).String())
}

func TestCallbackNonExpiring(t *testing.T) {
	t.Parallel()
	s := legacy()
	s.config = func(c *shopifysession.Config) { c.NonExpiringTokens = true }
	f := newFixture(t, s)
	u, cookies := f.begin()
	serve(f.auth.Callback(nil), f.shop.Approve(u.String()), cookies...)
	require.True(t, f.offline().Expires.IsZero())
	require.Empty(t, f.offline().RefreshToken)
}

// In the Online mode an offline session comes first, then the user's.
func TestCallbackOnline(t *testing.T) {
	t.Parallel()
	s := legacy()
	s.options.AccessMode = auth.Online
	f := newFixture(t, s)
	u, cookies := f.begin()
	require.False(t, u.Query().Has("grant_options[]"), "offline first")
	resp := serve(f.auth.Callback(who), f.shop.Approve(u.String()), cookies...)
	require.Equal(t, "https://app.example.com/auth?shop=test-shop.myshopify.com", location(t, resp).String())

	u, cookies = f.begin()
	require.Equal(t, "per-user", u.Query().Get("grant_options[]"))
	resp = serve(f.auth.Callback(who), f.shop.Approve(u.String()), cookies...)
	id := shopifysession.OnlineID(shopDomain, f.shop.Owner().ID)
	require.Equal(t, id, resp.Header.Get("X-Session"))
	online, err := f.storage.Load(t.Context(), id)
	require.NoError(t, err)
	require.True(t, online.IsOnline)
	require.Equal(t, f.shop.Owner().Email, online.OnlineAccessInfo.AssociatedUser.Email)
	require.True(t, f.shop.Valid(f.offline().AccessToken))
}

// sign signs a query as Shopify does.
func (f *fixture) sign(q url.Values) string {
	q.Del("hmac")
	mac := hmac.New(sha256.New, []byte(f.app.Secrets()[0]))
	mac.Write([]byte(strings.NewReplacer("+", "%20", "%2A", "*", "~", "%7E").Replace(q.Encode())))
	q.Set("hmac", hex.EncodeToString(mac.Sum(nil)))
	return "/auth/callback?" + q.Encode()
}

func TestCallbackRefuses(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		forge  func(f *fixture, q url.Values) string // the request's target
		status int
	}{
		"missing hmac": {func(f *fixture, q url.Values) string { q.Del("hmac"); return "/?" + q.Encode() }, 401},
		"empty hmac":   {func(f *fixture, q url.Values) string { q.Set("hmac", ""); return "/?" + q.Encode() }, 401},
		"wrong hmac": {func(f *fixture, q url.Values) string {
			q.Set("hmac", strings.Repeat("0", 64))
			return "/?" + q.Encode()
		}, 401},
		"garbage hmac": {func(f *fixture, q url.Values) string { q.Set("hmac", "zz"); return "/?" + q.Encode() }, 401},
		"hmac in upper case": {func(f *fixture, q url.Values) string {
			q.Set("hmac", strings.ToUpper(q.Get("hmac")))
			return "/?" + q.Encode()
		}, 401},
		"truncated hmac":    {func(f *fixture, q url.Values) string { q.Set("hmac", q.Get("hmac")[:32]); return "/?" + q.Encode() }, 401},
		"other shop":        {func(f *fixture, q url.Values) string { q.Set("shop", "victim.myshopify.com"); return "/?" + q.Encode() }, 401},
		"added parameter":   {func(f *fixture, q url.Values) string { q.Set("x", "1"); return "/?" + q.Encode() }, 401},
		"second shop first": {func(f *fixture, q url.Values) string { return "/?shop=victim.myshopify.com&" + q.Encode() }, 400},
		"second code":       {func(f *fixture, q url.Values) string { return "/?" + q.Encode() + "&code=x" }, 400},
		"second state":      {func(f *fixture, q url.Values) string { return "/?" + q.Encode() + "&state=x" }, 400},
		"second hmac":       {func(f *fixture, q url.Values) string { return "/?" + q.Encode() + "&hmac=x" }, 400},
		"second timestamp":  {func(f *fixture, q url.Values) string { return "/?" + q.Encode() + "&timestamp=1" }, 400},
		"smuggled by escapes": {func(f *fixture, q url.Values) string {
			q.Set("code", q.Get("code")+"&shop=victim.myshopify.com")
			q.Del("shop")
			return "/?" + q.Encode()
		}, 401},
		"signed, no code":     {func(f *fixture, q url.Values) string { q.Del("code"); return f.sign(q) }, 400},
		"signed, odd code":    {func(f *fixture, q url.Values) string { q.Set("code", "a b"); return f.sign(q) }, 400},
		"signed, no state":    {func(f *fixture, q url.Values) string { q.Del("state"); return f.sign(q) }, 400},
		"signed, other state": {func(f *fixture, q url.Values) string { q.Set("state", strings.Repeat("a", 32)); return f.sign(q) }, 403},
		"signed, odd state":   {func(f *fixture, q url.Values) string { q.Set("state", "a;b\r\n=c-----------"); return f.sign(q) }, 403},
		"signed, other shop":  {func(f *fixture, q url.Values) string { q.Set("shop", "other.myshopify.com"); return f.sign(q) }, 403},
		"signed, bad shop":    {func(f *fixture, q url.Values) string { q.Set("shop", "evil.example"); return f.sign(q) }, 400},
		"declined":            {func(f *fixture, q url.Values) string { q.Set("error", "access_denied"); return f.sign(q) }, 403},
		"old":                 {func(f *fixture, q url.Values) string { return f.signAt(q, -91) }, 400},
		"from the future":     {func(f *fixture, q url.Values) string { return f.signAt(q, 91) }, 400},
		"no timestamp":        {func(f *fixture, q url.Values) string { q.Del("timestamp"); return f.sign(q) }, 400},
		"hex timestamp": {func(f *fixture, q url.Values) string {
			q.Set("timestamp", "0x"+strconv.FormatInt(f.shopify.Now().Unix(), 16))
			return f.sign(q)
		}, 400},
		"float timestamp":    {func(f *fixture, q url.Values) string { q.Set("timestamp", q.Get("timestamp")+".0"); return f.sign(q) }, 400},
		"blank in timestamp": {func(f *fixture, q url.Values) string { q.Set("timestamp", " "+q.Get("timestamp")); return f.sign(q) }, 400},
		"plus in timestamp":  {func(f *fixture, q url.Values) string { q.Set("timestamp", "+"+q.Get("timestamp")); return f.sign(q) }, 400},
		"timestamp NaN":      {func(f *fixture, q url.Values) string { q.Set("timestamp", "NaN"); return f.sign(q) }, 400},
		"timestamp in 10^20": {func(f *fixture, q url.Values) string { q.Set("timestamp", "100000000000000000000"); return f.sign(q) }, 400},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, legacy())
			u, cookies := f.begin()
			q := f.shop.Approve(u.String()).URL.Query()
			code := q.Get("code")
			f.shopify.ClearRequests()
			resp := serve(f.auth.Callback(who), get(tt.forge(f, q)), cookies...)
			require.Equal(t, tt.status, resp.StatusCode)
			text := bodyText(t, resp)
			require.Less(t, len(text), 200)
			require.NotContains(t, text+f.log.String(), code)
			f.requireNothing()
		})
	}
}

func (f *fixture) signAt(q url.Values, seconds int64) string {
	q.Set("timestamp", strconv.FormatInt(f.shopify.Now().Unix()+seconds, 10))
	return f.sign(q)
}

func TestCallbackWrongMethodAndCrawler(t *testing.T) {
	t.Parallel()
	f := newFixture(t, legacy())
	u, cookies := f.begin()
	r := f.shop.Approve(u.String())
	f.shopify.ClearRequests()
	for _, method := range []string{http.MethodPost, http.MethodHead} {
		r.Method = method
		require.Equal(t, http.StatusMethodNotAllowed, serve(f.auth.Callback(who), r, cookies...).StatusCode)
	}
	r.Method = http.MethodGet
	r.Header.Set("User-Agent", "Slackbot-LinkExpanding 1.0")
	require.Equal(t, http.StatusGone, serve(f.auth.Callback(who), r).StatusCode)
	f.requireNothing()
	r.Header.Set("User-Agent", "Mozilla/5.0")
	require.Equal(t, http.StatusOK, serve(f.auth.Callback(who), r).StatusCode, "a crawler does not eat the state")
}

// An authorization code works once, whoever brings it again.
func TestCallbackWithUsedCode(t *testing.T) {
	t.Parallel()
	f := newFixture(t, legacy())
	u, cookies := f.begin()
	approved := f.shop.Approve(u.String())
	require.Equal(t, http.StatusOK, serve(f.auth.Callback(who), approved, cookies...).StatusCode)
	before := f.offline()

	u, cookies = f.begin()
	again := f.shop.Approve(u.String()).URL.Query()
	again.Set("code", approved.URL.Query().Get("code"))
	require.Equal(t, http.StatusBadRequest, serve(f.auth.Callback(who), get(f.sign(again)), cookies...).StatusCode)
	require.True(t, before.Equal(f.offline()))
}

func TestStateBelongsToBrowserShopAndTime(t *testing.T) {
	t.Parallel()
	t.Run("another browser", func(t *testing.T) {
		t.Parallel()
		f := newFixture(t, legacy())
		u, _ := f.begin()
		_, other := f.begin()
		for _, cookies := range [][]*http.Cookie{nil, other} {
			resp := serve(f.auth.Callback(who), f.shop.Approve(u.String()), cookies...)
			require.Equal(t, http.StatusForbidden, resp.StatusCode)
		}
	})
	t.Run("another shop", func(t *testing.T) {
		t.Parallel()
		f := newFixture(t, legacy())
		u, cookies := f.begin()
		victim := f.shopify.Shop("victim.myshopify.com")
		u.Host = victim.Domain()
		resp := serve(f.auth.Callback(who), victim.Approve(u.String()), cookies...)
		require.Equal(t, http.StatusForbidden, resp.StatusCode)
	})
	t.Run("used twice", func(t *testing.T) {
		t.Parallel()
		f := newFixture(t, legacy())
		u, cookies := f.begin()
		require.Equal(t, http.StatusOK, serve(f.auth.Callback(who), f.shop.Approve(u.String()), cookies...).StatusCode)
		f.shopify.ClearRequests()
		second := f.shop.Approve(u.String())
		require.Equal(t, http.StatusForbidden, serve(f.auth.Callback(who), second, cookies...).StatusCode)
		require.True(t, slices.IndexFunc(f.shopify.Requests(), func(r shopifytest.Request) bool { return r.Path == "/admin/oauth/access_token" }) < 0)
	})
	t.Run("ten minutes", func(t *testing.T) {
		t.Parallel()
		f := newFixture(t, legacy())
		u, cookies := f.begin()
		late, lateCookies := f.begin()
		f.shopify.Advance(9 * time.Minute)
		require.Equal(t, http.StatusOK, serve(f.auth.Callback(who), f.shop.Approve(u.String()), cookies...).StatusCode)
		f.shopify.Advance(2 * time.Minute)
		require.Equal(t, http.StatusForbidden, serve(f.auth.Callback(who), f.shop.Approve(late.String()), lateCookies...).StatusCode)
	})
	t.Run("several tabs", func(t *testing.T) {
		t.Parallel()
		f := newFixture(t, legacy())
		first, c1 := f.begin()
		second, c2 := f.begin()
		jar := append(c1, c2...)
		require.Equal(t, http.StatusOK, serve(f.auth.Callback(who), f.shop.Approve(second.String()), jar...).StatusCode)
		require.Equal(t, http.StatusOK, serve(f.auth.Callback(who), f.shop.Approve(first.String()), jar...).StatusCode)
	})
	t.Run("tampered cookie", func(t *testing.T) {
		t.Parallel()
		f := newFixture(t, legacy())
		u, cookies := f.begin()
		forged := *cookies[0]
		forged.Value = strings.Replace(forged.Value, shopDomain, "other-shop.myshopify.com", 1)
		require.NotEqual(t, cookies[0].Value, forged.Value)
		require.Equal(t, http.StatusForbidden, serve(f.auth.Callback(who), f.shop.Approve(u.String()), &forged).StatusCode)
	})
	t.Run("secret rotated meanwhile", func(t *testing.T) {
		t.Parallel()
		f := newFixture(t, legacy())
		u, cookies := f.begin()
		f.shopify.AddSecret()
		cfg := f.shopify.Config(f.storage)
		require.NotEqual(t, f.app.Secrets()[0], cfg.APISecret)
		app, err := shopifysession.NewContext(cfg)
		require.NoError(t, err)
		resp := serve(auth.New(app, nil).Callback(who), f.shop.Approve(u.String()), cookies...)
		require.Equal(t, http.StatusOK, resp.StatusCode)
	})
	t.Run("store of used states is down", func(t *testing.T) {
		t.Parallel()
		s := legacy()
		s.options.Once = brokenOnce{}
		f := newFixture(t, s)
		u, cookies := f.begin()
		require.Equal(t, http.StatusServiceUnavailable, serve(f.auth.Callback(who), f.shop.Approve(u.String()), cookies...).StatusCode)
		f.requireNothing()
	})
}
