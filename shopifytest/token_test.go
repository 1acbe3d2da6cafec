package shopifytest_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/shopifytest"
)

func (f *fixture) raw(method, contentType, accept, body string) result {
	f.Helper()
	req, err := http.NewRequestWithContext(f.Context(), method, "https://"+shopA+"/admin/oauth/access_token", strings.NewReader(body))
	require.NoError(f, err)
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("Accept", accept)
	return f.do(req)
}

func TestTokenEndpointReadsFormsAndJSON(t *testing.T) {
	t.Parallel()
	for name, encode := range map[string]func(key, secret, token string) (contentType, body string){
		"form": func(key, secret, token string) (string, string) {
			return "application/x-www-form-urlencoded", "client_id=" + key + "&client_secret=" + secret + "&grant_type=" + exchangeURN +
				"&subject_token=" + token + "&subject_token_type=" + idTokenURN + "&expiring=1"
		},
		"JSON with expiring as a string": func(key, secret, token string) (string, string) {
			return "application/json", `{"client_id":"` + key + `","client_secret":"` + secret + `","grant_type":"` + exchangeURN +
				`","subject_token":"` + token + `","subject_token_type":"` + idTokenURN + `","expiring":"1"}`
		},
		"JSON with expiring as a number": func(key, secret, token string) (string, string) {
			return "application/json; charset=utf-8", `{"client_id":"` + key + `","client_secret":"` + secret + `","grant_type":"` + exchangeURN +
				`","subject_token":"` + token + `","subject_token_type":"` + idTokenURN + `","expiring":1,"requested_token_type":null}`
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := setup(t)
			contentType, body := encode(f.s.App().APIKey, f.s.App().APISecret, f.shop.SessionToken(shopifytest.User{}))
			got := f.ok(f.raw(http.MethodPost, contentType, "application/json", body))
			require.NotEmpty(t, got.refresh)
			f.accepted(got.access)
		})
	}
}

func TestSuccessBodies(t *testing.T) {
	t.Parallel()
	keys := func(t *testing.T, body string) string {
		t.Helper()
		var names []string
		for part := range strings.SplitSeq(strings.Trim(body, "{}"), `,"`) {
			name, _, ok := strings.Cut(strings.TrimPrefix(part, `"`), `":`)
			require.True(t, ok, part)
			names = append(names, name)
		}
		return strings.Join(names, " ")
	}
	t.Run("expiring offline", func(t *testing.T) {
		t.Parallel()
		f := setup(t)
		f.s.SetApp(shopifytest.App{Scopes: "write_products"})
		r := f.exchange(map[string]string{"expiring": "1", "requested_token_type": offlineURN})
		f.ok(r)
		require.Equal(t, "access_token expires_in refresh_token refresh_token_expires_in scope", keys(t, r.body))
		require.EqualValues(t, 3600, r.field(t, "expires_in"))
		require.EqualValues(t, 7776000, r.field(t, "refresh_token_expires_in"))
		require.Equal(t, "write_products", r.text(t, "scope"))
		require.Regexp(t, `^shpat_[0-9a-f]{32}$`, r.text(t, "access_token"))
		require.Regexp(t, `^shprt_[0-9a-f]{32}$`, r.text(t, "refresh_token"))
		require.Equal(t, "application/json; charset=utf-8", r.header.Get("Content-Type"))
		require.NotEmpty(t, r.header.Get("X-Request-Id"))
		require.Equal(t, start.Format(http.TimeFormat), r.header.Get("Date"))
	})
	t.Run("non-expiring offline is what expiring=0 and no expiring mean", func(t *testing.T) {
		t.Parallel()
		f := setup(t)
		f.s.SetApp(shopifytest.App{Scopes: "write_products"})
		for _, extra := range []map[string]string{nil, {"expiring": "0"}} {
			r := f.exchange(extra)
			f.ok(r)
			require.Equal(t, "access_token scope", keys(t, r.body))
		}
	})
	t.Run("online", func(t *testing.T) {
		t.Parallel()
		f := setup(t)
		f.s.SetApp(shopifytest.App{Scopes: "write_products,read_orders"})
		user := shopifytest.User{
			ID: 902541635, FirstName: "John", LastName: "Smith", Email: "john@example.com",
			EmailVerified: true, Locale: "fr", Collaborator: true, Scopes: "read_products",
		}
		r := f.exchange(map[string]string{"subject_token": f.shop.SessionToken(user), "requested_token_type": onlineURN, "expiring": "1"})
		require.JSONEq(t, `{"access_token":"`+r.text(t, "access_token")+`","scope":"write_products,read_orders","expires_in":86399,
			"associated_user_scope":"read_products","associated_user":{"id":902541635,"first_name":"John","last_name":"Smith",
			"email":"john@example.com","email_verified":true,"account_owner":false,"locale":"fr","collaborator":true}}`, r.body)
	})
	t.Run("client credentials", func(t *testing.T) {
		t.Parallel()
		f := setup(t)
		f.shop.Install()
		r := f.post(map[string]string{"grant_type": "client_credentials"})
		f.ok(r)
		require.EqualValues(t, 86399, r.field(t, "expires_in"))
		require.Nil(t, r.field(t, "refresh_token"))
	})
}

