package auth_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/auth"
	"github.com/shopifysession/toolkit/shopifysession"
	"github.com/shopifysession/toolkit/shopifytest"
)

// Whoever asked for the shop's first token may leave: it is stored all the same.
func TestFirstTokenIsStoredThoughItsCallerHasLeft(t *testing.T) {
	for name, tt := range map[string]struct {
		setup setup
		grant shopifytest.Grant
		ask   func(context.Context, *fixture) error
	}{
		"code": {legacy(), shopifytest.AuthorizationCode, func(ctx context.Context, f *fixture) error {
			u, _ := f.begin()
			_, err := f.auth.ExchangeCode(ctx, shopDomain, f.shop.Approve(u.String()).URL.Query().Get("code"))
			return err
		}},
		"ID token": {setup{}, shopifytest.TokenExchange, func(ctx context.Context, f *fixture) error {
			_, err := f.auth.ExchangeSessionToken(ctx, f.shop.SessionToken(shopifytest.User{}), auth.Offline)
			return err
		}},
		"client credentials": {setup{}, shopifytest.ClientCredentials, func(ctx context.Context, f *fixture) error {
			f.shop.Install()
			_, err := f.auth.ClientCredentials(ctx, shopDomain)
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFixture(t, tt.setup)
				release := f.hold(tt.grant)
				ctx, cancel := context.WithCancel(t.Context())
				var err error
				var wg sync.WaitGroup
				wg.Go(func() { err = tt.ask(ctx, f) })
				synctest.Wait()
				cancel()
				wg.Wait()
				require.ErrorIs(t, err, context.Canceled)
				require.ErrorIs(t, err, auth.ErrTemporary)
				release()
				synctest.Wait()
				require.True(t, f.shop.Valid(f.offline().AccessToken))
			})
		})
	}
}

// Requests that arrive on a dead grant at the same time all get in, with one
// refresh and one exchange between them.
func TestManyVisitsOnADeadGrantAllGetIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := installed(t, setup{})
		f.shop.Uninstall()
		f.shop.Install()
		f.shopify.Advance(2 * time.Hour)
		f.shopify.ClearRequests()
		f.shopify.Fail(shopifytest.Fault{Grant: shopifytest.RefreshToken, Delay: time.Second})
		f.shopify.Fail(shopifytest.Fault{Grant: shopifytest.TokenExchange, Delay: time.Second})
		h := f.auth.RequireSession(who)
		raw := f.shop.SessionToken(shopifytest.User{})
		tokens := make([]string, 16)
		var wg sync.WaitGroup
		for i := range tokens {
			wg.Go(func() { tokens[i] = serve(h, f.fetch(raw)).Header.Get("X-Token") })
		}
		wg.Wait()
		for _, token := range tokens {
			require.Equal(t, f.offline().AccessToken, token)
		}
		require.Len(t, f.tokenRequests(), 2)
		f.requireLiving()
	})
}

// A shop that waits for Shopify holds up no other shop.
func TestShopsDoNotWaitForEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, setup{})
		release := f.hold(shopifytest.TokenExchange)
		var wg sync.WaitGroup
		var first error
		wg.Go(func() {
			_, first = f.auth.ExchangeSessionToken(t.Context(), f.shop.SessionToken(shopifytest.User{}), auth.Offline)
		})
		synctest.Wait()
		other := f.shopify.Shop("other.myshopify.com")
		_, err := f.auth.ExchangeSessionToken(t.Context(), other.SessionToken(shopifytest.User{}), auth.Offline)
		require.NoError(t, err)
		release()
		wg.Wait()
		require.NoError(t, first)
	})
}

// Whoever gives up waiting for another acquisition must not start his own later:
// nobody would want it, and it would end the other's pair.
func TestWaitingAcquisitionThatIsGivenUpAsksForNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, legacy())
		u, cookies := f.begin()
		r := f.shop.Approve(u.String())
		release := f.hold(shopifytest.AuthorizationCode)
		var wg sync.WaitGroup
		wg.Go(func() { serve(f.auth.Callback(who), r, cookies...) })
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		var given error
		wg.Go(func() { _, given = f.auth.ClientCredentials(ctx, shopDomain) })
		synctest.Wait()
		cancel()
		synctest.Wait()
		require.ErrorIs(t, given, auth.ErrTemporary)
		release()
		wg.Wait()
		require.Len(t, f.tokenRequests(), 1)
		f.requireLiving()
	})
}

