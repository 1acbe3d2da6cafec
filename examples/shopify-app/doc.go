// Shopify-app is a whole Shopify app in a few files: it installs on a shop, keeps
// the shop's sessions in SQLite, and shows the shop's products, inside the admin or
// in a window of its own.
//
//	go run ./examples/shopify-app
//
// starts the app together with a local Shopify from package shopifytest and prints
// where to open both. With SHOPIFY_API_KEY, SHOPIFY_API_SECRET and APP_URL set it
// runs against the real one.
//
// Start reading in app.go, where the routes are; products.go is a page and the API
// request behind it; sessions_admin.go is what an operator can do with a session
// storage.
package main
