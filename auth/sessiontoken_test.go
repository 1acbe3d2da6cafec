package auth_test

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/auth"
	"github.com/shopifysession/toolkit/shopifysession"
	"github.com/shopifysession/toolkit/storage/memory"
)

// officialVector was computed with the official library's crypto: secret
// test_secret_key, valid from 1700000000 for a minute.
const officialVector = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJodHRwczovL2EubXlzaG9waWZ5LmNvbS9hZG1pbiIsImRlc3QiOiJodHRwczovL2EubXlzaG9waWZ5LmNvbSIsImF1ZCI6InRlc3Rfa2V5Iiwic3ViIjoiNDIiLCJleHAiOjE3MDAwMDAwNjAsIm5iZiI6MTcwMDAwMDAwMCwiaWF0IjoxNzAwMDAwMDAwLCJqdGkiOiJmODkxMjEyOS0xYWY2LTRjYWQtOWNhMy03NmIwZjc2MjEwODciLCJzaWQiOiJhYWVhMTgyZjI3MzJkNDRjMjMwNTdjMGZlYTU4NDAyMWE0NDg1YjJiZDI1ZDNlYjdmZDM0OTMxM2FkMjRjNjg1In0.jK7stvNXg_Pg061w3K0EE8njq2iU5ZcL7gkZTNC2X3g"

// vectorApp is the app of officialVector at a time of its life.
func vectorApp(t *testing.T, at int64) *auth.Auth {
	t.Helper()
	app, err := shopifysession.NewContext(shopifysession.Config{
		APIKey: "test_key", APISecret: "newest", PreviousSecrets: []string{"older", "test_secret_key"},
		AppURL: "https://app.example.com", SessionStorage: memory.New(),
		Now: func() time.Time { return time.Unix(at, 0) },
	})
	require.NoError(t, err)
	return auth.New(app, nil)
}

func TestVerifySessionTokenOfficialVector(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		at  int64
		err error
	}{
		"at issue":          {1700000000, nil},
		"before, in leeway": {1700000000 - 9, nil},
		"before":            {1700000000 - 11, jwt.ErrTokenNotValidYet},
		"after, in leeway":  {1700000060 + 9, nil},
		"after":             {1700000060 + 11, jwt.ErrTokenExpired},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := vectorApp(t, tt.at).VerifySessionToken(officialVector)
			if tt.err != nil {
				require.ErrorIs(t, err, auth.ErrInvalidToken)
				require.ErrorIs(t, err, tt.err)
				require.Nil(t, got)
				return
			}
			require.NoError(t, err, "a previous secret is accepted, too")
			require.Equal(t, "a.myshopify.com", got.Shop())
			user, err := got.UserID()
			require.NoError(t, err)
			require.EqualValues(t, 42, user)
			require.Equal(t, "aaea182f2732d44c23057c0fea584021a4485b2bd25d3eb7fd349313ad24c685", got.SID)
			require.NotContains(t, fmt.Sprintf("%v %+v %#v %s", got, *got, got, got), got.SID)
		})
	}
}

// bent signs good claims after one change, with the app's own secret unless key
// says otherwise.
func bent(t *testing.T, method jwt.SigningMethod, key any, change func(jwt.MapClaims)) string {
	t.Helper()
	claims := jwt.MapClaims{
		"iss": "https://a.myshopify.com/admin", "dest": "https://a.myshopify.com", "aud": "test_key", "sub": "42",
		"exp": 1700000060, "nbf": 1700000000, "iat": 1700000000, "jti": "x", "sid": "y",
	}
	if change != nil {
		change(claims)
	}
	token := jwt.NewWithClaims(method, claims)
	signed, err := token.SignedString(key)
	require.NoError(t, err)
	return signed
}

