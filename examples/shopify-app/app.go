package main

import (
	"log/slog"
	"net/http"
	"strings"

	"github.com/shopifysession/toolkit/auth"
	"github.com/shopifysession/toolkit/shopifysession"
)

const webhooksPath = "/webhooks"

// app is the Shopify app.
type app struct {
	shopify *shopifysession.Context
	auth    *auth.Auth
	log     *slog.Logger
	appOptions
}

// appOptions are what only this program knows.
type appOptions struct {
	localShopify  string // URL of the local Shopify; empty: the real one
	adminPassword string // empty: the admin page is for this computer only
}

// newApp returns the app that is configured as shopify says.
func newApp(shopify *shopifysession.Context, options appOptions) *app {
	a := &app{shopify: shopify, log: shopify.Logger(), appOptions: options}
	authOptions := &auth.Options{ErrorHandler: a.fail}
	if a.localShopify != "" {
		authOptions.AppBridgeURL = a.localShopify + "/app-bridge.js"
	}
	a.auth = auth.New(shopify, authOptions)
	return a
}

// handler returns everything that the app serves.
func (a *app) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", a.welcome(a.auth.RequireSession(http.HandlerFunc(a.productsPage))))
	mux.Handle("GET /api/products", a.auth.RequireSession(http.HandlerFunc(a.listProducts)))
	mux.Handle("/auth", a.auth.Begin())
	mux.Handle("/auth/callback", a.auth.Callback(nil))

	mux.Handle(webhooksPath, a.auth.Webhooks())
	mux.HandleFunc("GET /health", a.health)
	mux.Handle("/admin/", a.operatorsOnly(http.MaxBytesHandler(a.sessionsAdmin(), 64<<10)))
	mux.HandleFunc("GET /assets/{file}", serveAsset)
	mux.HandleFunc("GET /favicon.ico", serveAsset)
	mux.Handle("GET /admin", http.RedirectHandler(a.base()+sessionsPath, http.StatusSeeOther))
	return a.logged(a.belowBase(a.routed(mux)))
}

// belowBase serves an app whose URL has a path, whether or not a proxy has taken
// that away.
func (a *app) belowBase(next http.Handler) http.Handler {
	base := a.base()
	stripped := http.StripPrefix(base, next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if base != "" && strings.HasPrefix(r.URL.Path, base+"/") {
			stripped.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// base is what the paths of the app begin with in a browser; mostly empty.
func (a *app) base() string { return a.shopify.AppURL().Path }

// welcome says where to go to somebody who opens the app's address by hand. Who
// comes from Shopify has parameters, and who is inside the admin a frame.
func (a *app) welcome(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		byHand := r.URL.RawQuery == "" && r.Header.Get("Authorization") == "" && r.Header.Get("Sec-Fetch-Dest") != "iframe"
		if !a.shopify.Embedded() || !byHand {
			next.ServeHTTP(w, r)
			return
		}
		a.render(w, r, http.StatusOK, "welcome", page{Title: "Products", LocalShopify: a.localShopify})
	})
}
