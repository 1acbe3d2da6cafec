package auth

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"unicode"

	"github.com/shopifysession/toolkit/shopifysession"
)

// CallbackParams are the parameters of an OAuth callback whose signature, time
// and shop have been verified. Code is a secret until it is used.
type CallbackParams struct {
	Shop  string // canonical
	Code  string
	State string // to be compared with the one that this browser was given
	Host  string // base64, for App Bridge; not validated; may be empty
}

// Format prints the parameters for every verb without code and state.
func (p CallbackParams) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "CallbackParams{Shop:%q}", p.Shop)
}

// LogValue is what slog writes: the shop.
func (p CallbackParams) LogValue() slog.Value {
	return slog.GroupValue(slog.String("shop", p.Shop))
}

const maxCodeLen = 1024

// VerifyCallback verifies the query of an OAuth callback: no parameter repeated,
// the HMAC right for one of the app's secrets, the timestamp within 90 seconds,
// the shop valid, code and state present. It does not compare the state, which
// is bound to the browser: [Auth.Callback] does. An ErrAccessDenied is as
// verified as a success.
func (a *Auth) VerifyCallback(r *http.Request) (*CallbackParams, error) {
	p, err := parseParams(r.URL)
	if err != nil {
		return nil, err
	}
	if err := a.verifyQuery(p); err != nil {
		return nil, err
	}
	shop, err := a.app.ParseShop(p["shop"])
	if err != nil {
		return nil, err
	}
	if p["error"] != "" {
		return nil, ErrAccessDenied
	}
	if p["state"] == "" || !validCode(p["code"]) {
		return nil, fmt.Errorf("%w: code or state is missing", ErrInvalidRequest)
	}
	return &CallbackParams{Shop: shop, Code: p["code"], State: p["state"], Host: p["host"]}, nil
}

func validCode(code string) bool {
	if code == "" || len(code) > maxCodeLen {
		return false
	}
	for _, r := range code {
		if r > unicode.MaxASCII || !unicode.IsGraphic(r) || r == ' ' {
			return false
		}
	}
	return true
}

// Callback returns the handler that ends a login by authorization code, mounted
// at [Options].CallbackPath. It verifies the request ([Auth.VerifyCallback]) and
// the state, which must have been begun in this browser for this shop during
// the last ten minutes and is used up, exchanges the code, stores the session,
// and calls next with it in the context. A nil next redirects to the app: inside
// the admin if it is embedded, else to its own URL.
//
// In apps that are not embedded the browser is logged in under a new session id,
// so that nobody can prepare one for it.
//
// Bad signatures are 401, a wrong state 403, other bad requests 400; nothing is
// stored and nothing sent to any host. A storage or a Shopify that is down is
// 503.
func (a *Auth) Callback(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !a.allowGet(w, r) {
			return
		}
		if isBot(r) {
			a.fail(w, r, ErrBot)
			return
		}
		p, err := a.VerifyCallback(r)
		if err != nil {
			a.fail(w, r, err)
			return
		}
		mode, err := a.checkState(r, p.State, p.Shop)
		if err == nil {
			err = a.useState(r.Context(), w, p.State)
		}
		if err != nil {
			a.fail(w, r, err)
			return
		}
		s, err := a.exchangeCode(r.Context(), p.Shop, p.Code, p.State, mode)
		if err != nil {
			a.fail(w, r, err)
			return
		}
		if missing := s.Scopes().Missing(a.app.Scopes()); len(missing) > 0 {
			a.app.Logger().WarnContext(r.Context(), "the merchant granted less than the app asks for",
				"shop", p.Shop, "missing", missing.String())
		}
		if mode == Offline && a.opts.AccessMode == Online {
			a.redirect(w, r, a.appURL(a.opts.BeginPath, url.Values{"shop": {p.Shop}}))
			return
		}
		if err := a.login(w, r, s); err != nil {
			a.fail(w, r, err)
			return
		}
		if next == nil {
			a.redirectToApp(w, r, p)
			return
		}
		w.Header().Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), sessionKey, s)))
	})
}

// login gives the browser its session cookie, in apps that are not embedded.
func (a *Auth) login(w http.ResponseWriter, r *http.Request, s *shopifysession.Session) error {
	if a.app.Embedded() {
		return nil
	}
	browser := s
	if !s.IsOnline {
		id, err := a.random(stateBytes)
		if err != nil {
			return err
		}
		browser = &shopifysession.Session{ID: id, Shop: s.Shop, Expires: a.app.Now().Add(loginLifetime)}
		if err := a.app.SessionStorage().Store(r.Context(), browser); err != nil {
			return fmt.Errorf("auth: store login: %w", err)
		}
	}
	a.setSessionCookie(w, browser)
	return nil
}

func (a *Auth) redirectToApp(w http.ResponseWriter, r *http.Request, p *CallbackParams) {
	to := a.appURL("/", url.Values{"shop": {p.Shop}})
	if a.app.Embedded() {
		var err error
		if to, err = a.appHome(p.Shop); err != nil {
			a.fail(w, r, err)
			return
		}
	}
	a.redirect(w, r, to)
}
