package auth_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/shopifysession/toolkit/auth"
	"github.com/shopifysession/toolkit/shopifysession"
	"github.com/shopifysession/toolkit/shopifytest"
	"github.com/shopifysession/toolkit/storage/memory"
)

// exampleApp is an app beside a local Shopify; a real one has no
// shopify.Config, but its own shopifysession.Config.
func exampleApp(app shopifytest.App) (*shopifytest.Server, *auth.Auth) {
	shopify := shopifytest.NewServer()
	shopify.SetApp(app)
	configured, err := shopifysession.NewContext(shopify.Config(memory.New()))
	if err != nil {
		panic(err)
	}
	return shopify, auth.New(configured, nil)
}

func ExampleAuth_RequireSession() {
	shopify, a := exampleApp(shopifytest.App{})
	defer shopify.Close()

	api := a.RequireSession(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, _ := auth.SessionFrom(r.Context())
		fmt.Fprintln(w, "hello", s.Shop)
	}))

	// What App Bridge sends from the admin.
	r := httptest.NewRequest("GET", "/api/hello", nil)
	r.Header.Set("Authorization", "Bearer "+shopify.Shop("example.myshopify.com").SessionToken(shopifytest.User{}))
	w := httptest.NewRecorder()
	api.ServeHTTP(w, r)
	fmt.Print(w.Code, " ", w.Body)
	// Output:
	// 200 hello example.myshopify.com
}

func ExampleAuth_Callback() {
	shopify, a := exampleApp(shopifytest.App{NotEmbedded: true, LegacyInstall: true})
	defer shopify.Close()
	mux := http.NewServeMux()
	mux.Handle("GET /auth", a.Begin())
	mux.Handle("GET /auth/callback", a.Callback(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, _ := auth.SessionFrom(r.Context())
		fmt.Fprintln(w, "installed on", s.Shop)
	})))

	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest("GET", "/auth?shop=example.myshopify.com", nil))

	// The merchant approves at Shopify and comes back in the same browser.
	r := shopify.Shop("example.myshopify.com").Approve(w.Header().Get("Location"))
	r.AddCookie(w.Result().Cookies()[0])
	w = httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	fmt.Print(w.Code, " ", w.Body)
	// Output:
	// 200 installed on example.myshopify.com
}

func ExampleAuth_Offline() {
	shopify, a := exampleApp(shopifytest.App{})
	defer shopify.Close()

	_, err := a.Offline("example.myshopify.com").Token(context.Background())
	fmt.Println(errors.Is(err, shopifysession.ErrNotFound))

	// After the merchant's first visit:
	id := shopify.Shop("example.myshopify.com").SessionToken(shopifytest.User{})
	if _, err := a.ExchangeSessionToken(context.Background(), id, auth.Offline); err != nil {
		panic(err)
	}
	s, err := a.Offline("example.myshopify.com").Token(context.Background())
	if err != nil {
		panic(err)
	}
	fmt.Println(s.Shop, s.AccessToken != "")
	// Output:
	// true
	// example.myshopify.com true
}

func ExampleAuth_Webhooks() {
	shopify, a := exampleApp(shopifytest.App{})
	defer shopify.Close()
	webhooks := a.Webhooks()
	webhooks.Handle("orders/create", func(_ context.Context, w *auth.Webhook) error {
		fmt.Println(w.Topic, w.Shop, string(w.Body))
		return nil
	})

	w := httptest.NewRecorder()
	webhooks.ServeHTTP(w, shopify.Shop("example.myshopify.com").Webhook("orders/create", `{"id":1}`))
	fmt.Println(w.Code)
	// Output:
	// orders/create example.myshopify.com {"id":1}
	// 200
}

func ExampleAuth_VerifySessionToken() {
	shopify, a := exampleApp(shopifytest.App{})
	defer shopify.Close()
	raw := shopify.Shop("example.myshopify.com").SessionToken(shopifytest.User{ID: 42})

	token, err := a.VerifySessionToken(raw)
	if err != nil {
		panic(err)
	}
	user, err := token.UserID()
	fmt.Println(token.Shop(), user, err)

	_, err = a.VerifySessionToken(raw + "x")
	fmt.Println(errors.Is(err, auth.ErrInvalidToken))
	// Output:
	// example.myshopify.com 42 <nil>
	// true
}

func ExampleStatusCode() {
	err := fmt.Errorf("load: %w", &shopifysession.StorageError{Op: "load", Backend: "redis", Err: errors.New("refused")})
	fmt.Println(auth.StatusCode(err), auth.StatusCode(auth.ErrInvalidToken))
	// Output:
	// 503 401
}
