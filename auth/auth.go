package auth

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/shopifysession/toolkit/shopifysession"
)

// AccessMode tells whose access a session is.
type AccessMode int

const (
	// Offline sessions belong to the app on a shop and work without anybody
	// being logged in.
	Offline AccessMode = iota
	// Online sessions belong to one user of the shop's admin and end with that
	// user's session there, after 24 hours at the latest.
	Online
)

// String returns "offline" or "online".
func (m AccessMode) String() string {
	if m == Online {
		return "online"
	}
	return "offline"
}

// Options adjust an [Auth]. The zero value is the defaults.
type Options struct {
	// AccessMode is the kind of session that requests get. Zero: Offline. With
	// Online, an offline session is obtained as well, for work in the
	// background.
	AccessMode AccessMode
	// RefreshAhead is how long before its expiry a token is refreshed. Zero: 4
	// to 8 minutes, different for each session, so that a fleet does not
	// refresh in step. At most 30 minutes, half the life of a token: more would
	// refresh at every use.
	RefreshAhead time.Duration
	// RequestTimeout bounds one request to Shopify's token endpoint. Zero: 10 s.
	RequestTimeout time.Duration
	// BeginPath and CallbackPath are where [Auth.Begin] and [Auth.Callback] are
	// mounted, below the app's URL. Empty: /auth and /auth/callback. Shopify
	// must know AppURL+CallbackPath as a redirect URL of the app.
	BeginPath, CallbackPath string
	// Once makes states single-use. nil: in the memory of this process; several
	// processes share a store.
	Once Once
	// ErrorHandler answers requests that failed. nil: [StatusCode] of the error
	// and a short text without details. The headers that Shopify's App Bridge
	// and clients act on are already set.
	ErrorHandler func(w http.ResponseWriter, r *http.Request, err error)
	// AppBridgeURL is the script of Shopify's App Bridge. Empty: Shopify's. A
	// local Shopify sets its own.
	AppBridgeURL string
	// Rand is the source of states and ids; it must be safe for concurrent use.
	// nil: crypto/rand.
	Rand io.Reader
}

const (
	defaultRequestTimeout = 10 * time.Second
	maxRefreshAhead       = 30 * time.Minute
	defaultAppBridgeURL   = "https://cdn.shopify.com/shopifycloud/app-bridge.js"
	defaultBeginPath      = "/auth"
	defaultCallbackPath   = "/auth/callback"
)

// Auth is the OAuth and token side of one app. It is safe for concurrent use.
type Auth struct {
	app    *shopifysession.Context
	opts   Options
	tokens *http.Client // never follows a redirect
	flight flight
}

// New returns the Auth of an app; nil options are the defaults. It panics if
// app is nil.
func New(app *shopifysession.Context, opts *Options) *Auth {
	if app == nil {
		panic("auth: New: nil app")
	}
	a := &Auth{app: app}
	if opts != nil {
		a.opts = *opts
	}
	if a.opts.RequestTimeout <= 0 {
		a.opts.RequestTimeout = defaultRequestTimeout
	}
	if a.opts.BeginPath == "" {
		a.opts.BeginPath = defaultBeginPath
	}
	if a.opts.CallbackPath == "" {
		a.opts.CallbackPath = defaultCallbackPath
	}
	if a.opts.Once == nil {
		a.opts.Once = newMemoryOnce(app.Now)
	}
	if a.opts.AppBridgeURL == "" {
		a.opts.AppBridgeURL = defaultAppBridgeURL
	}
	if a.opts.Rand == nil {
		a.opts.Rand = rand.Reader
	}
	client := *app.HTTPClient()
	// A redirect would carry the client secret to another host.
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	a.tokens = &client
	return a
}

// refreshAhead returns how long before its expiry s is refreshed.
func (a *Auth) refreshAhead(s *shopifysession.Session) time.Duration {
	if a.opts.RefreshAhead > 0 {
		return min(a.opts.RefreshAhead, maxRefreshAhead)
	}
	h := fnv.New32a()
	io.WriteString(h, s.ID)
	return 4*time.Minute + time.Duration(h.Sum32()%240)*time.Second
}

// random returns n random bytes as text of letters and digits.
func (a *Auth) random(n int) (string, error) {
	b := make([]byte, n)
	if _, err := io.ReadFull(a.opts.Rand, b); err != nil {
		return "", fmt.Errorf("auth: read random bytes: %w", err)
	}
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b)), nil
}

// appURL returns a URL of the app.
func (a *Auth) appURL(path string, query url.Values) string {
	u := a.app.AppURL().JoinPath(path)
	u.RawQuery = query.Encode()
	return u.String()
}

// appHome returns the app's page inside the shop's admin.
func (a *Auth) appHome(shop string) (string, error) {
	base, err := a.app.AdminURL(shop)
	if err != nil {
		return "", err
	}
	return base.JoinPath("admin", "apps", a.app.APIKey()).String(), nil
}

type contextKey int

const (
	sessionKey contextKey = iota
	tokenKey
)

// SessionFrom returns the session that RequireSession or Callback put into the
// request's context; false outside of them. The session is the caller's own
// copy.
func SessionFrom(ctx context.Context) (*shopifysession.Session, bool) {
	s, ok := ctx.Value(sessionKey).(*shopifysession.Session)
	return s.Clone(), ok
}

// TokenFrom returns a copy of the verified ID token of the request; false
// outside of RequireSession and in apps that are not embedded.
func TokenFrom(ctx context.Context) (*SessionToken, bool) {
	t, ok := ctx.Value(tokenKey).(*SessionToken)
	if !ok {
		return nil, false
	}
	c := *t
	return &c, true
}

// load reads a session; one that is not there is an [shopifysession.ErrNotFound].
func (a *Auth) load(ctx context.Context, id string) (*shopifysession.Session, error) {
	s, err := a.app.SessionStorage().Load(ctx, id)
	if err == nil && s == nil {
		err = shopifysession.ErrNotFound
	}
	if err != nil && !errors.Is(err, shopifysession.ErrNotFound) {
		return nil, fmt.Errorf("auth: load session: %w", err)
	}
	return s, err
}

// loadFor is load for a session of that shop: a record under its id that belongs
// to another one must not hand out its token.
func (a *Auth) loadFor(ctx context.Context, id, shop string) (*shopifysession.Session, error) {
	s, err := a.load(ctx, id)
	if err == nil && s.Shop != shop {
		return nil, errOtherShop
	}
	return s, err
}
