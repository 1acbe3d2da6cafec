package storagetest

import (
	"time"

	"github.com/shopifysession/toolkit/shopifysession"
)

const fences = "For [FenceGrace] a write of the deleted grant, or of an older one, is ErrConflict; a later grant, such as a reinstall seconds later, is accepted."

// deletions are the ways in which a session goes and leaves a fence.
var deletions = map[string]struct {
	needs need
	by    func(c *check, id string)
}{
	"delete":          {nil, func(c *check, id string) { c.delete(id) }},
	"delete-sessions": {nil, func(c *check, id string) { c.deleteSessions("absent", id) }},
	"update": {needsUpdate, func(c *check, id string) {
		c.update(id, func(*shopifysession.Session) (*shopifysession.Session, error) { return nil, nil })
	}},
}

func fenceCases() []testCase {
	var out []testCase
	for _, name := range []string{"delete", "delete-sessions", "update"} {
		d := deletions[name]
		out = append(out,
			testCase{name: "fence/after-" + name, sentence: fences, needs: d.needs, strict: true, run: func(c *check) {
				s := c.stored(sample("fenced"))
				d.by(c, s.ID)
				c.refused("the deleted session", s)
				c.refused("a later version of the deleted grant", granted(s, s.Version()+5, s.GrantedAt()))
				c.refused("an older grant", granted(s, 1, s.GrantedAt().Add(-time.Hour)))
				c.absent(s.ID)
				c.found(s.Shop)
			}},
			testCase{name: "fence/reinstall-after-" + name, sentence: fences, needs: d.needs, run: func(c *check) {
				s := c.stored(sample("reinstalled"))
				d.by(c, s.ID)
				next := granted(changed(s, "reinstalled"), 0, s.GrantedAt().Add(time.Millisecond))
				c.store(next)
				c.loads(next)
				d.by(c, s.ID)
				byHand := changed(sample("reinstalled"), "by_hand")
				c.store(byHand)
				c.loads(byHand)
			}},
		)
	}
	return append(out,
		testCase{name: "fence/holds-after-reinstall", sentence: fences, strict: true, run: func(c *check) {
			s := c.stored(sample("fenced"))
			c.delete(s.ID)
			next := granted(changed(s, "reinstalled"), 0, s.GrantedAt().Add(time.Minute))
			c.store(next)
			c.refused("the deleted session", s)
			c.loads(next)
		}},
		testCase{name: "fence/second-delete", sentence: fences, strict: true, run: func(c *check) {
			s := c.stored(sample("fenced"))
			c.delete(s.ID)
			c.delete(s.ID)
			c.deleteSessions(s.ID, s.ID)
			c.refused("the deleted session", s)
		}},
		testCase{name: "fence/of-one-id", sentence: fences, run: func(c *check) {
			s, other := c.stored(sample("fenced")), c.stored(online("fenced", 1))
			c.delete(s.ID)
			next := changed(other, "next")
			c.store(next)
			c.loads(next)
		}},
		testCase{name: "fence/none-without-session", sentence: deletes, run: func(c *check) {
			s := granted(sample("never"), 3, time.UnixMilli(1_600_000_000_000))
			c.delete(s.ID)
			c.deleteSessions(s.ID)
			c.store(s)
			c.loads(s)
		}},
		testCase{
			name: "fence/update-is-refused", sentence: "The result must have the id (else ErrInvalidSession) and passes [Revise] like a Store.",
			needs: needsUpdate, strict: true, run: func(c *check) {
				s := c.stored(sample("fenced"))
				c.delete(s.ID)
				err := shopifysession.Update(c.ctx, c.st, s.ID, func(old *shopifysession.Session) (*shopifysession.Session, error) {
					if old != nil {
						c.Errorf("Update found the deleted session")
					}
					return s.Clone(), nil
				})
				c.is("Update with the deleted session", err, shopifysession.ErrConflict)
				c.absent(s.ID)
			},
		},
	)
}
