package sqldb

import (
	"context"

	"github.com/shopifysession/toolkit/shopifysession"
)

// read is one row as a query returned it; err says why a column can't be read.
type read struct {
	row
	err error
}

// decode returns the session of the row.
func (r *read) decode(op string) (*shopifysession.Session, error) {
	if r.err != nil {
		return nil, damaged(op, r.err)
	}
	s, err := r.row.session()
	if err != nil {
		return nil, damaged(op, err)
	}
	return s, nil
}

// read returns the rows of a query, all of them, so that no connection is held
// when it returns.
func (st *Storage) read(ctx context.Context, op, query string, args ...any) ([]read, error) {
	var result []read
	err := st.do(ctx, op, func() error {
		result = nil
		rows, err := st.db.QueryContext(ctx, query, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var r read
			r.err = rows.Scan(values(r.columns())...)
			result = append(result, r)
		}
		return rows.Err()
	})
	return result, err
}

// state is what the table says about an id.
type state struct {
	exists  bool // there is a row
	stamp   stamp
	session *shopifysession.Session // nil: the row is a fence, or there is none
}

// current reads the row of an id.
func (st *Storage) current(ctx context.Context, op, id string) (state, error) {
	if err := ended(ctx, op); err != nil {
		return state{}, err
	}
	if isNoID(id) {
		return state{}, nil
	}
	found, err := st.read(ctx, op, st.queries.load, id)
	if err != nil || len(found) == 0 {
		return state{}, err
	}
	r := found[0]
	now := state{exists: true, stamp: r.stamp}
	if r.err == nil && r.fenceUntil != 0 {
		return now, nil
	}
	now.session, err = r.decode(op)
	return now, err
}
