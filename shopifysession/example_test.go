package shopifysession_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/shopifysession/toolkit/shopifysession"
)

func Example() {
	s := &shopifysession.Session{
		ID:          shopifysession.OfflineID("example.myshopify.com"),
		Shop:        "example.myshopify.com",
		Scope:       "write_products",
		AccessToken: "shpat_…",
	}
	fmt.Println(s.IsActive(time.Now(), shopifysession.ParseScopes("read_products")))
	fmt.Println(s)
	// Output:
	// true
	// Session{ID:"offline_example.myshopify.com" Shop:"example.myshopify.com" IsOnline:false Scope:"write_products" Expires:never AccessToken:[redacted] RefreshToken:}
}

func ExampleSession_Serialize() {
	s := &shopifysession.Session{
		ID: "offline_a.myshopify.com", Shop: "a.myshopify.com", AccessToken: "shpat_…",
		Expires: time.UnixMilli(1798761599123),
	}
	data, err := s.Serialize()
	if err != nil {
		panic(err)
	}
	fmt.Println(string(data))
	// Output:
	// {"id":"offline_a.myshopify.com","shop":"a.myshopify.com","state":"","isOnline":false,"expires":"2026-12-31T23:59:59.123Z","accessToken":"shpat_…"}
}

func ExampleDeserialize() {
	// What the official Redis storage for Node keeps.
	s, err := shopifysession.Deserialize([]byte(`[["id","offline_a.myshopify.com"],["shop","a.myshopify.com"],["state",""],["isOnline",false],["expires",1798761599123]]`))
	if err != nil {
		panic(err)
	}
	fmt.Println(s.Shop, s.Expires)
	// Output:
	// a.myshopify.com 2026-12-31 23:59:59.123 +0000 UTC
}

func ExampleParseShop() {
	shop, err := shopifysession.ParseShop("My-Shop.myshopify.com")
	fmt.Println(shop, err)
	_, err = shopifysession.ParseShop("my-shop.myshopify.com.attacker.example")
	fmt.Println(errors.Is(err, shopifysession.ErrInvalidShop))
	// Output:
	// my-shop.myshopify.com <nil>
	// true
}

func ExampleScopes_Missing() {
	granted := shopifysession.ParseScopes("write_products,read_orders")
	fmt.Println(granted.Missing(shopifysession.Scopes{"read_products", "write_orders"}))
	// Output:
	// write_orders
}

func ExampleNewContext() {
	_, err := shopifysession.NewContext(shopifysession.Config{APIKey: "key", AppURL: "http://app.example.com"})
	fmt.Println(err)
	// Output:
	// shopifysession: config: APISecret is empty
	// shopifysession: config: AppURL is http on a host other than loopback
	// shopifysession: config: SessionStorage is nil
}
