package sqldb

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

const (
	// patience is for how long a statement is tried while the database is
	// locked: then somebody is stuck, and a caller whose context has no deadline
	// must get an answer, too.
	patience = 10 * time.Second

	firstPause = time.Millisecond
	maxPause   = 128 * time.Millisecond
)

// do runs fn, which talks to a database that must have been migrated, again as
// long as the database is locked, and turns its error into one of this
// package. fn must be a single statement: it either was applied or was not.
func (st *Storage) do(ctx context.Context, op string, fn func() error) error {
	return st.retry(ctx, op, func() error {
		if err := st.ready(ctx); err != nil {
			return err
		}
		err := fn()
		if err == nil || st.condition(err) != nil || ctx.Err() != nil {
			return err
		}
		// A table that went away looks different in every driver.
		st.migrated.Store(false)
		if why := st.ready(ctx); errors.Is(why, ErrNotMigrated) || errors.Is(why, ErrNewerSchema) {
			return why
		}
		return err
	})
}

func (st *Storage) retry(ctx context.Context, op string, fn func() error) error {
	patient := ctx
	for try := 1; ; try++ {
		if err := ended(ctx, op); err != nil {
			return err
		}
		err := fn()
		if err == nil {
			return nil
		}
		if !errors.Is(st.condition(err), ErrBusy) || patient.Err() != nil {
			return st.failure(ctx, op, err)
		}
		if try == 1 {
			var cancel context.CancelFunc
			patient, cancel = context.WithTimeout(ctx, patience)
			defer cancel()
		}
		pause(ctx, try)
	}
}

// pause waits for a random time that grows with the number of the try, so that
// those who collided don't collide again, or until the context ends.
func pause(ctx context.Context, try int) {
	limit := maxPause
	if shift := try - 1; firstPause<<min(shift, 10) < limit {
		limit = firstPause << shift
	}
	timer := time.NewTimer(rand.N(limit))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
