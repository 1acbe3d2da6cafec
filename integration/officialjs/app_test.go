package officialjs_test

import (
	"bufio"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/shopifysession"
	"github.com/shopifysession/toolkit/shopifytest"
)

// app is an app on the official library in a process of its own, and the local
// Shopify that it is registered with.
type app struct {
	*shopifytest.Server
	address string
	client  *http.Client
}

// answer is what the app says: what the library returned or threw.
type answer struct {
	status  int
	header  http.Header
	cookies []*http.Cookie

	Result json.RawMessage
	Error  *libraryError
}

// libraryError is an error of the library; Status and Body are Shopify's answer.
type libraryError struct {
	Name, Message string
	Status        int
	Body          map[string]any
	RetryAfter    float64
}

const scopes = "read_products,write_orders"

// startApp starts the app until the test ends. Everything in config but URLs
// and scopes is kept.
func startApp(t *testing.T, config shopifytest.App) *app {
	t.Helper()
	a := &app{Server: shopifytest.Run(t), client: &http.Client{
		Transport:     new(http.Transport),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	t.Cleanup(a.client.CloseIdleConnections)
	port, certificate := listener(t, a.Server)

	embedded := "1"
	if config.NotEmbedded {
		embedded = "0"
	}
	cmd := node(t, "app.mjs",
		"API_KEY="+a.App().APIKey, "API_SECRET="+a.App().APISecret, "SHOPIFY_PORT="+port, "SHOPIFY_CERTIFICATE="+certificate,
		"EMBEDDED="+embedded, "SCOPES="+scopes)
	stdin, err := cmd.StdinPipe()
	require.NoError(t, err)
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = stdin.Close() // also ends the process if this one is killed
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	require.NoError(t, err)
	var started struct{ Address string }
	require.NoError(t, json.Unmarshal(line, &started))

	a.address = started.Address
	config.URL = started.Address
	config.WebhookURL = started.Address + "/webhooks"
	config.RedirectURLs = []string{started.Address + "/callback", started.Address + "/callback/expiring"}
	config.Scopes = scopes
	a.SetApp(config)
	return a
}

// do sends a request to the app.
func (a *app) do(t *testing.T, r *http.Request) answer {
	t.Helper()
	r = r.WithContext(t.Context())
	r.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0") // no bot
	resp, err := a.client.Do(r)
	require.NoError(t, err)
	defer func() { require.NoError(t, resp.Body.Close()) }()
	ans := answer{status: resp.StatusCode, header: resp.Header, cookies: resp.Cookies()}
	if resp.Header.Get("Content-Type") == "application/json" {
		require.NoError(t, json.NewDecoder(resp.Body).Decode(&ans))
	}
	return ans
}

// call makes the library do something of calls.mjs.
func (a *app) call(t *testing.T, name string, args map[string]any) answer {
	t.Helper()
	body, err := json.Marshal(args)
	require.NoError(t, err)
	r, err := http.NewRequest(http.MethodPost, a.address+"/calls/"+name, strings.NewReader(string(body)))
	require.NoError(t, err)
	return a.do(t, r)
}

// get reads the result of a call that must not fail.
func get[T any](t *testing.T, ans answer) T {
	t.Helper()
	require.Nil(t, ans.Error)
	var v T
	require.NoError(t, json.Unmarshal(ans.Result, &v))
	return v
}

// session reads the session that a grant of the library returned, as it
// serializes itself.
func session(t *testing.T, ans answer) *shopifysession.Session {
	t.Helper()
	return get[struct{ Session *shopifysession.Session }](t, ans).Session
}

// requests returns what a shop has received.
func (a *app) requests(sh *shopifytest.Shop) []shopifytest.Request {
	return slices.DeleteFunc(a.Requests(), func(r shopifytest.Request) bool { return r.Shop != sh.Domain() })
}

// requireTokenRequest requires that the last request to a shop asked for a grant
// with exactly these parameters beside the app's credentials, and got it.
func (a *app) requireTokenRequest(t *testing.T, sh *shopifytest.Shop, grant shopifytest.Grant, params map[string]string) {
	t.Helper()
	want := maps.Clone(params)
	want["client_id"] = a.App().APIKey
	want["client_secret"] = a.Mask(a.App().APISecret)
	seen := a.requests(sh)
	require.NotEmpty(t, seen)
	last := seen[len(seen)-1]
	last.At = time.Time{}
	require.Equal(t, shopifytest.Request{
		Method: http.MethodPost, Shop: sh.Domain(), Path: "/admin/oauth/access_token",
		Grant: grant, Status: http.StatusOK, Params: want,
	}, last)
}

// span is a stretch of real time in which something happened.
type span struct{ from, to time.Time }

// during runs something and tells when.
func during(fn func()) span {
	from := time.Now().Truncate(time.Millisecond) // the precision of JavaScript
	fn()
	return span{from, time.Now()}
}

// requireLife requires that something issued in that span ends a life later.
func (s span) requireLife(t *testing.T, life time.Duration, end time.Time) {
	t.Helper()
	require.WithinRange(t, end, s.from.Add(life), s.to.Add(life))
}
