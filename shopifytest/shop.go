package shopifytest

import (
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"maps"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// Shop is one store. It is a handle: two of them with one domain are the same
// store. All methods are safe for concurrent use.
type Shop struct {
	server *Server
	domain string
}

// shopState is everything Shopify knows about a shop and the app in it.
type shopState struct {
	Domain    string                  `json:"domain"`
	ID        int64                   `json:"id"`
	Owner     staff                   `json:"owner"`
	Staff     map[int64]staff         `json:"staff"` // everybody an ID token was made for
	Installed bool                    `json:"installed"`
	Known     bool                    `json:"known"` // installed at least once
	Scopes    string                  `json:"scopes"`
	Frozen    bool                    `json:"frozen"`
	Tokens    map[string]*accessToken `json:"tokens"`
	Chain     *chain                  `json:"chain"`
	Codes     map[string]*code        `json:"codes"`
	Products  []product               `json:"products"`
}

// staff keeps a User whole; User's own JSON is what Shopify shows to apps.
type staff struct {
	User
	Scopes string `json:"scopes"`
}

func (p staff) user() User {
	u := p.User
	u.Scopes = p.Scopes
	return u
}

var domainPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9-]*\.myshopify\.com$`)

var errDomain = errors.New("the domain is not {name}.myshopify.com")

func parseDomain(s string) (string, error) {
	s = strings.ToLower(s)
	if len(s) > 253 || !domainPattern.MatchString(s) {
		return "", errDomain
	}
	return s, nil
}

func newShopState(domain string) *shopState {
	name, _, _ := strings.Cut(domain, ".")
	h := fnv.New64a()
	_, _ = h.Write([]byte(name))
	id := int64(h.Sum64()>>24) + 1_000_000
	owner := User{
		ID: id + 1, FirstName: "Olive", LastName: "Owner", Email: "owner@" + domain,
		EmailVerified: true, AccountOwner: true, Locale: "en",
	}
	return &shopState{
		Domain: domain, ID: id, Owner: staff{User: owner},
		Staff: map[int64]staff{}, Tokens: map[string]*accessToken{}, Codes: map[string]*code{},
		Products: seedProducts(name, id),
	}
}

// Domain returns {name}.myshopify.com.
func (sh *Shop) Domain() string { return sh.domain }

// Name returns the first label of the domain.
func (sh *Shop) Name() string {
	name, _, _ := strings.Cut(sh.domain, ".")
	return name
}

// Format implements fmt.Formatter: every verb shows the domain.
func (sh *Shop) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, sh.domain) }

// Owner returns the user who owns the shop.
func (sh *Shop) Owner() User { return locked(sh, func(st *shopState) User { return st.Owner.user() }) }

// SetOwner replaces the owner. An ID of zero keeps the old owner's.
func (sh *Shop) SetOwner(u User) {
	sh.do(func(st *shopState) {
		if u.ID == 0 {
			u.ID = st.Owner.ID
		}
		u.AccountOwner = true
		st.Owner = staff{User: u, Scopes: u.Scopes}
	})
}

// Installed reports whether the app is installed.
func (sh *Shop) Installed() bool { return locked(sh, func(st *shopState) bool { return st.Installed }) }

// Scopes returns the granted scopes, comma separated; "" when the app is not installed.
func (sh *Shop) Scopes() string { return locked(sh, func(st *shopState) string { return st.Scopes }) }

// Install installs the app as Shopify-managed installation does once the merchant
// agreed: with the app's scopes, without any call to the app, and without a token.
// Installing again only grants the app's scopes anew.
func (sh *Shop) Install() {
	sh.do(func(st *shopState) { st.install(sh.server.requestedLocked("")) })
}

// Freeze makes the shop unavailable: the Admin API answers 402.
func (sh *Shop) Freeze() { sh.do(func(st *shopState) { st.Frozen = true }) }

// Thaw ends Freeze.
func (sh *Shop) Thaw() { sh.do(func(st *shopState) { st.Frozen = false }) }

// Logout ends the user's admin session: every online token of this user is dead at
// once. The zero User is the owner.
func (sh *Shop) Logout(u User) {
	sh.do(func(st *shopState) {
		id := st.userLocked(u).ID
		maps.DeleteFunc(st.Tokens, func(_ string, t *accessToken) bool { return t.Kind == online && t.UserID == id })
	})
}

// Valid reports whether the Admin API would accept this access token now. It says
// nothing about scopes.
func (sh *Shop) Valid(token string) bool {
	return locked(sh, func(st *shopState) bool { return sh.server.tokenLocked(st, token) != nil })
}

// Refreshable reports whether the token endpoint would accept this refresh token
// now, be it for the first time or as a replay. Asking is not a use.
func (sh *Shop) Refreshable(refreshToken string) bool {
	return locked(sh, func(st *shopState) bool { return sh.server.presentableLocked(st, refreshToken) != nil })
}

// do runs fn with the shop's state under the server's lock.
func (sh *Shop) do(fn func(*shopState)) {
	sh.server.mu.Lock()
	defer sh.server.mu.Unlock()
	fn(sh.server.shopLocked(sh.domain))
}

func locked[T any](sh *Shop, fn func(*shopState) T) T {
	var v T
	sh.do(func(st *shopState) { v = fn(st) })
	return v
}

func (st *shopState) install(scopes string) {
	st.Installed, st.Known, st.Scopes = true, true, compress(scopes)
}

// userLocked resolves the zero User and remembers what was said about this one.
func (st *shopState) userLocked(u User) User {
	if u.ID == 0 || u.ID == st.Owner.ID {
		return st.Owner.user()
	}
	if u == (User{ID: u.ID}) { // only an id: keep what is known
		if known, ok := st.Staff[u.ID]; ok {
			return known.user()
		}
	}
	st.Staff[u.ID] = staff{User: u, Scopes: u.Scopes}
	return u
}

// requestedLocked returns the scopes that an installation asks for, given those in
// the authorize URL.
func (s *Server) requestedLocked(fromURL string) string {
	switch {
	case s.app.Scopes != "" && !(s.app.LegacyInstall && fromURL != ""):
		return s.app.Scopes
	case fromURL != "":
		return fromURL
	}
	return defaultScopes
}

// adminHost is what the host parameter encodes for requests that came in at base,
// the URL that all of Shopify's paths hang below; "" is the shop's own domain.
func adminHost(domain string, base *url.URL) string {
	if base == nil {
		name, _, _ := strings.Cut(domain, ".")
		return "admin.shopify.com/store/" + name
	}
	return base.Host + strings.TrimSuffix(base.Path, "/") + "/admin"
}

const day = 24 * time.Hour
