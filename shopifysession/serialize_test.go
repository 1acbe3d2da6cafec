package shopifysession_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/shopifysession/toolkit/shopifysession"
)

func ms(n int64) time.Time { return time.UnixMilli(n).UTC() }

// canonicalSessions are the sessions that the recorded fixtures of the official
// storages were made from, as those storages give them back.
func canonicalSessions() map[string]*shopifysession.Session {
	expires, refreshExpires := ms(1798761599123), ms(1806494400456)
	return map[string]*shopifysession.Session{
		"offline": {
			ID: "offline_test-shop.myshopify.com", Shop: "test-shop.myshopify.com", State: "150801840581085",
			Scope: "read_products,write_orders", AccessToken: "shpat_0123456789abcdef0123456789abcdef",
		},
		"online": {
			ID: "test-shop.myshopify.com_902541635", Shop: "test-shop.myshopify.com", IsOnline: true,
			Scope: "read_products,write_orders", AccessToken: "shpua_0123456789abcdef0123456789abcdef", Expires: expires,
			OnlineAccessInfo: &shopifysession.OnlineAccessInfo{AssociatedUser: shopifysession.AssociatedUser{
				ID: 902541635, FirstName: "John", LastName: "Smith", Email: "john@example.com", EmailVerified: true,
				AccountOwner: true, Locale: "en",
			}},
		},
		"offline_expiring": {
			ID: "offline_expiring-shop.myshopify.com", Shop: "expiring-shop.myshopify.com", Scope: "read_products",
			AccessToken: "shpat_expiring", Expires: expires, RefreshToken: "shprt_0123456789abcdef", RefreshTokenExpires: refreshExpires,
		},
		"minimal": {ID: "minimal-id", Shop: "minimal-shop.myshopify.com"},
		"online_partial": {
			ID: "7a5b4c1e-0000-4000-8000-000000000001", Shop: "test-shop.myshopify.com", State: "s", IsOnline: true,
			AccessToken: "shpua_partial", Expires: expires,
			OnlineAccessInfo: &shopifysession.OnlineAccessInfo{AssociatedUser: shopifysession.AssociatedUser{
				ID: 95182389273, FirstName: `Zoë "Q" 😀`,
			}},
		},
	}
}

func readJSON(t *testing.T, path string, into any) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "node", path))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, into))
}

func TestDeserializeReadsRecordedRedisValues(t *testing.T) {
	t.Parallel()
	var dump map[string]struct{ Value string }
	readJSON(t, "redis/dump.json", &dump)
	for name, want := range canonicalSessions() {
		got, err := shopifysession.Deserialize([]byte(dump["shopify_sessions_"+want.ID].Value))
		require.NoError(t, err, name)
		require.True(t, want.Equal(got), "%s", name)
	}
}

// The official storages' own answers, as objects and as property arrays.
func TestDeserializeReadsWhatOfficialStoragesLoad(t *testing.T) {
	t.Parallel()
	type loaded struct {
		ToObject      json.RawMessage `json:"toObject"`
		PropertyArray json.RawMessage `json:"propertyArray"`
	}
	for _, file := range []string{
		"redis/loaded.json", "mongodb/loaded.json", "prisma-sqlite/loaded-iso8601.json", "prisma-sqlite/loaded-unixepoch-ms.json",
	} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			var records map[string]json.RawMessage
			readJSON(t, file, &records)
			for name, want := range canonicalSessions() {
				var rec loaded
				require.NoError(t, json.Unmarshal(records[name], &rec), name)
				object, err := shopifysession.Deserialize(rec.ToObject)
				require.NoError(t, err, name)
				array, err := shopifysession.Deserialize(rec.PropertyArray)
				require.NoError(t, err, name)
				requireSameGrant(t, want, object)
				requireSameGrant(t, want, array)
			}
		})
	}
}

