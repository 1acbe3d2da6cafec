package shopifysession_test

import (
	"context"
	"errors"
	"iter"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/shopifysession"
)

// capable answers every capability with err and counts the calls.
type capable struct {
	nowhere
	err   error
	calls map[string]int
}

func (c *capable) note(name string) error {
	c.calls[name]++
	return c.err
}

func (c *capable) Update(context.Context, string, func(*shopifysession.Session) (*shopifysession.Session, error)) error {
	return c.note("Update")
}

func (c *capable) All(context.Context) iter.Seq2[*shopifysession.Session, error] {
	return func(yield func(*shopifysession.Session, error) bool) {
		c.calls["All"]++
		for range 3 {
			if !yield(&shopifysession.Session{ID: "x"}, nil) {
				return
			}
		}
	}
}
func (c *capable) Len(context.Context) (int, error)               { return 7, c.note("Len") }
func (c *capable) Clear(context.Context) error                    { return c.note("Clear") }
func (c *capable) Touch(context.Context, string, time.Time) error { return c.note("Touch") }
func (c *capable) Ping(context.Context) error                     { return c.note("Ping") }
func (c *capable) DeleteExpired(context.Context, time.Time) (int, error) {
	return 2, c.note("DeleteExpired")
}
func (c *capable) Migrate(context.Context) error { return c.note("Migrate") }

// wrapper is a decorator without an effect of its own.
type wrapper struct {
	shopifysession.SessionStorage
	name string
}

func (w wrapper) Unwrap() shopifysession.SessionStorage { return w.SessionStorage }

func wrap(name string) shopifysession.Decorator {
	return func(st shopifysession.SessionStorage) shopifysession.SessionStorage { return wrapper{st, name} }
}

func TestPackageFunctionsFindCapabilitiesBehindDecorators(t *testing.T) {
	t.Parallel()
	inner := &capable{calls: map[string]int{}}
	st := shopifysession.Decorate(inner, wrap("inner"), wrap("outer"))
	ctx := t.Context()

	require.NoError(t, shopifysession.Update(ctx, st, "x", nil))
	n, err := shopifysession.Len(ctx, st)
	require.NoError(t, err)
	require.Equal(t, 7, n)
	require.NoError(t, shopifysession.Clear(ctx, st))
	require.NoError(t, shopifysession.Touch(ctx, st, "x", time.Time{}))
	require.NoError(t, shopifysession.Ping(ctx, st))
	n, err = shopifysession.DeleteExpired(ctx, st, time.Time{})
	require.NoError(t, err)
	require.Equal(t, 2, n)
	require.NoError(t, shopifysession.Migrate(ctx, st))
	for s, err := range shopifysession.All(ctx, st) {
		require.NoError(t, err)
		require.Equal(t, "x", s.ID)
	}
	require.Equal(t, map[string]int{"Update": 1, "Len": 1, "Clear": 1, "Touch": 1, "Ping": 1, "DeleteExpired": 1, "Migrate": 1, "All": 1}, inner.calls)
}

func TestPackageFunctionsWithoutCapabilities(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	st := wrap("w")(nowhere{})
	require.ErrorIs(t, shopifysession.Update(ctx, st, "x", nil), errors.ErrUnsupported)
	require.ErrorIs(t, shopifysession.Clear(ctx, st), errors.ErrUnsupported)
	require.ErrorIs(t, shopifysession.Touch(ctx, st, "x", time.Time{}), errors.ErrUnsupported)
	_, err := shopifysession.DeleteExpired(ctx, st, time.Time{})
	require.ErrorIs(t, err, errors.ErrUnsupported)
	_, err = shopifysession.Len(ctx, st)
	require.ErrorIs(t, err, errors.ErrUnsupported)
	yielded := 0
	for s, err := range shopifysession.All(ctx, st) {
		require.Nil(t, s)
		require.ErrorIs(t, err, errors.ErrUnsupported)
		yielded++
	}
	require.Equal(t, 1, yielded)
	require.NoError(t, shopifysession.Migrate(ctx, st), "nothing to prepare")
	require.NoError(t, shopifysession.Ping(ctx, st), "Load answers")
}

func TestFallbacks(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	st := &capable{calls: map[string]int{}, err: errors.ErrUnsupported}
	n, err := shopifysession.Len(ctx, st)
	require.NoError(t, err)
	require.Equal(t, 3, n, "counted by walking")
	require.NoError(t, shopifysession.Ping(ctx, st), "asked for a session")
	require.NoError(t, shopifysession.Migrate(ctx, st), "nothing to prepare")

	st.err = errors.New("down")
	_, err = shopifysession.Len(ctx, st)
	require.ErrorIs(t, err, st.err, "a failure is not a missing capability")
	require.ErrorIs(t, shopifysession.Ping(ctx, st), st.err)
	require.ErrorIs(t, shopifysession.Migrate(ctx, st), st.err)
	require.ErrorIs(t, shopifysession.Ping(ctx, failing{err: st.err}), st.err)
}

type failing struct {
	nowhere
	err error
}

func (f failing) Load(context.Context, string) (*shopifysession.Session, error) { return nil, f.err }

func TestDecorateOrder(t *testing.T) {
	t.Parallel()
	st := shopifysession.Decorate(nowhere{}, wrap("closest"), wrap("outermost"))
	require.Equal(t, "outermost", st.(wrapper).name)
	require.Equal(t, "closest", st.(wrapper).SessionStorage.(wrapper).name)

	found, ok := shopifysession.As[nowhere](st)
	require.True(t, ok)
	require.Equal(t, nowhere{}, found)
	_, ok = shopifysession.As[*capable](st)
	require.False(t, ok)
	_, ok = shopifysession.As[*capable](nil)
	require.False(t, ok)
}
