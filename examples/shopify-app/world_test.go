package main_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	main "github.com/shopifysession/toolkit/examples/shopify-app"
	"github.com/shopifysession/toolkit/shopifysession"
	"github.com/shopifysession/toolkit/shopifytest"
)

const (
	appURL = "http://127.0.0.1:8080"
	domain = "paper-boat.myshopify.com"
)

// setup is what a world differs in.
type setup struct {
	dir      string // where its files are; empty: a new one
	window   bool   // the app is not embedded
	custom   bool   // the storage is reached through callbacks
	password string
	secret   string // what the app believes its secret to be; empty: the right one
}

// world is the program in memory: a Shopify, the app, a browser's cookies, and
// everything that the app has said.
type world struct {
	t       *testing.T
	dir     string
	local   main.Local
	shopify *shopifytest.Server
	shop    *shopifytest.Shop
	storage shopifysession.SessionStorage
	close   func() error // the database
	handler http.Handler
	cookies map[string]string
	said    *text
	secrets map[string]bool // what nobody may read
}

func newWorld(t *testing.T, s setup) *world {
	t.Helper()
	if s.dir == "" {
		s.dir = t.TempDir()
	}
	w := &world{t: t, dir: s.dir, cookies: map[string]string{}, said: &text{}, secrets: map[string]bool{}}
	log := slog.New(slog.NewTextHandler(w.said, &slog.HandlerOptions{Level: slog.LevelDebug}))
	file := filepath.Join(s.dir, "app.db")
	var err error
	w.local, err = main.OpenLocal(file+".snapshot.json", log)
	require.NoError(t, err)
	w.shopify = w.local.Server()
	w.shop = w.shopify.Shop(domain)
	w.storage, w.close, err = main.OpenStorage(t.Context(), file, w.local)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, w.close()) })

	cfg := w.local.InMemory(appURL, fmt.Sprintf("-embedded=%t", !s.window))
	cfg.SessionStorage, cfg.Logger = w.storage, log
	w.secrets[cfg.APISecret] = true
	if s.secret != "" {
		cfg.APISecret = s.secret
	}
	if s.custom {
		cfg.SessionStorage, err = main.ThroughCallbacks(w.storage)
		require.NoError(t, err)
	}
	app, err := shopifysession.NewContext(cfg)
	require.NoError(t, err)
	w.handler = main.NewHandler(app, "http://127.0.0.1:8081", s.password)

	registered := w.shopify.App()
	registered.WebhookURL, registered.Handler = appURL+"/webhooks", w.handler
	w.shopify.SetApp(registered)
	t.Cleanup(w.requireDiscretion)
	return w
}

// send gives a request to the app as this computer's browser would.
func (w *world) send(r *http.Request) *http.Response {
	w.t.Helper()
	in := httptest.NewRequestWithContext(w.t.Context(), r.Method, r.URL.RequestURI(), r.Body)
	in.Header = r.Header.Clone()
	in.Host = r.URL.Host
	if r.Host != "" {
		in.Host = r.Host
	}
	in.RemoteAddr = "127.0.0.1:50000"
	if r.RemoteAddr != "" {
		in.RemoteAddr = r.RemoteAddr
	}
	for name, value := range w.cookies {
		in.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w.keepSecret(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
	w.keepSecret(r.URL.Query().Get("id_token"))
	answer := httptest.NewRecorder()
	w.handler.ServeHTTP(answer, in)
	resp := answer.Result()
	for _, c := range resp.Cookies() {
		w.cookies[c.Name] = c.Value
	}
	for _, s := range w.sessions() {
		w.keepSecret(s.AccessToken)
		w.keepSecret(s.RefreshToken)
	}
	require.NoError(w.t, resp.Header.Write(w.said))
	_, _ = w.said.Write(answer.Body.Bytes())
	return resp
}

// get asks for a path as a page.
func (w *world) get(path string) *http.Response {
	w.t.Helper()
	r, err := http.NewRequest(http.MethodGet, appURL+path, nil)
	require.NoError(w.t, err)
	return w.send(r)
}

// post sends a form from the app's own page.
func (w *world) post(path string, form url.Values) *http.Response {
	w.t.Helper()
	return w.send(w.form(path, form))
}

func (w *world) form(path string, form url.Values) *http.Request {
	w.t.Helper()
	r, err := http.NewRequest(http.MethodPost, appURL+path, strings.NewReader(form.Encode()))
	require.NoError(w.t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return r
}

// fetch asks for the products as the script in the page does.
func (w *world) fetch(idToken string) *http.Response {
	w.t.Helper()
	r, err := http.NewRequest(http.MethodGet, appURL+"/api/products", nil)
	require.NoError(w.t, err)
	r.Header.Set("Sec-Fetch-Dest", "empty")
	if idToken != "" {
		r.Header.Set("Authorization", "Bearer "+idToken)
	}
	return w.send(r)
}

// follow goes where redirects lead; the merchant approves what Shopify asks.
func (w *world) follow(r *http.Request) *http.Response {
	w.t.Helper()
	for range 10 {
		resp := w.send(r)
		if resp.StatusCode != http.StatusFound {
			return resp
		}
		next, err := resp.Location()
		require.NoError(w.t, err)
		if next.Host == domain {
			require.Equal(w.t, "/admin/oauth/authorize", next.Path)
			r = w.shop.Approve(next.String())
			continue
		}
		r, err = http.NewRequest(http.MethodGet, r.URL.ResolveReference(next).String(), nil)
		require.NoError(w.t, err)
	}
	w.t.Fatal("redirects do not end")
	return nil
}

// install opens the embedded app on the shop and returns its page.
func (w *world) install() *http.Response {
	w.t.Helper()
	w.shop.Install()
	return w.send(w.shop.OpenRequest(shopifytest.User{}, ""))
}

// sessions returns what is stored; nothing when the database is closed.
func (w *world) sessions() []*shopifysession.Session {
	var found []*shopifysession.Session
	for s, err := range shopifysession.All(w.t.Context(), w.storage) {
		if err == nil {
			found = append(found, s)
		}
	}
	return found
}

// offline returns the shop's offline session.
func (w *world) offline() *shopifysession.Session {
	w.t.Helper()
	s, err := w.storage.Load(w.t.Context(), shopifysession.OfflineID(domain))
	require.NoError(w.t, err)
	return s
}

func (w *world) keepSecret(secret string) {
	if len(secret) > 8 {
		w.secrets[secret] = true
	}
}

// requireDiscretion fails if a secret is in any page, header or log line.
func (w *world) requireDiscretion() {
	said := w.said.String()
	require.NotEmpty(w.t, said)
	for secret := range w.secrets {
		require.False(w.t, strings.Contains(said, secret), "the app has told a secret")
	}
}

func body(t *testing.T, resp *http.Response) string {
	t.Helper()
	data, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return string(data)
}

func decode[T any](t *testing.T, resp *http.Response) T {
	t.Helper()
	var v T
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&v))
	return v
}

// text collects what several goroutines write.
type text struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (t *text) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.buf.Write(b)
}

func (t *text) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.buf.String()
}