// requireSameGrant compares all but what a storage of the official library
// changes by itself (Prisma writes names of offline users, MongoDB alone keeps
// expires_in).
func requireSameGrant(t *testing.T, want, got *shopifysession.Session) {
	t.Helper()
	require.Equal(t, want.ID, got.ID)
	require.Equal(t, want.Shop, got.Shop)
	require.Equal(t, want.IsOnline, got.IsOnline)
	require.Equal(t, want.Scope, got.Scope)
	require.Equal(t, want.AccessToken, got.AccessToken)
	require.Equal(t, want.RefreshToken, got.RefreshToken)
	require.True(t, want.Expires.Equal(got.Expires))
	require.True(t, want.RefreshTokenExpires.Equal(got.RefreshTokenExpires))
	if want.OnlineAccessInfo != nil {
		require.Equal(t, want.OnlineAccessInfo.AssociatedUser.ID, got.OnlineAccessInfo.AssociatedUser.ID)
		require.Equal(t, want.OnlineAccessInfo.AssociatedUser.FirstName, got.OnlineAccessInfo.AssociatedUser.FirstName)
		require.Equal(t, want.OnlineAccessInfo.AssociatedUser.EmailVerified, got.OnlineAccessInfo.AssociatedUser.EmailVerified)
	}
}

func TestDeserializeReadsJSONStringifyWithUnknownKeys(t *testing.T) {
	t.Parallel()
	in := `{"id":"a.myshopify.com_1","shop":"a.myshopify.com","state":"st","isOnline":true,"scope":"write_products",` +
		`"expires":"2023-11-14T22:13:20.000Z","accessToken":"tok","refreshToken":"rt","refreshTokenExpires":"2027-01-15T08:00:00.000Z",` +
		`"onlineAccessInfo":{"expires_in":86399,"associated_user_scope":"read_products","associated_user":{"id":902541635,"first_name":"J","last_name":null,"email":"","account_owner":false,"locale":"","collaborator":false,"email_verified":false,"nickname":"Q"},"session":"abc"},"_id":{"$oid":"x"}}`
	s, err := shopifysession.Deserialize([]byte(in))
	require.NoError(t, err)
	require.Equal(t, 86399, s.OnlineAccessInfo.ExpiresIn)
	require.Equal(t, "read_products", s.OnlineAccessInfo.AssociatedUserScope)
	require.Equal(t, ms(1700000000000), s.Expires)

	out, err := s.Serialize()
	require.NoError(t, err)
	require.JSONEq(t, strings.Replace(in, `"last_name":null`, `"last_name":""`, 1), string(out), "unknown keys are written back where they were")
}

func TestDeserializePropertyArrayForms(t *testing.T) {
	t.Parallel()
	online := func(u shopifysession.AssociatedUser) *shopifysession.Session {
		return &shopifysession.Session{
			ID: "a_1", Shop: "a", IsOnline: true,
			OnlineAccessInfo: &shopifysession.OnlineAccessInfo{AssociatedUser: u},
		}
	}
	tests := map[string]struct {
		in   string
		want *shopifysession.Session
	}{
		"user id only": {
			`[["id","a_1"],["shop","a"],["state",""],["isOnline",true],["onlineAccessInfo",902541635]]`,
			online(shopifysession.AssociatedUser{ID: 902541635}),
		},
		"user data": {
			`[["id","a_1"],["shop","a"],["isOnline",true],["userId",1],["firstName","F"],["lastName","L"],["email","e"],["locale","en"],["emailVerified",true],["accountOwner",true],["collaborator",true]]`,
			online(shopifysession.AssociatedUser{ID: 1, FirstName: "F", LastName: "L", Email: "e", Locale: "en", EmailVerified: true, AccountOwner: true, Collaborator: true}),
		},
		"columns in lower case, as PostgreSQL gives them": {
			`[["id","a_1"],["shop","a"],["isonline","TRUE"],["accesstoken",null],["userid","1"],["firstname","F"],["accountowner",0],["emailverified",1]]`,
			online(shopifysession.AssociatedUser{ID: 1, FirstName: "F", EmailVerified: true}),
		},
		"the string false is false": {
			`[["id","a_1"],["shop","a"],["isOnline","true"],["userId",1],["accountOwner","false"]]`,
			online(shopifysession.AssociatedUser{ID: 1}),
		},
		"offline sessions have no user": {
			`[["id","a_1"],["shop","a"],["isOnline",0],["userId",1]]`,
			&shopifysession.Session{ID: "a_1", Shop: "a"},
		},
		"times in milliseconds, as number or string, 0 is none": {
			`[["id","a_1"],["shop","a"],["isOnline",false],["expires","1700000000000"],["refreshTokenExpires",0]]`,
			&shopifysession.Session{ID: "a_1", Shop: "a", Expires: ms(1700000000000)},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := shopifysession.Deserialize([]byte(tt.in))
			require.NoError(t, err)
			require.True(t, tt.want.Equal(got), "got %+v", got.OnlineAccessInfo)
		})
	}
}