// Without versions in the storage only the order of work keeps a refresh from
// undoing the acquisition that ended its chain.
func TestRefreshDoesNotUndoAnAcquisitionInAStorageWithoutVersions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := legacy()
		s.config = func(c *shopifysession.Config) { c.SessionStorage = &unversioned{SessionStorage: c.SessionStorage} }
		f := newFixture(t, s)
		u, cookies := f.begin()
		require.Equal(t, http.StatusOK, serve(f.auth.Callback(who), f.shop.Approve(u.String()), cookies...).StatusCode)
		u, cookies = f.begin()
		r := f.shop.Approve(u.String())
		release := f.hold(shopifytest.RefreshToken)
		var wg sync.WaitGroup
		var refreshed error
		wg.Go(func() { _, refreshed = f.auth.Refresh(t.Context(), shopifysession.OfflineID(shopDomain)) })
		synctest.Wait()
		status := 0
		wg.Go(func() { status = serve(f.auth.Callback(who), r, cookies...).StatusCode })
		synctest.Wait()
		release()
		wg.Wait()
		require.NoError(t, refreshed)
		require.Equal(t, http.StatusOK, status)
		f.requireLiving()
	})
}

// unversioned overwrites whatever is there.
type unversioned struct {
	shopifysession.SessionStorage
	rows sync.Map
}

func (u *unversioned) Store(_ context.Context, s *shopifysession.Session) error {
	u.rows.Store(s.ID, s.Clone())
	return nil
}

func (u *unversioned) Load(_ context.Context, id string) (*shopifysession.Session, error) {
	row, ok := u.rows.Load(id)
	if !ok {
		return nil, shopifysession.ErrNotFound
	}
	s, _ := row.(*shopifysession.Session)
	return s.Clone(), nil
}

// Another process acquires while Shopify answers our refresh: its pair is the
// living one.
func TestRefreshTakesALaterGrantOfAPeer(t *testing.T) {
	t.Parallel()
	f := installed(t, setup{})
	peer := auth.New(f.app, nil)
	f.shopify.Advance(2 * time.Hour)
	raw := f.shop.SessionToken(shopifytest.User{})
	f.shopify.Fail(shopifytest.Fault{Grant: shopifytest.RefreshToken, Commit: true, Hold: func(ctx context.Context) {
		_, err := peer.ExchangeSessionToken(ctx, raw, auth.Offline)
		require.NoError(t, err)
	}})
	s, err := f.auth.Refresh(t.Context(), shopifysession.OfflineID(shopDomain))
	require.NoError(t, err)
	require.Equal(t, f.offline().AccessToken, s.AccessToken)
	require.True(t, f.shop.Valid(s.AccessToken))
	f.requireLiving()
}

// flaky fails Stores while fails is positive.
type flaky struct {
	shopifysession.SessionStorage
	fails, stores atomic.Int32
	err           error
}

func (s *flaky) Store(ctx context.Context, x *shopifysession.Session) error {
	s.stores.Add(1)
	if s.fails.Add(-1) >= 0 {
		return s.err
	}
	return s.SessionStorage.Store(ctx, x)
}

func flakyFixture(t *testing.T, s setup) (*fixture, *flaky) {
	t.Helper()
	st := &flaky{}
	s.config = func(c *shopifysession.Config) { st.SessionStorage, c.SessionStorage = c.SessionStorage, st }
	return newFixture(t, s), st
}

