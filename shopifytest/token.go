package shopifytest

import (
	"encoding/json"
	"maps"
	"net/http"
	"time"
)

// The lifetimes that Shopify states.
const (
	accessLife  = 3600 * time.Second
	refreshLife = 90 * day
	onlineLife  = 86399 * time.Second
	replayLife  = 30 * day // from a refresh token's first use
	legacyLife  = 7 * day  // from a migration
	codeLife    = 10 * time.Minute
)

// kind says what an access token is.
type kind string

const (
	permanent kind = "permanent" // offline, does not expire
	expiring  kind = "expiring"  // offline, one hour, with a refresh token
	online    kind = "online"
	machine   kind = "client_credentials"
)

// accessToken is one token the Admin API may accept.
type accessToken struct {
	Value     string    `json:"value"`
	Kind      kind      `json:"kind"`
	Expires   time.Time `json:"expires"` // zero: never
	SecretID  int       `json:"secret_id"`
	UserID    int64     `json:"user_id"`    // of an online token
	UserScope string    `json:"user_scope"` // likewise: what the user may do
	Spent     bool      `json:"spent"`      // a permanent token after its migration
}

// answer is the body of a successful token request, fields as Shopify orders them.
type answer struct {
	AccessToken         string `json:"access_token"`
	ExpiresIn           int    `json:"expires_in,omitempty"`
	RefreshToken        string `json:"refresh_token,omitempty"`
	RefreshExpiresIn    int    `json:"refresh_token_expires_in,omitempty"`
	Scope               string `json:"scope"`
	AssociatedUserScope string `json:"associated_user_scope,omitempty"`
	AssociatedUser      *User  `json:"associated_user,omitempty"`
}

// tokenRequest is a request whose client is authenticated.
type tokenRequest struct {
	params   map[string]string
	secretID int
	now      time.Time
}

func (s *Server) serveToken(w http.ResponseWriter, r *http.Request, domain string, body []byte) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		(&oauthError{http.StatusMethodNotAllowed, "invalid_request", "The token endpoint accepts POST only"}).write(w, r)
		return
	}
	ans, refusal := s.issue(domain, r.Header.Get("Content-Type"), body)
	if refusal != nil {
		refusal.write(w, r)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	writeJSON(w, http.StatusOK, ans)
}

func (s *Server) issue(domain, contentType string, body []byte) (*answer, *oauthError) {
	params, err := tokenParams(contentType, body)
	if err != nil {
		return nil, invalidRequest("The request body is malformed")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	secretID, refusal := s.authenticateLocked(params)
	if refusal != nil {
		return nil, refusal
	}
	req := tokenRequest{params: params, secretID: secretID, now: s.nowLocked()}
	st := s.shopLocked(domain)
	switch grantOf(params) {
	case AuthorizationCode:
		return s.exchangeCodeLocked(st, req)
	case TokenExchange:
		return s.exchangeIDTokenLocked(st, req)
	case Migration:
		return s.migrateLocked(st, req)
	case RefreshToken:
		return s.refreshLocked(st, req)
	case ClientCredentials:
		return s.clientCredentialsLocked(st, req)
	}
	if params["grant_type"] == "" {
		return nil, missing(params, "code")
	}
	return nil, errGrantType
}

func (s *Server) authenticateLocked(p map[string]string) (int, *oauthError) {
	if refusal := missing(p, "client_id"); refusal != nil {
		return 0, refusal
	}
	if p["client_id"] != s.app.APIKey {
		return 0, unknownClient(p["client_id"])
	}
	if refusal := missing(p, "client_secret"); refusal != nil {
		return 0, refusal
	}
	sec := s.secretByValueLocked(p["client_secret"])
	if sec == nil {
		return 0, errClient
	}
	return sec.ID, nil
}

// wantsExpiring reads the expiring parameter: 0, the default, or 1.
func wantsExpiring(p map[string]string) (bool, *oauthError) {
	switch p["expiring"] {
	case "", "0":
		return false, nil
	case "1":
		return true, nil
	}
	return false, invalidRequest("The expiring parameter must be 0 or 1")
}

// offlineLocked makes the offline token of an acquisition.
func (s *Server) offlineLocked(st *shopState, req tokenRequest) (*answer, *oauthError) {
	withExpiry, refusal := wantsExpiring(req.params)
	switch {
	case refusal != nil:
		return nil, refusal
	case withExpiry:
		return s.acquireLocked(st, req).answer(), nil
	}
	t := st.mint(permanent, req, 0)
	return &answer{AccessToken: t.Value, Scope: st.Scopes}, nil
}

func (s *Server) onlineLocked(st *shopState, req tokenRequest, u User) (*answer, *oauthError) {
	t := st.mint(online, req, onlineLife)
	t.UserID, t.UserScope = u.ID, intersect(st.Scopes, u.Scopes)
	u.Locale = u.locale()
	return &answer{
		AccessToken: t.Value, ExpiresIn: int(onlineLife.Seconds()), Scope: st.Scopes,
		AssociatedUserScope: t.UserScope, AssociatedUser: &u,
	}, nil
}

// mint makes and keeps an access token; a life of zero is unlimited.
func (st *shopState) mint(k kind, req tokenRequest, life time.Duration) *accessToken {
	t := &accessToken{Value: "shpat_" + randomHex(16), Kind: k, SecretID: req.secretID}
	if life > 0 {
		t.Expires = req.now.Add(life)
	}
	maps.DeleteFunc(st.Tokens, func(_ string, old *accessToken) bool {
		return !old.Expires.IsZero() && req.now.After(old.Expires.Add(replayLife+day)) // no replay revives it
	})
	st.Tokens[t.Value] = t
	return t
}

// tokenLocked returns the access token if it is alive, else nil.
func (s *Server) tokenLocked(st *shopState, value string) *accessToken {
	t := st.Tokens[value]
	switch {
	case t == nil, t.Spent, !s.secretActiveLocked(t.SecretID):
		return nil
	case !t.Expires.IsZero() && !s.nowLocked().Before(t.Expires):
		return nil
	}
	return t
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	data, err := json.Marshal(body)
	if err != nil {
		http.Error(w, "shopifytest: "+err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(data)
}
