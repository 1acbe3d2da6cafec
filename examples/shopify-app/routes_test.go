package main_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWrongMethods(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	for _, target := range []string{
		"POST /", "POST /api/products", "DELETE /health", "PUT /admin/sessions", "GET /admin/sessions/clear", "PUT /admin/sessions/delete",
		"POST /auth", "POST /auth/callback", "GET /webhooks",
	} {
		method, path, _ := strings.Cut(target, " ")
		r, err := http.NewRequest(method, appURL+path, http.NoBody)
		require.NoError(t, err)
		resp := w.send(r)
		require.Equal(t, http.StatusMethodNotAllowed, resp.StatusCode, target)
		require.NotEmpty(t, resp.Header.Get("Allow"), target)
	}
	require.Equal(t, http.StatusNotFound, w.get("/no-such-page").StatusCode)
	require.Equal(t, http.StatusNotFound, w.get("/admin/no-such-page").StatusCode)
}

func TestAdminLeadsToTheSessions(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	for _, path := range []string{"/admin", "/admin/"} {
		resp := w.get(path)
		require.Equal(t, http.StatusSeeOther, resp.StatusCode, path)
		require.Equal(t, sessionsPath, resp.Header.Get("Location"), path)
	}
}

func TestFormsThatSayNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	kept := w.keep("kept.myshopify.com")
	for _, path := range []string{"/delete", "/delete-shop"} {
		require.Equal(t, http.StatusBadRequest, w.post(sessionsPath+path, url.Values{}).StatusCode, "no field")
		huge := url.Values{"id": {kept.ID}, "shop": {kept.Shop}, "x": {strings.Repeat("x", 1<<20)}}
		require.Equal(t, http.StatusRequestEntityTooLarge, w.post(sessionsPath+path, huge).StatusCode)
	}
	require.Contains(t, body(t, w.get(sessionsPath)), kept.Shop)
}
