package storagetest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/shopifysession/toolkit/shopifysession"
)

const endedContext = "They honour the context: with a context that has ended they do nothing and return an error that wraps its cause."

var errStop = errors.New("storagetest: the caller went away")

// operation is one call with a context that has ended, and what must be as
// before.
type operation struct {
	name  string
	needs need
	call  func(c *check, ctx context.Context, s *shopifysession.Session) error
}

func operations() []operation {
	return []operation{
		{"store", nil, func(c *check, ctx context.Context, s *shopifysession.Session) error {
			return c.st.Store(ctx, changed(s, "never"))
		}},
		{"load", nil, func(c *check, ctx context.Context, s *shopifysession.Session) error {
			got, err := c.st.Load(ctx, s.ID)
			if got != nil {
				c.Errorf("Load returned a session with a context that had ended")
			}
			return err
		}},
		{"delete", nil, func(c *check, ctx context.Context, s *shopifysession.Session) error {
			return c.st.Delete(ctx, s.ID)
		}},
		{"delete-sessions", nil, func(c *check, ctx context.Context, s *shopifysession.Session) error {
			return c.st.DeleteSessions(ctx, []string{s.ID})
		}},
		{"find", nil, func(c *check, ctx context.Context, s *shopifysession.Session) error {
			got, err := c.st.FindSessionsByShop(ctx, s.Shop)
			if len(got) != 0 {
				c.Errorf("FindSessionsByShop returned sessions with a context that had ended")
			}
			return err
		}},
		{"update", needsUpdate, func(c *check, ctx context.Context, s *shopifysession.Session) error {
			return shopifysession.Update(ctx, c.st, s.ID, func(old *shopifysession.Session) (*shopifysession.Session, error) {
				return nil, nil
			})
		}},
		{"all", needsAll, func(c *check, ctx context.Context, _ *shopifysession.Session) error {
			for s, err := range shopifysession.All(ctx, c.st) {
				if s != nil {
					c.Errorf("All yielded a session with a context that had ended")
				}
				return err
			}
			return nil
		}},
		{"len", needsLen, func(c *check, ctx context.Context, _ *shopifysession.Session) error {
			_, err := shopifysession.Len(ctx, c.st)
			return err
		}},
		{"clear", needsClear, func(c *check, ctx context.Context, _ *shopifysession.Session) error {
			return shopifysession.Clear(ctx, c.st)
		}},
		{"touch", needsTouch, func(c *check, ctx context.Context, s *shopifysession.Session) error {
			return shopifysession.Touch(ctx, c.st, s.ID, time.Now().Add(time.Hour))
		}},
		{"ping", nil, func(c *check, ctx context.Context, _ *shopifysession.Session) error {
			return shopifysession.Ping(ctx, c.st)
		}},
		{"delete-expired", needsDeleteExpired, func(c *check, ctx context.Context, _ *shopifysession.Session) error {
			_, err := shopifysession.DeleteExpired(ctx, c.st, time.Now().AddDate(100, 0, 0))
			return err
		}},
	}
}

func contextCases() []testCase {
	var out []testCase
	for _, op := range operations() {
		out = append(out, testCase{name: "context/" + op.name, sentence: endedContext, needs: op.needs, run: func(c *check) {
			if op.name == "find" && c.lacksFind() {
				c.Skipf("the storage does not support FindSessionsByShop")
			}
			s := c.stored(transient("context", time.Now().Add(time.Hour)))
			canceled, cancel := context.WithCancelCause(c.ctx)
			cancel(errStop)
			late, cancelLate := context.WithDeadline(c.ctx, time.Unix(1, 0))
			defer cancelLate()
			c.backendError(op.name, op.call(c, canceled, s), errStop)
			c.backendError(op.name, op.call(c, late, s), context.DeadlineExceeded)
			c.loads(s)
			if again := c.load(s.ID); again.Version() != s.Version() {
				c.Fatalf("%s wrote with a context that had ended", op.name)
			}
			c.found(s.Shop, s)
		}})
	}
	return append(out, testCase{
		name: "context/mid-iteration", needs: needsAll,
		sentence: "A record that can't be read is one error and not the end; an error of the backend or the context is the end.",
		run: func(c *check) {
			for i := range 20 {
				c.store(sample(fmt.Sprintf("mid-%d", i)))
			}
			ctx, cancel := context.WithCancelCause(c.ctx)
			defer cancel(nil)
			var last error
			after := 0
			for _, err := range shopifysession.All(ctx, c.st) {
				if last != nil {
					after++
				}
				if last = err; last == nil {
					cancel(errStop)
				}
			}
			if last == nil {
				c.Fatalf("All went on to its end after the context had ended")
			}
			c.backendError("All", last, errStop)
			if after > 0 {
				c.Fatalf("All went on after the error of the context")
			}
		},
	})
}

func (c *check) lacksFind() bool {
	_, err := c.st.FindSessionsByShop(c.ctx, probeID)
	return errors.Is(err, errors.ErrUnsupported)
}
