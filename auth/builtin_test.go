package auth_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/auth"
	"github.com/shopifysession/toolkit/shopifysession"
	"github.com/shopifysession/toolkit/shopifytest"
)

// installedFlaky is an installed shop whose storage can be made to refuse writes.
func installedFlaky(t *testing.T) (*fixture, *flaky) {
	t.Helper()
	f, st := flakyFixture(t, setup{})
	_, err := f.auth.ExchangeSessionToken(t.Context(), f.shop.SessionToken(shopifytest.User{}), auth.Offline)
	require.NoError(t, err)
	f.shopify.Advance(time.Second)
	st.stores.Store(0)
	st.err = fmt.Errorf("x: %w", shopifysession.ErrConflict)
	return f, st
}

func TestScopesUpdateIsWrittenAfterConflicts(t *testing.T) {
	t.Parallel()
	f, st := installedFlaky(t)
	st.fails.Store(3)
	r := f.shop.Webhook("app/scopes_update", map[string][]string{"current": {"read_themes"}})
	require.Equal(t, http.StatusOK, serve(f.auth.Webhooks(), r).StatusCode)
	require.Equal(t, "read_themes", f.offline().Scope)
	require.EqualValues(t, 4, st.stores.Load())
}

// A storage that serves stale copies makes every write a conflict: the delivery
// fails, for Shopify to repeat, and does not spin.
func TestScopesUpdateGivesUpOnEndlessConflicts(t *testing.T) {
	t.Parallel()
	f, st := installedFlaky(t)
	before := f.offline()
	st.fails.Store(1 << 20)
	r := f.shop.Webhook("app/scopes_update", map[string][]string{"current": {"read_themes"}})
	require.Equal(t, http.StatusConflict, serve(f.auth.Webhooks(), r).StatusCode)
	require.LessOrEqual(t, st.stores.Load(), int32(10))
	require.True(t, before.Equal(f.offline()))
}

func TestPayloadsOfBuiltInTopicsAreJSON(t *testing.T) {
	t.Parallel()
	f := installed(t, setup{})
	f.shopify.Advance(time.Second)
	before := f.offline()
	for topic, body := range map[string]string{
		"app/uninstalled":   "<shop/>",
		"shop/redact":       `{"shop_domain":7}`,
		"app/scopes_update": `{"current":"read_themes"}`,
	} {
		require.Equal(t, http.StatusBadRequest, serve(f.auth.Webhooks(), f.shop.Webhook(topic, body)).StatusCode, topic)
	}
	require.True(t, before.Equal(f.offline()))
}

func TestUninstallWebhookWithoutATimeCountsAsNow(t *testing.T) {
	t.Parallel()
	f := installed(t, setup{})
	f.shopify.Advance(time.Second)
	r := f.shop.Webhook("app/uninstalled", nil)
	r.Header.Del("X-Shopify-Triggered-At")
	require.Equal(t, http.StatusOK, serve(f.auth.Webhooks(), r).StatusCode)
	_, err := f.storage.Load(t.Context(), shopifysession.OfflineID(shopDomain))
	require.ErrorIs(t, err, shopifysession.ErrNotFound)
}
