package auth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"

	"github.com/shopifysession/toolkit/shopifysession"
)

// The conditions that callers tell apart with [errors.Is].
var (
	// ErrMissingToken says that a request came without an ID token.
	ErrMissingToken = errors.New("auth: no ID token")
	// ErrInvalidToken says that an ID token is malformed, not signed for this
	// app, or not valid at this time.
	ErrInvalidToken = errors.New("auth: invalid ID token")
	// ErrInvalidRequest says that parameters are missing, repeated or malformed.
	ErrInvalidRequest = errors.New("auth: invalid request")
	// ErrInvalidHMAC says that a request was not signed by Shopify for this app.
	ErrInvalidHMAC = errors.New("auth: signature does not match")
	// ErrStaleRequest says that a signed request is too old or from the future.
	ErrStaleRequest = errors.New("auth: request is stale")
	// ErrStateMismatch says that an OAuth callback belongs to no login that this
	// browser has begun, or to one that is used up.
	ErrStateMismatch = errors.New("auth: OAuth state does not match")
	// ErrAccessDenied says that the merchant declined the installation.
	ErrAccessDenied = errors.New("auth: access was denied")
	// ErrBot says that a crawler asked for what only people need.
	ErrBot = errors.New("auth: request of a bot")
	// ErrLoginRequired says that the browser has no session.
	ErrLoginRequired = errors.New("auth: login required")
	// ErrReauthorize says that a grant is dead: only the merchant's next visit
	// brings a new one.
	ErrReauthorize = errors.New("auth: authorization by the merchant is required")
	// ErrTemporary says that trying again later may help.
	ErrTemporary = errors.New("auth: temporary failure")
	// ErrForeignHost says that a token was about to be sent to another host than
	// its shop.
	ErrForeignHost = errors.New("auth: refused to send a token to a foreign host")

	errHandler   = errors.New("auth: webhook handler failed")
	errOtherShop = errors.New("auth: stored session belongs to another shop")
	errMethod    = errors.New("auth: method not allowed")
	errNoHandler = errors.New("auth: no handler for this webhook topic")
	errTooBig    = errors.New("auth: request body is too big")
)

// TokenError is an answer of Shopify's token endpoint that brought no token. It
// is [ErrReauthorize] or [ErrTemporary] where Shopify's rules say so
// (https://shopify.dev/docs/apps/build/authentication-authorization/implement-token-exchange);
// all else, such as a wrong client secret, is for the app's developer to mend.
// It prints as status and code; the description stays in its field.
type TokenError struct {
	Status      int    // HTTP status; 0: no answer was received
	Code        string // OAuth error code, such as invalid_request; may be empty
	Description string // Shopify's explanation, at most 200 bytes; may be empty
	RequestID   string // Shopify's X-Request-Id; may be empty

	grant string
	cause error
}

// Error returns status and code.
func (e *TokenError) Error() string {
	switch {
	case e.Status == 0:
		return "shopify: no answer"
	case e.Code == "":
		return fmt.Sprintf("shopify: %d", e.Status)
	}
	return fmt.Sprintf("shopify: %d %s", e.Status, e.Code)
}

// Format prints what Error returns, for every verb.
func (e TokenError) Format(f fmt.State, _ rune) { io.WriteString(f, e.Error()) }

// LogValue is what slog writes: status, code and request id.
func (e TokenError) LogValue() slog.Value {
	return slog.GroupValue(slog.Int("status", e.Status), slog.String("code", e.Code), slog.String("requestID", e.RequestID))
}

// Unwrap returns the cause if no answer was received: a network or context
// error, without its URL; nil otherwise.
func (e *TokenError) Unwrap() error { return e.cause }

// Is implements the classes of Shopify's errors for [errors.Is].
func (e *TokenError) Is(target error) bool {
	switch target {
	case ErrTemporary:
		// 200 without a token included: the pair exists, asking again brings it.
		return e.Status == 0 || e.Status < 400 || e.Status == http.StatusTooManyRequests || e.Status >= 500
	case ErrReauthorize:
		return e.Code == "invalid_grant" ||
			e.grant == grantRefresh && e.Status == http.StatusUnauthorized && e.Code == "invalid_request"
	case ErrInvalidToken:
		return e.Code == "invalid_subject_token"
	case ErrInvalidRequest: // an authorization code that is unknown or used up
		return e.grant == grantCode && e.Status == http.StatusBadRequest && e.Code == "invalid_request"
	}
	return false
}

