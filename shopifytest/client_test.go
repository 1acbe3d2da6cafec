package shopifytest_test

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/shopifytest"
)

func TestClientReachesEveryShopOverTrustedTLS(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.client = f.s.Client()
	require.Same(t, f.client, f.s.Client())
	f.accepted(f.acquire().access)
	other := *f
	other.shop = f.s.Shop("beta.myshopify.com")
	other.accepted(other.acquire().access)
	require.Equal(t, "beta.myshopify.com", f.s.Requests()[2].Shop)
}

func TestClientKeepsTheRestOfTheWorldOut(t *testing.T) {
	t.Parallel()
	f := setup(t)
	for _, address := range []string{"https://example.com/", "https://myshopify.com/", "https://a.myshopify.com:8443/", "https://a.b.myshopify.com/", "http://alpha.myshopify.com/"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
		require.NoError(t, err)
		_, err = f.s.Client().Do(req)
		require.ErrorContains(t, err, "is not a shop", address)
	}
	app := httptest.NewServer(http.NotFoundHandler())
	defer app.Close()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, app.URL, nil)
	require.NoError(t, err)
	resp, err := f.s.Client().Do(req)
	require.NoError(t, err, "an app on a loopback port")
	require.NoError(t, resp.Body.Close())
}

func TestNobodyElseTrustsTheCertificate(t *testing.T) {
	t.Parallel()
	f := setup(t)
	dial := f.s.Client().Transport.(*http.Transport).DialContext
	stranger := &http.Client{Transport: &http.Transport{DialContext: dial}}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+shopA, nil)
	require.NoError(t, err)
	_, err = stranger.Do(req)
	var unknown x509.UnknownAuthorityError
	require.ErrorAs(t, err, &unknown)
}

func TestDropCutsARealConnection(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.client = f.s.Client()
	f.s.Fail(shopifytest.Fault{Drop: true})
	err := f.exchange(nil).err
	require.True(t, errors.Is(err, io.EOF) || errors.As(err, new(*net.OpError)), err)
}

func TestCloseStopsTheListenerAndCanBeRepeated(t *testing.T) {
	t.Parallel()
	s := shopifytest.NewServer()
	s.Shop(shopA)
	client := s.Client()
	get := func() error {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+shopA+"/admin", nil)
		require.NoError(t, err)
		resp, err := client.Do(req)
		if err == nil {
			err = resp.Body.Close()
		}
		return err
	}
	require.NoError(t, get())
	s.Close()
	s.Close()
	require.Error(t, get())
}

func TestRoundTripperWorksInsideSynctest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := setup(t)
		f.s.SetClock(nil)
		pair := f.acquire()
		<-time.After(59 * time.Minute)
		f.accepted(pair.access)
		<-time.After(time.Minute)
		f.refusedToken(pair.access)
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() { f.graphql(pair.access, "{shop{id}}") })
		}
		wg.Wait()
		require.Len(t, f.s.Requests(), 13)
	})
}

func TestRoundTripperRefusesWhatIsNoShop(t *testing.T) {
	t.Parallel()
	f := setup(t)
	for address, want := range map[string]string{
		"https://example.com/":                         "is not a shop",
		"https://127.0.0.1/":                           "is not a shop",
		"https://alpha.myshopify.com.evil.example/":    "is not a shop",
		"https://alpha.myshopify.com:8443/":            "is not a shop",
		"http://alpha.myshopify.com/":                  "by https",
		"https://alpha.myshopify.com@evil.example/adm": "is not a shop",
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader("x"))
		require.NoError(t, err)
		require.ErrorContains(t, f.do(req).err, want, address)
	}
	require.Empty(t, f.s.Requests())
}

type closer struct {
	io.Reader
	closed bool
}

func (c *closer) Close() error { c.closed = true; return nil }

func TestRoundTripperClosesTheBodyAndHonoursTheContext(t *testing.T) {
	t.Parallel()
	f := setup(t)
	ctx, cancel := context.WithCancel(t.Context())
	body := &closer{Reader: strings.NewReader("x")}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://"+shopA+":443/admin/oauth/access_token", body)
	require.NoError(t, err)
	cancel()
	require.ErrorIs(t, f.do(req).err, context.Canceled)
	require.True(t, body.closed)
	require.Empty(t, f.s.Requests())
}

func TestAdminShopifyComIsTheShopsAdmin(t *testing.T) {
	t.Parallel()
	f := setup(t)
	for _, client := range []*http.Client{f.client, f.s.Client()} {
		f.client = client
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://admin.shopify.com/store/Alpha/apps/"+f.s.App().APIKey, nil)
		require.NoError(t, err)
		r := f.do(req)
		require.Equal(t, http.StatusOK, r.status)
		require.Contains(t, r.body, "Install app")
		require.Contains(t, r.body, shopA)
	}
}
