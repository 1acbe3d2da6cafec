package shopifytest

import "time"

// chain is the one refreshable offline token that an app has in a shop: the pair
// issued last and the one whose refresh token produced it (shopify.dev, "How
// refresh token rotation works").
type chain struct {
	Current  *pair      `json:"current"`
	Previous *pair      `json:"previous"` // nil: nothing to replay
	Legacy   *migration `json:"legacy"`   // nil: not made by a migration, or its replay is over
}

// pair is an access token with its refresh token.
type pair struct {
	Access         string    `json:"access"`
	Refresh        string    `json:"refresh"`
	RefreshExpires time.Time `json:"refresh_expires"`
	FirstUsed      time.Time `json:"first_used"` // of the refresh token; zero: not yet
	SecretID       int       `json:"secret_id"`
	Scope          string    `json:"scope"`
}

// migration remembers the non-expiring token that was exchanged for a chain.
type migration struct {
	Token    string    `json:"token"`
	At       time.Time `json:"at"`
	SecretID int       `json:"secret_id"`
}

func (p *pair) answer() *answer {
	return &answer{
		AccessToken: p.Access, ExpiresIn: int(accessLife.Seconds()),
		RefreshToken: p.Refresh, RefreshExpiresIn: int(refreshLife.Seconds()), Scope: p.Scope,
	}
}

func (st *shopState) mintPair(req tokenRequest, scope string) *pair {
	return &pair{
		Access:         st.mint(expiring, req, accessLife).Value,
		Refresh:        "shprt_" + randomHex(16),
		RefreshExpires: req.now.Add(refreshLife),
		SecretID:       req.secretID,
		Scope:          scope,
	}
}

// acquireLocked starts a new chain. The refresh tokens of the old one are dead at
// once, its access tokens live out their hour.
func (s *Server) acquireLocked(st *shopState, req tokenRequest) *pair {
	st.Chain = &chain{Current: st.mintPair(req, st.Scopes)}
	return st.Chain.Current
}

// refreshLocked presents a refresh token.
func (s *Server) refreshLocked(st *shopState, req tokenRequest) (*answer, *oauthError) {
	if refusal := missing(req.params, "refresh_token"); refusal != nil {
		return nil, refusal
	}
	presented := s.presentableLocked(st, req.params["refresh_token"])
	if presented == nil {
		return nil, errRefresh
	}
	scope := st.Scopes
	if s.policy.OldScopeOnRefresh {
		scope = presented.Scope
	}
	c := st.Chain
	replayed := presented == c.Previous
	switch {
	case !replayed: // the newest token is used: its predecessor retires
		presented.FirstUsed = req.now
		c.Previous, c.Current, c.Legacy = presented, st.mintPair(req, scope), nil
	case s.policy.Replay == ReplayFork:
		c.Current = st.mintPair(req, scope)
	default:
		st.extend(c.Current, req.now)
	}
	return c.Current.answer(), nil
}

// presentableLocked returns the pair whose refresh token this is, if it may be
// presented now: the newest, or its predecessor within the replay window.
func (s *Server) presentableLocked(st *shopState, refresh string) *pair {
	c, now := st.Chain, s.nowLocked()
	if c == nil || refresh == "" {
		return nil
	}
	var p *pair
	switch {
	case c.Current.Refresh == refresh:
		p = c.Current
	case c.Previous != nil && c.Previous.Refresh == refresh && now.Before(c.Previous.FirstUsed.Add(s.policy.window())):
		p = c.Previous
	default:
		return nil
	}
	if !now.Before(p.RefreshExpires) || !s.secretActiveLocked(p.SecretID) || !s.secretActiveLocked(c.Current.SecretID) {
		return nil
	}
	return p
}

// window is how long after its first use a refresh token may be presented again.
func (p Policy) window() time.Duration {
	switch p.Replay {
	case ReplayNever:
		return 0
	case ReplayHour:
		return time.Hour
	}
	return replayLife
}

// extend gives the access token of a replayed pair another hour if it has run out.
func (st *shopState) extend(p *pair, now time.Time) {
	if t := st.Tokens[p.Access]; t != nil && !now.Before(t.Expires) {
		t.Expires = now.Add(accessLife)
	}
}

// migrateLocked exchanges a non-expiring offline token for a chain, once; for seven
// days the same token and client credentials get the same pair again, unless that
// has been refreshed or replaced.
func (s *Server) migrateLocked(st *shopState, req tokenRequest) (*answer, *oauthError) {
	if refusal := missing(req.params, "subject_token"); refusal != nil {
		return nil, refusal
	}
	if want := req.params["requested_token_type"]; want != "" && want != offlineURN {
		return nil, invalidRequest("A non-expiring token can only be exchanged for an offline access token")
	}
	withExpiry, refusal := wantsExpiring(req.params)
	if refusal != nil {
		return nil, refusal
	}
	if !withExpiry {
		return nil, invalidRequest("The expiring parameter must be 1 in this exchange")
	}
	subject := req.params["subject_token"]
	if st.replayable(subject, req) {
		st.extend(st.Chain.Current, req.now)
		return st.Chain.Current.answer(), nil
	}
	t := s.tokenLocked(st, subject)
	if t == nil || t.Kind != permanent || s.policy.RefuseMigration {
		return nil, errSubject
	}
	t.Spent = true
	p := s.acquireLocked(st, req)
	st.Chain.Legacy = &migration{Token: subject, At: req.now, SecretID: req.secretID}
	return p.answer(), nil
}

func (st *shopState) replayable(subject string, req tokenRequest) bool {
	if st.Chain == nil || st.Chain.Legacy == nil {
		return false
	}
	m := st.Chain.Legacy
	return m.Token == subject && m.SecretID == req.secretID && req.now.Before(m.At.Add(legacyLife))
}
