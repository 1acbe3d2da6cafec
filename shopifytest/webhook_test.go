package shopifytest_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/shopifytest"
)

func TestWebhookHasAllHeaders(t *testing.T) {
	t.Parallel()
	f := setup(t)
	r := f.shop.Webhook("products/create", map[string]int{"id": 1})
	body := readAll(t, r.Body)
	require.Equal(t, http.MethodPost, r.Method)
	require.Equal(t, "https://app.example.com/webhooks", r.URL.String())
	require.JSONEq(t, `{"id":1}`, body)
	for name, want := range map[string]string{
		"Content-Type":           "application/json",
		"X-Shopify-Topic":        "products/create",
		"X-Shopify-Shop-Domain":  shopA,
		"X-Shopify-API-Version":  "2026-10",
		"X-Shopify-Triggered-At": "2026-11-21T09:00:00Z",
		"X-Shopify-Name":         "products-create",
		"X-Shopify-Hmac-SHA256":  shopifytest.BodySignature(f.s.App().APISecret, []byte(body)),
	} {
		require.Equal(t, want, r.Header.Get(name), name)
	}
	require.Len(t, r.Header.Get("X-Shopify-Webhook-Id"), 36)
	require.Len(t, r.Header.Get("X-Shopify-Event-Id"), 36)
	require.NotEqual(t, r.Header.Get("X-Shopify-Webhook-Id"), f.shop.Webhook("products/create", nil).Header.Get("X-Shopify-Webhook-Id"))
	require.Empty(t, f.s.Webhooks(), "nothing was sent")
}

func TestWebhookInTheEventsFamily(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.s.SetPolicy(shopifytest.Policy{Headers: shopifytest.EventHeaders})
	r := f.shop.Webhook("product/update", "{}")
	for name, want := range map[string]string{
		"shopify-topic": "product/update", "shopify-shop-domain": shopA, "shopify-api-version": "2026-10",
		"shopify-hmac-sha256": shopifytest.BodySignature(f.s.App().APISecret, []byte("{}")),
		"shopify-action":      "update", "shopify-handle": "product-update", "shopify-resource-id": "gid://shopify/product/1",
	} {
		require.Equal(t, want, r.Header.Get(name), name)
	}
	for _, name := range []string{"shopify-webhook-id", "shopify-event-id", "shopify-triggered-at"} {
		require.NotEmpty(t, r.Header.Get(name), name)
	}
	require.Empty(t, r.Header.Get("X-Shopify-Hmac-Sha256"))
}

func TestWebhookBodies(t *testing.T) {
	t.Parallel()
	f := setup(t)
	for _, body := range []any{`{"a": 1}`, []byte(`{"a": 1}`), json.RawMessage(`{"a": 1}`)} {
		require.Equal(t, `{"a": 1}`, readAll(t, f.shop.Webhook("x/y", body).Body), "bytes stay as they are")
	}
	for topic, want := range map[string]string{
		"app/uninstalled":        `"myshopify_domain":"alpha.myshopify.com"`,
		"shop/redact":            `"shop_domain":"alpha.myshopify.com"`,
		"customers/redact":       `"orders_to_redact":[]`,
		"customers/data_request": `"data_request":{"id":`,
		"other/topic":            `{}`,
	} {
		require.Contains(t, readAll(t, f.shop.Webhook(topic, nil).Body), want, topic)
	}
	s := shopifytest.NewServer()
	require.Panics(t, func() { s.Shop(shopA).Webhook("x/y", func() {}) })
}
