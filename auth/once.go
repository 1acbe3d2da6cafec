package auth

import (
	"context"
	"sync"
	"time"
)

// Once makes something happen at most once, in all processes that share a
// store. Implementations are safe for concurrent use.
type Once interface {
	// First reports whether this is the first call for key within ttl. An error
	// says that nobody knows.
	First(ctx context.Context, key string, ttl time.Duration) (bool, error)
	// Forget makes the next First for key the first again; nil if there was
	// none.
	Forget(ctx context.Context, key string) error
}

// memoryOnce is Once for one process.
type memoryOnce struct {
	now func() time.Time

	mu    sync.Mutex
	until map[string]time.Time
	sweep time.Time // when to drop what is over
}

func newMemoryOnce(now func() time.Time) *memoryOnce {
	return &memoryOnce{now: now, until: map[string]time.Time{}}
}

func (o *memoryOnce) First(ctx context.Context, key string, ttl time.Duration) (bool, error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	now := o.now()
	o.mu.Lock()
	defer o.mu.Unlock()
	if now.After(o.sweep) {
		for k, until := range o.until {
			if !until.After(now) {
				delete(o.until, k)
			}
		}
		o.sweep = now.Add(time.Minute)
	}
	if o.until[key].After(now) {
		return false, nil
	}
	o.until[key] = now.Add(ttl)
	return true, nil
}

func (o *memoryOnce) Forget(_ context.Context, key string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.until, key)
	return nil
}
