package storagetest

import (
	"context"
	"errors"
	"time"

	"github.com/shopifysession/toolkit/shopifysession"
	"github.com/shopifysession/toolkit/storage/memory"
)

const (
	unwrapLaw    = "Unwrap promises that nothing of the decorator's effect is lost by going around it: a decorator whose effect a capability crosses (encryption and Update, a cache and Clear) implements that capability itself, with errors.ErrUnsupported when the inner storage has none."
	errorsPass   = notMissing
	replyLost    = readsWrites
	noCapability = "Callers use the package function of the same name: it finds the capability behind decorators, falls back where a fallback is right, and returns errors.ErrUnsupported otherwise."
)

// act is one operation through the package functions, on a stored session.
type act struct {
	op       Op
	optional bool
	writes   bool // and its reply can be lost
	do       func(ctx context.Context, st shopifysession.SessionStorage, s *shopifysession.Session) error
}

func acts() []act {
	return []act{
		{OpStore, false, true, func(ctx context.Context, st shopifysession.SessionStorage, s *shopifysession.Session) error {
			return st.Store(ctx, changed(s, "next"))
		}},
		{OpLoad, false, false, func(ctx context.Context, st shopifysession.SessionStorage, s *shopifysession.Session) error {
			_, err := st.Load(ctx, s.ID)
			return err
		}},
		{OpDelete, false, true, func(ctx context.Context, st shopifysession.SessionStorage, s *shopifysession.Session) error {
			return st.Delete(ctx, s.ID)
		}},
		{OpDeleteSessions, false, true, func(ctx context.Context, st shopifysession.SessionStorage, s *shopifysession.Session) error {
			return st.DeleteSessions(ctx, []string{s.ID})
		}},
		{OpFind, false, false, func(ctx context.Context, st shopifysession.SessionStorage, s *shopifysession.Session) error {
			_, err := st.FindSessionsByShop(ctx, s.Shop)
			return err
		}},
		{OpUpdate, true, true, func(ctx context.Context, st shopifysession.SessionStorage, s *shopifysession.Session) error {
			return shopifysession.Update(ctx, st, s.ID, func(old *shopifysession.Session) (*shopifysession.Session, error) {
				if old == nil {
					return nil, nil
				}
				return changed(old, "next"), nil
			})
		}},
		{OpAll, true, false, func(ctx context.Context, st shopifysession.SessionStorage, _ *shopifysession.Session) error {
			for _, err := range shopifysession.All(ctx, st) {
				if err != nil {
					return err
				}
			}
			return nil
		}},
		{OpLen, true, false, func(ctx context.Context, st shopifysession.SessionStorage, _ *shopifysession.Session) error {
			_, err := shopifysession.Len(ctx, st)
			return err
		}},
		{OpClear, true, true, func(ctx context.Context, st shopifysession.SessionStorage, _ *shopifysession.Session) error {
			return shopifysession.Clear(ctx, st)
		}},
		{OpTouch, true, false, func(ctx context.Context, st shopifysession.SessionStorage, s *shopifysession.Session) error {
			return shopifysession.Touch(ctx, st, s.ID, time.Now().Add(time.Hour))
		}},
		{OpPing, true, false, func(ctx context.Context, st shopifysession.SessionStorage, _ *shopifysession.Session) error {
			return shopifysession.Ping(ctx, st)
		}},
		{OpDeleteExpired, true, true, func(ctx context.Context, st shopifysession.SessionStorage, _ *shopifysession.Session) error {
			_, err := shopifysession.DeleteExpired(ctx, st, time.Now().AddDate(50, 0, 0))
			return err
		}},
		{OpMigrate, true, false, func(ctx context.Context, st shopifysession.SessionStorage, _ *shopifysession.Session) error {
			return shopifysession.Migrate(ctx, st)
		}},
	}
}

// decoratorCases are the law of decorators, each with inner storages of its own.
func decoratorCases(with shopifysession.Decorator) []testCase {
	var out []testCase
	for _, a := range acts() {
		if a.optional {
			out = append(out,
				testCase{name: "works/" + a.name(), sentence: unwrapLaw, run: func(c *check) { a.works(c, with) }},
				testCase{name: "unsupported/" + a.name(), sentence: noCapability, run: func(c *check) { a.unsupported(c, with) }},
			)
		}
		out = append(out,
			testCase{name: "error-passes/" + a.name(), sentence: errorsPass, run: func(c *check) { a.errorPasses(c, with) }},
			testCase{name: "context-passes/" + a.name(), sentence: endedContext, run: func(c *check) { a.contextPasses(c, with) }},
		)
		if a.writes {
			out = append(out,
				testCase{name: "lost-reply/" + a.name(), sentence: replyLost, run: func(c *check) { a.replyLost(c, with, After) }},
				testCase{name: "lost-request/" + a.name(), sentence: replyLost, run: func(c *check) { a.replyLost(c, with, Before) }},
			)
		}
	}
	return out
}

