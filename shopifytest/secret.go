package shopifytest

import (
	"cmp"
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
)

// secret is one client secret. Its ID is what tokens are pinned to.
type secret struct {
	ID      int    `json:"id"`
	Value   string `json:"value"`
	Revoked bool   `json:"revoked"`
}

// AddSecret adds a client secret and returns it; both it and the older ones are
// accepted from now on. Tokens stay pinned to the secret that minted them until
// they are refreshed with the new one; webhooks stay signed with the oldest until
// that is revoked (shopify.dev, "Manage credentials").
func (s *Server) AddSecret() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	value := newSecret()
	s.addSecretLocked(value)
	return value
}

// RevokeSecret revokes this client secret: it no longer authenticates or signs, and
// every access and refresh token pinned to it is dead at once. The only active
// secret cannot be revoked: that, and a secret the app does not have, ends the test.
func (s *Server) RevokeSecret(value string) {
	if err := s.revoke(value); err != nil {
		s.fatalf("%v", err)
	}
}

// RevokeOldestSecret revokes the oldest active secret, as RevokeSecret does.
func (s *Server) RevokeOldestSecret() {
	s.RevokeSecret(s.Secrets()[0])
}

// Secrets returns the active client secrets, oldest first; there is always one.
func (s *Server) Secrets() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var values []string
	for _, sec := range s.activeLocked() {
		values = append(values, sec.Value)
	}
	return values
}

func (s *Server) revoke(value string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	sec := s.secretByValueLocked(value)
	switch {
	case sec == nil:
		return fmt.Errorf("shopifytest: revoke secret: the app has no such secret")
	case len(s.activeLocked()) == 1:
		return fmt.Errorf("shopifytest: revoke secret: it is the only one left")
	}
	sec.Revoked = true
	return nil
}

func (s *Server) addSecretLocked(value string) {
	s.st.Secrets = append(s.st.Secrets, secret{ID: len(s.st.Secrets) + 1, Value: value})
}

func (s *Server) activeLocked() []*secret {
	var active []*secret
	for i := range s.st.Secrets {
		if !s.st.Secrets[i].Revoked {
			active = append(active, &s.st.Secrets[i])
		}
	}
	return active
}

func (s *Server) newestLocked() *secret {
	active := s.activeLocked()
	return active[len(active)-1]
}

func (s *Server) oldestLocked() *secret { return s.activeLocked()[0] }

// signingLocked is the secret behind ID tokens and OAuth parameters.
func (s *Server) signingLocked() string {
	if s.policy.SignWith == OldestSecret {
		return s.oldestLocked().Value
	}
	return s.newestLocked().Value
}

// secretByValueLocked finds an active secret; nil if there is none.
func (s *Server) secretByValueLocked(value string) *secret {
	for _, sec := range s.activeLocked() {
		if subtle.ConstantTimeCompare([]byte(sec.Value), []byte(value)) == 1 {
			return sec
		}
	}
	return nil
}

func (s *Server) secretActiveLocked(id int) bool {
	for _, sec := range s.activeLocked() {
		if sec.ID == id {
			return true
		}
	}
	return false
}

func newSecret() string { return "shpss_" + randomHex(16) }

func randomHex(n int) string { return hex.EncodeToString(randomBytes(n)) }

func randomBytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // crypto/rand.Read never fails
	return b
}

// newUUID returns a random UUID of version 4 (RFC 9562).
func newUUID() string {
	b := randomBytes(16)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func compare(a, b string) int { return cmp.Compare(a, b) }
