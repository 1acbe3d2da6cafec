package auth

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/shopifysession/toolkit/shopifysession"
)

// flight runs one piece of work on a session at a time within the process.
// Whoever wants the same shares its result, each on its own context; whoever
// wants something else waits for its end first, since Shopify lets an
// acquisition and a refresh of the same shop retire each other's result. The
// work itself is not cancelled with its first caller, since a token that Shopify
// has issued must be stored; it has a deadline of its own.
type flight struct {
	mu    sync.Mutex
	calls map[string]*call // by session id
}

type work func(context.Context) (*shopifysession.Session, error)

type call struct {
	grant    string
	done     chan struct{}
	session  *shopifysession.Session
	err      error
	panicked any // what the work panicked with, for its callers to panic with
}

// do runs w for that session and grant, or waits for the result of another call
// that does. Authorization codes differ: each is exchanged by its own call.
func (f *flight) do(ctx context.Context, id, grant string, timeout time.Duration, w work) (*shopifysession.Session, error) {
	for {
		c, mine := f.join(ctx, id, grant, timeout, w)
		select {
		case <-c.done:
		case <-ctx.Done():
			return nil, fmt.Errorf("%w: %w", ErrTemporary, ctx.Err())
		}
		if !mine {
			continue
		}
		if c.panicked != nil {
			panic(c.panicked)
		}
		return c.session.Clone(), c.err
	}
}

// join returns the call that is under way for the session, a new one if there is
// none, and whether its result is the caller's.
func (f *flight) join(ctx context.Context, id, grant string, timeout time.Duration, w work) (*call, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if c, ok := f.calls[id]; ok {
		return c, c.grant == grant && grant != grantCode
	}
	c := &call{grant: grant, done: make(chan struct{})}
	if f.calls == nil {
		f.calls = map[string]*call{}
	}
	f.calls[id] = c
	go f.run(context.WithoutCancel(ctx), id, c, timeout, w)
	return c, true
}

func (f *flight) run(ctx context.Context, id string, c *call, timeout time.Duration, w work) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	defer func() {
		c.panicked = recover()
		f.mu.Lock()
		delete(f.calls, id)
		f.mu.Unlock()
		close(c.done)
	}()
	c.session, c.err = w(ctx)
}
