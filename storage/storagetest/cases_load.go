package storagetest

import (
	"time"

	"github.com/shopifysession/toolkit/shopifysession"
)

const (
	expiredLoads = "A session that has expired still loads: its refresh token is needed."
	keepUntil    = "How long it must be kept is [Session.KeepUntil]."
)

func loadCases() []testCase {
	return []testCase{
		{name: "load/missing", sentence: "Load returns the session with that id, or ErrNotFound if there is none or the id can't be one.", run: func(c *check) {
			c.absent("missing")
			c.store(sample("present"))
			c.absent("missing")
			if s, _ := c.st.Load(c.ctx, "missing"); s != nil {
				c.Fatalf("Load returned a session together with ErrNotFound")
			}
		}},
		{name: "load/hands-out-copies", sentence: noSharing, run: func(c *check) {
			want := online("copies", 1)
			c.store(want)
			spoil(c.load(want.ID))
			c.loads(want)
			if found, err := c.st.FindSessionsByShop(c.ctx, want.Shop); err == nil {
				for _, s := range found {
					spoil(s)
				}
			}
			c.loads(want)
			c.found(want.Shop, want)
			for s := range shopifysession.All(c.ctx, c.st) {
				if s != nil {
					spoil(s)
				}
			}
			c.loads(want)
		}},
		{name: "load/expired-session", sentence: expiredLoads, run: func(c *check) {
			s := sample("expired")
			s.Expires = time.Now().Add(-30 * 24 * time.Hour).Truncate(time.Millisecond)
			c.store(s)
			c.loads(s)
			c.found(s.Shop, s)
		}},
		{name: "load/kept-forever", sentence: keepUntil, run: func(c *check) {
			for name, s := range eternal() {
				s.ID = name
				c.store(s)
				c.loads(s)
			}
		}},
	}
}

// eternal returns sessions that must be kept although everything known of them
// has expired long ago.
func eternal() map[string]*shopifysession.Session {
	long := time.Now().Add(-400 * 24 * time.Hour).Truncate(time.Millisecond)
	unknownEnd := transient("unknown-end", long)
	unknownEnd.RefreshToken = marker
	return map[string]*shopifysession.Session{
		"refresh token of unknown expiry": unknownEnd,
		"offline session without expiry":  transient("no-end", time.Time{}),
		"open refresh attempt": withBookkeeping(transient("attempt", long),
			`{"record":{"version":1,"grantedAt":1600000000000,"attempt":{"startedAt":1600000001000}}}`),
		"legacy token": withBookkeeping(transient("legacy", long),
			`{"record":{"version":1,"grantedAt":1600000000000,"legacy":{"token":"`+marker+`","exchangedAt":1600000001000}}}`),
	}
}
