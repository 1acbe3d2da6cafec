package main

import (
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/shopifysession/toolkit/shopifysession"
)

// config is what flags and environment say.
type config struct {
	addr          string // the app listens here
	shopifyAddr   string // the local Shopify listens here
	db            string // file with the sessions
	custom        bool   // reach the storage through callbacks
	embedded      bool
	adminPassword string       // empty: the admin page is for this computer only
	real          *credentials // nil: a local Shopify
}

// credentials connect the app to the real Shopify.
type credentials struct {
	apiKey, apiSecret, appURL string
	scopes                    shopifysession.Scopes // nil: as configured at Shopify
}

// appScopes are the access scopes that the products page needs.
const appScopes = "read_products"

// storages are the values of -storage.
const (
	storageSQLite = "sqlite"
	storageCustom = "custom"
)

// parseConfig reads flags and environment. What is wrong with them has been
// written to stderr when it returns an error; flag.ErrHelp is none.
func parseConfig(args []string, getenv func(string) string, stderr io.Writer) (config, error) {
	var c config
	flags := flag.NewFlagSet("shopify-app", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&c.addr, "addr", "127.0.0.1:8080", "`address` of the app")
	flags.StringVar(&c.shopifyAddr, "shopify-addr", "127.0.0.1:8081", "`address` of the local Shopify")
	flags.StringVar(&c.db, "db", "data/shopify-app.db", "SQLite `file` that keeps the sessions")
	storage := flags.String("storage", storageSQLite, "how sessions are kept: sqlite, or custom, the same through callbacks")
	flags.BoolVar(&c.embedded, "embedded", true, "show the app inside the admin")
	flags.StringVar(&c.adminPassword, "admin-password", "", "password of /admin/sessions; better in the environment, as ADMIN_PASSWORD")
	if err := flags.Parse(args); err != nil {
		return config{}, err
	}
	var err error
	switch {
	case flags.NArg() > 0:
		err = fmt.Errorf("there are only flags, and %q is none", flags.Arg(0))
	case c.db == "":
		err = fmt.Errorf("-db must name a file")
	case *storage != storageSQLite && *storage != storageCustom:
		err = fmt.Errorf("-storage is %s or %s", storageSQLite, storageCustom)
	}
	if err != nil {
		fmt.Fprintf(stderr, "shopify-app: %v\n", err)
		return config{}, err
	}
	c.custom = *storage == storageCustom
	if c.adminPassword == "" {
		c.adminPassword = getenv("ADMIN_PASSWORD")
	}
	c.real = readCredentials(getenv)
	return c, nil
}

// readCredentials returns nil if nothing of the real Shopify is configured. What
// is missing or wrong shopifysession.NewContext finds, all of it at once.
func readCredentials(getenv func(string) string) *credentials {
	env := func(name string) string { return strings.TrimSpace(getenv(name)) }
	c := credentials{
		apiKey: env("SHOPIFY_API_KEY"), apiSecret: env("SHOPIFY_API_SECRET"), appURL: env("APP_URL"),
		scopes: shopifysession.ParseScopes(env("SCOPES")),
	}
	if c.apiKey == "" && c.apiSecret == "" && c.appURL == "" {
		return nil
	}
	return &c
}
