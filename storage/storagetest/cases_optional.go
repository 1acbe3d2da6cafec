package storagetest

import (
	"errors"
	"fmt"
	"time"

	"github.com/shopifysession/toolkit/shopifysession"
)

const (
	counts     = "Len returns the number of sessions, expired ones included."
	clears     = "Clear removes every session of this storage and its fences, and nothing else that the database holds."
	touches    = "Touch keeps the record at least until keepUntil, never shorter than it would be kept anyway; the session itself, its expiry included, does not change."
	touchEver  = "The zero time keeps it until it is deleted."
	touchNone  = "ErrNotFound if there is none."
	pings      = "Ping returns nil if the storage answers."
	migrates   = "It may run again and in many processes at once."
	notMissing = "Errors are ErrNotFound, ErrConflict and ErrInvalidSession as said below, and otherwise a *StorageError: a storage that can't be reached never looks like a missing session."
)

func lenCases() []testCase {
	return []testCase{{name: "len/counts", sentence: counts, needs: needsLen, run: func(c *check) {
		c.length(0)
		for i := range 9 {
			c.store(online("len", int64(i+1)))
		}
		for name, s := range eternal() {
			s.ID = name
			c.store(s)
		}
		c.length(13)
		c.store(changed(c.load(online("len", 1).ID), "next"))
		c.length(13)
		c.delete(online("len", 1).ID)
		c.delete("absent")
		c.deleteSessions(online("len", 2).ID, "absent")
		c.length(11)
	}}}
}

func (c *check) length(want int) {
	c.Helper()
	if n, err := shopifysession.Len(c.ctx, c.st); err != nil || n != want {
		c.Fatalf("Len returned %d (%s), want %d", n, text(err), want)
	}
}

func (c *check) clear() {
	c.Helper()
	if err := shopifysession.Clear(c.ctx, c.st); err != nil {
		c.Fatalf("Clear failed: %v", err)
	}
}

func clearCases() []testCase {
	return []testCase{
		{name: "clear/removes-all", sentence: clears, needs: needsClear, run: func(c *check) {
			for i := range 30 {
				c.store(online(fmt.Sprintf("shop-%d", i%3), int64(i+1)))
			}
			s := sample("clear")
			c.store(s)
			c.loads(s)
			c.clear()
			c.absent(s.ID)
			c.found(s.Shop)
			c.found("shop-1.myshopify.com")
			for got := range shopifysession.All(c.ctx, c.st) {
				if got != nil {
					c.Fatalf("All yielded session %q after Clear", got.ID)
				}
			}
			c.clear()
			c.store(s)
			c.loads(s)
		}},
		{name: "clear/removes-fences", sentence: clears, needs: needsClear, run: func(c *check) {
			deleted, cleared := c.stored(sample("deleted")), c.stored(sample("cleared"))
			c.delete(deleted.ID)
			c.clear()
			c.store(deleted)
			c.store(cleared)
			c.loads(deleted)
			c.loads(cleared)
		}},
	}
}

func touchCases() []testCase {
	day := 24 * time.Hour
	out := []testCase{
		{name: "touch/missing", sentence: touchNone, needs: needsTouch, run: func(c *check) {
			until := time.Now().Add(time.Hour)
			c.is("Touch of an absent session", shopifysession.Touch(c.ctx, c.st, "absent", until), shopifysession.ErrNotFound)
			for _, id := range noIDs {
				c.is("Touch of an id that can't be one", shopifysession.Touch(c.ctx, c.st, id, until), shopifysession.ErrNotFound)
			}
			s := sample("deleted")
			c.store(s)
			c.delete(s.ID)
			c.is("Touch of a deleted session", shopifysession.Touch(c.ctx, c.st, s.ID, until), shopifysession.ErrNotFound)
			c.absent(s.ID)
			c.absent("absent")
		}},
		{name: "touch/changes-nothing", sentence: touches, needs: needsTouch, run: func(c *check) {
			s := c.stored(online("touched", 1))
			c.touch(s.ID, time.Now().Add(200*day))
			got := c.load(s.ID)
			c.same("Load", got, s)
			if string(got.Bookkeeping()) != string(s.Bookkeeping()) {
				c.Fatalf("Touch changed the bookkeeping")
			}
			next := changed(s, "next") // a copy from before is still the stored version
			c.store(next)
			c.loads(next)
		}},
		{name: "touch/prolongs", sentence: touches, run: func(c *check) {
			s := transient("touched", time.Now().Add(time.Hour))
			c.store(s)
			c.touch(s.ID, time.Now().Add(4*day))
			c.expire(time.Now().Add(2*day), 0)
			c.loads(s)
			c.touch(s.ID, time.Now().Add(3*day)) // not shorter than touched before
			c.expire(time.Now().Add(3*day+12*time.Hour), 0)
			c.loads(s)
			c.expire(time.Now().Add(8*day), 1)
			c.absent(s.ID)
		}},
		{name: "touch/for-ever", sentence: touchEver, run: func(c *check) {
			s := transient("touched", time.Now().Add(time.Hour))
			c.store(s)
			c.touch(s.ID, time.Time{})
			c.touch(s.ID, time.Now().Add(day))
			c.expire(time.Now().AddDate(50, 0, 0), 0)
			c.loads(s)
			c.delete(s.ID)
			c.absent(s.ID)
		}},
		{name: "touch/never-shortens", sentence: touches, run: func(c *check) {
			s := transient("touched", time.Now().Add(4*day))
			c.store(s)
			c.touch(s.ID, time.Now().Add(-day))
			c.touch(s.ID, time.Now().Add(day))
			c.expire(time.Now().Add(3*day), 0)
			c.loads(s)
			kept := eternal()
			for name, s := range kept {
				s.ID = name
				c.store(s)
				c.touch(s.ID, time.Now().Add(day))
			}
			c.expire(time.Now().AddDate(50, 0, 0), 1)
			for _, s := range kept {
				c.loads(s)
			}
		}},
	}
	for i := range out {
		if out[i].needs == nil {
			out[i].needs = needsTouchAndDeleteExpired
		}
	}
	return out
}

func (c *check) touch(id string, until time.Time) {
	c.Helper()
	if err := shopifysession.Touch(c.ctx, c.st, id, until); err != nil {
		c.Fatalf("Touch of %q failed: %v", id, err)
	}
}

func pingCases() []testCase {
	return []testCase{{name: "ping/answers", sentence: pings, run: func(c *check) {
		if err := shopifysession.Ping(c.ctx, c.st); err != nil {
			c.Fatalf("Ping failed: %v", err)
		}
	}}}
}

func migrateCases() []testCase {
	isMigrator := func(c *check) error {
		if _, ok := shopifysession.As[shopifysession.Migrator](c.st); !ok {
			return errors.ErrUnsupported
		}
		return shopifysession.Migrate(c.ctx, c.st)
	}
	return []testCase{{name: "migrate/again", sentence: migrates, needs: isMigrator, run: func(c *check) {
		s := c.stored(online("migrated", 1))
		for range 2 {
			if err := shopifysession.Migrate(c.ctx, c.st); err != nil {
				c.Fatalf("Migrate failed when it ran again: %v", err)
			}
		}
		c.parallel(func(int) error { return shopifysession.Migrate(c.ctx, c.st) })
		got := c.load(s.ID)
		c.same("Load", got, s)
		if string(got.Bookkeeping()) != string(s.Bookkeeping()) {
			c.Fatalf("Migrate changed a session's bookkeeping")
		}
		c.found(s.Shop, s)
	}}}
}
