package main

import (
	"context"
	"io"
	"log/slog"
	"net/http"

	"github.com/shopifysession/toolkit/shopifysession"
	"github.com/shopifysession/toolkit/shopifytest"
)

// What the tests call; they live in a package of their own.
var (
	Run              = run
	Explain          = explain
	Distance         = distance
	ThroughCallbacks = throughCallbacks
)

// Local is a local Shopify with its file.
type Local struct{ *localShopify }

// OpenLocal is openLocalShopify.
func OpenLocal(file string, log *slog.Logger) (Local, error) {
	l, err := openLocalShopify(file, log)
	return Local{l}, err
}

func (l Local) Server() *shopifytest.Server { return l.server }
func (l Local) Save() error                 { return l.state.save() }
func (l Local) SavingHandler() http.Handler { return l.state.handler(l.server.Handler()) }

// InMemory returns the app's configuration for these flags, without sockets.
func (l Local) InMemory(appURL string, flags ...string) shopifysession.Config {
	memory := l.server.Config(nil).HTTPClient
	c, err := parseConfig(flags, func(string) string { return "" }, io.Discard)
	if err != nil {
		panic(err)
	}
	cfg := l.register(c, appURL, appURL)
	cfg.AdminURL, cfg.HTTPClient, cfg.NotEmbedded = nil, memory, !c.embedded
	return cfg
}

// OpenStorage is openStorage.
func OpenStorage(ctx context.Context, file string, l Local) (shopifysession.SessionStorage, func() error, error) {
	storage, db, err := openStorage(ctx, file, l.server.Now)
	if err != nil {
		return nil, nil, err
	}
	return storage, db.Close, nil
}

// NewHandler returns the app's handler.
func NewHandler(app *shopifysession.Context, localShopify, adminPassword string) http.Handler {
	return newApp(app, appOptions{localShopify: localShopify, adminPassword: adminPassword}).handler()
}
