package officialjs_test

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/auth"
	"github.com/shopifysession/toolkit/shopifysession"
	"github.com/shopifysession/toolkit/shopifytest"
	"github.com/shopifysession/toolkit/storage/memory"
)

// session.decodeSessionToken takes the ID tokens of shopifytest.
func TestLibraryDecodesIDTokens(t *testing.T) {
	t.Parallel()
	a := startApp(t, shopifytest.App{})
	sh := a.Shop("idtoken.myshopify.com")
	type claims struct {
		Iss, Dest, Aud, Sub, Jti, Sid string
		Exp, Nbf, Iat                 int64
	}
	var token string
	when := during(func() { token = sh.SessionToken(shopifytest.User{ID: 42}) })
	got := get[claims](t, a.call(t, "decodeSessionToken", map[string]any{"token": token}))
	require.Equal(t, "https://idtoken.myshopify.com/admin", got.Iss)
	require.Equal(t, "https://idtoken.myshopify.com", got.Dest)
	require.Equal(t, a.App().APIKey, got.Aud)
	require.Equal(t, "42", got.Sub)
	require.NotEmpty(t, got.Jti)
	require.NotEmpty(t, got.Sid)
	require.Equal(t, got.Iat, got.Nbf)
	require.Equal(t, got.Iat+60, got.Exp)
	require.WithinRange(t, time.Unix(got.Iat, 0), when.from.Truncate(time.Second), when.to)

	other := shopifytest.NewServer().Shop(sh.Domain()).SessionToken(shopifytest.User{})
	require.Equal(t, "InvalidJwtError", a.call(t, "decodeSessionToken", map[string]any{"token": other}).Error.Name)
}

const (
	apiKey    = "2f6a1f0e0c5b4c7d9a3e8b1d4c6f7a90"
	apiSecret = "shpss_00000000000000000000000000000000"
	oldSecret = "shpss_11111111111111111111111111111111"
)

// mintedAt is when the tokens of TestMintedIDTokens are made and verified.
var mintedAt = time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)

// minting is the order for one token.
type minting struct {
	Alg    string         `json:"alg"`
	Secret string         `json:"secret"`
	Claims map[string]any `json:"claims"`
}

// set gives a claim another value.
func set(claim string, value any) func(*minting) {
	return func(m *minting) { m.Claims[claim] = value }
}

// without removes a claim.
func without(claim string) func(*minting) { return func(m *minting) { delete(m.Claims, claim) } }

// at returns mintedAt and some seconds as JWTs count time.
func at(seconds int64) int64 { return mintedAt.Unix() + seconds }

