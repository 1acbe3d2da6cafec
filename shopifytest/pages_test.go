package shopifytest_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/shopifytest"
)

// person is a browser without JavaScript that follows no redirect.
type person struct {
	*fixture
	base string
	http *http.Client
}

func browse(f *fixture) *person {
	base, client := f.browser()
	return &person{f, base, client}
}

func (p *person) send(method, path string, form url.Values, headers ...string) result {
	p.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	req, err := http.NewRequestWithContext(p.Context(), method, p.base+path, body)
	require.NoError(p, err)
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := p.http.Do(req)
	require.NoError(p, err)
	defer func() { _ = resp.Body.Close() }()
	return result{status: resp.StatusCode, header: resp.Header, body: readAll(p.T, resp.Body)}
}

// page gets a page and checks what every page must have.
func (p *person) page(path string, status int) []xml.StartElement {
	p.Helper()
	r := p.send(http.MethodGet, path, nil)
	require.Equal(p, status, r.status, r.body)
	return p.check(r)
}

func (p *person) check(r result) []xml.StartElement {
	p.Helper()
	require.Equal(p, "text/html; charset=utf-8", r.header.Get("Content-Type"))
	require.Contains(p, r.header.Get("Content-Security-Policy"), "default-src 'none'")
	require.Contains(p, r.header.Get("Content-Security-Policy"), "frame-ancestors 'none'")
	require.Equal(p, "nosniff", r.header.Get("X-Content-Type-Options"))
	require.True(p, strings.HasPrefix(r.body, "<!DOCTYPE html>"))
	elements := parseHTML(p.T, r.body)
	require.Equal(p, "en", attr(find(elements, "html")[0], "lang"))
	require.Len(p, find(elements, "title"), 1)
	for _, script := range find(elements, "script") {
		require.True(p, strings.HasPrefix(attr(script, "src"), "/"), "only scripts of our own")
	}
	for _, e := range elements {
		for _, a := range e.Attr {
			require.False(p, strings.HasPrefix(a.Name.Local, "on"), "inline handler %s", a.Name.Local)
			require.NotEqual(p, "style", a.Name.Local)
		}
	}
	return elements
}

func parseHTML(t *testing.T, text string) (elements []xml.StartElement) {
	t.Helper()
	dec := xml.NewDecoder(strings.NewReader(text))
	dec.Strict, dec.AutoClose, dec.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return elements
		}
		require.NoError(t, err, "every tag is closed")
		if e, ok := token.(xml.StartElement); ok {
			elements = append(elements, e.Copy())
		}
	}
}

func find(elements []xml.StartElement, name string) (found []xml.StartElement) {
	for _, e := range elements {
		if e.Name.Local == name {
			found = append(found, e)
		}
	}
	return found
}

func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func TestHomeListsShopsAndAddsOne(t *testing.T) {
	t.Parallel()
	p := browse(setup(t))
	home := p.page("/", http.StatusOK)
	require.Len(t, find(home, "h1"), 1)
	require.Equal(t, "/shops", attr(find(home, "form")[0], "action"))
	require.Len(t, find(home, "label"), 2)
	require.Contains(t, p.send(http.MethodGet, "/", nil).body, shopA)

	for _, name := range []string{"gamma", " Gamma ", "GAMMA.myshopify.com"} {
		r := p.send(http.MethodPost, "/shops", url.Values{"name": {name}})
		require.Equal(t, http.StatusSeeOther, r.status)
		require.Equal(t, "/shops/gamma.myshopify.com/admin", r.header.Get("Location"))
	}
	require.Len(t, p.s.Shops(), 2)
	p.page("/shops/gamma.myshopify.com/admin", http.StatusOK)

	for _, name := range []string{"", "a b", "a.b", `"><script>alert(1)</script>`, "../etc"} {
		r := p.send(http.MethodPost, "/shops", url.Values{"name": {name}})
		require.Equal(t, http.StatusUnprocessableEntity, r.status, name)
		p.check(r)
		require.Contains(t, r.body, `role="alert"`)
		require.NotContains(t, r.body, "<script>")
	}
	require.Len(t, p.s.Shops(), 2)
}

