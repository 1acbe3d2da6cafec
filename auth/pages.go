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
<title>Loading…</title>
<meta name="referrer" content="no-referrer">
<meta name="shopify-api-key" content="{{.APIKey}}">
<script data-api-key="{{.APIKey}}" src="{{.AppBridgeURL}}"></script>
</head>
<body>
<noscript>This app needs JavaScript.</noscript>
{{with .Leave}}<script>open({{.}}, "_top")</script>
<p><a href="{{.}}" target="_top">Continue to Shopify</a></p>{{end}}
</body>
</html>
`))

type page struct {
	APIKey       string
	AppBridgeURL string
	Leave        string // where the whole window goes; "": nowhere
}

func (a *Auth) appBridgePage(w http.ResponseWriter, r *http.Request) { a.show(w, r, "") }

// exitIframePage leads out of the admin's iframe to a URL of this app.
func (a *Auth) exitIframePage(w http.ResponseWriter, r *http.Request, shop, to string) {
	a.frameAncestors(w, shop)
	a.show(w, r, to)
}

func (a *Auth) show(w http.ResponseWriter, r *http.Request, leave string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if err := appBridgeTemplate.Execute(w, page{a.app.APIKey(), a.opts.AppBridgeURL, leave}); err != nil {
		a.app.Logger().InfoContext(r.Context(), "page not sent", "error", err.Error())
	}
}
