package storagetest_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/shopifysession/toolkit/shopifysession"
)

// storeMutants get writing and what is written wrong.
var storeMutants = []mutant{
	{"seconds", "roundtrip/times", "came back as", func(b *broken) {
		b.mapped(func(s *session) { s.Expires = s.Expires.Truncate(time.Second) })
	}},
	{"local time", "roundtrip/times", "came back in the zone", func(b *broken) {
		b.load = func(ctx context.Context, id string) (*session, error) {
			s, err := b.Storage.Load(ctx, id)
			if s != nil {
				s.Expires = s.Expires.In(time.FixedZone("here", 3600))
			}
			return s, err
		}
	}},
	{"user id in a float", "roundtrip/user-ids", "came back as another one", func(b *broken) {
		b.mapped(func(s *session) {
			if s.OnlineAccessInfo != nil {
				u := &s.OnlineAccessInfo.AssociatedUser
				u.ID = int64(float32(u.ID))
			}
		})
	}},
	{"column of 255", "roundtrip/large", "other values in Scope", func(b *broken) {
		b.mapped(func(s *session) { s.Scope = s.Scope[:min(len(s.Scope), 255)] })
	}},
	{"trimmed text", "roundtrip/text", "came back changed", func(b *broken) {
		b.mapped(func(s *session) { s.State = strings.TrimSpace(s.State) })
	}},
	{"user invented", "roundtrip/empty-fields", "other values in OnlineAccessInfo", func(b *broken) {
		b.mapped(func(s *session) {
			if s.IsOnline && s.OnlineAccessInfo == nil {
				s.OnlineAccessInfo = &shopifysession.OnlineAccessInfo{}
			}
		})
	}},
	{"unknown keys dropped", "roundtrip/unknown-keys", "is gone or changed", func(b *broken) {
		b.mapped(func(s *session) {
			bare := *s
			fresh := &session{ID: bare.ID, Shop: bare.Shop, IsOnline: bare.IsOnline, AccessToken: bare.AccessToken, OnlineAccessInfo: bare.OnlineAccessInfo}
			*s = *fresh
		})
	}},
	{"keys of a later release dropped", "roundtrip/bookkeeping", "the bookkeeping came back changed", func(b *broken) {
		b.mapped(func(s *session) {
			bookkeeping(s, func(r map[string]json.RawMessage) { delete(r, "keyOfTheFuture") })
		})
	}},
	{"open attempt lost by Update", "update/bookkeeping", "Update lost or changed the bookkeeping", func(b *broken) {
		b.update = func(ctx context.Context, id string, fn update) error {
			return b.Storage.Update(ctx, id, func(old *session) (*session, error) {
				next, err := fn(old)
				if next != nil {
					bookkeeping(next, func(r map[string]json.RawMessage) { delete(r, "attempt") })
				}
				return next, err
			})
		}
	}},
	{"cleared fields stay", "store/replaces-all-fields", "other values in", func(b *broken) {
		b.store = func(ctx context.Context, s *session) error {
			if s == nil {
				return shopifysession.ErrInvalidSession
			}
			merged := s.Clone()
			if old, err := b.Storage.Load(ctx, s.ID); err == nil && merged.RefreshToken == "" {
				merged.RefreshToken = old.RefreshToken
			}
			return b.Storage.Store(ctx, merged)
		}
	}},
	{"shop index not updated", "store/moves-to-another-shop", "which does not belong there", func(b *broken) {
		moved := map[string]*session{}
		b.store = func(ctx context.Context, s *session) error {
			if old, err := b.Storage.Load(ctx, s.ID); err == nil && old.Shop != s.Shop {
				moved[old.Shop] = old
			}
			return b.Storage.Store(ctx, s)
		}
		b.find = func(ctx context.Context, shop string) ([]*session, error) {
			found, err := b.Storage.FindSessionsByShop(ctx, shop)
			if s := moved[shop]; s != nil {
				found = append(found, s)
			}
			return found, err
		}
	}},
	{"caller's memory kept", "store/keeps-its-own-copy", "other values in", func(b *broken) {
		kept := map[string]*session{}
		b.store = func(ctx context.Context, s *session) error { kept[s.ID] = s; return b.Storage.Store(ctx, s) }
		b.load = func(_ context.Context, id string) (*session, error) { return kept[id], nil }
	}},
	{"own memory handed out", "load/hands-out-copies", "other values in", func(b *broken) {
		var mu sync.Mutex
		cache := map[string]*session{}
		b.load = func(ctx context.Context, id string) (*session, error) {
			mu.Lock()
			defer mu.Unlock()
			if cache[id] == nil {
				s, err := b.Storage.Load(ctx, id)
				if err != nil {
					return nil, err
				}
				cache[id] = s
			}
			return cache[id], nil
		}
	}},
	{"argument changed", "store/leaves-its-argument", "changed the session that it was given", func(b *broken) {
		b.store = func(ctx context.Context, s *session) error {
			s.Expires = s.Expires.Truncate(time.Millisecond)
			return b.Storage.Store(ctx, s)
		}
	}},
	{"nil accepted", "store/invalid", "accepted a session with nil", func(b *broken) {
		b.store = func(ctx context.Context, s *session) error {
			if s == nil {
				return nil
			}
			return b.Storage.Store(ctx, s)
		}
	}},
	{"last write wins", "store/stale-copy-is-refused", "returned no error", func(b *broken) { b.store = b.overwrite }},
	{"silent no-op on stale writes", "store/same-version-only-once", "returned no error", func(b *broken) {
		b.store = func(ctx context.Context, s *session) error {
			if err := b.Storage.Store(ctx, s); !errors.Is(err, shopifysession.ErrConflict) {
				return err
			}
			return nil
		}
	}},
	{"compares versions, not grants", "store/later-grant-replaces", "Store of", func(b *broken) {
		b.store = func(ctx context.Context, s *session) error {
			if old, err := b.Storage.Load(ctx, s.ID); err == nil && s.Version() != old.Version() {
				return shopifysession.ErrConflict
			}
			return b.Storage.Store(ctx, s)
		}
	}},
	{"case ignored in ids", "ids/odd", "", func(b *broken) {
		b.load = func(ctx context.Context, id string) (*session, error) {
			return b.Storage.Load(ctx, strings.ToLower(id))
		}
	}},
	{"DeleteSessions without effect", "ids/odd-many", "instead of ErrNotFound", func(b *broken) {
		b.deleteSessions = func(ctx context.Context, ids []string) error { return nil }
	}},
	{"control characters in ids", "ids/invalid-store", "accepted the id", func(b *broken) {
		b.mapped(func(s *session) { s.ID = strings.Trim("x"+s.ID, "\x00\n\t") })
	}},
}
