package main

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/shopifysession/toolkit/shopifysession"
)

// healthTimeout bounds how long a health check waits for the storage.
const healthTimeout = 2 * time.Second

// health says whether the storage answers: 200, or 503. It is open to everybody
// and tells nothing else.
func (a *app) health(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), healthTimeout)
	defer cancel()
	if err := shopifysession.Ping(ctx, a.shopify.SessionStorage()); err != nil {
		a.log.ErrorContext(ctx, "storage does not answer", "error", err.Error())
		writeJSON(w, http.StatusServiceUnavailable, map[string]string{"status": "down", "storage": "does not answer"})
		return
	}
	writeJSON(w, http.StatusOK, map[string]string{"status": "ok", "storage": "ok"})
}

// writeJSON answers with v, which must be encodable.
func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // fails only when nobody listens any more
}
