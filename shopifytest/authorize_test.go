package shopifytest_test

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/shopifytest"
)

// signed asserts that a request carries a valid hmac and the usual parameters.
func (f *fixture) signed(r *http.Request, host string) url.Values {
	f.Helper()
	q := r.URL.Query()
	unsigned := r.URL.Query()
	unsigned.Del("hmac")
	require.Equal(f, shopifytest.SignedQuery(f.s.App().APISecret, unsigned), r.URL.RawQuery)
	require.Equal(f, f.shop.Domain(), q.Get("shop"))
	require.Equal(f, "1795251600", q.Get("timestamp"))
	decoded, err := base64.RawStdEncoding.DecodeString(q.Get("host"))
	require.NoError(f, err)
	require.Equal(f, host, string(decoded))
	return q
}

func TestApproveGivesASignedCallback(t *testing.T) {
	t.Parallel()
	f := setup(t)
	r := f.shop.Approve(f.authorizeURL("scope", "read_products,write_products", "state", "a b"))
	require.Equal(t, http.MethodGet, r.Method)
	require.True(t, strings.HasPrefix(r.URL.String(), "https://app.example.com/auth/callback?code="))
	q := f.signed(r, "admin.shopify.com/store/alpha")
	require.Equal(t, "a b", q.Get("state"))
	require.Contains(t, r.URL.RawQuery, "state=a%20b")
	require.True(t, f.shop.Installed())
	require.Equal(t, "write_products", f.shop.Scopes(), "a write scope implies its read scope")

	got := f.post(map[string]string{"code": q.Get("code"), "expiring": "1"})
	f.ok(got)
	require.Equal(t, "write_products", got.text(t, "scope"))
}

func TestAuthorizationCodeIsSingleUse(t *testing.T) {
	t.Parallel()
	f := setup(t)
	code := f.shop.Approve(f.authorizeURL()).URL.Query().Get("code")
	f.refused(f.post(map[string]string{"code": code, "expiring": "2"}), 400, "invalid_request") // not used up by this
	f.ok(f.post(map[string]string{"code": code}))
	r := f.post(map[string]string{"code": code})
	require.Equal(t, http.StatusBadRequest, r.status)
	require.JSONEq(t, `{"error":"invalid_request","error_description":"The authorization code was not found or was already used"}`, r.body)
}

func TestAuthorizationCodeExpires(t *testing.T) {
	t.Parallel()
	f := setup(t)
	code := f.shop.Approve(f.authorizeURL()).URL.Query().Get("code")
	f.s.Advance(10 * time.Minute)
	f.refused(f.post(map[string]string{"code": code}), 400, "invalid_request")
}

func TestPerUserGrantGivesAnOnlineToken(t *testing.T) {
	t.Parallel()
	f := setup(t)
	r, err := f.shop.TryApprove(shopifytest.User{ID: 7, FirstName: "Anna"}, f.authorizeURL("grant_options[]", "per-user"))
	require.NoError(t, err)
	got := f.post(map[string]string{"code": r.URL.Query().Get("code"), "expiring": "1"})
	require.Empty(t, f.ok(got).refresh)
	require.Contains(t, got.body, `"first_name":"Anna"`)

	f.ok(f.post(map[string]string{"code": f.shop.Approve(f.authorizeURL("grant_options[]", "")).URL.Query().Get("code"), "expiring": "1"}))
}

func TestDenyRedirectsWithAnError(t *testing.T) {
	t.Parallel()
	f := setup(t)
	r, err := f.shop.Deny(f.authorizeURL())
	require.NoError(t, err)
	q := f.signed(r, "admin.shopify.com/store/alpha")
	require.Equal(t, "access_denied", q.Get("error"))
	require.Equal(t, "s1", q.Get("state"))
	require.Empty(t, q.Get("code"))
	require.False(t, f.shop.Installed())
}