func TestUnknownPagesAreNotFound(t *testing.T) {
	t.Parallel()
	p := browse(setup(t))
	for _, path := range []string{"/nothing", "/shops/nobody.myshopify.com/admin", "/shops/x/admin", "/shops/" + shopA + "/admin/nothing", "/shops/" + shopA + "/admin/apps/other", "/shops/%3Cscript%3E/admin"} {
		p.page(path, http.StatusNotFound)
	}
	require.Equal(t, "/shops/"+shopA+"/admin", p.send(http.MethodGet, "/shops/"+shopA, nil).header.Get("Location"))
}

func TestGrantScreenShowsScopesInWordsAndInstalls(t *testing.T) {
	t.Parallel()
	p := browse(setup(t))
	query := strings.TrimPrefix(p.authorizeURL("scope", "write_products,read_orders", "state", "<s>"), "https://"+shopA)
	path := "/shops/" + shopA + query
	grant := p.page(path, http.StatusOK)
	require.Equal(t, path, attr(find(grant, "form")[0], "action"))
	body := p.send(http.MethodGet, path, nil).body
	require.Contains(t, body, "View and edit products")
	require.Contains(t, body, "View orders")
	require.False(t, p.shop.Installed())

	r := p.send(http.MethodPost, path, url.Values{"decision": {"maybe"}})
	require.Equal(t, http.StatusBadRequest, r.status)
	r = p.send(http.MethodPost, path, url.Values{"decision": {"deny"}})
	require.Equal(t, http.StatusSeeOther, r.status)
	require.Contains(t, r.header.Get("Location"), "https://app.example.com/auth/callback?error=access_denied")
	require.False(t, p.shop.Installed())

	r = p.send(http.MethodPost, path, url.Values{"decision": {"approve"}})
	require.Equal(t, http.StatusSeeOther, r.status)
	callback, err := url.Parse(r.header.Get("Location"))
	require.NoError(t, err)
	q := p.signed(&http.Request{URL: callback}, strings.TrimPrefix(p.base, "http://")+"/shops/"+shopA+"/admin")
	require.Equal(t, "<s>", q.Get("state"))
	require.True(t, p.shop.Installed())
	p.ok(p.post(map[string]string{"code": q.Get("code")}))

	again := p.send(http.MethodGet, path, nil)
	require.Equal(t, http.StatusFound, again.status, "no question when everything is granted")
	require.Contains(t, again.header.Get("Location"), "code=")
	more := strings.Replace(path, "read_orders", "read_themes", 1)
	require.Contains(t, p.send(http.MethodGet, more, nil).body, "Update app")
}

func TestAuthorizePageRefusesBadRequests(t *testing.T) {
	t.Parallel()
	p := browse(setup(t))
	query := strings.TrimPrefix(p.authorizeURL("redirect_uri", "https://evil.example/"), "https://"+shopA)
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		r := p.send(method, "/shops/"+shopA+query, url.Values{"decision": {"approve"}})
		require.Equal(t, http.StatusBadRequest, r.status)
		require.Contains(t, r.body, "The redirect_uri is not whitelisted")
		require.NotContains(t, r.body, "evil.example")
	}
	script := strings.TrimPrefix(p.authorizeURL("client_id", "<script>alert(1)</script>"), "https://"+shopA)
	r := p.send(http.MethodGet, "/shops/"+shopA+script, nil)
	require.Contains(t, r.body, "application_cannot_be_found")
	require.NotContains(t, r.body, "<script>")
}

