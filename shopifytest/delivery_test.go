package shopifytest_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/shopifytest"
)

// inbox is an app that keeps the topics it was told and answers with a status.
type inbox struct {
	mu     sync.Mutex
	status int
	got    []string
	ids    []string
}

func (in *inbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.got = append(in.got, r.Header.Get("X-Shopify-Topic"))
	in.ids = append(in.ids, r.Header.Get("X-Shopify-Webhook-Id"))
	if in.status != 0 {
		w.WriteHeader(in.status)
	}
}

func withInbox(t *testing.T) (*fixture, *inbox) {
	f, in := setup(t), &inbox{}
	f.s.SetApp(shopifytest.App{Handler: in})
	return f, in
}

func TestUninstallDeliversWithDeadTokens(t *testing.T) {
	t.Parallel()
	f := setup(t)
	var pair tokens
	seen, probes := make(chan string, 1), make(chan result, 1)
	app := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		probes <- f.refresh(pair.refresh)
		seen <- r.Header.Get("X-Shopify-Topic") + " " + r.URL.Path
	}))
	defer app.Close()
	f.s.SetApp(shopifytest.App{WebhookURL: app.URL + "/hooks"})
	pair = f.acquire()
	f.shop.Uninstall()
	require.Equal(t, "app/uninstalled /hooks", <-seen)
	f.dead(<-probes)
	log := f.s.Webhooks()
	require.True(t, log[0].Delivered)
	require.Equal(t, []shopifytest.Attempt{{At: start, Status: 200}}, log[0].Attempts)
	require.Zero(t, log[0].Next)
}

func TestUninstallOfWhatIsNotInstalledDoesNothing(t *testing.T) {
	t.Parallel()
	f, in := withInbox(t)
	f.shop.Uninstall()
	f.shop.ScopesUpdate("read_orders")
	require.Empty(t, in.got)
	require.Empty(t, f.shop.Scopes())
}

func TestNothingIsDeliveredWithoutAnAddress(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.acquire()
	f.shop.ScopesUpdate("read_orders")
	f.shop.Uninstall()
	f.s.Advance(3 * day)
	require.Empty(t, f.s.Webhooks())
}

func TestShopRedactFollowsAfterTwoDays(t *testing.T) {
	t.Parallel()
	f, in := withInbox(t)
	f.shop.Install()
	f.shop.Uninstall()
	f.s.Advance(48*time.Hour - time.Second)
	require.Equal(t, []string{"app/uninstalled"}, in.got)
	f.s.Advance(time.Second)
	require.Equal(t, []string{"app/uninstalled", "shop/redact"}, in.got)
	f.s.Advance(30 * day)
	require.Len(t, in.got, 2)
}

func TestShopRedactIsCalledOffByAReinstall(t *testing.T) {
	t.Parallel()
	f, in := withInbox(t)
	f.shop.Install()
	f.shop.Uninstall()
	f.s.Advance(day)
	f.shop.Install()
	f.s.Advance(2 * day)
	require.Equal(t, []string{"app/uninstalled"}, in.got)

	f.shop.Uninstall()
	f.s.Advance(day)
	f.shop.Install()
	f.shop.Uninstall()
	f.s.Advance(day)
	require.NotContains(t, in.got, "shop/redact", "the two days start anew")
	f.s.Advance(day)
	require.Equal(t, "shop/redact", in.got[len(in.got)-1])
}

func TestRedactCanBeSentNow(t *testing.T) {
	t.Parallel()
	f, in := withInbox(t)
	f.shop.Install()
	f.shop.Uninstall()
	require.True(t, f.shop.Redact().Delivered)
	f.s.Advance(3 * day)
	require.Equal(t, []string{"app/uninstalled", "shop/redact"}, in.got, "once")
}

func TestUninstalledCanArriveAfterAReinstall(t *testing.T) {
	t.Parallel()
	f, in := withInbox(t)
	f.s.SetPolicy(shopifytest.Policy{LateUninstall: 5 * time.Minute})
	f.acquire()
	f.shop.Uninstall()
	require.Empty(t, in.got)
	f.shop.Install()
	pair := f.acquire()
	f.s.Advance(5 * time.Minute)
	require.Equal(t, []string{"app/uninstalled"}, in.got)
	require.Equal(t, start, f.s.Webhooks()[0].TriggeredAt)
	f.accepted(pair.access)
}

func TestScopesUpdateIsDelivered(t *testing.T) {
	t.Parallel()
	f := setup(t)
	bodies := make(chan string, 1)
	f.s.SetApp(shopifytest.App{Scopes: "read_products", Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		bodies <- r.Header.Get("X-Shopify-Topic") + readAll(t, r.Body)
	})})
	pair := f.acquire()
	f.shop.ScopesUpdate("read_products", "write_products", "read_orders")
	body := <-bodies
	require.Contains(t, body, "app/scopes_update")
	require.Contains(t, body, `"previous":["read_products"]`)
	require.Contains(t, body, `"current":["write_products","read_orders"]`)
	f.accepted(pair.access)
}

