package custom

import (
	"context"

	"github.com/shopifysession/toolkit/shopifysession"
)

// FromBytes returns a callback for Load over a database that keeps serialized
// sessions: read returns the bytes for the id, and nil if there are none.
// Everything that [shopifysession.Deserialize] reads is read; other data is
// ErrInvalidSession, an empty slice that is not nil too.
func FromBytes(read func(ctx context.Context, id string) ([]byte, error)) func(ctx context.Context, id string) (*shopifysession.Session, error) {
	return func(ctx context.Context, id string) (*shopifysession.Session, error) {
		data, err := read(ctx, id)
		if err != nil || data == nil {
			return nil, err
		}
		return shopifysession.Deserialize(data)
	}
}