func TestManagedAppIsInstalledWithConsentAndOpensInAFrame(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.s.SetApp(shopifytest.App{URL: "http://127.0.0.1:3000", Scopes: "read_products"})
	p := browse(f)
	path := "/shops/" + shopA + "/admin/apps/" + f.s.App().APIKey
	p.page(path, http.StatusOK)
	require.False(t, f.shop.Installed(), "looking installs nothing")

	r := p.send(http.MethodPost, path, url.Values{"decision": {"deny"}})
	require.Equal(t, "/shops/"+shopA+"/admin", r.header.Get("Location"))
	require.False(t, f.shop.Installed())
	r = p.send(http.MethodPost, path, url.Values{"decision": {"approve"}})
	require.Equal(t, path, r.header.Get("Location"))
	require.Equal(t, "read_products", f.shop.Scopes())

	r = p.send(http.MethodGet, path+"/settings?tab=2", nil)
	require.Contains(t, r.header.Get("Content-Security-Policy"), "frame-src http://127.0.0.1:3000")
	frame := find(p.check(r), "iframe")[0]
	require.Equal(t, "http://127.0.0.1:3000", attr(frame, "data-app-origin"))
	require.NotEmpty(t, attr(frame, "title"))
	u, err := url.Parse(attr(frame, "src"))
	require.NoError(t, err)
	require.Equal(t, "/settings", u.Path)
	q := p.signed(&http.Request{URL: u}, strings.TrimPrefix(p.base, "http://")+"/shops/"+shopA+"/admin")
	require.Equal(t, "2", q.Get("tab"))
	require.Equal(t, "1", q.Get("embedded"))
	_, ok := f.shop.VerifyIDToken(q.Get("id_token"), start)
	require.True(t, ok)

	token := p.send(http.MethodPost, attr(frame, "data-token-url"), url.Values{})
	var fresh struct {
		IDToken string `json:"id_token"`
	}
	require.NoError(t, json.Unmarshal([]byte(token.body), &fresh))
	_, ok = f.shop.VerifyIDToken(fresh.IDToken, start)
	require.True(t, ok)
	require.NotEqual(t, q.Get("id_token"), fresh.IDToken)
	f.shop.Uninstall()
	require.Equal(t, http.StatusForbidden, p.send(http.MethodPost, attr(frame, "data-token-url"), url.Values{}).status)
}

func TestOpeningAppliesChangedScopes(t *testing.T) {
	t.Parallel()
	f, in := withInbox(t)
	p := browse(f)
	path := "/shops/" + shopA + "/admin/apps/" + f.s.App().APIKey
	f.s.SetApp(shopifytest.App{Scopes: "read_products,read_orders", Handler: in})
	f.shop.Install()

	f.s.SetApp(shopifytest.App{Scopes: "read_products", Handler: in})
	require.Equal(t, "read_products,read_orders", f.shop.Scopes(), "not before the app is opened")
	require.NotEmpty(t, find(p.page(path, http.StatusOK), "iframe"))
	require.Equal(t, "read_products", f.shop.Scopes(), "removed scopes are lost")

	f.s.SetApp(shopifytest.App{Scopes: "read_products,read_themes", Handler: in})
	require.Empty(t, find(p.page(path, http.StatusOK), "iframe"))
	require.Equal(t, "read_products", f.shop.Scopes(), "added scopes need consent")
	p.send(http.MethodPost, path, url.Values{"decision": {"approve"}})
	require.Equal(t, "read_products,read_themes", f.shop.Scopes())
	require.Equal(t, []string{"app/scopes_update", "app/scopes_update"}, in.got)
}

func TestOtherAppsOpenAtTheTop(t *testing.T) {
	t.Parallel()
	f := setup(t)
	p := browse(f)
	path := "/shops/" + shopA + "/admin/apps/" + f.s.App().APIKey
	host := strings.TrimPrefix(p.base, "http://") + "/shops/" + shopA + "/admin"
	open := func() url.Values {
		r := p.send(http.MethodGet, path, nil)
		require.Equal(t, http.StatusFound, r.status)
		u, err := url.Parse(r.header.Get("Location"))
		require.NoError(t, err)
		require.Equal(t, "app.example.com", u.Host)
		return p.signed(&http.Request{URL: u}, host)
	}
	f.s.SetApp(shopifytest.App{LegacyInstall: true})
	require.Len(t, open(), 4, "the app's own redirect installs it")
	require.False(t, f.shop.Installed())
	require.Equal(t, http.StatusNotFound, p.send(http.MethodPost, path, url.Values{"decision": {"approve"}}).status)
	f.shop.Install()
	require.NotEmpty(t, find(p.page(path, http.StatusOK), "iframe"))

	f.s.SetApp(shopifytest.App{NotEmbedded: true})
	require.Len(t, open(), 4)
	require.Equal(t, http.StatusForbidden, p.send(http.MethodPost, "/shops/"+shopA+"/admin/id_token", url.Values{}).status)
}

