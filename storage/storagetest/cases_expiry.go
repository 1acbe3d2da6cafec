package storagetest

import (
	"time"

	"github.com/shopifysession/toolkit/shopifysession"
)

const cleans = "DeleteExpired removes the sessions whose retention ([Session.KeepUntil] and Touch) ended before that time and returns how many it removed."

// The moments of these cases lie further apart than any storage's grace.
func expiryCases() []testCase {
	day := 24 * time.Hour
	out := []testCase{
		{name: "delete-expired/removes", sentence: cleans, run: func(c *check) {
			end := time.Now().Add(10 * day)
			a, b := transient("a", end), transient("b", end)
			c.store(a)
			c.store(b)
			stays := transient("stays", end.Add(10*day))
			c.store(stays)
			c.expire(end.Add(-day), 0)
			c.loads(a)
			c.expire(end.Add(day), 2)
			c.absent(a.ID)
			c.absent(b.ID)
			c.found(a.Shop)
			c.loads(stays)
			c.expire(end.Add(day), 0)
			fresh := sample("a")
			c.store(fresh)
			c.loads(fresh)
		}},
		{name: "delete-expired/keeps-refreshable", sentence: expiredLoads, run: func(c *check) {
			s := sample("refreshable") // its refresh token lives 90 days longer
			s.Expires = time.Now().Add(-30 * day).Truncate(time.Millisecond)
			c.store(s)
			c.expire(time.Now().Add(60*day), 0)
			c.loads(s)
			c.expire(time.Now().Add(120*day), 1)
			c.absent(s.ID)
		}},
		{name: "delete-expired/keeps-forever", sentence: keepUntil, run: func(c *check) {
			kept := eternal()
			for name, s := range kept {
				s.ID = name
				c.store(s)
			}
			c.expire(time.Now().AddDate(50, 0, 0), 0)
			for _, s := range kept {
				c.loads(s)
			}
		}},
		{name: "delete-expired/follows-the-session", sentence: cleans, run: func(c *check) {
			s := transient("follows", time.Now().Add(10*day))
			c.store(s)
			longer := c.load(s.ID)
			longer.Expires = time.Now().Add(40 * day)
			c.store(longer)
			c.expire(time.Now().Add(20*day), 0)
			shorter := c.load(s.ID)
			shorter.Expires = time.Now().Add(5 * day)
			c.store(shorter)
			c.expire(time.Now().Add(20*day), 1)
			c.absent(s.ID)
		}},
		{name: "delete-expired/past", sentence: cleans, run: func(c *check) {
			c.store(transient("past", time.Now().Add(-10*day)))
			// Whether the storage has forgotten it already is its own affair.
			if _, err := shopifysession.DeleteExpired(c.ctx, c.st, time.Now()); err != nil {
				c.Fatalf("DeleteExpired failed: %v", err)
			}
			c.absent(sample("past").ID)
		}},
	}
	for i := range out {
		out[i].needs = needsDeleteExpired
	}
	return out
}

// expire runs DeleteExpired, which must remove that many.
func (c *check) expire(before time.Time, want int) {
	c.Helper()
	n, err := shopifysession.DeleteExpired(c.ctx, c.st, before)
	if err != nil || n != want {
		c.Fatalf("DeleteExpired returned %d (%s), want %d", n, text(err), want)
	}
}
