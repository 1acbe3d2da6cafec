package memory_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/shopifysession"
	"github.com/shopifysession/toolkit/storage/memory"
)

func offline(name string) *shopifysession.Session {
	shop := name + ".myshopify.com"
	return &shopifysession.Session{ID: shopifysession.OfflineID(shop), Shop: shop, AccessToken: "shpat_" + name}
}

func expiring(name string, at time.Time) *shopifysession.Session {
	s := offline(name)
	s.Expires = at
	return s
}

func load(t *testing.T, st *memory.Storage, id string) *shopifysession.Session {
	t.Helper()
	s, err := st.Load(t.Context(), id)
	require.NoError(t, err)
	return s
}

func TestZeroValueIsReady(t *testing.T) {
	t.Parallel()
	var st memory.Storage
	require.NoError(t, st.Delete(t.Context(), "absent"))
	require.NoError(t, st.DeleteSessions(t.Context(), []string{"absent"}))
	found, err := st.FindSessionsByShop(t.Context(), "absent.myshopify.com")
	require.NoError(t, err)
	require.Empty(t, found)
	require.NoError(t, st.Store(t.Context(), offline("zero")))
	require.Equal(t, "shpat_zero", load(t, &st, offline("zero").ID).AccessToken)
}

func TestMaxSessionsRefusesOneTooMany(t *testing.T) {
	t.Parallel()
	st := memory.New()
	st.MaxSessions = 2
	require.NoError(t, st.Store(t.Context(), offline("a")))
	require.NoError(t, st.Store(t.Context(), offline("b")))

	err := st.Store(t.Context(), offline("c"))
	require.ErrorIs(t, err, memory.ErrFull)
	var failure *shopifysession.StorageError
	require.ErrorAs(t, err, &failure)
	err = st.Update(t.Context(), offline("c").ID, func(*shopifysession.Session) (*shopifysession.Session, error) { return offline("c"), nil })
	require.ErrorIs(t, err, memory.ErrFull)
	_, err = st.Load(t.Context(), offline("c").ID)
	require.ErrorIs(t, err, shopifysession.ErrNotFound)

	// What exists can change, nothing was evicted, and a deletion makes room.
	require.NoError(t, st.Store(t.Context(), load(t, st, offline("a").ID)))
	load(t, st, offline("b").ID)
	require.NoError(t, st.Delete(t.Context(), offline("b").ID))
	require.NoError(t, st.Store(t.Context(), offline("c")))
}

func TestMaxSessionsDropsExpiredFirst(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	st := memory.New()
	st.MaxSessions = 2
	st.Now = func() time.Time { return now }
	end := now.Add(time.Hour)
	require.NoError(t, st.Store(t.Context(), expiring("expiring", end)))
	refreshable := expiring("refreshable", end)
	refreshable.RefreshToken = "shprt_refreshable"
	require.NoError(t, st.Store(t.Context(), refreshable))

	for _, at := range []time.Time{now, end, end.Add(shopifysession.FenceGrace)} {
		now = at
		require.ErrorIs(t, st.Store(t.Context(), offline("new")), memory.ErrFull, "at %s everything may still be needed", at)
	}
	now = end.Add(shopifysession.FenceGrace + time.Millisecond)
	require.NoError(t, st.Store(t.Context(), offline("new")))
	_, err := st.Load(t.Context(), expiring("expiring", end).ID)
	require.ErrorIs(t, err, shopifysession.ErrNotFound)
	load(t, st, refreshable.ID)

	now = now.AddDate(10, 0, 0)
	require.ErrorIs(t, st.Store(t.Context(), offline("newer")), memory.ErrFull, "a refresh token of unknown expiry is never dropped")
}

// TestMaxSessionsSeesShorterLives: a session that is replaced by one that
// expires sooner makes room sooner, and one that was touched later.
func TestMaxSessionsSeesShorterLives(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	st := &memory.Storage{MaxSessions: 1, Now: func() time.Time { return now }}
	require.NoError(t, st.Store(t.Context(), offline("only")))
	require.ErrorIs(t, st.Store(t.Context(), offline("new")), memory.ErrFull)
	s := load(t, st, offline("only").ID)
	s.Expires = now.Add(time.Minute)
	require.NoError(t, st.Store(t.Context(), s))
	require.NoError(t, st.Touch(t.Context(), s.ID, now.Add(2*time.Hour)))
	now = now.Add(time.Hour)
	require.ErrorIs(t, st.Store(t.Context(), offline("new")), memory.ErrFull)
	now = now.Add(2 * time.Hour)
	require.NoError(t, st.Store(t.Context(), offline("new")))
}

func TestFenceEndsAfterGrace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		st := memory.New()
		require.NoError(t, st.Store(t.Context(), offline("fenced")))
		stale := load(t, st, offline("fenced").ID)
		require.NoError(t, st.Delete(t.Context(), stale.ID))

		<-time.After(shopifysession.FenceGrace - time.Millisecond)
		require.ErrorIs(t, st.Store(t.Context(), stale), shopifysession.ErrConflict)
		<-time.After(time.Millisecond)
		require.NoError(t, st.Store(t.Context(), stale))
	})
}

