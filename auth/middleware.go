package auth

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/shopifysession/toolkit/shopifysession"
)

// RequireSession returns a handler that calls next only with a session in the
// context ([SessionFrom]) whose access token can be used now.
//
// In embedded apps the ID token decides who is asking: from the Authorization
// header, or from the id_token parameter of a page's first request. A session
// that is missing or dead is obtained by token exchange, one that ends soon is
// refreshed. A page without a valid ID token is sent through App Bridge for a
// fresh one; other requests get 401 and X-Shopify-Retry-Invalid-Session-Request,
// on which App Bridge retries by itself. Pages may be framed by the shop's admin
// only. See https://shopify.dev/docs/apps/build/authentication-authorization/id-tokens.
//
// In apps that are not embedded the signed cookie of [Auth.Callback] decides.
// Pages without a login are redirected to [Auth.Begin], other requests get 401
// and X-Shopify-API-Request-Failure-Reauthorize-Url.
//
// A storage or a Shopify that is down is 503 with Retry-After: it never looks
// like a missing session.
func (a *Auth) RequireSession(next http.Handler) http.Handler {
	if a.app.Embedded() {
		return a.requireIDToken(next)
	}
	return a.requireLogin(next)
}

// serve calls next with the session in the context.
func serve(next http.Handler, w http.ResponseWriter, r *http.Request, s *shopifysession.Session, t *SessionToken) {
	ctx := context.WithValue(r.Context(), sessionKey, s)
	if t != nil {
		ctx = context.WithValue(ctx, tokenKey, t)
	}
	next.ServeHTTP(w, r.WithContext(ctx))
}

// visit returns a usable session for the user of a verified ID token. While a
// refresh token is alive it is used, even with an ID token at hand: a refresh
// can be repeated when its answer is lost, an exchange ends what was before.
func (a *Auth) visit(ctx context.Context, t *SessionToken, raw string, mode AccessMode) (*shopifysession.Session, error) {
	id, err := t.sessionID(mode)
	if err != nil {
		return nil, err
	}
	s, err := a.loadFor(ctx, id, t.Shop())
	if errors.Is(err, shopifysession.ErrNotFound) {
		return a.exchangeToken(ctx, t, raw, mode)
	}
	if err != nil {
		return nil, err
	}
	active := s.IsActive(a.app.Now(), nil)
	if active && !a.due(s) {
		return s, nil
	}
	var fresh *shopifysession.Session
	err = ErrReauthorize
	if a.refreshable(s) {
		fresh, err = a.refresh(ctx, s)
	}
	if errors.Is(err, ErrReauthorize) || errors.Is(err, shopifysession.ErrNotFound) {
		fresh, err = a.exchangeToken(ctx, t, raw, mode)
	}
	if err != nil && active && !s.Expires.IsZero() {
		a.app.Logger().WarnContext(ctx, "renewal failed, the old token is still good", "shop", s.Shop, "error", err.Error())
		return s, nil
	}
	return fresh, err
}

// visitAll obtains the session that requests get, and an offline one for the
// background beside an online one. A token without a user of the admin is a
// buyer's, from the checkout or a customer account, and opens nothing.
func (a *Auth) visitAll(ctx context.Context, t *SessionToken, raw string) (*shopifysession.Session, error) {
	if _, err := t.UserID(); err != nil {
		return nil, err
	}
	s, err := a.visit(ctx, t, raw, Offline)
	if err == nil && a.opts.AccessMode == Online {
		return a.visit(ctx, t, raw, Online)
	}
	return s, err
}

// isPage reports whether the browser will show the answer as a page, so that
// sending it elsewhere makes sense.
func isPage(r *http.Request) bool {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return false
	}
	switch r.Header.Get("Sec-Fetch-Dest") {
	case "document", "iframe", "frame":
		return true
	case "":
		return !strings.EqualFold(r.Header.Get("X-Requested-With"), "XMLHttpRequest")
	}
	return false
}

// isBot reports whether a crawler or a link preview is asking. Shopify's own
// apps name themselves and are never bots.
func isBot(r *http.Request) bool {
	ua := strings.ReplaceAll(strings.ToLower(r.UserAgent()), "cubot", "") // a maker of phones
	if strings.Contains(ua, "shopify pos/") || strings.Contains(ua, "shopify mobile/") {
		return false
	}
	for _, word := range []string{"bot", "crawl", "spider", "slurp", "facebookexternalhit", "embedly", "whatsapp", "preview", "lighthouse"} {
		if strings.Contains(ua, word) {
			return true
		}
	}
	return false
}

// pageURL returns the URL of a request as the browser knows it, with another
// query: the app's own origin, whatever the Host header says.
func (a *Auth) pageURL(r *http.Request, query url.Values) string {
	base := a.app.AppURL()
	path := r.URL.Path
	if base.Path != "" && path != base.Path && !strings.HasPrefix(path, base.Path+"/") {
		path = base.Path + path // a proxy has taken the prefix away
	}
	u := url.URL{
		Scheme: base.Scheme, Host: base.Host, RawQuery: query.Encode(),
		Path: path, RawPath: strings.TrimSuffix(path, r.URL.Path) + r.URL.RawPath, // %2F stays %2F
	}
	return u.String()
}
