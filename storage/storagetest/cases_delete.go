package storagetest

import (
	"fmt"

	"github.com/shopifysession/toolkit/shopifysession"
)

const (
	deletes     = "Delete removes the session with that id; nil if there is none."
	deletesMany = "DeleteSessions removes the sessions with those ids like Delete; nil for no ids, absent ones and repetitions."
)

func deleteCases() []testCase {
	return []testCase{
		{name: "delete/removes", sentence: deletes, run: func(c *check) {
			s, other := sample("gone"), sample("stays")
			c.store(s)
			c.store(other)
			c.delete(s.ID)
			c.absent(s.ID)
			c.found(s.Shop)
			c.loads(other)
			c.found(other.Shop, other)
		}},
		{name: "delete/missing", sentence: deletes, run: func(c *check) {
			c.delete("missing")
			c.absent("missing")
			s := sample("twice")
			c.store(s)
			c.delete(s.ID)
			c.delete(s.ID)
			c.absent(s.ID)
		}},
		{name: "delete/then-handmade", sentence: "A session made by hand (neither stored before nor given a grant time) is a new grant at now and replaces anything.", run: func(c *check) {
			for range 3 {
				s := sample("again")
				c.store(s)
				c.loads(s)
				c.delete(s.ID)
			}
			c.absent(sample("again").ID)
		}},
		{name: "delete-sessions/removes", sentence: deletesMany, run: func(c *check) {
			a, b, stays := sample("a"), online("a", 1), sample("stays")
			for _, s := range []*shopifysession.Session{a, b, stays} {
				c.store(s)
			}
			c.deleteSessions(a.ID, b.ID)
			c.absent(a.ID)
			c.absent(b.ID)
			c.loads(stays)
			c.found(a.Shop)
		}},
		{name: "delete-sessions/none", sentence: deletesMany, run: func(c *check) {
			s := sample("stays")
			c.store(s)
			for _, none := range [][]string{nil, {}} {
				if err := c.st.DeleteSessions(c.ctx, none); err != nil {
					c.Fatalf("DeleteSessions of no ids failed: %v", err)
				}
			}
			c.loads(s)
		}},
		{name: "delete-sessions/absent-and-repeated", sentence: deletesMany, run: func(c *check) {
			a, b := sample("a"), sample("b")
			c.store(a)
			c.store(b)
			c.deleteSessions("absent", a.ID, a.ID, "absent", b.ID, a.ID)
			c.absent(a.ID)
			c.absent(b.ID)
			c.absent("absent")
		}},
		{name: "delete-sessions/leaves-its-argument", sentence: noSharing, run: func(c *check) {
			list := []string{"c", "a", "b", "a"}
			c.deleteSessions(list...)
			if err := c.st.DeleteSessions(c.ctx, list); err != nil || fmt.Sprint(list) != "[c a b a]" {
				c.Fatalf("DeleteSessions changed the list of ids to %v (%s)", list, text(err))
			}
		}},
		{name: "delete-sessions/many", sentence: deletesMany, run: func(c *check) {
			const n, stored = 10_000, 40
			list := make([]string, n)
			for i := range list {
				list[i] = fmt.Sprintf("many_%d", i)
				if i%(n/stored) == 0 {
					s := sample("many")
					s.ID = list[i]
					c.store(s)
				}
			}
			stays := sample("many")
			c.store(stays)
			c.deleteSessions(list...)
			c.found(stays.Shop, stays)
			c.absent(list[0])
		}},
	}
}
