package auth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/shopifysession/toolkit/shopifysession"
)

// Uninstall removes the sessions of a shop that were granted before at, the time
// of the uninstallation; a time in the future counts as now. Shopify has ended
// their tokens by then. A later grant stays: uninstall webhooks may arrive after
// the shop has installed the app again
// (https://github.com/Shopify/shopify-app-template-php/issues/481). Nothing to
// remove is nil. A storage that can't find sessions by shop loses the offline
// session only; in one without atomic updates a reinstall at the same moment may
// be removed, too.
func (a *Auth) Uninstall(ctx context.Context, shop string, at time.Time) error {
	shop, err := a.app.ParseShop(shop)
	if err != nil {
		return err
	}
	if now := a.app.Now(); at.After(now) {
		at = now
	}
	sessions, err := a.sessionsOf(ctx, shop)
	if err != nil {
		return fmt.Errorf("auth: uninstall %s: %w", shop, err)
	}
	for _, s := range sessions {
		if err := a.removeGrantedBefore(ctx, s, at); err != nil {
			return fmt.Errorf("auth: uninstall %s: %w", shop, err)
		}
	}
	return nil
}

var errReinstalled = errors.New("auth: granted after the uninstallation")

// removeGrantedBefore deletes the session unless it was granted after that time,
// also by a reinstall that happens now.
func (a *Auth) removeGrantedBefore(ctx context.Context, s *shopifysession.Session, at time.Time) error {
	if s.GrantedAt().After(at) {
		return nil
	}
	err := shopifysession.Update(ctx, a.app.SessionStorage(), s.ID, func(old *shopifysession.Session) (*shopifysession.Session, error) {
		if old != nil && old.GrantedAt().After(at) {
			return nil, errReinstalled
		}
		return nil, nil
	})
	switch {
	case errors.Is(err, errReinstalled):
		return nil
	case errors.Is(err, errors.ErrUnsupported):
		return a.app.SessionStorage().Delete(ctx, s.ID)
	}
	return err
}

func (a *Auth) sessionsOf(ctx context.Context, shop string) ([]*shopifysession.Session, error) {
	sessions, err := a.app.SessionStorage().FindSessionsByShop(ctx, shop)
	if !errors.Is(err, errors.ErrUnsupported) {
		return sessions, err
	}
	s, err := a.load(ctx, shopifysession.OfflineID(shop))
	if errors.Is(err, shopifysession.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return []*shopifysession.Session{s}, nil
}
