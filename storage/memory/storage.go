package memory

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/shopifysession/toolkit/shopifysession"
)

// ErrFull is what a write wraps that would have created more than
// [Storage.MaxSessions] sessions. Nothing was written and nothing evicted.
var ErrFull = errors.New("memory: storage is full")

// Storage is a session storage in memory. The zero value is empty and ready;
// set its fields before the first use and do not copy it afterwards. It is safe
// for concurrent use and starts no goroutine.
type Storage struct {
	// MaxSessions bounds the number of sessions; 0 or less: unbounded. See
	// [ErrFull].
	MaxSessions int
	// Now is the clock, for grant times, fences and retention; nil: time.Now.
	Now func() time.Time

	mu      sync.RWMutex
	records map[string]*record
	byShop  map[string]map[string]*record // shop, id
	order   order
	fences  fences
	due     time.Time // no record need be dropped before; zero: unknown
}

// record is a stored session and where All finds it.
type record struct {
	// session is never changed, only replaced: readers copy it without the
	// lock, and Update knows by the pointer whether it is still the same.
	session   *shopifysession.Session
	keepUntil time.Time // at least, from Touch; zero: not touched
	forever   bool      // touched with the zero time
	position  uint64    // in order
}

// keep returns when the record may go; zero: never.
func (r *record) keep() time.Time {
	until := r.session.KeepUntil(shopifysession.FenceGrace)
	if until.IsZero() || r.forever {
		return time.Time{}
	}
	if r.keepUntil.After(until) {
		return r.keepUntil
	}
	return until
}

// New returns an empty storage; it is new(Storage) spelled like the other
// storages' constructors.
func New() *Storage { return new(Storage) }

// Store creates or replaces the session; see [shopifysession.SessionStorage].
func (st *Storage) Store(ctx context.Context, s *shopifysession.Session) error {
	if err := ended(ctx, "store"); err != nil {
		return err
	}
	if err := s.Validate(); err != nil {
		return err
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.put("store", s)
}

// Load returns a copy of the session; see [shopifysession.SessionStorage].
func (st *Storage) Load(ctx context.Context, id string) (*shopifysession.Session, error) {
	if err := ended(ctx, "load"); err != nil {
		return nil, err
	}
	if s := st.current(id); s != nil {
		return s.Clone(), nil
	}
	return nil, shopifysession.ErrNotFound
}

// Delete removes the session and fences its grant; see
// [shopifysession.SessionStorage].
func (st *Storage) Delete(ctx context.Context, id string) error {
	if err := ended(ctx, "delete"); err != nil {
		return err
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	st.drop(id, st.now())
	return nil
}

// DeleteSessions removes the sessions, all at once, and fences their grants; see
// [shopifysession.SessionStorage].
func (st *Storage) DeleteSessions(ctx context.Context, ids []string) error {
	if err := ended(ctx, "delete sessions"); err != nil {
		return err
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	now := st.now()
	for _, id := range ids {
		st.drop(id, now)
	}
	return nil
}

// FindSessionsByShop returns copies of the shop's sessions; it costs these, not
// the size of the storage. See [shopifysession.SessionStorage].
func (st *Storage) FindSessionsByShop(ctx context.Context, shop string) ([]*shopifysession.Session, error) {
	if err := ended(ctx, "find"); err != nil {
		return nil, err
	}
	st.mu.RLock()
	found := make([]*shopifysession.Session, 0, len(st.byShop[shop]))
	for _, r := range st.byShop[shop] {
		found = append(found, r.session)
	}
	st.mu.RUnlock()
	for i, s := range found {
		found[i] = s.Clone()
	}
	return found, nil
}

// current returns the stored session, to be read only; nil if there is none.
func (st *Storage) current(id string) *shopifysession.Session {
	st.mu.RLock()
	defer st.mu.RUnlock()
	if r := st.records[id]; r != nil {
		return r.session
	}
	return nil
}

func (st *Storage) now() time.Time {
	if st.Now != nil {
		return st.Now()
	}
	return time.Now()
}

const backend = "memory"

func ended(ctx context.Context, op string) error { return shopifysession.Ended(ctx, backend, op) }

func failure(op string, err error) error {
	return &shopifysession.StorageError{Op: op, Backend: backend, Err: err}
}
