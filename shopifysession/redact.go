package shopifysession

import (
	"fmt"
	"io"
	"log/slog"
	"time"
)

const redacted = "[redacted]"

// Format prints the session for every verb without its tokens, its state and
// what Shopify tells about the user.
func (s Session) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "Session{ID:%q Shop:%q IsOnline:%t Scope:%q Expires:%s AccessToken:%s RefreshToken:%s}",
		s.ID, s.Shop, s.IsOnline, s.Scope, timeText(s.Expires), mask(s.AccessToken), mask(s.RefreshToken))
}

// LogValue is what slog writes: the session without its tokens, its state and
// what Shopify tells about the user.
func (s Session) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("id", s.ID),
		slog.String("shop", s.Shop),
		slog.Bool("isOnline", s.IsOnline),
		slog.String("scope", s.Scope),
		slog.String("expires", timeText(s.Expires)),
		slog.String("accessToken", mask(s.AccessToken)),
		slog.String("refreshToken", mask(s.RefreshToken)),
	)
}

// Format prints the configuration for every verb without its secrets.
func (c Config) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "Config{APIKey:%q APISecret:%s PreviousSecrets:%d AppURL:%q Scopes:%q SessionStorage:%s NotEmbedded:%t NonExpiringTokens:%t ShopDomains:%q}",
		c.APIKey, mask(c.APISecret), len(c.PreviousSecrets), c.AppURL, c.Scopes.String(), typeName(c.SessionStorage),
		c.NotEmbedded, c.NonExpiringTokens, c.ShopDomains)
}

// LogValue is what slog writes: the configuration without its secrets.
func (c Config) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("apiKey", c.APIKey),
		slog.String("apiSecret", mask(c.APISecret)),
		slog.Int("previousSecrets", len(c.PreviousSecrets)),
		slog.String("appURL", c.AppURL),
		slog.String("scopes", c.Scopes.String()),
		slog.String("sessionStorage", typeName(c.SessionStorage)),
	)
}

// Format prints the app's configuration for every verb without its secrets.
func (c Context) Format(f fmt.State, verb rune) {
	io.WriteString(f, "Context:")
	c.cfg.Format(f, verb)
}

// LogValue is what slog writes: the app's configuration without its secrets.
func (c Context) LogValue() slog.Value { return c.cfg.LogValue() }

// MarshalJSON writes the configuration without its secrets: a configuration is
// built in code, so its JSON is only ever a log line.
func (c Config) MarshalJSON() ([]byte, error) {
	return fmt.Appendf(nil, "%q", fmt.Sprint(c)), nil
}

// mask tells whether there is a secret, not which.
func mask(secret string) string {
	if secret == "" {
		return ""
	}
	return redacted
}

func timeText(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return utcMillis(t).Format(time.RFC3339Nano)
}

func typeName(st SessionStorage) string { return fmt.Sprintf("%T", st) }
