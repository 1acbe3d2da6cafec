package shopifytest

import "time"

// code is an authorization code.
type code struct {
	Expires time.Time `json:"expires"`
	UserID  int64     `json:"user_id"`
	Online  bool      `json:"online"`
}

func (s *Server) exchangeCodeLocked(st *shopState, req tokenRequest) (*answer, *oauthError) {
	if refusal := missing(req.params, "code"); refusal != nil {
		return nil, refusal
	}
	if _, refusal := wantsExpiring(req.params); refusal != nil {
		return nil, refusal
	}
	value := req.params["code"]
	c := st.Codes[value]
	if c == nil || !req.now.Before(c.Expires) {
		return nil, errCode
	}
	delete(st.Codes, value)
	if c.Online {
		return s.onlineLocked(st, req, st.userLocked(User{ID: c.UserID}))
	}
	return s.offlineLocked(st, req)
}

func (s *Server) exchangeIDTokenLocked(st *shopState, req tokenRequest) (*answer, *oauthError) {
	if refusal := missing(req.params, "subject_token", "subject_token_type"); refusal != nil {
		return nil, refusal
	}
	if req.params["subject_token_type"] != idTokenURN {
		return nil, invalidRequest("The subject_token_type is not supported")
	}
	userID, ok := s.verifyIDTokenLocked(st, req.params["subject_token"], req.now)
	if !ok {
		return nil, errSubject
	}
	if !st.Installed {
		return nil, errNotInstalled
	}
	switch req.params["requested_token_type"] {
	case "", offlineURN:
		return s.offlineLocked(st, req)
	case onlineURN:
		return s.onlineLocked(st, req, st.userLocked(User{ID: userID}))
	}
	return nil, invalidRequest("The requested_token_type is not supported")
}

func (s *Server) clientCredentialsLocked(st *shopState, req tokenRequest) (*answer, *oauthError) {
	switch {
	case s.app.OtherOrganization:
		return nil, errNotPermitted
	case !st.Installed:
		return nil, errNotInstalled
	}
	t := st.mint(machine, req, onlineLife)
	return &answer{AccessToken: t.Value, Scope: st.Scopes, ExpiresIn: int(onlineLife.Seconds())}, nil
}
