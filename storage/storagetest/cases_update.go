package storagetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/shopifysession/toolkit/shopifysession"
)

const (
	updates       = "Update calls fn with the stored session, nil if there is none, and writes what fn returns in its place, unless the stored session has changed in between: then fn is called again with the new one."
	updateNil     = "A nil result deletes the session, fencing it as Delete does."
	updateError   = "An error of fn comes back unchanged and nothing is written."
	updateResult  = "The result must have the id (else ErrInvalidSession) and passes [Revise] like a Store."
	updateOwnsOld = "old is fn's to change and return."
)

func updateCases() []testCase {
	out := []testCase{
		{name: "update/changes", sentence: updates, run: func(c *check) {
			s := sample("update")
			c.store(s)
			before := c.load(s.ID)
			c.update(s.ID, func(old *shopifysession.Session) (*shopifysession.Session, error) {
				c.sameIn("Update", old, before)
				return changed(old, "next"), nil
			})
			got := c.load(s.ID)
			c.same("Load", got, changed(s, "next"))
			c.found(s.Shop, changed(s, "next"))
			if got.Version() <= before.Version() || !got.GrantedAt().Equal(before.GrantedAt()) {
				c.Fatalf("Update led from version %d to %d, grant time %v to %v", before.Version(), got.Version(), before.GrantedAt(), got.GrantedAt())
			}
		}},
		{name: "update/creates", sentence: updates, run: func(c *check) {
			s := sample("create")
			c.absent(s.ID)
			calls := 0
			c.update(s.ID, func(old *shopifysession.Session) (*shopifysession.Session, error) {
				calls++
				if old != nil {
					c.Errorf("Update called fn with a session where none is stored")
				}
				return s.Clone(), nil
			})
			if calls == 0 {
				c.Fatalf("Update of an absent session did not call fn")
			}
			c.loads(s)
			c.found(s.Shop, s)
		}},
		{name: "update/deleted-is-nil", sentence: updates, run: func(c *check) {
			s := sample("deleted")
			c.store(s)
			c.delete(s.ID)
			c.update(s.ID, func(old *shopifysession.Session) (*shopifysession.Session, error) {
				if old != nil {
					c.Errorf("Update called fn with a deleted session")
				}
				return nil, nil
			})
			c.absent(s.ID)
		}},
		{name: "update/bookkeeping", sentence: everyField, run: func(c *check) {
			s := withBookkeeping(online("kept", 1),
				`{"record":{"version":3,"grantedAt":1700000000123,"attempt":{"startedAt":1700000001000},"keyOfTheFuture":[1]},"unknown":{"x":1}}`)
			want := string(c.stored(s).Bookkeeping())
			c.update(s.ID, func(old *shopifysession.Session) (*shopifysession.Session, error) {
				if old == nil || string(old.Bookkeeping()) != want {
					c.Errorf("Update called fn with other bookkeeping than Load returns")
				}
				return old, nil
			})
			if got := string(c.load(s.ID).Bookkeeping()); got != strings.Replace(want, `"version":4`, `"version":5`, 1) {
				c.Fatalf("Update lost or changed the bookkeeping")
			}
		}},
		{name: "update/replaces-all-fields", sentence: replacesAll, run: func(c *check) {
			s := online("bare", 1)
			c.store(s)
			bare := &shopifysession.Session{ID: s.ID, Shop: "moved.myshopify.com"}
			c.update(s.ID, func(old *shopifysession.Session) (*shopifysession.Session, error) {
				return asVersionOf(old, bare), nil
			})
			c.loads(bare)
			c.found(s.Shop)
			c.found(bare.Shop, bare)
		}},
		{name: "update/nil-deletes", sentence: updateNil, run: func(c *check) {
			s := sample("deleted")
			c.store(s)
			c.load(s.ID)
			c.update(s.ID, func(*shopifysession.Session) (*shopifysession.Session, error) { return nil, nil })
			c.absent(s.ID)
			c.found(s.Shop)
		}},
		{name: "update/error-unchanged", sentence: updateError, run: updateErrorUnchanged},
		{name: "update/panic", sentence: updateError, run: updatePanic},
		{name: "update/other-id", sentence: updateResult, run: func(c *check) {
			s, other := sample("right"), sample("wrong")
			for _, stored := range []bool{false, true} {
				if stored {
					c.store(s)
				}
				err := shopifysession.Update(c.ctx, c.st, s.ID, func(*shopifysession.Session) (*shopifysession.Session, error) {
					return other.Clone(), nil
				})
				c.is("Update with a result of another id", err, shopifysession.ErrInvalidSession)
				c.absent(other.ID)
			}
			c.loads(s)
		}},
		{name: "update/invalid-result", sentence: updateResult, run: func(c *check) {
			s := sample("valid")
			c.store(s)
			err := shopifysession.Update(c.ctx, c.st, s.ID, func(old *shopifysession.Session) (*shopifysession.Session, error) {
				old.Shop = ""
				return old, nil
			})
			c.is("Update with an invalid result", err, shopifysession.ErrInvalidSession)
			c.loads(s)
			for _, id := range noIDs {
				err := shopifysession.Update(c.ctx, c.st, id, func(*shopifysession.Session) (*shopifysession.Session, error) {
					s := sample("valid")
					s.ID = id
					return s, nil
				})
				c.is("Update of an id that can't be one", err, shopifysession.ErrInvalidSession)
			}
		}},
		{name: "update/stale-result", sentence: updateResult, strict: true, run: func(c *check) {
			stale := c.stored(sample("stale"))
			now := c.stored(changed(stale, "rotated"))
			err := shopifysession.Update(c.ctx, c.st, stale.ID, func(*shopifysession.Session) (*shopifysession.Session, error) {
				return stale.Clone(), nil
			})
			c.is("Update with a stale result", err, shopifysession.ErrConflict)
			c.loads(now)
			byHand := changed(sample("stale"), "by_hand")
			c.update(stale.ID, func(*shopifysession.Session) (*shopifysession.Session, error) { return byHand.Clone(), nil })
			c.loads(byHand)
		}},
		{name: "update/no-sharing", sentence: noSharing, run: func(c *check) {
			want := online("own", 1)
			var kept *shopifysession.Session
			c.update(want.ID, func(*shopifysession.Session) (*shopifysession.Session, error) {
				kept = want.Clone()
				return kept, nil
			})
			spoil(kept)
			c.loads(want)
			// Nothing of what fn does to old counts when fn gives up.
			err := shopifysession.Update(c.ctx, c.st, want.ID, func(old *shopifysession.Session) (*shopifysession.Session, error) {
				spoil(old)
				return old, errStop
			})
			c.is("Update", err, errStop)
			c.loads(want)
		}},
		{name: "update/old-is-free-to-use", sentence: updateOwnsOld, run: func(c *check) {
			s := online("free", 1)
			c.store(s)
			c.update(s.ID, func(old *shopifysession.Session) (*shopifysession.Session, error) {
				old.OnlineAccessInfo.AssociatedUser.Email = "new@example.com"
				old.Scope = "write_products"
				return old, nil
			})
			s.OnlineAccessInfo.AssociatedUser.Email, s.Scope = "new@example.com", "write_products"
			c.loads(s)
		}},
		{name: "update/none-is-lost", sentence: updates, run: func(c *check) {
			const each = 13 // workers × each > 100
			s := sample("counter")
			c.store(s)
			c.parallel(func(w int) error {
				for i := range each {
					if err := addNote(c.ctx, c.st, s.ID, fmt.Sprintf("<%d.%d>", w, i)); err != nil {
						return err
					}
				}
				return nil
			})
			if got := notes(c.load(s.ID)); got != workers*each {
				c.Fatalf("%d of %d updates are there", got, workers*each)
			}
		}},
		{name: "update/of-absent-none-is-lost", sentence: updates, run: func(c *check) {
			s := sample("fresh")
			c.parallel(func(w int) error {
				note := fmt.Sprintf("<%d>", w)
				return shopifysession.Update(c.ctx, c.st, s.ID, func(old *shopifysession.Session) (*shopifysession.Session, error) {
					if old == nil {
						old = s.Clone()
					}
					return withNote(old, note), nil
				})
			})
			if got := notes(c.load(s.ID)); got != workers {
				c.Fatalf("%d of %d creating updates are there", got, workers)
			}
		}},
		{name: "update/outdates-copies", sentence: staleWrites, strict: true, run: func(c *check) {
			stale := c.stored(sample("outdated"))
			c.update(stale.ID, func(old *shopifysession.Session) (*shopifysession.Session, error) { return changed(old, "next"), nil })
			c.refused("a copy from before an Update", stale)
			c.loads(changed(stale, "next"))
		}},
		{name: "update/runs-again", sentence: updates, strict: true, run: updateRunsAgain},
	}
	for i := range out {
		out[i].needs = needsUpdate
	}
	return out
}

