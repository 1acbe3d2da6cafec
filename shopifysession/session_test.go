package shopifysession_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/shopifysession"
)

func secretSession() shopifysession.Session {
	return shopifysession.Session{
		ID: "offline_a.myshopify.com", Shop: "a.myshopify.com", State: "state_secret", Scope: "read_products",
		AccessToken: "shpat_secret", RefreshToken: "shprt_secret", Expires: ms(1700000000000),
		OnlineAccessInfo: &shopifysession.OnlineAccessInfo{AssociatedUser: shopifysession.AssociatedUser{Email: "mail_secret"}},
	}
}

func TestNothingPrintsSecrets(t *testing.T) {
	t.Parallel()
	s := secretSession()
	cfg := validConfig()
	cfg.APISecret, cfg.PreviousSecrets = "api_secret", []string{"old_secret"}
	app, err := shopifysession.NewContext(cfg)
	require.NoError(t, err)
	type box struct {
		S shopifysession.Session
		P *shopifysession.Session
		C shopifysession.Config
		A *shopifysession.Context
	}
	values := map[string]any{
		"session": s, "session pointer": &s, "config": cfg, "config pointer": &cfg, "context": app, "context value": *app,
		"slice": []any{s, &s, cfg, &cfg, app}, "sessions": []shopifysession.Session{s}, "pointers": []*shopifysession.Session{&s},
		"map": map[string]any{"s": s, "p": &s, "c": cfg, "a": app}, "exported fields": box{s, &s, cfg, app}, "pointer to fields": &box{s, &s, cfg, app},
	}
	for name, value := range values {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%08.3f"} {
			require.NotContains(t, fmt.Sprintf(verb, value), "secret", "%s of %s", verb, name)
		}
		require.NotContains(t, fmt.Sprintln(value), "secret", name)
		var text bytes.Buffer
		slog.New(slog.NewTextHandler(&text, nil)).Info("m", "v", value)
		require.NotContains(t, text.String(), "secret", "slog text of %s", name)
	}
	for name, value := range map[string]any{"session": s, "session pointer": &s, "config": cfg, "config pointer": &cfg, "context": app, "configs": []any{cfg}} {
		var out bytes.Buffer
		slog.New(slog.NewJSONHandler(&out, nil)).Info("m", "v", value)
		require.NotContains(t, out.String(), "secret", "slog JSON of %s", name)
	}
	require.Contains(t, fmt.Sprint(s), `AccessToken:[redacted]`, "it does tell that there is a token")
	require.Contains(t, fmt.Sprint(shopifysession.Session{ID: "x"}), `AccessToken: `, "or that there is none")
}

func TestIDs(t *testing.T) {
	t.Parallel()
	require.Equal(t, "offline_a.myshopify.com", shopifysession.OfflineID("a.myshopify.com"))
	require.Equal(t, "a.myshopify.com_9007199254740993", shopifysession.OnlineID("a.myshopify.com", 9007199254740993))
	require.NotEqual(t, shopifysession.NewID(), shopifysession.NewID())
	require.GreaterOrEqual(t, len(shopifysession.NewID()), 26)

	for _, id := range []string{"a", "/", "..", "*?[]{}:%", " ", "é😀", strings.Repeat("x", 255), "__proto__"} {
		require.True(t, shopifysession.ValidID(id), id)
	}
	for _, id := range []string{"", "a\x00", "a\n", "\x7f", "\u0085", "a\xff", strings.Repeat("x", 256), strings.Repeat("é", 128)} {
		require.False(t, shopifysession.ValidID(id), "%q", id)
	}
}

func TestIsActive(t *testing.T) {
	t.Parallel()
	now := ms(1700000000000)
	tests := map[string]struct {
		session shopifysession.Session
		need    string
		want    bool
	}{
		"no expiry":         {shopifysession.Session{AccessToken: "t"}, "", true},
		"no token":          {shopifysession.Session{}, "", false},
		"before expiry":     {shopifysession.Session{AccessToken: "t", Expires: now.Add(time.Millisecond)}, "", true},
		"at expiry":         {shopifysession.Session{AccessToken: "t", Expires: now}, "", false},
		"scopes suffice":    {shopifysession.Session{AccessToken: "t", Scope: "write_a"}, "read_a", true},
		"scope is missing":  {shopifysession.Session{AccessToken: "t", Scope: "read_a"}, "write_a", false},
		"refresh is no use": {shopifysession.Session{AccessToken: "t", RefreshToken: "r", Expires: now.Add(-1)}, "", false},
	}
	for name, tt := range tests {
		require.Equal(t, tt.want, tt.session.IsActive(now, shopifysession.ParseScopes(tt.need)), name)
	}
	s := shopifysession.Session{Expires: now.Add(time.Minute)}
	require.True(t, s.ExpiresWithin(now, time.Minute))
	require.False(t, s.ExpiresWithin(now, time.Minute-1))
	require.False(t, (&shopifysession.Session{}).ExpiresWithin(now, 1000*time.Hour))
}

