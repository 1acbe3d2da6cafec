package shopifytest

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
)

//go:embed pages assets
var files embed.FS

var pages = template.Must(template.New("").ParseFS(files, "pages/*.html"))

// render writes a page. Templates escape everything; the headers keep scripts of
// others, and frames of others, out.
func render(w http.ResponseWriter, status int, name string, data any) {
	renderWith(w, status, name, data, "")
}

// renderWith lets the page embed frames from one origin.
func renderWith(w http.ResponseWriter, status int, name string, data any, frames string) {
	var out bytes.Buffer
	if err := pages.ExecuteTemplate(&out, name, data); err != nil {
		http.Error(w, "shopifytest: page "+name, http.StatusInternalServerError)
		return
	}
	policy := "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'"
	if frames != "" {
		policy += "; frame-src " + frames
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", policy)
	h.Set("Referrer-Policy", "same-origin")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(out.Bytes())
}

// errorPage explains why there is no other page.
type errorPage struct{ Title, Text string }

func renderError(w http.ResponseWriter, status int, title, text string) {
	render(w, status, "error", errorPage{title, text})
}