// TestFenceIsRenewed: every deletion counts from its own time, for the latest
// grant that was deleted.
func TestFenceIsRenewed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		st := memory.New()
		id := offline("fenced").ID
		require.NoError(t, st.Store(t.Context(), offline("fenced")))
		first := load(t, st, id)
		require.NoError(t, st.Delete(t.Context(), id))

		<-time.After(3 * time.Minute)
		require.NoError(t, st.Store(t.Context(), offline("fenced")))
		second := load(t, st, id)
		require.NoError(t, st.Delete(t.Context(), id))

		<-time.After(3 * time.Minute)
		// Another deletion drops the fences that are over.
		require.NoError(t, st.Store(t.Context(), offline("other")))
		require.NoError(t, st.Delete(t.Context(), offline("other").ID))
		require.ErrorIs(t, st.Store(t.Context(), first), shopifysession.ErrConflict)
		require.ErrorIs(t, st.Store(t.Context(), second), shopifysession.ErrConflict)

		<-time.After(3 * time.Minute)
		require.NoError(t, st.Store(t.Context(), second))
	})
}

func TestDeleteExpiredKeepsGrace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		st := memory.New()
		end := time.Now().Add(time.Hour)
		require.NoError(t, st.Store(t.Context(), expiring("a", end)))
		<-time.After(time.Hour + shopifysession.FenceGrace)
		n, err := st.DeleteExpired(t.Context(), time.Now())
		require.NoError(t, err)
		require.Zero(t, n)
		<-time.After(time.Millisecond)
		n, err = st.DeleteExpired(t.Context(), time.Now())
		require.NoError(t, err)
		require.Equal(t, 1, n)
	})
}

func TestTouchForever(t *testing.T) {
	t.Parallel()
	st := memory.New()
	s := expiring("kept", time.Now().Add(time.Hour))
	require.NoError(t, st.Store(t.Context(), s))
	require.NoError(t, st.Touch(t.Context(), s.ID, time.Time{}))
	n, err := st.DeleteExpired(t.Context(), time.Now().AddDate(100, 0, 0))
	require.NoError(t, err)
	require.Zero(t, n)
}

// TestUpdateFnMayUseStorage: no lock is held while fn runs.
func TestUpdateFnMayUseStorage(t *testing.T) {
	t.Parallel()
	st := memory.New()
	id := offline("a").ID
	require.NoError(t, st.Store(t.Context(), offline("a")))
	runs := 0
	err := st.Update(t.Context(), id, func(old *shopifysession.Session) (*shopifysession.Session, error) {
		if runs++; runs < 3 { // somebody else comes first, twice
			other := load(t, st, id)
			other.Scope += "x"
			require.NoError(t, st.Store(t.Context(), other))
		}
		require.NoError(t, st.Store(t.Context(), offline("b")))
		old.Scope += "y"
		return old, nil
	})
	require.NoError(t, err)
	require.Equal(t, 3, runs)
	require.Equal(t, "xxy", load(t, st, id).Scope)
}

// TestUpdateSeesCreationMeanwhile: a session that comes while fn looks
// at none makes fn run again.
func TestUpdateSeesCreationMeanwhile(t *testing.T) {
	t.Parallel()
	st := memory.New()
	var seen []bool
	err := st.Update(t.Context(), offline("a").ID, func(old *shopifysession.Session) (*shopifysession.Session, error) {
		seen = append(seen, old != nil)
		if old == nil {
			require.NoError(t, st.Store(t.Context(), offline("a")))
			return offline("a"), nil
		}
		return old, nil
	})
	require.NoError(t, err)
	require.Equal(t, []bool{false, true}, seen)
}

// TestUpdateHonoursContextAfterFn: a context that ends while fn runs stops the
// write.
func TestUpdateHonoursContextAfterFn(t *testing.T) {
	t.Parallel()
	st := memory.New()
	gone := errors.New("the caller went away")
	ctx, cancel := context.WithCancelCause(t.Context())
	err := st.Update(ctx, offline("a").ID, func(*shopifysession.Session) (*shopifysession.Session, error) {
		cancel(gone)
		return offline("a"), nil
	})
	require.ErrorIs(t, err, gone)
	require.ErrorIs(t, err, context.Canceled)
	n, err := st.Len(t.Context())
	require.NoError(t, err)
	require.Zero(t, n)
}

// TestAllSurvivesClear: an iteration under way ends, and what came after Clear
// is not part of it.
func TestAllSurvivesClear(t *testing.T) {
	t.Parallel()
	st := memory.New()
	for i := range 100 {
		require.NoError(t, st.Store(t.Context(), offline(fmt.Sprint(i))))
	}
	n := 0
	for s, err := range st.All(t.Context()) {
		require.NoError(t, err)
		require.NotNil(t, s)
		if n++; n == 10 {
			require.NoError(t, st.Clear(t.Context()))
			require.NoError(t, st.Store(t.Context(), offline("after")))
		}
	}
	require.Equal(t, 10, n)
}

// TestAllAfterManyDeletions: records that are gone are skipped and compacted
// without losing the place.
func TestAllAfterManyDeletions(t *testing.T) {
	t.Parallel()
	st := memory.New()
	for i := range 500 {
		require.NoError(t, st.Store(t.Context(), offline(fmt.Sprint(i))))
	}
	var got []string
	for s, err := range st.All(t.Context()) {
		require.NoError(t, err)
		got = append(got, s.ID)
		if len(got) == 100 {
			for i := range 490 {
				require.NoError(t, st.Delete(t.Context(), offline(fmt.Sprint(i)).ID))
			}
		}
	}
	require.Len(t, got, 110)
	require.Equal(t, offline("499").ID, got[109])
}

// TestPrintingShowsNoToken: a storage that ends up in a log line.
func TestPrintingShowsNoToken(t *testing.T) {
	t.Parallel()
	st := memory.New()
	require.NoError(t, st.Store(t.Context(), offline("secret")))
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		require.NotContains(t, fmt.Sprintf(verb, st), "shpat_secret")
	}
}