func TestErrorsAreHTMLUnlessJSONIsAccepted(t *testing.T) {
	t.Parallel()
	f := setup(t)
	body := "client_id=" + f.s.App().APIKey + "&client_secret=" + f.s.App().APISecret + "&grant_type=client_credentials"
	for _, accept := range []string{"", "*/*", "text/html"} {
		r := f.raw(http.MethodPost, "application/x-www-form-urlencoded", accept, body)
		require.Equal(t, http.StatusBadRequest, r.status)
		require.Equal(t, "text/html; charset=utf-8", r.header.Get("Content-Type"))
		require.Contains(t, r.body, "<title>400 - Oauth error app_not_installed</title>")
		require.Contains(t, r.body, "Oauth error app_not_installed: The application is not installed on this shop.")
	}
	r := f.raw(http.MethodPost, "application/x-www-form-urlencoded", "application/json", body)
	f.refused(r, http.StatusBadRequest, "app_not_installed")
}

func TestTokenEndpointRefusals(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		params map[string]string
		status int
		code   string
	}{
		"unknown client id":         {map[string]string{"client_id": "other", "code": "x"}, 400, "application_cannot_be_found"},
		"no client id":              {map[string]string{"client_id": "", "code": "x"}, 400, "invalid_request"},
		"no client secret":          {map[string]string{"client_secret": "", "code": "x"}, 400, "invalid_request"},
		"wrong client secret":       {map[string]string{"client_secret": "shpss_wrong", "code": "x"}, 400, "invalid_client"},
		"unknown code":              {map[string]string{"code": "x"}, 400, "invalid_request"},
		"empty code":                {map[string]string{"code": ""}, 400, "invalid_request"},
		"neither grant nor code":    {nil, 400, "invalid_request"},
		"unknown grant":             {map[string]string{"grant_type": "password"}, 400, "unsupported_grant_type"},
		"refresh without token":     {map[string]string{"grant_type": "refresh_token"}, 400, "invalid_request"},
		"unknown refresh token":     {map[string]string{"grant_type": "refresh_token", "refresh_token": "shprt_no"}, 401, "invalid_request"},
		"exchange without a token":  {map[string]string{"grant_type": exchangeURN, "subject_token_type": idTokenURN}, 400, "invalid_request"},
		"exchange without a type":   {map[string]string{"grant_type": exchangeURN, "subject_token": "x"}, 400, "invalid_request"},
		"exchange of another type":  {map[string]string{"grant_type": exchangeURN, "subject_token": "x", "subject_token_type": "saml"}, 400, "invalid_request"},
		"exchange of a bad token":   {map[string]string{"grant_type": exchangeURN, "subject_token": "a.b.c", "subject_token_type": idTokenURN}, 400, "invalid_subject_token"},
		"migration without a token": {map[string]string{"grant_type": exchangeURN, "subject_token_type": offlineURN}, 400, "invalid_request"},
		"app not installed":         {map[string]string{"grant_type": "client_credentials"}, 400, "app_not_installed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := setup(t)
			f.refused(f.post(c.params), c.status, c.code)
		})
	}
}

func TestTokenEndpointRefusesBadRequests(t *testing.T) {
	t.Parallel()
	f := setup(t)
	const form, js = "application/x-www-form-urlencoded", "application/json"
	for name, c := range map[string]struct {
		method, contentType, body string
		status                    int
	}{
		"GET":               {http.MethodGet, form, "", 405},
		"broken JSON":       {http.MethodPost, js, `{"client_id":`, 400},
		"JSON array":        {http.MethodPost, js, `[]`, 400},
		"JSON null":         {http.MethodPost, js, `null`, 400},
		"nested JSON value": {http.MethodPost, js, `{"client_id":{"a":1}}`, 400},
		"two JSON values":   {http.MethodPost, js, `{}{}`, 400},
		"broken form":       {http.MethodPost, form, "a=%zz", 400},
		"unknown type":      {http.MethodPost, "text/plain", "client_id=x", 400},
		"empty body":        {http.MethodPost, form, "", 400},
		"oversized body":    {http.MethodPost, form, strings.Repeat("a", 2<<20), 413},
	} {
		r := f.raw(c.method, c.contentType, js, c.body)
		require.Equal(t, c.status, r.status, name)
		if c.status != 413 {
			require.NotEmpty(t, r.text(t, "error"), name)
		}
	}
	require.Equal(t, http.MethodPost, f.raw(http.MethodGet, form, js, "").header.Get("Allow"))
}

