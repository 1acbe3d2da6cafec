package shopifytest

import (
	"encoding/hex"
	"net/http"
	"net/url"
	"strconv"
)

// appPage embeds the app.
type appPage struct {
	Shop, User, Prefix string
	Source             string // of the iframe
	Origin             string // of the app, for messages
}

// opening is what opening the app leads to.
type opening struct {
	grant    *grantPage // the merchant has to agree first
	redirect string     // leave the admin
	page     *appPage   // stay in it
	told     []byte     // app/scopes_update to deliver
}

// serveApp opens the app from the admin. What Shopify manages it installs first,
// with the merchant's consent; scopes that the app no longer asks for are lost now.
func (s *Server) serveApp(w http.ResponseWriter, r *http.Request) {
	v := visitOf(r)
	if r.PathValue("key") != s.App().APIKey {
		notFound(w, r)
		return
	}
	var o opening
	s.Shop(v.domain).do(func(st *shopState) { o = s.openLocked(st, v, r.PathValue("path"), r.URL.Query()) })
	s.tellScopes(v.domain, o.told)
	switch {
	case o.grant != nil:
		o.grant.Action = v.prefix + r.URL.RequestURI()
		render(w, http.StatusOK, "grant", o.grant)
	case o.redirect != "":
		http.Redirect(w, r, o.redirect, http.StatusFound)
	default:
		renderWith(w, http.StatusOK, "app", o.page, o.page.Origin)
	}
}

func (s *Server) openLocked(st *shopState, v visit, path string, q url.Values) (o opening) {
	user, wanted := st.Owner.user(), s.requestedLocked("")
	switch {
	case s.app.LegacyInstall && !st.Installed:
		o.redirect = withQuery(s.app.URL, s.signedParamsLocked(st, v.host(), url.Values{}))
		return o
	case s.app.LegacyInstall, st.Installed && s.app.Scopes == "":
	case !st.Installed || !covers(st.Scopes, wanted):
		o.grant = s.grantPageLocked(st, v)
		o.grant.ask(wanted)
		return o
	case st.Scopes != wanted:
		before := st.Scopes
		st.install(wanted)
		o.told = st.scopesPayload(before, s.nowLocked())
	}
	address := s.openURLLocked(st, user, s.idTokenLocked(st, user), v.host(), path, q)
	if s.app.NotEmbedded {
		o.redirect = address
		return o
	}
	o.page = &appPage{Shop: v.domain, User: user.Name(), Prefix: v.prefix, Source: address, Origin: s.app.origin()}
	return o
}

// serveAppDecision is the grant screen of an installation that Shopify manages.
func (s *Server) serveAppDecision(w http.ResponseWriter, r *http.Request) {
	v := visitOf(r)
	app := s.App()
	if r.PathValue("key") != app.APIKey || app.LegacyInstall {
		notFound(w, r)
		return
	}
	if r.PostFormValue("decision") != "approve" {
		http.Redirect(w, r, v.prefix+"/admin", http.StatusSeeOther)
		return
	}
	var told []byte
	s.Shop(v.domain).do(func(st *shopState) {
		was, before := st.Installed, st.Scopes
		st.install(s.requestedLocked(""))
		if was && before != st.Scopes {
			told = st.scopesPayload(before, s.nowLocked())
		}
	})
	s.tellScopes(v.domain, told)
	http.Redirect(w, r, v.prefix+r.URL.RequestURI(), http.StatusSeeOther)
}

// serveIDToken gives the admin's own page a fresh token for the app in its frame.
func (s *Server) serveIDToken(w http.ResponseWriter, r *http.Request) {
	var token string
	s.Shop(visitOf(r).domain).do(func(st *shopState) {
		if st.Installed && !s.app.NotEmbedded {
			token = s.idTokenLocked(st, st.Owner.user())
		}
	})
	w.Header().Set("Cache-Control", "no-store")
	if token == "" {
		writeJSON(w, http.StatusForbidden, map[string]string{"error": "the app is not open here"})
		return
	}
	writeJSON(w, http.StatusOK, map[string]string{"id_token": token})
}

// sessionOf names a user's session in the admin.
func sessionOf(domain string, u User) string {
	return hex.EncodeToString(mac("session", []byte(domain+"|"+strconv.FormatInt(u.ID, 10))))
}
