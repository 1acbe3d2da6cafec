package storagetest

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/shopifysession/toolkit/shopifysession"
)

func secretCases() []testCase {
	return []testCase{{name: "secrets/errors", sentence: "No error text holds a token.", run: func(c *check) {
		s := c.stored(sample("secrets"))
		rotated := changed(s, "rotated")
		c.store(rotated)
		invalid, late := s.Clone(), s.Clone()
		invalid.AccessToken += "\xff"
		late.Expires = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)
		ended, cancel := context.WithCancel(c.ctx)
		cancel()
		errs := map[string]error{
			"a stale Store":              c.st.Store(c.ctx, s),
			"Store of an invalid token":  c.st.Store(c.ctx, invalid),
			"Store of an invalid time":   c.st.Store(c.ctx, late),
			"Store without context":      c.st.Store(ended, rotated),
			"DeleteSessions at the end":  c.st.DeleteSessions(ended, []string{s.ID}),
			"Update without context":     shopifysession.Update(ended, c.st, s.ID, keep),
			"Update to another id":       shopifysession.Update(c.ctx, c.st, "other", func(*shopifysession.Session) (*shopifysession.Session, error) { return s, nil }),
			"Update to an invalid token": shopifysession.Update(c.ctx, c.st, s.ID, func(*shopifysession.Session) (*shopifysession.Session, error) { return invalid, nil }),
			"a stale Update":             shopifysession.Update(c.ctx, c.st, s.ID, func(*shopifysession.Session) (*shopifysession.Session, error) { return s, nil }),
		}
		c.delete(s.ID)
		errs["a fenced Store"] = c.st.Store(c.ctx, s)
		_, errs["Load of nothing"] = c.st.Load(c.ctx, s.ID)
		_, errs["Load without context"] = c.st.Load(ended, s.ID)
		for what, err := range errs {
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
				if text := fmt.Sprintf(verb, err); strings.Contains(text, marker) || strings.Contains(text, fmt.Sprintf("%x", marker)) {
					c.Errorf("the error of %s holds a token when printed with %s", what, verb)
				}
			}
		}
	}}}
}

func keep(old *shopifysession.Session) (*shopifysession.Session, error) { return old, nil }
