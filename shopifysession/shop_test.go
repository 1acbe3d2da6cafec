package shopifysession_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/shopifysession"
)

func TestParseShopAccepts(t *testing.T) {
	t.Parallel()
	for input, want := range map[string]string{
		"a.myshopify.com":                              "a.myshopify.com",
		"my-shop.myshopify.com":                        "my-shop.myshopify.com",
		"7eleven.myshopify.com":                        "7eleven.myshopify.com",
		"MY-SHOP.MyShopify.com":                        "my-shop.myshopify.com",
		"a.myshopify.COM":                              "a.myshopify.com",
		strings.Repeat("a", 63) + ".myshopify.com":     strings.Repeat("a", 63) + ".myshopify.com",
		"exampleshop-with-many-hyphens-.myshopify.com": "exampleshop-with-many-hyphens-.myshopify.com",
	} {
		got, err := shopifysession.ParseShop(input)
		require.NoError(t, err, input)
		require.Equal(t, want, got)
	}
}

// hostileShops are the vectors that one official library or another accepts, or
// that would send a secret elsewhere.
func hostileShops() map[string]string {
	return map[string]string{
		"empty":                    "",
		"bare name":                "my-shop",
		"domain alone":             "myshopify.com",
		"leading dot":              ".myshopify.com",
		"unanchored end":           "a.myshopify.com.attacker.example",
		"unanchored start":         "attacker.example/a.myshopify.com",
		"dot as any character":     "a.myshopifyxcom",
		"no dot":                   "amyshopify.com",
		"subdomain":                "a.b.myshopify.com",
		"other Shopify domain":     "evil.shopify.com",
		"admin domain":             "admin.shopify.com",
		"admin URL":                "admin.shopify.com/store/my-shop",
		"admin URL with fragment":  "admin.myshopify.com/store/evil.com#",
		"admin URL, escaped":       "https://admin.shopify.com/store/evil%2f..",
		"development domain":       "foo.shop.dev",
		"spin domain":              "foo.spin.dev",
		"scheme":                   "https://a.myshopify.com",
		"foreign scheme":           "javascript:alert(1)//a.myshopify.com",
		"scheme-relative":          "//a.myshopify.com",
		"port":                     "a.myshopify.com:443",
		"path":                     "a.myshopify.com/admin",
		"trailing slash":           "a.myshopify.com/",
		"trailing slashes":         "a.myshopify.com///",
		"trailing dot":             "a.myshopify.com.",
		"query":                    "a.myshopify.com?x=1",
		"fragment":                 "evil.example#.myshopify.com",
		"fragment with slash":      "evil.example/#myshopify.com",
		"user info":                "user@a.myshopify.com",
		"user info behind":         "a.myshopify.com@evil.example",
		"backslash":                `a.myshopify.com\@evil.example`,
		"NUL":                      "a.myshopify.com\x00",
		"newline":                  "a.myshopify.com\n",
		"leading space":            " a.myshopify.com",
		"inner space":              "my shop.myshopify.com",
		"leading hyphen":           "-a.myshopify.com",
		"underscore":               "a_b.myshopify.com",
		"leading underscore":       "_a.myshopify.com",
		"IDN":                      "ä.myshopify.com",
		"fullwidth":                "ａ.myshopify.com",
		"Kelvin sign":              "\u212a.myshopify.com",
		"dotted capital I":         "\u0130.myshopify.com",
		"markup":                   "<script>.myshopify.com",
		"percent":                  "a%2emyshopify.com",
		"header injection":         "a.myshopify.com\r\nX: y",
		"CSP injection":            "a.myshopify.com; frame-ancestors *",
		"label of 64":              strings.Repeat("a", 64) + ".myshopify.com",
		"huge":                     strings.Repeat("a", 1<<20),
		"invalid UTF-8":            "a\xff.myshopify.com",
		"comma list":               "a.myshopify.com,b.myshopify.com",
		"domain of another suffix": "a.notmyshopify.com",
	}
}

func TestParseShopRefusesHostileInput(t *testing.T) {
	t.Parallel()
	for name, input := range hostileShops() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := shopifysession.ParseShop(input)
			require.ErrorIs(t, err, shopifysession.ErrInvalidShop)
			require.Empty(t, got)
		})
	}
}

func TestContextParseShopAllowsDevelopmentDomains(t *testing.T) {
	t.Parallel()
	cfg := validConfig()
	cfg.ShopDomains = []string{"Shop.dev"}
	app, err := shopifysession.NewContext(cfg)
	require.NoError(t, err)

	got, err := app.ParseShop("Foo.shop.dev")
	require.NoError(t, err)
	require.Equal(t, "foo.shop.dev", got)
	got, err = app.ParseShop("foo.myshopify.com")
	require.NoError(t, err)
	require.Equal(t, "foo.myshopify.com", got)

	for _, input := range []string{"foo.spin.dev", "shop.dev", "a.b.shop.dev", "foo.shop.dev."} {
		_, err = app.ParseShop(input)
		require.ErrorIs(t, err, shopifysession.ErrInvalidShop, input)
	}
}

func FuzzParseShop(f *testing.F) {
	for _, input := range hostileShops() {
		if len(input) < 300 {
			f.Add(input)
		}
	}
	f.Add("my-shop.myshopify.com")
	f.Fuzz(func(t *testing.T, input string) {
		shop, err := shopifysession.ParseShop(input)
		if err != nil {
			require.Empty(t, shop)
			return
		}
		require.Regexp(t, `\A[a-z0-9][a-z0-9-]*\.myshopify\.com\z`, shop)
		require.True(t, strings.EqualFold(input, shop))
		again, err := shopifysession.ParseShop(shop)
		require.NoError(t, err)
		require.Equal(t, shop, again, "canonical form is stable")
	})
}
