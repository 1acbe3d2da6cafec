package main

import "net/http"

// routed serves the mux. What that has no page for, or not with this method, is
// answered in the words of this app.
func (a *app) routed(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h, pattern := mux.Handler(r)
		if pattern != "" {
			mux.ServeHTTP(w, r)
			return
		}
		answer := refusal{header: http.Header{}}
		h.ServeHTTP(&answer, r)
		if answer.status != http.StatusMethodNotAllowed {
			a.fail(w, r, errNotFound)
			return
		}
		w.Header().Set("Allow", answer.header.Get("Allow"))
		a.fail(w, r, errMethod)
	})
}

// refusal takes up the mux's own answer to a request that it can't serve.
type refusal struct {
	header http.Header
	status int
}

func (r *refusal) Header() http.Header         { return r.header }
func (r *refusal) Write(b []byte) (int, error) { return len(b), nil }
func (r *refusal) WriteHeader(status int)      { r.status = status }