// auth.VerifySessionToken takes what jose mints for the app, and not with one
// thing of it bent.
func TestMintedIDTokens(t *testing.T) {
	t.Parallel()
	const evil = "another.myshopify.com"
	tests := []struct {
		name  string
		bend  func(*minting)
		valid bool
	}{
		{"as Shopify makes it", func(*minting) {}, true},
		{"secret before the rotation", func(m *minting) { m.Secret = oldSecret }, true},
		{"exp past within the leeway", set("exp", at(-9)), true},
		{"nbf future within the leeway", set("nbf", at(9)), true},
		{"iss with another path", set("iss", "https://signed.myshopify.com"), true},
		{"claim that nobody knows", set("plan", map[string]any{"name": "plus"}), true},

		{"alg HS384", func(m *minting) { m.Alg = "HS384" }, false},
		{"alg HS512", func(m *minting) { m.Alg = "HS512" }, false},
		{"alg none", func(m *minting) { m.Alg = "none" }, false},
		{"another key", func(m *minting) { m.Secret = "shpss_22222222222222222222222222222222" }, false},
		{"key in another case", func(m *minting) { m.Secret = strings.ToUpper(apiSecret) }, false},

		{"exp past beyond the leeway", set("exp", at(-11)), false},
		{"exp missing", without("exp"), false},
		{"exp null", set("exp", nil), false},
		{"exp a word", set("exp", "never"), false},
		{"nbf future beyond the leeway", set("nbf", at(11)), false},
		{"nbf missing", without("nbf"), false},
		{"nbf null", set("nbf", nil), false},

		{"aud another app", set("aud", "00000000000000000000000000000000"), false},
		{"aud of two", set("aud", []string{apiKey, "00000000000000000000000000000000"}), false},
		{"aud twice", set("aud", []string{apiKey, apiKey}), false},
		{"aud empty", set("aud", ""), false},
		{"aud missing", without("aud"), false},

		{"iss another shop", set("iss", "https://"+evil+"/admin"), false},
		{"iss not https", set("iss", "http://signed.myshopify.com/admin"), false},
		{"iss not a URL", set("iss", "signed.myshopify.com/admin"), false},
		{"iss missing", without("iss"), false},

		{"dest another shop", set("dest", "https://"+evil), false},
		{"dest not https", set("dest", "http://signed.myshopify.com"), false},
		{"dest without scheme", set("dest", "signed.myshopify.com"), false},
		{"dest with port", set("dest", "https://signed.myshopify.com:443"), false},
		{"dest with another shop as user", set("dest", "https://"+evil+"@signed.myshopify.com"), false},
		{"dest with the shop as user", set("dest", "https://signed.myshopify.com@"+evil), false},
		{"dest with the shop in the path", set("dest", "https://"+evil+"/signed.myshopify.com"), false},
		{"dest with a path after a backslash", set("dest", `https://`+evil+`\@signed.myshopify.com`), false},
		{"dest with a query", set("dest", "https://signed.myshopify.com?shop="+evil), false},
		{"dest with a fragment", set("dest", "https://signed.myshopify.com#"+evil), false},
		{"dest with a trailing dot", set("dest", "https://signed.myshopify.com."), false},
		{"dest with a line feed", set("dest", "https://signed.myshopify.com\n"), false},
		{"dest below a foreign domain", set("dest", "https://signed.myshopify.com.example.com"), false},
		{"dest not a shop", set("dest", "https://example.com"), false},
		{"dest the suffix alone", set("dest", "https://myshopify.com"), false},
		{"dest a shop below the shop", set("dest", "https://a.signed.myshopify.com"), false},
		{"dest empty", set("dest", ""), false},
		{"dest missing", without("dest"), false},
		{"dest and iss not a shop", func(m *minting) {
			m.Claims["dest"], m.Claims["iss"] = "https://example.com", "https://example.com/admin"
		}, false},
	}

	orders := make([]minting, len(tests))
	for i, tt := range tests {
		orders[i] = minting{Alg: "HS256", Secret: apiSecret, Claims: map[string]any{
			"iss": "https://signed.myshopify.com/admin", "dest": "https://signed.myshopify.com", "aud": apiKey, "sub": "42",
			"exp": at(60), "nbf": at(0), "iat": at(0), "jti": "f8912129-1af6-4cad-9ca3-76b0f7621087", "sid": "aaea182f2732d44c",
		}}
		plain := maps.Clone(orders[i].Claims)
		tt.bend(&orders[i])
		if !tt.valid {
			require.False(t, orders[i].Alg == "HS256" && orders[i].Secret == apiSecret && maps.EqualFunc(plain, orders[i].Claims, same), tt.name)
		}
	}
	tokens := mint(t, orders)
	a := verifier(t)
	for i, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := a.VerifySessionToken(tokens[i])
			if tt.valid {
				require.NoError(t, err)
				require.Equal(t, "signed.myshopify.com", got.Shop())
				user, err := got.UserID()
				require.NoError(t, err)
				require.Equal(t, int64(42), user)
				return
			}
			require.ErrorIs(t, err, auth.ErrInvalidToken)
			require.Nil(t, got)
			requireQuotesNothing(t, err, tokens[i], orders[i])
		})
	}
}

// same compares claims as JSON shows them.
func same(a, b any) bool {
	x, _ := json.Marshal(a)
	y, _ := json.Marshal(b)
	return string(x) == string(y)
}

// mint lets jose make all tokens in one process.
func mint(t *testing.T, orders []minting) []string {
	t.Helper()
	wanted, err := json.Marshal(orders)
	require.NoError(t, err)
	cmd := node(t, "mint.mjs")
	cmd.Stdin = strings.NewReader(string(wanted))
	out, err := cmd.Output()
	require.NoError(t, err)
	var tokens []string
	require.NoError(t, json.Unmarshal(out, &tokens))
	require.Len(t, tokens, len(orders))
	return tokens
}

// verifier is the app that the tokens are for, while its secret is rotated.
func verifier(t *testing.T) *auth.Auth {
	t.Helper()
	app, err := shopifysession.NewContext(shopifysession.Config{
		APIKey: apiKey, APISecret: apiSecret, PreviousSecrets: []string{oldSecret}, AppURL: "https://app.example.com",
		SessionStorage: memory.New(), Now: func() time.Time { return mintedAt },
	})
	require.NoError(t, err)
	return auth.New(app, nil)
}

// requireQuotesNothing requires that the text of an error holds no eight
// characters of the token, and no claim or key.
func requireQuotesNothing(t *testing.T, err error, token string, order minting) {
	t.Helper()
	const enough = 8
	for i := range len(token) - enough + 1 {
		require.NotContains(t, err.Error(), token[i:i+enough])
	}
	require.NotContains(t, err.Error(), order.Secret)
	for _, value := range order.Claims {
		if text, ok := value.(string); ok && len(text) >= enough {
			require.NotContains(t, err.Error(), text)
		}
	}
}
