package auth

import (
	"context"
	"errors"
	"net/url"

	"github.com/shopifysession/toolkit/shopifysession"
)

// Refresh uses the refresh token of the session with that id, stores the new
// pair, and returns it as stored. Concurrent calls in this process share one
// request; a pair that another process has stored meanwhile is returned
// instead. ErrReauthorize if there is no refresh token or Shopify says that it is
// dead; the session stays as it is. ErrTemporary if Shopify's answer is not
// known: the stored refresh token still works
// (https://shopify.dev/changelog/more-resilient-refreshes-for-expiring-offline-access-tokens).
func (a *Auth) Refresh(ctx context.Context, id string) (*shopifysession.Session, error) {
	s, err := a.load(ctx, id)
	if err != nil {
		return nil, err
	}
	return a.refresh(ctx, s)
}

// refresh replaces the pair of s, unless what is stored differs from s already.
func (a *Auth) refresh(ctx context.Context, s *shopifysession.Session) (*shopifysession.Session, error) {
	fresh, err := a.flight.do(ctx, s.ID, grantRefresh, a.workTimeout(), func(ctx context.Context) (*shopifysession.Session, error) {
		return a.refreshOnce(ctx, s)
	})
	return fresh, wrap("refresh", s.Shop, err)
}

func (a *Auth) refreshOnce(ctx context.Context, s *shopifysession.Session) (*shopifysession.Session, error) {
	stored, err := a.load(ctx, s.ID)
	if err != nil {
		return nil, err
	}
	if stored.AccessToken != s.AccessToken {
		return stored, nil // somebody else was faster
	}
	if !a.refreshable(stored) {
		return nil, ErrReauthorize
	}
	answer, err := a.requestToken(ctx, grantRefresh, stored.Shop, url.Values{"refresh_token": {stored.RefreshToken}})
	if errors.Is(err, ErrReauthorize) {
		// Dead for us, or replaced by somebody who knows the new one.
		if now, loadErr := a.load(ctx, s.ID); loadErr == nil && now.RefreshToken != stored.RefreshToken {
			return now, nil
		}
	}
	if err != nil {
		return nil, err
	}
	if answer.RefreshToken == "" {
		return nil, &TokenError{Status: 200, grant: grantRefresh} // ask again: Shopify repeats the pair
	}
	presented := stored.RefreshToken
	for range maxConflicts {
		next := stored.Clone()
		next.AccessToken, next.Expires = answer.AccessToken, answer.Expires
		next.RefreshToken, next.RefreshTokenExpires = answer.RefreshToken, answer.RefreshTokenExpires
		if answer.Scope != "" {
			next.Scope = answer.Scope
		}
		var kept *shopifysession.Session
		if kept, err = a.keep(ctx, next); !errors.Is(err, shopifysession.ErrConflict) {
			return kept, err
		}
		var loadErr error
		if stored, loadErr = a.load(ctx, s.ID); loadErr != nil || stored.RefreshToken != presented {
			return stored, loadErr // gone, or a later grant
		}
		// Something else of the same grant was written meanwhile, such as its scope.
	}
	return nil, err
}

// maxConflicts bounds how often a write is tried again from what is stored.
const maxConflicts = 8

// refreshable reports whether s has a refresh token that has not run out.
func (a *Auth) refreshable(s *shopifysession.Session) bool {
	return s.RefreshToken != "" && (s.RefreshTokenExpires.IsZero() || s.RefreshTokenExpires.After(a.app.Now()))
}

// due reports whether s should get a new token before it is used. A refresh
// token without an expiry of the access token is the trace of an answer without
// expires_in that another library stored.
func (a *Auth) due(s *shopifysession.Session) bool {
	return s.ExpiresWithin(a.app.Now(), a.refreshAhead(s)) || s.Expires.IsZero() && s.RefreshToken != ""
}

// alive reports whether s can give a token, now or after a refresh.
func (a *Auth) alive(s *shopifysession.Session) bool {
	return s.IsActive(a.app.Now(), nil) || a.refreshable(s)
}

// usable returns the offline session of a shop with a token that can be used
// now, refreshing it before its time is up. If the refresh fails and the old
// token is still good, that one is returned. ErrNotFound if there is no session,
// ErrReauthorize if it is dead.
func (a *Auth) usable(ctx context.Context, shop string) (*shopifysession.Session, error) {
	s, err := a.loadFor(ctx, shopifysession.OfflineID(shop), shop)
	if err != nil {
		return nil, err
	}
	active := s.IsActive(a.app.Now(), nil)
	if active && !a.due(s) {
		return s, nil
	}
	if !a.refreshable(s) {
		if active {
			return s, nil
		}
		return nil, wrap("use session", s.Shop, ErrReauthorize)
	}
	fresh, err := a.refresh(ctx, s)
	if err != nil && active && !s.Expires.IsZero() {
		a.app.Logger().WarnContext(ctx, "refresh failed, the old token is still good", "shop", s.Shop, "error", err.Error())
		return s, nil
	}
	return fresh, err
}

// TokenSource gives out sessions to make requests with. Ask at every request:
// tokens live an hour, jobs may take longer. Implementations are safe for
// concurrent use.
type TokenSource interface {
	// Token returns a session with a valid access token, for use and not to be
	// stored: it carries no refresh token. Storages that refuse stale copies
	// refuse it.
	Token(ctx context.Context) (*shopifysession.Session, error)
}

type offlineSource struct {
	auth *Auth
	shop string
}

// Offline returns the source of a shop's offline tokens, for work without a
// merchant: jobs, webhooks. Token refreshes what is about to expire and returns
// [shopifysession.ErrNotFound] for a shop that has not installed the app,
// ErrReauthorize if only a visit of the merchant helps, and ErrInvalidShop if
// shop is not one.
func (a *Auth) Offline(shop string) TokenSource { return offlineSource{a, shop} }

func (o offlineSource) Token(ctx context.Context) (*shopifysession.Session, error) {
	shop, err := o.auth.app.ParseShop(o.shop)
	if err != nil {
		return nil, err
	}
	s, err := o.auth.usable(ctx, shop)
	if err != nil {
		return nil, err
	}
	return forUse(s), nil
}

// forUse returns a copy of s without refresh token. Storing that would lose the
// refresh token, so the copy claims to be older than anything stored.
func forUse(s *shopifysession.Session) *shopifysession.Session {
	c := s.Clone()
	c.RefreshToken = ""
	if err := c.SetBookkeeping([]byte(oldestGrant)); err != nil {
		panic(err) // a constant
	}
	return c
}

const oldestGrant = `{"record":{"version":0,"grantedAt":1}}`
