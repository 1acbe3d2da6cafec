package main

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"net/url"
	"strings"
)

//go:embed pages
var files embed.FS

var templates = template.Must(template.New("").ParseFS(files, "pages/*.html"))

// page is what every page has; Content is its own.
type page struct {
	Title        string
	Base         string // before every path of the app
	LocalShopify string // URL of the local Shopify; empty: the real one
	APIKey       string
	AppBridge    string // URL of App Bridge; empty: the page is not embedded
	Content      any
}

// render writes a page. Its policy allows what the page needs and leaves
// frame-ancestors to package auth, or, where that has set none, to nobody.
func (a *app) render(w http.ResponseWriter, r *http.Request, status int, name string, p page) {
	p.Base = a.base()
	var out bytes.Buffer
	if err := templates.ExecuteTemplate(&out, name, p); err != nil {
		a.log.ErrorContext(r.Context(), "page failed", "page", name, "error", err.Error())
		http.Error(w, "This page can't be shown.", http.StatusInternalServerError)
		return
	}
	header := w.Header()
	framing := strings.TrimRight(header.Get("Content-Security-Policy"), "; ")
	if framing == "" {
		framing = "frame-ancestors 'none'"
	}
	header.Set("Content-Security-Policy", framing+"; "+contentPolicy(p.AppBridge))
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(out.Bytes())
}

// contentPolicy allows a page its own files and nothing inline, and App Bridge
// where the page is embedded. Shopify's one talks to Shopify's hosts.
func contentPolicy(appBridge string) string {
	scripts, connections, frames := "'self'", "'self'", ""
	if u, err := url.Parse(appBridge); err == nil && appBridge != "" {
		scripts += " " + u.Scheme + "://" + u.Host
		if u.Host == "cdn.shopify.com" {
			connections += " https://*.shopify.com https://*.shopifysvc.com"
			frames = "; frame-src https://*.shopify.com"
		}
	}
	return "default-src 'none'; script-src " + scripts + "; style-src 'self'; img-src 'self' data:; connect-src " +
		connections + frames + "; form-action 'self'; base-uri 'none'"
}

// embeddedPage returns the page with what App Bridge needs, in an embedded app.
func (a *app) embeddedPage(p page) page {
	if a.shopify.Embedded() {
		p.APIKey, p.AppBridge = a.shopify.APIKey(), appBridgeURL(a.localShopify)
	}
	return p
}

// appBridgeURL is where App Bridge comes from; Shopify demands that it is not
// copied.
func appBridgeURL(localShopify string) string {
	if localShopify == "" {
		return "https://cdn.shopify.com/shopifycloud/app-bridge.js"
	}
	return localShopify + "/app-bridge.js"
}

// serveAsset serves a style, a script or the icon.
func serveAsset(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("file")
	if name == "" {
		name = "icon.svg"
	}
	if strings.HasSuffix(name, ".html") {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Cache-Control", "no-cache")
	http.ServeFileFS(w, r, files, "pages/"+name)
}
