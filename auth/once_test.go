package auth_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/auth"
)

func TestOnceInMemory(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	once := auth.NewMemoryOnce(func() time.Time { return now })
	first := func(key string) bool {
		t.Helper()
		ok, err := once.First(t.Context(), key, 10*time.Minute)
		require.NoError(t, err)
		return ok
	}
	require.True(t, first("a"))
	require.False(t, first("a"))
	require.True(t, first("b"), "each key by itself")

	now = now.Add(10*time.Minute - 1)
	require.False(t, first("a"), "within ttl; asking again does not prolong it")
	now = now.Add(1)
	require.True(t, first("a"), "after ttl")
	require.False(t, first("a"))

	require.NoError(t, once.Forget(t.Context(), "a"))
	require.NoError(t, once.Forget(t.Context(), "unknown"))
	require.True(t, first("a"), "forgotten")

	gone, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := once.First(gone, "c", time.Minute)
	require.ErrorIs(t, err, context.Canceled)
	require.True(t, first("c"), "an error uses nothing up")
}

func TestOnceInMemoryDropsWhatIsOver(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	once := auth.NewMemoryOnce(func() time.Time { return now })
	for i := range 1000 {
		now = now.Add(time.Minute)
		_, err := once.First(t.Context(), strconv.Itoa(i), 10*time.Minute)
		require.NoError(t, err)
	}
	require.LessOrEqual(t, auth.Remembered(once), 12)
}
