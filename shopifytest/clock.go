package shopifytest

import (
	"context"
	"time"
)

// Now returns Shopify's time, in UTC: the clock (time.Now unless SetClock changed
// it, so it follows the fake clock of testing/synctest) plus what Advance added.
func (s *Server) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.nowLocked()
}

func (s *Server) nowLocked() time.Time {
	return s.clock().Add(s.st.Offset).Round(0).UTC()
}

// SetClock makes Now follow clock. nil means time.Now. What Advance added before
// is forgotten. The clock must not call the server.
func (s *Server) SetClock(clock func() time.Time) {
	if clock == nil {
		clock = time.Now
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clock = clock
	s.st.Offset = 0
	s.wakeLocked()
}

// Advance moves Shopify's time forward by d and, on the way, at their own times
// and in the caller's goroutine, makes the webhook deliveries that fall due:
// retries, late ones, and shop/redact 48 hours after an uninstall. Advance(0) does
// what is due now. A negative d ends the test. An app must not call Advance from
// the webhook that Advance delivers.
func (s *Server) Advance(d time.Duration) {
	if d < 0 {
		s.fatalf("shopifytest: advance: time does not run backwards")
	}
	s.advance.Lock()
	defer s.advance.Unlock()

	target := s.Now().Add(d)
	for s.deliverNext(target) {
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.moveLocked(target)
}

// moveLocked sets the clock to t unless it is there already.
func (s *Server) moveLocked(t time.Time) {
	if d := t.Sub(s.nowLocked()); d > 0 {
		s.st.Offset += d
		s.wakeLocked()
	}
}

func (s *Server) wakeLocked() {
	close(s.moved)
	s.moved = make(chan struct{})
}

// wait returns nil once Shopify's clock has moved by d, be it by Advance or by
// itself, and the context's error if that ends first.
func (s *Server) wait(ctx context.Context, d time.Duration) error {
	until := s.Now().Add(d)
	for {
		s.mu.Lock()
		left, moved := until.Sub(s.nowLocked()), s.moved
		s.mu.Unlock()
		if left <= 0 {
			return ctx.Err()
		}
		timer := time.NewTimer(left)
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-moved:
			timer.Stop()
		case <-timer.C:
		}
	}
}
