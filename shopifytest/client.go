package shopifytest

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"sync"
	"time"
)

// tlsListener is the socket behind Client.
type tlsListener struct {
	address string
	server  *http.Server
	client  *http.Client
	serving sync.WaitGroup
}

// Client returns a client for which every {name}.myshopify.com, and
// admin.shopify.com, is this server, over real TCP and trusted TLS on 127.0.0.1.
// Loopback addresses are reached as they are, so that it can follow a redirect to
// an app; everything else is an error. The first call starts the listener, Close
// stops it. All calls share one client until then; set a Timeout on a copy.
func (s *Server) Client() *http.Client {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listener == nil {
		l, err := listen(s.handler)
		if err != nil {
			s.fatalf("shopifytest: client: %v", err)
		}
		s.listener = l
	}
	return s.listener.client
}

func listen(h http.Handler) (*tlsListener, error) {
	cert, pool, err := newCertificate()
	if err != nil {
		return nil, fmt.Errorf("make certificate: %w", err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	l := &tlsListener{
		address: ln.Addr().String(),
		server: &http.Server{
			Handler: h, ReadHeaderTimeout: 10 * time.Second,
			TLSConfig: &tls.Config{Certificates: []tls.Certificate{cert}},
			ErrorLog:  log.New(io.Discard, "", 0),
		},
	}
	l.client = &http.Client{Transport: &http.Transport{
		DialContext:       l.dial,
		TLSClientConfig:   &tls.Config{RootCAs: pool},
		ForceAttemptHTTP2: false,
	}}
	l.serving.Go(func() { _ = l.server.ServeTLS(ln, "", "") }) // ends with ErrServerClosed in close
	return l, nil
}

// dial leads shops to the listener and keeps the rest of the world out.
func (l *tlsListener) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("shopifytest: dial: %w", err)
	}
	var d net.Dialer
	_, err = parseDomain(host)
	switch {
	case (err == nil || host == "admin.shopify.com") && port == "443":
		return d.DialContext(ctx, network, l.address)
	case loopback(host):
		return d.DialContext(ctx, network, address)
	}
	return nil, fmt.Errorf("shopifytest: dial: %s is not a shop", address)
}

func (l *tlsListener) close() {
	_ = l.server.Close()
	l.serving.Wait()
	l.client.CloseIdleConnections()
}

// newCertificate makes a self-signed certificate for the hosts of Shopify and a
// pool that trusts it and nothing else.
func newCertificate() (tls.Certificate, *x509.CertPool, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: "shopifytest"},
		DNSNames:     []string{"*.myshopify.com", "admin.shopify.com"},
		NotBefore:    time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC),
		NotAfter:     time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, pool, nil
}
