package main

import (
	"errors"
	"net/http"
	"strings"

	"github.com/golang-jwt/jwt/v5"

	"github.com/shopifysession/toolkit/auth"
	"github.com/shopifysession/toolkit/shopifysession"
)

var (
	errNotFound  = errors.New("there is no such page")
	errMethod    = errors.New("there is no such thing to do on this page")
	errTooBig    = errors.New("the form is too big")
	errForm      = errors.New("the form is incomplete")
	errElsewhere = errors.New("the sessions are shown on this computer only")
	errPassword  = errors.New("the password is missing or wrong")
	errForgery   = errors.New("the form was sent from another site")
)

// problem is what a person is told about an error: what happened and what to do.
// Nothing in it comes from the request or from an error's text.
type problem struct {
	status      int
	Title, Text string
	Setting     string // the setting to check; may be empty
}

// fail answers a request that failed, in the form in which it was asked. It is
// the ErrorHandler of package auth, too.
func (a *app) fail(w http.ResponseWriter, r *http.Request, err error) {
	p := explain(err)
	if strings.HasPrefix(r.URL.Path, "/api/") {
		writeJSON(w, p.status, map[string]string{"error": strings.TrimSpace(p.Title + ". " + p.Text), "setting": p.Setting})
		return
	}
	if r.URL.Path == webhooksPath { // for machines
		http.Error(w, p.Title, p.status)
		return
	}
	a.render(w, r, p.status, "error", page{Title: p.Title, LocalShopify: a.localShopify, Content: p})
}

// explain puts an error into words.
func explain(err error) problem {
	var refused *auth.TokenError
	status := auth.StatusCode(err)
	switch {
	case errors.Is(err, errNotFound):
		return problem{404, "There is no such page", "Open the app from the Shopify admin.", ""}
	case errors.Is(err, errMethod):
		return problem{405, "This page can’t do that", "Open the app from the Shopify admin.", ""}
	case errors.Is(err, errTooBig), errors.Is(err, errForm):
		return explainForm(err)
	case errors.Is(err, errElsewhere):
		return problem{403, "This page stays on this computer", "The sessions are shown to a browser on the computer that runs the app. To open them elsewhere, start the app with an admin password.", "ADMIN_PASSWORD"}
	case errors.Is(err, errPassword):
		return problem{401, "The password is missing or wrong", "Reload the page and enter the admin password; the user name does not matter.", "ADMIN_PASSWORD"}
	case errors.Is(err, errForgery):
		return problem{403, "Nothing was changed", "The form was sent from another site. Open the sessions page and use its own buttons.", ""}
	case errors.Is(err, auth.ErrInvalidToken):
		return explainToken(err)
	case errors.Is(err, auth.ErrMissingToken):
		return problem{status, "The app is not inside the Shopify admin", "Open it from the admin of the shop.", ""}
	case errors.Is(err, auth.ErrInvalidHMAC):
		return problem{status, "The request is not signed by Shopify for this app", "If it did come from Shopify, the app’s client secret is another one than Shopify’s.", "SHOPIFY_API_SECRET"}
	case errors.Is(err, auth.ErrStaleRequest):
		return problem{status, "This link is too old", "Open the app from the Shopify admin again. If that does not help, the clock of the app’s computer is wrong.", ""}
	case errors.Is(err, auth.ErrStateMismatch):
		return problem{status, "This login has expired or began in another browser", "Open the app from the Shopify admin again.", ""}
	case errors.Is(err, auth.ErrAccessDenied):
		return problem{status, "The app was not installed", "The installation was canceled. Install the app from the Shopify admin when you like.", ""}
	case errors.Is(err, auth.ErrLoginRequired):
		return problem{status, "Please log in", "Open the app from the Shopify admin of the shop; that logs you in.", ""}
	case errors.Is(err, shopifysession.ErrInvalidShop):
		return problem{status, "This is not a shop", "A shop’s address looks like example.myshopify.com. Open the app from the Shopify admin.", ""}
	case errors.Is(err, auth.ErrReauthorize), errors.Is(err, shopifysession.ErrNotFound):
		return problem{401, "The app needs access to the shop again", "Open the app from the Shopify admin once more.", ""}
	case errors.Is(err, errNoAccess):
		return problem{403, "The app may not read products", "Grant it the scope " + appScopes + ": reinstall the app, or add the scope to its configuration.", "SCOPES"}
	case errors.Is(err, errFrozen):
		return problem{502, "The shop is unavailable", "It may be frozen or waiting for payment. Its owner can see why in the Shopify admin.", ""}
	case errors.As(err, &refused) && !errors.Is(err, auth.ErrTemporary):
		return problem{502, "Shopify does not know the app by this key and secret", "Compare both with those in the app’s settings at Shopify.", "SHOPIFY_API_KEY and SHOPIFY_API_SECRET"}
	case errors.Is(err, errAdminAPI), errors.Is(err, auth.ErrTemporary):
		return problem{503, "Shopify does not answer", "Nothing is lost. Try again in a moment.", ""}
	case status == http.StatusServiceUnavailable:
		return problem{status, "The database does not answer", "Nothing is lost. Try again in a moment; /health tells when it is back.", ""}
	case status >= 500:
		return problem{status, "Something went wrong", "The app’s log says what. Try again in a moment.", ""}
	}
	return problem{status, "This request can’t be answered", "Open the app from the Shopify admin.", ""}
}

