package shopifytest

import "time"

// Replay says what presenting a refresh token again answers, while that is
// allowed at all. Shopify documents the window, not the body.
type Replay int

const (
	// ReplaySame answers with the pair that the first presentation produced, body
	// unchanged; an access token that has run out lives for another hour. The
	// default. The same pair was measured within the first hour; that its access
	// token is extended later is documented for migrations only.
	ReplaySame Replay = iota
	// ReplayFork answers with a new pair that replaces the one issued before.
	ReplayFork
	// ReplayNever makes refresh tokens single use.
	ReplayNever
	// ReplayHour is ReplaySame for 60 minutes after the first presentation, the rule
	// before 2026-08-28, and a refusal afterwards.
	ReplayHour
)

// SecretChoice names one of several active client secrets.
type SecretChoice int

const (
	// NewestSecret is the secret added last, the default.
	NewestSecret SecretChoice = iota
	// OldestSecret is the unrevoked secret added first.
	OldestSecret
)

// HeaderFamily names the headers of a webhook delivery.
type HeaderFamily int

const (
	// WebhookHeaders are X-Shopify-Hmac-Sha256 and its siblings, the default.
	WebhookHeaders HeaderFamily = iota
	// EventHeaders are shopify-hmac-sha256 and its siblings, of Shopify's events preview.
	EventHeaders
)

// Policy holds what Shopify decides, where it changed over time or is not
// documented. The zero value is Shopify as documented in autumn 2026.
type Policy struct {
	// Replay of refresh tokens.
	Replay Replay
	// RefuseNonExpiring makes the Admin API answer 403 to offline tokens that do
	// not expire, as it does for all public apps from 2027-01-01.
	RefuseNonExpiring bool
	// RefuseMigration makes the exchange of a non-expiring token fail.
	RefuseMigration bool
	// OldScopeOnRefresh makes a refresh repeat the scopes of the token it renews.
	// Zero: the answer carries the scopes granted now.
	OldScopeOnRefresh bool
	// SignWith is the secret behind ID tokens and OAuth parameters while two are
	// active. Webhooks are signed with the oldest in any case.
	SignWith SecretChoice
	// Headers of webhook deliveries.
	Headers HeaderFamily
	// LateUninstall holds app/uninstalled back until Advance has moved the clock
	// this far, so that it can arrive after a reinstall.
	LateUninstall time.Duration
}

// SetPolicy replaces the policy, from the next request on.
func (s *Server) SetPolicy(p Policy) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.policy = p
}

// Policy returns the policy in force.
func (s *Server) Policy() Policy {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.policy
}
