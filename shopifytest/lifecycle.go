package shopifytest

import (
	"time"
)

// redactAfter is how long after an uninstall shop/redact follows.
const redactAfter = 48 * time.Hour

// Uninstall is the merchant who removes the app: every token, code and refresh
// chain of the shop is dead at once, app/uninstalled is delivered before Uninstall
// returns (later under Policy.LateUninstall), and shop/redact follows when Advance
// passes 48 hours, unless the app is installed again by then. Nothing is delivered
// when the App has neither WebhookURL nor Handler, and nothing happens when the
// app is not installed.
func (sh *Shop) Uninstall() {
	s := sh.server
	var was bool
	var gone, redact []byte
	var late time.Duration
	sh.do(func(st *shopState) {
		was = st.Installed
		st.uninstall()
		gone, redact, late = st.payload("app/uninstalled"), st.payload("shop/redact"), s.policy.LateUninstall
		if was {
			s.dropRedactLocked(st.Domain) // a later uninstall starts the 48 hours anew
		}
	})
	if !was || !s.App().delivers() {
		return
	}
	d := s.enqueue(sh.domain, "app/uninstalled", gone, late)
	s.enqueue(sh.domain, "shop/redact", redact, redactAfter)
	if late == 0 {
		s.attempt(d)
	}
}

func (st *shopState) uninstall() {
	st.Installed, st.Scopes, st.Chain = false, "", nil
	clear(st.Tokens)
	clear(st.Codes)
}

// ScopesUpdate changes the scopes granted to the installed app, as a merchant or
// the app itself may, and delivers app/scopes_update when the App has an address
// for it. Tokens stay as they are and do what the new scopes allow. Nothing
// happens when the app is not installed.
func (sh *Shop) ScopesUpdate(scopes ...string) {
	s := sh.server
	var body []byte
	sh.do(func(st *shopState) {
		if !st.Installed {
			return
		}
		before := st.Scopes
		st.Scopes = compress(joinScopes(scopes))
		body = st.scopesPayload(before, s.nowLocked())
	})
	s.tellScopes(sh.domain, body)
}

// tellScopes delivers app/scopes_update; a nil body is nothing to tell.
func (s *Server) tellScopes(domain string, body []byte) {
	if body != nil && s.App().delivers() {
		s.attempt(s.enqueue(domain, "app/scopes_update", body, 0))
	}
}

func (st *shopState) scopesPayload(before string, now time.Time) []byte {
	return mustJSON(map[string]any{
		"id":         st.ID + 2,
		"previous":   append([]string{}, scopeList(before)...),
		"current":    append([]string{}, scopeList(st.Scopes)...),
		"updated_at": now.Format(time.RFC3339),
	})
}

// Redact delivers shop/redact now instead of 48 hours after the uninstall.
func (sh *Shop) Redact() Delivery {
	sh.do(func(st *shopState) { sh.server.dropRedactLocked(st.Domain) })
	return sh.Send("shop/redact", nil)
}

// dropRedactLocked calls off the shop/redact that waits for its 48 hours.
func (s *Server) dropRedactLocked(domain string) {
	for _, d := range s.st.Webhooks {
		if d.Shop == domain && d.Topic == "shop/redact" && len(d.Attempts) == 0 {
			d.Due = time.Time{}
		}
	}
}
