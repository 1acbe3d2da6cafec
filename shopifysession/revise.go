package shopifysession

import "time"

// FenceGrace is how long a storage remembers a deletion: writes of the deleted
// grant that were under way meanwhile are refused, not resurrected.
const FenceGrace = 5 * time.Minute

// Revise is for storages: it decides whether s may be written and returns the
// session to write, or an error and nothing is to be written. Every storage
// asks it, for Store as well as for the result of Update, inside whatever makes
// its write atomic.
//
// old is the stored session, nil if there is none; fence is the grant time of
// the session that was deleted under this id during the last [FenceGrace], zero
// if none was; now is the storage's clock.
//
// A session made by hand (neither stored before nor given a grant time) is a
// new grant at now and replaces anything. Any other must be a later grant than
// fence, and a later grant than old or the same version of the same grant, else
// Revise returns [ErrConflict]. A session that can't be kept is
// [ErrInvalidSession].
//
// The result is a copy: times cut to milliseconds, version counted up. s and old
// are unchanged.
func Revise(old, s *Session, fence, now time.Time) (*Session, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	next := s.Clone()
	next.Expires = utcMillis(next.Expires)
	next.RefreshTokenExpires = utcMillis(next.RefreshTokenExpires)
	next.rec.Version++

	if s.rec.Version == 0 && s.rec.GrantedAt.IsZero() {
		next.rec.GrantedAt = laterGrant(now, old, fence)
		return next, nil
	}
	granted := next.rec.GrantedAt
	if !fence.IsZero() && !granted.After(fence) {
		return nil, ErrConflict
	}
	if old != nil {
		same := granted.Equal(old.rec.GrantedAt) && s.rec.Version == old.rec.Version
		if !same && !granted.After(old.rec.GrantedAt) {
			return nil, ErrConflict
		}
	}
	return next, nil
}

// laterGrant returns now, or the first moment after what is stored where a
// clock stands still or runs behind.
func laterGrant(now time.Time, old *Session, fence time.Time) time.Time {
	granted := utcMillis(now)
	if old != nil && fence.Before(old.rec.GrantedAt) {
		fence = old.rec.GrantedAt
	}
	if !granted.After(fence) {
		granted = fence.Add(time.Millisecond)
	}
	return granted
}
