package auth_test

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"net/http"
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

// Whoever may choose the name of a parameter in a query that Shopify signs gets
// no signature of JSON or XML: names are signed in their escaped form.
func TestParameterNamesMakeNoWebhookOfASignedQuery(t *testing.T) {
	t.Parallel()
	f := newFixture(t, legacy())
	for _, name := range []string{"<order/>", `{"myshopify_domain":"test-shop.myshopify.com"}`, "[]", " "} {
		q := url.Values{name: {""}, "shop": {"attacker.myshopify.com"}}
		f.sign(q)
		mac, err := hex.DecodeString(q.Get("hmac"))
		require.NoError(t, err)
		q.Del("hmac")
		signed := strings.NewReplacer("+", "%20", "%2A", "*", "~", "%7E").Replace(q.Encode())
		r := f.shop.Webhook("orders/create", signed)
		r.Header.Set("X-Shopify-Hmac-Sha256", base64.StdEncoding.EncodeToString(mac))
		mux := f.auth.Webhooks()
		mux.Handle("orders/create", func(context.Context, *auth.Webhook) error { t.Error("handled " + name); return nil })
		require.Equal(t, http.StatusBadRequest, serve(mux, r).StatusCode, "rightly signed and yet no delivery: %s", name)
	}
}

// A delivery late by a reinstallation, with a time nobody can read, must not
// count as an uninstallation of now.
func TestUninstallAtAnUnreadableTimeSparesTheReinstalledShop(t *testing.T) {
	t.Parallel()
	f := installed(t, setup{})
	f.shopify.Advance(time.Minute)
	late := f.shop.Webhook("app/uninstalled", nil)
	f.shopify.Advance(time.Minute)
	_, err := f.auth.ExchangeSessionToken(t.Context(), f.shop.SessionToken(shopifytest.User{}), auth.Offline)
	require.NoError(t, err)
	for _, at := range []string{"2026-11-20 12:00:00 UTC", "1", "now"} {
		late.Header.Set("X-Shopify-Triggered-At", at)
		require.Equal(t, http.StatusBadRequest, serve(f.auth.Webhooks(), late).StatusCode, at)
		require.True(t, f.shop.Valid(f.offline().AccessToken), at)
	}
}

// An ID token of the checkout or of a customer account is no reason to ask
// Shopify for the merchant's access token.
func TestBuyersTokenIsSentNowhere(t *testing.T) {
	t.Parallel()
	for name, mod := range map[string]func(jwt.MapClaims){
		"anonymous":   func(c jwt.MapClaims) { delete(c, "sub") },
		"customer":    func(c jwt.MapClaims) { c["sub"] = "gid://shopify/Customer/7" },
		"negative id": func(c jwt.MapClaims) { c["sub"] = "-7" },
		"zero":        func(c jwt.MapClaims) { c["sub"] = "0" },
	} {
		for _, mode := range []auth.AccessMode{auth.Offline, auth.Online} {
			t.Run(name+" "+mode.String(), func(t *testing.T) {
				t.Parallel()
				f := newFixture(t, setup{options: auth.Options{AccessMode: mode}})
				h := f.auth.RequireSession(who)
				raw := f.shop.SessionToken(shopifytest.User{}, mod)

				resp := serve(h, f.fetch(raw))
				require.Equal(t, http.StatusUnauthorized, resp.StatusCode)
				require.Equal(t, "1", resp.Header.Get("X-Shopify-Retry-Invalid-Session-Request"))
				q := url.Values{"embedded": {"1"}, "shop": {shopDomain}, "id_token": {raw}}
				bounce := location(t, serve(h, f.page(q)))
				require.NotContains(t, bounce.String(), raw)
				q.Set("shopify-bounced", bounce.Query().Get("shopify-bounced"))
				require.Equal(t, http.StatusUnauthorized, serve(h, f.page(q)).StatusCode, "not sent round and round")
				_, err := f.auth.ExchangeSessionToken(t.Context(), raw, auth.Online)
				require.ErrorIs(t, err, auth.ErrInvalidToken)
				f.requireNothing()
			})
		}
	}
}

