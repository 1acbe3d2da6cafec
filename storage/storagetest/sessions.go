package storagetest

import (
	"fmt"
	"time"

	"github.com/shopifysession/toolkit/shopifysession"
)

// marker is in every token of the suite and may be in no error text.
const marker = "s3cr3t"

// sample returns the offline session of a shop, with a refresh token and alive
// for long. Every token contains the name.
func sample(name string) *shopifysession.Session {
	now := time.Now().Truncate(time.Millisecond)
	shop := name + ".myshopify.com"
	return &shopifysession.Session{
		ID:                  shopifysession.OfflineID(shop),
		Shop:                shop,
		Scope:               "read_products,write_orders",
		AccessToken:         "shpat_" + marker + "_" + name,
		Expires:             now.Add(time.Hour),
		RefreshToken:        "shprt_" + marker + "_" + name,
		RefreshTokenExpires: now.Add(90 * 24 * time.Hour),
	}
}

// online returns an online session with every field set.
func online(name string, user int64) *shopifysession.Session {
	s := sample(name)
	s.ID, s.IsOnline, s.State = shopifysession.OnlineID(s.Shop, user), true, "state-"+name
	s.OnlineAccessInfo = &shopifysession.OnlineAccessInfo{
		ExpiresIn: 86399, AssociatedUserScope: "read_products",
		AssociatedUser: shopifysession.AssociatedUser{
			ID: user, FirstName: "Ada", LastName: "Lovelace", Email: "ada@example.com",
			EmailVerified: true, AccountOwner: true, Locale: "pt-BR", Collaborator: true,
		},
	}
	return s
}

// transient returns a session without refresh token: it need not be kept beyond
// its expiry and the grace.
func transient(name string, expires time.Time) *shopifysession.Session {
	s := sample(name)
	s.Expires, s.RefreshToken, s.RefreshTokenExpires = expires, "", time.Time{}
	return s
}

// granted returns s as the copy of a certain version of a certain grant.
func granted(s *shopifysession.Session, version int64, at time.Time) *shopifysession.Session {
	return withBookkeeping(s, fmt.Sprintf(`{"record":{"version":%d,"grantedAt":%d}}`, version, at.UnixMilli()))
}

// withBookkeeping returns a copy of s with that bookkeeping.
func withBookkeeping(s *shopifysession.Session, data string) *shopifysession.Session {
	s = s.Clone()
	if err := s.SetBookkeeping([]byte(data)); err != nil {
		panic("storagetest: " + err.Error()) // the suite's own constant
	}
	return s
}

// changed returns a copy of s with another pair of tokens, as a refresh leaves
// it.
func changed(s *shopifysession.Session, to string) *shopifysession.Session {
	s = s.Clone()
	s.AccessToken, s.RefreshToken = "shpat_"+marker+"_"+to, "shprt_"+marker+"_"+to
	return s
}
