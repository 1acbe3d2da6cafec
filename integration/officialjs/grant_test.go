package officialjs_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/shopifysession"
	"github.com/shopifysession/toolkit/shopifytest"
)

const (
	exchangeURN = "urn:ietf:params:oauth:grant-type:token-exchange"
	idTokenURN  = "urn:ietf:params:oauth:token-type:id_token"
	offlineURN  = "urn:shopify:params:oauth:token-type:offline-access-token"
	onlineURN   = "urn:shopify:params:oauth:token-type:online-access-token"
)

// The grants that need no browser: the library asks, Shopify gives, and both
// hold the same.
func TestGrants(t *testing.T) {
	t.Parallel()
	a := startApp(t, shopifytest.App{})

	t.Run("token exchange", func(t *testing.T) {
		t.Parallel()
		tests := []struct {
			name, shop       string
			online, expiring bool
			params           map[string]string
		}{
			{
				name: "offline", shop: "exchange-offline.myshopify.com",
				params: map[string]string{"requested_token_type": offlineURN, "expiring": "0"},
			},
			{
				name: "offline expiring", shop: "exchange-expiring.myshopify.com", expiring: true,
				params: map[string]string{"requested_token_type": offlineURN, "expiring": "1"},
			},
			{
				name: "online", shop: "exchange-online.myshopify.com", online: true,
				params: map[string]string{"requested_token_type": onlineURN, "expiring": "0"},
			},
		}
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				t.Parallel()
				sh := a.Shop(tt.shop)
				token := sh.SessionToken(shopifytest.User{})
				args := map[string]any{"shop": sh.Domain(), "sessionToken": token, "online": tt.online, "expiring": tt.expiring}
				var got answer
				when := during(func() { got = a.call(t, "tokenExchange", args) })

				requireGrant(t, sh, session(t, got), tt.online, tt.expiring, true, when)
				tt.params["grant_type"] = exchangeURN
				tt.params["subject_token"] = a.Mask(token)
				tt.params["subject_token_type"] = idTokenURN
				a.requireTokenRequest(t, sh, shopifytest.TokenExchange, tt.params)
			})
		}
	})

	t.Run("refresh", func(t *testing.T) {
		t.Parallel()
		sh := a.Shop("refresh.myshopify.com")
		first := a.exchange(t, sh, true)
		refresh := func(token string) *shopifysession.Session {
			var got answer
			when := during(func() {
				got = a.call(t, "refreshToken", map[string]any{"shop": sh.Domain(), "refreshToken": token})
			})
			s := session(t, got)
			requireGrant(t, sh, s, false, true, true, when)
			a.requireTokenRequest(t, sh, shopifytest.RefreshToken,
				map[string]string{"grant_type": "refresh_token", "refresh_token": a.Mask(token)})
			return s
		}
		second := refresh(first.RefreshToken)
		require.NotEqual(t, first.AccessToken, second.AccessToken)
		require.NotEqual(t, first.RefreshToken, second.RefreshToken)

		replayed := refresh(first.RefreshToken)
		require.Equal(t, second.AccessToken, replayed.AccessToken, "the predecessor brings the same pair again")
		require.Equal(t, second.RefreshToken, replayed.RefreshToken)

		third := refresh(second.RefreshToken)
		require.NotEqual(t, second.RefreshToken, third.RefreshToken)
		require.False(t, sh.Refreshable(first.RefreshToken), "until its replacement is used")
	})

	t.Run("client credentials", func(t *testing.T) {
		t.Parallel()
		sh := a.Shop("credentials.myshopify.com")
		sh.Install()
		var got answer
		when := during(func() { got = a.call(t, "clientCredentials", map[string]any{"shop": sh.Domain()}) })

		s := session(t, got)
		require.Equal(t, shopifysession.OfflineID(sh.Domain()), s.ID)
		require.False(t, s.IsOnline)
		require.Equal(t, scopes, s.Scope)
		require.True(t, sh.Valid(s.AccessToken))
		require.Empty(t, s.RefreshToken)
		when.requireLife(t, dayLife, s.Expires)
		a.requireTokenRequest(t, sh, shopifytest.ClientCredentials, map[string]string{"grant_type": "client_credentials"})
	})

	t.Run("migration", func(t *testing.T) {
		t.Parallel()
		sh := a.Shop("migration.myshopify.com")
		legacy := a.exchange(t, sh, false)
		migrate := func() *shopifysession.Session {
			args := map[string]any{"shop": sh.Domain(), "nonExpiringOfflineAccessToken": legacy.AccessToken}
			var got answer
			when := during(func() { got = a.call(t, "migrateToExpiringToken", args) })
			s := session(t, got)
			requireGrant(t, sh, s, false, true, true, when)
			a.requireTokenRequest(t, sh, shopifytest.Migration, map[string]string{
				"grant_type": exchangeURN, "subject_token": a.Mask(legacy.AccessToken), "subject_token_type": offlineURN,
				"requested_token_type": offlineURN, "expiring": "1",
			})
			return s
		}
		migrated := migrate()
		require.False(t, sh.Valid(legacy.AccessToken), "the old token is spent")

		again := migrate()
		require.Equal(t, migrated.AccessToken, again.AccessToken, "a lost answer can be asked for again")
		require.Equal(t, migrated.RefreshToken, again.RefreshToken)
	})

	t.Run("the token opens the Admin API", func(t *testing.T) {
		t.Parallel()
		sh := a.Shop("admin-api.myshopify.com")
		query := "{ shop { myshopifyDomain } }"
		s := a.exchange(t, sh, true)
		type data struct {
			Shop struct{ MyshopifyDomain string }
		}
		got := get[data](t, a.call(t, "graphql", map[string]any{"session": s, "query": query}))
		require.Equal(t, sh.Domain(), got.Shop.MyshopifyDomain)

		sh.Uninstall()
		refused := a.call(t, "graphql", map[string]any{"session": s, "query": query})
		require.Equal(t, 401, refused.Error.Status)
	})
}

// exchange makes the library get an offline token.
func (a *app) exchange(t *testing.T, sh *shopifytest.Shop, expiring bool) *shopifysession.Session {
	t.Helper()
	token := sh.SessionToken(shopifytest.User{})
	return session(t, a.call(t, "tokenExchange", map[string]any{"shop": sh.Domain(), "sessionToken": token, "expiring": expiring}))
}
