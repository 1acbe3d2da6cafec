package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/shopifysession/toolkit/shopifysession"
)

// Shopify's grants, and the URNs of RFC 8693 and Shopify
// (https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens).
const (
	grantCode              = "authorization_code" // sent without grant_type
	grantExchange          = "urn:ietf:params:oauth:grant-type:token-exchange"
	grantRefresh           = "refresh_token"
	grantClientCredentials = "client_credentials"

	typeIDToken      = "urn:ietf:params:oauth:token-type:id_token"
	typeOfflineToken = "urn:shopify:params:oauth:token-type:offline-access-token"
	typeOnlineToken  = "urn:shopify:params:oauth:token-type:online-access-token"
)

const (
	maxAnswer      = 1 << 20
	maxDescription = 200
	// assumedLifetime stands in for a missing expires_in: shorter than any
	// lifetime Shopify gives, since a token taken for eternal is never refreshed
	// again.
	assumedLifetime = 55 * time.Minute
	maxLifetime     = 100 * 365 * 24 * time.Hour
	userAgent       = "shopifysession-toolkit-go"
)

// tokenAnswer is a successful answer of the token endpoint.
type tokenAnswer struct {
	AccessToken         string          `json:"access_token"`
	Scope               string          `json:"scope"`
	ExpiresIn           lifetime        `json:"expires_in"`
	RefreshToken        string          `json:"refresh_token"`
	RefreshExpiresIn    lifetime        `json:"refresh_token_expires_in"`
	AssociatedUserScope string          `json:"associated_user_scope"`
	AssociatedUser      *associatedUser `json:"associated_user"`
}

type associatedUser struct {
	ID            int64  `json:"id"`
	FirstName     string `json:"first_name"`
	LastName      string `json:"last_name"`
	Email         string `json:"email"`
	EmailVerified bool   `json:"email_verified"`
	AccountOwner  bool   `json:"account_owner"`
	Locale        string `json:"locale"`
	Collaborator  bool   `json:"collaborator"`
}

// requestToken posts one grant to the shop's token endpoint and returns the
// session that the answer makes, without id and state.
func (a *Auth) requestToken(ctx context.Context, grant, shop string, form url.Values) (*shopifysession.Session, error) {
	base, err := a.app.AdminURL(shop)
	if err != nil {
		return nil, err
	}
	if grant != grantCode {
		form.Set("grant_type", grant)
	}
	form.Set("client_id", a.app.APIKey())
	form.Set("client_secret", a.app.Secrets()[0])
	ctx, cancel := context.WithTimeout(ctx, a.opts.RequestTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base.JoinPath("admin", "oauth", "access_token").String(), strings.NewReader(form.Encode()))
	if err != nil {
		return nil, fmt.Errorf("auth: build token request: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json") // else errors come as HTML
	req.Header.Set("User-Agent", userAgent)

	started := a.app.Now()
	answer, err := a.roundTrip(req, grant)
	if err != nil {
		return nil, err
	}
	return answer.session(shop, started), nil
}

// roundTrip returns the answer or a *TokenError.
func (a *Auth) roundTrip(req *http.Request, grant string) (*tokenAnswer, error) {
	resp, err := a.tokens.Do(req)
	if err != nil {
		// The text of a *url.Error has the URL; the cause is enough.
		var urlErr *url.Error
		if errors.As(err, &urlErr) {
			err = urlErr.Err
		}
		return nil, &TokenError{grant: grant, cause: err}
	}
	defer resp.Body.Close()
	fail := &TokenError{grant: grant, Status: resp.StatusCode, RequestID: clip(resp.Header.Get("X-Request-Id"))}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		fail.Status, fail.cause = 0, err
		return nil, fail
	}
	if resp.StatusCode != http.StatusOK {
		fail.Code, fail.Description = parseOAuthError(resp.Header, body)
		return nil, fail
	}
	var answer tokenAnswer
	if err := json.Unmarshal(body, &answer); err != nil || answer.AccessToken == "" {
		return nil, fail
	}
	return &answer, nil
}

// session turns the answer to a request that was started at that time into a
// session without id. Shopify counts lifetimes from its own answer, which is
// later: the session expires no later than the token.
func (t *tokenAnswer) session(shop string, started time.Time) *shopifysession.Session {
	s := &shopifysession.Session{
		Shop: shop, Scope: t.Scope, AccessToken: t.AccessToken, RefreshToken: t.RefreshToken,
		IsOnline: t.AssociatedUser != nil,
	}
	switch {
	case t.ExpiresIn > 0:
		s.Expires = started.Add(t.ExpiresIn.duration())
	case t.RefreshToken != "" || s.IsOnline:
		s.Expires = started.Add(assumedLifetime)
	}
	if t.RefreshToken != "" && t.RefreshExpiresIn > 0 {
		s.RefreshTokenExpires = started.Add(t.RefreshExpiresIn.duration())
	}
	if u := t.AssociatedUser; u != nil {
		s.OnlineAccessInfo = &shopifysession.OnlineAccessInfo{
			ExpiresIn: int(t.ExpiresIn), AssociatedUserScope: t.AssociatedUserScope,
			AssociatedUser: shopifysession.AssociatedUser{
				ID: u.ID, FirstName: u.FirstName, LastName: u.LastName, Email: u.Email, EmailVerified: u.EmailVerified,
				AccountOwner: u.AccountOwner, Locale: u.Locale, Collaborator: u.Collaborator,
			},
		}
	}
	return s
}

// lifetime is a number of seconds. One that can't be read is 0, unknown: an odd
// field must not cost the token beside it.
type lifetime int64

// UnmarshalJSON reads numbers and numbers in strings.
func (l *lifetime) UnmarshalJSON(data []byte) error {
	n, err := strconv.ParseFloat(strings.Trim(string(data), `"`), 64)
	if err != nil || !(n >= 0 && n <= maxLifetime.Seconds()) { // not NaN either
		n = 0
	}
	*l = lifetime(n)
	return nil
}

func (l lifetime) duration() time.Duration { return time.Duration(l) * time.Second }

// parseOAuthError reads code and description of an error answer (RFC 6749,
// section 5.2). A body that is not JSON, such as a proxy's, has neither.
func parseOAuthError(h http.Header, body []byte) (code, description string) {
	if mediaType, _, _ := mime.ParseMediaType(h.Get("Content-Type")); mediaType != "application/json" {
		return "", ""
	}
	var e struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	if json.Unmarshal(body, &e) != nil || !validErrorCode(e.Error) {
		return "", ""
	}
	return e.Error, clip(e.Description)
}

// validErrorCode admits what Shopify's codes look like and no token.
func validErrorCode(code string) bool {
	for i := range len(code) {
		if c := code[i]; (c < 'a' || c > 'z') && c != '_' {
			return false
		}
	}
	return code != "" && len(code) <= 64
}

// clip cuts s to maxDescription bytes of valid UTF-8.
func clip(s string) string {
	if len(s) > maxDescription {
		s = s[:maxDescription]
	}
	return strings.ToValidUTF8(s, "")
}
