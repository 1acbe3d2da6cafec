package shopifytest

import (
	"encoding/json"
	"mime"
	"net/http"
	"regexp"
)

var versionPattern = regexp.MustCompile(`^(20[0-9]{2}-(01|04|07|10)|unstable)$`)

// serveGraphQL is the Admin API: shop, currentAppInstallation and products, in
// every version that has the form of one.
func (s *Server) serveGraphQL(w http.ResponseWriter, r *http.Request) {
	v, version := visitOf(r), r.PathValue("version")
	if !versionPattern.MatchString(version) || r.Method != http.MethodPost {
		writeJSON(w, http.StatusNotFound, map[string]string{"errors": "Not Found"})
		return
	}
	w.Header().Set("X-Shopify-Api-Version", version)
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.shopLocked(v.domain)
	t, status, text := s.admitLocked(st, r.Header.Get("X-Shopify-Access-Token"))
	if status != http.StatusOK {
		writeJSON(w, status, map[string]string{"errors": text})
		return
	}
	q, ok := readQuery(r.Header.Get("Content-Type"), v.body)
	if !ok {
		writeJSON(w, http.StatusBadRequest, map[string]any{"errors": map[string]string{"query": "Required parameter missing or invalid"}})
		return
	}
	exec := &execution{st: st, token: t, vars: q.Variables}
	status, body := exec.run(q)
	writeJSON(w, status, body)
}

// The refusals of the Admin API, as apps see them.
const (
	textDead    = "[API] Invalid API key or access token (unrecognized login or wrong password)"
	textFrozen  = "Unavailable Shop"
	textForever = "[API] Non-expiring access tokens are no longer accepted for the Admin API. Start using expiring offline tokens: " +
		"https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/offline-access-tokens#expiring-vs-non-expiring-offline-tokens"
)

func (s *Server) admitLocked(st *shopState, value string) (*accessToken, int, string) {
	t := s.tokenLocked(st, value)
	switch {
	case st.Frozen:
		return nil, http.StatusPaymentRequired, textFrozen
	case t == nil:
		return nil, http.StatusUnauthorized, textDead
	case t.Kind == permanent && s.policy.RefuseNonExpiring:
		return nil, http.StatusForbidden, textForever
	}
	return t, http.StatusOK, ""
}

type graphQLRequest struct {
	Query         string         `json:"query"`
	Variables     map[string]any `json:"variables"`
	OperationName string         `json:"operationName"`
}

func readQuery(contentType string, body []byte) (graphQLRequest, bool) {
	var q graphQLRequest
	kind, _, _ := mime.ParseMediaType(contentType)
	switch kind {
	case "application/graphql":
		q.Query = string(body)
	case "application/json":
		if json.Unmarshal(body, &q) != nil {
			return q, false
		}
	}
	return q, q.Query != ""
}
