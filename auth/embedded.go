package auth

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/shopifysession/toolkit/shopifysession"
)

// The parameters and headers that App Bridge and the app agree on.
const (
	paramIDToken = "id_token"
	paramReload  = "shopify-reload"  // where App Bridge goes back to, with a fresh id_token
	paramBounced = "shopify-bounced" // when this page was sent for a fresh id_token, Unix seconds

	headerRetry          = "X-Shopify-Retry-Invalid-Session-Request"
	headerReauthorize    = "X-Shopify-API-Request-Failure-Reauthorize"
	headerReauthorizeURL = "X-Shopify-API-Request-Failure-Reauthorize-Url"
)

// bounceWindow is how soon after being sent for a fresh ID token a page is not
// sent again: where clock or secret are wrong it would never end.
const bounceWindow = 30 * time.Second

// requireIDToken is RequireSession for embedded apps.
func (a *Auth) requireIDToken(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if a.crossOrigin(w, r) {
			return
		}
		q, err := parsePage(r.URL)
		if err != nil {
			a.fail(w, r, err)
			return
		}
		if auth := r.Header.Values("Authorization"); len(auth) > 0 || !isPage(r) {
			a.serveFetch(next, w, r, bearer(auth))
			return
		}
		a.servePage(next, w, r, q)
	})
}

// serveFetch answers a request of a script in the page.
func (a *Auth) serveFetch(next http.Handler, w http.ResponseWriter, r *http.Request, raw string) {
	t, err := a.VerifySessionToken(raw)
	if err != nil {
		a.retryWithToken(w, r, err)
		return
	}
	s, err := a.visitAll(r.Context(), t, raw)
	switch {
	case errors.Is(err, ErrInvalidToken):
		a.retryWithToken(w, r, err)
	case err != nil:
		a.fail(w, r, err)
	default:
		w.Header().Set("Cache-Control", "no-store")
		serve(next, w, r, s, t)
	}
}

// servePage answers the request for a page: the steps of the official library's
// authenticate.admin.
func (a *Auth) servePage(next http.Handler, w http.ResponseWriter, r *http.Request, q url.Values) {
	if isBot(r) {
		a.fail(w, r, ErrBot)
		return
	}
	shop := ""
	if q.Has("shop") {
		var err error
		if shop, err = a.app.ParseShop(q.Get("shop")); err != nil {
			a.fail(w, r, err)
			return
		}
	}
	a.frameAncestors(w, shop)
	raw := q.Get(paramIDToken)
	switch {
	case q.Has(paramReload):
		a.bouncePage(w, r, q.Get(paramReload))
		return
	case shop == "" && raw == "":
		a.strayPage(w, r)
		return
	case q.Get("embedded") != "1":
		a.redirectToAdmin(w, r, shop)
		return
	case raw == "":
		a.bounce(w, r, q, ErrMissingToken)
		return
	}
	t, err := a.VerifySessionToken(raw)
	if err == nil && shop != "" && shop != t.Shop() {
		a.fail(w, r, ErrInvalidToken)
		return
	}
	if err != nil {
		a.bounce(w, r, q, err)
		return
	}
	a.frameAncestors(w, t.Shop())
	s, err := a.visitAll(r.Context(), t, raw)
	switch {
	case errors.Is(err, ErrInvalidToken):
		a.bounce(w, r, q, err)
	case err != nil:
		a.fail(w, r, err)
	default:
		// The URL of this page holds an ID token.
		w.Header().Set("Referrer-Policy", "no-referrer")
		w.Header().Set("Cache-Control", "no-store")
		serve(next, w, r, s, t)
	}
}