// sameIn is same for use inside fn, where a storage may not expect Goexit.
func (c *check) sameIn(what string, got, want *shopifysession.Session) {
	c.Helper()
	if got == nil {
		c.Errorf("%s called fn with nil, want session %q", what, want.ID)
	} else if diff := difference(got, want); diff != "" {
		c.Errorf("%s called fn with session %q with other values in %s", what, want.ID, diff)
	}
}

func updateErrorUnchanged(c *check) {
	s := sample("kept")
	c.store(s)
	before := c.load(s.ID)
	for _, want := range []error{
		errStop, errors.ErrUnsupported, shopifysession.ErrNotFound, shopifysession.ErrConflict, shopifysession.ErrInvalidSession,
		context.Canceled, fmt.Errorf("wrapped: %w", errStop),
	} {
		for _, id := range []string{s.ID, "absent"} {
			got := shopifysession.Update(c.ctx, c.st, id, func(old *shopifysession.Session) (*shopifysession.Session, error) {
				return changed(s, "never"), want
			})
			if got != want {
				c.Fatalf("fn returned the error %q, Update another one: %q", want, text(got))
			}
		}
	}
	c.loads(s)
	if after := c.load(s.ID); after.Version() != before.Version() {
		c.Fatalf("Update wrote although fn returned an error")
	}
	c.absent("absent")
}

