// Package shopifytest is a local Shopify to test apps against: its token endpoint
// with every grant and the rotation of refresh tokens, its OAuth authorize page,
// ID tokens, webhooks, a small Admin API, and an admin for a browser. It follows
// what Shopify documents, and where Shopify documents nothing, what was measured;
// what may be either is a knob in [Policy].
//
// # In a test
//
// [Run] gives a server that ends with the test and never opens a socket:
//
//	func TestRefresh(t *testing.T) {
//		shopify := shopifytest.Run(t)
//		shop := shopify.Shop("alpha.myshopify.com")
//		app, err := shopifysession.NewContext(shopify.Config(memory.New()))
//		if err != nil {
//			t.Fatal(err)
//		}
//
//		idToken := shop.SessionToken(shopifytest.User{}) // what App Bridge sends
//		// … the app exchanges it, at https://alpha.myshopify.com over
//		// shopify.RoundTripper(), which Config has put into HTTPClient …
//
//		shopify.Advance(2 * time.Hour) // the access token has run out
//		shopify.Fail(shopifytest.Fault{Grant: shopifytest.RefreshToken, Commit: true, Drop: true})
//		// … the app refreshes, and the answer is lost on its way …
//	}
//
// # Three ways in
//
//   - [Server.RoundTripper] answers in the caller's goroutine, without sockets. It
//     works inside testing/synctest, whose clock the server then follows.
//   - [Server.Client] goes over TCP and TLS on 127.0.0.1; every shop's name leads
//     there and the certificate is trusted.
//   - [Server.Handler] is for a browser: serve it on a loopback port, and give
//     [Server.AdminURL] to the app. It lists shops, installs, opens and uninstalls
//     the app, and shows the webhook log. /app-bridge.js stands in for App Bridge.
//
// # Merchants
//
// A [Shop] acts as its merchant: [Shop.Install], [Shop.InstallRequest],
// [Shop.Approve] and [Shop.Deny] for OAuth, [Shop.OpenRequest] and
// [Shop.SessionToken] for embedded apps, [Shop.Webhook] and [Shop.Send] for
// webhooks, [Shop.ScopesUpdate], [Shop.Uninstall], [Shop.Freeze].
//
// # Time
//
// The clock is time.Now, or what [Server.SetClock] says, plus what
// [Server.Advance] added. Nothing happens by itself: webhooks are delivered inside
// the call that causes them, and retries and shop/redact inside Advance.
//
// # Trouble
//
// [Server.Fail] queues faults: dropped connections before and after Shopify's
// commit, Cloudflare's 520, 429, HTML, truncated and incomplete bodies, delays.
// [Server.AddSecret] and [Server.RevokeSecret] rotate the client secret.
// [Server.Requests] is the record of what was asked, with every secret masked.
package shopifytest