// explainForm tells why nothing came of a form.
func explainForm(err error) problem {
	p := problem{http.StatusBadRequest, "Nothing was changed", "The form is incomplete. Go back and use the page’s own buttons.", ""}
	if errors.Is(err, errTooBig) {
		p.status, p.Text = http.StatusRequestEntityTooLarge, "The form is too big. Go back and use the page’s own buttons."
	}
	return p
}

// explainToken tells what is wrong with an ID token; App Bridge has already tried
// a fresh one.
func explainToken(err error) problem {
	p := problem{http.StatusUnauthorized, "The ID token does not verify", "", ""}
	switch {
	case errors.Is(err, jwt.ErrTokenSignatureInvalid):
		p.Text, p.Setting = "Shopify signed it with another client secret than the app has.", "SHOPIFY_API_SECRET"
	case errors.Is(err, jwt.ErrTokenInvalidAudience):
		p.Text, p.Setting = "Shopify made it for another app.", "SHOPIFY_API_KEY"
	case errors.Is(err, jwt.ErrTokenExpired), errors.Is(err, jwt.ErrTokenNotValidYet):
		p.Text = "It is not valid at this time. Reload the page; if that does not help, the clock of the app’s computer is wrong."
	default:
		p.Text = "Open the app from the Shopify admin again."
	}
	return p
}

// explainStart puts into words why the program does not start: all mistakes in
// the configuration at once, by the names that this program gives the settings.
func explainStart(err error) string {
	mistakes := configMistakes(err)
	if len(mistakes) == 0 {
		return strings.TrimSpace(err.Error())
	}
	return "the configuration is wrong: " + strings.Join(mistakes, "; ")
}

// configMistakes finds the mistakes in the tree of joined errors.
func configMistakes(err error) []string {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var mistakes []string
		for _, err := range joined.Unwrap() {
			mistakes = append(mistakes, configMistakes(err)...)
		}
		return mistakes
	}
	var mistake *shopifysession.ConfigError
	if !errors.As(err, &mistake) {
		return nil
	}
	return []string{settingName(mistake.Field) + " " + mistake.Reason}
}

func settingName(field string) string {
	names := map[string]string{
		"APIKey": "SHOPIFY_API_KEY", "APISecret": "SHOPIFY_API_SECRET", "AppURL": "APP_URL", "Scopes": "SCOPES",
	}
	if name, ok := names[field]; ok {
		return name
	}
	return field
}