func TestPropertyArrayKeepsUnknownProperties(t *testing.T) {
	t.Parallel()
	s, err := shopifysession.Deserialize([]byte(`[["id","a"],["shop","b"],["isOnline",false],["plan",{"x": 1}],["bookkeeping",{"version":3}]]`))
	require.NoError(t, err)
	require.EqualValues(t, 3, s.Version(), "not an unknown key that would be written twice")
	out, err := s.Serialize()
	require.NoError(t, err)
	require.Contains(t, string(out), `"plan":{"x":1}`)
}

func TestDeserializeRefusesWithAReasonAndNoSecret(t *testing.T) {
	t.Parallel()
	const token = "shpat_secret"
	tests := map[string]struct{ in, reason string }{
		"nothing":               {"", "no data"},
		"blank":                 {"  \n", "no data"},
		"text":                  {token, "unknown format"},
		"null":                  {"null", "unknown format"},
		"torn object":           {`{"id":"a","accessToken":"` + token, "malformed JSON at offset"},
		"torn array":            {`[["id","a"],["accessToken","` + token, "offset"},
		"data behind":           {`{"id":"a","shop":"b"} {"id":"` + token + `"}`, "data after the end"},
		"repeated key":          {`{"id":"a","id":"b","shop":"c"}`, "repeated key"},
		"repeated property":     {`[["id","a"],["ID","b"],["shop","c"]]`, "repeated key"},
		"no id":                 {`{"shop":"a"}`, "field id"},
		"no shop":               {`{"id":"a"}`, "field shop"},
		"id is a number":        {`{"id":1,"shop":"a"}`, "key id has the wrong type"},
		"token is a number":     {`{"id":"a","shop":"b","accessToken":12}`, "key accessToken"},
		"isOnline is text":      {`{"id":"a","shop":"b","isOnline":"yes"}`, "key isOnline"},
		"property flag is text": {`[["id","a"],["shop","b"],["isOnline","` + token + `"]]`, "key isOnline"},
		"expires is text":       {`{"id":"a","shop":"b","expires":"` + token + `"}`, "key expires"},
		"expires is an object":  {`{"id":"a","shop":"b","expires":{}}`, "key expires"},
		"user is text":          {`{"id":"a","shop":"b","onlineAccessInfo":"x"}`, "not a JSON object"},
		"user id is a fraction": {`{"id":"a","shop":"b","onlineAccessInfo":{"associated_user":{"id":1.5}}}`, "key id"},
		"not pairs":             {`["id","a"]`, "not a list of pairs"},
		"triples":               {`[["id","a",1]]`, "not a pair"},
		"damaged bookkeeping":   {`{"id":"a","shop":"b","bookkeeping":{"version":"` + token + `"}}`, "bookkeeping"},
		"negative version":      {`{"id":"a","shop":"b","bookkeeping":{"version":-1}}`, "bookkeeping"},
		"not UTF-8":             {"{\"id\":\"a\xff\",\"shop\":\"b\"}", "not UTF-8"},
		"control character":     {`{"id":"a\u0000","shop":"b"}`, "field id"},
		"long id":               {`{"id":"` + strings.Repeat("x", 256) + `","shop":"b"}`, "field id"},
		"huge":                  {`{"id":"a","shop":"b","accessToken":"` + strings.Repeat("x", 4<<20) + `"}`, "more than"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := shopifysession.Deserialize([]byte(tt.in))
			require.ErrorIs(t, err, shopifysession.ErrInvalidSession)
			require.ErrorContains(t, err, tt.reason)
			require.NotContains(t, fmt.Sprintf("%v %+v %#v", err, err, err), token)
			require.Nil(t, s)

			before := &shopifysession.Session{ID: "before", Shop: "s"}
			require.Error(t, before.Deserialize([]byte(tt.in)))
			require.True(t, before.Equal(&shopifysession.Session{ID: "before", Shop: "s"}), "unchanged on error")
		})
	}
}

