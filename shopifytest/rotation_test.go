package shopifytest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/shopifytest"
)

func TestEveryRefreshReturnsANewPair(t *testing.T) {
	t.Parallel()
	f := setup(t)
	first := f.acquire()
	second := f.ok(f.refresh(first.refresh))
	require.NotEqual(t, first.access, second.access)
	require.NotEqual(t, first.refresh, second.refresh)
	f.accepted(second.access)
}

func TestRefreshTokenReplaysUntilItsReplacementIsUsed(t *testing.T) {
	t.Parallel()
	f := setup(t)
	first := f.acquire()
	second := f.ok(f.refresh(first.refresh))
	f.s.Advance(10 * day)
	require.True(t, f.shop.Refreshable(first.refresh))
	require.Equal(t, second, f.ok(f.refresh(first.refresh)), "same pair")
	third := f.ok(f.refresh(second.refresh))
	require.False(t, f.shop.Refreshable(first.refresh))
	f.dead(f.refresh(first.refresh))
	require.Equal(t, third, f.ok(f.refresh(second.refresh)))
}

func TestUsingTheNewAccessTokenDoesNotRetireTheOldRefreshToken(t *testing.T) {
	t.Parallel()
	f := setup(t)
	first := f.acquire()
	second := f.ok(f.refresh(first.refresh))
	f.accepted(second.access)
	require.Equal(t, second, f.ok(f.refresh(first.refresh)))
}

func TestReplayEndsThirtyDaysAfterFirstUse(t *testing.T) {
	t.Parallel()
	f := setup(t)
	first := f.acquire()
	f.s.Advance(20 * day)
	f.ok(f.refresh(first.refresh))
	f.s.Advance(30*day - time.Second)
	f.ok(f.refresh(first.refresh))
	f.s.Advance(time.Second)
	f.dead(f.refresh(first.refresh))
}

func TestReplayDoesNotOutliveTheRefreshToken(t *testing.T) {
	t.Parallel()
	f := setup(t)
	first := f.acquire()
	f.s.Advance(80 * day)
	f.ok(f.refresh(first.refresh))
	f.s.Advance(10*day - time.Second)
	f.ok(f.refresh(first.refresh))
	f.s.Advance(time.Second)
	f.dead(f.refresh(first.refresh))
}

func TestRefreshTokenDiesAfterNinetyIdleDays(t *testing.T) {
	t.Parallel()
	f := setup(t)
	first := f.acquire()
	f.s.Advance(refreshLife - time.Second)
	second := f.ok(f.refresh(first.refresh))
	f.s.Advance(refreshLife)
	f.dead(f.refresh(second.refresh))
}

func TestOldAccessTokenLivesToItsExpiry(t *testing.T) {
	t.Parallel()
	f := setup(t)
	first := f.acquire()
	f.s.Advance(30 * time.Minute)
	f.ok(f.refresh(first.refresh))
	third := f.acquire()
	f.s.Advance(30*time.Minute - time.Second)
	f.accepted(first.access)
	f.s.Advance(time.Second)
	f.refusedToken(first.access)
	f.accepted(third.access)
}

func TestAcquisitionKillsOlderRefreshTokensAtOnce(t *testing.T) {
	t.Parallel()
	for name, acquire := range map[string]func(f *fixture) tokens{
		"token exchange": (*fixture).acquire,
		"authorization code": func(f *fixture) tokens {
			code := f.shop.Approve(f.authorizeURL()).URL.Query().Get("code")
			return f.ok(f.post(map[string]string{"code": code, "expiring": "1"}))
		},
		"migration": func(f *fixture) tokens { return f.ok(f.migrate(f.permanent())) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := setup(t)
			first := f.acquire()
			second := f.ok(f.refresh(first.refresh))
			third := acquire(f)
			f.dead(f.refresh(first.refresh))
			f.dead(f.refresh(second.refresh))
			f.accepted(second.access)
			f.ok(f.refresh(third.refresh))
		})
	}
}

func TestOtherTokensLeaveTheChainAlone(t *testing.T) {
	t.Parallel()
	f := setup(t)
	first := f.acquire()
	f.ok(f.exchange(map[string]string{"requested_token_type": onlineURN}))
	f.ok(f.post(map[string]string{"grant_type": "client_credentials"}))
	f.permanent()
	f.ok(f.refresh(first.refresh))
}

