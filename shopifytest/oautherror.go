package shopifytest

import (
	"fmt"
	"html/template"
	"net/http"
	"strings"
)

// oauthError is a refusal by the authorize or the token endpoint.
type oauthError struct {
	status            int
	code, description string
}

func invalidRequest(description string) *oauthError {
	return &oauthError{http.StatusBadRequest, "invalid_request", description}
}

// The refusals whose status and text are known from Shopify.
var (
	// One body for every refresh token that is of no use any more.
	errRefresh = &oauthError{http.StatusUnauthorized, "invalid_request", "This request requires an active refresh_token"}
	errCode    = invalidRequest("The authorization code was not found or was already used")

	errSubject = &oauthError{http.StatusBadRequest, "invalid_subject_token", "The subject token is invalid or has expired"}

	errClient       = &oauthError{http.StatusBadRequest, "invalid_client", "The client secret is not one of this application"}
	errNotInstalled = &oauthError{http.StatusBadRequest, "app_not_installed", "The application is not installed on this shop."}
	errNotPermitted = &oauthError{http.StatusBadRequest, "shop_not_permitted", "Client credentials cannot be performed on this shop."}
	errGrantType    = &oauthError{http.StatusBadRequest, "unsupported_grant_type", "The grant type is not supported by this endpoint"}
	errRedirect     = invalidRequest("The redirect_uri is not whitelisted")
	errScope        = &oauthError{http.StatusBadRequest, "invalid_scope", "A requested scope does not exist"}
)

func unknownClient(key string) *oauthError {
	return &oauthError{
		http.StatusBadRequest, "application_cannot_be_found",
		"Could not find Shopify API application with api_key " + key,
	}
}

// write answers as JSON when the request accepts that, and otherwise as the HTML
// page that surprises clients who forgot the Accept header.
func (e *oauthError) write(w http.ResponseWriter, r *http.Request) {
	if strings.Contains(r.Header.Get("Accept"), "application/json") {
		writeJSON(w, e.status, struct {
			Error       string `json:"error"`
			Description string `json:"error_description"`
		}{e.code, e.description})
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(e.status)
	_ = oauthErrorPage.Execute(w, struct {
		Status            int
		Code, Description string
	}{e.status, e.code, e.description})
}

var oauthErrorPage = template.Must(template.New("oauth-error").Parse(`<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>{{.Status}} - Oauth error {{.Code}}</title></head>
<body><main><h1>{{.Status}}</h1><p>Oauth error {{.Code}}: {{.Description}}</p></main></body>
</html>
`))

// missing names the first parameter that is absent or empty.
func missing(p map[string]string, names ...string) *oauthError {
	for _, name := range names {
		if p[name] == "" {
			return invalidRequest(fmt.Sprintf("Missing required parameter: %s", name))
		}
	}
	return nil
}
