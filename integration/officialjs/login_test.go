package officialjs_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/shopifysession"
	"github.com/shopifysession/toolkit/shopifytest"
)

const (
	accessLife  = time.Hour
	refreshLife = 90 * 24 * time.Hour
	dayLife     = 86399 * time.Second // of online and client credentials tokens
)

// auth.begin and auth.callback, with the merchant's consent in between.
func TestLogin(t *testing.T) {
	t.Parallel()
	logins := []struct {
		name, shop       string
		online, expiring bool
	}{
		{name: "offline", shop: "offline.myshopify.com"},
		{name: "online", shop: "online.myshopify.com", online: true},
		{name: "offline expiring", shop: "expiring.myshopify.com", expiring: true},
	}
	for _, embedded := range []bool{true, false} {
		name := map[bool]string{true: "embedded", false: "not embedded"}[embedded]
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := startApp(t, shopifytest.App{NotEmbedded: !embedded})
			for _, tt := range logins {
				t.Run(tt.name, func(t *testing.T) {
					t.Parallel()
					sh := a.Shop(tt.shop)
					begun := a.begin(t, sh, tt.online, tt.expiring)
					require.Equal(t, http.StatusFound, begun.status)

					callback := sh.Approve(begun.header.Get("Location"))
					addCookies(callback, begun)
					code, state := callback.URL.Query().Get("code"), callback.URL.Query().Get("state")
					var ended answer
					when := during(func() { ended = a.do(t, callback) })

					s := session(t, ended)
					requireGrant(t, sh, s, tt.online, tt.expiring, embedded, when)
					require.Equal(t, state, s.State)
					require.Equal(t, !embedded, hasCookie(ended, "shopify_app_session"))
					expiring := map[bool]string{true: "1", false: "0"}[tt.expiring]
					a.requireTokenRequest(t, sh, shopifytest.AuthorizationCode,
						map[string]string{"code": a.Mask(code), "expiring": expiring})

					spent := a.do(t, callback)
					require.Equal(t, "HttpResponseError", spent.Error.Name)
					require.Equal(t, http.StatusBadRequest, spent.Error.Status)
					require.Equal(t, "invalid_request", spent.Error.Body["error"], "a code works once")
				})
			}
		})
	}
}

func TestLoginThatTheMerchantDeclines(t *testing.T) {
	t.Parallel()
	a := startApp(t, shopifytest.App{})
	sh := a.Shop("declined.myshopify.com")
	begun := a.begin(t, sh, false, true)
	callback, err := sh.Deny(begun.header.Get("Location"))
	require.NoError(t, err)
	addCookies(callback, begun)

	// The library takes the signature, knows nothing of error=access_denied, and
	// asks for a token without a code.
	ended := a.do(t, callback)
	require.Equal(t, "HttpResponseError", ended.Error.Name)
	require.Equal(t, http.StatusBadRequest, ended.Error.Status)
	require.Equal(t, "invalid_request", ended.Error.Body["error"])
	require.False(t, sh.Installed())
}

// begin starts a login and returns the library's redirect.
func (a *app) begin(t *testing.T, sh *shopifytest.Shop, online, expiring bool) answer {
	t.Helper()
	path, query := "/auth", url.Values{"shop": {sh.Domain()}}
	if expiring {
		path = "/auth/expiring"
	}
	if online {
		query.Set("online", "1")
	}
	r, err := http.NewRequest(http.MethodGet, a.address+path+"?"+query.Encode(), nil)
	require.NoError(t, err)
	return a.do(t, r)
}

// addCookies sends back the cookies of an answer. They are Secure, so that a
// cookie jar keeps them from an app without TLS; a browser trusts a loopback
// address.
func addCookies(r *http.Request, from answer) {
	for _, c := range from.cookies {
		r.AddCookie(c)
	}
}

func hasCookie(ans answer, name string) bool {
	for _, c := range ans.cookies {
		if c.Name == name && c.Value != "" {
			return true
		}
	}
	return false
}

// requireGrant requires that the library made a session of this kind, and that
// Shopify stands by its tokens.
func requireGrant(t *testing.T, sh *shopifytest.Shop, s *shopifysession.Session, online, expiring, embedded bool, when span) {
	t.Helper()
	require.Equal(t, sh.Domain(), s.Shop)
	require.Equal(t, scopes, sh.Scopes())
	require.Equal(t, scopes, s.Scope)
	require.Equal(t, online, s.IsOnline)
	require.True(t, sh.Valid(s.AccessToken))
	require.Equal(t, expiring, sh.Refreshable(s.RefreshToken))
	switch {
	case online:
		owner := sh.Owner()
		if embedded {
			require.Equal(t, shopifysession.OnlineID(sh.Domain(), owner.ID), s.ID)
		} else {
			require.Regexp(t, `^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`, s.ID)
		}
		when.requireLife(t, dayLife, s.Expires)
		require.Equal(t, scopes, s.OnlineAccessInfo.AssociatedUserScope)
		user := s.OnlineAccessInfo.AssociatedUser
		require.Equal(t, owner, shopifytest.User{
			ID: user.ID, FirstName: user.FirstName, LastName: user.LastName, Email: user.Email, Locale: user.Locale,
			EmailVerified: user.EmailVerified, AccountOwner: user.AccountOwner, Collaborator: user.Collaborator,
		})
	case expiring:
		require.Equal(t, shopifysession.OfflineID(sh.Domain()), s.ID)
		when.requireLife(t, accessLife, s.Expires)
		when.requireLife(t, refreshLife, s.RefreshTokenExpires)
	default:
		require.Equal(t, shopifysession.OfflineID(sh.Domain()), s.ID)
		require.Zero(t, s.Expires)
		require.Empty(t, s.RefreshToken)
	}
}
