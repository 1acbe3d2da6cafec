package auth

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/shopifysession/toolkit/shopifysession"
)

// requireLogin is RequireSession for apps that are not embedded.
func (a *Auth) requireLogin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.frameAncestors(w, "")
		q, err := parsePage(r.URL)
		if err != nil {
			a.fail(w, r, err)
			return
		}
		shop := ""
		if q.Has("shop") {
			if shop, err = a.app.ParseShop(q.Get("shop")); err != nil {
				a.fail(w, r, err)
				return
			}
		}
		s, err := a.loggedIn(r, shop)
		switch {
		case errors.Is(err, ErrLoginRequired):
			if s != nil && shop == "" {
				shop = s.Shop
			}
			a.requireBegin(w, r, shop)
		case err != nil:
			a.fail(w, r, err)
		default:
			w.Header().Set("Cache-Control", "no-store")
			serve(next, w, r, s, nil)
		}
	})
}

// loggedIn returns the usable session of the browser. With ErrLoginRequired it
// may return the session that has ended.
func (a *Auth) loggedIn(r *http.Request, shop string) (*shopifysession.Session, error) {
	id, ok := a.readCookie(r, sessionCookie, sessionKeyInfo)
	if !ok {
		return nil, ErrLoginRequired
	}
	browser, err := a.load(r.Context(), id)
	if errors.Is(err, shopifysession.ErrNotFound) {
		return nil, ErrLoginRequired
	}
	if err != nil {
		return nil, err
	}
	// A merchant of several shops has opened another one.
	if shop != "" && shop != browser.Shop {
		return nil, ErrLoginRequired
	}
	if browser.ExpiresWithin(a.app.Now(), 0) {
		return browser, ErrLoginRequired
	}
	if browser.IsOnline {
		if browser.AccessToken == "" {
			return browser, ErrLoginRequired
		}
		return browser, nil
	}
	if a.opts.AccessMode == Online {
		return browser, ErrLoginRequired // logged in before the app asked for online sessions
	}
	s, err := a.usable(r.Context(), browser.Shop)
	if errors.Is(err, shopifysession.ErrNotFound) || errors.Is(err, ErrReauthorize) {
		return browser, ErrLoginRequired
	}
	return s, err
}

// requireBegin sends the browser to the login.
func (a *Auth) requireBegin(w http.ResponseWriter, r *http.Request, shop string) {
	if isBot(r) {
		a.fail(w, r, ErrBot)
		return
	}
	if shop == "" {
		a.fail(w, r, ErrLoginRequired)
		return
	}
	begin := a.appURL(a.opts.BeginPath, url.Values{"shop": {shop}})
	if isPage(r) {
		a.redirect(w, r, begin)
		return
	}
	w.Header().Set(headerReauthorize, "1")
	w.Header().Set(headerReauthorizeURL, begin)
	a.fail(w, r, ErrLoginRequired)
}