func TestStoreOfATokenIsTriedAgainWhereThatHelps(t *testing.T) {
	t.Parallel()
	down := &shopifysession.StorageError{Op: "store", Backend: "test", Err: context.DeadlineExceeded}
	for name, tt := range map[string]struct {
		err    error
		fails  int32
		stores int32
		kept   bool
	}{
		"two failures":    {down, 2, 3, true},
		"down":            {down, 100, 3, false},
		"conflict":        {fmt.Errorf("x: %w", shopifysession.ErrConflict), 1, 1, false},
		"invalid session": {fmt.Errorf("x: %w", shopifysession.ErrInvalidSession), 1, 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, st := flakyFixture(t, setup{})
			st.err = tt.err
			st.fails.Store(tt.fails)
			_, err := f.auth.ExchangeSessionToken(t.Context(), f.shop.SessionToken(shopifytest.User{}), auth.Offline)
			require.Equal(t, tt.stores, st.stores.Load())
			if tt.kept {
				require.NoError(t, err)
				f.requireLiving()
				return
			}
			require.ErrorIs(t, err, tt.err)
			var lost *auth.NotStoredError
			require.ErrorAs(t, err, &lost)
			require.NotEmpty(t, lost.Session.RefreshToken, "whoever has the error can still save the pair")
		})
	}
}

// Where every write conflicts the refresh ends, and hands the pair over.
func TestRefreshEndsWhereEveryWriteConflicts(t *testing.T) {
	t.Parallel()
	f, st := flakyFixture(t, setup{})
	_, err := f.auth.ExchangeSessionToken(t.Context(), f.shop.SessionToken(shopifytest.User{}), auth.Offline)
	require.NoError(t, err)
	before := f.offline()
	f.shopify.ClearRequests()
	st.err = shopifysession.ErrConflict
	st.fails.Store(1000)
	_, err = f.auth.Refresh(t.Context(), before.ID)
	require.ErrorIs(t, err, shopifysession.ErrConflict)
	var lost *auth.NotStoredError
	require.ErrorAs(t, err, &lost)
	require.True(t, f.shop.Valid(lost.Session.AccessToken))
	require.True(t, before.Equal(f.offline()))
	require.Len(t, f.tokenRequests(), 1, "Shopify is asked once")

	st.fails.Store(0)
	_, err = f.auth.Refresh(t.Context(), before.ID)
	require.NoError(t, err, "the same refresh token brings the pair again")
	f.requireLiving()
}

// A session deleted between being stored and being read again is still good for
// the request that brought it.
func TestTokenDeletedRightAfterItsStoreIsStillServed(t *testing.T) {
	t.Parallel()
	var st vanishing
	f := newFixture(t, setup{config: func(c *shopifysession.Config) { st.SessionStorage, c.SessionStorage = c.SessionStorage, &st }})
	s, err := f.auth.ExchangeSessionToken(t.Context(), f.shop.SessionToken(shopifytest.User{}), auth.Offline)
	require.NoError(t, err)
	require.True(t, f.shop.Valid(s.AccessToken))
}

// vanishing forgets what it has stored at once.
type vanishing struct{ shopifysession.SessionStorage }

func (s *vanishing) Store(ctx context.Context, x *shopifysession.Session) error {
	if err := s.SessionStorage.Store(ctx, x); err != nil {
		return err
	}
	return s.Delete(ctx, x.ID)
}

// An odd lifetime of the refresh token means not known, never over.
func TestOddLifetimesDoNotCostTheRefreshToken(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		field string
		life  time.Duration // 0: not known
	}{
		"text":     {`"7776000"`, 90 * 24 * time.Hour},
		"float":    {`7776000.0`, 90 * 24 * time.Hour},
		"huge":     {`9300000000`, 0},
		"negative": {`-1`, 0},
		"null":     {`null`, 0},
		"list":     {`[1]`, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, setup{})
			f.shopify.Fail(shopifytest.Fault{
				Status: 200, Header: http.Header{"Content-Type": {"application/json"}},
				Body: `{"access_token":"shpat_1","scope":"x","expires_in":3600,"refresh_token":"shprt_1","refresh_token_expires_in":` + tt.field + `}`,
			})
			s, err := f.auth.ExchangeSessionToken(t.Context(), f.shop.SessionToken(shopifytest.User{}), auth.Offline)
			require.NoError(t, err)
			require.Equal(t, "shprt_1", s.RefreshToken)
			if tt.life == 0 {
				require.True(t, s.RefreshTokenExpires.IsZero(), s.RefreshTokenExpires)
				return
			}
			require.WithinDuration(t, f.shopify.Now().Add(tt.life), s.RefreshTokenExpires, 10*time.Second)
		})
	}
}
