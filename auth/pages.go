package auth

import (
	"html/template"
	"net/http"
)

// The two pages that this package shows itself. App Bridge does the work: on
// the first it gets an ID token and follows shopify-reload, on the second it
// takes the whole window to the login.
var appBridgeTemplate = template.Must(template.New("app-bridge").Parse(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{{with .Hint}}{{.}}{{else}}Loading…{{end}}</title>
<meta name="referrer" content="no-referrer">
<meta name="shopify-api-key" content="{{.APIKey}}">
<script data-api-key="{{.APIKey}}" src="{{.AppBridgeURL}}"></script>
</head>
<body>
<noscript>This app needs JavaScript.</noscript>
{{with .Hint}}<p>{{.}}</p>{{end}}
{{with .Leave}}<script>open({{.}}, "_top")</script>
<p><a href="{{.}}" target="_top">Continue to Shopify</a></p>{{end}}
</body>
</html>
`))

type page struct {
	APIKey       string
	AppBridgeURL string
	Leave        string // where the whole window goes; "": nowhere
	Hint         string // for whoever is still looking; "": none
}

// appBridgePage lets App Bridge do what the URL asks for.
func (a *Auth) appBridgePage(w http.ResponseWriter, r *http.Request) { a.show(w, r, page{}) }

// strayPage is for who has come without a shop. App Bridge leads into the admin
// if it can tell which.
func (a *Auth) strayPage(w http.ResponseWriter, r *http.Request) {
	a.show(w, r, page{Hint: "Open this app from your Shopify admin."})
}

// exitIframePage leads out of the admin's iframe to a URL of this app.
func (a *Auth) exitIframePage(w http.ResponseWriter, r *http.Request, shop, to string) {
	a.frameAncestors(w, shop)
	a.show(w, r, page{Leave: to})
}

func (a *Auth) show(w http.ResponseWriter, r *http.Request, p page) {
	p.APIKey, p.AppBridgeURL = a.app.APIKey(), a.opts.AppBridgeURL
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if err := appBridgeTemplate.Execute(w, p); err != nil {
		a.app.Logger().InfoContext(r.Context(), "page not sent", "error", err.Error())
	}
}