func TestSerializeRefusesWhatCanNotBeReadBack(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]*shopifysession.Session{
		"nil":           nil,
		"no id":         {Shop: "a"},
		"no shop":       {ID: "a"},
		"invalid UTF-8": {ID: "a", Shop: "b", AccessToken: "\xff"},
		"NUL":           {ID: "a", Shop: "b", RefreshToken: "a\x00"},
		"invalid name":  {ID: "a", Shop: "b", OnlineAccessInfo: &shopifysession.OnlineAccessInfo{AssociatedUserScope: "\xff"}},
		"year 10000":    {ID: "a", Shop: "b", Expires: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)},
	} {
		_, err := s.Serialize()
		require.ErrorIs(t, err, shopifysession.ErrInvalidSession, name)
	}
}

func TestMarshalJSONIsSerialize(t *testing.T) {
	t.Parallel()
	for name, s := range canonicalSessions() {
		s.State = "<&>\u2028"
		serialized, err := s.Serialize()
		require.NoError(t, err, name)
		marshaled, err := json.Marshal(s)
		require.NoError(t, err, name)
		require.Equal(t, string(serialized), string(marshaled), name)

		var back shopifysession.Session
		require.NoError(t, json.Unmarshal(marshaled, &back), name)
		require.True(t, s.Equal(&back), name)
	}
	kept := shopifysession.Session{ID: "a", Shop: "b"}
	require.NoError(t, kept.UnmarshalJSON([]byte("null")))
	require.Equal(t, "a", kept.ID, "null changes nothing")
}

func anySession(t *rapid.T) *shopifysession.Session {
	text := rapid.String().Filter(func(s string) bool { return !strings.Contains(s, "\x00") })
	when := rapid.Custom(func(t *rapid.T) time.Time {
		if rapid.Bool().Draw(t, "none") {
			return time.Time{}
		}
		return time.Unix(rapid.Int64Range(-60_000_000_000, 250_000_000_000).Draw(t, "seconds"), rapid.Int64Range(0, 999_999_999).Draw(t, "ns"))
	})
	id := rapid.StringMatching(`[!-~é😀]{1,60}`)
	s := &shopifysession.Session{
		ID: id.Draw(t, "id"), Shop: id.Draw(t, "shop"), State: text.Draw(t, "state"), IsOnline: rapid.Bool().Draw(t, "online"),
		Scope: text.Draw(t, "scope"), AccessToken: text.Draw(t, "token"), Expires: when.Draw(t, "expires"),
		RefreshToken: text.Draw(t, "refresh"), RefreshTokenExpires: when.Draw(t, "refreshExpires"),
	}
	if rapid.Bool().Draw(t, "info") {
		s.OnlineAccessInfo = &shopifysession.OnlineAccessInfo{
			ExpiresIn: rapid.Int().Draw(t, "in"), AssociatedUserScope: text.Draw(t, "userScope"),
			AssociatedUser: shopifysession.AssociatedUser{
				ID: rapid.Int64().Draw(t, "user"), FirstName: text.Draw(t, "first"), LastName: text.Draw(t, "last"),
				Email: text.Draw(t, "email"), Locale: text.Draw(t, "locale"), EmailVerified: rapid.Bool().Draw(t, "verified"),
				AccountOwner: rapid.Bool().Draw(t, "owner"), Collaborator: rapid.Bool().Draw(t, "collaborator"),
			},
		}
	}
	return s
}

func TestSerializeDeserializeIsTheIdentity(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := anySession(t)
		data, err := s.Serialize()
		require.NoError(t, err)
		back, err := shopifysession.Deserialize(data)
		require.NoError(t, err)
		require.True(t, s.Equal(back))
		again, err := back.Serialize()
		require.NoError(t, err)
		require.Equal(t, string(data), string(again), "canonical")
	})
}

func FuzzDeserialize(f *testing.F) {
	for _, s := range canonicalSessions() {
		data, err := s.Serialize()
		require.NoError(f, err)
		f.Add(data)
	}
	f.Add([]byte(`[["id","a_1"],["shop","a"],["isOnline",true],["userId",1]]`))
	f.Add([]byte(`{"id":"a","shop":"b","expires":1e3,"x":[{}],"bookkeeping":{"version":3,"new":{}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := shopifysession.Deserialize(data)
		if err != nil {
			require.ErrorIs(t, err, shopifysession.ErrInvalidSession)
			require.Nil(t, s)
			return
		}
		out, err := s.Serialize()
		require.NoError(t, err, "what can be read can be written")
		back, err := shopifysession.Deserialize(out)
		require.NoError(t, err)
		require.True(t, s.Equal(back))
	})
}
