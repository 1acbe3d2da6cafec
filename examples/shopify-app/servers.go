package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"sync"
	"syscall"
	"time"
)

const (
	shutdownTimeout = 5 * time.Second
	cleanInterval   = time.Hour
)

// listen opens a port, or says what to do about one that can't be opened.
func listen(addr, flag string) (net.Listener, error) {
	l, err := net.Listen("tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("port taken: another program listens on %s.\nStop it, or choose another address with %s, such as 127.0.0.1:0", addr, flag)
	}
	if err != nil {
		return nil, fmt.Errorf("can't listen on %s (%s): %w", addr, flag, err)
	}
	return l, nil
}

// browserURL is where a browser on this computer reaches a listener.
func browserURL(l net.Listener) string {
	host, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return "http://" + l.Addr().String()
	}
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// group is servers that end together.
type group struct {
	log     *slog.Logger
	failed  chan error // the first failure
	servers []*http.Server
	running sync.WaitGroup
}

func newGroup(log *slog.Logger) *group { return &group{log: log, failed: make(chan error, 1)} }

// serve answers the listener's connections until shutdown.
func (g *group) serve(l net.Listener, h http.Handler) {
	s := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      45 * time.Second, // behind an answer may be a refresh and a request to Shopify
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(g.log.Handler(), slog.LevelWarn),
	}
	g.servers = append(g.servers, s)
	g.running.Go(func() {
		err := s.Serve(l)
		if errors.Is(err, http.ErrServerClosed) {
			return
		}
		select {
		case g.failed <- fmt.Errorf("the server on %s has failed: %w", l.Addr(), err):
		default:
		}
	})
}

// wait returns when ctx ends, or with the first failure of a server. Now and then
// it calls clean.
func (g *group) wait(ctx context.Context, clean func()) error {
	ticker := time.NewTicker(cleanInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			g.log.Info("shutting down")
			return nil
		case err := <-g.failed:
			return err
		case <-ticker.C:
			clean()
		}
	}
}

// shutdown lets requests under way end, those to the server that began last
// first, and returns when no server runs any more.
func (g *group) shutdown() error {
	ctx, cancel := context.WithTimeout(context.Background(), shutdownTimeout)
	defer cancel()
	var errs []error
	for _, s := range slices.Backward(g.servers) {
		if s.Shutdown(ctx) != nil { // somebody does not let go
			errs = append(errs, s.Close())
		}
	}
	g.running.Wait()
	return errors.Join(errs...)
}
