package shopifytest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"time"
)

// Request is one request that a shop received. Secrets in it are masked.
type Request struct {
	At     time.Time // Shopify's time
	Method string
	Shop   string // domain
	Path   string // below the shop, without query: /admin/oauth/access_token
	Grant  Grant  // of a token request; "": none, or unknown
	Status int    // of the answer; 0: not answered, or cut
	// Params are the parameters of body or query, and the headers Authorization and
	// X-Shopify-Access-Token under their names. A repeated name keeps its last
	// value. Tokens, secrets, codes and signatures appear as Mask shows them.
	Params map[string]string
}

// maxRequests bounds the recorder of a server that runs for days.
const maxRequests = 10_000

// Requests returns what the shops received, oldest first: the last 10,000.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]Request, len(s.requests))
	for i, r := range s.requests {
		list[i] = *r
		list[i].Params = make(map[string]string, len(r.Params))
		for name, value := range r.Params {
			list[i].Params[name] = value
		}
	}
	return list
}

// ClearRequests empties the recorder.
func (s *Server) ClearRequests() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = nil
}

// Mask returns how the recorder shows a secret: the same text for the same secret
// on this server, so that a test can tell whether two requests presented the same
// token, and of no use for anything else. "" stays "".
func (s *Server) Mask(secret string) string {
	if secret == "" {
		return ""
	}
	h := hmac.New(sha256.New, s.maskKey)
	_, _ = h.Write([]byte(secret))
	return "masked:" + hex.EncodeToString(h.Sum(nil)[:6])
}

func (s *Server) answered(r *Request, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r.Status = status
}

// record keeps an account of the request and returns it for its status.
func (s *Server) record(r *http.Request, v visit) *Request {
	seen := &Request{Method: r.Method, Shop: v.domain, Path: s.maskText(r.URL.Path), Params: map[string]string{}}
	for name, values := range r.URL.Query() {
		seen.Params[s.maskText(name)] = s.maskParam(name, values[len(values)-1])
	}
	for _, name := range []string{"Authorization", "X-Shopify-Access-Token"} {
		if value := r.Header.Get(name); value != "" {
			seen.Params[name] = s.Mask(value)
		}
	}
	switch {
	case r.URL.Path == "/admin/oauth/access_token":
		params, err := tokenParams(r.Header.Get("Content-Type"), v.body)
		if err == nil && r.Method == http.MethodPost {
			seen.Grant = grantOf(params)
		}
		for name, value := range params {
			seen.Params[s.maskText(name)] = s.maskParam(name, value)
		}
	case strings.HasPrefix(r.URL.Path, "/admin/api/"):
		var body struct{ Query string }
		if json.Unmarshal(v.body, &body) == nil {
			seen.Params["query"] = s.maskParam("query", body.Query)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	seen.At = s.nowLocked()
	if len(s.requests) == maxRequests {
		s.requests = append(s.requests[:0:0], s.requests[1:]...)
	}
	s.requests = append(s.requests, seen)
	return seen
}

// publicParams are the parameters whose value is shown.
var publicParams = map[string]bool{
	"client_id": true, "grant_type": true, "subject_token_type": true, "requested_token_type": true,
	"expiring": true, "scope": true, "redirect_uri": true, "grant_options[]": true, "shop": true, "host": true,
	"timestamp": true, "embedded": true, "locale": true, "query": true, "client_assertion_type": true,
	"optional_scopes": true, "error": true,
}

// secretText finds tokens, secrets and JWTs inside a value that is shown.
var secretText = regexp.MustCompile(`shp[a-z]{2}_[A-Za-z0-9]+|eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_.-]+`)

func (s *Server) maskParam(name, value string) string {
	if publicParams[name] {
		return s.maskText(value)
	}
	return s.Mask(value)
}

func (s *Server) maskText(text string) string { return secretText.ReplaceAllStringFunc(text, s.Mask) }
