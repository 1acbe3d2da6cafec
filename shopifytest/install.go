package shopifytest

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"strings"
)

// InstallRequest returns the request that opens the app's URL when a merchant
// begins to install it: GET with shop, host and timestamp, signed with hmac. It
// can be sent by a client or handed to the app's handler.
func (sh *Shop) InstallRequest() *http.Request {
	return sh.appRequest(func(st *shopState) string {
		s := sh.server
		return withQuery(s.app.URL, s.signedParamsLocked(st, encodeHost(adminHost(st.Domain, nil)), url.Values{}))
	})
}

// OpenRequest returns the request that opens the app for a user: of an embedded
// app the document request of the iframe in the admin, with embedded, id_token,
// locale and session beside the parameters of InstallRequest; of another app the
// same as InstallRequest. pathAndQuery goes below the app's URL; "" is the app's
// URL itself. A managed app that was never installed is installed, as SessionToken does.
func (sh *Shop) OpenRequest(user User, pathAndQuery string) *http.Request {
	s := sh.server
	token := sh.SessionToken(user)
	p, err := url.Parse(pathAndQuery)
	if err != nil {
		s.fatalf("shopifytest: open request: the path is none")
	}
	return sh.appRequest(func(st *shopState) string {
		return s.openURLLocked(st, st.userLocked(user), token, encodeHost(adminHost(st.Domain, nil)), p.Path, p.Query())
	})
}

// openURLLocked is the signed address at which the admin opens the app.
func (s *Server) openURLLocked(st *shopState, u User, token, host, path string, q url.Values) string {
	q = cloneQuery(q)
	for _, name := range []string{"embedded", "id_token", "locale", "session", "signature"} {
		q.Del(name) // ours, whoever asked
	}
	if !s.app.NotEmbedded {
		q.Set("embedded", "1")
		q.Set("id_token", token)
		q.Set("locale", u.locale())
		q.Set("session", sessionOf(st.Domain, u))
	}
	return withQuery(s.app.URL+cleanPath(path), s.signedParamsLocked(st, host, q))
}

// Approve is the merchant who agrees: it checks the authorize URL that the app
// redirected to, installs the app with the scopes it asks for, and returns the
// signed callback request. A URL that Shopify would refuse ends the test.
func (sh *Shop) Approve(authorizeURL string) *http.Request {
	r, err := sh.TryApprove(User{}, authorizeURL)
	if err != nil {
		sh.server.fatalf("%v", err)
	}
	return r
}

// TryApprove is Approve by this user, and with an error for a URL that Shopify
// would refuse. The zero User is the owner.
func (sh *Shop) TryApprove(user User, authorizeURL string) (*http.Request, error) {
	return sh.decide(authorizeURL, func(st *shopState, auth *authorization, host string) string {
		return sh.server.approveLocked(st, auth, st.userLocked(user), host)
	})
}

// Deny is the merchant who cancels: it checks the authorize URL and returns the
// signed callback request with error=access_denied.
func (sh *Shop) Deny(authorizeURL string) (*http.Request, error) {
	return sh.decide(authorizeURL, sh.server.denyLocked)
}

func (sh *Shop) decide(authorizeURL string, do func(*shopState, *authorization, string) string) (*http.Request, error) {
	s := sh.server
	u, err := url.Parse(authorizeURL)
	if err != nil {
		return nil, errors.New("shopifytest: authorize: the URL does not parse")
	}
	base, err := sh.baseOf(u)
	if err != nil {
		return nil, err
	}
	q, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, errors.New("shopifytest: authorize: the query does not parse")
	}
	var next string
	var refusal *oauthError
	sh.do(func(st *shopState) {
		var auth *authorization
		if auth, refusal = s.authorizationLocked(q); refusal == nil {
			next = do(st, auth, encodeHost(adminHost(st.Domain, base)))
		}
	})
	if refusal != nil {
		return nil, fmt.Errorf("shopifytest: authorize: %s: %s", refusal.code, refusal.description)
	}
	return http.NewRequest(http.MethodGet, next, nil)
}

// baseOf checks that a URL is this shop's authorize endpoint and returns the base
// it hangs below; nil for the shop's own host.
func (sh *Shop) baseOf(u *url.URL) (*url.URL, error) {
	const endpoint = "/admin/oauth/authorize"
	if u.Scheme == "https" && strings.EqualFold(u.Host, sh.domain) && u.Path == endpoint {
		return nil, nil
	}
	prefix, ok := strings.CutSuffix(u.Path, endpoint)
	if ok && loopback(hostname(u.Host)) && path.Base(prefix) == sh.domain {
		return &url.URL{Scheme: u.Scheme, Host: u.Host, Path: prefix}, nil
	}
	return nil, fmt.Errorf("shopifytest: authorize: the URL is not the authorize endpoint of %s", sh.domain)
}

// ProxyRequest returns a storefront visitor's request as Shopify forwards it to
// the app's proxy URL: pathAndQuery of the visitor below it, plus shop,
// logged_in_customer_id (empty), path_prefix and timestamp, signed with signature.
func (sh *Shop) ProxyRequest(pathAndQuery string) *http.Request {
	s := sh.server
	p, err := url.Parse(pathAndQuery)
	if err != nil {
		s.fatalf("shopifytest: proxy request: the path is none")
	}
	return sh.appRequest(func(st *shopState) string {
		q := p.Query()
		q.Set("shop", st.Domain)
		q.Set("logged_in_customer_id", "")
		q.Set("path_prefix", "/apps/app")
		q.Set("timestamp", fmt.Sprint(s.nowLocked().Unix()))
		q.Set("signature", proxySignature(s.signingLocked(), q))
		return withQuery(s.app.proxyAddress()+cleanPath(p.Path), encodeQuery(q))
	})
}

// appRequest makes a GET to the address that build returns under the lock.
func (sh *Shop) appRequest(build func(*shopState) string) *http.Request {
	r, err := http.NewRequest(http.MethodGet, locked(sh, build), nil)
	if err != nil {
		sh.server.fatalf("shopifytest: the app's URL makes no request")
	}
	return r
}

// cleanPath makes a path safe to append to the app's URL.
func cleanPath(p string) string {
	if p == "" || p == "/" {
		return p
	}
	clean := path.Clean("/" + p)
	if strings.HasSuffix(p, "/") {
		clean += "/"
	}
	return (&url.URL{Path: clean}).EscapedPath()
}
