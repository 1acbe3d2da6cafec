package auth

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/shopifysession/toolkit/shopifysession"
)

// AuthorizeURL returns the page at Shopify where the merchant of shop grants the
// app's scopes, for the access mode of the options. It sends the merchant back
// to the callback with code and state. The caller makes state unguessable,
// binds it to the browser, and checks it; [Auth.Begin] does all that.
//
// See https://shopify.dev/docs/apps/build/authentication-authorization/authenticate-standalone-apps.
func (a *Auth) AuthorizeURL(shop, state string) (*url.URL, error) {
	return a.authorizeURL(shop, state, a.opts.AccessMode)
}

func (a *Auth) authorizeURL(shop, state string, mode AccessMode) (*url.URL, error) {
	base, err := a.app.AdminURL(shop)
	if err != nil {
		return nil, err
	}
	if state == "" {
		return nil, ErrInvalidRequest
	}
	u := base.JoinPath("admin", "oauth", "authorize")
	q := url.Values{
		"client_id":    {a.app.APIKey()},
		"redirect_uri": {a.appURL(a.opts.CallbackPath, nil)},
		"state":        {state},
	}
	if scopes := a.app.Scopes(); len(scopes) > 0 {
		q.Set("scope", scopes.String())
	}
	if mode == Online {
		q.Set("grant_options[]", "per-user")
	}
	u.RawQuery = q.Encode()
	return u, nil
}

// Begin returns the handler that begins a login by authorization code: GET with
// the shop parameter, mounted at [Options].BeginPath. It binds a fresh state to
// browser and shop and redirects to Shopify. Inside the admin's iframe it first
// leads out of it, since Shopify's grant screen refuses to be framed and the
// state's cookie would be a third party's. With the Online mode a shop without
// an offline session gets that first.
//
// A missing, repeated or invalid shop is 400, crawlers get 410 and no state, any
// other method is 405.
func (a *Auth) Begin() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !a.allowGet(w, r) {
			return
		}
		if isBot(r) {
			a.fail(w, r, ErrBot)
			return
		}
		p, err := parseParams(r.URL)
		if err != nil {
			a.fail(w, r, err)
			return
		}
		shop, err := a.app.ParseShop(p["shop"])
		if err != nil {
			a.fail(w, r, err)
			return
		}
		if a.app.Embedded() && inFrame(r, p) {
			a.exitIframePage(w, r, shop, a.appURL(a.opts.BeginPath, url.Values{"shop": {shop}}))
			return
		}
		mode, err := a.beginMode(r, shop)
		if err != nil {
			a.fail(w, r, err)
			return
		}
		a.dropStates(w, r)
		state, err := a.newState(w, shop, mode)
		if err != nil {
			a.fail(w, r, err)
			return
		}
		u, err := a.authorizeURL(shop, state, mode)
		if err != nil {
			a.fail(w, r, err)
			return
		}
		a.redirect(w, r, u.String())
	})
}

// beginMode is the access mode of the next grant: an online session alone would
// leave the app without a token for its work in the background.
func (a *Auth) beginMode(r *http.Request, shop string) (AccessMode, error) {
	if a.opts.AccessMode == Offline {
		return Offline, nil
	}
	s, err := a.load(r.Context(), shopifysession.OfflineID(shop))
	switch {
	case errors.Is(err, shopifysession.ErrNotFound):
		return Offline, nil
	case err != nil:
		return Offline, err
	case s.AccessToken == "" || !a.alive(s):
		return Offline, nil
	}
	return Online, nil
}

// allowGet answers other methods than GET. A HEAD would begin or use up a login.
func (a *Auth) allowGet(w http.ResponseWriter, r *http.Request) bool {
	if r.Method == http.MethodGet {
		return true
	}
	w.Header().Set("Allow", http.MethodGet)
	a.fail(w, r, errMethod)
	return false
}

// redirect sends the browser to a URL that this package has built.
func (a *Auth) redirect(w http.ResponseWriter, r *http.Request, to string) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	http.Redirect(w, r, to, http.StatusFound)
}

// inFrame reports whether the request's page is inside the admin's iframe.
func inFrame(r *http.Request, p params) bool {
	return p["embedded"] == "1" || r.Header.Get("Sec-Fetch-Dest") == "iframe"
}
