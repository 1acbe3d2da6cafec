package custom_test

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/shopifysession"
	"github.com/shopifysession/toolkit/storage/custom"
)

func fromMap(t testing.TB, m map[string]any) (*session, error) {
	return custom.FromMap(func(context.Context, string) (map[string]any, error) { return m, nil })(t.Context(), "id")
}

var (
	expires = time.Date(2026, 11, 20, 12, 0, 0, 123e6, time.UTC)
	user    = shopifysession.AssociatedUser{
		ID: 1<<53 + 1, FirstName: "Ada", LastName: "Lovelace", Email: "ada@example.com",
		EmailVerified: true, AccountOwner: true, Locale: "en", Collaborator: true,
	}
)

func TestFromMap(t *testing.T) {
	t.Parallel()
	offline := &session{ID: "id", Shop: "a.myshopify.com", Scope: "read_products", AccessToken: "t", Expires: expires, RefreshToken: "r", RefreshTokenExpires: expires}
	online := &session{ID: "id", Shop: "a.myshopify.com", IsOnline: true, OnlineAccessInfo: &shopifysession.OnlineAccessInfo{AssociatedUser: user}}
	nested := online.Clone()
	nested.OnlineAccessInfo.ExpiresIn, nested.OnlineAccessInfo.AssociatedUserScope = 5, "read_products"
	bare := online.Clone()
	bare.OnlineAccessInfo.AssociatedUser = shopifysession.AssociatedUser{ID: 7}
	text := "t"
	info := map[string]any{"expires_in": 5, "associated_user_scope": "read_products", "associated_user": map[string]any{
		"id": int64(1<<53 + 1), "first_name": "Ada", "last_name": "Lovelace", "email": "ada@example.com",
		"email_verified": true, "account_owner": true, "locale": "en", "collaborator": true,
	}}
	infoJSON, err := json.Marshal(info)
	require.NoError(t, err)

	for _, tt := range []struct {
		name string
		m    map[string]any
		want *session
	}{
		{"times as time.Time", map[string]any{
			"id": "id", "shop": "a.myshopify.com", "state": nil, "isOnline": false, "scope": "read_products",
			"accessToken": "t", "expires": expires.In(time.FixedZone("", 7200)).Add(999), "refreshToken": "r", "refreshTokenExpires": &expires,
		}, offline},
		{"times as text", map[string]any{
			"id": "id", "shop": "a.myshopify.com", "scope": "read_products", "accessToken": "t",
			"expires": "2026-11-20T12:00:00.123Z", "refreshToken": "r", "refreshTokenExpires": "1795176000123",
		}, offline},
		{"times as numbers, text as bytes", map[string]any{
			"id": []byte("id"), "shop": []byte("a.myshopify.com"), "isOnline": 0, "scope": []byte("read_products"),
			"accessToken": &text, "expires": float64(1795176000123), "refreshToken": "r", "refreshTokenExpires": json.Number("1795176000123"),
		}, offline},
		{"names in lower case, zero times", map[string]any{
			"ID": "id", "shop": "a.myshopify.com", "isonline": int64(0), "accesstoken": "t",
			"expires": time.Time{}, "refreshtokenexpires": 0,
		}, &session{ID: "id", Shop: "a.myshopify.com", AccessToken: "t"}},
		{"nil bytes", map[string]any{"id": "id", "shop": "a.myshopify.com", "scope": []byte(nil)}, &session{ID: "id", Shop: "a.myshopify.com"}},
		{"nested user", map[string]any{"id": "id", "shop": "a.myshopify.com", "isOnline": true, "onlineAccessInfo": info}, nested},
		{"nested user as text", map[string]any{"id": "id", "shop": "a.myshopify.com", "isOnline": "1", "onlineAccessInfo": infoJSON}, nested},
		{"flat user", map[string]any{
			"id": "id", "shop": "a.myshopify.com", "isOnline": 1, "userId": int64(1<<53 + 1), "firstName": "Ada", "lastName": "Lovelace",
			"email": "ada@example.com", "emailVerified": "TRUE", "accountOwner": float64(1), "locale": "en", "collaborator": json.Number("1"),
		}, online},
		{"flat user as text", map[string]any{
			"id": "id", "shop": "a.myshopify.com", "isOnline": "true", "userId": "9007199254740993", "firstName": []byte("Ada"),
			"lastName": "Lovelace", "email": "ada@example.com", "emailVerified": true, "accountOwner": "1", "locale": "en", "collaborator": []byte("1"),
		}, online},
		{"bare user id", map[string]any{"id": "id", "shop": "a.myshopify.com", "isOnline": true, "onlineAccessInfo": 7}, bare},
		{
			"columns of a user in an offline row",
			map[string]any{"id": "id", "shop": "a.myshopify.com", "isOnline": false, "userId": nil, "emailVerified": false},
			&session{ID: "id", Shop: "a.myshopify.com"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, err := fromMap(t, tt.m)
			require.NoError(t, err)
			require.True(t, s.Equal(tt.want), "%s %+v", s, s.OnlineAccessInfo)
			require.Nil(t, s.Bookkeeping(), "no field is left over")
		})
	}
}

