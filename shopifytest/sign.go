package shopifytest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"
)

func mac(secret string, message []byte) []byte {
	h := hmac.New(sha256.New, []byte(secret))
	_, _ = h.Write(message)
	return h.Sum(nil)
}

// encodeQuery writes parameters sorted by name, percent-encoded, a space as %20:
// Shopify signs this form, not the plus of HTML forms.
func encodeQuery(q url.Values) string {
	return strings.ReplaceAll(q.Encode(), "+", "%20")
}

// signedQuery returns q with its hmac: hex of HMAC-SHA256 over all other
// parameters (shopify.dev, "Verify the installation request").
func signedQuery(secret string, q url.Values) string {
	q = cloneQuery(q)
	q.Del("hmac")
	q.Set("hmac", hex.EncodeToString(mac(secret, []byte(encodeQuery(q)))))
	return encodeQuery(q)
}

// proxySignature signs an app proxy request: name=value, values of one name joined
// by commas, decoded, sorted, without separator (shopify.dev, "Authenticate app proxies").
func proxySignature(secret string, q url.Values) string {
	var parts []string
	for name, values := range q {
		if name != "signature" {
			parts = append(parts, name+"="+strings.Join(values, ","))
		}
	}
	slices.Sort(parts)
	return hex.EncodeToString(mac(secret, []byte(strings.Join(parts, ""))))
}

// bodySignature signs a webhook's body, and nothing else of it.
func bodySignature(secret string, body []byte) string {
	return base64.StdEncoding.EncodeToString(mac(secret, body))
}

// encodeHost is the host parameter: base64 without padding.
func encodeHost(host string) string { return base64.RawStdEncoding.EncodeToString([]byte(host)) }

func cloneQuery(q url.Values) url.Values {
	c := make(url.Values, len(q))
	for name, values := range q {
		c[name] = slices.Clone(values)
	}
	return c
}
