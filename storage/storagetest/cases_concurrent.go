package storagetest

import (
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/shopifysession/toolkit/shopifysession"
)

const concurrent = "Implementations are safe for concurrent use."

// workers is how many goroutines a case starts at once.
const workers = 8

// parallel runs fn on every worker and waits; the first error fails the case.
func (c *check) parallel(fn func(worker int) error) {
	c.Helper()
	errs := make([]error, workers)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() { errs[w] = fn(w) })
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			c.Fatalf("%d goroutines at once: %v", workers, err)
		}
	}
}

func concurrentCases() []testCase {
	return []testCase{
		{name: "concurrent/store-load-find-delete", sentence: concurrent, run: concurrentMix},
		{name: "concurrent/one-writer-of-a-version-wins", sentence: staleWrites, strict: true, run: func(c *check) {
			for round := range 5 {
				s := c.stored(sample(fmt.Sprintf("race-%d", round)))
				won := make([]bool, workers)
				c.parallel(func(w int) error {
					err := c.st.Store(c.ctx, changed(s, fmt.Sprint(w)))
					won[w] = err == nil
					if err != nil && !errors.Is(err, shopifysession.ErrConflict) {
						return err
					}
					return nil
				})
				winner := -1
				for w, ok := range won {
					if ok && winner >= 0 {
						c.Fatalf("two writers replaced the same version")
					}
					if ok {
						winner = w
					}
				}
				if winner < 0 {
					c.Fatalf("none of %d writers of the stored version succeeded", workers)
				}
				c.loads(changed(s, fmt.Sprint(winner)))
			}
		}},
		{name: "concurrent/delete-beats-store", sentence: fences, strict: true, run: func(c *check) {
			for round := range 20 {
				s := c.stored(sample(fmt.Sprintf("delete-%d", round)))
				c.parallel(func(w int) error {
					if w == round%workers {
						return c.st.Delete(c.ctx, s.ID)
					}
					if err := c.st.Store(c.ctx, changed(s, fmt.Sprint(w))); err != nil && !errors.Is(err, shopifysession.ErrConflict) {
						return err
					}
					return nil
				})
				c.absent(s.ID)
				c.found(s.Shop)
			}
		}},
		{name: "concurrent/creations", sentence: concurrent, run: func(c *check) {
			var want []*shopifysession.Session
			for w := range workers {
				for i := range 10 {
					want = append(want, online("created", int64(w*100+i+1)))
				}
			}
			c.parallel(func(w int) error {
				for _, s := range want[w*10 : w*10+10] {
					if err := c.st.Store(c.ctx, s); err != nil {
						return err
					}
				}
				return nil
			})
			c.found("created.myshopify.com", want...)
		}},
	}
}

// concurrentMix lets everybody do everything with few sessions, and looks for
// failures and for sessions mixed from two writes.
func concurrentMix(c *check) {
	session := func(i int, text string) *shopifysession.Session {
		s := changed(online("mix", int64(i+1)), text)
		s.State = text
		return s
	}
	whole := func(s *shopifysession.Session) error {
		if s == nil {
			return errors.New("a nil session")
		}
		if !strings.HasSuffix(s.AccessToken, "_"+s.State) || !strings.HasSuffix(s.RefreshToken, "_"+s.State) {
			return fmt.Errorf("session %q is mixed from two writes", s.ID)
		}
		return nil
	}
	noFind := c.lacksFind()
	c.parallel(func(w int) error {
		for i := range 24 {
			n := (w + i) % 4
			id := session(n, "").ID
			var err error
			switch (w*7 + i) % 6 {
			case 0, 1:
				err = c.st.Store(c.ctx, session(n, fmt.Sprintf("%d-%d", w, i)))
			case 2, 3:
				var s *shopifysession.Session
				if s, err = c.st.Load(c.ctx, id); err == nil {
					err = whole(s)
				} else if errors.Is(err, shopifysession.ErrNotFound) {
					err = nil
				}
			case 4:
				if noFind {
					continue
				}
				var found []*shopifysession.Session
				found, err = c.st.FindSessionsByShop(c.ctx, "mix.myshopify.com")
				for _, s := range found {
					err = errors.Join(err, whole(s))
				}
			case 5:
				err = c.st.Delete(c.ctx, id)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}
