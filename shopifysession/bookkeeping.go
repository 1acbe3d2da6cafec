package shopifysession

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/shopifysession/toolkit/internal/record"
)

// bookkeeping is everything of a session that is not an exported field.
type bookkeeping struct {
	Record      record.Record              `json:"record,omitzero"`
	Unknown     map[string]json.RawMessage `json:"unknown,omitempty"`
	UnknownInfo map[string]json.RawMessage `json:"unknownInfo,omitempty"`
	UnknownUser map[string]json.RawMessage `json:"unknownUser,omitempty"`
}

// shadows reports whether an unknown key has the name of a field: written back,
// it would stand there twice.
func (b *bookkeeping) shadows() bool {
	return hasAny(b.Unknown, "id", "shop", "state", "isOnline", "scope", "expires", "accessToken", "refreshToken",
		"refreshTokenExpires", "onlineAccessInfo", "bookkeeping") ||
		hasAny(b.UnknownInfo, "expires_in", "associated_user_scope", "associated_user") ||
		hasAny(b.UnknownUser, "id", "first_name", "last_name", "email", "account_owner", "locale", "collaborator", "email_verified")
}

func hasAny(m map[string]json.RawMessage, keys ...string) bool {
	return slices.ContainsFunc(keys, func(key string) bool { _, ok := m[key]; return ok })
}

// Version returns the number of the write that this copy comes from; 0 for a
// session that was never stored. Storages compare it; see [Revise].
func (s *Session) Version() int64 { return s.rec.Version }

// GrantedAt returns when Shopify issued the grant, UTC with milliseconds; zero
// for a session made by hand and not stored yet.
func (s *Session) GrantedAt() time.Time { return s.rec.GrantedAt }

// KeepUntil returns when a storage may forget the session: the one rule behind
// TTL keys, TTL indexes and DeleteExpired. The zero time means never.
//
// An expired access token is no reason while a refresh token may still work, so
// it is the later of both expiries plus grace. Never: a refresh token of
// unknown expiry, an offline session without expiry, and a session whose
// bookkeeping holds an open refresh attempt or a legacy token.
func (s *Session) KeepUntil(grace time.Duration) time.Time {
	if s.rec.Pinned() || s.Expires.IsZero() {
		return time.Time{}
	}
	if s.RefreshToken == "" {
		return utcMillis(s.Expires).Add(grace)
	}
	if s.RefreshTokenExpires.IsZero() {
		return time.Time{}
	}
	last := s.Expires
	if s.RefreshTokenExpires.After(last) {
		last = s.RefreshTokenExpires
	}
	return utcMillis(last).Add(grace)
}

// Bookkeeping returns everything of the session that its exported fields don't
// hold, as opaque bytes, for storages that keep fields in columns; nil if there
// is nothing. It may contain tokens: treat it like AccessToken.
func (s *Session) Bookkeeping() []byte {
	b := bookkeeping{Record: s.rec, Unknown: s.unknown}
	if info := s.OnlineAccessInfo; info != nil {
		b.UnknownInfo, b.UnknownUser = info.unknown, info.AssociatedUser.unknown
	}
	if b.Record.IsZero() && len(b.Unknown) == 0 && len(b.UnknownInfo) == 0 && len(b.UnknownUser) == 0 {
		return nil
	}
	data, err := json.Marshal(b)
	if err != nil {
		panic(err) // only raw JSON that was read as JSON, numbers and strings
	}
	return data
}

// SetBookkeeping restores what [Session.Bookkeeping] returned; nil or empty
// resets it. Set the exported fields first: what belongs to OnlineAccessInfo is
// dropped if that is nil. Other bytes are [ErrInvalidSession], and s is
// unchanged.
func (s *Session) SetBookkeeping(data []byte) error {
	var b bookkeeping
	if len(data) > 0 {
		dec := json.NewDecoder(bytes.NewReader(data))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&b); err != nil || dec.More() || b.shadows() {
			return fmt.Errorf("%w: bookkeeping is damaged", ErrInvalidSession)
		}
	}
	s.rec, s.unknown = b.Record, b.Unknown
	if info := s.OnlineAccessInfo; info != nil {
		info.unknown, info.AssociatedUser.unknown = b.UnknownInfo, b.UnknownUser
	}
	return nil
}
