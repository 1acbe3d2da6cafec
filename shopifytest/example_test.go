package shopifytest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"time"

	"github.com/shopifysession/toolkit/shopifytest"
)

// requestToken is what an app does at the token endpoint.
func requestToken(client *http.Client, s *shopifytest.Server, params url.Values) (access, refresh string, err error) {
	params.Set("client_id", s.App().APIKey)
	params.Set("client_secret", s.App().APISecret)
	req, err := http.NewRequest(http.MethodPost, "https://alpha.myshopify.com/admin/oauth/access_token", strings.NewReader(params.Encode()))
	if err != nil {
		return "", "", err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		return "", "", err
	}
	defer func() { _ = resp.Body.Close() }()
	var body struct {
		Access  string `json:"access_token"`
		Refresh string `json:"refresh_token"`
		Text    string `json:"error_description"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&body); err != nil {
		return "", "", err
	}
	if resp.StatusCode != http.StatusOK {
		return "", "", fmt.Errorf("%d: %s", resp.StatusCode, body.Text)
	}
	return body.Access, body.Refresh, nil
}

// A refresh whose answer is lost can be repeated with the same refresh token.
func Example() {
	shopify := shopifytest.NewServer() // in a test: shopifytest.Run(t)
	defer shopify.Close()
	shop := shopify.Shop("alpha.myshopify.com")
	client := &http.Client{Transport: shopify.RoundTripper()}

	_, refresh, err := requestToken(client, shopify, url.Values{
		"grant_type":         {"urn:ietf:params:oauth:grant-type:token-exchange"},
		"subject_token":      {shop.SessionToken(shopifytest.User{})},
		"subject_token_type": {"urn:ietf:params:oauth:token-type:id_token"},
		"expiring":           {"1"},
	})
	fmt.Println("exchange:", err)

	shopify.Fail(shopifytest.Fault{Commit: true, Drop: true})
	renew := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh}}
	_, _, err = requestToken(client, shopify, renew)
	fmt.Println("refresh:", err)

	access, _, err := requestToken(client, shopify, renew)
	fmt.Println("again:", err, shop.Valid(access))
	// Output:
	// exchange: <nil>
	// refresh: Post "https://alpha.myshopify.com/admin/oauth/access_token": read tcp: connection reset by peer
	// again: <nil> true
}

// A merchant installs an app that runs OAuth itself.
func ExampleShop_Approve() {
	shopify := shopifytest.NewServer()
	defer shopify.Close()
	shopify.SetApp(shopifytest.App{URL: "https://app.example.com", LegacyInstall: true})
	shop := shopify.Shop("alpha.myshopify.com")

	fmt.Println("the merchant opens", shop.InstallRequest().URL.Host)
	authorize := "https://alpha.myshopify.com/admin/oauth/authorize?" + url.Values{
		"client_id":    {shopify.App().APIKey},
		"scope":        {"read_products"},
		"redirect_uri": {"https://app.example.com/auth/callback"},
		"state":        {"nonce"},
	}.Encode() // where the app redirects to
	callback := shop.Approve(authorize)
	fmt.Println("and comes back to", callback.URL.Path, "with", callback.URL.Query().Get("state"))
	fmt.Println("granted:", shop.Scopes())
	// Output:
	// the merchant opens app.example.com
	// and comes back to /auth/callback with nonce
	// granted: read_products
}

// A webhook handler is tested without a connection.
func ExampleShop_Webhook() {
	shopify := shopifytest.NewServer()
	defer shopify.Close()
	app := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Println(r.Header.Get("X-Shopify-Topic"), string(body))
	})
	app.ServeHTTP(httptest.NewRecorder(), shopify.Shop("alpha.myshopify.com").Webhook("products/create", map[string]int{"id": 1}))
	// Output: products/create {"id":1}
}

// Deliveries that fail are tried again when time passes.
func ExampleServer_Advance() {
	shopify := shopifytest.NewServer()
	defer shopify.Close()
	down := true
	shopify.SetApp(shopifytest.App{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if down {
			http.Error(w, "down", http.StatusServiceUnavailable)
		}
	})})
	fmt.Println(shopify.Shop("alpha.myshopify.com").Send("shop/update", nil).Delivered)
	down = false
	shopify.Advance(time.Minute)
	fmt.Println(shopify.Webhooks()[0].Delivered)
	// Output:
	// false
	// true
}

// The recorder says what an app asked for, and no secret.
func ExampleServer_Requests() {
	shopify := shopifytest.NewServer()
	defer shopify.Close()
	shopify.Shop("alpha.myshopify.com")
	_, _, err := requestToken(&http.Client{Transport: shopify.RoundTripper()}, shopify, url.Values{
		"grant_type": {"refresh_token"}, "refresh_token": {"shprt_stale"},
	})
	fmt.Println(err)
	seen := shopify.Requests()[0]
	fmt.Println(seen.Grant, seen.Status, seen.Params["refresh_token"] == shopify.Mask("shprt_stale"))
	// Output:
	// 401: This request requires an active refresh_token
	// refresh_token 401 true
}

// A program keeps its shops over a restart.
func ExampleServer_Snapshot() {
	before := shopifytest.NewServer()
	before.Shop("alpha.myshopify.com").Install()
	data, err := before.Snapshot()
	fmt.Println(err)
	before.Close()

	after := shopifytest.NewServer()
	defer after.Close()
	fmt.Println(after.Restore(data), after.Shop("alpha.myshopify.com").Installed())
	fmt.Println(after.Restore(data[:100]))
	// Output:
	// <nil>
	// <nil> true
	// shopifytest: restore: it is not a snapshot, or not a whole one
}

// A browser reaches the server on a loopback port.
func ExampleServer_Handler() {
	shopify := shopifytest.NewServer()
	defer shopify.Close()
	shopify.Shop("alpha.myshopify.com")
	site := httptest.NewServer(shopify.Handler()) // or http.ListenAndServe("127.0.0.1:8081", …)
	defer site.Close()

	admin := shopify.AdminURL(site.URL) // for Config.AdminURL
	resp, err := http.Get(admin("alpha.myshopify.com") + "/admin")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = resp.Body.Close() }()
	fmt.Println(resp.Status, resp.Header.Get("Content-Type"))
	// Output: 200 OK text/html; charset=utf-8
}
