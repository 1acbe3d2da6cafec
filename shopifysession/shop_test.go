package shopifysession_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/internal/hostile"
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

func TestParseShopRefusesHostileInput(t *testing.T) {
	t.Parallel()
	for name, input := range hostile.Shops() {
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
	for _, input := range hostile.Shops() {
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
