package memory

import "slices"

// order is the records by age, so that All can go through them in constant
// memory while others come and go: it remembers a position, not a list.
type order struct {
	last    uint64    // the newest position given, never given again
	records []*record // ascending positions
	removed int       // records that are gone and not compacted yet
}

func (o *order) add(r *record) {
	o.last++
	r.position = o.last
	o.records = append(o.records, r)
}

func (o *order) remove(r *record) {
	r.session = nil
	o.removed++
	if o.removed > 32 && o.removed > len(o.records)/2 {
		o.records = slices.DeleteFunc(o.records, func(r *record) bool { return r.session == nil })
		o.removed = 0
	}
}

// next returns the oldest record after the position, nil if there is none.
func (o *order) next(position uint64) *record {
	i, _ := slices.BinarySearchFunc(o.records, position+1, func(r *record, p uint64) int {
		switch {
		case r.position < p:
			return -1
		case r.position > p:
			return 1
		}
		return 0
	})
	for ; i < len(o.records); i++ {
		if o.records[i].session != nil {
			return o.records[i]
		}
	}
	return nil
}

// clear removes all records and keeps counting, for iterations under way.
func (o *order) clear() { o.records, o.removed = nil, 0 }
