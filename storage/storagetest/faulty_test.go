package storagetest_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/shopifysession"
	"github.com/shopifysession/toolkit/storage/memory"
	"github.com/shopifysession/toolkit/storage/storagetest"
)

func newSession(id string) *session {
	return &session{ID: id, Shop: "faulty.myshopify.com", AccessToken: "token", Expires: time.Now().Add(time.Hour)}
}

func TestFaultyWithoutPlan(t *testing.T) {
	t.Parallel()
	storagetest.Run(t, func(*testing.T) shopifysession.SessionStorage { return storagetest.Faulty(memory.New(), nil) })
}

func TestFaultyNthCall(t *testing.T) {
	t.Parallel()
	inner := memory.New()
	st := storagetest.Faulty(inner, storagetest.Plan{{Op: storagetest.OpStore, Call: 2}})
	require.NoError(t, st.Store(t.Context(), newSession("first")))
	err := st.Store(t.Context(), newSession("second"))
	require.ErrorIs(t, err, storagetest.ErrInjected)
	var failure *shopifysession.StorageError
	require.ErrorAs(t, err, &failure)
	require.Equal(t, "store", failure.Op)
	require.NoError(t, st.Store(t.Context(), newSession("third")))
	require.Equal(t, 3, st.Calls(storagetest.OpStore))
	_, err = inner.Load(t.Context(), "second")
	require.ErrorIs(t, err, shopifysession.ErrNotFound, "failed before the effect")
}

func TestFaultyLostReply(t *testing.T) {
	t.Parallel()
	inner := memory.New()
	lost := errors.New("lost")
	st := storagetest.Faulty(inner, storagetest.Plan{
		{Op: storagetest.OpStore, Mode: storagetest.After, Err: lost},
		{Op: storagetest.OpLoad, Mode: storagetest.After, Err: lost},
		{Op: storagetest.OpAll, Mode: storagetest.After, Err: lost},
	})
	require.Equal(t, lost, st.Store(t.Context(), newSession("id")))
	_, err := inner.Load(t.Context(), "id")
	require.NoError(t, err, "the effect is there")
	s, err := st.Load(t.Context(), "id")
	require.Equal(t, lost, err)
	require.Nil(t, s)
	var last error
	n := 0
	for s, err := range st.All(t.Context()) {
		if last = err; s != nil {
			n++
		}
	}
	require.Equal(t, 1, n)
	require.Equal(t, lost, last)
	require.ErrorIs(t, st.Store(t.Context(), nil), shopifysession.ErrInvalidSession, "an error of its own comes first")
}

func TestFaultyHang(t *testing.T) {
	t.Parallel()
	inner := memory.New()
	gone := errors.New("the caller went away")
	ctx, cancel := context.WithCancelCause(t.Context())
	st := storagetest.Faulty(inner, storagetest.Plan{{Op: storagetest.OpStore, Mode: storagetest.Hang, Hook: func() { cancel(gone) }}})
	require.ErrorIs(t, st.Store(ctx, newSession("id")), gone)
	n, err := inner.Len(t.Context())
	require.NoError(t, err)
	require.Zero(t, n)
}

func TestFaultyOverMinimal(t *testing.T) {
	t.Parallel()
	st := storagetest.Faulty(storagetest.Minimal(memory.New()), nil)
	require.ErrorIs(t, shopifysession.Clear(t.Context(), st), errors.ErrUnsupported)
	require.NoError(t, shopifysession.Ping(t.Context(), st))
}

func TestMinimalHidesCapabilities(t *testing.T) {
	t.Parallel()
	st := storagetest.Minimal(memory.New())
	_, updater := shopifysession.As[shopifysession.Updater](st)
	_, iterator := shopifysession.As[shopifysession.Iterator](st)
	_, unwrapper := st.(shopifysession.Unwrapper)
	require.False(t, updater || iterator || unwrapper)
}
