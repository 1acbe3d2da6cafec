package shopifytest

import (
	"net/http"
	"slices"
	"time"

	"github.com/shopifysession/toolkit/shopifysession"
)

// Config returns the configuration of the App for shopifysession.NewContext: its
// keys (the newest secret, and the older active ones as PreviousSecrets), its URL,
// the scopes of a LegacyInstall app, an HTTPClient over RoundTripper with a timeout
// of ten seconds, and Now as the clock. Change what a test needs before NewContext;
// a program that talks to Handler sets AdminURL and its own HTTPClient.
func (s *Server) Config(st shopifysession.SessionStorage) shopifysession.Config {
	app, secrets := s.App(), s.Secrets()
	older := secrets[:len(secrets)-1]
	slices.Reverse(older)
	cfg := shopifysession.Config{
		APIKey: app.APIKey, APISecret: app.APISecret, PreviousSecrets: older,
		AppURL: app.URL, SessionStorage: st, NotEmbedded: app.NotEmbedded,
		HTTPClient: &http.Client{Transport: s.RoundTripper(), Timeout: 10 * time.Second},
		Now:        s.Now,
	}
	if app.LegacyInstall {
		cfg.Scopes = shopifysession.ParseScopes(app.Scopes)
		if app.Scopes == "" {
			cfg.Scopes = shopifysession.ParseScopes(defaultScopes)
		}
	}
	return cfg
}
