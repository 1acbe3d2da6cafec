package auth

import (
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/shopifysession/toolkit/shopifysession"
)

// Cookies are {payload}.{expiry}.{signature}: the signature covers the cookie's
// name, the payload and the expiry in Unix seconds, so that neither another
// cookie's value nor an old one is accepted.

// cookieName puts the __Host- prefix before a name wherever cookies are secure,
// so that no other host and no plain connection can set it (RFC 6265bis,
// section 4.1.3.2).
func (a *Auth) cookieName(name string) string {
	if a.secureCookies() {
		return "__Host-" + name
	}
	return name
}

// secureCookies is off for http, which [shopifysession.Config] allows on loopback
// hosts only.
func (a *Auth) secureCookies() bool { return a.app.AppURL().Scheme == "https" }

// setCookie sets a signed cookie. Only letters, digits and _-.: may be in the
// payload.
func (a *Auth) setCookie(w http.ResponseWriter, name, payload, keyInfo string, lifetime time.Duration) {
	name = a.cookieName(name)
	expires := a.app.Now().Add(lifetime)
	signed := payload + "." + strconv.FormatInt(expires.Unix(), 10)
	mac := sum(deriveKey(a.app.Secrets()[0], keyInfo), name, signed)
	c := a.cookie(name)
	c.Value = signed + "." + base64.RawURLEncoding.EncodeToString(mac)
	c.MaxAge = int(lifetime / time.Second)
	http.SetCookie(w, c)
}

func (a *Auth) cookie(name string) *http.Cookie {
	return &http.Cookie{
		Name: name, Path: "/", HttpOnly: true, Secure: a.secureCookies(),
		// Lax: Shopify's redirect back to the app is a navigation from elsewhere.
		SameSite: http.SameSiteLaxMode,
	}
}

// clearCookie makes the browser forget a cookie.
func (a *Auth) clearCookie(w http.ResponseWriter, name string) {
	c := a.cookie(a.cookieName(name))
	c.MaxAge = -1
	http.SetCookie(w, c)
}

// readCookie returns the payload of a signed cookie; false if there is none, it
// is not ours, or its time is over. Of several with the name, each is tried.
func (a *Auth) readCookie(r *http.Request, name, keyInfo string) (string, bool) {
	name = a.cookieName(name)
	for _, c := range r.CookiesNamed(name) {
		i := strings.LastIndexByte(c.Value, '.')
		if i < 0 {
			continue
		}
		signed := c.Value[:i]
		mac, err := base64.RawURLEncoding.Strict().DecodeString(c.Value[i+1:])
		if err != nil || !signedByAny(a.app.Secrets(), mac, func(secret string) []byte {
			return sum(deriveKey(secret, keyInfo), name, signed)
		}) {
			continue
		}
		j := strings.LastIndexByte(signed, '.')
		if j < 0 {
			continue
		}
		expires, err := strconv.ParseInt(signed[j+1:], 10, 64)
		if err != nil || !a.app.Now().Before(time.Unix(expires, 0)) {
			continue
		}
		return signed[:j], true
	}
	return "", false
}

// The session cookie of apps that are not embedded names the session of the
// browser: an online session, or a login that points at the shop's offline
// session.
const sessionCookie = "shopify_app_session"

// loginLifetime is how long a browser stays logged in to an app that works with
// offline sessions; as long as online tokens live.
const loginLifetime = 24 * time.Hour

// setSessionCookie logs the browser in as s.
func (a *Auth) setSessionCookie(w http.ResponseWriter, s *shopifysession.Session) {
	lifetime := loginLifetime
	if !s.Expires.IsZero() {
		lifetime = s.Expires.Sub(a.app.Now())
	}
	a.setCookie(w, sessionCookie, s.ID, sessionKeyInfo, lifetime)
}
