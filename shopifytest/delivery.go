package shopifytest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// delivery is one webhook on its way to the app.
type delivery struct {
	ID          string    `json:"id"`
	EventID     string    `json:"event_id"`
	Shop        string    `json:"shop"`
	Topic       string    `json:"topic"`
	TriggeredAt time.Time `json:"triggered_at"`
	Due         time.Time `json:"due"` // of the next attempt; zero: no more
	FirstAt     time.Time `json:"first_at"`
	Body        []byte    `json:"body"`
	Attempts    []Attempt `json:"attempts"`
	Delivered   bool      `json:"delivered"`
}

// Delivery is what the webhook log knows about one webhook.
type Delivery struct {
	ID          string // X-Shopify-Webhook-Id, the same at every attempt
	Shop        string
	Topic       string
	TriggeredAt time.Time
	Attempts    []Attempt // none yet: it is late on purpose, or the app came back before shop/redact
	Delivered   bool      // an attempt was answered with 2xx
	Next        time.Time // of the next attempt, made by Advance; zero: none
}

// Attempt is one try to deliver a webhook.
type Attempt struct {
	At     time.Time `json:"at"`     // Shopify's time
	Status int       `json:"status"` // 0: no answer
	Err    string    `json:"err"`    // why there was none, or why it does not count; "": delivered
}

// The times at which a delivery that failed is tried again, after the first
// attempt: 8 retries over 4 hours. Shopify documents number and span, not the steps.
var retryAfter = []time.Duration{
	10 * time.Second, 40 * time.Second, 3 * time.Minute, 8 * time.Minute,
	23 * time.Minute, 53 * time.Minute, 113 * time.Minute, 4 * time.Hour,
}

const (
	connectTimeout  = time.Second
	deliveryTimeout = 5 * time.Second
	maxWebhooks     = 1000 // in the log of a server that runs for days; what is pending stays
)

// Send delivers a webhook of this topic to the app now, in the caller's goroutine,
// and returns its entry in the log: 1 s to connect, 5 s in all, and only 2xx counts.
// What fails is tried again by Advance, 8 times over 4 hours. The body is as for
// Webhook. Without a WebhookURL or Handler in the App it ends the test.
func (sh *Shop) Send(topic string, body any) Delivery {
	s := sh.server
	if !s.App().delivers() {
		s.fatalf("shopifytest: send %s: the app has no WebhookURL", topic)
	}
	data, err := sh.payload(topic, body)
	if err != nil {
		s.fatalf("shopifytest: send %s: %v", topic, err)
	}
	d := s.enqueue(sh.domain, topic, data, 0)
	s.attempt(d)
	return s.entry(d)
}

// Redeliver sends a webhook of the log once more, as Shopify sometimes does, with
// the ids it had. An unknown id ends the test.
func (s *Server) Redeliver(id string) Delivery {
	s.mu.Lock()
	i := slices.IndexFunc(s.st.Webhooks, func(d *delivery) bool { return d.ID == id })
	var d *delivery
	if i >= 0 {
		d = s.st.Webhooks[i]
	}
	s.mu.Unlock()
	if d == nil {
		s.fatalf("shopifytest: redeliver: no such webhook")
	}
	s.attempt(d)
	return s.entry(d)
}

// Webhooks returns the webhook log: what the server delivered, or will, oldest
// first. Beyond a thousand entries the oldest that are over are dropped.
func (s *Server) Webhooks() []Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]Delivery, len(s.st.Webhooks))
	for i, d := range s.st.Webhooks {
		list[i] = d.entry()
	}
	return list
}

func (s *Server) entry(d *delivery) Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	return d.entry()
}

func (d *delivery) entry() Delivery {
	return Delivery{
		ID: d.ID, Shop: d.Shop, Topic: d.Topic, TriggeredAt: d.TriggeredAt,
		Attempts: slices.Clone(d.Attempts), Delivered: d.Delivered, Next: d.Due,
	}
}

// enqueue puts a webhook into the log, due after late.
func (s *Server) enqueue(domain, topic string, body []byte, late time.Duration) *delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := newDelivery(domain, topic, body, s.nowLocked())
	d.Due = d.Due.Add(late)
	if len(s.st.Webhooks) >= maxWebhooks {
		over := slices.IndexFunc(s.st.Webhooks, func(old *delivery) bool { return old.Due.IsZero() })
		if over >= 0 {
			s.st.Webhooks = slices.Delete(s.st.Webhooks, over, over+1)
		}
	}
	s.st.Webhooks = append(s.st.Webhooks, d)
	return d
}

// deliverNext makes the earliest attempt due by target, at its own time.
func (s *Server) deliverNext(target time.Time) bool {
	s.mu.Lock()
	var next *delivery
	for _, d := range s.st.Webhooks {
		if !d.Due.IsZero() && !d.Due.After(target) && (next == nil || d.Due.Before(next.Due)) {
			next = d
		}
	}
	if next == nil {
		s.mu.Unlock()
		return false
	}
	s.moveLocked(next.Due)
	back := next.Topic == "shop/redact" && s.shopLocked(next.Shop).Installed
	if back || !s.app.delivers() { // the merchant reinstalled, or there is nobody to tell
		next.Due = time.Time{}
		s.mu.Unlock()
		return true
	}
	s.mu.Unlock()
	s.attempt(next)
	return true
}

// attempt sends a delivery once and enters the outcome. No lock is held meanwhile.
func (s *Server) attempt(d *delivery) {
	s.mu.Lock()
	d.Due = time.Time{} // nobody else takes it
	build, handler, now := s.deliveryRequestLocked(d), s.app.Handler, s.nowLocked()
	if d.FirstAt.IsZero() {
		d.FirstAt = now
	}
	s.mu.Unlock()

	status, err := send(build, handler)

	s.mu.Lock()
	defer s.mu.Unlock()
	a := Attempt{At: now, Status: status}
	switch {
	case err != nil:
		a.Err = err.Error()
	case status < 200 || status > 299:
		a.Err = "not a 2xx status"
	}
	d.Attempts = append(d.Attempts, a)
	d.Delivered = d.Delivered || a.Err == ""
	if n := len(d.Attempts) - 1; !d.Delivered && n < len(retryAfter) {
		d.Due = d.FirstAt.Add(retryAfter[n])
	}
}

// send makes one attempt with Shopify's time limits and without following redirects.
func send(build func() (*http.Request, error), handler http.Handler) (int, error) {
	r, err := build()
	if err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), deliveryTimeout)
	defer cancel()
	r = r.WithContext(ctx)
	if handler != nil {
		resp, err := serveInMemory(handler, r)
		if err = errors.Join(err, ctx.Err()); err != nil {
			return 0, deliveryError(err)
		}
		return resp.StatusCode, nil
	}
	transport := &http.Transport{
		DialContext:       (&net.Dialer{Timeout: connectTimeout}).DialContext,
		DisableKeepAlives: true,
	}
	client := &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	resp, err := client.Do(r)
	if err != nil {
		return 0, deliveryError(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if _, err := io.Copy(io.Discard, io.LimitReader(resp.Body, maxBody)); err != nil {
		return 0, deliveryError(err)
	}
	return resp.StatusCode, nil
}

// deliveryError keeps the cause and drops the address, which is the app's business.
func deliveryError(err error) error {
	var netErr net.Error
	if errors.Is(err, context.DeadlineExceeded) || errors.As(err, &netErr) && netErr.Timeout() {
		return errors.New("timeout")
	}
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err
	}
	return fmt.Errorf("no answer: %w", err)
}
