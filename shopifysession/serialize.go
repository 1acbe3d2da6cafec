package shopifysession

import (
	"bytes"
	"encoding/json"
	"maps"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/shopifysession/toolkit/internal/record"
)

const maxSerialized = 4 << 20 // bytes; far above what a session can need

// jsTime is a time as JavaScript's JSON writes it.
type jsTime struct{ time.Time }

const jsTimeFormat = "2006-01-02T15:04:05.000Z"

func (t jsTime) MarshalJSON() ([]byte, error) {
	return []byte(strconv.Quote(t.UTC().Format(jsTimeFormat))), nil
}

// sessionJSON is the session as JSON.stringify writes that of the official
// library, in its order.
type sessionJSON struct {
	ID                  string          `json:"id"`
	Shop                string          `json:"shop"`
	State               string          `json:"state"`
	IsOnline            bool            `json:"isOnline"`
	Scope               string          `json:"scope,omitempty"`
	Expires             jsTime          `json:"expires,omitzero"`
	AccessToken         string          `json:"accessToken,omitempty"`
	RefreshToken        string          `json:"refreshToken,omitempty"`
	RefreshTokenExpires jsTime          `json:"refreshTokenExpires,omitzero"`
	OnlineAccessInfo    json.RawMessage `json:"onlineAccessInfo,omitempty"`
	Bookkeeping         record.Record   `json:"bookkeeping,omitzero"`
}

type infoJSON struct {
	ExpiresIn           int             `json:"expires_in"`
	AssociatedUserScope string          `json:"associated_user_scope"`
	AssociatedUser      json.RawMessage `json:"associated_user"`
}

type userJSON struct {
	ID            int64  `json:"id"`
	FirstName     string `json:"first_name"`
	LastName      string `json:"last_name"`
	Email         string `json:"email"`
	AccountOwner  bool   `json:"account_owner"`
	Locale        string `json:"locale"`
	Collaborator  bool   `json:"collaborator"`
	EmailVerified bool   `json:"email_verified"`
}

// Serialize returns the session as JSON, tokens and bookkeeping included:
// [Deserialize] gives the same session back. The fields are those of
// JSON.stringify of the official JavaScript Session, then the keys that this
// toolkit does not know, sorted. A session that can't be stored
// ([Session.Validate]) is ErrInvalidSession.
func (s *Session) Serialize() ([]byte, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	v := sessionJSON{
		ID: s.ID, Shop: s.Shop, State: s.State, IsOnline: s.IsOnline, Scope: s.Scope,
		Expires: jsTime{utcMillis(s.Expires)}, AccessToken: s.AccessToken,
		RefreshToken: s.RefreshToken, RefreshTokenExpires: jsTime{utcMillis(s.RefreshTokenExpires)},
		Bookkeeping: s.rec,
	}
	if info := s.OnlineAccessInfo; info != nil {
		u := info.AssociatedUser
		user, err := marshalWith(userJSON{
			ID: u.ID, FirstName: u.FirstName, LastName: u.LastName, Email: u.Email,
			AccountOwner: u.AccountOwner, Locale: u.Locale, Collaborator: u.Collaborator, EmailVerified: u.EmailVerified,
		}, u.unknown)
		if err != nil {
			return nil, err
		}
		v.OnlineAccessInfo, err = marshalWith(infoJSON{
			ExpiresIn: info.ExpiresIn, AssociatedUserScope: info.AssociatedUserScope, AssociatedUser: user,
		}, info.unknown)
		if err != nil {
			return nil, err
		}
	}
	return marshalWith(v, s.unknown)
}

// marshalWith marshals the struct v and appends the unknown keys.
func marshalWith(v any, unknown map[string]json.RawMessage) ([]byte, error) {
	data, err := json.Marshal(v)
	if err != nil || len(unknown) == 0 {
		return data, err
	}
	more, err := json.Marshal(unknown)
	if err != nil {
		return nil, err
	}
	data[len(data)-1] = ','
	return append(data, more[1:]...), nil
}

// MarshalJSON returns what [Session.Serialize] returns: JSON of a session
// contains its tokens.
func (s Session) MarshalJSON() ([]byte, error) { return s.Serialize() }

// UnmarshalJSON is [Session.Deserialize]; null changes nothing.
func (s *Session) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	return s.Deserialize(data)
}

// Deserialize sets s to the session in data; on error s is unchanged. See
// [Deserialize].
func (s *Session) Deserialize(data []byte) error {
	d, err := Deserialize(data)
	if err != nil {
		return err
	}
	*s = *d
	return nil
}

// Deserialize reads a serialized session: what [Session.Serialize] wrote,
// JSON.stringify of the official JavaScript Session, and both of that library's
// property arrays (with and without user data, times in milliseconds). Unknown
// keys are kept and written back. Anything else, and any field of a wrong type,
// is [ErrInvalidSession] with the reason, never a session that is half filled.
func Deserialize(data []byte) (*Session, error) {
	if len(data) > maxSerialized {
		return nil, invalidf("more than %d bytes", maxSerialized)
	}
	if !utf8.Valid(data) {
		return nil, invalidf("not UTF-8")
	}
	var s *Session
	var err error
	switch trimmed := bytes.TrimLeft(data, " \t\r\n"); {
	case len(trimmed) == 0:
		return nil, invalidf("no data")
	case trimmed[0] == '{':
		s, err = fromObject(trimmed)
	case trimmed[0] == '[':
		s, err = fromPropertyArray(trimmed)
	default:
		return nil, invalidf("unknown format")
	}
	if err != nil {
		return nil, err
	}
	if err := s.Validate(); err != nil {
		return nil, err
	}
	return s, nil
}

func fromObject(data []byte) (*Session, error) {
	f, err := readFields(data)
	if err != nil {
		return nil, err
	}
	s := &Session{
		ID: f.text("id"), Shop: f.text("shop"), State: f.text("state"), IsOnline: f.boolean("isOnline"),
		Scope: f.text("scope"), AccessToken: f.text("accessToken"), Expires: f.time("expires"),
		RefreshToken: f.text("refreshToken"), RefreshTokenExpires: f.time("refreshTokenExpires"),
	}
	s.rec = f.record("bookkeeping")
	if raw, ok := f.take("onlineAccessInfo"); ok {
		if s.OnlineAccessInfo, err = infoFromObject(raw); err != nil {
			return nil, err
		}
	}
	s.unknown = f.rest()
	return s, f.err
}

func infoFromObject(data []byte) (*OnlineAccessInfo, error) {
	f, err := readFields(data)
	if err != nil {
		return nil, err
	}
	info := &OnlineAccessInfo{
		ExpiresIn:           int(f.integer("expires_in")),
		AssociatedUserScope: f.text("associated_user_scope"),
	}
	if raw, ok := f.take("associated_user"); ok {
		u, err := readFields(raw)
		if err != nil {
			return nil, err
		}
		info.AssociatedUser = AssociatedUser{
			ID: u.integer("id"), FirstName: u.text("first_name"), LastName: u.text("last_name"),
			Email: u.text("email"), EmailVerified: u.boolean("email_verified"), AccountOwner: u.boolean("account_owner"),
			Locale: u.text("locale"), Collaborator: u.boolean("collaborator"),
			unknown: u.rest(),
		}
		if u.err != nil {
			return nil, u.err
		}
	}
	info.unknown = f.rest()
	return info, f.err
}

// cloneOrNil keeps empty maps nil, so that equal sessions are equal values.
func cloneOrNil(m map[string]json.RawMessage) map[string]json.RawMessage {
	if len(m) == 0 {
		return nil
	}
	return maps.Clone(m)
}
