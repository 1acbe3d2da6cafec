package custom

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/shopifysession/toolkit/shopifysession"
)

// FromMap returns a callback for Load over a database that gives back rows or
// documents: read returns the fields of the session with that id, and nil if
// there is none. The map is not changed.
//
// Fields have the names of the official libraries, in any case: id, shop,
// state, isOnline, scope, accessToken, expires, refreshToken,
// refreshTokenExpires. The user of an online session is either a map
// onlineAccessInfo as in JSON (expires_in, associated_user_scope,
// associated_user), also as text, or spread over userId, firstName, lastName, email, locale,
// emailVerified, accountOwner and collaborator, as in the official SQL
// packages. A field bookkeeping brings back what Session.Bookkeeping returned,
// as bytes or a string, or what Serialize wrote under that key, as a map. Other
// fields are kept as unknown JSON keys; not so beside bookkeeping in bytes,
// which has these keys already: then they are columns of the app's own.
//
// Values are what drivers, ORMs and encoding/json make of them: strings and
// []byte, all kinds of numbers, bools also as 0, 1, "true" or "false", times as
// time.Time, RFC 3339 or a number of milliseconds, integers also as strings; nil
// is absence. A value of another type is ErrInvalidSession; the error names the
// field and never quotes the value.
func FromMap(read func(ctx context.Context, id string) (map[string]any, error)) func(ctx context.Context, id string) (*shopifysession.Session, error) {
	return func(ctx context.Context, id string) (*shopifysession.Session, error) {
		m, err := read(ctx, id)
		if err != nil || m == nil {
			return nil, err
		}
		return fromMap(m)
	}
}

// The fields with the same name in a map and in the JSON of a session.
var sessionFields = []string{
	"id", "shop", "state", "isOnline", "scope", "accessToken", "expires", "refreshToken", "refreshTokenExpires",
	"onlineAccessInfo", "bookkeeping",
}

// The fields of a user spread over the map, and their names in JSON.
var userFields = []struct {
	flat, nested string
	flag         bool
}{
	{"userId", "id", false},
	{"firstName", "first_name", false},
	{"lastName", "last_name", false},
	{"email", "email", false},
	{"locale", "locale", false},
	{"emailVerified", "email_verified", true},
	{"accountOwner", "account_owner", true},
	{"collaborator", "collaborator", true},
}

// fromMap brings the map into the JSON form of a session and leaves the types
// to Deserialize.
func fromMap(m map[string]any) (*shopifysession.Session, error) {
	fields, err := officialNames(m)
	if err != nil {
		return nil, err
	}
	kept := takeBookkeeping(fields)
	if err := toBool(fields, "isOnline"); err != nil {
		return nil, err
	}
	toNumber(fields, "expires")
	toNumber(fields, "refreshTokenExpires")
	if err := nestUser(fields); err != nil {
		return nil, err
	}
	data, err := json.Marshal(fields)
	if err != nil { // a channel, a NaN, a year 10000; the cause may quote it
		return nil, invalid("load", "a field of the map is not representable")
	}
	s, err := shopifysession.Deserialize(data)
	if err != nil {
		return nil, fmt.Errorf("custom: load: %w", err)
	}
	if kept == nil {
		return s, nil
	}
	if err := s.SetBookkeeping(kept); err != nil {
		return nil, fmt.Errorf("custom: load: %w", err)
	}
	return s, nil
}

// officialNames copies the map, with the official spelling of the fields that
// are known and []byte as text.
func officialNames(m map[string]any) (map[string]any, error) {
	spelling := map[string]string{}
	for _, name := range sessionFields {
		spelling[strings.ToLower(name)] = name
	}
	for _, f := range userFields {
		spelling[strings.ToLower(f.flat)] = f.flat
	}
	fields := make(map[string]any, len(m))
	for name, value := range m {
		if known, ok := spelling[strings.ToLower(name)]; ok {
			name = known
		}
		if _, ok := fields[name]; ok {
			return nil, invalid("load", "two fields "+name)
		}
		if data, ok := value.([]byte); ok {
			value = nil
			if data != nil {
				value = string(data)
			}
		}
		// encoding/json replaces what is not UTF-8, which would change a token.
		if text, ok := value.(string); ok && !utf8.ValidString(text) {
			return nil, invalid("load", "a field is not UTF-8")
		}
		fields[name] = value
	}
	return fields, nil
}

// toBool turns what databases make of a bool back into one.
func toBool(fields map[string]any, name string) error {
	value, ok := fields[name]
	if !ok || value == nil {
		return nil
	}
	if _, ok := value.(bool); ok {
		return nil
	}
	data, err := json.Marshal(value)
	if err == nil {
		switch strings.ToLower(strings.Trim(string(data), `"`)) {
		case "true", "1":
			fields[name] = true
			return nil
		case "false", "0", "":
			fields[name] = false
			return nil
		}
	}
	return invalid("load", "field "+name+" has the wrong type")
}

// toNumber turns a time that is a number of milliseconds as text into one.
func toNumber(fields map[string]any, name string) {
	if text, ok := fields[name].(string); ok {
		if _, err := strconv.ParseInt(text, 10, 64); err == nil {
			fields[name] = json.RawMessage(text)
		}
	}
}

// nestUser moves the fields of the user to where JSON has them. With a nested
// onlineAccessInfo they are other people's fields and stay; without a session
// that is online they are columns without meaning and go, as in the official
// libraries.
func nestUser(fields map[string]any) error {
	info := fields["onlineAccessInfo"]
	if text, ok := info.(string); ok && strings.HasPrefix(text, "{") { // a column with JSON
		info = json.RawMessage(text)
		fields["onlineAccessInfo"] = info
	}
	if _, flat := bareUserID(info); info != nil && !flat {
		if document, ok := info.(map[string]any); ok {
			if user, ok := document["associated_user"].(map[string]any); ok {
				return exact(user["id"])
			}
		}
		return nil
	}
	user := map[string]any{}
	for _, f := range userFields {
		if f.flag {
			if err := toBool(fields, f.flat); err != nil {
				return err
			}
		}
		if value := fields[f.flat]; value != nil {
			user[f.nested] = value
		}
		delete(fields, f.flat)
	}
	if id, ok := bareUserID(info); ok && user["id"] == nil {
		user["id"] = id
	}
	if err := exact(user["id"]); err != nil {
		return err
	}
	delete(fields, "onlineAccessInfo")
	if fields["isOnline"] == true {
		fields["onlineAccessInfo"] = map[string]any{"associated_user": user}
	}
	return nil
}

// exact refuses a user id in a float64 that may stand for several integers:
// encoding/json and JavaScript round without saying so.
func exact(id any) error {
	if f, ok := id.(float64); ok && math.Abs(f) > 1<<53 {
		return invalid("load", "the user id is a float64 that has lost digits")
	}
	return nil
}

// bareUserID tells whether onlineAccessInfo is only the user's id, as in the
// official property array without user data.
func bareUserID(info any) (any, bool) {
	data, err := json.Marshal(info)
	if err != nil || len(data) == 0 || data[0] == '{' || data[0] == '[' || string(data) == "null" {
		return nil, false
	}
	return info, true
}

// takeBookkeeping takes bookkeeping out if it has the form of
// Session.Bookkeeping; nil if not.
func takeBookkeeping(fields map[string]any) []byte {
	text, ok := fields["bookkeeping"].(string)
	if !ok {
		return nil
	}
	delete(fields, "bookkeeping")
	return []byte(text)
}