func TestExchangeVerifiesTheTokenFirst(t *testing.T) {
	t.Parallel()
	f := newFixture(t, setup{})
	for name, raw := range map[string]string{
		"foreign": f.shopify.Shop("other.myshopify.com").SessionToken(shopifytest.User{}) + "x",
		"old":     f.shop.SessionToken(shopifytest.User{}, func(c jwt.MapClaims) { c["exp"] = f.shopify.Now().Add(-time.Hour).Unix() }),
		"text":    "shpat_not_a_token",
	} {
		_, err := f.auth.ExchangeSessionToken(t.Context(), raw, auth.Offline)
		require.ErrorIs(t, err, auth.ErrInvalidToken, name)
		require.NotContains(t, err.Error(), raw, name)
	}
	f.requireNothing()
}

// A record of another shop under the id of this one, by whatever mistake of the
// storage, gives its token to nobody.
func TestForeignRecordIsNoLoginToTheShop(t *testing.T) {
	t.Parallel()
	foreign := &foreignRecord{}
	s := standalone()
	s.config = func(c *shopifysession.Config) { foreign.SessionStorage, c.SessionStorage = c.SessionStorage, foreign }
	f := newFixture(t, s)
	c := f.login()
	require.Equal(t, http.StatusOK, serve(f.auth.RequireSession(who), document("/"), c).StatusCode)
	foreign.shop = "other.myshopify.com"
	resp := serve(f.auth.RequireSession(who), document("/"), c)
	require.Equal(t, http.StatusInternalServerError, resp.StatusCode)
	require.Empty(t, resp.Header.Get("X-Token"))
}

// foreignRecord finds another shop's record under the id of an offline session.
type foreignRecord struct {
	shopifysession.SessionStorage
	shop string
}

func (s *foreignRecord) Load(ctx context.Context, id string) (*shopifysession.Session, error) {
	found, err := s.SessionStorage.Load(ctx, id)
	if err == nil && s.shop != "" && id == shopifysession.OfflineID(shopDomain) {
		found.Shop = s.shop
	}
	return found, err
}

// Opening Begin again and again neither locks the merchant out nor touches what
// the app itself keeps in the browser.
func TestLastOfManyLoginsEndsWell(t *testing.T) {
	t.Parallel()
	f := newFixture(t, legacy())
	jar := map[string]*http.Cookie{"theme": {Name: "theme", Value: "dark"}}
	cookies := func() (all []*http.Cookie) {
		for _, c := range jar {
			all = append(all, c)
		}
		return all
	}
	var last *url.URL
	for range 20 {
		resp := serve(f.auth.Begin(), get("/auth?shop="+shopDomain), cookies()...)
		for _, c := range resp.Cookies() {
			jar[c.Name] = c
			if c.MaxAge < 0 {
				delete(jar, c.Name)
			}
		}
		last = location(t, resp)
	}
	require.Contains(t, jar, "theme")
	require.Equal(t, http.StatusOK, serve(f.auth.Callback(who), f.shop.Approve(last.String()), cookies()...).StatusCode)
}

