package main_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	main "github.com/shopifysession/toolkit/examples/shopify-app"
	"github.com/shopifysession/toolkit/shopifytest"
)

func TestRestartKeepsSessionsAndTheirTokens(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.install()
	w.shopify.Advance(30 * time.Minute) // the clock is kept as well
	require.NoError(t, w.local.Save())
	require.NoError(t, w.close())
	before := w.shopify.Now()

	again := newWorld(t, setup{dir: w.dir})
	require.False(t, again.shopify.Now().Before(before))
	kept := again.offline()
	require.True(t, again.shop.Valid(kept.AccessToken))
	resp := again.fetch(again.shop.SessionToken(shopifytest.User{}))
	require.Equal(t, http.StatusOK, resp.StatusCode)
	require.Len(t, again.shopify.Requests(), 1, "no new token was asked for")
	require.Contains(t, body(t, again.get(sessionsPath)), domain)
}

func TestShopifyIsSavedBeforeItsAnswerIsComplete(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "state.json")
	log := slog.New(slog.DiscardHandler)
	local, err := main.OpenLocal(file, log)
	require.NoError(t, err)
	form := url.Values{"name": {"new-shop"}}
	r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1:8081/shops", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer := httptest.NewRecorder()
	local.SavingHandler().ServeHTTP(answer, r)
	require.Equal(t, http.StatusSeeOther, answer.Code)

	again, err := main.OpenLocal(file, log)
	require.NoError(t, err)
	var shops []string
	for _, shop := range again.Server().Shops() {
		shops = append(shops, shop.Name())
	}
	require.Equal(t, []string{"garden-lamp", "new-shop", "paper-boat"}, shops)
	require.Equal(t, local.Server().App().APISecret, again.Server().App().APISecret)

	info, err := os.Stat(file)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm(), "it holds tokens")
	require.NoFileExists(t, file+".tmp")
}

func TestSnapshotIsWrittenOnlyOnChange(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "state.json")
	local, err := main.OpenLocal(file, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	require.NoError(t, os.Remove(file))
	r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1:8081/", nil)
	local.SavingHandler().ServeHTTP(httptest.NewRecorder(), r)
	require.NoFileExists(t, file)
}