func TestAuthorizeRefusesBadURLs(t *testing.T) {
	t.Parallel()
	f := setup(t)
	good := f.authorizeURL()
	for name, c := range map[string]struct{ raw, want string }{
		"unknown client":          {f.authorizeURL("client_id", "other"), "application_cannot_be_found"},
		"no client":               {f.authorizeURL("client_id", ""), "client_id"},
		"no redirect":             {f.authorizeURL("redirect_uri", ""), "redirect_uri"},
		"foreign redirect":        {f.authorizeURL("redirect_uri", "https://evil.example/auth/callback"), "not whitelisted"},
		"redirect with a suffix":  {f.authorizeURL("redirect_uri", "https://app.example.com/auth/callback/"), "not whitelisted"},
		"redirect with a query":   {f.authorizeURL("redirect_uri", "https://app.example.com/auth/callback?x=1"), "not whitelisted"},
		"no state":                {f.authorizeURL("state", ""), "state"},
		"state twice":             {good + "&state=s2", "more than once"},
		"redirect twice":          {good + "&redirect_uri=https://evil.example", "more than once"},
		"strange scope":           {f.authorizeURL("scope", "read_products,everything"), "invalid_scope"},
		"scope with markup":       {f.authorizeURL("scope", "read_<b>"), "invalid_scope"},
		"strange grant option":    {f.authorizeURL("grant_options[]", "per-planet"), "grant option"},
		"another shop":            {strings.Replace(good, "alpha", "beta", 1), "not the authorize endpoint"},
		"another host":            {strings.Replace(good, shopA, "evil.example", 1), "not the authorize endpoint"},
		"plain http":              {strings.Replace(good, "https", "http", 1), "not the authorize endpoint"},
		"another path":            {strings.Replace(good, "/authorize", "/authorise", 1), "not the authorize endpoint"},
		"user info before a shop": {strings.Replace(good, "https://", "https://alpha.myshopify.com@evil.example/", 1), "not the authorize endpoint"},
		"not a URL":               {"https://%zz", "does not parse"},
		"broken query":            {good + "&a=%zz", "query does not parse"},
	} {
		_, err := f.shop.TryApprove(shopifytest.User{}, c.raw)
		require.ErrorContains(t, err, c.want, name)
		_, err = f.shop.Deny(c.raw)
		require.ErrorContains(t, err, c.want, name)
	}
	require.False(t, f.shop.Installed())
}

func TestApproveOfABadURLEndsTheTest(t *testing.T) {
	t.Parallel()
	s := shopifytest.NewServer()
	require.Panics(t, func() { s.Shop(shopA).Approve("https://alpha.myshopify.com/") })
}

func TestApproveThroughThePathForm(t *testing.T) {
	t.Parallel()
	f := setup(t)
	base := f.s.AdminURL("http://127.0.0.1:8081/")(shopA)
	require.Equal(t, "http://127.0.0.1:8081/shops/alpha.myshopify.com", base)
	u, err := url.Parse(f.authorizeURL())
	require.NoError(t, err)
	r := f.shop.Approve(base + "/admin/oauth/authorize?" + u.RawQuery)
	f.signed(r, "127.0.0.1:8081/shops/alpha.myshopify.com/admin")
	_, err = f.shop.TryApprove(shopifytest.User{}, f.s.AdminURL("http://127.0.0.1:8081")("beta.myshopify.com")+"/admin/oauth/authorize?"+u.RawQuery)
	require.Error(t, err)
}

func TestWhichScopesAnInstallationGrants(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		app     shopifytest.App
		url     string
		granted string
	}{
		"those of the URL when the app has none":     {shopifytest.App{}, "read_themes", "read_themes"},
		"a default when there are none at all":       {shopifytest.App{}, "", "write_products,read_orders"},
		"the app's own win over the URL":             {shopifytest.App{Scopes: "read_products"}, "read_themes", "read_products"},
		"the URL's in a legacy installation":         {shopifytest.App{Scopes: "read_products", LegacyInstall: true}, "read_themes", "read_themes"},
		"the app's in a legacy installation without": {shopifytest.App{Scopes: "read_products", LegacyInstall: true}, "", "read_products"},
	} {
		f := setup(t)
		f.s.SetApp(c.app)
		f.shop.Approve(f.authorizeURL("scope", c.url))
		require.Equal(t, c.granted, f.shop.Scopes(), name)
	}
}