func TestExchangeChecksParameters(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.refused(f.exchange(map[string]string{"expiring": "yes"}), 400, "invalid_request")
	f.refused(f.exchange(map[string]string{"requested_token_type": "urn:other"}), 400, "invalid_request")
}

func TestExchangeRefusesIDTokens(t *testing.T) {
	t.Parallel()
	set := func(name string, value any) func(jwt.MapClaims) {
		return func(c jwt.MapClaims) { c[name] = value }
	}
	for name, mod := range map[string]func(jwt.MapClaims){
		"expired":             set("exp", start.Unix()),
		"not yet valid":       set("nbf", start.Add(time.Second).Unix()),
		"for another app":     set("aud", "other"),
		"of another shop":     set("dest", "https://beta.myshopify.com"),
		"of another issuer":   set("iss", "https://beta.myshopify.com/admin"),
		"without a user":      func(c jwt.MapClaims) { delete(c, "sub") },
		"without an expiry":   func(c jwt.MapClaims) { delete(c, "exp") },
		"with a strange user": set("sub", "gid://shopify/User/1"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := setup(t)
			r := f.exchange(map[string]string{"subject_token": f.shop.SessionToken(shopifytest.User{}, mod)})
			f.refused(r, http.StatusBadRequest, "invalid_subject_token")
		})
	}
	t.Run("with another signature", func(t *testing.T) {
		t.Parallel()
		f := setup(t)
		other := shopifytest.Run(t)
		other.SetClock(f.s.Now)
		r := f.exchange(map[string]string{"subject_token": other.Shop(shopA).SessionToken(shopifytest.User{})})
		f.refused(r, http.StatusBadRequest, "invalid_subject_token")
	})
	t.Run("of a shop that uninstalled", func(t *testing.T) {
		t.Parallel()
		f := setup(t)
		f.acquire()
		f.shop.Uninstall()
		f.refused(f.exchange(nil), http.StatusBadRequest, "app_not_installed")
		require.False(t, f.shop.Installed())
	})
}

func TestClientCredentialsAreForOneOrganization(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.s.SetApp(shopifytest.App{OtherOrganization: true})
	f.shop.Install()
	f.refused(f.post(map[string]string{"grant_type": "client_credentials"}), 400, "shop_not_permitted")
}

func TestClientCredentialsTokenLivesOneDay(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.shop.Install()
	token := f.ok(f.post(map[string]string{"grant_type": "client_credentials"})).access
	f.s.Advance(86398 * time.Second)
	f.accepted(token)
	f.s.Advance(time.Second)
	f.refusedToken(token)
}

func TestUnknownShopIsNotFound(t *testing.T) {
	t.Parallel()
	f := setup(t)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://nobody.myshopify.com/admin/oauth/access_token", http.NoBody)
	require.NoError(t, err)
	req.Header.Set("Accept", "application/json")
	r := f.do(req)
	require.Equal(t, http.StatusNotFound, r.status)
	require.JSONEq(t, `{"errors":"Not Found"}`, r.body)
}

func TestOnlineTokenLivesOneDayOrUntilLogout(t *testing.T) {
	t.Parallel()
	f := setup(t)
	anna, ben := shopifytest.User{ID: 7, FirstName: "Anna"}, shopifytest.User{ID: 8, FirstName: "Ben"}
	online := func(u shopifytest.User) string {
		return f.ok(f.exchange(map[string]string{"subject_token": f.shop.SessionToken(u), "requested_token_type": onlineURN})).access
	}
	first, second, other, offline := online(anna), online(anna), online(ben), f.acquire().access
	f.shop.Logout(anna)
	f.refusedToken(first)
	f.refusedToken(second)
	f.accepted(other)
	f.accepted(offline)
	f.s.Advance(86399 * time.Second)
	f.refusedToken(other)
}

func TestUserOfACodeOrTokenIsRemembered(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.shop.SessionToken(shopifytest.User{ID: 7, FirstName: "Anna", Email: "anna@example.com"})
	r := f.exchange(map[string]string{"subject_token": f.shop.SessionToken(shopifytest.User{ID: 7}), "requested_token_type": onlineURN})
	f.ok(r)
	require.Contains(t, r.body, "anna@example.com")
}

func FuzzTokenParams(f *testing.F) {
	f.Add("application/json", `{"expiring":1}`)
	f.Add("application/x-www-form-urlencoded", "a=1&a=2")
	f.Fuzz(func(t *testing.T, contentType, body string) {
		params, err := shopifytest.TokenParams(contentType, []byte(body))
		require.Equal(t, err == nil, params != nil)
	})
}

func readAll(t *testing.T, r io.Reader) string {
	t.Helper()
	data, err := io.ReadAll(r)
	require.NoError(t, err)
	return string(data)
}