// bearer returns the token of the Authorization header; "" if there is none, or
// two.
func bearer(values []string) string {
	if len(values) != 1 {
		return ""
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// retryWithToken asks App Bridge for the same request with a fresh ID token.
func (a *Auth) retryWithToken(w http.ResponseWriter, r *http.Request, err error) {
	w.Header().Set(headerRetry, "1")
	a.fail(w, r, err)
}

// bounce sends a page to App Bridge for a fresh ID token.
func (a *Auth) bounce(w http.ResponseWriter, r *http.Request, q url.Values, cause error) {
	now := a.app.Now()
	if since, err := strconv.ParseInt(q.Get(paramBounced), 10, 64); err == nil && q.Has(paramIDToken) {
		if age := now.Sub(time.Unix(since, 0)); age > -bounceWindow && age < bounceWindow {
			a.app.Logger().ErrorContext(r.Context(), "a fresh ID token is invalid, too: check the API secret and the clock", "error", cause.Error())
			a.fail(w, r, cause)
			return
		}
	}
	q.Del(paramIDToken)
	q.Set(paramBounced, strconv.FormatInt(now.Unix(), 10))
	reload := a.pageURL(r, q)
	q.Set(paramReload, reload)
	a.redirect(w, r, a.pageURL(r, q))
}

// bouncePage is where App Bridge fetches an ID token and goes to reload.
func (a *Auth) bouncePage(w http.ResponseWriter, r *http.Request, reload string) {
	if !a.ownURL(reload) {
		a.fail(w, r, ErrInvalidRequest)
		return
	}
	a.appBridgePage(w, r)
}

// ownURL reports whether s is a page of this app.
func (a *Auth) ownURL(s string) bool {
	u, err := url.Parse(s)
	if err != nil || u.User != nil || strings.ContainsAny(s, "\\\t\r\n") {
		return false
	}
	base := a.app.AppURL()
	return u.Scheme == base.Scheme && u.Host == base.Host &&
		strings.HasPrefix(u.Path+"/", base.Path+"/") && !strings.Contains(u.Path, "/..")
}

// redirectToAdmin sends a page that was opened outside of the admin to its place
// inside, or to the login that installs the app first.
func (a *Auth) redirectToAdmin(w http.ResponseWriter, r *http.Request, shop string) {
	// Without Shopify-managed installation the app installs itself; the admin
	// would send the merchant straight back.
	if len(a.app.Scopes()) > 0 {
		s, err := a.load(r.Context(), shopifysession.OfflineID(shop))
		if err != nil && !errors.Is(err, shopifysession.ErrNotFound) {
			a.fail(w, r, err)
			return
		}
		if err != nil || !a.alive(s) {
			a.redirect(w, r, a.appURL(a.opts.BeginPath, url.Values{"shop": {shop}}))
			return
		}
	}
	home, err := a.appHome(shop)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	a.redirect(w, r, home)
}

// frameAncestors allows the admin of a shop to frame the page; without a shop
// nobody. See https://shopify.dev/docs/apps/build/security/set-up-iframe-protection.
func (a *Auth) frameAncestors(w http.ResponseWriter, shop string) {
	ancestors := "'none'"
	if shop != "" {
		ancestors = "https://" + shop + " https://admin.shopify.com"
		if base, err := a.app.AdminURL(shop); err == nil && base.Host != shop {
			ancestors += " " + base.Scheme + "://" + base.Host
		}
	}
	w.Header().Set("Content-Security-Policy", "frame-ancestors "+ancestors+";")
}

// crossOrigin lets Shopify's UI extensions, which run on another origin, call
// the app: ID tokens are no ambient authority. It answers preflights itself.
func (a *Auth) crossOrigin(w http.ResponseWriter, r *http.Request) (done bool) {
	base := a.app.AppURL()
	origin := r.Header.Get("Origin")
	if origin == "" || origin == base.Scheme+"://"+base.Host {
		return false
	}
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.Header().Set("Access-Control-Expose-Headers", headerRetry+", "+headerReauthorizeURL)
	if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
		return false
	}
	w.Header().Set("Access-Control-Allow-Headers", "Authorization, Content-Type")
	w.Header().Set("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE")
	w.Header().Set("Access-Control-Max-Age", "7200")
	w.WriteHeader(http.StatusNoContent)
	return true
}
