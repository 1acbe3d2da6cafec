package auth

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/shopifysession/toolkit/shopifysession"
)

const headerAccessToken = "X-Shopify-Access-Token"

// Transport adds the access token of a shop to requests for that shop's Admin
// API. It asks Source for every request, so clients may live as long as they
// like. A request, or a redirect, to any other place than the shop's is
// refused with [ErrForeignHost], and no token is sent. It is safe for concurrent
// use.
type Transport struct {
	Source TokenSource       // required
	Base   http.RoundTripper // nil: http.DefaultTransport

	app *shopifysession.Context // nil: tokens go to https://{session.Shop} only
}

// Client returns a client for the Admin API of the shop whose tokens src gives
// out: a.Client(a.Offline(shop)). It uses the transport and the timeout of the
// app's HTTPClient.
func (a *Auth) Client(src TokenSource) *http.Client {
	client := *a.app.HTTPClient()
	client.Transport = &Transport{Source: src, Base: client.Transport, app: a.app}
	return &client
}

// RoundTrip sends the request with the access token. The request itself is not
// changed; its body is closed in any case, as http.RoundTripper demands.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	s, err := t.Source.Token(req.Context())
	if err == nil && !t.belongsTo(s.Shop, req.URL) {
		err = fmt.Errorf("%w: not %s", ErrForeignHost, s.Shop)
	}
	if err != nil {
		if req.Body != nil {
			_ = req.Body.Close() // what failed before counts
		}
		return nil, err
	}
	req = req.Clone(req.Context())
	req.Header.Set(headerAccessToken, s.AccessToken)
	base := t.Base
	if base == nil {
		base = http.DefaultTransport
	}
	return base.RoundTrip(req)
}

// belongsTo reports whether u is a URL of the shop.
func (t *Transport) belongsTo(shop string, u *url.URL) bool {
	if _, err := shopifysession.ParseShop(shop); err == nil && u.Scheme == "https" && u.Host == shop {
		return true
	}
	if t.app == nil {
		return false
	}
	base, err := t.app.AdminURL(shop)
	return err == nil && u.Scheme == base.Scheme && u.Host == base.Host &&
		strings.HasPrefix(u.Path, base.Path+"/") && !strings.Contains(u.Path, "/..")
}