func updatePanic(c *check) {
	s := sample("panic")
	c.store(s)
	for _, id := range []string{s.ID, "absent"} {
		func() {
			defer func() {
				if got := recover(); got != errStop {
					c.Errorf("the panic of fn did not come through: %v", got)
				}
			}()
			_ = shopifysession.Update(c.ctx, c.st, id, func(old *shopifysession.Session) (*shopifysession.Session, error) {
				if old != nil {
					spoil(old)
				}
				panic(errStop)
			})
		}()
	}
	c.loads(s)
	c.update(s.ID, func(old *shopifysession.Session) (*shopifysession.Session, error) { return changed(old, "next"), nil })
	c.store(sample("other"))
	c.loads(changed(s, "next"))
	c.absent("absent")
}

// updateRunsAgain writes in the middle of an Update. A storage that locks makes
// the writer wait, any other runs fn again; in neither case may a write be
// lost.
func updateRunsAgain(c *check) {
	s := c.stored(sample("again"))
	wrote := make(chan error, 1)
	first := true
	c.update(s.ID, func(old *shopifysession.Session) (*shopifysession.Session, error) {
		if first {
			first = false
			go func() { wrote <- c.st.Store(c.ctx, withNote(s, "<store>")) }()
			select { // give it the chance to come first, where nothing holds it up
			case err := <-wrote:
				wrote <- err
			case <-time.After(20 * time.Millisecond):
			}
		}
		return withNote(old, "<update>"), nil
	})
	err := <-wrote
	got := c.load(s.ID)
	if !strings.Contains(got.State, "<update>") {
		c.Fatalf("the Update is lost")
	}
	if err == nil && !strings.Contains(got.State, "<store>") {
		c.Fatalf("a Store that succeeded during the Update is lost")
	}
	if err != nil {
		c.is("Store during an Update", err, shopifysession.ErrConflict)
	}
}

// addNote adds a note to a session's State, once however often fn runs.
func addNote(ctx context.Context, st shopifysession.SessionStorage, id, note string) error {
	return shopifysession.Update(ctx, st, id, func(old *shopifysession.Session) (*shopifysession.Session, error) {
		if old == nil {
			return nil, errors.New("the session is gone")
		}
		return withNote(old, note), nil
	})
}

func withNote(s *shopifysession.Session, note string) *shopifysession.Session {
	s = s.Clone()
	if !strings.Contains(s.State, note) {
		s.State += note
	}
	return s
}

func notes(s *shopifysession.Session) int { return strings.Count(s.State, "<") }
