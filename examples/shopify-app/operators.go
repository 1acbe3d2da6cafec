package main

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"

	"github.com/shopifysession/toolkit/shopifysession"
)

// operatorsOnly lets those in who know the admin password, or, without one, a
// browser on this computer. Forms from other sites change nothing.
func (a *app) operatorsOnly(next http.Handler) http.Handler {
	protection := http.NewCrossOriginProtection()
	protection.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { a.fail(w, r, errForgery) }))
	guarded := protection.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case a.adminPassword == "" && !fromThisComputer(r):
			a.fail(w, r, errElsewhere)
		case a.adminPassword != "" && !knowsPassword(r, a.adminPassword):
			w.Header().Set("WWW-Authenticate", `Basic realm="Sessions", charset="UTF-8"`)
			a.fail(w, r, errPassword)
		default:
			guarded.ServeHTTP(w, r)
		}
	})
}

// fromThisComputer reports whether a browser here asked for this computer by
// name. The peer's address alone would not do: a page of the internet can make
// its own name point here, and a tunnel or proxy connects from here for others.
func fromThisComputer(r *http.Request) bool {
	for _, header := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Via"} {
		if r.Header.Get(header) != "" {
			return false
		}
	}
	peer, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return false
	}
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	return shopifysession.IsLoopback(peer) && shopifysession.IsLoopback(trimBrackets(host))
}

func trimBrackets(host string) string {
	if len(host) > 1 && host[0] == '[' && host[len(host)-1] == ']' {
		return host[1 : len(host)-1]
	}
	return host
}

// knowsPassword compares digests, so that neither the text nor the length of the
// password shows in the time it takes.
func knowsPassword(r *http.Request, password string) bool {
	_, given, ok := r.BasicAuth()
	want, got := sha256.Sum256([]byte(password)), sha256.Sum256([]byte(given))
	return ok && subtle.ConstantTimeCompare(want[:], got[:]) == 1
}
