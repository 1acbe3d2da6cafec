package officialjs_test

import (
	"encoding/pem"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/shopifytest"
)

// listener returns the port that shops are served on by the server's Client, and
// the certificate in PEM. A client that is not Go's needs both, and the Client
// sees them.
func listener(t *testing.T, s *shopifytest.Server) (port, certificate string) {
	t.Helper()
	var address net.Addr
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
		GotConn: func(info httptrace.GotConnInfo) { address = info.Conn.RemoteAddr() },
	})
	r, err := http.NewRequestWithContext(ctx, http.MethodHead, "https://admin.shopify.com/", nil)
	require.NoError(t, err)
	resp, err := s.Client().Do(r)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	s.ClearRequests()

	_, port, err = net.SplitHostPort(address.String())
	require.NoError(t, err)
	leaf := resp.TLS.PeerCertificates[0]
	return port, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: leaf.Raw}))
}

// fail makes the next request to a shop go wrong.
func (a *app) fail(sh *shopifytest.Shop, f shopifytest.Fault) {
	f.Shop = sh.Domain()
	a.Fail(f)
}

// shopName makes a shop's domain of the name of a test.
func shopName(name string) string {
	return strings.ToLower(strings.ReplaceAll(name, " ", "-")) + ".myshopify.com"
}