// NotStoredError is returned when Shopify issued a token and the storage did not
// take it. The token is in Session: storing it later saves a grant that can't
// be asked for twice.
type NotStoredError struct {
	Session *shopifysession.Session
	Err     error
}

// Error tells the session's shop and the class of the failure.
func (e *NotStoredError) Error() string {
	return fmt.Sprintf("auth: store session of %s: %v", e.Session.Shop, e.Err)
}

// Format prints what Error returns, for every verb.
func (e NotStoredError) Format(f fmt.State, _ rune) { io.WriteString(f, e.Error()) }

// LogValue is what slog writes: what Error returns.
func (e NotStoredError) LogValue() slog.Value { return slog.StringValue(e.Error()) }

// Unwrap returns the storage's error.
func (e *NotStoredError) Unwrap() error { return e.Err }

// StatusCode returns the HTTP status that answers a request that failed with
// err: 4xx for what the request did, 503 for what may pass (storage down,
// Shopify down), 500 for the rest.
func StatusCode(err error) int {
	var storage *shopifysession.StorageError
	switch {
	case errors.Is(err, errHandler): // the delivery was right, whatever the handler ran into
		return http.StatusInternalServerError
	case errors.Is(err, ErrMissingToken), errors.Is(err, ErrInvalidToken), errors.Is(err, ErrInvalidHMAC),
		errors.Is(err, ErrLoginRequired), errors.Is(err, ErrReauthorize):
		return http.StatusUnauthorized
	case errors.Is(err, ErrInvalidRequest), errors.Is(err, shopifysession.ErrInvalidShop), errors.Is(err, ErrStaleRequest):
		return http.StatusBadRequest
	case errors.Is(err, ErrStateMismatch), errors.Is(err, ErrAccessDenied):
		return http.StatusForbidden
	case errors.Is(err, ErrBot):
		return http.StatusGone
	case errors.Is(err, errMethod):
		return http.StatusMethodNotAllowed
	case errors.Is(err, errNoHandler):
		return http.StatusNotFound
	case errors.Is(err, errTooBig):
		return http.StatusRequestEntityTooLarge
	case errors.Is(err, shopifysession.ErrConflict):
		return http.StatusConflict
	case errors.Is(err, ErrTemporary), errors.As(err, &storage), errors.Is(err, context.DeadlineExceeded):
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

const retryAfter = "2" // seconds

// fail answers a request that failed.
func (a *Auth) fail(w http.ResponseWriter, r *http.Request, err error) {
	status := StatusCode(err)
	w.Header().Set("Cache-Control", "no-store")
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", retryAfter)
	}
	if status >= 500 && r.Context().Err() == nil { // else the client has gone
		a.app.Logger().ErrorContext(r.Context(), "request failed", "path", r.URL.Path, "error", err.Error())
	} else {
		a.app.Logger().InfoContext(r.Context(), "request refused", "path", r.URL.Path, "error", err.Error())
	}
	if a.opts.ErrorHandler != nil {
		a.opts.ErrorHandler(w, r, err)
		return
	}
	http.Error(w, message(err, status), status)
}

// message is what a person is told; nothing of it comes from the request.
func message(err error, status int) string {
	switch {
	case errors.Is(err, ErrStateMismatch):
		return "This login has expired or was begun in another browser. Open the app from your Shopify admin again."
	case errors.Is(err, ErrAccessDenied):
		return "The app was not installed, because access was declined."
	case errors.Is(err, ErrLoginRequired):
		return "Open the app from your Shopify admin to log in."
	case errors.Is(err, shopifysession.ErrInvalidShop):
		return "The shop parameter is not a Shopify shop domain."
	}
	return http.StatusText(status)
}
