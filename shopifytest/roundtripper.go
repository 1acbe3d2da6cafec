package shopifytest

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"syscall"
)

// RoundTripper returns a transport that answers requests to https://{shop} in the
// caller's goroutine, without sockets: it works inside testing/synctest and in
// parallel fuzzing. A request to anything but a shop, or not by https, is an error
// and reaches nobody.
func (s *Server) RoundTripper() http.RoundTripper { return memoryTransport{s} }

type memoryTransport struct{ s *Server }

func (t memoryTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil {
		r = r.Clone(r.Context())
		r.Body = http.NoBody
	}
	defer func() { _ = r.Body.Close() }()
	if err := shopOnly(r.URL); err != nil {
		return nil, err
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return serveInMemory(t.s.Handler(), r)
}

// shopOnly refuses what does not go to Shopify.
func shopOnly(u *url.URL) error {
	_, err := parseDomain(u.Hostname())
	if err != nil && u.Hostname() != "admin.shopify.com" || u.Port() != "" && u.Port() != "443" {
		return fmt.Errorf("shopifytest: round trip: %s is not a shop", u.Host)
	}
	if u.Scheme != "https" {
		return fmt.Errorf("shopifytest: round trip: %s must be asked by https", u.Host)
	}
	return nil
}

// serveInMemory runs a handler on a client's request as a server would. A handler
// that aborts looks like a reset connection, or, after it has written something,
// like a body that ends too soon.
func serveInMemory(h http.Handler, r *http.Request) (resp *http.Response, err error) {
	in := r.Clone(r.Context())
	in.RequestURI = r.URL.RequestURI()
	in.URL = &url.URL{Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: r.URL.RawQuery}
	in.RemoteAddr = "127.0.0.1:1"
	if in.Host == "" {
		in.Host = r.URL.Host
	}
	if in.Body == nil {
		in.Body = http.NoBody
	}
	if r.URL.Scheme == "https" {
		in.TLS = &tls.ConnectionState{}
	}
	w := &memoryWriter{header: http.Header{}}
	defer func() {
		cause := recover()
		if cause != nil && cause != http.ErrAbortHandler { //nolint:errorlint // a panic's value, as net/http compares it
			panic(cause)
		}
		resp, err = w.response(r, cause != nil)
	}()
	h.ServeHTTP(w, in)
	return nil, nil
}

// memoryWriter collects an answer.
type memoryWriter struct {
	header http.Header
	sent   http.Header // as they were at WriteHeader; nil before
	status int
	body   bytes.Buffer
}

func (w *memoryWriter) Header() http.Header { return w.header }

func (w *memoryWriter) WriteHeader(status int) {
	if w.sent == nil && status >= 200 {
		w.status, w.sent = status, w.header.Clone()
	}
}

func (w *memoryWriter) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(b)
}

func (w *memoryWriter) Flush() { w.WriteHeader(http.StatusOK) }

func (w *memoryWriter) response(r *http.Request, aborted bool) (*http.Response, error) {
	if aborted && w.sent == nil {
		if err := context.Cause(r.Context()); err != nil {
			return nil, err
		}
		return nil, &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	}
	w.WriteHeader(http.StatusOK)
	body := io.Reader(&w.body)
	length := int64(w.body.Len())
	if aborted {
		body = io.MultiReader(body, brokenBody{})
		length, _ = strconv.ParseInt(w.sent.Get("Content-Length"), 10, 64)
	}
	header := http.Header{}
	maps.Copy(header, w.sent)
	return &http.Response{
		Status: fmt.Sprintf("%03d %s", w.status, http.StatusText(w.status)), StatusCode: w.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header, Body: io.NopCloser(body), ContentLength: length, Request: r,
	}, nil
}

// brokenBody is the end of a body that was cut.
type brokenBody struct{}

func (brokenBody) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