func TestShopPageUninstallsAndShowsTheLog(t *testing.T) {
	t.Parallel()
	f, in := withInbox(t)
	p := browse(f)
	admin := "/shops/" + shopA + "/admin"
	p.page(admin, http.StatusOK)
	f.shop.Install()
	require.Contains(t, p.send(http.MethodGet, admin, nil).body, "View and edit products")
	in.status = 503
	require.Equal(t, admin, p.send(http.MethodPost, admin+"/uninstall", url.Values{}).header.Get("Location"))
	require.False(t, f.shop.Installed())
	body := p.send(http.MethodGet, admin, nil).body
	require.Contains(t, body, "app/uninstalled")
	require.Contains(t, body, "Status 503")
	require.Contains(t, body, "Waiting") // shop/redact
	in.status = 0
	r := p.send(http.MethodPost, admin+"/clock", url.Values{"by": {"24h"}})
	require.Equal(t, admin, r.header.Get("Location"))
	require.Contains(t, p.send(http.MethodGet, admin, nil).body, "Delivered")
	require.Equal(t, start.Add(day), f.s.Now())

	f.shop.Install()
	require.Equal(t, "/", p.send(http.MethodPost, "/clock", url.Values{"by": {"24h"}}).header.Get("Location"))
	require.Contains(t, p.send(http.MethodGet, admin, nil).body, "Called off")
	for _, by := range []string{"", "-1h", "soon", "9000000h"} {
		require.Equal(t, http.StatusUnprocessableEntity, p.send(http.MethodPost, "/clock", url.Values{"by": {by}}).status, by)
	}
	require.Equal(t, http.StatusSeeOther, p.send(http.MethodPost, admin+"/webhooks", url.Values{"topic": {"customers/redact"}}).status)
	require.Equal(t, "customers/redact", in.got[len(in.got)-1])
	require.Equal(t, http.StatusUnprocessableEntity, p.send(http.MethodPost, admin+"/webhooks", url.Values{"topic": {"app/other"}}).status)
	p.page(admin, http.StatusOK)
}

func TestShopPageShowsADeliveryThatNobodyAnswered(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.s.SetApp(shopifytest.App{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })})
	f.shop.Send("shop/update", nil)
	require.Contains(t, browse(f).send(http.MethodGet, "/shops/"+shopA+"/admin", nil).body, "no answer")
}

func TestCrossSitePostsAreRefused(t *testing.T) {
	t.Parallel()
	f, in := withInbox(t)
	f.shop.Install()
	p := browse(f)
	admin := "/shops/" + shopA + "/admin"
	authorize := "/shops/" + shopA + strings.TrimPrefix(p.authorizeURL("scope", "write_orders"), "https://"+shopA)
	for _, c := range []struct {
		path string
		form url.Values
	}{
		{"/shops", url.Values{"name": {"new"}}},
		{"/clock", url.Values{"by": {"24h"}}},
		{admin + "/clock", url.Values{"by": {"24h"}}},
		{admin + "/uninstall", url.Values{}},
		{admin + "/webhooks", url.Values{"topic": {"shop/redact"}}},
		{admin + "/id_token", url.Values{}},
		{admin + "/apps/" + f.s.App().APIKey, url.Values{"decision": {"approve"}}},
		{authorize, url.Values{"decision": {"approve"}}},
	} {
		for _, headers := range [][]string{
			{"Sec-Fetch-Site", "cross-site"},
			{"Sec-Fetch-Site", "same-site"}, // the app on another port
			{"Sec-Fetch-Site", "", "Origin", "http://127.0.0.1:3000"},
			{"Sec-Fetch-Site", "", "Origin", "null"},
		} {
			r := p.send(http.MethodPost, c.path, c.form, headers...)
			require.Equal(t, http.StatusForbidden, r.status, "%s %v", c.path, headers)
			require.NotContains(t, r.body, "eyJ")
		}
	}
	require.True(t, f.shop.Installed())
	require.Len(t, f.s.Shops(), 1)
	require.Equal(t, start, f.s.Now())
	require.Empty(t, in.got)
	require.Equal(t, "write_products,read_orders", f.shop.Scopes())
}