func TestFromMapWrongTypes(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]map[string]any{
		"no id":                      {"id": nil},
		"no shop":                    {"shop": ""},
		"number as text":             {"scope": 5},
		"bool as number":             {"isOnline": 2},
		"bool as text":               {"isOnline": "secret"},
		"bool as list":               {"isOnline": []string{"secret"}},
		"time as words":              {"expires": "tomorrow secret"},
		"time as bool":               {"expires": true},
		"time with fraction":         {"expires": 1.5},
		"time beyond JSON":           {"expires": time.Date(12345, 1, 1, 0, 0, 0, 0, time.UTC)},
		"user id with fraction":      {"isOnline": true, "userId": 1.5},
		"user id beyond exactness":   {"isOnline": true, "userId": math.Pow(2, 60)},
		"nested id beyond exactness": {"isOnline": true, "onlineAccessInfo": map[string]any{"associated_user": map[string]any{"id": math.Pow(2, 60)}}},
		"user's flag":                {"isOnline": true, "accountOwner": "secret"},
		"user as list":               {"isOnline": true, "onlineAccessInfo": []any{1}},
		"user as broken text":        {"isOnline": true, "onlineAccessInfo": `{"secret`},
		"token not UTF-8":            {"accessToken": "secret\xff"},
		"token as object":            {"accessToken": map[string]any{"secret": 1}},
		"two spellings":              {"accesstoken": "secret"},
		"channel":                    {"other": make(chan int)},
		"not a number":               {"other": math.NaN()},
		"damaged bookkeeping":        {"bookkeeping": "secret"},
		"bookkeeping as number":      {"bookkeeping": 5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := map[string]any{"id": "id", "shop": "a.myshopify.com", "accessToken": "t"}
			for key, value := range change {
				m[key] = value
			}
			s, err := fromMap(t, m)
			require.ErrorIs(t, err, shopifysession.ErrInvalidSession)
			require.Nil(t, s)
			require.NotContains(t, err.Error(), "secret")
		})
	}
}

func TestFromMapKeepsUnknownFields(t *testing.T) {
	t.Parallel()
	m := map[string]any{"id": "id", "shop": "a.myshopify.com", "createdBy": "php", "tags": []any{"a", 1.5}}
	s, err := fromMap(t, m)
	require.NoError(t, err)
	data, err := s.Serialize()
	require.NoError(t, err)
	require.Contains(t, string(data), `"createdBy":"php","tags":["a",1.5]`)
	require.Len(t, m, 4, "the map is as before")
}

// TestFromMapBookkeeping: from a column with bytes, and from a document.
func TestFromMapBookkeeping(t *testing.T) {
	t.Parallel()
	want := &session{ID: "id", Shop: "a.myshopify.com"}
	const kept = `{"record":{"version":3,"grantedAt":1700000000123},"unknown":{"x":1}}`
	require.NoError(t, want.SetBookkeeping([]byte(kept)))
	for name, value := range map[string]any{"bytes": want.Bookkeeping(), "text": string(want.Bookkeeping())} {
		s, err := fromMap(t, map[string]any{"id": "id", "shop": "a.myshopify.com", "bookkeeping": value, "created_at": expires})
		require.NoError(t, err, name)
		require.JSONEq(t, kept, string(s.Bookkeeping()), name)
	}

	data, err := want.Serialize()
	require.NoError(t, err)
	var document map[string]any
	require.NoError(t, json.Unmarshal(data, &document))
	s, err := fromMap(t, document)
	require.NoError(t, err)
	require.JSONEq(t, kept, string(s.Bookkeeping()))
}

func TestFromMapAbsent(t *testing.T) {
	t.Parallel()
	s, err := fromMap(t, nil)
	require.NoError(t, err)
	require.Nil(t, s)
	broken := errors.New("broken")
	_, err = custom.FromMap(func(context.Context, string) (map[string]any, error) { return nil, broken })(t.Context(), "id")
	require.Equal(t, broken, err)
}

func TestFromBytes(t *testing.T) {
	t.Parallel()
	read := func(data []byte, err error) (*session, error) {
		return custom.FromBytes(func(context.Context, string) ([]byte, error) { return data, err })(t.Context(), "id")
	}
	s, err := read([]byte(`[["id","id"],["shop","a.myshopify.com"],["accessToken","t"]]`), nil)
	require.NoError(t, err)
	require.Equal(t, "t", s.AccessToken)
	s, err = read(nil, nil)
	require.NoError(t, err)
	require.Nil(t, s)
	for _, data := range []string{"", "{}", "secret"} {
		_, err = read([]byte(data), nil)
		require.ErrorIs(t, err, shopifysession.ErrInvalidSession)
		require.NotContains(t, err.Error(), "secret")
	}
	broken := errors.New("broken")
	_, err = read([]byte("{}"), broken)
	require.Equal(t, broken, err)
}

// FuzzFromMap: whatever a database holds, the result is a valid session that
// survives another round, or ErrInvalidSession.
func FuzzFromMap(f *testing.F) {
	f.Add([]byte(`{"id":"id","shop":"a.myshopify.com","isOnline":1,"userId":"5","expires":1795176000123,"bookkeeping":{"version":1}}`))
	f.Add([]byte(`{"id":"id","shop":"a","isOnline":true,"onlineAccessInfo":{"associated_user":{"id":1}},"email":"x","bookkeeping":"{}"}`))
	f.Add([]byte(`{"ID":"id","shop":"a","onlineAccessInfo":"{\"expires_in\":1}","x":{"y":[null]}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var m map[string]any
		if json.Unmarshal(data, &m) != nil || m == nil {
			return
		}
		s, err := fromMap(t, m)
		if err != nil {
			require.ErrorIs(t, err, shopifysession.ErrInvalidSession)
			return
		}
		require.NoError(t, s.Validate())
		again, err := s.Serialize()
		require.NoError(t, err)
		same, err := shopifysession.Deserialize(again)
		require.NoError(t, err)
		require.True(t, same.Equal(s))
	})
}
