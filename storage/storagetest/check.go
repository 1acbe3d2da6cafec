package storagetest

import (
	"errors"
	"slices"
	"strings"

	"github.com/shopifysession/toolkit/shopifysession"
)

// store writes s, which must succeed.
func (c *check) store(s *shopifysession.Session) {
	c.Helper()
	if err := c.st.Store(c.ctx, s); err != nil {
		c.Fatalf("Store of %q failed: %v", s.ID, err)
	}
}

// stored writes s and returns what Load gives back.
func (c *check) stored(s *shopifysession.Session) *shopifysession.Session {
	c.Helper()
	c.store(s)
	return c.load(s.ID)
}

// load reads a session that must exist.
func (c *check) load(id string) *shopifysession.Session {
	c.Helper()
	s, err := c.st.Load(c.ctx, id)
	if err != nil {
		c.Fatalf("Load of %q failed: %v", id, err)
	}
	if s == nil {
		c.Fatalf("Load of %q returned nil and no error", id)
	}
	return s
}

// loads demands that Load returns want.
func (c *check) loads(want *shopifysession.Session) {
	c.Helper()
	c.same("Load", c.load(want.ID), want)
}

// absent demands that Load finds nothing.
func (c *check) absent(id string) {
	c.Helper()
	s, err := c.st.Load(c.ctx, id)
	if err == nil {
		c.Fatalf("Load of %q returned %v instead of ErrNotFound", id, s)
	}
	c.is("Load", err, shopifysession.ErrNotFound)
}

func (c *check) delete(id string) {
	c.Helper()
	if err := c.st.Delete(c.ctx, id); err != nil {
		c.Fatalf("Delete of %q failed: %v", id, err)
	}
}

func (c *check) deleteSessions(ids ...string) {
	c.Helper()
	if err := c.st.DeleteSessions(c.ctx, ids); err != nil {
		c.Fatalf("DeleteSessions of %d ids failed: %v", len(ids), err)
	}
}

// refused demands that Store of s is ErrConflict.
func (c *check) refused(what string, s *shopifysession.Session) {
	c.Helper()
	c.is("Store of "+what, c.st.Store(c.ctx, s), shopifysession.ErrConflict)
}

// found demands that the shop has exactly these sessions. A storage without the
// callback for it passes: the group "find" tells that.
func (c *check) found(shop string, want ...*shopifysession.Session) {
	c.Helper()
	got, err := c.st.FindSessionsByShop(c.ctx, shop)
	if errors.Is(err, errors.ErrUnsupported) && c.rule.group() != "find" {
		return
	}
	if err != nil {
		c.Fatalf("FindSessionsByShop(%q) failed: %v", shop, err)
	}
	c.sameSet("FindSessionsByShop", got, want)
}

// update changes a session, which must succeed.
func (c *check) update(id string, fn func(old *shopifysession.Session) (*shopifysession.Session, error)) {
	c.Helper()
	if err := shopifysession.Update(c.ctx, c.st, id, fn); err != nil {
		c.Fatalf("Update of %q failed: %v", id, err)
	}
}

// all collects what All yields, which must be without errors.
func (c *check) all() []*shopifysession.Session {
	c.Helper()
	var got []*shopifysession.Session
	for s, err := range shopifysession.All(c.ctx, c.st) {
		if err != nil {
			c.Fatalf("All yielded an error: %v", err)
		}
		got = append(got, s)
	}
	return got
}

// is demands an error of that class.
func (c *check) is(what string, err, want error) {
	c.Helper()
	if !errors.Is(err, want) {
		c.Fatalf("%s returned %v, want an error that is %q", what, text(err), want)
	}
}

// backendError demands a *StorageError that wraps cause and is none of the
// conditions.
func (c *check) backendError(what string, err, cause error) {
	c.Helper()
	c.is(what, err, cause)
	if _, ok := errors.AsType[*shopifysession.StorageError](err); !ok {
		c.Fatalf("%s returned a %T, want a *StorageError", what, err)
	}
	for _, condition := range []error{shopifysession.ErrNotFound, shopifysession.ErrConflict, shopifysession.ErrInvalidSession} {
		if errors.Is(err, condition) {
			c.Fatalf("%s failed with an error that looks like %q", what, condition)
		}
	}
}

// same demands that two sessions agree in everything the user set.
func (c *check) same(what string, got, want *shopifysession.Session) {
	c.Helper()
	if got == nil {
		c.Fatalf("%s returned nil, want session %q", what, want.ID)
	}
	if diff := difference(got, want); diff != "" {
		c.Fatalf("%s returned session %q with other values in %s", what, want.ID, diff)
	}
}

// sameSet demands the same sessions in any order.
func (c *check) sameSet(what string, got, want []*shopifysession.Session) {
	c.Helper()
	byID := map[string]*shopifysession.Session{}
	for _, s := range got {
		if s == nil {
			c.Fatalf("%s returned a nil session", what)
		}
		if byID[s.ID] != nil {
			c.Fatalf("%s returned session %q twice", what, s.ID)
		}
		byID[s.ID] = s
	}
	for _, s := range want {
		if byID[s.ID] == nil {
			c.Fatalf("%s did not return session %q", what, s.ID)
		}
		c.same(what, byID[s.ID], s)
		delete(byID, s.ID)
	}
	for id := range byID {
		c.Fatalf("%s returned session %q, which does not belong there", what, id)
	}
}

// difference names the fields that differ, without their values.
func difference(got, want *shopifysession.Session) string {
	if got.Equal(want) {
		return ""
	}
	var names []string
	note := func(name string, equal bool) {
		if !equal {
			names = append(names, name)
		}
	}
	note("ID", got.ID == want.ID)
	note("Shop", got.Shop == want.Shop)
	note("State", got.State == want.State)
	note("IsOnline", got.IsOnline == want.IsOnline)
	note("Scope", got.Scope == want.Scope)
	note("AccessToken", got.AccessToken == want.AccessToken)
	note("RefreshToken", got.RefreshToken == want.RefreshToken)
	note("Expires", got.Expires.UnixMilli() == want.Expires.UnixMilli())
	note("RefreshTokenExpires", got.RefreshTokenExpires.UnixMilli() == want.RefreshTokenExpires.UnixMilli())
	if len(names) == 0 {
		return "OnlineAccessInfo"
	}
	return strings.Join(names, ", ")
}

// text is the text of an error, also where there is none.
func text(err error) string {
	if err == nil {
		return "no error"
	}
	return err.Error()
}

// ids returns the ids of the sessions, sorted.
func ids(sessions []*shopifysession.Session) []string {
	var out []string
	for _, s := range sessions {
		out = append(out, s.ID)
	}
	slices.Sort(out)
	return out
}
