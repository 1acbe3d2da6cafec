package memory

import (
	"time"

	"github.com/shopifysession/toolkit/shopifysession"
)

// fences remember deleted grants for [shopifysession.FenceGrace]. Only the
// deletion of a stored session makes one, and every new one drops those that
// are over, so there are never more than deletions during the last grace.
type fences struct {
	byID  map[string]fence
	queue []due // in the order of their ends
}

type fence struct {
	granted time.Time // this grant and older ones may not be written
	until   time.Time
}

type due struct {
	id    string
	until time.Time
}

// grant returns the grant time that writes of the id must be later than; zero:
// none.
func (f *fences) grant(id string, now time.Time) time.Time {
	fe, ok := f.byID[id]
	if !ok || !fe.until.After(now) {
		return time.Time{}
	}
	return fe.granted
}

func (f *fences) add(id string, granted, now time.Time) {
	f.expire(now)
	if earlier := f.grant(id, now); earlier.After(granted) {
		granted = earlier
	}
	if f.byID == nil {
		f.byID = map[string]fence{}
	}
	fe := fence{granted: granted, until: now.Add(shopifysession.FenceGrace)}
	f.byID[id] = fe
	f.queue = append(f.queue, due{id, fe.until})
}

// expire drops the fences that are over.
func (f *fences) expire(now time.Time) {
	n := 0
	for n < len(f.queue) && !f.queue[n].until.After(now) {
		d := f.queue[n]
		// A fence that was renewed has a later entry in the queue.
		if f.byID[d.id].until.Equal(d.until) {
			delete(f.byID, d.id)
		}
		n++
	}
	f.queue = f.queue[n:]
	if len(f.queue) == 0 {
		f.queue = nil
	}
}
