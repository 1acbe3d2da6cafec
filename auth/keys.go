package auth

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
)

// Cookies are signed with keys derived from the client secret, one for each
// purpose. With the secret itself as key, a signed cookie would be a valid
// webhook signature of its value.
const (
	stateKeyInfo   = "shopifysession/oauth-state/v1"
	sessionKeyInfo = "shopifysession/session-cookie/v1"
	keyLen         = sha256.Size
)

// deriveKey derives a key by HKDF (RFC 5869) with SHA-256 and no salt.
func deriveKey(secret, info string) []byte {
	key, err := hkdf.Key(sha256.New, []byte(secret), nil, info, keyLen)
	if err != nil {
		panic(err) // only for keys longer than 255 hashes
	}
	return key
}

// sum returns the HMAC-SHA256 of the parts, each with its length in front, so
// that no two lists of parts sign the same bytes.
func sum(key []byte, parts ...string) []byte {
	mac := hmac.New(sha256.New, key)
	for _, part := range parts {
		mac.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
		mac.Write([]byte(part))
	}
	return mac.Sum(nil)
}

// sumRaw returns the HMAC-SHA256 of data as Shopify computes it.
func sumRaw(secret string, data []byte) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(data)
	return mac.Sum(nil)
}

// signedByAny reports whether mac is compute's result for one of the secrets.
// All are tried, whichever matches, so that time tells nothing.
func signedByAny(secrets []string, mac []byte, compute func(secret string) []byte) bool {
	found := false
	for _, secret := range secrets {
		if hmac.Equal(mac, compute(secret)) {
			found = true
		}
	}
	return found
}
