package storagetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopifysession/toolkit/shopifysession"
)

const (
	yieldsAll   = "All yields every session in constant memory and in no particular order."
	exactlyOnce = "What exists throughout comes exactly once; what comes or goes meanwhile at most once."
	damagedOne  = "A record that can't be read is one error and not the end; an error of the backend or the context is the end."
	stopsEarly  = "Stopping early releases everything."
)

func allCases() []testCase {
	out := []testCase{
		{name: "all/empty", sentence: yieldsAll, run: func(c *check) {
			if got := c.all(); len(got) != 0 {
				c.Fatalf("All of an empty storage yielded %d sessions", len(got))
			}
		}},
		{name: "all/every-session", sentence: yieldsAll, run: func(c *check) {
			var want []*shopifysession.Session
			for i := range 60 {
				s := online(fmt.Sprintf("shop-%d", i%7), int64(i+1))
				c.store(s)
				want = append(want, s)
			}
			for name, s := range eternal() {
				s.ID = name
				c.store(s)
				want = append(want, s)
			}
			c.sameSet("All", c.all(), want)
			seq := shopifysession.All(c.ctx, c.st)
			for range 2 { // an iterator may be used again
				n := 0
				for range seq {
					n++
				}
				if n != len(want) {
					c.Fatalf("All yielded %d times, want %d", n, len(want))
				}
			}
		}},
		{name: "all/bookkeeping", sentence: everyField, run: func(c *check) {
			s := c.stored(sample("kept"))
			for got, err := range shopifysession.All(c.ctx, c.st) {
				if err != nil || string(got.Bookkeeping()) != string(s.Bookkeeping()) {
					c.Fatalf("All yielded a session with other bookkeeping than Load returns (%s)", text(err))
				}
			}
		}},
		{name: "all/without-deleted", sentence: yieldsAll, run: func(c *check) {
			var want []*shopifysession.Session
			for i := range 40 { // fences between living sessions
				s := online("fenced", int64(i+1))
				c.store(s)
				if i%3 == 0 {
					c.delete(s.ID)
				} else {
					want = append(want, s)
				}
			}
			c.sameSet("All", c.all(), want)
		}},
		{name: "all/exactly-once", sentence: exactlyOnce, run: allDuringWrites},
		{name: "all/early-break", sentence: stopsEarly, run: func(c *check) {
			var want []*shopifysession.Session
			for i := range 20 {
				want = append(want, online("break", int64(i+1)))
				c.store(want[i])
			}
			for range 12 { // more often than a pool has connections
				for s, err := range shopifysession.All(c.ctx, c.st) {
					if err != nil || s == nil {
						c.Fatalf("All began with an error: %v", err)
					}
					break
				}
			}
			c.store(changed(c.load(want[0].ID), "next"))
			want[0] = c.load(want[0].ID)
			c.sameSet("All", c.all(), want)
		}},
	}
	for i := range out {
		out[i].needs = needsAll
	}
	return append(out,
		testCase{name: "all/damaged-record", sentence: damagedOne, needs: needsDamageAndAll, run: func(c *check) {
			var want []*shopifysession.Session
			for i := range 9 {
				s := online("damaged", int64(i+1))
				c.store(s)
				if i != 4 {
					want = append(want, s)
					continue
				}
				c.cfg.damage(c.t, c.st, s.ID)
			}
			var got []*shopifysession.Session
			var errs []error
			for s, err := range shopifysession.All(c.ctx, c.st) {
				if err != nil {
					errs = append(errs, err)
					continue
				}
				got = append(got, s)
			}
			c.sameSet("All", got, want)
			if len(errs) != 1 {
				c.Fatalf("All yielded %d errors for one damaged record", len(errs))
			}
		}},
		testCase{name: "load/damaged-record", sentence: notMissing, needs: needsDamage, run: func(c *check) {
			s := sample("damaged")
			c.store(s)
			c.cfg.damage(c.t, c.st, s.ID)
			got, err := c.st.Load(c.ctx, s.ID)
			if err == nil || errors.Is(err, shopifysession.ErrNotFound) || got != nil {
				c.Fatalf("Load of a damaged record returned %v and %s", got, text(err))
			}
			if strings.Contains(fmt.Sprint(err), marker) {
				c.Fatalf("the error about a damaged record quotes it")
			}
		}},
	)
}

// allDuringWrites changes, deletes, replaces and adds sessions from the body of
// the loop.
func allDuringWrites(c *check) {
	const n = 90
	var list []*shopifysession.Session
	seen := map[string]int{}
	gone := map[string]bool{} // not there throughout
	for i := range n {
		s := online(fmt.Sprintf("shop-%d", i%5), int64(i+1))
		c.store(s)
		list = append(list, s)
	}
	step := 0
	for s, err := range shopifysession.All(c.ctx, c.st) {
		if err != nil {
			c.Fatalf("All yielded an error: %v", err)
		}
		if seen[s.ID]++; seen[s.ID] > 1 {
			c.Fatalf("All yielded session %q twice", s.ID)
		}
		if step == n { // writes forever would be an iteration forever
			continue
		}
		victim := list[(step*37)%n]
		switch step % 4 {
		case 0:
			if current, err := c.st.Load(c.ctx, victim.ID); err == nil {
				c.store(changed(current, fmt.Sprint(step)))
			}
		case 1:
			c.delete(victim.ID)
			gone[victim.ID] = true
		case 2: // goes and comes
			c.delete(victim.ID)
			c.store(sampleOf(victim))
			gone[victim.ID] = true
		case 3:
			added := online("added", int64(1000+step))
			gone[added.ID] = true
			c.store(added)
		}
		step++
	}
	for _, s := range list {
		if seen[s.ID] == 0 && !gone[s.ID] {
			c.Fatalf("All did not yield session %q, which existed throughout", s.ID)
		}
	}
	known := ids(list)
	for id := range seen {
		if !gone[id] && !slices.Contains(known, id) {
			c.Fatalf("All yielded session %q, which was never stored", id)
		}
	}
}

// sampleOf is s as made by hand, now.
func sampleOf(s *shopifysession.Session) *shopifysession.Session {
	fresh := s.Clone()
	if err := fresh.SetBookkeeping(nil); err != nil {
		panic("storagetest: " + err.Error()) // nil is always valid
	}
	fresh.Expires = time.Now().Add(time.Hour)
	return fresh
}
