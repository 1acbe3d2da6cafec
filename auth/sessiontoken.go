package auth

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/shopifysession/toolkit/shopifysession"
)

const (
	leeway      = 10 * time.Second // as the official libraries allow
	maxTokenLen = 8 << 10
)

// SessionToken is a verified ID token, previously called a session token: a
// user's proof to the app, for one minute, of who is looking at it in which
// shop's admin
// (https://shopify.dev/docs/apps/build/authentication-authorization/id-tokens).
type SessionToken struct {
	jwt.RegisteredClaims        // aud is the app's API key, sub the user's id
	Dest                 string `json:"dest"` // https://{shop}
	SID                  string `json:"sid"`  // of the user's session with the app

	shop string
}

// Shop returns the canonical domain of the shop.
func (t *SessionToken) Shop() string { return t.shop }

// UserID returns the id of the user, the sub claim; an error if there is none,
// as in tokens of anonymous buyers.
func (t *SessionToken) UserID() (int64, error) {
	id, err := strconv.ParseInt(t.Subject, 10, 64)
	if err != nil || id <= 0 {
		return 0, fmt.Errorf("%w: no user id", ErrInvalidToken)
	}
	return id, nil
}

// Format prints shop, user and expiry for every verb.
func (t SessionToken) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "SessionToken{Shop:%q User:%q Expires:%s}", t.shop, t.Subject, numericDate(t.ExpiresAt))
}

// LogValue is what slog writes: shop, user and expiry.
func (t SessionToken) LogValue() slog.Value {
	return slog.GroupValue(slog.String("shop", t.shop), slog.String("user", t.Subject), slog.String("expires", numericDate(t.ExpiresAt)))
}

func numericDate(d *jwt.NumericDate) string {
	if d == nil {
		return ""
	}
	return d.UTC().Format(time.RFC3339)
}

// sessionID returns the id of the session that the token speaks for.
func (t *SessionToken) sessionID(mode AccessMode) (string, error) {
	if mode == Offline {
		return shopifysession.OfflineID(t.shop), nil
	}
	user, err := t.UserID()
	if err != nil {
		return "", err
	}
	return shopifysession.OnlineID(t.shop, user), nil
}

// VerifySessionToken verifies an ID token: signed with HS256 and one of the
// app's secrets, exp and nbf present and right within 10 seconds, aud this app
// and nobody else, iss and dest https URLs of the same valid shop. Every failure
// is [ErrInvalidToken], with golang-jwt's sentinels behind it; an empty token is
// [ErrMissingToken]. The error never contains the token.
func (a *Auth) VerifySessionToken(raw string) (*SessionToken, error) {
	if raw == "" {
		return nil, ErrMissingToken
	}
	if len(raw) > maxTokenLen {
		return nil, fmt.Errorf("%w: too long", ErrInvalidToken)
	}
	var keys jwt.VerificationKeySet
	for _, secret := range a.app.Secrets() {
		keys.Keys = append(keys.Keys, []byte(secret))
	}
	var t SessionToken
	_, err := jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}),
		jwt.WithAudience(a.app.APIKey()),
		jwt.WithExpirationRequired(),
		jwt.WithNotBeforeRequired(),
		jwt.WithLeeway(leeway),
		jwt.WithTimeFunc(a.app.Now),
		jwt.WithStrictDecoding(),
	).ParseWithClaims(raw, &t, func(*jwt.Token) (any, error) { return keys, nil })
	if err != nil {
		return nil, invalidToken(err)
	}
	if len(t.Audience) != 1 {
		return nil, fmt.Errorf("%w: more than one audience", ErrInvalidToken)
	}
	dest, err := a.shopOf(t.Dest)
	if err != nil || !strings.EqualFold(t.Dest, "https://"+dest) {
		return nil, fmt.Errorf("%w: dest is not a shop", ErrInvalidToken)
	}
	if iss, err := a.shopOf(t.Issuer); err != nil || iss != dest {
		return nil, fmt.Errorf("%w: iss and dest differ", ErrInvalidToken)
	}
	t.shop = dest
	return &t, nil
}

// shopOf returns the shop of an https URL that is nothing but a host and
// perhaps a path.
func (a *Auth) shopOf(s string) (string, error) {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", shopifysession.ErrInvalidShop
	}
	return a.app.ParseShop(u.Host)
}

// invalidToken keeps the reasons and drops the text, which may quote the token.
func invalidToken(err error) error {
	out := ErrInvalidToken
	for _, reason := range []error{
		jwt.ErrTokenExpired, jwt.ErrTokenNotValidYet, jwt.ErrTokenInvalidAudience, jwt.ErrTokenSignatureInvalid,
		jwt.ErrTokenRequiredClaimMissing, jwt.ErrTokenMalformed, jwt.ErrTokenUnverifiable, jwt.ErrTokenInvalidClaims,
	} {
		if errors.Is(err, reason) {
			out = fmt.Errorf("%w: %w", out, reason)
		}
	}
	return out
}