func TestInstallRequestIsASignedHitOnTheApp(t *testing.T) {
	t.Parallel()
	f := setup(t)
	r := f.shop.InstallRequest()
	require.True(t, strings.HasPrefix(r.URL.String(), "https://app.example.com/?"))
	require.Len(t, f.signed(r, "admin.shopify.com/store/alpha"), 4)
	require.False(t, f.shop.Installed())
}

func TestOpenRequestIsTheIframesDocumentRequest(t *testing.T) {
	t.Parallel()
	f := setup(t)
	r := f.shop.OpenRequest(shopifytest.User{ID: 7, Locale: "fr"}, "/products/1?tab=2&id_token=forged&embedded=0")
	require.Equal(t, "/products/1", r.URL.Path)
	q := f.signed(r, "admin.shopify.com/store/alpha")
	require.Equal(t, "1", q.Get("embedded"))
	require.Equal(t, "fr", q.Get("locale"))
	require.Equal(t, "2", q.Get("tab"))
	require.NotEmpty(t, q.Get("session"))
	user, ok := f.shop.VerifyIDToken(q.Get("id_token"), start)
	require.True(t, ok)
	require.EqualValues(t, 7, user)

	f.s.SetApp(shopifytest.App{NotEmbedded: true})
	standalone := f.shop.OpenRequest(shopifytest.User{}, "?id_token=forged&embedded=1&session=x&locale=y&signature=z&hmac=w")
	require.Len(t, f.signed(standalone, "admin.shopify.com/store/alpha"), 4, "Shopify's names are Shopify's")
}

func TestProxyRequestIsSigned(t *testing.T) {
	t.Parallel()
	f := setup(t)
	r := f.shop.ProxyRequest("/reviews/1?extra=1&extra=2")
	require.Equal(t, "https://app.example.com/proxy/reviews/1", "https://"+r.URL.Host+r.URL.Path)
	q := r.URL.Query()
	require.Equal(t, shopifytest.ProxySignature(f.s.App().APISecret, q), q.Get("signature"))
	require.Equal(t, shopA, q.Get("shop"))
	require.Equal(t, []string{"1", "2"}, q["extra"])
	f.s.SetApp(shopifytest.App{ProxyURL: "https://proxy.example.com/x"})
	require.Equal(t, "proxy.example.com", f.shop.ProxyRequest("").URL.Host)
}

func TestPathsStayBelowTheApp(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"": "", "/": "/", "a": "/a", "/a/": "/a/", "../../x": "/x", "/a/../../b": "/b", "//evil.example": "/evil.example", "a b": "/a%20b",
	} {
		require.Equal(t, want, shopifytest.CleanPath(in), in)
	}
}

func TestShopDomainsAreChecked(t *testing.T) {
	t.Parallel()
	s := shopifytest.NewServer()
	require.Equal(t, "a-b.myshopify.com", s.Shop("A-b.MyShopify.com").Domain())
	require.Equal(t, "a-b", s.Shop("a-b.myshopify.com").Name())
	for _, bad := range []string{"", "a", "myshopify.com", ".myshopify.com", "-a.myshopify.com", "a.b.myshopify.com", "a.myshopify.com.evil.example", "a.myshopify.com\n", "a.myshopify.com/", "https://a.myshopify.com", "a<b>.myshopify.com"} {
		require.Panics(t, func() { s.Shop(bad) }, bad)
	}
	require.Len(t, s.Shops(), 1)
}

func TestScopesInWords(t *testing.T) {
	t.Parallel()
	require.Equal(t, "View products", shopifytest.InWords("read_products"))
	require.Equal(t, "View and edit draft orders", shopifytest.InWords("write_draft_orders"))
	require.Equal(t, "Storefront: View product listings", shopifytest.InWords("unauthenticated_read_product_listings"))
	require.Equal(t, "Customer account: View and edit orders", shopifytest.InWords("customer_write_orders"))
}

func TestUserNames(t *testing.T) {
	t.Parallel()
	require.Equal(t, "Anna Berg", shopifytest.User{FirstName: "Anna", LastName: "Berg"}.Name())
	require.Equal(t, "Berg", shopifytest.User{LastName: "Berg"}.Name())
	require.Equal(t, "a@example.com", shopifytest.User{Email: "a@example.com"}.Name())
}
