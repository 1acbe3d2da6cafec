package shopifytest_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/shopifytest"
)

func TestDropBeforeCommitChangesNothing(t *testing.T) {
	t.Parallel()
	f := setup(t)
	first := f.acquire()
	f.s.Fail(shopifytest.Fault{Grant: shopifytest.RefreshToken, Drop: true})
	f.s.SetPolicy(shopifytest.Policy{Replay: shopifytest.ReplayNever})
	require.ErrorIs(t, f.refresh(first.refresh).err, syscall.ECONNRESET)
	f.ok(f.refresh(first.refresh)) // would be refused had the first one counted
}

func TestDropAfterCommitLosesTheAnswer(t *testing.T) {
	t.Parallel()
	f := setup(t)
	first := f.acquire()
	f.s.Fail(shopifytest.Fault{Grant: shopifytest.RefreshToken, Drop: true, Commit: true})
	f.s.SetPolicy(shopifytest.Policy{Replay: shopifytest.ReplayNever})
	require.ErrorIs(t, f.refresh(first.refresh).err, syscall.ECONNRESET)
	f.dead(f.refresh(first.refresh))
}

func TestAnswersThatReplaceShopifys(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault  shopifytest.Fault
		status int
		body   string
		header string
		want   string
	}{
		"zero":     {shopifytest.Fault{}, 500, "", "Content-Length", "0"},
		"own":      {shopifytest.Fault{Status: 503, Body: "later", Header: http.Header{"retry-after": {"7"}}}, 503, "later", "Retry-After", "7"},
		"520":      {shopifytest.Cloudflare520(), 520, "error code: 520", "Content-Type", "text/plain; charset=UTF-8"},
		"429":      {shopifytest.TooManyRequests(3 * time.Second), 429, "", "Retry-After", "3"},
		"HTML 502": {shopifytest.HTMLPage(502), 502, "", "Content-Type", "text/html; charset=utf-8"},
	} {
		for _, commit := range []bool{false, true} {
			f := setup(t)
			f.s.SetPolicy(shopifytest.Policy{Replay: shopifytest.ReplayNever})
			first := f.acquire()
			c.fault.Commit = commit
			f.s.Fail(c.fault)
			r := f.refresh(first.refresh)
			require.NoError(t, r.err, name)
			require.Equal(t, c.status, r.status, name)
			require.Equal(t, c.want, r.header.Get(c.header), name)
			if c.body != "" {
				require.Equal(t, c.body, r.body, name)
			}
			if commit {
				f.dead(f.refresh(first.refresh))
			} else {
				f.ok(f.refresh(first.refresh))
			}
		}
	}
}

func TestTruncatedBody(t *testing.T) {
	t.Parallel()
	f := setup(t)
	for name, client := range map[string]*http.Client{"in memory": f.client, "over TCP": f.s.Client()} {
		f.client = client
		first := f.acquire()
		f.s.Fail(shopifytest.Fault{Truncate: true})
		r := f.refresh(first.refresh)
		require.Equal(t, http.StatusOK, r.status, name)
		require.ErrorIs(t, r.err, io.ErrUnexpectedEOF, name)
		require.NotEmpty(t, r.body, name)
		second := f.ok(f.refresh(first.refresh))
		require.Contains(t, second.access, "shpat_")
		require.True(t, f.shop.Refreshable(second.refresh))
	}
}

func TestOmittedFields(t *testing.T) {
	t.Parallel()
	f := setup(t)
	first := f.acquire()
	f.s.Fail(shopifytest.Fault{Omit: []string{"expires_in", "refresh_token_expires_in"}})
	r := f.refresh(first.refresh)
	f.ok(r)
	require.Nil(t, r.field(t, "expires_in"))
	require.Nil(t, r.field(t, "refresh_token_expires_in"))
	require.NotEmpty(t, r.text(t, "refresh_token"))

	f.s.Fail(shopifytest.Fault{Omit: []string{"error"}}) // nothing to parse: left as it is
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+shopA+"/nowhere", nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusNotFound, f.do(req).status)
}

func TestFaultsMatchAndCount(t *testing.T) {
	t.Parallel()
	f := setup(t)
	first := f.acquire()
	f.s.Fail(shopifytest.Fault{Shop: "beta.myshopify.com", Status: 501})
	f.s.Fail(shopifytest.Fault{Grant: shopifytest.ClientCredentials, Status: 502})
	f.s.Fail(shopifytest.Fault{Path: "/admin/api/", Count: 2, Status: 503})
	f.s.Fail(shopifytest.Fault{Path: "/admin/oauth/access_token", Shop: "ALPHA.myshopify.com", Count: -1, Status: 504})
	require.Equal(t, 503, f.graphql(first.access, "{shop{id}}").status)
	for range 3 {
		require.Equal(t, 504, f.refresh(first.refresh).status)
	}
	require.Equal(t, 502, f.post(map[string]string{"grant_type": "client_credentials"}).status)
	require.Equal(t, 504, f.post(map[string]string{"grant_type": "client_credentials"}).status)
	require.Equal(t, 503, f.graphql(first.access, "{shop{id}}").status)
	f.accepted(first.access)
	f.s.ClearFaults()
	f.ok(f.refresh(first.refresh))
}

func TestDelayEndsWithTheClientsPatience(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for name, commit := range map[string]bool{"before commit": false, "after commit": true} {
			f := setup(t)
			f.s.SetClock(nil)
			f.s.SetPolicy(shopifytest.Policy{Replay: shopifytest.ReplayNever})
			first := f.acquire()
			f.s.Fail(shopifytest.Fault{Delay: time.Minute, Commit: commit})
			f.client.Timeout = 10 * time.Second
			begin := time.Now()
			err := f.refresh(first.refresh).err
			var timeout interface{ Timeout() bool }
			require.True(t, errors.As(err, &timeout) && timeout.Timeout(), name)
			require.Equal(t, 10*time.Second, time.Since(begin), name)
			if commit {
				f.dead(f.refresh(first.refresh))
			} else {
				f.ok(f.refresh(first.refresh))
			}
		}
	})
}

func TestDelayFollowsTheClock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := setup(t)
		f.s.SetClock(nil)
		first := f.acquire()
		f.s.Fail(shopifytest.Fault{Delay: time.Minute})
		begin := time.Now()
		f.ok(f.refresh(first.refresh))
		require.Equal(t, time.Minute, time.Since(begin), "by itself")

		f.s.Fail(shopifytest.Fault{Delay: time.Hour, Status: 500})
		begin = time.Now()
		done := make(chan result)
		go func() { done <- f.refresh(first.refresh) }()
		synctest.Wait()
		f.s.Advance(59 * time.Minute)
		synctest.Wait()
		f.s.Advance(time.Minute)
		require.Equal(t, 500, (<-done).status)
		require.Zero(t, time.Since(begin), "by Advance")
	})
}

func TestHoldReordersTwoRequests(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.s.SetPolicy(shopifytest.Policy{Replay: shopifytest.ReplayNever})
	first := f.acquire()
	arrived, free := make(chan struct{}), make(chan struct{})
	f.s.Fail(shopifytest.Fault{Hold: func(context.Context) { close(arrived); <-free }})
	slow := make(chan result)
	go func() { slow <- f.refresh(first.refresh) }()
	<-arrived
	f.ok(f.refresh(first.refresh))
	close(free)
	f.dead(<-slow)
}
