package main

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/shopifysession/toolkit/shopifysession"
	"github.com/shopifysession/toolkit/shopifytest"
)

// localShopify is a Shopify on this computer that survives restarts.
type localShopify struct {
	server *shopifytest.Server
	state  *snapshot
}

// firstShops are there when the local Shopify is new.
var firstShops = []string{"garden-lamp.myshopify.com", "paper-boat.myshopify.com"}

// openLocalShopify returns the Shopify that the file holds, or a new one.
func openLocalShopify(file string, log *slog.Logger) (*localShopify, error) {
	server := shopifytest.NewServer()
	state := &snapshot{path: file, server: server, log: log}
	if err := state.restore(); err != nil {
		return nil, err
	}
	if len(server.Shops()) == 0 {
		for _, shop := range firstShops {
			server.Shop(shop)
		}
	}
	return &localShopify{server: server, state: state}, state.save()
}

// register tells the local Shopify where the app is, as its developer would in
// the dashboard, and returns the app's configuration for it. The local Shopify's
// clock is the app's: moving it makes tokens expire.
func (l *localShopify) register(c config, appURL, shopifyURL string) shopifysession.Config {
	app := l.server.App() // key and secret stay those of the snapshot
	l.server.SetApp(shopifytest.App{
		Name: "Example app", APIKey: app.APIKey, APISecret: app.APISecret,
		URL: appURL, WebhookURL: appURL + webhooksPath, Scopes: appScopes,
		NotEmbedded: !c.embedded, LegacyInstall: !c.embedded,
	})
	cfg := l.server.Config(nil)
	cfg.AdminURL = l.server.AdminURL(shopifyURL)
	cfg.HTTPClient = &http.Client{Timeout: 10 * time.Second}
	return cfg
}
