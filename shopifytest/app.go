package shopifytest

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// App is the app as its developer registered it with Shopify. The zero value of
// every field is a useful default; SetApp fills them in.
type App struct {
	Name      string // what the admin calls the app; "": its URL
	APIKey    string // client id; "": a fixed one
	APISecret string // client secret; "": a random one, kept while the server lives

	// URL is the app's base URL, what the admin opens. "": https://app.example.com
	URL string
	// RedirectURLs are the registered OAuth callbacks; redirect_uri must be one of
	// them, byte for byte. nil: /auth/callback, /auth/shopify/callback and
	// /api/auth/callback below URL.
	RedirectURLs []string
	// WebhookURL receives what the server delivers on its own (app/uninstalled,
	// app/scopes_update, compliance topics). "": nothing is delivered, and
	// (*Shop).Webhook addresses its requests to /webhooks below URL.
	WebhookURL string
	// ProxyURL is where (*Shop).ProxyRequest points. "": /proxy below URL.
	ProxyURL string
	// Scopes are the access scopes in the app's configuration, comma separated.
	// "": an authorize URL's own scopes are granted, and write_products,read_orders
	// where there are none. When set they win over the authorize URL, unless
	// LegacyInstall.
	Scopes string

	// NotEmbedded marks an app that opens in its own window.
	NotEmbedded bool
	// LegacyInstall is use_legacy_install_flow: installing goes through the app's
	// own authorize redirect, with the scopes of that URL. Zero: Shopify manages
	// the installation.
	LegacyInstall bool
	// OtherOrganization marks shops and app as belonging to different
	// organizations: client credentials are refused with shop_not_permitted.
	OtherOrganization bool

	// Handler, when not nil, receives webhook deliveries in the caller's goroutine
	// instead of a connection to WebhookURL: no sockets, fit for testing/synctest.
	Handler http.Handler
}

const (
	defaultAPIKey = "2f6a1f0e0c5b4c7d9a3e8b1d4c6f7a90"
	defaultScopes = "write_products,read_orders"
)

// SetApp replaces the app. Call it before anything is installed: tokens are
// pinned to secrets, and an APISecret that the server does not know yet replaces
// all secrets, which kills what the old ones minted (AddSecret rotates instead).
// An URL that is not absolute http or https ends the test.
func (s *Server) SetApp(app App) {
	if app.APIKey == "" {
		app.APIKey = defaultAPIKey
	}
	if app.URL == "" {
		app.URL = "https://app.example.com"
	}
	app.URL = strings.TrimSuffix(app.URL, "/")
	if app.Name == "" {
		app.Name = app.URL
	}
	for _, u := range append([]string{app.URL, app.WebhookURL, app.ProxyURL}, app.RedirectURLs...) {
		if u != "" && !absolute(u) {
			s.fatalf("shopifytest: set app: %q is not an absolute http or https URL", u)
		}
	}
	if app.RedirectURLs == nil {
		app.RedirectURLs = []string{app.URL + "/auth/callback", app.URL + "/auth/shopify/callback", app.URL + "/api/auth/callback"}
	}
	app.RedirectURLs = slices.Clone(app.RedirectURLs)
	app.Scopes = compress(app.Scopes)

	s.mu.Lock()
	defer s.mu.Unlock()
	if app.APISecret == "" {
		app.APISecret = s.app.APISecret
	}
	if app.APISecret == "" {
		app.APISecret = newSecret()
	}
	if s.secretByValueLocked(app.APISecret) == nil {
		for i := range s.st.Secrets {
			s.st.Secrets[i].Revoked = true
		}
		s.addSecretLocked(app.APISecret)
	}
	s.app = app
	s.st.APIKey = app.APIKey
}

// App returns the app with the defaults filled in. APISecret is the newest secret.
func (s *Server) App() App {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.appLocked()
}

func (s *Server) appLocked() App {
	app := s.app
	app.RedirectURLs = slices.Clone(app.RedirectURLs)
	app.APISecret = s.newestLocked().Value
	return app
}

// Format implements fmt.Formatter: every verb shows client id and URL, no secret.
func (a App) Format(f fmt.State, _ rune) { _, _ = fmt.Fprintf(f, "app %s at %s", a.APIKey, a.URL) }

// LogValue implements slog.LogValuer without the secret.
func (a App) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(a)) }

// webhookAddress is where a webhook request points, delivered or not.
func (a App) webhookAddress() string {
	if a.WebhookURL != "" {
		return a.WebhookURL
	}
	return a.URL + "/webhooks"
}

func (a App) proxyAddress() string {
	if a.ProxyURL != "" {
		return a.ProxyURL
	}
	return a.URL + "/proxy"
}

// delivers reports whether the server may send webhooks on its own.
func (a App) delivers() bool { return a.WebhookURL != "" || a.Handler != nil }

// origin is scheme://host of the app, as a browser writes it.
func (a App) origin() string {
	u, err := url.Parse(a.URL)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

func absolute(raw string) bool {
	u, err := url.Parse(raw)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil && u.Fragment == ""
}
