package auth_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/auth"
	"github.com/shopifysession/toolkit/shopifysession"
	"github.com/shopifysession/toolkit/shopifytest"
	"github.com/shopifysession/toolkit/storage/memory"
)

const shopDomain = "test-shop.myshopify.com"

// fixture is an app, its storage, and a local Shopify.
type fixture struct {
	t       *testing.T
	shopify *shopifytest.Server
	shop    *shopifytest.Shop
	storage *memory.Storage
	app     *shopifysession.Context
	auth    *auth.Auth
	log     *bytes.Buffer
}

type setup struct {
	app     shopifytest.App
	options auth.Options
	config  func(*shopifysession.Config)
}

func newFixture(t *testing.T, s setup) *fixture {
	t.Helper()
	f := &fixture{t: t, shopify: shopifytest.Run(t), storage: memory.New(), log: &bytes.Buffer{}}
	f.shopify.SetApp(s.app)
	f.shop = f.shopify.Shop(shopDomain)
	f.storage.Now = f.shopify.Now
	cfg := f.shopify.Config(f.storage)
	cfg.Logger = slog.New(slog.NewTextHandler(f.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	if s.config != nil {
		s.config(&cfg)
	}
	var err error
	f.app, err = shopifysession.NewContext(cfg)
	require.NoError(t, err)
	f.auth = auth.New(f.app, &s.options)
	return f
}

func (f *fixture) offline() *shopifysession.Session {
	f.t.Helper()
	s, err := f.storage.Load(f.t.Context(), shopifysession.OfflineID(shopDomain))
	require.NoError(f.t, err)
	return s
}

// requireNothing asserts that a refused request left no trace.
func (f *fixture) requireNothing() {
	f.t.Helper()
	n, err := f.storage.Len(context.WithoutCancel(f.t.Context())) // also after the test
	require.NoError(f.t, err)
	require.Zero(f.t, n, "nothing is stored")
	require.Empty(f.t, f.shopify.Requests(), "nothing is sent to any host")
}

// serve returns h's answer to a request with the cookies of jar.
func serve(h http.Handler, r *http.Request, cookies ...*http.Cookie) *http.Response {
	for _, c := range cookies {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func get(target string) *http.Request { return httptest.NewRequest(http.MethodGet, target, nil) }

func location(t *testing.T, resp *http.Response) *url.URL {
	t.Helper()
	require.Equal(t, http.StatusFound, resp.StatusCode)
	u, err := resp.Location()
	require.NoError(t, err)
	return u
}

// begin starts a login in a browser and returns Shopify's page and the browser's
// cookies.
func (f *fixture) begin() (*url.URL, []*http.Cookie) {
	f.t.Helper()
	resp := serve(f.auth.Begin(), get("/auth?shop="+shopDomain))
	return location(f.t, resp), resp.Cookies()
}

// who is a handler that answers with the shop of the session.
var who = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	s, ok := auth.SessionFrom(r.Context())
	if !ok {
		http.Error(w, "no session", http.StatusTeapot)
		return
	}
	w.Header().Set("X-Session", s.ID)
	w.Header().Set("X-Token", s.AccessToken)
})

// bodyText returns what a person sees.
func bodyText(t *testing.T, resp *http.Response) string {
	t.Helper()
	var buf bytes.Buffer
	_, err := buf.ReadFrom(resp.Body)
	require.NoError(t, err)
	return buf.String()
}

type brokenOnce struct{ auth.Once }

func (brokenOnce) First(context.Context, string, time.Duration) (bool, error) {
	return false, errors.New("down")
}
