package shopifytest_test

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/shopifytest"
)

// The values of shopify.dev and of Shopify's JS library.
func TestOAuthHMACVectors(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		"code=0907a61c0c8d55e99db179b68161bc00&shop=some-shop.myshopify.com&timestamp=1337178173":                          "4712bf92ffc2917d15a2f5a273e39f0116667419aa4b6ac0b3baaf26fa3c4d20",
		"code=0907a61c0c8d55e99db179b68161bc00&shop=some-shop.myshopify.com&state=0.6784241404160823&timestamp=1337178173": "700e2dadb827fcc8609e9d5ce208b2e9cdaab9df07390d2cbca10d7c328fc4bf",
	} {
		q, err := url.ParseQuery(query)
		require.NoError(t, err)
		signed, err := url.ParseQuery(shopifytest.SignedQuery("hush", q))
		require.NoError(t, err)
		require.Equal(t, want, signed.Get("hmac"))
	}
}

func TestOAuthHMACSignsASpaceAsPercent20(t *testing.T) {
	t.Parallel()
	signed := shopifytest.SignedQuery("hush", url.Values{"state": {"a b+c"}, "hmac": {"old"}})
	require.Contains(t, signed, "state=a%20b%2Bc")
	require.NotContains(t, signed, "old")
}

func TestAppProxyVectors(t *testing.T) {
	t.Parallel()
	q := url.Values{
		"extra": {"1", "2"}, "shop": {"shop-name.myshopify.com"}, "logged_in_customer_id": {"1"},
		"path_prefix": {"/apps/awesome_reviews"}, "timestamp": {"1317327555"}, "signature": {"ignored"},
	}
	require.Equal(t, "4c68c8624d737112c91818c11017d24d334b524cb5c2b8ba08daa056f7395ddb", shopifytest.ProxySignature("hush", q))
	q.Del("logged_in_customer_id")
	require.Equal(t, "a9718877bea71c2484f91608a7eaea1532bdf71f5c56825065fa4ccabe549ef3", shopifytest.ProxySignature("hush", q))
}

func TestWebhookVector(t *testing.T) {
	t.Parallel()
	require.Equal(t, "B23tXN681gZ0qIWNRrgtzBE9XSDo5yaUu6wfmhu3a7g=", shopifytest.BodySignature("test_secret_key", []byte(`{"foo": "bar"}`)))
}
