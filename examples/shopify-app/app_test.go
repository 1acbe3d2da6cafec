package main_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	main "github.com/shopifysession/toolkit/examples/shopify-app"
	"github.com/shopifysession/toolkit/shopifysession"
	"github.com/shopifysession/toolkit/storage/memory"
)

// With the real Shopify, and with a URL that has a path.
func TestAppBelowAPath(t *testing.T) {
	t.Parallel()
	app, err := shopifysession.NewContext(shopifysession.Config{
		APIKey: "key", APISecret: "secret", AppURL: "https://app.example.com/tool", SessionStorage: memory.New(),
	})
	require.NoError(t, err)
	handler := main.NewHandler(app, "", "")
	for _, path := range []string{"/tool/", "/", "/tool/assets/app.css", "/assets/app.css", "/tool/health"} {
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "https://app.example.com"+path, nil))
		require.Equal(t, http.StatusOK, answer.Code, path)
	}
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "https://app.example.com/tool/", nil))
	require.Contains(t, answer.Body.String(), `href="/tool/assets/app.css"`)
	require.Contains(t, answer.Body.String(), "Open it from the Apps menu of your shop’s admin.")
	require.NotContains(t, answer.Body.String(), "local")
}
