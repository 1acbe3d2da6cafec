package custom

import (
	"context"
	"errors"
	"fmt"

	"github.com/shopifysession/toolkit/shopifysession"
)

// ready returns why the callback can't be called: the context has ended, or a
// literal lacks the callback.
func ready(ctx context.Context, op, field string, missing bool) error {
	if err := ended(ctx, op); err != nil {
		return err
	}
	if missing {
		return fmt.Errorf("%w: %s is nil", storageError(op, errors.New("missing callback")), field)
	}
	return nil
}

// supported is ready for optional callbacks.
func supported(ctx context.Context, op string, missing bool) error {
	if err := ended(ctx, op); err != nil {
		return err
	}
	if missing {
		return storageError(op, errors.ErrUnsupported)
	}
	return nil
}

const backend = "custom"

func ended(ctx context.Context, op string) error { return shopifysession.Ended(ctx, backend, op) }

// failure passes the conditions and makes everything else a *StorageError; nil
// stays nil.
func failure(op string, err error) error {
	for _, condition := range []error{shopifysession.ErrNotFound, shopifysession.ErrConflict, shopifysession.ErrInvalidSession} {
		if errors.Is(err, condition) {
			return err
		}
	}
	if err == nil {
		return nil
	}
	return storageError(op, err)
}

func storageError(op string, err error) error {
	return &shopifysession.StorageError{Op: op, Backend: backend, Err: err}
}

// present drops ErrNotFound where absence is no error.
func present(err error) error {
	if errors.Is(err, shopifysession.ErrNotFound) {
		return nil
	}
	return err
}

func invalid(op, reason string) error {
	return fmt.Errorf("custom: %s: %w: %s", op, shopifysession.ErrInvalidSession, reason)
}

// returned checks and copies a session that a callback returned.
func returned(op string, s *shopifysession.Session) (*shopifysession.Session, error) {
	if err := s.Validate(); err != nil {
		return nil, fmt.Errorf("custom: %s: %w", op, err)
	}
	return s.Clone(), nil
}
