package shopifysession

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// The keys of the official library's property array, in their spelling; the
// reader ignores case, as the official one does.
var propertyKeys = []string{
	"id", "shop", "state", "isOnline", "scope", "accessToken", "expires", "refreshToken", "refreshTokenExpires",
	"onlineAccessInfo",
	"userId", "firstName", "lastName", "email", "locale", "emailVerified", "accountOwner", "collaborator",
}

// fromPropertyArray reads what Session.toPropertyArray of the official library
// returns: [["id","…"],["shop","…"],…]. With user data the user is spread over
// eight entries, without it onlineAccessInfo is the bare user id.
func fromPropertyArray(data []byte) (*Session, error) {
	f, err := readProperties(data)
	if err != nil {
		return nil, err
	}
	s := &Session{
		ID: f.text("id"), Shop: f.text("shop"), State: f.text("state"), IsOnline: f.flag("isOnline"),
		Scope: f.text("scope"), AccessToken: f.text("accessToken"), Expires: f.time("expires"),
		RefreshToken: f.text("refreshToken"), RefreshTokenExpires: f.time("refreshTokenExpires"),
	}
	user := AssociatedUser{
		ID: f.integer("userId"), FirstName: f.text("firstName"), LastName: f.text("lastName"),
		Email: f.text("email"), Locale: f.text("locale"), EmailVerified: f.flag("emailVerified"),
		AccountOwner: f.flag("accountOwner"), Collaborator: f.flag("collaborator"),
	}
	if bareID := f.integer("onlineAccessInfo"); user.ID == 0 {
		user.ID = bareID
	}
	// As the official reader does: always for online sessions, never for others.
	if s.IsOnline {
		s.OnlineAccessInfo = &OnlineAccessInfo{AssociatedUser: user}
	}
	s.rec = f.record("bookkeeping")
	s.unknown = f.rest()
	return s, f.err
}

// readProperties reads the pairs. Keys of the official list get its spelling.
func readProperties(data []byte) (*fields, error) {
	f := &fields{members: map[string]json.RawMessage{}}
	dec := json.NewDecoder(bytes.NewReader(data))
	if _, err := dec.Token(); err != nil {
		return nil, syntaxError(dec)
	}
	for dec.More() {
		var pair []json.RawMessage
		if err := dec.Decode(&pair); err != nil {
			return nil, invalidf("not a list of pairs at offset %d", dec.InputOffset())
		}
		var key string
		if len(pair) != 2 || json.Unmarshal(pair[0], &key) != nil {
			return nil, invalidf("not a pair at offset %d", dec.InputOffset())
		}
		if known, ok := equalFoldKey(key, propertyKeys); ok {
			key = known
		}
		if _, ok := f.members[key]; ok {
			return nil, invalidf("repeated key at offset %d", dec.InputOffset())
		}
		f.members[key] = pair[1]
	}
	return f, readEnd(dec)
}

// flag reads a boolean as databases give it back: true, 1, "true", "1" and
// their opposites in any case. The official reader takes the string "false" for
// true in the user's fields; this one does not.
func (f *fields) flag(key string) bool {
	raw, ok := f.take(key)
	if !ok {
		return false
	}
	switch strings.ToLower(strings.Trim(string(raw), `"`)) {
	case "true", "1":
		return true
	case "false", "0", "":
		return false
	}
	f.wrong(key)
	return false
}

// equalFoldKey finds the official spelling of a property's key.
func equalFoldKey(key string, known []string) (string, bool) {
	i := slices.IndexFunc(known, func(k string) bool { return strings.EqualFold(k, key) })
	if i < 0 {
		return "", false
	}
	return known[i], true
}
