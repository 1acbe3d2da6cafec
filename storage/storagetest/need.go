package storagetest

import (
	"errors"
	"time"

	"github.com/shopifysession/toolkit/shopifysession"
)

// need asks the storage for a capability; errors.ErrUnsupported says that it
// has none. What it does otherwise is without effect on an empty storage.
type need func(c *check) error

// probeID is never stored.
const probeID = "storagetest.probe"

var errProbe = errors.New("storagetest: probe")

func needsUpdate(c *check) error {
	return shopifysession.Update(c.ctx, c.st, probeID,
		func(*shopifysession.Session) (*shopifysession.Session, error) { return nil, errProbe })
}

func needsAll(c *check) error {
	for _, err := range shopifysession.All(c.ctx, c.st) {
		return err
	}
	return nil
}

func needsLen(c *check) error {
	_, err := shopifysession.Len(c.ctx, c.st)
	return err
}

func needsClear(c *check) error { return shopifysession.Clear(c.ctx, c.st) }

func needsTouch(c *check) error {
	return shopifysession.Touch(c.ctx, c.st, probeID, time.Now())
}

func needsDeleteExpired(c *check) error {
	_, err := shopifysession.DeleteExpired(c.ctx, c.st, time.Unix(0, 0))
	return err
}

func needsTouchAndDeleteExpired(c *check) error {
	if err := needsTouch(c); errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	return needsDeleteExpired(c)
}

func needsSecond(c *check) error {
	if c.cfg.second == nil {
		return errors.ErrUnsupported
	}
	return nil
}

func needsSecondAndUpdate(c *check) error {
	if err := needsSecond(c); err != nil {
		return err
	}
	return needsUpdate(c)
}

func needsDamage(c *check) error {
	if c.cfg.damage == nil {
		return errors.ErrUnsupported
	}
	return nil
}

func needsDamageAndAll(c *check) error {
	if err := needsDamage(c); err != nil {
		return err
	}
	return needsAll(c)
}
