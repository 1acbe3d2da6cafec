package officialjs_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/shopifytest"
)

// webhooks.validate takes what shopifytest sends, in both families of headers,
// and nothing else.
func TestWebhooks(t *testing.T) {
	t.Parallel()
	families := []struct {
		name    string
		headers shopifytest.HeaderFamily
		prefix  string
	}{
		{"webhooks", shopifytest.WebhookHeaders, "X-Shopify-"},
		{"events", shopifytest.EventHeaders, "Shopify-"},
	}
	for _, family := range families {
		t.Run(family.name, func(t *testing.T) {
			t.Parallel()
			a := startApp(t, shopifytest.App{})
			a.SetPolicy(shopifytest.Policy{Headers: family.headers})
			sh := a.Shop(family.name + ".myshopify.com")

			tests := []struct {
				name   string
				bend   func(t *testing.T, r *http.Request)
				reason string // "": taken
			}{
				{"as sent", func(*testing.T, *http.Request) {}, ""},
				{"body changed", func(t *testing.T, r *http.Request) {
					body, err := io.ReadAll(r.Body)
					require.NoError(t, err)
					setBody(r, strings.Replace(string(body), "1", "2", 1))
				}, "invalid_hmac"},
				{"body gone", func(_ *testing.T, r *http.Request) { setBody(r, "") }, "missing_body"},
				{"signature of another secret", func(_ *testing.T, r *http.Request) {
					other := shopifytest.NewServer().Shop(sh.Domain()).Webhook("orders/create", order)
					r.Header.Set(family.prefix+"Hmac-Sha256", other.Header.Get("X-Shopify-Hmac-Sha256"))
				}, "invalid_hmac"},
				{"signature gone", func(_ *testing.T, r *http.Request) { r.Header.Del(family.prefix + "Hmac-Sha256") }, "missing_hmac"},
				{"topic gone", func(_ *testing.T, r *http.Request) { r.Header.Del(family.prefix + "Topic") }, "missing_headers"},
			}
			for _, tt := range tests {
				t.Run(tt.name, func(t *testing.T) {
					t.Parallel()
					r := sh.Webhook("orders/create", order)
					tt.bend(t, r)
					got := get[check](t, a.do(t, r))
					require.Equal(t, tt.reason, got.Reason)
					require.Equal(t, tt.reason == "", got.Valid)
					if got.Valid {
						header := func(name string) string { return r.Header.Get(family.prefix + name) }
						require.Equal(t, check{
							Valid: true, WebhookType: family.name, Topic: "ORDERS_CREATE", Domain: sh.Domain(),
							APIVersion: header("Api-Version"), WebhookID: header("Webhook-Id"), TriggeredAt: header("Triggered-At"),
							Name: header("Name"), Handle: header("Handle"), Action: header("Action"),
						}, got)
					}
				})
			}
		})
	}
}

// order is a body with characters of one to four bytes.
const order = `{"id":1,"note":"Grüße, 東京 🛍"}`

// check is the answer of webhooks.validate.
type check struct {
	Valid                                bool
	Reason, WebhookType                  string
	Topic, Domain, APIVersion, WebhookID string
	TriggeredAt, Name, Handle, Action    string
}

func setBody(r *http.Request, body string) {
	r.Body, r.ContentLength, r.GetBody = io.NopCloser(strings.NewReader(body)), int64(len(body)), nil
}

// What shopifytest delivers by itself, with the payloads that it makes up.
func TestDeliveries(t *testing.T) {
	t.Parallel()
	a := startApp(t, shopifytest.App{})
	sh := a.Shop("deliveries.myshopify.com")
	sh.Install()
	sh.ScopesUpdate("read_products")
	for _, topic := range []string{"customers/data_request", "customers/redact", "shop/update"} {
		sh.Send(topic, nil)
	}
	sh.Uninstall()
	a.Advance(48 * time.Hour) // brings shop/redact

	var topics []string
	for _, d := range a.Webhooks() {
		topics = append(topics, d.Topic)
		require.True(t, d.Delivered, d.Topic)
	}
	require.Equal(t, []string{
		"app/scopes_update", "customers/data_request", "customers/redact", "shop/update", "app/uninstalled", "shop/redact",
	}, topics)
}
