package officialjs_test

import (
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/shopifytest"
)

// What Shopify refuses, and how it breaks, reaches the users of the library as
// the errors that they know.
func TestRefusals(t *testing.T) {
	t.Parallel()
	a := startApp(t, shopifytest.App{})
	const dest = "https://another.myshopify.com"
	exchange := func(t *testing.T, sh *shopifytest.Shop, mods ...func(jwt.MapClaims)) answer {
		return a.call(t, "tokenExchange", map[string]any{
			"shop": sh.Domain(), "sessionToken": sh.SessionToken(shopifytest.User{}, mods...), "expiring": true,
		})
	}
	refresh := func(t *testing.T, sh *shopifytest.Shop, token string) answer {
		return a.call(t, "refreshToken", map[string]any{"shop": sh.Domain(), "refreshToken": token})
	}
	inactive := map[string]any{"error": "invalid_request", "error_description": "This request requires an active refresh_token"}

	tests := []struct {
		name string
		try  func(t *testing.T, sh *shopifytest.Shop) answer
		want libraryError // Body: at least these fields
	}{
		{
			name: "ID token of another shop",
			try: func(t *testing.T, sh *shopifytest.Shop) answer {
				return exchange(t, sh, func(c jwt.MapClaims) { c["dest"] = dest })
			},
			want: libraryError{Name: "HttpResponseError", Status: 400, Body: map[string]any{"error": "invalid_subject_token"}},
		},
		{
			name: "ID token that has just expired",
			try: func(t *testing.T, sh *shopifytest.Shop) answer { // the library grants 10 s, Shopify none
				return exchange(t, sh, func(c jwt.MapClaims) { c["exp"] = time.Now().Add(-2 * time.Second).Unix() })
			},
			want: libraryError{Name: "HttpResponseError", Status: 400, Body: map[string]any{"error": "invalid_subject_token"}},
		},
		{
			name: "app not installed",
			try: func(t *testing.T, sh *shopifytest.Shop) answer {
				return a.call(t, "clientCredentials", map[string]any{"shop": sh.Domain()})
			},
			want: libraryError{Name: "HttpResponseError", Status: 400, Body: map[string]any{"error": "app_not_installed"}},
		},
		{
			name: "unknown refresh token",
			try:  func(t *testing.T, sh *shopifytest.Shop) answer { return refresh(t, sh, "shprt_unknown") },
			want: libraryError{Name: "HttpResponseError", Status: 401, Body: inactive},
		},
		{
			name: "refresh token that a later grant has ended",
			try: func(t *testing.T, sh *shopifytest.Shop) answer {
				dead := a.exchange(t, sh, true).RefreshToken
				a.exchange(t, sh, true)
				return refresh(t, sh, dead)
			},
			want: libraryError{Name: "HttpResponseError", Status: 401, Body: inactive},
		},
		{
			name: "refresh token of an uninstalled app",
			try: func(t *testing.T, sh *shopifytest.Shop) answer {
				dead := a.exchange(t, sh, true).RefreshToken
				sh.Uninstall()
				return refresh(t, sh, dead)
			},
			want: libraryError{Name: "HttpResponseError", Status: 401, Body: inactive},
		},
		{
			name: "migration of an unknown token",
			try: func(t *testing.T, sh *shopifytest.Shop) answer {
				sh.Install()
				return a.call(t, "migrateToExpiringToken", map[string]any{
					"shop": sh.Domain(), "nonExpiringOfflineAccessToken": "shpat_unknown",
				})
			},
			want: libraryError{Name: "HttpResponseError", Status: 400, Body: map[string]any{"error": "invalid_subject_token"}},
		},
		{
			name: "too many requests",
			try: func(t *testing.T, sh *shopifytest.Shop) answer {
				a.fail(sh, shopifytest.TooManyRequests(2*time.Second))
				return exchange(t, sh)
			},
			want: libraryError{Name: "HttpThrottlingError", Status: 429, RetryAfter: 2},
		},
		{
			name: "server error",
			try: func(t *testing.T, sh *shopifytest.Shop) answer {
				a.fail(sh, shopifytest.Fault{Status: 503, Body: `{"errors":"Unavailable"}`})
				return exchange(t, sh)
			},
			want: libraryError{Name: "HttpInternalError", Status: 503},
		},
		{
			name: "page where JSON was expected",
			try: func(t *testing.T, sh *shopifytest.Shop) answer {
				a.fail(sh, shopifytest.HTMLPage(502))
				return exchange(t, sh)
			},
			want: libraryError{Name: "SyntaxError"},
		},
		{
			name: "connection cut",
			try: func(t *testing.T, sh *shopifytest.Shop) answer {
				a.fail(sh, shopifytest.Fault{Drop: true})
				return exchange(t, sh)
			},
			want: libraryError{Name: "TypeError"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := tt.try(t, a.Shop(shopName(tt.name)))
			require.NotNil(t, got.Error)
			require.Equal(t, tt.want.Name, got.Error.Name)
			require.Equal(t, tt.want.Status, got.Error.Status)
			require.Equal(t, tt.want.RetryAfter, got.Error.RetryAfter)
			require.Subset(t, got.Error.Body, tt.want.Body)
		})
	}
}
