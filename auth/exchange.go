package auth

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/shopifysession/toolkit/shopifysession"
)

// ExchangeCode exchanges the code of an OAuth callback for a session of the
// options' access mode, stores it, and returns it as stored. Verify the callback
// first. A code works once.
func (a *Auth) ExchangeCode(ctx context.Context, shop, code string) (*shopifysession.Session, error) {
	return a.exchangeCode(ctx, shop, code, "", a.opts.AccessMode)
}

func (a *Auth) exchangeCode(ctx context.Context, shop, code, state string, mode AccessMode) (*shopifysession.Session, error) {
	form := url.Values{"code": {code}}
	if mode == Offline {
		form.Set("expiring", a.expiring())
	}
	id := shopifysession.OfflineID(shop)
	if mode == Online {
		id = "code " + code // the user, and so the session, is not known yet
	}
	s, err := a.flight.do(ctx, id, grantCode, a.workTimeout(), func(ctx context.Context) (*shopifysession.Session, error) {
		return a.acquire(ctx, grantCode, acquisition{shop: shop, mode: mode, state: state}, form)
	})
	return s, wrap("exchange code", shop, err)
}

// ExchangeSessionToken exchanges an ID token (previously called a session token)
// for a session of that mode, stores it, and returns it as stored. The token is
// verified first and says for which shop and user. If Shopify refuses it, or it
// is invalid, the error is [ErrInvalidToken] and a fresh one will do.
//
// A new offline session ends the refresh token of the one before: prefer
// [Auth.Refresh] while that is alive.
func (a *Auth) ExchangeSessionToken(ctx context.Context, raw string, mode AccessMode) (*shopifysession.Session, error) {
	t, err := a.VerifySessionToken(raw)
	if err != nil {
		return nil, err
	}
	return a.exchangeToken(ctx, t, raw, mode)
}

func (a *Auth) exchangeToken(ctx context.Context, t *SessionToken, raw string, mode AccessMode) (*shopifysession.Session, error) {
	id, err := t.sessionID(mode)
	if err != nil {
		return nil, err
	}
	form := url.Values{"subject_token": {raw}, "subject_token_type": {typeIDToken}, "requested_token_type": {typeOnlineToken}}
	if mode == Offline {
		form.Set("requested_token_type", typeOfflineToken)
		form.Set("expiring", a.expiring())
	}
	s, err := a.flight.do(ctx, id, grantExchange, a.workTimeout(), func(ctx context.Context) (*shopifysession.Session, error) {
		return a.acquire(ctx, grantExchange, acquisition{shop: t.Shop(), mode: mode, user: t.Subject}, form)
	})
	return s, wrap("exchange ID token", t.Shop(), err)
}

// ClientCredentials gets an offline session for a shop of the app's own
// organization, stores it in the place of the shop's offline session, and
// returns it as stored. It lives 24 hours and has no refresh token: ask again
// (https://shopify.dev/docs/apps/build/authentication-authorization/client-credentials-grant).
func (a *Auth) ClientCredentials(ctx context.Context, shop string) (*shopifysession.Session, error) {
	s, err := a.flight.do(ctx, shopifysession.OfflineID(shop), grantClientCredentials, a.workTimeout(), func(ctx context.Context) (*shopifysession.Session, error) {
		return a.acquire(ctx, grantClientCredentials, acquisition{shop: shop, mode: Offline}, url.Values{})
	})
	return s, wrap("client credentials", shop, err)
}

// acquisition says what kind of session is to be acquired.
type acquisition struct {
	shop  string
	mode  AccessMode
	state string // of the authorization code grant
	user  string // whom the answer must be for; "": anybody
}

// acquire gets a session that owes nothing to the one before it and stores it.
func (a *Auth) acquire(ctx context.Context, grant string, want acquisition, form url.Values) (*shopifysession.Session, error) {
	shop, err := a.app.ParseShop(want.shop)
	if err != nil {
		return nil, err
	}
	s, err := a.requestToken(ctx, grant, shop, form)
	if err != nil {
		return nil, err
	}
	if s.IsOnline != (want.mode == Online) {
		return nil, fmt.Errorf("%w: the answer is not for an %s session", ErrTemporary, want.mode)
	}
	s.State, s.ID = want.state, shopifysession.OfflineID(shop)
	if s.IsOnline {
		user := s.OnlineAccessInfo.AssociatedUser.ID
		if want.user != "" && want.user != strconv.FormatInt(user, 10) {
			return nil, fmt.Errorf("%w: the answer is for another user", ErrTemporary)
		}
		s.ID = shopifysession.OnlineID(shop, user)
		if !a.app.Embedded() {
			if s.ID, err = a.random(stateBytes); err != nil {
				return nil, err
			}
		}
	}
	return a.keep(ctx, s)
}

// storeTries is how often a token that Shopify has issued is offered to the
// storage: no acquisition can be repeated.
const storeTries = 3

// keep stores a session that Shopify has just issued and returns it as stored.
func (a *Auth) keep(ctx context.Context, s *shopifysession.Session) (*shopifysession.Session, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), a.opts.RequestTimeout) // Shopify may have used up ctx
	defer cancel()
	var err error
	for range storeTries {
		err = a.app.SessionStorage().Store(ctx, s)
		if err == nil || errors.Is(err, shopifysession.ErrConflict) || errors.Is(err, shopifysession.ErrInvalidSession) {
			break
		}
	}
	if err != nil {
		return nil, &NotStoredError{Session: s, Err: err}
	}
	stored, err := a.load(ctx, s.ID)
	if errors.Is(err, shopifysession.ErrNotFound) {
		return s, nil // deleted meanwhile; the token was good when it was issued
	}
	return stored, err
}

func (a *Auth) expiring() string {
	if a.app.ExpiringTokens() {
		return "1"
	}
	return "0"
}

// workTimeout bounds a request to Shopify together with storing its result.
func (a *Auth) workTimeout() time.Duration { return 2*a.opts.RequestTimeout + time.Second }

// wrap says what failed for which shop; a shop that is not one is not repeated.
func wrap(op, shop string, err error) error {
	if err == nil {
		return nil
	}
	if _, invalid := shopifysession.ParseShop(shop); invalid != nil {
		return fmt.Errorf("auth: %s: %w", op, err)
	}
	return fmt.Errorf("auth: %s for %s: %w", op, shop, err)
}
