package auth

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// stateLifetime is how long a merchant may take to approve: the 60 seconds of
// the official library are too short for people who read.
const stateLifetime = 10 * time.Minute

const stateBytes = 20 // 160 bits

// newState begins a login in this browser: a random state and a signed cookie of
// its own that binds the state to browser, shop and access mode. Each login has
// its own cookie, so several tabs don't disturb each other.
func (a *Auth) newState(w http.ResponseWriter, shop string, mode AccessMode) (string, error) {
	state, err := a.random(stateBytes)
	if err != nil {
		return "", err
	}
	a.setCookie(w, stateCookie(state), mode.String()+":"+shop, stateKeyInfo, stateLifetime)
	return state, nil
}

// maxStates is how many logins a browser may have open: without a bound, a page
// that opens Begin again and again fills the Cookie header until servers refuse it.
const maxStates = 8

// dropStates makes the browser forget all open logins if there are too many.
func (a *Auth) dropStates(w http.ResponseWriter, r *http.Request) {
	var open []string
	for _, c := range r.Cookies() {
		if state, ok := strings.CutPrefix(c.Name, a.cookieName(stateCookie(""))); ok && validState(state) {
			open = append(open, state)
		}
	}
	if len(open) < maxStates {
		return
	}
	for _, state := range open {
		a.clearCookie(w, stateCookie(state))
	}
}

// stateCookie returns the name of a state's cookie. The state itself is in the
// name, which the signature covers.
func stateCookie(state string) string { return "shopify_app_state_" + state }

// checkState returns the access mode of the login that the state belongs to, if
// this browser has begun it for this shop. It does not use the state up.
func (a *Auth) checkState(r *http.Request, state, shop string) (AccessMode, error) {
	if !validState(state) {
		return Offline, ErrStateMismatch
	}
	payload, ok := a.readCookie(r, stateCookie(state), stateKeyInfo)
	if !ok {
		return Offline, ErrStateMismatch
	}
	mode, stateShop, _ := strings.Cut(payload, ":")
	if stateShop != shop {
		return Offline, ErrStateMismatch
	}
	if mode == Online.String() {
		return Online, nil
	}
	return Offline, nil
}

// useState uses the state up, in all processes that share [Options].Once.
func (a *Auth) useState(ctx context.Context, w http.ResponseWriter, state string) error {
	first, err := a.opts.Once.First(ctx, "oauth-state:"+state, stateLifetime)
	if err != nil {
		return fmt.Errorf("%w: use OAuth state: %w", ErrTemporary, err)
	}
	a.clearCookie(w, stateCookie(state))
	if !first {
		return ErrStateMismatch
	}
	return nil
}

// validState keeps foreign text out of cookie names.
func validState(state string) bool {
	if len(state) < 16 || len(state) > 64 {
		return false
	}
	for i := range len(state) {
		if c := state[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}