func TestKeepUntil(t *testing.T) {
	t.Parallel()
	const grace = time.Hour
	at, later := ms(1700000000000), ms(1700000100000)
	never := time.Time{}
	tests := map[string]struct {
		session     shopifysession.Session
		bookkeeping string
		want        time.Time
	}{
		"online":                              {shopifysession.Session{IsOnline: true, Expires: at}, "", at.Add(grace)},
		"offline without expiry":              {shopifysession.Session{}, "", never},
		"refresh token ends later":            {shopifysession.Session{Expires: at, RefreshToken: "r", RefreshTokenExpires: later}, "", later.Add(grace)},
		"access token ends later":             {shopifysession.Session{Expires: later, RefreshToken: "r", RefreshTokenExpires: at}, "", later.Add(grace)},
		"refresh token of unknown expiry":     {shopifysession.Session{Expires: at, RefreshToken: "r"}, "", never},
		"expiry of a refresh token not there": {shopifysession.Session{Expires: at, RefreshTokenExpires: later}, "", at.Add(grace)},
		"open refresh attempt":                {shopifysession.Session{Expires: at}, `{"record":{"version":1,"attempt":{"startedAt":1}}}`, never},
		"kept legacy token":                   {shopifysession.Session{Expires: at}, `{"record":{"version":1,"legacy":{"token":"x","exchangedAt":1}}}`, never},
		"sub-millisecond":                     {shopifysession.Session{Expires: at.Add(999)}, "", at.Add(grace)},
	}
	for name, tt := range tests {
		require.NoError(t, tt.session.SetBookkeeping([]byte(tt.bookkeeping)), name)
		require.Equal(t, tt.want, tt.session.KeepUntil(grace), name)
	}
}

func TestCloneSharesNothing(t *testing.T) {
	t.Parallel()
	s, err := shopifysession.Deserialize([]byte(`{"id":"a","shop":"b","isOnline":true,"x":1,"onlineAccessInfo":{"y":2,"associated_user":{"id":1,"z":3}},"bookkeeping":{"version":4,"attempt":{"startedAt":5},"legacy":{"token":"t","exchangedAt":6},"future":{"a":1}}}`))
	require.NoError(t, err)
	before, err := s.Serialize()
	require.NoError(t, err)
	c := s.Clone()
	require.True(t, s.Equal(c))
	require.NoError(t, c.SetBookkeeping(nil))
	c.OnlineAccessInfo.AssociatedUser.ID = 99
	after, err := s.Serialize()
	require.NoError(t, err)
	require.Equal(t, string(before), string(after))
	require.Nil(t, (*shopifysession.Session)(nil).Clone())
}

func TestEqual(t *testing.T) {
	t.Parallel()
	base := secretSession()
	require.True(t, base.Equal(base.Clone()))
	changes := map[string]func(*shopifysession.Session){
		"id":             func(s *shopifysession.Session) { s.ID += "x" },
		"shop":           func(s *shopifysession.Session) { s.Shop += "x" },
		"state":          func(s *shopifysession.Session) { s.State += "x" },
		"online":         func(s *shopifysession.Session) { s.IsOnline = !s.IsOnline },
		"scope":          func(s *shopifysession.Session) { s.Scope += "x" },
		"token":          func(s *shopifysession.Session) { s.AccessToken += "x" },
		"expires":        func(s *shopifysession.Session) { s.Expires = s.Expires.Add(time.Millisecond) },
		"refresh":        func(s *shopifysession.Session) { s.RefreshToken += "x" },
		"refreshExpires": func(s *shopifysession.Session) { s.RefreshTokenExpires = ms(1) },
		"no info":        func(s *shopifysession.Session) { s.OnlineAccessInfo = nil },
		"user":           func(s *shopifysession.Session) { s.OnlineAccessInfo.AssociatedUser.Collaborator = true },
	}
	for name, change := range changes {
		c := base.Clone()
		change(c)
		require.False(t, base.Equal(c), name)
		require.False(t, c.Equal(&base), name)
	}
	zoned := base.Clone()
	zoned.Expires = base.Expires.In(time.FixedZone("x", 3600)).Add(999 * time.Microsecond)
	require.True(t, base.Equal(zoned), "same millisecond in another zone")
	var none *shopifysession.Session
	require.True(t, none.Equal(nil))
	require.False(t, base.Equal(nil))
}

