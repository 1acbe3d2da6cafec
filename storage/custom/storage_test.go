package custom_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/shopifysession"
	"github.com/shopifysession/toolkit/storage/custom"
)

type session = shopifysession.Session

func sample(id string) *session {
	return &session{ID: id, Shop: "example.myshopify.com", AccessToken: "shpat_secret"}
}

// calls returns a storage with callbacks that only note that they were called.
func calls() (*custom.CustomSessionStorage, *[]string) {
	var log []string
	note := func(name string) { log = append(log, name) }
	return &custom.CustomSessionStorage{
		StoreFunc:  func(context.Context, *session) error { note("store"); return nil },
		LoadFunc:   func(_ context.Context, id string) (*session, error) { note("load"); return sample(id), nil },
		DeleteFunc: func(context.Context, string) error { note("delete"); return nil },
		FindSessionsByShopFunc: func(context.Context, string) ([]*session, error) {
			note("find")
			return nil, nil
		},
		UpdateFunc: func(_ context.Context, _ string, fn func(*session) (*session, error)) error {
			note("update")
			_, err := fn(nil)
			return err
		},
		AllFunc: func(context.Context) iter.Seq2[*session, error] {
			note("all")
			return func(func(*session, error) bool) {}
		},
		PingFunc: func(context.Context) error { note("ping"); return nil },
	}, &log
}

func TestNewNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	store := func(context.Context, *session) error { return nil }
	load := func(context.Context, string) (*session, error) { return nil, nil }
	del := func(context.Context, string) error { return nil }

	_, err := custom.New(nil, nil, nil)
	require.EqualError(t, err, "custom: missing callbacks: store, load, delete")
	_, err = custom.New(store, nil, del)
	require.EqualError(t, err, "custom: missing callbacks: load")
	st, err := custom.New(store, load, del)
	require.NoError(t, err)
	require.NotNil(t, st)
}

func TestLiteralWithoutCallbacks(t *testing.T) {
	t.Parallel()
	st := &custom.CustomSessionStorage{}
	_, loadErr := st.Load(t.Context(), "id")
	for field, err := range map[string]error{
		"StoreFunc":  st.Store(t.Context(), sample("id")),
		"LoadFunc":   loadErr,
		"DeleteFunc": st.Delete(t.Context(), "id"),
	} {
		require.ErrorContains(t, err, field+" is nil")
		var failure *shopifysession.StorageError
		require.ErrorAs(t, err, &failure)
		require.NotErrorIs(t, err, errors.ErrUnsupported)
	}
	require.ErrorContains(t, st.DeleteSessions(t.Context(), []string{"id"}), "DeleteFunc is nil")
}

func TestOptionalCallbacksAreUnsupported(t *testing.T) {
	t.Parallel()
	st := newStorage(t, &table{})
	_, err := st.FindSessionsByShop(t.Context(), "example.myshopify.com")
	require.ErrorIs(t, err, errors.ErrUnsupported)
	err = st.Update(t.Context(), "id", func(*session) (*session, error) { panic("not to be called") })
	require.ErrorIs(t, err, errors.ErrUnsupported)
	require.ErrorIs(t, st.Ping(t.Context()), errors.ErrUnsupported)
	require.NoError(t, shopifysession.Ping(t.Context(), st), "falls back to a load")
	n := 0
	for _, err := range st.All(t.Context()) {
		n++
		require.ErrorIs(t, err, errors.ErrUnsupported)
	}
	require.Equal(t, 1, n)
	_, err = shopifysession.Len(t.Context(), st)
	require.ErrorIs(t, err, errors.ErrUnsupported)
}

