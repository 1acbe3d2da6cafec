package shopifytest_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/shopifytest"
)

func TestClockFollowsTheFakeClockOfSynctest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := shopifytest.Run(t)
		require.Equal(t, time.Now().UTC(), s.Now())
		s.Advance(time.Hour)
		require.Equal(t, time.Now().UTC().Add(time.Hour), s.Now())
		<-time.After(time.Minute)
		require.Equal(t, time.Now().UTC().Add(time.Hour), s.Now())
	})
}

func TestSetClockForgetsAdvance(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.s.Advance(time.Hour)
	require.Equal(t, start.Add(time.Hour), f.s.Now())
	f.s.SetClock(func() time.Time { return start })
	require.Equal(t, start, f.s.Now())
}

func TestTimeDoesNotRunBackwards(t *testing.T) {
	t.Parallel()
	require.Panics(t, func() { shopifytest.NewServer().Advance(-time.Second) })
}