func TestVerifySessionTokenRefuses(t *testing.T) {
	t.Parallel()
	secret := []byte("newest")
	set := func(claim string, value any) func(jwt.MapClaims) {
		return func(c jwt.MapClaims) { c[claim] = value }
	}
	drop := func(claim string) func(jwt.MapClaims) {
		return func(c jwt.MapClaims) { delete(c, claim) }
	}
	hs := jwt.SigningMethodHS256
	parts := strings.Split(officialVector, ".")
	tokens := map[string]string{
		"garbage":                "garbage",
		"two parts":              parts[0] + "." + parts[1],
		"no signature":           parts[0] + "." + parts[1] + ".",
		"other payload":          parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(`{"aud":"test_key"}`)) + "." + parts[2],
		"padded signature":       officialVector + "=",
		"trailing bits":          officialVector[:len(officialVector)-1] + "h",
		"huge":                   strings.Repeat("a", 9<<10),
		"alg none":               bent(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, nil),
		"alg HS384":              bent(t, jwt.SigningMethodHS384, secret, nil),
		"alg HS512":              bent(t, jwt.SigningMethodHS512, secret, nil),
		"wrong secret":           bent(t, hs, []byte("wrong"), nil),
		"empty secret":           bent(t, hs, []byte(""), nil),
		"no exp":                 bent(t, hs, secret, drop("exp")),
		"no nbf":                 bent(t, hs, secret, drop("nbf")),
		"no aud":                 bent(t, hs, secret, drop("aud")),
		"another app":            bent(t, hs, secret, set("aud", "other_key")),
		"one more audience":      bent(t, hs, secret, set("aud", []string{"test_key", "other_key"})),
		"aud prefix":             bent(t, hs, secret, set("aud", "test_key2")),
		"no dest":                bent(t, hs, secret, drop("dest")),
		"no iss":                 bent(t, hs, secret, drop("iss")),
		"dest of another shop":   bent(t, hs, secret, set("dest", "https://b.myshopify.com")),
		"iss of another shop":    bent(t, hs, secret, set("iss", "https://b.myshopify.com/admin")),
		"dest without scheme":    bent(t, hs, secret, set("dest", "a.myshopify.com")),
		"dest over http":         bent(t, hs, secret, set("dest", "http://a.myshopify.com")),
		"dest with port":         bent(t, hs, secret, set("dest", "https://a.myshopify.com:443")),
		"dest with user info":    bent(t, hs, secret, set("dest", "https://x@a.myshopify.com")),
		"dest with fragment":     bent(t, hs, secret, set("dest", "https://a.myshopify.com#b")),
		"dest with path":         bent(t, hs, secret, set("dest", "https://a.myshopify.com/admin")),
		"dest with query":        bent(t, hs, secret, set("dest", "https://a.myshopify.com?b")),
		"iss and dest elsewhere": bent(t, hs, secret, func(c jwt.MapClaims) { c["iss"], c["dest"] = "https://evil.example/admin", "https://evil.example" }),
		"iss and dest unanchored": bent(t, hs, secret, func(c jwt.MapClaims) {
			c["iss"], c["dest"] = "https://a.myshopify.com.evil.example/admin", "https://a.myshopify.com.evil.example"
		}),
	}
	for name, raw := range tokens {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := vectorApp(t, 1700000000).VerifySessionToken(raw)
			require.ErrorIs(t, err, auth.ErrInvalidToken)
			require.Nil(t, got)
			text := fmt.Sprintf("%v %+v %#v", err, err, err)
			for _, part := range strings.Split(raw, ".") {
				if len(part) > 7 {
					require.NotContains(t, text, part, "the error holds no part of the token")
				}
			}
		})
	}
	_, err := vectorApp(t, 1700000000).VerifySessionToken("")
	require.ErrorIs(t, err, auth.ErrMissingToken)
}

// The secret is a key of UTF-8 bytes; the official library cuts characters to
// Latin-1, where different secrets are one key.
func TestVerifySessionTokenKeyIsUTF8(t *testing.T) {
	t.Parallel()
	app, err := shopifysession.NewContext(shopifysession.Config{
		APIKey: "test_key", APISecret: "Ā", AppURL: "https://app.example.com", SessionStorage: memory.New(),
		Now: func() time.Time { return time.Unix(1700000000, 0) },
	})
	require.NoError(t, err)
	a := auth.New(app, nil)
	_, err = a.VerifySessionToken(bent(t, jwt.SigningMethodHS256, []byte("Ā"), nil))
	require.NoError(t, err)
	_, err = a.VerifySessionToken(bent(t, jwt.SigningMethodHS256, []byte{0}, nil))
	require.ErrorIs(t, err, auth.ErrInvalidToken)
}

func TestSessionTokenWithoutUser(t *testing.T) {
	t.Parallel()
	for name, sub := range map[string]any{"none": nil, "GID": "gid://shopify/Customer/1", "negative": "-1", "zero": "0"} {
		raw := bent(t, jwt.SigningMethodHS256, []byte("newest"), func(c jwt.MapClaims) {
			if sub == nil {
				delete(c, "sub")
				return
			}
			c["sub"] = sub
		})
		token, err := vectorApp(t, 1700000000).VerifySessionToken(raw)
		require.NoError(t, err, name)
		_, err = token.UserID()
		require.ErrorIs(t, err, auth.ErrInvalidToken, name)
	}
}

func FuzzVerifySessionToken(f *testing.F) {
	f.Add(officialVector)
	f.Add("a.b.c")
	f.Add("")
	f.Fuzz(func(t *testing.T, raw string) {
		token, err := vectorApp(t, 1700000000).VerifySessionToken(raw)
		if err == nil {
			require.Equal(t, officialVector, raw, "only what was signed verifies")
			require.Equal(t, "a.myshopify.com", token.Shop())
		}
	})
}

// https://shopify.dev's example and the official library's vectors, secret hush.
func TestVerifyCallbackOfficialVectors(t *testing.T) {
	t.Parallel()
	app, err := shopifysession.NewContext(shopifysession.Config{
		APIKey: "key", APISecret: "hush", AppURL: "https://app.example.com", SessionStorage: memory.New(),
		Now: func() time.Time { return time.Unix(1337178173, 0) },
	})
	require.NoError(t, err)
	a := auth.New(app, nil)
	q := url.Values{
		"code": {"0907a61c0c8d55e99db179b68161bc00"}, "shop": {"some-shop.myshopify.com"}, "state": {"0.6784241404160823"},
		"timestamp": {"1337178173"}, "hmac": {"700e2dadb827fcc8609e9d5ce208b2e9cdaab9df07390d2cbca10d7c328fc4bf"},
	}
	p, err := a.VerifyCallback(get("/auth/callback?" + q.Encode()))
	require.NoError(t, err)
	require.Equal(t, &auth.CallbackParams{Shop: "some-shop.myshopify.com", Code: "0907a61c0c8d55e99db179b68161bc00", State: "0.6784241404160823"}, p)
	require.NotContains(t, fmt.Sprintf("%v %+v", p, *p), p.Code)

	delete(q, "state")
	q.Set("hmac", "4712bf92ffc2917d15a2f5a273e39f0116667419aa4b6ac0b3baaf26fa3c4d20")
	_, err = a.VerifyCallback(get("/auth/callback?" + q.Encode()))
	require.ErrorIs(t, err, auth.ErrInvalidRequest, "signed, but without state")
}
