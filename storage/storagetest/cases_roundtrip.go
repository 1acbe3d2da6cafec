package storagetest

import (
	"bytes"
	"math"
	"strings"
	"time"

	"github.com/shopifysession/toolkit/shopifysession"
)

const everyField = "What is stored comes back with every field ([Session.Equal]), with its bookkeeping and with JSON keys that this toolkit does not know; times come back in UTC, cut to milliseconds."

func roundTripCases() []testCase {
	return []testCase{
		{name: "roundtrip/all-fields", sentence: everyField, run: func(c *check) {
			for _, s := range []*shopifysession.Session{sample("offline"), online("online", 902541635)} {
				c.store(s)
				c.loads(s)
				c.found(s.Shop, s)
			}
		}},
		{name: "roundtrip/empty-fields", sentence: everyField, run: roundTripEmpty},
		{name: "roundtrip/text", sentence: everyField, run: roundTripText},
		{name: "roundtrip/large", sentence: everyField, run: func(c *check) {
			s := online("large", 1)
			s.AccessToken = strings.Repeat("a", 64<<10)
			s.RefreshToken = strings.Repeat("é", 32<<10)
			s.Scope = strings.Repeat("read_products,", 600)
			s.State = strings.Repeat("s", 1<<10)
			s.OnlineAccessInfo.AssociatedUserScope = s.Scope
			s.OnlineAccessInfo.AssociatedUser.Email = strings.Repeat("e", 300) + "@example.com"
			c.store(s)
			c.loads(s)
		}},
		{name: "roundtrip/user-ids", sentence: everyField, run: func(c *check) {
			for _, user := range []int64{0, 1, 1<<31 + 1, 1<<53 - 1, 1<<53 + 1, math.MaxInt64} {
				s := online("users", user)
				c.store(s)
				if got := c.load(s.ID).OnlineAccessInfo; got == nil || got.AssociatedUser.ID != user {
					c.Fatalf("the user id %d came back as another one", user)
				}
				c.loads(s)
			}
		}},
		{name: "roundtrip/times", sentence: everyField, run: roundTripTimes},
		{name: "roundtrip/unknown-keys", sentence: everyField, run: roundTripUnknown},
		{name: "roundtrip/bookkeeping", sentence: everyField, run: roundTripBookkeeping},
		{name: "roundtrip/long-bookkeeping", sentence: everyField, run: func(c *check) {
			s := withBookkeeping(sample("journal"),
				`{"record":{"version":7,"grantedAt":1700000000123,"journal":["`+strings.Repeat("é", 40<<10)+`"]}}`)
			c.keepsBookkeeping(s)
		}},
	}
}

func roundTripEmpty(c *check) {
	long := time.Now().Add(time.Hour).Truncate(time.Millisecond)
	variants := map[string]*shopifysession.Session{
		"only id and shop":         {},
		"online without user":      {IsOnline: true, Expires: long},
		"online with an empty one": {IsOnline: true, OnlineAccessInfo: &shopifysession.OnlineAccessInfo{}},
		"offline with a user":      {OnlineAccessInfo: &shopifysession.OnlineAccessInfo{ExpiresIn: 5}},
		"only an access token":     {AccessToken: marker},
		"only a refresh token":     {RefreshToken: marker},
		"only expiries":            {Expires: long, RefreshTokenExpires: long.Add(time.Hour)},
	}
	for name, s := range variants {
		s.ID, s.Shop = name, "empty.myshopify.com"
		c.store(s)
	}
	for name, want := range variants {
		got := c.load(name)
		c.same("Load", got, want)
		if got.Expires.IsZero() != want.Expires.IsZero() || got.RefreshTokenExpires.IsZero() != want.RefreshTokenExpires.IsZero() {
			c.Fatalf("a zero time came back as another one")
		}
	}
}

// awkward are texts that databases, escapes and encodings have lost.
var awkward = []string{
	"ünïcödé", "日本語", "مرحبا", "👩‍👩‍👧‍👦", "e\u0301 and é", "\u2028\u2029", "tab\tline\nreturn\r", ` " ' \ / `, "<script>&amp;",
	":x", "^o", "null", "undefined", "true", "0", "1e3", "{}", "[]", "NULL", "'; DROP TABLE sessions; --", "%s%d", "${x}", "$1", "?",
	" leading and trailing ", "\ufeff", "\ufffd", "a\\nb", "b:1;", "O:8:\"stdClass\":0:{}", strings.Repeat("x", 256),
}

func roundTripText(c *check) {
	for _, text := range awkward {
		s := online("text", 1)
		s.State, s.Scope, s.AccessToken, s.RefreshToken = text, text, text, text
		s.OnlineAccessInfo.AssociatedUserScope = text
		u := &s.OnlineAccessInfo.AssociatedUser
		u.FirstName, u.LastName, u.Email, u.Locale = text, text, text, text
		c.store(s)
		if diff := difference(c.load(s.ID), s); diff != "" {
			c.Errorf("the text %q came back changed in %s", text, diff)
		}
	}
}