func (a act) name() string {
	switch a.op {
	case OpDeleteSessions:
		return "delete-sessions"
	case OpDeleteExpired:
		return "delete-expired"
	}
	return string(a.op)
}

// works: what the storage inside can do can be done.
func (a act) works(c *check, with shopifysession.Decorator) {
	inner := newFull()
	st := with(inner)
	s := c.through(st).stored(sample("works"))
	if err := a.do(c.ctx, st, s); err != nil {
		c.Fatalf("%s over a storage that can returned %s", a.op, text(err))
	}
	if n := inner.migrations.Load(); a.op == OpMigrate && n == 0 {
		c.Fatalf("migrate did not reach the storage inside")
	}
}

// unsupported: what it can't do is said, and never pretended.
func (a act) unsupported(c *check, with shopifysession.Decorator) {
	st := with(Minimal(memory.New()))
	s := c.through(st).stored(sample("unsupported"))
	err := a.do(c.ctx, st, s)
	fallback := a.op == OpPing || a.op == OpMigrate
	if !errors.Is(err, errors.ErrUnsupported) && (err != nil || !fallback) {
		c.Fatalf("%s over a storage that can't returned %s, want errors.ErrUnsupported", a.op, text(err))
	}
	c.through(st).loads(s)
}

// errorPasses: an error of the storage inside is the caller's, for that call
// only.
func (a act) errorPasses(c *check, with shopifysession.Decorator) {
	inner := newFull()
	s := c.through(with(inner)).stored(sample("errors"))
	want := &shopifysession.StorageError{Op: string(a.op), Backend: "faulty", Err: ErrInjected}
	faulty := Faulty(inner, Plan{{Op: a.op, Call: 1, Err: want}})
	st := with(faulty)
	got := a.do(c.ctx, st, s)
	if faulty.Calls(a.op) == 0 {
		if got != nil {
			c.Fatalf("%s failed without asking the storage inside: %s", a.op, text(got))
		}
		return
	}
	if got != error(want) {
		c.Fatalf("%s failed inside with %q, the caller got %q", a.op, want, text(got))
	}
	if got := a.do(c.ctx, st, s); got != nil {
		c.Fatalf("after one failure %s failed again: %s", a.op, text(got))
	}
}

// contextPasses: a caller who goes away while the storage inside works gets the
// cause.
func (a act) contextPasses(c *check, with shopifysession.Decorator) {
	inner := newFull()
	s := c.through(with(inner)).stored(sample("context"))
	ctx, cancel := context.WithCancelCause(c.ctx)
	defer cancel(nil)
	faulty := Faulty(inner, Plan{{Op: a.op, Mode: Hang, Hook: func() { cancel(errStop) }}})
	err := a.do(ctx, with(faulty), s)
	if faulty.Calls(a.op) == 0 {
		return
	}
	c.backendError(string(a.op), err, errStop)
}

// replyLost: after a write whose outcome is unknown, everything that is read is
// what the storage has.
func (a act) replyLost(c *check, with shopifysession.Decorator, mode Mode) {
	inner := newFull()
	s := c.through(with(inner)).stored(transient("lost", time.Now().Add(time.Hour)))
	faulty := Faulty(inner, Plan{{Op: a.op, Mode: mode, Call: 1}})
	st := with(faulty)
	c.through(st).loads(s)
	c.through(st).found(s.Shop, s)
	if err := a.do(c.ctx, st, s); err == nil && faulty.Calls(a.op) > 0 {
		c.Fatalf("%s failed inside, the caller got no error", a.op)
	}
	truth := c.through(with(inner))
	want, err := truth.st.FindSessionsByShop(c.ctx, s.Shop)
	if err != nil {
		c.Fatalf("FindSessionsByShop failed: %v", err)
	}
	c.through(st).found(s.Shop, want...)
	if len(want) == 0 {
		c.through(st).absent(s.ID)
	} else {
		c.through(st).loads(want[0])
	}
}

// through is the case with another storage.
func (c *check) through(st shopifysession.SessionStorage) *check {
	other := *c
	other.st = st
	return &other
}
