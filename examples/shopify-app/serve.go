package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"time"

	"github.com/shopifysession/toolkit/shopifysession"
)

// serve runs the app, and the local Shopify if there is one, until ctx ends or
// something fails.
func serve(ctx context.Context, cfg config, stdout io.Writer, log *slog.Logger) (err error) {
	// The ports come first: a second copy of the program that finds them taken
	// must not have touched the files of the first.
	appListener, err := listen(cfg.addr, "-addr")
	if err != nil {
		return err
	}
	defer func() { _ = appListener.Close() }() // its server may have closed it
	var shopify *localShopify
	var shopifyListener net.Listener
	now := time.Now
	if cfg.real == nil {
		if shopifyListener, err = listen(cfg.shopifyAddr, "-shopify-addr"); err != nil {
			return err
		}
		defer func() { _ = shopifyListener.Close() }()
		if err := createFile(cfg.db); err != nil { // the snapshot goes beside it
			return err
		}
		// Two local Shopifies on one snapshot would forget each other's tokens.
		lock, err := lockFile(cfg.db)
		if err != nil {
			return err
		}
		defer func() { _ = lock.Close() }()
		if shopify, err = openLocalShopify(cfg.db+".snapshot.json", log); err != nil {
			return err
		}
		now = shopify.server.Now
	}
	sqlite, db, err := openStorage(ctx, cfg.db, now)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	storage := shopifysession.SessionStorage(sqlite)
	if cfg.custom {
		if storage, err = throughCallbacks(sqlite); err != nil {
			return err
		}
	}

	var settings shopifysession.Config
	options := appOptions{adminPassword: cfg.adminPassword}
	if shopify == nil {
		settings = cfg.real.config()
	} else {
		options.localShopify = browserURL(shopifyListener)
		settings = shopify.register(cfg, browserURL(appListener), options.localShopify)
	}
	settings.NotEmbedded, settings.Logger, settings.SessionStorage = !cfg.embedded, log, storage
	shop, err := shopifysession.NewContext(settings)
	if err != nil {
		return err
	}

	servers := newGroup(log)
	if shopify != nil {
		defer func() { err = errors.Join(err, shopify.state.save()) }() // when nothing changes it any more
		servers.serve(shopifyListener, shopify.state.handler(shopify.server.Handler()))
	}
	defer func() { err = errors.Join(err, servers.shutdown()) }()
	servers.serve(appListener, newApp(shop, options).handler())
	announce(stdout, shop.AppURL().String(), options.localShopify, appListener.Addr().String())

	return servers.wait(ctx, func() {
		if _, err := sqlite.DeleteExpired(ctx, now()); err != nil {
			log.Warn("expired sessions were not removed", "error", err.Error())
		}
	})
}

// config returns the app's configuration for the real Shopify.
func (c *credentials) config() shopifysession.Config {
	return shopifysession.Config{APIKey: c.apiKey, APISecret: c.apiSecret, AppURL: c.appURL, Scopes: c.scopes}
}

// announce says where everything is.
func announce(w io.Writer, appURL, shopifyURL, addr string) {
	if shopifyURL == "" {
		fmt.Fprintf(w, "App: %s (listening on %s)\n", appURL, addr)
	} else {
		fmt.Fprintf(w, "Local Shopify admin: %s/\nApp:                 %s/\n", shopifyURL, appURL)
		fmt.Fprintln(w, "Open the admin, choose a shop and install the app.")
	}
	fmt.Fprintln(w, "Stop with Ctrl+C.")
}