func TestBookkeepingKeepsWhatColumnsDoNot(t *testing.T) {
	t.Parallel()
	in := `{"id":"a","shop":"b","state":"","isOnline":true,"onlineAccessInfo":{"expires_in":0,"associated_user_scope":"","associated_user":{"id":1,"first_name":"","last_name":"","email":"","account_owner":false,"locale":"","collaborator":false,"email_verified":false,"z":3},"y":2},"x":1,"bookkeeping":{"future":{"a":1},"grantedAt":1700000000000,"version":4}}`
	s, err := shopifysession.Deserialize([]byte(in))
	require.NoError(t, err)
	require.EqualValues(t, 4, s.Version())
	require.Equal(t, ms(1700000000000), s.GrantedAt())

	columns := &shopifysession.Session{ID: "a", Shop: "b", IsOnline: true, OnlineAccessInfo: &shopifysession.OnlineAccessInfo{AssociatedUser: shopifysession.AssociatedUser{ID: 1}}}
	require.NoError(t, columns.SetBookkeeping(s.Bookkeeping()))
	out, err := columns.Serialize()
	require.NoError(t, err)
	require.JSONEq(t, in, string(out))

	require.Nil(t, (&shopifysession.Session{ID: "a"}).Bookkeeping(), "nothing to keep")
	for _, damaged := range []string{
		"x", `{"record":`, `{"record":[]}`, `{"record":{"version":-1}}`, `{"other":1}`, `{} {}`,
		`{"record":{"version":9223372036854775807}}`, `{"unknown":{"id":"x"}}`, `{"unknown":{"bookkeeping":{}}}`,
		`{"unknownInfo":{"associated_user":{}}}`, `{"unknownUser":{"id":1}}`,
	} {
		require.ErrorIs(t, columns.SetBookkeeping([]byte(damaged)), shopifysession.ErrInvalidSession, damaged)
	}
	require.EqualValues(t, 4, columns.Version(), "unchanged on error")
}

func withRecord(t *testing.T, version, grantedAt int64) *shopifysession.Session {
	t.Helper()
	s := &shopifysession.Session{ID: "a", Shop: "b"}
	data, err := json.Marshal(map[string]any{"record": map[string]int64{"version": version, "grantedAt": grantedAt}})
	require.NoError(t, err)
	require.NoError(t, s.SetBookkeeping(data))
	return s
}

func TestRevise(t *testing.T) {
	t.Parallel()
	now := ms(5000)
	hand := &shopifysession.Session{ID: "a", Shop: "b", Expires: now.Add(999 * time.Microsecond).In(time.FixedZone("x", 60))}
	at := func(version, grantedAt int64) *shopifysession.Session { return withRecord(t, version, grantedAt) }
	tests := map[string]struct {
		old, s      *shopifysession.Session
		fence       time.Time
		err         error
		version, at int64
	}{
		"first by hand":                         {nil, hand, time.Time{}, nil, 1, 5000},
		"by hand over anything":                 {at(7, 1000), hand, time.Time{}, nil, 1, 5000},
		"by hand with a clock that stands":      {at(7, 5000), hand, time.Time{}, nil, 1, 5001},
		"by hand with a clock that runs behind": {at(7, 9000), hand, time.Time{}, nil, 1, 9001},
		"by hand after a deletion":              {nil, hand, ms(5000), nil, 1, 5001},
		"same version":                          {at(7, 1000), at(7, 1000), time.Time{}, nil, 8, 1000},
		"older version":                         {at(7, 1000), at(6, 1000), time.Time{}, shopifysession.ErrConflict, 0, 0},
		"newer version from elsewhere":          {at(7, 1000), at(8, 1000), time.Time{}, shopifysession.ErrConflict, 0, 0},
		"later grant":                           {at(7, 1000), at(0, 2000), time.Time{}, nil, 1, 2000},
		"older grant":                           {at(7, 1000), at(9, 999), time.Time{}, shopifysession.ErrConflict, 0, 0},
		"same version of another grant":         {at(1, 2000), at(1, 1000), time.Time{}, shopifysession.ErrConflict, 0, 0},
		"copied from another storage":           {nil, at(7, 1000), time.Time{}, nil, 8, 1000},
		"deleted grant":                         {nil, at(7, 1000), ms(1000), shopifysession.ErrConflict, 0, 0},
		"grant before the deleted one":          {nil, at(7, 999), ms(1000), shopifysession.ErrConflict, 0, 0},
		"reinstall":                             {nil, at(0, 1001), ms(1000), nil, 1, 1001},
		"nil":                                   {nil, nil, time.Time{}, shopifysession.ErrInvalidSession, 0, 0},
		"no id":                                 {nil, &shopifysession.Session{Shop: "b"}, time.Time{}, shopifysession.ErrInvalidSession, 0, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before := tt.s.Clone()
			next, err := shopifysession.Revise(tt.old, tt.s, tt.fence, now)
			if tt.err != nil {
				require.ErrorIs(t, err, tt.err)
				require.Nil(t, next)
				return
			}
			require.NoError(t, err)
			require.Equal(t, tt.version, next.Version())
			require.Equal(t, ms(tt.at), next.GrantedAt())
			require.True(t, next.Equal(tt.s))
			require.Equal(t, before.Version(), tt.s.Version(), "the caller's session is unchanged")
			require.Zero(t, next.Expires.Nanosecond()%1e6)
			require.Equal(t, time.UTC, next.Expires.Location())
		})
	}
}

func TestConfigErrorNamesField(t *testing.T) {
	t.Parallel()
	err := error(&shopifysession.ConfigError{Field: "AppURL", Reason: "is empty"})
	require.EqualError(t, err, "shopifysession: config: AppURL is empty")
	require.False(t, errors.Is(err, shopifysession.ErrInvalidShop))
}
