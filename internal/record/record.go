// Package record is the bookkeeping of a session: what the toolkit has to
// remember of a grant and Shopify's answer has no field for. It rides along
// inside the session as an opaque value, so that every storage keeps it
// without knowing it; only shopifysession and auth look inside.
package record

import (
	"encoding/json"
	"fmt"
	"maps"
	"time"
)

// Record is the bookkeeping of one session. The zero value belongs to a
// session made by hand: never stored, grant time unknown.
type Record struct {
	// Version counts the writes of one grant, from 1; 0: never stored.
	Version int64
	// GrantedAt is when Shopify issued the grant, in UTC milliseconds; zero:
	// unknown, the storage takes the time of the first write.
	GrantedAt time.Time
	// Attempt is the refresh that was begun and whose outcome is not known
	// yet; nil: none is open.
	Attempt *Attempt
	// Legacy is the non-expiring token that was exchanged for this grant and
	// is kept until the grant has proved itself; nil: none.
	Legacy *Legacy

	// rest holds keys of a newer release, so that a fleet in the middle of a
	// rollout doesn't lose what its newer half wrote.
	rest map[string]json.RawMessage
}

// Attempt is an open refresh.
type Attempt struct {
	StartedAt Millis `json:"startedAt"`
}

// Legacy is a non-expiring token kept for recovery.
type Legacy struct {
	Token       string `json:"token"` // secret
	ExchangedAt Millis `json:"exchangedAt"`
}

// Millis is a time that JSON carries as milliseconds since the epoch.
type Millis struct{ time.Time }

// MarshalJSON writes milliseconds.
func (m Millis) MarshalJSON() ([]byte, error) { return json.Marshal(m.UnixMilli()) }

// UnmarshalJSON reads milliseconds.
func (m *Millis) UnmarshalJSON(data []byte) error {
	var ms int64
	if err := json.Unmarshal(data, &ms); err != nil {
		return err
	}
	m.Time = time.UnixMilli(ms).UTC()
	return nil
}

// The keys of a record in JSON.
const (
	keyVersion   = "version"
	keyGrantedAt = "grantedAt"
	keyAttempt   = "attempt"
	keyLegacy    = "legacy"
)

// maxVersion is the largest integer that every JSON reader and every script of a
// database keeps exactly.
const maxVersion = 1 << 53

// IsZero reports whether there is nothing to keep.
func (r Record) IsZero() bool {
	return r.Version == 0 && r.GrantedAt.IsZero() && r.Attempt == nil && r.Legacy == nil && len(r.rest) == 0
}

// Pinned reports whether the session must be kept whatever its expiry says:
// while an attempt is open or a legacy token waits, the record is the only way
// back to a live token.
func (r Record) Pinned() bool { return r.Attempt != nil || r.Legacy != nil }

// Clone returns a deep copy.
func (r Record) Clone() Record {
	if r.Attempt != nil {
		a := *r.Attempt
		r.Attempt = &a
	}
	if r.Legacy != nil {
		l := *r.Legacy
		r.Legacy = &l
	}
	r.rest = maps.Clone(r.rest)
	return r
}

// MarshalJSON writes an object with sorted keys, so that equal records are
// equal bytes.
func (r Record) MarshalJSON() ([]byte, error) {
	m := maps.Clone(r.rest)
	if m == nil {
		m = map[string]json.RawMessage{}
	}
	put := func(key string, value any) error {
		data, err := json.Marshal(value)
		m[key] = data
		return err
	}
	if err := put(keyVersion, r.Version); err != nil {
		return nil, err
	}
	if !r.GrantedAt.IsZero() {
		if err := put(keyGrantedAt, Millis{r.GrantedAt}); err != nil {
			return nil, err
		}
	}
	if r.Attempt != nil {
		if err := put(keyAttempt, r.Attempt); err != nil {
			return nil, err
		}
	}
	if r.Legacy != nil {
		if err := put(keyLegacy, r.Legacy); err != nil {
			return nil, err
		}
	}
	return json.Marshal(m)
}

// UnmarshalJSON reads what MarshalJSON wrote and keeps keys it does not know.
// On error r is unchanged.
func (r *Record) UnmarshalJSON(data []byte) error {
	var m map[string]json.RawMessage
	if err := json.Unmarshal(data, &m); err != nil {
		return fmt.Errorf("record: not an object: %w", err)
	}
	var next Record
	var granted Millis
	for key, into := range map[string]any{
		keyVersion: &next.Version, keyGrantedAt: &granted, keyAttempt: &next.Attempt, keyLegacy: &next.Legacy,
	} {
		raw, ok := m[key]
		if !ok {
			continue
		}
		if err := json.Unmarshal(raw, into); err != nil {
			// The cause is left out: it may quote a token.
			return fmt.Errorf("record: key %s has the wrong type", key)
		}
		delete(m, key)
	}
	if next.Version < 0 || next.Version > maxVersion {
		return fmt.Errorf("record: version out of range")
	}
	next.GrantedAt = granted.Time
	if len(m) > 0 {
		next.rest = m
	}
	*r = next
	return nil
}
