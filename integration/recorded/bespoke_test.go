// Package recorded_test reads, through storage/custom, databases that programs
// in other languages have written: testdata holds what the official Node
// packages left in SQLite, through Prisma in SQLite and in Redis, and what they
// loaded from there themselves.
package recorded_test

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/shopifysession/toolkit/shopifysession"
	"github.com/shopifysession/toolkit/storage/custom"
)

// bespoke is what a user of storage/custom writes for a table of their own:
// sessions spread over columns.
type bespoke struct {
	db    *sql.DB
	table string
	// readTime and writeTime know what the table keeps for a time.
	readTime  func(column any) any
	writeTime func(time.Time) any
}

// storage returns the callbacks as a session storage.
func (b *bespoke) storage() (*custom.CustomSessionStorage, error) {
	st, err := custom.New(b.store, custom.FromMap(b.row), b.delete)
	if err != nil {
		return nil, err
	}
	st.FindSessionsByShopFunc = b.findByShop
	return st, nil
}

var columns = []string{
	"id", "shop", "state", "isOnline", "scope", "expires", "accessToken", "refreshToken", "refreshTokenExpires",
	"userId", "firstName", "lastName", "email", "emailVerified", "accountOwner", "locale", "collaborator",
}

func (b *bespoke) store(ctx context.Context, s *shopifysession.Session) error {
	values := []any{
		s.ID, s.Shop, s.State, s.IsOnline, s.Scope, b.writeTime(s.Expires), s.AccessToken, s.RefreshToken, b.writeTime(s.RefreshTokenExpires),
	}
	if s.OnlineAccessInfo != nil {
		u := s.OnlineAccessInfo.AssociatedUser
		values = append(values, u.ID, u.FirstName, u.LastName, u.Email, u.EmailVerified, u.AccountOwner, u.Locale, u.Collaborator)
	} else {
		values = append(values, make([]any, len(columns)-len(values))...)
	}
	query := fmt.Sprintf("INSERT OR REPLACE INTO %s (%s) VALUES (?%s)",
		b.table, strings.Join(columns, ", "), strings.Repeat(", ?", len(columns)-1))
	_, err := b.db.ExecContext(ctx, query, values...)
	return err
}

func (b *bespoke) delete(ctx context.Context, id string) error {
	_, err := b.db.ExecContext(ctx, "DELETE FROM "+b.table+" WHERE id = ?", id)
	return err
}

// row is the callback for custom.FromMap.
func (b *bespoke) row(ctx context.Context, id string) (map[string]any, error) {
	rows, err := b.rows(ctx, "id", id)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return rows[0], nil
}

func (b *bespoke) findByShop(ctx context.Context, shop string) ([]*shopifysession.Session, error) {
	rows, err := b.rows(ctx, "shop", shop)
	if err != nil {
		return nil, err
	}
	var sessions []*shopifysession.Session
	for _, row := range rows {
		toSession := custom.FromMap(func(context.Context, string) (map[string]any, error) { return row, nil })
		s, err := toSession(ctx, "")
		if err != nil {
			return nil, err
		}
		sessions = append(sessions, s)
	}
	return sessions, nil
}

// rows returns every column of the rows in which one column has a value.
func (b *bespoke) rows(ctx context.Context, column, value string) ([]map[string]any, error) {
	found, err := b.db.QueryContext(ctx, "SELECT * FROM "+b.table+" WHERE "+column+" = ?", value)
	if err != nil {
		return nil, err
	}
	defer func() { _ = found.Close() }()
	names, err := found.Columns()
	if err != nil {
		return nil, err
	}
	var rows []map[string]any
	for found.Next() {
		values, targets := make([]any, len(names)), make([]any, len(names))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := found.Scan(targets...); err != nil {
			return nil, err
		}
		row := map[string]any{}
		for i, name := range names {
			row[name] = values[i]
		}
		row["expires"] = b.readTime(row["expires"])
		row["refreshTokenExpires"] = b.readTime(row["refreshTokenExpires"])
		rows = append(rows, row)
	}
	return rows, found.Err()
}
