package auth_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/auth"
	"github.com/shopifysession/toolkit/shopifysession"
	"github.com/shopifysession/toolkit/shopifytest"
)

// The first grant of an app with online sessions is an offline one, unless the
// shop has one that can still give tokens.
func TestOnlineLoginGetsTheOfflineSessionFirst(t *testing.T) {
	t.Parallel()
	s := legacy()
	s.options.AccessMode = auth.Online
	broken := &sometimesBroken{}
	s.config = func(c *shopifysession.Config) { broken.SessionStorage, c.SessionStorage = c.SessionStorage, broken }
	f := newFixture(t, s)
	perUser := func() string {
		u, _ := f.begin()
		return u.Query().Get("grant_options[]")
	}
	require.Empty(t, perUser(), "not installed")
	u, cookies := f.begin()
	serve(f.auth.Callback(who), f.shop.Approve(u.String()), cookies...)
	require.Equal(t, "per-user", perUser())
	f.shopify.Advance(91 * 24 * time.Hour)
	require.Empty(t, perUser(), "its refresh token has run out")
	broken.down = true
	resp := serve(f.auth.Begin(), get("/auth?shop="+shopDomain))
	require.Equal(t, http.StatusServiceUnavailable, resp.StatusCode, "nobody knows")
	require.Empty(t, resp.Cookies())
	resp = serve(f.auth.RequireSession(who), document("/?shop="+shopDomain))
	require.Equal(t, http.StatusServiceUnavailable, resp.StatusCode, "whether to install or to open")
}

type sometimesBroken struct {
	shopifysession.SessionStorage
	down bool
}

func (s *sometimesBroken) Load(ctx context.Context, id string) (*shopifysession.Session, error) {
	if s.down {
		return brokenStorage{}.Load(ctx, id)
	}
	return s.SessionStorage.Load(ctx, id)
}

func TestOfflineAnswerIsNoOnlineSession(t *testing.T) {
	t.Parallel()
	f := installed(t, setup{options: auth.Options{AccessMode: auth.Online}})
	before := f.offline()
	f.shopify.Fail(shopifytest.Fault{
		Status: 200, Header: http.Header{"Content-Type": {"application/json"}},
		Body: `{"access_token":"shpat_1","scope":"x","expires_in":3600}`,
	})
	resp := serve(f.auth.RequireSession(who), f.fetch(f.shop.SessionToken(shopifytest.User{ID: 7})))
	require.Equal(t, http.StatusServiceUnavailable, resp.StatusCode)
	require.True(t, before.Equal(f.offline()), "nor does it replace the offline one")
	n, err := f.storage.Len(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, n)
}
