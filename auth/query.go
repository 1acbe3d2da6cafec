package auth

import (
	"encoding/hex"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	maxSkew     = 90 * time.Second // as the official libraries allow
	maxQueryLen = 16 << 10
)

// params are the parameters of a request: parsed once, each key once. A check
// and a use that read the same query differently are how signed requests of one
// shop were passed off as another's.
type params map[string]string

func parseQuery(u *url.URL) (url.Values, error) {
	if len(u.RawQuery) > maxQueryLen {
		return nil, fmt.Errorf("%w: query is too long", ErrInvalidRequest)
	}
	values, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, fmt.Errorf("%w: malformed query", ErrInvalidRequest)
	}
	return values, nil
}

// parseParams refuses repeated parameters outright.
func parseParams(u *url.URL) (params, error) {
	values, err := parseQuery(u)
	if err != nil {
		return nil, err
	}
	p := make(params, len(values))
	for key, list := range values {
		if len(list) != 1 {
			return nil, fmt.Errorf("%w: a parameter is repeated", ErrInvalidRequest)
		}
		p[key] = list[0]
	}
	return p, nil
}

// parsePage parses the query of one of the app's own pages: parameters of the
// app may be repeated, those that decide who is asking may not.
func parsePage(u *url.URL) (url.Values, error) {
	values, err := parseQuery(u)
	if err != nil {
		return nil, err
	}
	for _, key := range []string{
		"shop", "host", "embedded", "id_token", "hmac", "timestamp", "session", "code", "state", paramReload, paramBounced,
	} {
		if len(values[key]) > 1 {
			return nil, fmt.Errorf("%w: a parameter is repeated", ErrInvalidRequest)
		}
	}
	return values, nil
}

// canonical returns what Shopify signs of a query: all parameters but hmac,
// sorted by key in byte order, encoded, with %20 for a space.
func (p params) canonical() []byte {
	var b strings.Builder
	for _, key := range slices.Sorted(maps.Keys(p)) {
		if key == "hmac" {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('&')
		}
		b.WriteString(escape(key))
		b.WriteByte('=')
		b.WriteString(escape(p[key]))
	}
	return []byte(b.String())
}

var toFormEncoding = strings.NewReplacer("+", "%20", "~", "%7E", "%2A", "*")

// escape encodes as URLSearchParams does (https://url.spec.whatwg.org,
// application/x-www-form-urlencoded), but for the space.
func escape(s string) string { return toFormEncoding.Replace(url.QueryEscape(s)) }

// verifyQuery checks signature and time of a query that Shopify signed
// (https://shopify.dev/docs/apps/build/authentication-authorization/authenticate-standalone-apps).
func (a *Auth) verifyQuery(p params) error {
	given, err := hex.DecodeString(p["hmac"])
	if err != nil || len(given) == 0 || p["hmac"] != strings.ToLower(p["hmac"]) {
		return ErrInvalidHMAC
	}
	message := p.canonical()
	if !signedByAny(a.app.Secrets(), given, func(secret string) []byte { return sumRaw(secret, message) }) {
		return ErrInvalidHMAC
	}
	return a.verifyTimestamp(p["timestamp"])
}

// verifyTimestamp accepts seconds since the epoch in plain decimal digits.
func (a *Auth) verifyTimestamp(s string) error {
	seconds, err := strconv.ParseUint(s, 10, 40)
	if err != nil || strings.HasPrefix(s, "+") {
		return ErrStaleRequest
	}
	if age := a.app.Now().Sub(time.Unix(int64(seconds), 0)); age > maxSkew || age < -maxSkew {
		return ErrStaleRequest
	}
	return nil
}
