package auth

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/shopifysession/toolkit/shopifysession"
)

// flight coalesces work on one session within the process: the first caller
// starts it, everybody waits for the same result, each on its own context. The
// work itself is not cancelled with its first caller, since a token that
// Shopify has issued must be stored; it has a deadline of its own.
type flight struct {
	mu    sync.Mutex
	calls map[string]*call
}

type call struct {
	done     chan struct{}
	session  *shopifysession.Session
	err      error
	panicked any // what work panicked with, for its callers to panic with
}

func (f *flight) do(ctx context.Context, key string, timeout time.Duration, work func(context.Context) (*shopifysession.Session, error)) (*shopifysession.Session, error) {
	f.mu.Lock()
	c, ok := f.calls[key]
	if !ok {
		c = &call{done: make(chan struct{})}
		if f.calls == nil {
			f.calls = map[string]*call{}
		}
		f.calls[key] = c
		go f.run(context.WithoutCancel(ctx), key, c, timeout, work)
	}
	f.mu.Unlock()
	select {
	case <-c.done:
		if c.panicked != nil {
			panic(c.panicked)
		}
		return c.session.Clone(), c.err
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: %w", ErrTemporary, ctx.Err())
	}
}

func (f *flight) run(ctx context.Context, key string, c *call, timeout time.Duration, work func(context.Context) (*shopifysession.Session, error)) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	defer func() {
		c.panicked = recover()
		f.mu.Lock()
		delete(f.calls, key)
		f.mu.Unlock()
		close(c.done)
	}()
	c.session, c.err = work(ctx)
}
