package auth

import (
	"context"
	"errors"
	"fmt"
	"net/url"
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
	s, err := a.acquire(ctx, grantCode, shop, mode, form, state)
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
	s, err := a.flight.do(ctx, id, a.workTimeout(), func(ctx context.Context) (*shopifysession.Session, error) {
		return a.acquire(ctx, grantExchange, t.Shop(), mode, form, "")
	})
	return s, wrap("exchange ID token", t.Shop(), err)
}

// ClientCredentials gets an offline session for a shop of the app's own
// organization, stores it, and returns it as stored. It lives 24 hours and has
// no refresh token: ask again
// (https://shopify.dev/docs/apps/build/authentication-authorization/client-credentials-grant).
func (a *Auth) ClientCredentials(ctx context.Context, shop string) (*shopifysession.Session, error) {
	s, err := a.acquire(ctx, grantClientCredentials, shop, Offline, url.Values{}, "")
	return s, wrap("client credentials", shop, err)
}

// acquire gets a session that owes nothing to the one before it and stores it.
func (a *Auth) acquire(ctx context.Context, grant, shop string, mode AccessMode, form url.Values, state string) (*shopifysession.Session, error) {
	shop, err := a.app.ParseShop(shop)
	if err != nil {
		return nil, err
	}
	s, err := a.requestToken(ctx, grant, shop, form)
	if err != nil {
		return nil, err
	}
	if s.IsOnline != (mode == Online) {
		return nil, fmt.Errorf("%w: the answer is not for an %s session", ErrTemporary, mode)
	}
	s.State = state
	switch {
	case mode == Offline:
		s.ID = shopifysession.OfflineID(shop)
	case a.app.Embedded():
		s.ID = shopifysession.OnlineID(shop, s.OnlineAccessInfo.AssociatedUser.ID)
	default:
		if s.ID, err = a.random(stateBytes); err != nil {
			return nil, err
		}
	}
	return a.keep(ctx, s)
}

// keep stores a new session, whatever becomes of the request that asked for it.
func (a *Auth) keep(ctx context.Context, s *shopifysession.Session) (*shopifysession.Session, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), a.opts.RequestTimeout)
	defer cancel()
	if err := a.app.SessionStorage().Store(ctx, s); err != nil {
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