// TestNothingIsCalledInVain: an ended context and what can't be stored never
// reach a callback.
func TestNothingIsCalledInVain(t *testing.T) {
	t.Parallel()
	st, log := calls()
	gone := errors.New("the caller went away")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(gone)
	require.ErrorIs(t, st.Store(ctx, sample("id")), gone)
	_, err := st.Load(ctx, "id")
	require.ErrorIs(t, err, gone)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, st.Delete(ctx, "id"), gone)
	require.ErrorIs(t, st.DeleteSessions(ctx, []string{"id"}), gone)
	_, err = st.FindSessionsByShop(ctx, "shop")
	require.ErrorIs(t, err, gone)
	require.ErrorIs(t, st.Update(ctx, "id", nil), gone)
	require.ErrorIs(t, st.Ping(ctx), gone)
	for _, err := range st.All(ctx) {
		require.ErrorIs(t, err, gone)
	}

	require.ErrorIs(t, st.Store(t.Context(), nil), shopifysession.ErrInvalidSession)
	require.ErrorIs(t, st.Store(t.Context(), sample("a\nb")), shopifysession.ErrInvalidSession)
	_, err = st.Load(t.Context(), "")
	require.ErrorIs(t, err, shopifysession.ErrNotFound)
	require.NoError(t, st.Delete(t.Context(), "\x00"))
	require.NoError(t, st.DeleteSessions(t.Context(), []string{"", "\x00"}))
	require.NoError(t, st.DeleteSessions(t.Context(), nil))
	found, err := st.FindSessionsByShop(t.Context(), "")
	require.NoError(t, err)
	require.Empty(t, found)
	require.Empty(t, *log)
}

func TestContextIsPassed(t *testing.T) {
	t.Parallel()
	type key struct{}
	ctx := context.WithValue(t.Context(), key{}, "value")
	st := &custom.CustomSessionStorage{
		StoreFunc:  func(ctx context.Context, _ *session) error { require.Equal(t, "value", ctx.Value(key{})); return nil },
		DeleteFunc: func(ctx context.Context, _ string) error { require.Equal(t, "value", ctx.Value(key{})); return nil },
	}
	require.NoError(t, st.Store(ctx, sample("id")))
	require.NoError(t, st.Delete(ctx, "id"))
}

// TestStoreFuncOwnsItsCopy: with version, grant time and times as they will be
// read.
func TestStoreFuncOwnsItsCopy(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 20, 12, 0, 0, 123_456_789, time.FixedZone("", 3600))
	var got *session
	st := &custom.CustomSessionStorage{
		StoreFunc: func(_ context.Context, s *session) error { got = s; return nil },
		Now:       func() time.Time { return now },
	}
	s := sample("id")
	s.Expires = now
	require.NoError(t, st.Store(t.Context(), s))
	require.NotSame(t, s, got)
	require.Equal(t, int64(1), got.Version())
	require.Equal(t, time.Date(2026, 11, 20, 11, 0, 0, 123e6, time.UTC), got.GrantedAt())
	require.Equal(t, got.GrantedAt(), got.Expires)
	require.Zero(t, s.Version())
}

func TestLoadChecksWhatItGets(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		load func(id string) (*session, error)
		want error
	}{
		{"nil and nil", func(string) (*session, error) { return nil, nil }, shopifysession.ErrNotFound},
		{"not found, wrapped", func(string) (*session, error) { return nil, fmt.Errorf("row: %w", shopifysession.ErrNotFound) }, shopifysession.ErrNotFound},
		{"another id", func(string) (*session, error) { return sample("other"), nil }, shopifysession.ErrInvalidSession},
		{"an id in another case", func(string) (*session, error) { return sample("ID"), nil }, shopifysession.ErrInvalidSession},
		{"no shop", func(id string) (*session, error) { return &session{ID: id}, nil }, shopifysession.ErrInvalidSession},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			st := &custom.CustomSessionStorage{LoadFunc: func(_ context.Context, id string) (*session, error) { return tt.load(id) }}
			s, err := st.Load(t.Context(), "id")
			require.ErrorIs(t, err, tt.want)
			require.Nil(t, s)
		})
	}

	kept := sample("id")
	st := &custom.CustomSessionStorage{LoadFunc: func(context.Context, string) (*session, error) { return kept, nil }}
	s, err := st.Load(t.Context(), "id")
	require.NoError(t, err)
	s.AccessToken = "changed"
	require.Equal(t, "shpat_secret", kept.AccessToken)
}

