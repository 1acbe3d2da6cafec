package shopifytest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/shopifytest"
)

const (
	shopA       = "alpha.myshopify.com"
	exchangeURN = "urn:ietf:params:oauth:grant-type:token-exchange"
	idTokenURN  = "urn:ietf:params:oauth:token-type:id_token"
	offlineURN  = "urn:shopify:params:oauth:token-type:offline-access-token"
	onlineURN   = "urn:shopify:params:oauth:token-type:online-access-token"
	refreshLife = 90 * 24 * time.Hour
	day         = 24 * time.Hour
)

var start = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

// fixture is a server with a standing clock, one shop, and a client without sockets.
type fixture struct {
	*testing.T
	s      *shopifytest.Server
	shop   *shopifytest.Shop
	client *http.Client
}

func setup(t *testing.T) *fixture {
	t.Helper()
	s := shopifytest.Run(t)
	s.SetClock(func() time.Time { return start })
	return &fixture{T: t, s: s, shop: s.Shop(shopA), client: &http.Client{Transport: s.RoundTripper()}}
}

// result is an answer of the token endpoint or the Admin API.
type result struct {
	status int
	header http.Header
	body   string
	err    error
}

func (r result) field(t *testing.T, name string) any {
	t.Helper()
	var object map[string]any
	require.NoError(t, json.Unmarshal([]byte(r.body), &object), r.body)
	return object[name]
}

func (r result) text(t *testing.T, name string) string {
	t.Helper()
	s, _ := r.field(t, name).(string)
	return s
}

func (f *fixture) do(req *http.Request) result {
	f.Helper()
	resp, err := f.client.Do(req)
	if err != nil {
		return result{err: err}
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	return result{resp.StatusCode, resp.Header, string(body), err}
}

// post sends a form to the token endpoint, client credentials added where absent.
func (f *fixture) post(params map[string]string) result {
	f.Helper()
	form := url.Values{"client_id": {f.s.App().APIKey}, "client_secret": {f.s.App().APISecret}}
	for name, value := range params {
		form.Set(name, value)
	}
	req, err := http.NewRequestWithContext(f.Context(), http.MethodPost, "https://"+f.shop.Domain()+"/admin/oauth/access_token", strings.NewReader(form.Encode()))
	require.NoError(f, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	return f.do(req)
}

// tokens are what a successful token request brought.
type tokens struct{ access, refresh string }

func (f *fixture) ok(r result) tokens {
	f.Helper()
	require.NoError(f, r.err)
	require.Equal(f, http.StatusOK, r.status, r.body)
	return tokens{r.text(f.T, "access_token"), r.text(f.T, "refresh_token")}
}

// refused asserts status and error code.
func (f *fixture) refused(r result, status int, code string) {
	f.Helper()
	require.NoError(f, r.err)
	require.Equal(f, status, r.status, r.body)
	require.Equal(f, code, r.text(f.T, "error"))
	require.NotEmpty(f, r.text(f.T, "error_description"))
}

// dead asserts the one answer to every refresh token of no use.
func (f *fixture) dead(r result) {
	f.Helper()
	require.NoError(f, r.err)
	require.Equal(f, http.StatusUnauthorized, r.status)
	require.JSONEq(f, `{"error":"invalid_request","error_description":"This request requires an active refresh_token"}`, r.body)
}

func (f *fixture) exchange(extra map[string]string) result {
	f.Helper()
	params := map[string]string{
		"grant_type": exchangeURN, "subject_token": f.shop.SessionToken(shopifytest.User{}), "subject_token_type": idTokenURN,
	}
	for name, value := range extra {
		params[name] = value
	}
	return f.post(params)
}

// acquire gets an expiring pair by token exchange.
func (f *fixture) acquire() tokens {
	f.Helper()
	return f.ok(f.exchange(map[string]string{"expiring": "1"}))
}

func (f *fixture) permanent() string {
	f.Helper()
	return f.ok(f.exchange(nil)).access
}

func (f *fixture) refresh(token string) result {
	f.Helper()
	return f.post(map[string]string{"grant_type": "refresh_token", "refresh_token": token})
}

func (f *fixture) migrate(token string, extra ...string) result {
	f.Helper()
	params := map[string]string{
		"grant_type": exchangeURN, "subject_token": token, "subject_token_type": offlineURN,
		"requested_token_type": offlineURN, "expiring": "1",
	}
	for i := 0; i < len(extra); i += 2 {
		params[extra[i]] = extra[i+1]
	}
	return f.post(params)
}

// graphql sends a query to the Admin API.
func (f *fixture) graphql(token, query string) result {
	f.Helper()
	body, err := json.Marshal(map[string]any{"query": query})
	require.NoError(f, err)
	req, err := http.NewRequestWithContext(f.Context(), http.MethodPost, "https://"+f.shop.Domain()+"/admin/api/2026-10/graphql.json", strings.NewReader(string(body)))
	require.NoError(f, err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Shopify-Access-Token", token)
	return f.do(req)
}

// accepted asserts that the Admin API takes this token, refusedToken that it does not.
func (f *fixture) accepted(token string) {
	f.Helper()
	require.Equal(f, http.StatusOK, f.graphql(token, "{shop{id}}").status)
	require.True(f, f.shop.Valid(token))
}

func (f *fixture) refusedToken(token string) {
	f.Helper()
	r := f.graphql(token, "{shop{id}}")
	require.Equal(f, http.StatusUnauthorized, r.status)
	require.JSONEq(f, `{"errors":"[API] Invalid API key or access token (unrecognized login or wrong password)"}`, r.body)
	require.False(f, f.shop.Valid(token))
}

func (f *fixture) authorizeURL(extra ...string) string {
	q := url.Values{
		"client_id": {f.s.App().APIKey}, "redirect_uri": {"https://app.example.com/auth/callback"}, "state": {"s1"},
	}
	for i := 0; i < len(extra); i += 2 {
		q.Set(extra[i], extra[i+1])
	}
	return "https://" + f.shop.Domain() + "/admin/oauth/authorize?" + q.Encode()
}

// browser serves Handler on a real port and keeps no redirects.
func (f *fixture) browser() (base string, client *http.Client) {
	srv := httptest.NewServer(f.s.Handler())
	f.Cleanup(srv.Close)
	client = srv.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return srv.URL, client
}
