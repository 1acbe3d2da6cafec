package storagetest

import (
	"time"

	"github.com/shopifysession/toolkit/shopifysession"
)

const staleWrites = "It replaces the stored session if s is the same version of it, a later grant, or made by hand; else it writes nothing and returns ErrConflict, so that a stale copy can't undo a rotation; see [Revise]."

func staleCases() []testCase {
	return []testCase{
		{name: "store/same-version-replaces", sentence: staleWrites, run: func(c *check) {
			s := c.stored(sample("same"))
			for _, name := range []string{"second", "third", "fourth"} {
				next := changed(s, name)
				s = c.stored(next)
				c.same("Load", s, next)
			}
		}},
		{name: "store/version-counts-up", sentence: staleWrites, run: func(c *check) {
			first := c.stored(sample("counts"))
			second := c.stored(changed(first, "next"))
			if second.Version() <= first.Version() || !second.GrantedAt().Equal(first.GrantedAt()) {
				c.Fatalf("a write of the same grant led from version %d to %d, grant time %v to %v",
					first.Version(), second.Version(), first.GrantedAt(), second.GrantedAt())
			}
		}},
		{name: "store/stale-copy-is-refused", sentence: staleWrites, strict: true, run: func(c *check) {
			stale := c.stored(sample("stale"))
			rotated := changed(stale, "rotated")
			c.store(rotated)
			c.refused("a copy that is one version behind", changed(stale, "undone"))
			c.loads(rotated)
			c.found(rotated.Shop, rotated)
		}},
		{name: "store/same-version-only-once", sentence: staleWrites, strict: true, run: func(c *check) {
			s := c.stored(sample("once"))
			one, two := changed(s, "one"), changed(s, "two")
			c.store(one)
			c.refused("the second write of one version", two)
			c.refused("the first write again", one)
			c.loads(one)
		}},
		{name: "store/later-version-is-refused", sentence: staleWrites, strict: true, run: func(c *check) {
			s := c.stored(sample("ahead"))
			c.refused("a version that was never stored", changed(granted(s, s.Version()+1, s.GrantedAt()), "ahead"))
			c.loads(s)
		}},
		{name: "store/later-grant-replaces", sentence: staleWrites, run: func(c *check) {
			old := c.stored(granted(sample("later"), 41, time.UnixMilli(1_700_000_000_000)))
			next := granted(changed(old, "reinstalled"), 0, old.GrantedAt().Add(time.Millisecond))
			got := c.stored(next)
			c.same("Load", got, next)
			if !got.GrantedAt().Equal(next.GrantedAt()) {
				c.Fatalf("the later grant was stored with another grant time")
			}
		}},
		{name: "store/older-grant-is-refused", sentence: staleWrites, strict: true, run: func(c *check) {
			s := c.stored(sample("older"))
			before := s.GrantedAt().Add(-time.Millisecond)
			c.refused("an older grant with the same version", changed(granted(s, s.Version(), before), "old"))
			c.refused("an older grant with a later version", changed(granted(s, s.Version()+9, before), "old"))
			c.refused("an older grant that was never stored", changed(granted(s, 0, before), "old"))
			c.loads(s)
		}},
		{name: "store/handmade-replaces", sentence: staleWrites, run: func(c *check) {
			// Even where the clock stands behind the stored grant.
			ahead := time.Now().Add(24 * time.Hour)
			for _, s := range []*shopifysession.Session{sample("hand"), granted(sample("hand"), 5, ahead)} {
				before := c.stored(s)
				byHand := changed(sample("hand"), "by_hand")
				after := c.stored(byHand)
				c.same("Load", after, byHand)
				if !after.GrantedAt().After(before.GrantedAt()) && c.cfg.lastWriteWins == "" {
					c.Fatalf("the new grant is not later than the one it replaced")
				}
			}
		}},
		{name: "store/handmade-outdates-copies", sentence: staleWrites, strict: true, run: func(c *check) {
			before := c.stored(sample("outdated"))
			byHand := changed(sample("outdated"), "by_hand")
			c.store(byHand)
			c.refused("a copy of the grant before", changed(before, "undone"))
			c.loads(byHand)
		}},
		{name: "store/creates-with-any-version", sentence: staleWrites, run: func(c *check) {
			// Nothing is stored, so nothing is stale: a restored backup, a copied
			// database, a record that was lost.
			s := granted(sample("restored"), 12, time.UnixMilli(1_600_000_000_000))
			c.store(s)
			c.loads(s)
		}},
	}
}