func TestErrorsOfCallbacks(t *testing.T) {
	t.Parallel()
	secret := errors.New("INSERT … shpat_secret")
	for _, tt := range []struct {
		name   string
		err    error
		passes bool
	}{
		{"conflict", shopifysession.ErrConflict, true},
		{"conflict, wrapped", fmt.Errorf("lock: %w", shopifysession.ErrConflict), true},
		{"invalid", shopifysession.ErrInvalidSession, true},
		{"driver", secret, false},
		{"unsupported", errors.ErrUnsupported, false},
		{"context", context.DeadlineExceeded, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			st := &custom.CustomSessionStorage{
				StoreFunc:              func(context.Context, *session) error { return tt.err },
				LoadFunc:               func(context.Context, string) (*session, error) { return nil, tt.err },
				DeleteFunc:             func(context.Context, string) error { return tt.err },
				FindSessionsByShopFunc: func(context.Context, string) ([]*session, error) { return nil, tt.err },
				PingFunc:               func(context.Context) error { return tt.err },
			}
			_, loadErr := st.Load(t.Context(), "id")
			_, findErr := st.FindSessionsByShop(t.Context(), "example.myshopify.com")
			for op, err := range map[string]error{
				"store": st.Store(t.Context(), sample("id")), "load": loadErr, "delete": st.Delete(t.Context(), "id"), "find": findErr,
				"ping": st.Ping(t.Context()), "delete sessions": st.DeleteSessions(t.Context(), []string{"id"}),
			} {
				require.ErrorIs(t, err, tt.err)
				if tt.passes {
					require.Equal(t, tt.err, err)
					continue
				}
				var failure *shopifysession.StorageError
				require.ErrorAs(t, err, &failure)
				require.Equal(t, "custom", failure.Backend)
				require.Equal(t, op, failure.Op)
				require.NotContains(t, fmt.Sprintf("%v %+v %q", err, err, err), "shpat_secret")
			}
		})
	}
}

func TestAbsenceIsNoErrorOfDelete(t *testing.T) {
	t.Parallel()
	st := &custom.CustomSessionStorage{DeleteFunc: func(context.Context, string) error { return shopifysession.ErrNotFound }}
	require.NoError(t, st.Delete(t.Context(), "id"))
	require.NoError(t, st.DeleteSessions(t.Context(), []string{"a", "b"}))
}

func TestPanicsPass(t *testing.T) {
	t.Parallel()
	st := &custom.CustomSessionStorage{
		StoreFunc: func(context.Context, *session) error { panic("store") },
		LoadFunc:  func(context.Context, string) (*session, error) { panic("load") },
		UpdateFunc: func(_ context.Context, _ string, fn func(*session) (*session, error)) error {
			_, err := fn(nil)
			return err
		},
	}
	require.PanicsWithValue(t, "load", func() { _, _ = st.Load(t.Context(), "id") })
	require.PanicsWithValue(t, "fn", func() {
		_ = st.Update(t.Context(), "id", func(*session) (*session, error) { panic("fn") })
	})
	st.UpdateFunc = nil
	require.PanicsWithValue(t, "store", func() { _ = st.Store(t.Context(), sample("id")) })
}

func TestDeleteSessionsOneByOne(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	var deleted []string
	st := &custom.CustomSessionStorage{DeleteFunc: func(_ context.Context, id string) error {
		deleted = append(deleted, id)
		if id == "b" || id == "c" {
			return fmt.Errorf("%w: %s", broken, id)
		}
		return nil
	}}
	ids := []string{"a", "b", "a", "", "c", "d", "b"}
	err := st.DeleteSessions(t.Context(), ids)
	require.ErrorIs(t, err, broken)
	require.EqualError(t, err, "custom: delete sessions: backend failure")
	require.Equal(t, []string{"a", "b", "c", "d"}, deleted, "each once, and on after a failure")
	require.Equal(t, []string{"a", "b", "a", "", "c", "d", "b"}, ids)
}

func TestDeleteSessionsStopsWithContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	n := 0
	st := &custom.CustomSessionStorage{DeleteFunc: func(context.Context, string) error { n++; cancel(); return nil }}
	require.ErrorIs(t, st.DeleteSessions(ctx, []string{"a", "b", "c"}), context.Canceled)
	require.Equal(t, 1, n)
}

func TestDeleteSessionsFunc(t *testing.T) {
	t.Parallel()
	var got []string
	st := &custom.CustomSessionStorage{DeleteSessionsFunc: func(_ context.Context, ids []string) error {
		got = slices.Clone(ids)
		slices.Reverse(ids) // its own slice
		return nil
	}}
	ids := []string{"a", "b", "a"}
	require.NoError(t, st.DeleteSessions(t.Context(), ids))
	require.Equal(t, []string{"a", "b"}, got)
	require.Equal(t, []string{"a", "b", "a"}, ids)
}

func TestFindLeavesOutOtherShops(t *testing.T) {
	t.Parallel()
	other := sample("other")
	other.Shop = "EXAMPLE.myshopify.com"
	result := []*session{sample("a"), other, sample("b")}
	st := &custom.CustomSessionStorage{FindSessionsByShopFunc: func(context.Context, string) ([]*session, error) { return result, nil }}
	found, err := st.FindSessionsByShop(t.Context(), "example.myshopify.com")
	require.NoError(t, err)
	require.Len(t, found, 2)
	require.NotSame(t, result[0], found[0])
	result = append(result, nil)
	_, err = st.FindSessionsByShop(t.Context(), "example.myshopify.com")
	require.ErrorIs(t, err, shopifysession.ErrInvalidSession)
}

// TestUpdateFnErrorComesBack whatever UpdateFunc does with it.
func TestUpdateFnErrorComesBack(t *testing.T) {
	t.Parallel()
	want := errors.New("from fn")
	for name, update := range map[string]func(context.Context, string, func(*session) (*session, error)) error{
		"wraps it": func(_ context.Context, _ string, fn func(*session) (*session, error)) error {
			_, err := fn(nil)
			return fmt.Errorf("rolled back: %w", err)
		},
		"forgets it": func(_ context.Context, _ string, fn func(*session) (*session, error)) error {
			_, _ = fn(nil)
			return nil
		},
		"after another run": func(_ context.Context, _ string, fn func(*session) (*session, error)) error {
			_, _ = fn(sample("id"))
			_, err := fn(nil)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			st := &custom.CustomSessionStorage{UpdateFunc: update}
			err := st.Update(t.Context(), "id", func(old *session) (*session, error) {
				if old != nil {
					return old, nil
				}
				return nil, want
			})
			require.Equal(t, want, err)
		})
	}
}

func TestUpdateFailureOfBackend(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	st := &custom.CustomSessionStorage{UpdateFunc: func(context.Context, string, func(*session) (*session, error)) error { return broken }}
	err := st.Update(t.Context(), "id", func(old *session) (*session, error) { return old, nil })
	require.ErrorIs(t, err, broken)
	require.EqualError(t, err, "custom: update: backend failure")
}

func TestAllGoesOnAfterDamage(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	st := &custom.CustomSessionStorage{AllFunc: func(context.Context) iter.Seq2[*session, error] {
		return func(yield func(*session, error) bool) {
			_ = yield(sample("a"), nil) && yield(nil, broken) && yield(nil, nil) && yield(&session{ID: "b"}, nil) && yield(sample("c"), nil)
		}
	}}
	var ids []string
	var errs []error
	for s, err := range st.All(t.Context()) {
		if err != nil {
			require.Nil(t, s)
			errs = append(errs, err)
			continue
		}
		ids = append(ids, s.ID)
	}
	require.Equal(t, []string{"a", "c"}, ids)
	require.Len(t, errs, 3)
	require.ErrorIs(t, errs[0], broken)
	require.ErrorIs(t, errs[1], shopifysession.ErrInvalidSession)
	require.ErrorIs(t, errs[2], shopifysession.ErrInvalidSession)
}
