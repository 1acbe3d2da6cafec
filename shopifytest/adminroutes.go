package shopifytest

import "net/http"

// rootRoutes is what exists beside the shops: the list of them, the clock, and
// the files of the pages.
func (s *Server) rootRoutes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.serveHome)
	mux.Handle("POST /shops", protect(s.serveAddShop))
	mux.Handle("POST /clock", protect(s.serveClock))
	mux.HandleFunc("GET /app-bridge.js", serveAsset)
	mux.HandleFunc("GET /assets/{file}", serveAsset)
	mux.HandleFunc("/", notFound)
	return mux
}

// adminRoutes are the pages of a shop's admin.
func (s *Server) adminRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, visitOf(r).prefix+"/admin", http.StatusFound)
	})
	mux.HandleFunc("GET /admin", s.serveShopPage)
	mux.HandleFunc("GET /admin/{$}", s.serveShopPage)
	mux.Handle("POST /admin/uninstall", protect(s.serveUninstall))
	mux.Handle("POST /admin/webhooks", protect(s.serveSendWebhook))
	mux.Handle("POST /admin/clock", protect(s.serveClock))
	mux.Handle("POST /admin/id_token", protect(s.serveIDToken))
	mux.HandleFunc("GET /admin/apps/{key}", s.serveApp)
	mux.HandleFunc("GET /admin/apps/{key}/{path...}", s.serveApp)
	mux.Handle("POST /admin/apps/{key}", protect(s.serveAppDecision))
	mux.Handle("POST /admin/apps/{key}/{path...}", protect(s.serveAppDecision))
}

// serveAsset serves an embedded file; apps on other origins load app-bridge.js.
func serveAsset(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("file")
	if name == "" {
		name = "app-bridge.js"
	}
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	http.ServeFileFS(w, r, files, "assets/"+name)
}
