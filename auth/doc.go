// Package auth is the OAuth and token side of a Shopify app: logins, ID tokens,
// sessions that are always good to use, and webhooks.
//
// # An embedded app
//
// App Bridge proves who is looking at the app with ID tokens. RequireSession
// verifies them, gets and refreshes the shop's session, and hands it on:
//
//	a := auth.New(app, nil)
//	http.Handle("/", a.RequireSession(http.HandlerFunc(pages)))
//	http.Handle("POST /webhooks", a.Webhooks())
//
//	func pages(w http.ResponseWriter, r *http.Request) {
//		s, _ := auth.SessionFrom(r.Context())
//		…
//	}
//
// The handlers and middleware are those of net/http, so every router takes them:
// r.Use(a.RequireSession) in chi, e.Use(echo.WrapMiddleware(a.RequireSession)) in
// echo.
//
// # An app in its own window
//
// With Config.NotEmbedded the app logs merchants in by authorization code and
// keeps a signed cookie:
//
//	http.Handle("GET /auth", a.Begin())
//	http.Handle("GET /auth/callback", a.Callback(nil))
//	http.Handle("/", a.RequireSession(http.HandlerFunc(pages)))
//
// Shopify must know https://…/auth/callback as a redirect URL of the app.
//
// # Work without a merchant
//
// Offline gives out a shop's token and refreshes it in time; Client puts it into
// requests, and into no request to anybody else:
//
//	client := a.Client(a.Offline("example.myshopify.com"))
//	resp, err := client.Post("https://example.myshopify.com/admin/api/2026-10/graphql.json", …)
//
// errors.Is(err, ErrReauthorize) says that only the merchant's next visit helps,
// and that visit does so by itself; ErrTemporary says to try again later.
//
// # What is checked
//
// Every check has a function without HTTP around it: VerifySessionToken,
// VerifyCallback, VerifyWebhook. They return what was verified or an error, never
// both, and no error, log line or page contains a token, a signature or a body.
// All secrets of the app are accepted on the way in, so that Shopify's secret
// rotation needs no downtime; the newest is used on the way out.
package auth
