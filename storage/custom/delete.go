package custom

import (
	"context"
	"errors"

	"github.com/shopifysession/toolkit/shopifysession"
)

// DeleteSessions calls DeleteSessionsFunc, or DeleteFunc for one id after the
// other. The latter goes on after a failure, since what is to be deleted should
// not stay because of something else, and returns all failures as one error; it
// stops when the context ends. Repetitions and ids that can't be one are left
// out.
func (c *CustomSessionStorage) DeleteSessions(ctx context.Context, ids []string) error {
	const op = "delete sessions"
	if err := ready(ctx, op, "DeleteFunc", c.DeleteFunc == nil && c.DeleteSessionsFunc == nil); err != nil {
		return err
	}
	ids = distinct(ids)
	if len(ids) == 0 {
		return nil
	}
	if c.DeleteSessionsFunc != nil {
		return present(failure(op, c.DeleteSessionsFunc(ctx, ids)))
	}
	var failed []error
	for _, id := range ids {
		if err := ended(ctx, op); err != nil {
			failed = append(failed, err)
			break
		}
		if err := present(c.DeleteFunc(ctx, id)); err != nil {
			failed = append(failed, err)
		}
	}
	if len(failed) == 1 {
		return failure(op, failed[0])
	}
	if len(failed) > 1 {
		return storageError(op, errors.Join(failed...))
	}
	return nil
}

// distinct returns the ids that can be one, each once, in a slice of its own.
func distinct(ids []string) []string {
	seen := make(map[string]bool, len(ids))
	var out []string
	for _, id := range ids {
		if !seen[id] && shopifysession.ValidID(id) {
			seen[id] = true
			out = append(out, id)
		}
	}
	return out
}
