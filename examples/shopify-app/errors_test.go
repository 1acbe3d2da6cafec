package main_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/auth"
	main "github.com/shopifysession/toolkit/examples/shopify-app"
	"github.com/shopifysession/toolkit/shopifysession"
	"github.com/shopifysession/toolkit/shopifytest"
)

func TestWrongSecret(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		setup setup
		open  func(*world) *http.Response
	}{
		"page, after App Bridge has tried a fresh ID token": {setup{secret: "wrong"}, func(w *world) *http.Response {
			resp := w.send(w.shop.OpenRequest(shopifytest.User{}, ""))
			require.Equal(t, http.StatusFound, resp.StatusCode)
			bounced, err := resp.Location()
			require.NoError(t, err)
			reload, err := http.NewRequest(http.MethodGet, bounced.Query().Get("shopify-reload"), nil)
			require.NoError(t, err)
			q := reload.URL.Query()
			q.Set("id_token", w.shop.SessionToken(shopifytest.User{}))
			reload.URL.RawQuery = q.Encode()
			return w.send(reload)
		}},
		"fetch": {setup{secret: "wrong"}, func(w *world) *http.Response {
			return w.fetch(w.shop.SessionToken(shopifytest.User{}))
		}},
		"login": {setup{secret: "wrong", window: true}, func(w *world) *http.Response {
			return w.follow(w.shop.InstallRequest())
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, tt.setup)
			w.shop.Install()
			resp := tt.open(w)
			require.Equal(t, http.StatusUnauthorized, resp.StatusCode)
			require.Contains(t, body(t, resp), "SHOPIFY_API_SECRET", "the page says which setting to check")
			require.Empty(t, w.ids())
		})
	}
}

func TestExplanations(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		err  error
		says string
	}{
		"another app's token": {auth.ErrInvalidToken, "The ID token does not verify"},
		"refused credentials": {&auth.TokenError{Status: 400, Code: "invalid_client"}, "Shopify does not know the app by this key and secret"},
		"Shopify down":        {&auth.TokenError{Status: 503}, "Shopify does not answer"},
		"storage down":        {&shopifysession.StorageError{Op: "load", Backend: "sqldb"}, "The database does not answer"},
		"old link":            {auth.ErrStaleRequest, "This link is too old"},
		"other browser":       {auth.ErrStateMismatch, "began in another browser"},
		"merchant declined":   {auth.ErrAccessDenied, "The app was not installed"},
		"no shop":             {shopifysession.ErrInvalidShop, "This is not a shop"},
		"crawler":             {auth.ErrBot, "This request can’t be answered"},
		"anything else":       {http.ErrAbortHandler, "Something went wrong"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := main.Explain(tt.err)
			require.Contains(t, p.Title, tt.says)
			require.NotEmpty(t, p.Text, "it says what to do")
		})
	}
}

func TestDistance(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		-10 * time.Second:               "just now",
		-90 * time.Minute:               "1 hour ago",
		29 * time.Second:                "in less than a minute",
		time.Minute:                     "in 1 minute",
		time.Hour - time.Second:         "in 1 hour",
		24 * time.Hour:                  "in 24 hours",
		90*24*time.Hour - 2*time.Second: "in 90 days",
		-72 * time.Hour:                 "3 days ago",
	} {
		require.Equal(t, want, main.Distance(d), "%s", d)
	}
}