func TestOtherHostsAreMisdirected(t *testing.T) {
	t.Parallel()
	p := browse(setup(t))
	for host, want := range map[string]int{
		"evil.example": 421, "127.0.0.1.evil.example": 421, "localhost.evil.example": 421, "192.168.0.1": 421, "": 400,
		"localhost:8081": 200, "shopify.localhost": 200, "[::1]:8081": 200, "127.0.0.2": 200,
	} {
		if host == "" {
			continue // net/http refuses it by itself
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.base+"/", nil)
		require.NoError(t, err)
		req.Host = host
		resp, err := p.http.Do(req)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, want, resp.StatusCode, host)
	}
}

func TestNamesAreTextAndNeverMarkup(t *testing.T) {
	t.Parallel()
	const evil = `</title><img src=x onerror=alert(1)>"'><script>alert(1)</script>{{.}}javascript:alert(1)`
	f, in := withInbox(t)
	in.status = 500
	f.shop.SetOwner(shopifytest.User{FirstName: evil, LastName: evil, Email: evil + "@example.com", Locale: `"><script>`})
	f.shop.Install()
	f.shop.Send(evil, nil)
	p := browse(f)
	app := "/shops/" + shopA + "/admin/apps/" + f.s.App().APIKey
	query := "?x=" + url.QueryEscape(evil) + "&" + url.QueryEscape(evil) + "=1"
	authorize := "/shops/" + shopA + strings.TrimPrefix(p.authorizeURL("scope", "read_themes", "state", evil), "https://"+shopA)
	for _, path := range []string{"/", "/shops/" + shopA + "/admin", app + query, app + "/" + url.PathEscape(evil), authorize} {
		elements := p.page(path, http.StatusOK)
		require.Empty(t, find(elements, "img"), path)
		for _, e := range elements {
			for _, name := range []string{"href", "src", "action"} {
				require.False(t, strings.HasPrefix(strings.ToLower(attr(e, name)), "javascript:"), path)
			}
		}
	}
}

func TestAssetsAreServedWhole(t *testing.T) {
	t.Parallel()
	p := browse(setup(t))
	bridge := p.send(http.MethodGet, "/app-bridge.js", nil)
	require.Equal(t, http.StatusOK, bridge.status)
	require.Contains(t, bridge.header.Get("Content-Type"), "javascript")
	require.Equal(t, "cross-origin", bridge.header.Get("Cross-Origin-Resource-Policy"))
	require.Contains(t, bridge.body, "X-Shopify-Retry-Invalid-Session-Request")
	css := p.send(http.MethodGet, "/assets/admin.css", nil)
	require.Contains(t, css.header.Get("Content-Type"), "text/css")
	require.Contains(t, css.body, "prefers-color-scheme: dark")
	require.Contains(t, css.body, ":focus-visible")
	for _, asset := range []result{bridge, css, p.send(http.MethodGet, "/assets/admin.js", nil)} {
		require.NotContains(t, asset.body, "https://", "no external assets")
	}
	require.Equal(t, http.StatusNotFound, p.send(http.MethodGet, "/assets/other.js", nil).status)
	require.NotEqual(t, http.StatusOK, p.send(http.MethodGet, "/assets/..%2fpages%2fhome.html", nil).status)
}

func TestTokenEndpointAndAdminAPIBelowAdminURL(t *testing.T) {
	t.Parallel()
	p := browse(setup(t))
	p.shop.Install()
	base := p.s.AdminURL("")(shopA)
	r := p.send(http.MethodPost, base+"/admin/oauth/access_token", url.Values{
		"client_id": {p.s.App().APIKey}, "client_secret": {p.s.App().APISecret}, "grant_type": {"client_credentials"},
	}, "Sec-Fetch-Site", "")
	token := p.ok(r).access
	r = p.send(http.MethodPost, base+"/admin/api/2026-10/graphql.json", nil, "X-Shopify-Access-Token", token)
	require.Equal(t, http.StatusBadRequest, r.status, "authenticated, but without a query")
	p.s.Advance(25 * time.Hour)
	r = p.send(http.MethodPost, base+"/admin/api/2026-10/graphql.json", nil, "X-Shopify-Access-Token", token)
	require.Equal(t, http.StatusUnauthorized, r.status)
}