func TestFailedDeliveriesAreRetriedEightTimesInFourHours(t *testing.T) {
	t.Parallel()
	f, in := withInbox(t)
	in.status = 500
	d := f.shop.Send("shop/update", nil)
	require.False(t, d.Delivered)
	require.Equal(t, start.Add(10*time.Second), d.Next)
	f.s.Advance(4*time.Hour - time.Second)
	require.Len(t, in.got, 8)
	f.s.Advance(time.Second)
	require.Len(t, in.got, 9)
	f.s.Advance(30 * day)
	require.Len(t, in.got, 9)
	d = f.s.Webhooks()[0]
	require.Zero(t, d.Next)
	require.False(t, d.Delivered)
	require.Equal(t, start.Add(4*time.Hour), d.Attempts[8].At, "at its own time")
	for _, id := range in.ids {
		require.Equal(t, d.ID, id)
	}
}

func TestRetryEndsWithSuccess(t *testing.T) {
	t.Parallel()
	f, in := withInbox(t)
	in.status = http.StatusFound // 3xx is a failure
	f.shop.Send("shop/update", nil)
	in.status = 0
	f.s.Advance(time.Minute)
	f.s.Advance(day)
	require.Len(t, in.got, 2)
	require.True(t, f.s.Webhooks()[0].Delivered)
	require.Equal(t, "not a 2xx status", f.s.Webhooks()[0].Attempts[0].Err)
}

func TestRedeliverySendsTheSameIDs(t *testing.T) {
	t.Parallel()
	f, in := withInbox(t)
	d := f.shop.Send("shop/update", nil)
	again := f.s.Redeliver(d.ID)
	require.Len(t, again.Attempts, 2)
	require.Equal(t, in.ids[0], in.ids[1])
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	f := setup(t)
	app := httptest.NewServer(http.RedirectHandler("/elsewhere", http.StatusFound))
	defer app.Close()
	f.s.SetApp(shopifytest.App{WebhookURL: app.URL})
	require.Equal(t, http.StatusFound, f.shop.Send("shop/update", nil).Attempts[0].Status)
}

func TestDeliveryToNobodyIsAFailure(t *testing.T) {
	t.Parallel()
	f := setup(t)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := ln.Addr().String()
	require.NoError(t, ln.Close())
	f.s.SetApp(shopifytest.App{WebhookURL: "http://" + address + "/hook?key=shpss_dontshow"})
	a := f.shop.Send("shop/update", nil).Attempts[0]
	require.Zero(t, a.Status)
	require.Contains(t, a.Err, "no answer")
	require.NotContains(t, a.Err, "dontshow")
}

func TestSlowAppTimesOutAfterFiveSeconds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := setup(t)
		f.s.SetClock(nil)
		f.s.SetApp(shopifytest.App{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })})
		begin := time.Now()
		d := f.shop.Send("shop/update", nil)
		require.Equal(t, 5*time.Second, time.Since(begin))
		require.Equal(t, "timeout", d.Attempts[0].Err)
	})
}

func TestAppThatAbortsIsNoAnswer(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.s.SetApp(shopifytest.App{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })})
	require.Contains(t, f.shop.Send("shop/update", nil).Attempts[0].Err, "no answer")
}

func TestMisuseOfDeliveriesEndsTheTest(t *testing.T) {
	t.Parallel()
	s := shopifytest.NewServer()
	require.Panics(t, func() { s.Shop(shopA).Send("shop/update", nil) })
	require.Panics(t, func() { s.Redeliver("nothing") })
	s.SetApp(shopifytest.App{Handler: http.NotFoundHandler()})
	require.Panics(t, func() { s.Shop(shopA).Send("shop/update", func() {}) })
}

func TestAppMayCallShopifyFromAWebhook(t *testing.T) {
	t.Parallel()
	f := setup(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	f.s.SetApp(shopifytest.App{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		f.shop.Install()
		f.acquire()
		_ = f.s.Now()
	})})
	done := make(chan struct{})
	go func() { f.shop.Install(); f.shop.Uninstall(); close(done) }()
	select {
	case <-done:
	case <-ctx.Done():
		t.Fatal("the server waits for itself")
	}
	require.True(t, f.shop.Installed())
}

func TestWebhookLogIsBoundedButForgetsNothingPending(t *testing.T) {
	t.Parallel()
	f, in := withInbox(t)
	in.status = 500
	pending := f.shop.Send("shop/update", nil)
	in.status = 0
	for range 1100 {
		f.shop.Send("shop/redact", nil)
	}
	log := f.s.Webhooks()
	require.Len(t, log, 1000)
	require.Equal(t, pending.ID, log[0].ID)
}
