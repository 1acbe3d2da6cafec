package shopifytest

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
)

// authorization is a valid request for the merchant's consent.
type authorization struct {
	redirectURI string
	state       string
	scopes      string
	online      bool
}

// authorizationLocked checks the query of /admin/oauth/authorize.
func (s *Server) authorizationLocked(q url.Values) (*authorization, *oauthError) {
	for _, name := range []string{"client_id", "redirect_uri", "scope", "state", "grant_options[]"} {
		if len(q[name]) > 1 {
			return nil, invalidRequest("Parameter given more than once: " + name)
		}
	}
	key, redirect, state := q.Get("client_id"), q.Get("redirect_uri"), q.Get("state")
	switch {
	case key == "":
		return nil, invalidRequest("Missing required parameter: client_id")
	case key != s.app.APIKey:
		return nil, unknownClient(key)
	case redirect == "":
		return nil, invalidRequest("Missing required parameter: redirect_uri")
	case !slices.Contains(s.app.RedirectURLs, redirect):
		return nil, errRedirect
	case state == "":
		return nil, invalidRequest("Missing required parameter: state")
	}
	for _, scope := range scopeList(q.Get("scope")) {
		if !scopePattern.MatchString(scope) {
			return nil, errScope
		}
	}
	auth := &authorization{redirectURI: redirect, state: state, scopes: s.requestedLocked(q.Get("scope"))}
	switch q.Get("grant_options[]") {
	case "":
	case "per-user":
		auth.online = true
	default:
		return nil, invalidRequest("The grant option is not supported")
	}
	return auth, nil
}

// approveLocked grants what was asked for and returns the signed callback URL.
func (s *Server) approveLocked(st *shopState, auth *authorization, u User, host string) string {
	st.install(auth.scopes)
	now := s.nowLocked()
	maps.DeleteFunc(st.Codes, func(_ string, c *code) bool { return now.After(c.Expires) })
	value := randomHex(16)
	st.Codes[value] = &code{Expires: now.Add(codeLife), UserID: u.ID, Online: auth.online}
	return s.callbackLocked(st, auth, host, url.Values{"code": {value}})
}

func (s *Server) denyLocked(st *shopState, auth *authorization, host string) string {
	return s.callbackLocked(st, auth, host, url.Values{
		"error":             {"access_denied"},
		"error_description": {"The merchant did not grant access"},
	})
}

func (s *Server) callbackLocked(st *shopState, auth *authorization, host string, q url.Values) string {
	q.Set("state", auth.state)
	return withQuery(auth.redirectURI, s.signedParamsLocked(st, host, q))
}

// signedParamsLocked adds shop, host and timestamp to q, and the hmac over all.
func (s *Server) signedParamsLocked(st *shopState, host string, q url.Values) string {
	q.Set("shop", st.Domain)
	q.Set("host", host)
	q.Set("timestamp", strconv.FormatInt(s.nowLocked().Unix(), 10))
	return signedQuery(s.signingLocked(), q)
}

// withQuery replaces the query of a URL that is known to parse.
func withQuery(raw, query string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return raw
	}
	if u.Path == "" {
		u.Path = "/"
	}
	u.RawQuery = query
	return u.String()
}

// serveAuthorize shows the grant screen, or, when the app already has all the
// scopes, sends the browser on at once, as Shopify does.
func (s *Server) serveAuthorize(w http.ResponseWriter, r *http.Request) {
	v := visitOf(r)
	s.mu.Lock()
	st := s.shopLocked(v.domain)
	auth, refusal := s.authorizationLocked(r.URL.Query())
	var next string
	if refusal == nil && st.Installed && covers(st.Scopes, auth.scopes) {
		next = s.approveLocked(st, auth, st.Owner.user(), v.host())
	}
	page := s.grantPageLocked(st, v)
	s.mu.Unlock()
	switch {
	case refusal != nil:
		refusal.write(w, r)
	case next != "":
		http.Redirect(w, r, next, http.StatusFound)
	default:
		page.Action = v.prefix + r.URL.Path + "?" + r.URL.RawQuery
		page.ask(auth.scopes)
		render(w, http.StatusOK, "grant", page)
	}
}

// serveDecision is the button of the grant screen.
func (s *Server) serveDecision(w http.ResponseWriter, r *http.Request) {
	v := visitOf(r)
	decision := r.PostFormValue("decision")
	s.mu.Lock()
	st := s.shopLocked(v.domain)
	auth, refusal := s.authorizationLocked(r.URL.Query())
	var next string
	switch {
	case refusal != nil:
	case decision == "approve":
		next = s.approveLocked(st, auth, st.Owner.user(), v.host())
	case decision == "deny":
		next = s.denyLocked(st, auth, v.host())
	default:
		refusal = invalidRequest("Choose to install the app or to cancel")
	}
	s.mu.Unlock()
	if refusal != nil {
		refusal.write(w, r)
		return
	}
	http.Redirect(w, r, next, http.StatusSeeOther)
}
