package shopifytest

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Fault makes the next matching requests to a shop go wrong. The first four fields
// say which; the others say how, and combine: Delay and Hold come first, then the
// connection is cut (Drop) or an answer is given. The zero Fault answers the next
// request, whatever it is, with an empty 500.
type Fault struct {
	Shop  string // domain; "": any
	Path  string // without query, as in Request.Path; a final slash makes it a prefix; "": any
	Grant Grant  // of a token request; "": any request
	Count int    // how many requests; 0: one; negative: all from now on

	// Commit lets Shopify process the request before the answer is lost or
	// replaced: its state has changed, and the client cannot know.
	Commit bool
	// Drop cuts the connection without an answer.
	Drop bool
	// Truncate sends the first half of the real answer and cuts. It implies Commit.
	Truncate bool
	// Omit removes these fields from the real JSON answer. It implies Commit.
	Omit []string

	// Delay waits until the clock has moved this far (by itself or by Advance) or
	// the request's context ends: before Shopify sees the request, or, with Commit,
	// before the answer leaves. A Fault with only Delay or Hold answers normally.
	Delay time.Duration
	// Hold is called at the same point and may block; it should end with ctx.
	Hold func(ctx context.Context)

	// Status, Header and Body replace the answer. A Status of 0 means 500.
	Status int
	Header http.Header
	Body   string
}

// Cloudflare520 is the answer that Shopify's edge gives when the server behind it
// broke: nobody knows whether the request was executed. Set Commit to say it was.
func Cloudflare520() Fault {
	return Fault{
		Status: 520, Body: "error code: 520",
		Header: http.Header{"Content-Type": {"text/plain; charset=UTF-8"}},
	}
}

// TooManyRequests is a 429 with Retry-After, in whole seconds.
func TooManyRequests(retryAfter time.Duration) Fault {
	return Fault{
		Status: http.StatusTooManyRequests,
		Header: http.Header{"Content-Type": {"application/json"}, "Retry-After": {strconv.Itoa(int(retryAfter.Seconds()))}},
		Body:   `{"errors":"Exceeded 2 calls per second for api client. Reduce request rates to resume uninterrupted service."}`,
	}
}

// HTMLPage is an error page where JSON was expected.
func HTMLPage(status int) Fault {
	return Fault{
		Status: status, Header: http.Header{"Content-Type": {"text/html; charset=utf-8"}},
		Body: "<!DOCTYPE html><html><head><title>Something went wrong</title></head><body>Something went wrong</body></html>",
	}
}

// Fail queues a fault. The oldest fault that matches a request acts on it.
func (s *Server) Fail(f Fault) {
	f.Count = cmp.Or(f.Count, 1)
	f.Header, f.Omit = f.Header.Clone(), slices.Clone(f.Omit)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &f)
}

// ClearFaults drops all queued faults.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// takeFault uses up the fault for a request, or returns nil.
func (s *Server) takeFault(r *Request) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, f := range s.faults {
		if !f.matches(r) {
			continue
		}
		taken := *f
		if f.Count > 0 {
			f.Count--
		}
		if f.Count == 0 {
			s.faults = append(s.faults[:i:i], s.faults[i+1:]...)
		}
		return &taken
	}
	return nil
}

func (f *Fault) matches(r *Request) bool {
	path := f.Path == "" || f.Path == r.Path || strings.HasSuffix(f.Path, "/") && strings.HasPrefix(r.Path, f.Path)
	return path && (f.Shop == "" || strings.EqualFold(f.Shop, r.Shop)) && (f.Grant == "" || f.Grant == r.Grant)
}

// genuine reports whether what is sent in the end is Shopify's own answer, whole or maimed.
func (f *Fault) genuine() bool {
	late := (f.Delay > 0 || f.Hold != nil) && f.Status == 0 && f.Body == "" && f.Header == nil
	return !f.Drop && (late || f.Truncate || len(f.Omit) > 0)
}

// answer runs process under the fault that is due, if any, and writes the outcome.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, seen *Request, process func(http.ResponseWriter)) {
	out := &reply{header: w.Header().Clone()}
	f := s.takeFault(seen)
	if f == nil {
		process(out)
		s.answered(seen, out.code())
		out.send(w)
		return
	}
	if !f.Commit {
		s.pause(r, f)
	}
	if f.Commit || f.genuine() {
		process(out)
	}
	if f.Commit {
		s.pause(r, f)
	}
	if f.Drop {
		panic(http.ErrAbortHandler)
	}
	if !f.genuine() {
		out = f.reply(w.Header())
	}
	for _, field := range f.Omit {
		out.omit(field)
	}
	s.answered(seen, out.code())
	if f.Truncate {
		out.sendHalf(w)
	}
	out.send(w)
}

// pause blocks as the fault says. When the client has gone away meanwhile, the
// request is over: cut.
func (s *Server) pause(r *http.Request, f *Fault) {
	err := s.wait(r.Context(), f.Delay)
	if err == nil && f.Hold != nil {
		f.Hold(r.Context())
		err = r.Context().Err()
	}
	if err != nil {
		panic(http.ErrAbortHandler)
	}
}

func (f *Fault) reply(h http.Header) *reply {
	out := &reply{header: h.Clone(), status: cmp.Or(f.Status, http.StatusInternalServerError)}
	for name, values := range f.Header {
		out.header[http.CanonicalHeaderKey(name)] = values
	}
	out.body.WriteString(f.Body)
	return out
}