func TestChainsOfShopsAreApart(t *testing.T) {
	t.Parallel()
	f := setup(t)
	first := f.acquire()
	other := *f
	other.shop = f.s.Shop("beta.myshopify.com")
	other.acquire()
	other.dead(other.refresh(first.refresh))
	other.refusedToken(first.access)
	f.ok(f.refresh(first.refresh))
}

func TestUninstallEndsEverything(t *testing.T) {
	t.Parallel()
	f := setup(t)
	permanent, first := f.permanent(), f.acquire()
	second := f.ok(f.refresh(first.refresh))
	code := f.shop.Approve(f.authorizeURL()).URL.Query().Get("code")
	f.shop.Uninstall()
	f.refusedToken(permanent)
	f.refusedToken(second.access)
	f.dead(f.refresh(first.refresh))
	f.dead(f.refresh(second.refresh))
	f.refused(f.post(map[string]string{"code": code}), 400, "invalid_request")
	f.refused(f.migrate(permanent), 400, "invalid_subject_token")

	f.shop.Install()
	f.refusedToken(second.access)
	f.dead(f.refresh(second.refresh))
	f.acquire()
}

func TestRefreshCarriesTheScopesGrantedNow(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.s.SetApp(shopifytest.App{Scopes: "read_products"})
	first := f.acquire()
	f.shop.ScopesUpdate("read_products", "read_orders")
	second := f.refresh(first.refresh)
	require.Equal(t, "read_products,read_orders", second.text(t, "scope"))

	f.s.SetPolicy(shopifytest.Policy{OldScopeOnRefresh: true})
	f.shop.ScopesUpdate("read_products")
	require.Equal(t, "read_products,read_orders", f.refresh(f.ok(second).refresh).text(t, "scope"))
}

func TestReplaySameExtendsAnAccessTokenThatRanOut(t *testing.T) {
	t.Parallel()
	f := setup(t)
	first := f.acquire()
	second := f.ok(f.refresh(first.refresh))
	f.s.Advance(30 * time.Minute)
	require.Equal(t, second, f.ok(f.refresh(first.refresh)))
	f.s.Advance(30 * time.Minute)
	f.refusedToken(second.access) // a replay before the end changed nothing

	f.s.Advance(time.Hour)
	require.Equal(t, second, f.ok(f.refresh(first.refresh)))
	f.s.Advance(time.Hour - time.Second)
	f.accepted(second.access)
	f.s.Advance(time.Second)
	f.refusedToken(second.access)
}

func TestReplayForkReplacesThePairIssuedBefore(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.s.SetPolicy(shopifytest.Policy{Replay: shopifytest.ReplayFork})
	first := f.acquire()
	second := f.ok(f.refresh(first.refresh))
	fork := f.ok(f.refresh(first.refresh))
	require.NotEqual(t, second.refresh, fork.refresh)
	f.dead(f.refresh(second.refresh))
	f.accepted(second.access)
	f.ok(f.refresh(fork.refresh))
	f.dead(f.refresh(first.refresh))
}

func TestReplayNeverIsSingleUse(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.s.SetPolicy(shopifytest.Policy{Replay: shopifytest.ReplayNever})
	first := f.acquire()
	second := f.ok(f.refresh(first.refresh))
	f.dead(f.refresh(first.refresh))
	f.ok(f.refresh(second.refresh))
}

func TestReplayHourEndsAfterSixtyMinutes(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.s.SetPolicy(shopifytest.Policy{Replay: shopifytest.ReplayHour})
	require.Equal(t, shopifytest.ReplayHour, f.s.Policy().Replay)
	first := f.acquire()
	second := f.ok(f.refresh(first.refresh))
	f.s.Advance(time.Hour - time.Second)
	require.Equal(t, second, f.ok(f.refresh(first.refresh)))
	f.s.Advance(time.Second)
	f.dead(f.refresh(first.refresh))
	f.ok(f.refresh(second.refresh))
}

func TestTokensLongDeadAreForgotten(t *testing.T) {
	t.Parallel()
	f := setup(t)
	pair := f.acquire()
	for range 12 {
		f.s.Advance(40 * day)
		pair = f.ok(f.refresh(pair.refresh))
	}
	data, err := f.s.Snapshot()
	require.NoError(t, err)
	require.LessOrEqual(t, strings.Count(string(data), `"kind":"expiring"`), 2)
}