func roundTripTimes(c *check) {
	zone := time.FixedZone("half past", 5*3600+1800)
	for _, at := range []time.Time{
		time.Date(2001, 2, 3, 4, 5, 6, 789*1e6, time.UTC),
		time.Date(2031, 12, 31, 23, 59, 59, 999_999_999, time.UTC),
		time.Date(2031, 7, 1, 12, 0, 0, 1e6, zone),
		time.Date(2031, 3, 30, 2, 30, 0, 1_999_999, time.UTC), // no such time in half of Europe
		time.Date(2040, 1, 19, 3, 14, 8, 0, time.UTC),         // beyond 32 bits
		time.Date(9999, 12, 31, 23, 59, 59, 999*1e6, time.UTC),
	} {
		s := sample("times")
		s.Expires, s.RefreshTokenExpires = at, time.Time{}
		c.time(s, "Expires", at, func(s *shopifysession.Session) time.Time { return s.Expires })
		s.Expires, s.RefreshTokenExpires = time.Now().Add(time.Hour), at
		if at.After(time.Now()) { // else nothing must keep the record
			c.time(s, "RefreshTokenExpires", at, func(s *shopifysession.Session) time.Time { return s.RefreshTokenExpires })
		}
	}
}

func (c *check) time(s *shopifysession.Session, name string, at time.Time, field func(*shopifysession.Session) time.Time) {
	c.Helper()
	c.store(s)
	got, want := field(c.load(s.ID)), time.UnixMilli(at.UnixMilli()).UTC()
	if !got.Equal(want) {
		c.Errorf("%s %s came back as %s", name, at.Format(time.RFC3339Nano), got.Format(time.RFC3339Nano))
	}
	if got.Location() != time.UTC {
		c.Errorf("%s came back in the zone %s", name, got.Location())
	}
}

func roundTripUnknown(c *check) {
	s, err := shopifysession.Deserialize([]byte(`{"id":"unknown","shop":"unknown.myshopify.com","isOnline":true,"accessToken":"` + marker + `",
		"futureField":{"a":[1,2.50,"x"],"b":null},"__proto__":{"c":true},"é":"ü",
		"onlineAccessInfo":{"expires_in":5,"session":"f0","associated_user":{"id":7,"first_name":"Ada","theme":"dark"}}}`))
	if err != nil {
		panic("storagetest: " + err.Error()) // the suite's own constant
	}
	got := c.stored(s)
	c.same("Load", got, s)
	data, err := got.Serialize()
	if err != nil {
		c.Fatalf("Serialize of what Load returned failed: %v", err)
	}
	for _, part := range []string{`"futureField":{"a":[1,2.50,"x"],"b":null}`, `"__proto__":{"c":true}`, `"é":"ü"`, `"session":"f0"`, `"theme":"dark"`} {
		if !bytes.Contains(data, []byte(part)) {
			c.Errorf("the unknown JSON %s is gone or changed", part)
		}
	}
}

func roundTripBookkeeping(c *check) {
	c.keepsBookkeeping(withBookkeeping(online("kept", 1),
		`{"record":{"version":3,"grantedAt":1700000000123,"attempt":{"startedAt":1700000001000},`+
			`"legacy":{"token":"`+marker+`","exchangedAt":1700000002000},"keyOfTheFuture":{"nested":[1,"é",null]}},`+
			`"unknown":{"x":1},"unknownInfo":{"y":"2"},"unknownUser":{"z":[3]}}`))

	handmade := c.stored(sample("handmade"))
	if handmade.Version() < 1 || handmade.GrantedAt().IsZero() {
		c.Fatalf("a session made by hand came back with version %d and grant time %v", handmade.Version(), handmade.GrantedAt())
	}
	if again := c.load(handmade.ID); again.Version() != handmade.Version() || !again.GrantedAt().Equal(handmade.GrantedAt()) {
		c.Fatalf("two loads of one session differ in version or grant time")
	}
}

// keepsBookkeeping stores s, which has a grant time, and compares.
func (c *check) keepsBookkeeping(s *shopifysession.Session) {
	c.Helper()
	want, err := shopifysession.Revise(nil, s, time.Time{}, time.Now())
	if err != nil {
		panic("storagetest: " + err.Error()) // the suite's own constant
	}
	got := c.stored(s)
	c.same("Load", got, want)
	if !got.GrantedAt().Equal(want.GrantedAt()) {
		c.Fatalf("the grant time came back as %v, want %v", got.GrantedAt(), want.GrantedAt())
	}
	if got.Version() != want.Version() {
		c.Fatalf("version %d was stored and came back as %d, want %d", s.Version(), got.Version(), want.Version())
	}
	if !bytes.Equal(got.Bookkeeping(), want.Bookkeeping()) {
		c.Fatalf("the bookkeeping came back changed")
	}
}
