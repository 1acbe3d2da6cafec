package storagetest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"sync"
	"time"

	"github.com/shopifysession/toolkit/shopifysession"
)

// optionalMutants get concurrency and the optional capabilities wrong.
var optionalMutants = []mutant{
	{"check, then act", "concurrent/one-writer-of-a-version-wins", "two writers replaced the same version", func(b *broken) {
		meet := meeting(2) // two have looked
		b.store = func(ctx context.Context, s *session) error {
			if s.Version() == 0 {
				return b.Storage.Store(ctx, s)
			}
			old, err := b.Storage.Load(ctx, s.ID)
			if err == nil && old.Version() != s.Version() {
				return shopifysession.ErrConflict
			}
			meet()
			return b.overwrite(ctx, s)
		}
	}},
	{"mixed writes", "concurrent/store-load-find-delete", "is mixed from two writes", func(b *broken) {
		var mu sync.Mutex
		last := ""
		b.mapped(func(s *session) {
			mu.Lock()
			defer mu.Unlock()
			if last != "" {
				s.RefreshToken = last
			}
			last = s.RefreshToken
		})
	}},
	{"Update as Load and Store", "update/none-is-lost", "updates are there", func(b *broken) {
		meet := meeting(2) // one in the middle of another
		b.update = func(ctx context.Context, id string, fn update) error {
			old, err := b.Storage.Load(ctx, id)
			if errors.Is(err, shopifysession.ErrNotFound) {
				old = nil
			}
			next, err := fn(old)
			if err != nil || next == nil {
				return err
			}
			if next.ID != id {
				return shopifysession.ErrInvalidSession
			}
			meet()
			return b.overwrite(ctx, next)
		}
	}},
	{"error of fn wrapped", "update/error-unchanged", "Update another one", func(b *broken) {
		b.update = func(ctx context.Context, id string, fn update) error {
			if err := b.Storage.Update(ctx, id, fn); err != nil {
				return fmt.Errorf("update: %w", err)
			}
			return nil
		}
	}},
	{"panic leaves the lock", "update/panic", "the panic of fn did not come through", func(b *broken) {
		b.update = func(ctx context.Context, id string, fn update) error {
			return b.Storage.Update(ctx, id, func(old *session) (next *session, err error) {
				defer func() {
					if recover() != nil {
						next, err = old, errors.New("panic")
					}
				}()
				return fn(old)
			})
		}
	}},
	{"result under another id", "update/other-id", "want an error that is", func(b *broken) {
		b.update = func(ctx context.Context, id string, fn update) error {
			next, err := fn(nil)
			if err != nil {
				return err
			}
			return b.Storage.Store(ctx, next)
		}
	}},
	{"stale result written", "update/stale-result", "returned no error", func(b *broken) {
		b.update = func(ctx context.Context, id string, fn update) error {
			return b.Storage.Update(ctx, id, func(old *session) (*session, error) {
				next, err := fn(old)
				if next != nil {
					_ = next.SetBookkeeping(nil)
				}
				return next, err
			})
		}
	}},
	{"a Store in between lost", "update/runs-again", "a Store that succeeded during the Update is lost", func(b *broken) {
		b.update = func(ctx context.Context, id string, fn update) error {
			old, err := b.Storage.Load(ctx, id)
			if err != nil {
				return err
			}
			next, err := fn(old)
			if err != nil {
				return err
			}
			return b.overwrite(ctx, next)
		}
	}},
	{"rows twice during writes", "all/exactly-once", "twice", func(b *broken) {
		b.all = func(ctx context.Context) iter.Seq2[*session, error] {
			return func(yield func(*session, error) bool) {
				for range 2 {
					for s, err := range b.Storage.All(ctx) {
						if !yield(s, err) {
							return
						}
					}
				}
			}
		}
	}},
	{"offset paging", "all/exactly-once", "twice", func(b *broken) {
		b.all = func(ctx context.Context) iter.Seq2[*session, error] {
			return func(yield func(*session, error) bool) {
				for offset := 0; ; offset++ {
					var page []*session
					for s := range b.Storage.All(ctx) {
						page = append(page, s)
					}
					if offset >= len(page) || !yield(page[offset], nil) {
						return
					}
				}
			}
		}
	}},
	{"what changed is left out", "all/exactly-once", "which existed throughout", func(b *broken) {
		b.all = func(ctx context.Context) iter.Seq2[*session, error] {
			return func(yield func(*session, error) bool) {
				versions := map[string]int64{}
				for s := range b.Storage.All(ctx) {
					versions[s.ID] = s.Version()
				}
				for s, err := range b.Storage.All(ctx) {
					if err == nil && s.Version() != versions[s.ID] {
						continue
					}
					if !yield(s, err) {
						return
					}
				}
			}
		}
	}},
	{"deleted come along", "all/without-deleted", "which does not belong there", func(b *broken) {
		var ghost *session
		b.del = func(ctx context.Context, id string) error {
			ghost, _ = b.Storage.Load(ctx, id)
			return b.Storage.Delete(ctx, id)
		}
		b.all = func(ctx context.Context) iter.Seq2[*session, error] {
			return func(yield func(*session, error) bool) {
				if ghost != nil && !yield(ghost, nil) {
					return
				}
				b.Storage.All(ctx)(yield)
			}
		}
	}},
	{"expired not counted", "len/counts", "Len returned", func(b *broken) {
		b.len = func(ctx context.Context) (int, error) {
			n := 0
			for s := range b.Storage.All(ctx) {
				if !s.ExpiresWithin(time.Now(), 0) {
					n++
				}
			}
			return n, nil
		}
	}},
	{"Clear deletes and fences", "clear/removes-fences", "Store of", func(b *broken) {
		b.clear = func(ctx context.Context) error {
			for s := range b.Storage.All(ctx) {
				if err := b.Storage.Delete(ctx, s.ID); err != nil {
					return err
				}
			}
			return nil
		}
	}},
	{"Touch of missing is nil", "touch/missing", "returned no error", func(b *broken) {
		b.touch = func(ctx context.Context, id string, until time.Time) error {
			_ = b.Storage.Touch(ctx, id, until)
			return nil
		}
	}},
	{"Touch writes the session", "touch/changes-nothing", "Touch changed the bookkeeping", func(b *broken) {
		b.touch = func(ctx context.Context, id string, until time.Time) error {
			return b.Storage.Update(ctx, id, func(old *session) (*session, error) { return old, nil })
		}
	}},
	{"Touch shortens", "touch/prolongs", "DeleteExpired returned 1", func(b *broken) {
		touched := map[string]time.Time{}
		b.touch = func(_ context.Context, id string, until time.Time) error { touched[id] = until; return nil }
		b.deleteExpired = func(ctx context.Context, before time.Time) (int, error) {
			n := 0
			for id, until := range touched {
				if until.Before(before) {
					n++
					_ = b.Storage.Delete(ctx, id)
				}
			}
			return n, nil
		}
	}},
	{"retention by access token", "delete-expired/keeps-refreshable", "DeleteExpired returned 1", func(b *broken) {
		b.deleteExpired = func(ctx context.Context, before time.Time) (int, error) {
			n := 0
			for s := range b.Storage.All(ctx) {
				if s.ExpiresWithin(before, 0) {
					n++
					_ = b.Storage.Delete(ctx, s.ID)
				}
			}
			return n, nil
		}
	}},
	{"open attempts forgotten", "delete-expired/keeps-forever", "DeleteExpired returned", func(b *broken) {
		b.mapped(func(s *session) {
			bookkeeping(s, func(r map[string]json.RawMessage) { delete(r, "attempt") })
		})
	}},
	{"token in the error", "secrets/errors", "holds a token when printed", func(b *broken) {
		b.store = func(ctx context.Context, s *session) error {
			if err := b.Storage.Store(ctx, s); err != nil {
				return fmt.Errorf("INSERT %q: %w", s.AccessToken, err)
			}
			return nil
		}
	}},
	{"last write wins, at random", "model/random-operations", "a write of version", func(b *broken) { b.store = b.overwrite }},
}
