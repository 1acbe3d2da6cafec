package shopifysession

import (
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Config describes one app. Its zero values are the safe choices: embedded,
// expiring tokens, only myshopify.com. fmt and slog print it without secrets.
type Config struct {
	// APIKey and APISecret are the app's client id and client secret. Required.
	APIKey, APISecret string
	// PreviousSecrets are secrets that are still accepted on the way in while
	// Shopify rotates to APISecret; nothing is signed or sent with them.
	PreviousSecrets []string
	// AppURL is where merchants' browsers reach the app: https, or http on a
	// loopback host; a path prefix is allowed. Required.
	AppURL string
	// Scopes are the access scopes that the app asks for. nil: they are
	// configured at Shopify (Shopify-managed installation).
	Scopes Scopes
	// SessionStorage keeps the sessions. Required.
	SessionStorage SessionStorage
	// NotEmbedded is set for apps that don't live in the admin's iframe.
	NotEmbedded bool
	// NonExpiringTokens asks for offline tokens that never expire. Shopify
	// refuses those of public apps from 2027-01-01.
	NonExpiringTokens bool
	// ShopDomains are further domains below which shops live, such as shop.dev,
	// for development stores. nil: only myshopify.com.
	ShopDomains []string
	// AdminURL returns the base of a shop's authorize, token, API and app URLs
	// and is called with a validated shop. nil: https://{shop}. A local Shopify
	// sets it. The rules for AppURL hold for the result, too; see
	// [Context.AdminURL].
	AdminURL func(shop string) string
	// HTTPClient makes the requests to Shopify. nil: a client with a timeout of
	// 10 s.
	HTTPClient *http.Client
	// Logger gets what an operator should know, without secrets. nil: nothing
	// is logged.
	Logger *slog.Logger
	// Now is the clock. nil: time.Now.
	Now func() time.Time
}

// Context is one configured app. It is immutable and safe for concurrent use.
// fmt and slog print it without secrets. (It is not a context.Context; the name
// is that of the official libraries. Call it app.)
type Context struct {
	cfg    Config
	appURL url.URL
}

const defaultTimeout = 10 * time.Second

// NewContext returns the app that cfg describes. It reports all mistakes at
// once, each a *[ConfigError], joined. It keeps copies of the slices in cfg.
func NewContext(cfg Config) (*Context, error) {
	c := &Context{cfg: cfg}
	if appURL, reason := parseBaseURL(cfg.AppURL); reason == "" {
		c.appURL = *appURL
	}
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	c.cfg.PreviousSecrets = slices.Clone(cfg.PreviousSecrets)
	c.cfg.Scopes = slices.Clone(cfg.Scopes)
	c.cfg.ShopDomains = nil
	for _, domain := range cfg.ShopDomains {
		c.cfg.ShopDomains = append(c.cfg.ShopDomains, asciiLower(domain))
	}
	if cfg.HTTPClient == nil {
		c.cfg.HTTPClient = &http.Client{Timeout: defaultTimeout}
	}
	if cfg.Logger == nil {
		c.cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Now == nil {
		c.cfg.Now = time.Now
	}
	return c, nil
}

func (c Config) validate() error {
	var errs []error
	wrong := func(field, reason string) {
		errs = append(errs, &ConfigError{Field: field, Reason: reason})
	}
	if strings.TrimSpace(c.APIKey) == "" {
		wrong("APIKey", "is empty")
	}
	// An empty key verifies whatever was signed with an empty key.
	if strings.TrimSpace(c.APISecret) == "" {
		wrong("APISecret", "is empty")
	}
	for _, secret := range c.PreviousSecrets {
		if strings.TrimSpace(secret) == "" {
			wrong("PreviousSecrets", "has an empty element")
		}
	}
	if _, reason := parseBaseURL(c.AppURL); reason != "" {
		wrong("AppURL", reason)
	}
	for _, scope := range c.Scopes {
		if parsed := ParseScopes(scope); len(parsed) != 1 || parsed[0] != scope {
			wrong("Scopes", "has an element that is not one scope")
		}
	}
	if c.SessionStorage == nil {
		wrong("SessionStorage", "is nil")
	}
	for _, domain := range c.ShopDomains {
		if !validSuffix(asciiLower(domain)) {
			wrong("ShopDomains", "has an element that is not a domain of two labels or more")
		}
	}
	return errors.Join(errs...)
}

// validSuffix keeps "com" and "" from making every domain a shop.
func validSuffix(domain string) bool {
	labels := strings.Split(domain, ".")
	return len(labels) >= 2 && !slices.ContainsFunc(labels, func(l string) bool { return !validLabel(l) })
}

// APIKey returns the app's client id.
func (c *Context) APIKey() string { return c.cfg.APIKey }

// Secrets returns every client secret that is accepted on the way in, the one
// that signs and is sent first. Never empty, no element empty. Secret.
func (c *Context) Secrets() []string {
	return append([]string{c.cfg.APISecret}, c.cfg.PreviousSecrets...)
}

// AppURL returns the app's base URL, without a trailing slash. The copy is the
// caller's.
func (c *Context) AppURL() *url.URL {
	u := c.appURL
	return &u
}

// Scopes returns the scopes that the app asks for; nil for Shopify-managed
// installation.
func (c *Context) Scopes() Scopes { return slices.Clone(c.cfg.Scopes) }

// SessionStorage returns the storage of the configuration.
func (c *Context) SessionStorage() SessionStorage { return c.cfg.SessionStorage }

// Embedded reports whether the app lives in the admin's iframe.
func (c *Context) Embedded() bool { return !c.cfg.NotEmbedded }

// ExpiringTokens reports whether the app asks for offline tokens that expire.
func (c *Context) ExpiringTokens() bool { return !c.cfg.NonExpiringTokens }

// HTTPClient returns the client for requests to Shopify; never nil.
func (c *Context) HTTPClient() *http.Client { return c.cfg.HTTPClient }

// Logger returns the logger; never nil.
func (c *Context) Logger() *slog.Logger { return c.cfg.Logger }

// Now returns the time of the app's clock.
func (c *Context) Now() time.Time { return c.cfg.Now() }

// ParseShop is [ParseShop] with the domains of [Config].ShopDomains allowed as
// well.
func (c *Context) ParseShop(s string) (string, error) {
	return parseShop(s, append([]string{shopSuffix}, c.cfg.ShopDomains...)...)
}
