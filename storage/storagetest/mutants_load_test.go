package storagetest_test

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/shopifysession/toolkit/shopifysession"
)

// loadMutants get reading, deleting and finding wrong.
var loadMutants = []mutant{
	{"nil for missing", "load/missing", "instead of ErrNotFound", func(b *broken) {
		b.load = func(ctx context.Context, id string) (*session, error) {
			s, err := b.Storage.Load(ctx, id)
			if errors.Is(err, shopifysession.ErrNotFound) {
				return nil, nil
			}
			return s, err
		}
	}},
	{"expired is missing", "load/expired-session", "Load of", func(b *broken) {
		b.load = func(ctx context.Context, id string) (*session, error) {
			s, err := b.Storage.Load(ctx, id)
			if s != nil && s.ExpiresWithin(time.Now(), 0) {
				return nil, shopifysession.ErrNotFound
			}
			return s, err
		}
	}},
	{"delete of missing fails", "delete/missing", "Delete of", func(b *broken) {
		b.del = func(ctx context.Context, id string) error {
			if _, err := b.Storage.Load(ctx, id); err != nil {
				return err
			}
			return b.Storage.Delete(ctx, id)
		}
	}},
	{"stops at the first absent id", "delete-sessions/absent-and-repeated", "instead of ErrNotFound", func(b *broken) {
		b.deleteSessions = func(ctx context.Context, ids []string) error {
			for _, id := range ids {
				if _, err := b.Storage.Load(ctx, id); err != nil {
					return nil
				}
				if err := b.Storage.Delete(ctx, id); err != nil {
					return err
				}
			}
			return nil
		}
	}},
	{"ids sorted in place", "delete-sessions/leaves-its-argument", "changed the list", func(b *broken) {
		b.deleteSessions = func(ctx context.Context, ids []string) error {
			slices.Sort(ids)
			return b.Storage.DeleteSessions(ctx, ids)
		}
	}},
	{"no fence", "fence/after-delete", "returned no error", func(b *broken) { b.del = b.forget }},
	{"no fence after a deleting Update", "fence/after-update", "returned no error", func(b *broken) {
		b.update = func(ctx context.Context, id string, fn update) error {
			old, err := b.Storage.Load(ctx, id)
			if err != nil {
				return err
			}
			if next, err := fn(old); next != nil || err != nil {
				return err
			}
			return b.forget(ctx, id)
		}
	}},
	{"fence refuses the reinstall", "fence/reinstall-after-delete", "Store of", func(b *broken) {
		deleted := map[string]bool{}
		b.del = func(ctx context.Context, id string) error { deleted[id] = true; return b.Storage.Delete(ctx, id) }
		b.store = func(ctx context.Context, s *session) error {
			if deleted[s.ID] {
				return shopifysession.ErrConflict
			}
			return b.Storage.Store(ctx, s)
		}
	}},
	{"fence for what never was", "fence/none-without-session", "Store of", func(b *broken) {
		b.del = func(ctx context.Context, id string) error {
			s := &session{ID: id, Shop: "x.myshopify.com"}
			_ = b.Storage.Store(ctx, s)
			return b.Storage.Delete(ctx, id)
		}
	}},
	{"prefix instead of shop", "find/exact-shop", "which does not belong there", func(b *broken) {
		b.find = b.findWhere(func(asked, shop string) bool { return strings.HasPrefix(shop, asked) })
	}},
	{"shops without case", "find/exact-shop", "which does not belong there", func(b *broken) {
		b.find = b.findWhere(strings.EqualFold)
	}},
	{"first page only", "find/thousand", "did not return session", func(b *broken) {
		b.find = func(ctx context.Context, shop string) ([]*session, error) {
			found, err := b.Storage.FindSessionsByShop(ctx, shop)
			return found[:min(len(found), 99)], err
		}
	}},
	{"not found when down", "context/load", "want an error that is", func(b *broken) {
		b.load = func(ctx context.Context, id string) (*session, error) {
			s, err := b.Storage.Load(ctx, id)
			if err != nil {
				err = shopifysession.ErrNotFound
			}
			return s, err
		}
	}},
	{"context ignored", "context/store", "returned no error", func(b *broken) {
		b.store = func(_ context.Context, s *session) error { return b.Storage.Store(context.Background(), s) }
	}},
	{"bare context error", "context/delete", "want a *StorageError", func(b *broken) {
		b.del = func(ctx context.Context, id string) error {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return b.Storage.Delete(ctx, id)
		}
	}},
	{"iteration without end", "context/mid-iteration", "went on to its end", func(b *broken) {
		b.all = func(ctx context.Context) iter.Seq2[*session, error] {
			return b.Storage.All(context.WithoutCancel(ctx))
		}
	}},
}
