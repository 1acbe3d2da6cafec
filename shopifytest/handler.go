package shopifytest

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
)

const maxBody = 1 << 20

// Handler returns Shopify as a handler, for a browser: serve it on a loopback port
// and open that. Shops live below /shops/{shop}; AdminURL says so to the app. A
// request whose Host is {name}.myshopify.com or admin.shopify.com is answered as
// Shopify would there. Other hosts that are not loopback get 421, so that no
// foreign page reaches the admin by DNS rebinding.
func (s *Server) Handler() http.Handler { return s.handler }

// AdminURL returns what to put into Config.AdminURL of the shopifysession package
// when Handler is served at base, such as http://127.0.0.1:8081: the function maps
// a shop to {base}/shops/{shop}.
func (s *Server) AdminURL(base string) func(shop string) string {
	base = strings.TrimSuffix(base, "/")
	return func(shop string) string { return base + "/shops/" + shop }
}

// visit says where a request to a shop came in.
type visit struct {
	domain string
	prefix string   // of every path: "", or /shops/{shop}
	base   *url.URL // nil at a shop's own host
	body   []byte
}

type visitKey struct{}

func visitOf(r *http.Request) visit {
	v, _ := r.Context().Value(visitKey{}).(visit)
	return v
}

// host is the host parameter for this way in.
func (v visit) host() string { return encodeHost(adminHost(v.domain, v.base)) }

func (s *Server) routes() http.Handler {
	shop, root := s.shopRoutes(), s.rootRoutes()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", s.Now().Format(http.TimeFormat))
		w.Header().Set("X-Request-Id", newUUID())
		host := hostname(r.Host)
		domain, err := parseDomain(host)
		switch {
		case strings.HasPrefix(r.URL.Path, "/assets/") || r.URL.Path == "/app-bridge.js":
			root.ServeHTTP(w, r)
		case err == nil:
			s.serveShop(shop, w, r, visit{domain: domain}, r.URL.Path)
		case host == "admin.shopify.com":
			name, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/store/"), "/")
			name = strings.ToLower(name)
			v := visit{domain: name + ".myshopify.com", prefix: "https://" + name + ".myshopify.com"}
			s.serveShop(shop, w, r, v, "/admin/"+rest)
		case !loopback(host):
			http.Error(w, "shopifytest: open this server by a loopback address", http.StatusMisdirectedRequest)
		case strings.HasPrefix(r.URL.Path, "/shops/"):
			name, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/shops/"), "/")
			base := &url.URL{Scheme: "http", Host: r.Host, Path: "/shops/" + name}
			if r.TLS != nil {
				base.Scheme = "https"
			}
			s.serveShop(shop, w, r, visit{domain: strings.ToLower(name), prefix: base.Path, base: base}, "/"+rest)
		default:
			root.ServeHTTP(w, r)
		}
	})
}

// serveShop records the request, lets a fault have its way, and answers it.
func (s *Server) serveShop(routes http.Handler, w http.ResponseWriter, r *http.Request, v visit, path string) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, "shopifytest: read body", http.StatusRequestEntityTooLarge)
		return
	}
	v.body = body
	inner := r.Clone(context.WithValue(r.Context(), visitKey{}, v))
	inner.URL.Path, inner.URL.RawPath = path, ""
	inner.Body = io.NopCloser(bytes.NewReader(body))

	seen := s.record(inner, v)
	s.answer(w, inner, seen, func(w http.ResponseWriter) {
		if !s.exists(v.domain) {
			notFound(w, inner)
			return
		}
		routes.ServeHTTP(w, inner)
	})
}

func (s *Server) shopRoutes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/admin/oauth/access_token", func(w http.ResponseWriter, r *http.Request) {
		v := visitOf(r)
		s.serveToken(w, r, v.domain, v.body)
	})
	mux.HandleFunc("/admin/api/{version}/graphql.json", s.serveGraphQL)
	mux.HandleFunc("GET /admin/oauth/authorize", s.serveAuthorize)
	mux.Handle("POST /admin/oauth/authorize", protect(s.serveDecision))
	s.adminRoutes(mux)
	mux.HandleFunc("/", notFound)
	return mux
}

// protect refuses cross-site form posts.
func protect(h http.HandlerFunc) http.Handler { return http.NewCrossOriginProtection().Handler(h) }

func (s *Server) exists(domain string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.st.Shops[domain] != nil
}

func hostname(hostport string) string {
	if host, _, err := net.SplitHostPort(hostport); err == nil {
		hostport = host
	}
	return strings.ToLower(strings.Trim(hostport, "[]"))
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || ip != nil && ip.IsLoopback()
}

func notFound(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/admin/api/") || strings.Contains(r.Header.Get("Accept"), "application/json") {
		writeJSON(w, http.StatusNotFound, map[string]string{"errors": "Not Found"})
		return
	}
	renderError(w, http.StatusNotFound, "There is nothing here", "This shop or page does not exist on this server.")
}
