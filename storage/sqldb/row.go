package sqldb

import (
	"database/sql"
	"errors"
	"time"

	"github.com/shopifysession/toolkit/shopifysession"
)

// row is one row of the table: a session, or the fence of a deleted one.
type row struct {
	id string
	stamp

	shop, state         string
	isOnline            bool
	scope, accessToken  string
	expires             sql.Null[int64]
	refreshToken        string
	refreshTokenExpires sql.Null[int64]

	userID                      sql.Null[int64] // NULL: no OnlineAccessInfo
	firstName, lastName, email  string
	emailVerified, accountOwner bool
	locale                      string
	collaborator                bool
	expiresIn                   int64
	userScope                   string

	bookkeeping []byte
	keepUntil   sql.Null[int64]
}

// stamp tells one state of a row from every other: a write is applied only to
// the state that it was decided on.
type stamp struct {
	version    int64
	grantedAt  int64 // ms; 0: not known
	fenceUntil int64 // ms; 0: the row is a session
}

type column struct {
	name  string
	value any // pointer to the row's field, for Scan as well as for Exec
}

// columns are the columns that a write replaces; id comes first. The table has
// one more, touched_until, which belongs to Touch and outlives a Store.
func (r *row) columns() []column {
	return []column{
		{"id", &r.id},
		{"version", &r.version},
		{"granted_at", &r.grantedAt},
		{"fence_until", &r.fenceUntil},
		{"shop", &r.shop},
		{"state", &r.state},
		{"is_online", &r.isOnline},
		{"scope", &r.scope},
		{"access_token", &r.accessToken},
		{"expires", &r.expires},
		{"refresh_token", &r.refreshToken},
		{"refresh_token_expires", &r.refreshTokenExpires},
		{"user_id", &r.userID},
		{"first_name", &r.firstName},
		{"last_name", &r.lastName},
		{"email", &r.email},
		{"email_verified", &r.emailVerified},
		{"account_owner", &r.accountOwner},
		{"locale", &r.locale},
		{"collaborator", &r.collaborator},
		{"expires_in", &r.expiresIn},
		{"associated_user_scope", &r.userScope},
		{"bookkeeping", &r.bookkeeping},
		{"keep_until", &r.keepUntil},
	}
}

// erased are the columns that a deletion blanks, with their blank values: all
// but those that make the fence.
func erased() []column { return new(row).columns()[4:] }

func values(columns []column) []any {
	vs := make([]any, len(columns))
	for i, c := range columns {
		vs[i] = c.value
	}
	return vs
}

// newRow returns the row of a session that Revise returned.
func newRow(s *shopifysession.Session, grace time.Duration) *row {
	r := &row{
		id: s.ID, stamp: stamp{version: s.Version(), grantedAt: grantMillis(s.GrantedAt())},
		shop: s.Shop, state: s.State, isOnline: s.IsOnline, scope: s.Scope,
		accessToken: s.AccessToken, expires: millis(s.Expires),
		refreshToken: s.RefreshToken, refreshTokenExpires: millis(s.RefreshTokenExpires),
		bookkeeping: s.Bookkeeping(), keepUntil: millis(s.KeepUntil(grace)),
	}
	if info := s.OnlineAccessInfo; info != nil {
		u := info.AssociatedUser
		r.expiresIn, r.userScope = int64(info.ExpiresIn), info.AssociatedUserScope
		r.userID = sql.Null[int64]{V: u.ID, Valid: true}
		r.firstName, r.lastName, r.email = u.FirstName, u.LastName, u.Email
		r.emailVerified, r.accountOwner = u.EmailVerified, u.AccountOwner
		r.locale, r.collaborator = u.Locale, u.Collaborator
	}
	return r
}

// session returns the session that the row holds, or why it is none.
func (r *row) session() (*shopifysession.Session, error) {
	s := &shopifysession.Session{
		ID: r.id, Shop: r.shop, State: r.state, IsOnline: r.isOnline, Scope: r.scope,
		AccessToken: r.accessToken, Expires: fromMillis(r.expires),
		RefreshToken: r.refreshToken, RefreshTokenExpires: fromMillis(r.refreshTokenExpires),
	}
	if r.userID.Valid {
		s.OnlineAccessInfo = &shopifysession.OnlineAccessInfo{
			ExpiresIn: int(r.expiresIn), AssociatedUserScope: r.userScope,
			AssociatedUser: shopifysession.AssociatedUser{
				ID: r.userID.V, FirstName: r.firstName, LastName: r.lastName, Email: r.email,
				EmailVerified: r.emailVerified, AccountOwner: r.accountOwner,
				Locale: r.locale, Collaborator: r.collaborator,
			},
		}
	}
	if err := s.SetBookkeeping(r.bookkeeping); err != nil {
		return nil, err
	}
	if err := s.Validate(); err != nil {
		return nil, err
	}
	// Writes are decided on the bookkeeping and guarded by the columns: where
	// they differ, a stale copy could get through.
	if s.Version() != r.version || grantMillis(s.GrantedAt()) != r.grantedAt {
		return nil, errors.New("version or granted_at differs from the bookkeeping")
	}
	return s, nil
}

// fence returns the grant that was deleted under this id and is still to be
// refused; zero if none is.
func (st stamp) fence(now time.Time) time.Time {
	if st.fenceUntil == 0 || st.fenceUntil <= now.UnixMilli() {
		return time.Time{}
	}
	return time.UnixMilli(st.grantedAt).UTC()
}

// grantMillis is 0 for an unknown time of grant: read as a fence that is 1970,
// before every real grant and after the zero time.
func grantMillis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// millis rounds up: what is to be kept until then is not dropped before. Zero
// is NULL.
func millis(t time.Time) sql.Null[int64] {
	if t.IsZero() {
		return sql.Null[int64]{}
	}
	return sql.Null[int64]{V: ceilMillis(t), Valid: true}
}

func ceilMillis(t time.Time) int64 {
	ms := t.UnixMilli()
	if t.After(time.UnixMilli(ms)) {
		ms++
	}
	return ms
}

func fromMillis(ms sql.Null[int64]) time.Time {
	if !ms.Valid {
		return time.Time{}
	}
	return time.UnixMilli(ms.V).UTC()
}
