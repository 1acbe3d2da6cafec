package storagetest

import (
	"strings"
	"time"

	"github.com/shopifysession/toolkit/shopifysession"
)

const (
	replacesAll = "Store creates the session or replaces all of it: a field that is empty now is empty afterwards."
	noSharing   = "They never keep, change or hand out memory that they share with the caller."
	noChange    = "It does not change s: who wants to write again loads again, or uses [Update]."
	mustBeValid = "A session that can't be kept, nil too, is ErrInvalidSession."
	readsWrites = "Once a method has returned nil, every later call sees its effect, in this process and in others on the same database."
)

func storeCases() []testCase {
	return []testCase{
		{name: "store/visible-at-once", sentence: readsWrites, run: func(c *check) {
			s := sample("visible")
			c.absent(s.ID) // a remembered absence must not outlive the write
			c.found(s.Shop)
			c.store(s)
			c.loads(s)
			c.found(s.Shop, s)
			c.delete(s.ID)
			c.absent(s.ID)
			c.found(s.Shop)
			again := changed(sample("visible"), "again")
			c.store(again)
			c.loads(again)
			c.found(s.Shop, again)
		}},
		{name: "store/replaces-all-fields", sentence: replacesAll, run: func(c *check) {
			full := online("replace", 1)
			c.store(full)
			bare := asVersionOf(c.load(full.ID), &shopifysession.Session{ID: full.ID, Shop: full.Shop})
			c.store(bare)
			c.loads(bare)
			c.store(full)
			c.loads(full)
		}},
		{name: "store/replaces-unknown-keys", sentence: replacesAll, run: func(c *check) {
			s, err := shopifysession.Deserialize([]byte(`{"id":"keys","shop":"keys.myshopify.com","extra":"old"}`))
			if err != nil {
				panic("storagetest: " + err.Error()) // the suite's own constant
			}
			c.store(s)
			c.store(&shopifysession.Session{ID: s.ID, Shop: s.Shop})
			again, err := c.load(s.ID).Serialize()
			if err != nil {
				c.Fatalf("Serialize of what Load returned failed: %v", err)
			}
			if _, err := shopifysession.Deserialize(again); err != nil || strings.Contains(string(again), "extra") {
				c.Fatalf("a JSON key of the replaced session is still there")
			}
		}},
		{name: "store/moves-to-another-shop", sentence: replacesAll, run: func(c *check) {
			s := sample("before")
			c.store(s)
			moved := c.load(s.ID)
			moved.Shop = "after.myshopify.com"
			c.store(moved)
			c.found("before.myshopify.com")
			c.found("after.myshopify.com", moved)
		}},
		{name: "store/keeps-its-own-copy", sentence: noSharing, run: func(c *check) {
			s := online("copy", 1)
			want := s.Clone()
			c.store(s)
			spoil(s)
			c.loads(want)
			c.found(want.Shop, want)
		}},
		{name: "store/leaves-its-argument", sentence: noChange, run: func(c *check) {
			s := online("argument", 1)
			s.Expires = s.Expires.Add(123_456) // nanoseconds that are not stored
			before := s.Clone()
			c.store(s)
			c.unchanged("Store", s, before)
			loaded := c.load(s.ID)
			before = loaded.Clone()
			c.store(loaded)
			c.unchanged("Store", loaded, before)
		}},
		{name: "store/invalid", sentence: mustBeValid, run: storeInvalid},
		{name: "store/past-retention", sentence: "How long it must be kept is [Session.KeepUntil].", run: func(c *check) {
			// Nobody must keep it, but the write is no error and replaces.
			live := sample("past")
			c.store(live)
			past := transient("past", time.Now().Add(-48*time.Hour))
			c.store(past)
			s, err := c.st.Load(c.ctx, live.ID)
			if err != nil {
				c.is("Load", err, shopifysession.ErrNotFound)
				return
			}
			c.same("Load", s, past)
		}},
	}
}

// asVersionOf returns a copy of s as if it were the same version as stored.
func asVersionOf(stored, s *shopifysession.Session) *shopifysession.Session {
	return granted(s, stored.Version(), stored.GrantedAt())
}

// spoil changes everything that a session refers to.
func spoil(s *shopifysession.Session) {
	s.Shop, s.AccessToken, s.RefreshToken = "spoiled.myshopify.com", "spoiled", "spoiled"
	s.Expires = time.Unix(1, 0)
	if s.OnlineAccessInfo != nil {
		s.OnlineAccessInfo.ExpiresIn = -1
		s.OnlineAccessInfo.AssociatedUser = shopifysession.AssociatedUser{FirstName: "spoiled"}
	}
}

// unchanged demands that a method left its argument alone, to the nanosecond.
func (c *check) unchanged(what string, s, before *shopifysession.Session) {
	c.Helper()
	if !s.Equal(before) || !s.Expires.Equal(before.Expires) || s.Version() != before.Version() || !s.GrantedAt().Equal(before.GrantedAt()) {
		c.Fatalf("%s changed the session that it was given", what)
	}
}

func storeInvalid(c *check) {
	kept := sample("invalid")
	c.store(kept)
	with := func(change func(*shopifysession.Session)) *shopifysession.Session {
		s := kept.Clone()
		change(s)
		return s
	}
	for name, s := range map[string]*shopifysession.Session{
		"nil":                     nil,
		"no shop":                 with(func(s *shopifysession.Session) { s.Shop = "" }),
		"shop with a line feed":   with(func(s *shopifysession.Session) { s.Shop = "a\nb" }),
		"token that is not UTF-8": with(func(s *shopifysession.Session) { s.AccessToken = marker + "\xff" }),
		"state with U+0000":       with(func(s *shopifysession.Session) { s.State = "a\x00b" }),
		"name that is not UTF-8": with(func(s *shopifysession.Session) {
			s.OnlineAccessInfo = &shopifysession.OnlineAccessInfo{AssociatedUser: shopifysession.AssociatedUser{FirstName: "\xc3\x28"}}
		}),
		"year 10000": with(func(s *shopifysession.Session) { s.Expires = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) }),
	} {
		err := c.st.Store(c.ctx, s)
		if err == nil {
			c.Fatalf("Store accepted a session with %s", name)
		}
		c.is("Store of a session with "+name, err, shopifysession.ErrInvalidSession)
		c.loads(kept)
	}
}
