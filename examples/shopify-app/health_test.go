package main_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/shopifytest"
)

func contains(s, part string) bool { return strings.Contains(s, part) }

func TestHealth(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]setup{"sqlite": {}, "callbacks": {custom: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, s)
			resp := w.get("/health")
			require.Equal(t, http.StatusOK, resp.StatusCode)
			require.Equal(t, "application/json", resp.Header.Get("Content-Type"))
			require.Equal(t, map[string]string{"status": "ok", "storage": "ok"}, decode[map[string]string](t, resp))

			require.NoError(t, w.close())
			resp = w.get("/health")
			require.Equal(t, http.StatusServiceUnavailable, resp.StatusCode)
			require.Equal(t, map[string]string{"status": "down", "storage": "does not answer"}, decode[map[string]string](t, resp))
		})
	}
}

func TestStorageIsDown(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.install()
	require.NoError(t, w.close())

	resp := w.send(w.shop.OpenRequest(shopifytest.User{}, ""))
	require.Equal(t, http.StatusServiceUnavailable, resp.StatusCode, "a storage that is down is no missing session")
	require.NotEmpty(t, resp.Header.Get("Retry-After"))
	require.Contains(t, body(t, resp), "The database does not answer")

	resp = w.fetch(w.shop.SessionToken(shopifytest.User{}))
	require.Equal(t, http.StatusServiceUnavailable, resp.StatusCode)
	require.Contains(t, decode[refusal](t, resp).Error, "The database does not answer")

	resp = w.get(sessionsPath)
	require.Equal(t, http.StatusServiceUnavailable, resp.StatusCode)
	require.Contains(t, body(t, resp), "The database does not answer")
}
