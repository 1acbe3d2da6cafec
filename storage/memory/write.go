package memory

import (
	"time"

	"github.com/shopifysession/toolkit/shopifysession"
)

// put writes s if it may be written. The lock is held.
func (st *Storage) put(op string, s *shopifysession.Session) error {
	now := st.now()
	r := st.records[s.ID]
	var old *shopifysession.Session
	if r != nil {
		old = r.session
	}
	next, err := shopifysession.Revise(old, s, st.fences.grant(s.ID, now), now)
	if err != nil {
		return err
	}
	if r == nil {
		if !st.hasRoom(now) {
			return failure(op, ErrFull)
		}
		r = &record{}
		st.order.add(r)
		if st.records == nil {
			st.records = map[string]*record{}
		}
		st.records[s.ID] = r
	} else if old.Shop != next.Shop {
		st.unindex(old)
	}
	r.session = next
	st.index(r)
	st.sooner(r.keep())
	return nil
}

// drop deletes a session, if there is one, and fences its grant. The lock is
// held.
func (st *Storage) drop(id string, now time.Time) {
	r := st.records[id]
	if r == nil {
		return
	}
	st.fences.add(id, r.session.GrantedAt(), now)
	st.remove(r)
}

// remove takes a record out of every index. The lock is held.
func (st *Storage) remove(r *record) {
	delete(st.records, r.session.ID)
	st.unindex(r.session)
	st.order.remove(r)
}

func (st *Storage) index(r *record) {
	ids := st.byShop[r.session.Shop]
	if ids == nil {
		ids = map[string]*record{}
		if st.byShop == nil {
			st.byShop = map[string]map[string]*record{}
		}
		st.byShop[r.session.Shop] = ids
	}
	ids[r.session.ID] = r
}

func (st *Storage) unindex(s *shopifysession.Session) {
	ids := st.byShop[s.Shop]
	delete(ids, s.ID)
	if len(ids) == 0 {
		delete(st.byShop, s.Shop)
	}
}

// hasRoom reports whether one more session fits, and drops expired ones if that
// decides it. The lock is held.
func (st *Storage) hasRoom(now time.Time) bool {
	if st.MaxSessions <= 0 || len(st.records) < st.MaxSessions {
		return true
	}
	// Refusals must stay cheap: look through all records only if one is due.
	if !st.due.IsZero() && !st.due.Before(now) {
		return false
	}
	st.dropExpired(now)
	return len(st.records) < st.MaxSessions
}

// distant stands for "no record will ever be due".
var distant = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)

// dropExpired removes the records whose retention ended before that time and
// returns their number. The lock is held.
func (st *Storage) dropExpired(before time.Time) int {
	n := 0
	st.due = distant
	for _, r := range st.records {
		keep := r.keep()
		if !keep.IsZero() && keep.Before(before) {
			st.remove(r)
			n++
			continue
		}
		st.sooner(keep)
	}
	return n
}

// sooner notes that a record may be due at that time; zero: never.
func (st *Storage) sooner(keep time.Time) {
	if !st.due.IsZero() && !keep.IsZero() && keep.Before(st.due) {
		st.due = keep
	}
}
