package shopifysession

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/shopifysession/toolkit/internal/record"
)

// Session is one grant of access: what one app may do on one shop, for itself
// (offline) or for one user of the shop's admin (online). Its fields are those
// of the official libraries.
//
// AccessToken and RefreshToken are secrets. Printing a session with fmt or slog
// shows neither; [Session.Serialize] and JSON contain them, since a session
// that can't be read back is lost. Two ways around the redaction can't be
// closed in Go: a Session by value in an unexported field of a struct that is
// printed with fmt, and a session nested in another value (a slice, a map, a
// struct) that is logged through slog's JSON handler. Log the session itself
// or its ID.
//
// A Session is not safe for concurrent use while it is being changed; storages
// and this toolkit hand out copies.
type Session struct {
	// ID names the session; see [OfflineID], [OnlineID], [NewID] and [ValidID].
	ID string
	// Shop is the shop's domain as [ParseShop] returns it.
	Shop string
	// State is the OAuth state of the authorization code grant that made the
	// session; empty for every other grant.
	State string
	// IsOnline tells an online session, one user's, from an offline one.
	IsOnline bool
	// Scope is the granted scopes exactly as Shopify sent them; [Session.Scopes]
	// parses them. Empty: unknown or none.
	Scope string
	// AccessToken goes into X-Shopify-Access-Token. Secret. Empty: the session
	// can't be used for requests.
	AccessToken string
	// Expires is when AccessToken ends, UTC with milliseconds; zero: it does not
	// expire.
	Expires time.Time
	// RefreshToken gets the next pair of tokens. Secret. Empty: the grant can't
	// be refreshed.
	RefreshToken string
	// RefreshTokenExpires is when RefreshToken ends, UTC with milliseconds;
	// zero: not known.
	RefreshTokenExpires time.Time
	// OnlineAccessInfo tells about the user of an online session; nil for
	// offline sessions.
	OnlineAccessInfo *OnlineAccessInfo

	rec     record.Record
	unknown map[string]json.RawMessage // JSON keys of other writers, kept
}

// OnlineAccessInfo is what Shopify tells of an online token
// (https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/online-access-tokens).
type OnlineAccessInfo struct {
	// ExpiresIn is the lifetime of the token in seconds at the time of issue;
	// Session.Expires is what counts. 0: not known.
	ExpiresIn int
	// AssociatedUserScope is the part of the app's scopes that the user may use.
	AssociatedUserScope string
	// AssociatedUser is the user.
	AssociatedUser AssociatedUser

	unknown map[string]json.RawMessage
}

// AssociatedUser is a user of a shop's admin. Null, absent and empty strings of
// Shopify's answer are all "".
type AssociatedUser struct {
	ID            int64 // 0: not known
	FirstName     string
	LastName      string
	Email         string
	EmailVerified bool
	AccountOwner  bool
	Locale        string // such as "en" or "pt-BR"
	Collaborator  bool

	unknown map[string]json.RawMessage
}

// Scopes returns the granted scopes; nil if Scope is empty.
func (s *Session) Scopes() Scopes { return ParseScopes(s.Scope) }

// IsActive reports whether the session can be used at now for need: it has an
// access token, the token has not expired, and the granted scopes cover need.
// A nil need asks for no scope.
func (s *Session) IsActive(now time.Time, need Scopes) bool {
	return s.AccessToken != "" && !s.ExpiresWithin(now, 0) && s.Scopes().Has(need)
}

// ExpiresWithin reports whether the access token ends at or before now+d. A
// token without expiry never does.
func (s *Session) ExpiresWithin(now time.Time, d time.Duration) bool {
	return !s.Expires.IsZero() && !s.Expires.After(now.Add(d))
}

// Clone returns a deep copy, bookkeeping included; nil for nil.
func (s *Session) Clone() *Session {
	if s == nil {
		return nil
	}
	c := *s
	c.rec = s.rec.Clone()
	c.unknown = maps.Clone(s.unknown)
	if s.OnlineAccessInfo != nil {
		info := *s.OnlineAccessInfo
		info.unknown = maps.Clone(info.unknown)
		info.AssociatedUser.unknown = maps.Clone(info.AssociatedUser.unknown)
		c.OnlineAccessInfo = &info
	}
	return &c
}

// Equal reports whether all exported fields of s and o are equal, times to the
// millisecond. Bookkeeping and unknown JSON keys do not count. Two nil
// sessions are equal.
func (s *Session) Equal(o *Session) bool {
	if s == nil || o == nil {
		return s == o
	}
	return s.ID == o.ID && s.Shop == o.Shop && s.State == o.State && s.IsOnline == o.IsOnline &&
		s.Scope == o.Scope && s.AccessToken == o.AccessToken && s.RefreshToken == o.RefreshToken &&
		utcMillis(s.Expires).Equal(utcMillis(o.Expires)) &&
		utcMillis(s.RefreshTokenExpires).Equal(utcMillis(o.RefreshTokenExpires)) &&
		s.OnlineAccessInfo.equal(o.OnlineAccessInfo)
}

func (i *OnlineAccessInfo) equal(o *OnlineAccessInfo) bool {
	if i == nil || o == nil {
		return i == o
	}
	u, v := i.AssociatedUser, o.AssociatedUser
	return i.ExpiresIn == o.ExpiresIn && i.AssociatedUserScope == o.AssociatedUserScope &&
		u.ID == v.ID && u.FirstName == v.FirstName && u.LastName == v.LastName && u.Email == v.Email &&
		u.EmailVerified == v.EmailVerified && u.AccountOwner == v.AccountOwner &&
		u.Locale == v.Locale && u.Collaborator == v.Collaborator
}

// Validate returns nil if a storage can keep the session, else an error that
// wraps [ErrInvalidSession] and names the field: the ID must be a [ValidID], the
// shop likewise (it need not be a [ParseShop] domain), every string must be
// UTF-8 without U+0000, which PostgreSQL can't keep, and times must lie in the
// years 1 to 9999.
func (s *Session) Validate() error {
	if s == nil {
		return fmt.Errorf("%w: nil", ErrInvalidSession)
	}
	if !ValidID(s.ID) {
		return invalidField("id")
	}
	if !validText(s.Shop) {
		return invalidField("shop")
	}
	texts := []struct{ name, value string }{
		{"state", s.State}, {"scope", s.Scope}, {"accessToken", s.AccessToken}, {"refreshToken", s.RefreshToken},
	}
	if info := s.OnlineAccessInfo; info != nil {
		u := info.AssociatedUser
		for _, text := range []string{info.AssociatedUserScope, u.FirstName, u.LastName, u.Email, u.Locale} {
			texts = append(texts, struct{ name, value string }{"onlineAccessInfo", text})
		}
	}
	for _, text := range texts {
		if !utf8.ValidString(text.value) || strings.Contains(text.value, "\x00") {
			return invalidField(text.name)
		}
	}
	for name, t := range map[string]time.Time{"expires": s.Expires, "refreshTokenExpires": s.RefreshTokenExpires} {
		if year := t.UTC().Year(); year < 1 || year > 9999 {
			return invalidField(name)
		}
	}
	return nil
}

func invalidField(name string) error {
	return fmt.Errorf("%w: field %s is missing or out of range", ErrInvalidSession, name)
}

// utcMillis truncates t to what sessions keep; zero stays zero.
func utcMillis(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return time.UnixMilli(t.UnixMilli()).UTC()
}
