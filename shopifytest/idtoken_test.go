package shopifytest_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/shopifytest"
)

func TestSessionTokenHasShopifysClaims(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.s.SetApp(shopifytest.App{APIKey: "key", APISecret: "hush"})
	raw := f.shop.SessionToken(shopifytest.User{ID: 42})
	var claims jwt.MapClaims
	_, err := jwt.ParseWithClaims(raw, &claims, func(*jwt.Token) (any, error) { return []byte("hush"), nil },
		jwt.WithValidMethods([]string{"HS256"}), jwt.WithTimeFunc(f.s.Now))
	require.NoError(t, err)
	require.Equal(t, "https://alpha.myshopify.com/admin", claims["iss"])
	require.Equal(t, "https://alpha.myshopify.com", claims["dest"])
	require.Equal(t, "key", claims["aud"])
	require.Equal(t, "42", claims["sub"])
	require.EqualValues(t, start.Add(time.Minute).Unix(), claims["exp"])
	require.EqualValues(t, start.Unix(), claims["nbf"])
	require.EqualValues(t, start.Unix(), claims["iat"])
	require.Regexp(t, `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, claims["jti"])
	require.Regexp(t, `^[0-9a-f]{64}$`, claims["sid"])
	require.Regexp(t, `^[0-9a-f]{64}$`, claims["sig"])
	require.Len(t, claims, 10)
}

func TestSessionIDIsPerUserAndTokenIDPerToken(t *testing.T) {
	t.Parallel()
	f := setup(t)
	claims := func(u shopifytest.User) (c jwt.MapClaims) {
		_, _, err := jwt.NewParser().ParseUnverified(f.shop.SessionToken(u), &c)
		require.NoError(t, err)
		return c
	}
	first, again, other := claims(shopifytest.User{}), claims(f.shop.Owner()), claims(shopifytest.User{ID: 9})
	require.Equal(t, first["sid"], again["sid"])
	require.Equal(t, first["sub"], fmt.Sprint(f.shop.Owner().ID))
	require.NotEqual(t, first["jti"], again["jti"])
	require.NotEqual(t, first["sid"], other["sid"])
}

// A token that Shopify's own libraries made, cross-checked with Node's crypto.
func TestIDTokenVectorOfTheJSLibrary(t *testing.T) {
	t.Parallel()
	const raw = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJodHRwczovL2EubXlzaG9waWZ5LmNvbS9hZG1pbiIsImRlc3QiOiJodHRwczovL2EubXlzaG9waWZ5LmNvbSIsImF1ZCI6InRlc3Rfa2V5Iiwic3ViIjoiNDIiLCJleHAiOjE3MDAwMDAwNjAsIm5iZiI6MTcwMDAwMDAwMCwiaWF0IjoxNzAwMDAwMDAwLCJqdGkiOiJmODkxMjEyOS0xYWY2LTRjYWQtOWNhMy03NmIwZjc2MjEwODciLCJzaWQiOiJhYWVhMTgyZjI3MzJkNDRjMjMwNTdjMGZlYTU4NDAyMWE0NDg1YjJiZDI1ZDNlYjdmZDM0OTMxM2FkMjRjNjg1In0.jK7stvNXg_Pg061w3K0EE8njq2iU5ZcL7gkZTNC2X3g"
	s := shopifytest.Run(t)
	s.SetApp(shopifytest.App{APIKey: "test_key", APISecret: "test_secret_key"})
	user, ok := s.Shop("a.myshopify.com").VerifyIDToken(raw, time.Unix(1700000059, 0))
	require.True(t, ok)
	require.EqualValues(t, 42, user)
	_, ok = s.Shop("a.myshopify.com").VerifyIDToken(raw, time.Unix(1700000060, 0))
	require.False(t, ok)
	_, ok = s.Shop("a.myshopify.com").VerifyIDToken(raw[:len(raw)-1]+"h", time.Unix(1700000059, 0))
	require.False(t, ok, "a signature with spare bits set")
}

func TestIDTokenVerificationPinsTheAlgorithm(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.s.SetApp(shopifytest.App{APIKey: "key", APISecret: "hush"})
	for _, method := range []jwt.SigningMethod{jwt.SigningMethodHS512, jwt.SigningMethodNone} {
		var key any = []byte("hush")
		if method == jwt.SigningMethodNone {
			key = jwt.UnsafeAllowNoneSignatureType
		}
		raw, err := jwt.NewWithClaims(method, jwt.MapClaims{
			"iss": "https://" + shopA + "/admin", "dest": "https://" + shopA, "aud": "key", "sub": "1",
			"exp": start.Add(time.Minute).Unix(), "nbf": start.Unix(),
		}).SignedString(key)
		require.NoError(t, err)
		_, ok := f.shop.VerifyIDToken(raw, start)
		require.False(t, ok, method.Alg())
	}
}

func TestIDTokenHeaderMustSayHS256(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.s.SetApp(shopifytest.App{APIKey: "key", APISecret: "hush"})
	for header, want := range map[string]bool{`{"alg":"HS256"}`: true, `{"alg":"none"}`: false, `{"alg":"HS512"}`: false, `{}`: false, `[]`: false} {
		payload, err := json.Marshal(jwt.MapClaims{
			"iss": "https://" + shopA + "/admin", "dest": "https://" + shopA, "aud": "key", "sub": "1",
			"exp": start.Add(time.Minute).Unix(), "nbf": start.Unix(),
		})
		require.NoError(t, err)
		enc := base64.RawURLEncoding
		signed := enc.EncodeToString([]byte(header)) + "." + enc.EncodeToString(payload)
		sum := hmac.New(sha256.New, []byte("hush"))
		sum.Write([]byte(signed))
		_, ok := f.shop.VerifyIDToken(signed+"."+enc.EncodeToString(sum.Sum(nil)), start)
		require.Equal(t, want, ok, header)
	}
}

func TestSessionTokenInstallsAManagedAppOnce(t *testing.T) {
	t.Parallel()
	f := setup(t)
	require.False(t, f.shop.Installed())
	f.shop.SessionToken(shopifytest.User{})
	require.True(t, f.shop.Installed())
	f.shop.Uninstall()
	f.shop.SessionToken(shopifytest.User{})
	require.False(t, f.shop.Installed())

	f.s.SetApp(shopifytest.App{LegacyInstall: true})
	other := f.s.Shop("beta.myshopify.com")
	other.SessionToken(shopifytest.User{})
	require.False(t, other.Installed())
}

type badJSON struct{}

func (badJSON) MarshalJSON() ([]byte, error) { return nil, errors.New("no") }

var _ json.Marshaler = badJSON{}

func TestSessionTokenWithAClaimThatIsNoJSONEndsTheTest(t *testing.T) {
	t.Parallel()
	s := shopifytest.NewServer()
	require.Panics(t, func() {
		s.Shop(shopA).SessionToken(shopifytest.User{}, func(c jwt.MapClaims) { c["x"] = badJSON{} })
	})
}
