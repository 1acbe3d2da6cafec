// Package shopifysession holds the sessions of Shopify apps: what a session is,
// what a storage for sessions must do, and the configuration of an app that
// keeps them.
//
// # Sessions
//
// A [Session] is one grant of access to one shop. Offline sessions belong to the
// app, online sessions to one user of the shop's admin:
//
//	s := &shopifysession.Session{
//		ID:          shopifysession.OfflineID("example.myshopify.com"),
//		Shop:        "example.myshopify.com",
//		Scope:       "read_products,write_orders",
//		AccessToken: token,
//	}
//	if s.IsActive(time.Now(), shopifysession.ParseScopes("read_products")) { … }
//
// [Session.Serialize] and [Deserialize] turn it into bytes and back without
// loss, in the JSON of the official JavaScript library; Deserialize also reads
// what that library's storages write.
//
// # Storages
//
// [SessionStorage] is five methods. The packages below storage implement it, and
// storage/custom does so over your own callbacks. What only some storages can do
// is an interface of one method ([Updater], [Iterator], [Lener], …) with a
// package function that finds it, falls back, or returns errors.ErrUnsupported:
//
//	n, err := shopifysession.Len(ctx, storage)
//	if errors.Is(err, errors.ErrUnsupported) { … }
//
// Storages refuse stale writes: [Revise] is the one rule for that, and
// [Session.KeepUntil] the one rule for how long a session is kept.
//
// # Apps
//
// [NewContext] checks a [Config] and reports every mistake at once. The Context
// is what package auth works with:
//
//	app, err := shopifysession.NewContext(shopifysession.Config{
//		APIKey:         os.Getenv("SHOPIFY_API_KEY"),
//		APISecret:      os.Getenv("SHOPIFY_API_SECRET"),
//		AppURL:         "https://app.example.com",
//		SessionStorage: memory.New(),
//	})
package shopifysession