func TestHandlersAnswerWithoutTraces(t *testing.T) {
	t.Parallel()
	f := newFixture(t, legacy())
	u, cookies := f.begin()
	framed := get("/auth?embedded=1&shop=" + shopDomain)
	web := newFixture(t, standalone())
	c := web.login()
	for name, tt := range map[string]struct {
		h       http.Handler
		r       *http.Request
		cookies []*http.Cookie
		status  int
	}{
		"begin":              {f.auth.Begin(), get("/auth?shop=" + shopDomain), nil, 302},
		"begin refused":      {f.auth.Begin(), get("/auth?shop=evil.example"), nil, 400},
		"begin in a frame":   {f.auth.Begin(), framed, nil, 200},
		"callback":           {f.auth.Callback(who), f.shop.Approve(u.String()), cookies, 200},
		"callback refused":   {f.auth.Callback(who), get("/auth/callback?shop=" + shopDomain), nil, 401},
		"webhook refused":    {f.auth.Webhooks(), get("/webhooks"), nil, 405},
		"stray page":         {f.auth.RequireSession(who), get("/"), nil, 200},
		"App Bridge page":    {f.auth.RequireSession(who), get("/?shop=" + shopDomain + "&shopify-reload=https://app.example.com/"), nil, 200},
		"page for the admin": {f.auth.RequireSession(who), document("/?shop=" + shopDomain), nil, 302},
		"logged in":          {web.auth.RequireSession(who), document("/"), []*http.Cookie{c}, 200},
		"to the login":       {web.auth.RequireSession(who), document("/?shop=" + shopDomain), nil, 302},
		"no shop to log in":  {web.auth.RequireSession(who), document("/"), nil, 401},
	} {
		resp := serve(tt.h, tt.r, tt.cookies...)
		require.Equal(t, tt.status, resp.StatusCode, name)
		require.Equal(t, "no-store", resp.Header.Get("Cache-Control"), name)
		if tt.status == http.StatusFound {
			require.Equal(t, "no-referrer", resp.Header.Get("Referrer-Policy"), name)
		}
		if strings.Contains(resp.Header.Get("Content-Type"), "html") && tt.status == http.StatusOK {
			require.Equal(t, "nosniff", resp.Header.Get("X-Content-Type-Options"), name)
			require.Equal(t, "no-referrer", resp.Header.Get("Referrer-Policy"), name)
		}
	}
}

// The URL of the first page holds an ID token, which must not go elsewhere as a
// referrer.
func TestPageWithATokenInItsURLSendsNoReferrer(t *testing.T) {
	t.Parallel()
	f := installed(t, setup{})
	q := url.Values{"embedded": {"1"}, "shop": {shopDomain}, "id_token": {f.shop.SessionToken(shopifytest.User{})}}
	resp := serve(f.auth.RequireSession(who), f.page(q))
	require.Equal(t, http.StatusOK, resp.StatusCode)
	require.Equal(t, "no-referrer", resp.Header.Get("Referrer-Policy"))
}

// A closed tab is no failure of the server; a storage that is down is one.
func TestClientThatHasGoneIsNoErrorInTheLog(t *testing.T) {
	t.Parallel()
	f := installed(t, setup{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := f.fetch(f.shop.SessionToken(shopifytest.User{})).WithContext(ctx)
	require.GreaterOrEqual(t, serve(f.auth.RequireSession(who), r).StatusCode, 500)
	require.NotContains(t, f.log.String(), "level=ERROR")

	f = newFixture(t, setup{config: func(c *shopifysession.Config) { c.SessionStorage = brokenStorage{c.SessionStorage} }})
	serve(f.auth.RequireSession(who), f.fetch(f.shop.SessionToken(shopifytest.User{})))
	require.Contains(t, f.log.String(), "level=ERROR")
}

// An uninstallation while Shopify answers a refresh is the last word: the answer
// must not bring the session back.
func TestRefreshDoesNotUndoAnUninstallation(t *testing.T) {
	t.Parallel()
	f := installed(t, setup{})
	f.shopify.Advance(2 * time.Hour)
	f.shopify.Fail(shopifytest.Fault{Grant: shopifytest.RefreshToken, Commit: true, Hold: func(ctx context.Context) {
		require.NoError(t, f.auth.Uninstall(ctx, shopDomain, f.shopify.Now()))
	}})
	_, err := f.auth.Offline(shopDomain).Token(t.Context())
	require.ErrorIs(t, err, shopifysession.ErrNotFound)
	f.shopify.ClearRequests()
	f.requireNothing()
}
