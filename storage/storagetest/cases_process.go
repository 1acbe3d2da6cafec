package storagetest

import (
	"errors"
	"fmt"

	"github.com/shopifysession/toolkit/shopifysession"
)

func processCases() []testCase {
	return []testCase{
		{name: "process/sees-writes", sentence: readsWrites, needs: needsSecond, run: func(c *check) {
			second := c.other()
			s := sample("shared")
			second.absent(s.ID)
			c.store(s)
			second.loads(s)
			second.found(s.Shop, s)
			next := changed(second.load(s.ID), "next")
			second.store(next)
			c.loads(next)
			c.delete(s.ID)
			second.absent(s.ID)
			second.found(s.Shop)
		}},
		{name: "process/refuses-stale-copies", sentence: staleWrites, needs: needsSecond, strict: true, run: func(c *check) {
			second := c.other()
			mine := c.stored(sample("shared"))
			theirs := second.load(mine.ID)
			next := changed(theirs, "theirs")
			second.store(next)
			c.refused("a copy that another process outdated", changed(mine, "mine"))
			c.loads(next)
		}},
		{name: "process/fences", sentence: fences, needs: needsSecond, strict: true, run: func(c *check) {
			second := c.other()
			s := c.stored(sample("shared"))
			second.delete(s.ID)
			c.refused("a session that another process deleted", s)
			c.absent(s.ID)
		}},
		{name: "process/updates", sentence: updates, needs: needsSecondAndUpdate, run: func(c *check) {
			second := c.other()
			s := sample("shared")
			s.State = ""
			c.store(s)
			c.parallel(func(w int) error {
				st := c.st
				if w%2 == 1 {
					st = second.st
				}
				for i := range 5 {
					if err := addNote(c.ctx, st, s.ID, fmt.Sprintf("<%d.%d>", w, i)); err != nil {
						return err
					}
				}
				return nil
			})
			if got := notes(c.load(s.ID)); got != workers*5 {
				c.Fatalf("%d of %d updates of two processes are there", got, workers*5)
			}
		}},
		{name: "process/migrates", sentence: migrates, needs: func(c *check) error {
			if _, ok := shopifysession.As[shopifysession.Migrator](c.st); !ok {
				return errors.ErrUnsupported
			}
			return needsSecond(c)
		}, run: func(c *check) {
			s := c.stored(sample("shared"))
			second := c.other()
			c.parallel(func(w int) error {
				if w%2 == 1 {
					return shopifysession.Migrate(c.ctx, second.st)
				}
				return shopifysession.Migrate(c.ctx, c.st)
			})
			second.loads(s)
		}},
	}
}

// other is the case seen from a second process.
func (c *check) other() *check {
	second := *c
	second.st = c.cfg.second(c.t)
	return &second
}
