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
// session only.
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
	var ids []string
	for _, s := range sessions {
		if !s.GrantedAt().After(at) {
			ids = append(ids, s.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	if err := a.app.SessionStorage().DeleteSessions(ctx, ids); err != nil {
		return fmt.Errorf("auth: uninstall %s: %w", shop, err)
	}
	return nil
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
