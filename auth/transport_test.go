package auth_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/auth"
	"github.com/shopifysession/toolkit/shopifysession"
)

func TestClientCallsTheAdminAPI(t *testing.T) {
	t.Parallel()
	f := installed(t, setup{})
	client := f.auth.Client(f.auth.Offline(shopDomain))
	require.Equal(t, 10*time.Second, client.Timeout)
	for range 2 {
		resp, err := client.Post("https://"+shopDomain+"/admin/api/2026-10/graphql.json", "application/json", strings.NewReader(`{"query":"{shop{name}}"}`))
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, resp.StatusCode)
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.Contains(t, string(body), `"name"`)
		f.shopify.Advance(2 * time.Hour) // the token is asked for at every request
	}
}

// recorder is a transport that answers everything and remembers where it went.
type recorder struct {
	seen     []*http.Request
	location string
}

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	r.seen = append(r.seen, req)
	if req.Body != nil {
		req.Body.Close()
	}
	w := httptest.NewRecorder()
	if r.location != "" {
		w.Header().Set("Location", r.location)
		w.WriteHeader(http.StatusTemporaryRedirect)
	}
	return w.Result(), nil
}

type fixedSource struct{ session *shopifysession.Session }

func (s fixedSource) Token(context.Context) (*shopifysession.Session, error) {
	if s.session == nil {
		return nil, auth.ErrReauthorize
	}
	return s.session, nil
}

func token() fixedSource {
	return fixedSource{&shopifysession.Session{ID: "x", Shop: shopDomain, AccessToken: "shpat_secret"}}
}

func TestTransportSendsTheTokenToItsShopOnly(t *testing.T) {
	t.Parallel()
	for _, target := range []string{
		"http://" + shopDomain + "/", "https://other.myshopify.com/", "https://" + shopDomain + ".evil.example/", "https://evil.example/",
		"https://" + shopDomain + "@evil.example/", "https://" + shopDomain + ":8443/", "https://127.0.0.1/",
	} {
		base := &recorder{}
		client := &http.Client{Transport: &auth.Transport{Source: token(), Base: base}}
		body := &closing{Reader: strings.NewReader("x")}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, target, body)
		require.NoError(t, err)
		_, err = client.Do(req)
		require.ErrorIs(t, err, auth.ErrForeignHost, target)
		require.Empty(t, base.seen, "nothing is sent at all")
		require.True(t, body.closed)
		require.NotContains(t, err.Error(), "shpat")
	}
}

type closing struct {
	io.Reader
	closed bool
}

func (c *closing) Close() error {
	c.closed = true
	return nil
}

func TestTransportDoesNotFollowARedirectElsewhere(t *testing.T) {
	t.Parallel()
	base := &recorder{location: "https://evil.example/"}
	client := &http.Client{Transport: &auth.Transport{Source: token(), Base: base}}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+shopDomain+"/admin/api/x", nil)
	require.NoError(t, err)
	_, err = client.Do(req)
	require.ErrorIs(t, err, auth.ErrForeignHost)
	require.Len(t, base.seen, 1)
	require.Equal(t, "shpat_secret", base.seen[0].Header.Get("X-Shopify-Access-Token"))
	require.Empty(t, req.Header, "the caller's request is not changed")
}

func TestTransportWithoutToken(t *testing.T) {
	t.Parallel()
	client := &http.Client{Transport: &auth.Transport{Source: fixedSource{}, Base: &recorder{}}}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+shopDomain, nil)
	require.NoError(t, err)
	_, err = client.Do(req)
	require.True(t, errors.Is(err, auth.ErrReauthorize))
}

func TestClientWithLocalAdminURL(t *testing.T) {
	t.Parallel()
	base := &recorder{}
	f := newFixture(t, setup{config: func(c *shopifysession.Config) {
		c.AdminURL = func(shop string) string { return "http://127.0.0.1:8081/shops/" + shop }
		c.HTTPClient = &http.Client{Transport: base}
	}})
	client := f.auth.Client(token())
	for target, want := range map[string]error{
		"http://127.0.0.1:8081/shops/test-shop.myshopify.com/admin/x":   nil,
		"http://127.0.0.1:8081/shops/other.myshopify.com/admin/x":       auth.ErrForeignHost,
		"http://127.0.0.1:8081/shops/test-shop.myshopify.com/../other/": auth.ErrForeignHost,
		"http://127.0.0.1:8081/shops/test-shop.myshopify.com.evil/":     auth.ErrForeignHost,
		"http://127.0.0.1:9999/shops/test-shop.myshopify.com/admin/x":   auth.ErrForeignHost,
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, target, nil)
		require.NoError(t, err)
		_, err = client.Do(req)
		require.ErrorIs(t, err, want, target)
	}
}
