package custom_test

import (
	"context"
	"fmt"

	"github.com/shopifysession/toolkit/shopifysession"
	"github.com/shopifysession/toolkit/storage/custom"
)

func ExampleNew() {
	ctx := context.Background()
	rows := map[string][]byte{} // the database

	st, err := custom.New(
		func(_ context.Context, s *shopifysession.Session) error {
			data, err := s.Serialize()
			rows[s.ID] = data
			return err
		},
		custom.FromBytes(func(_ context.Context, id string) ([]byte, error) { return rows[id], nil }),
		func(_ context.Context, id string) error {
			delete(rows, id)
			return nil
		},
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	id := shopifysession.OfflineID("example.myshopify.com")
	fmt.Println(st.Store(ctx, &shopifysession.Session{ID: id, Shop: "example.myshopify.com", Scope: "read_products"}))
	s, err := st.Load(ctx, id)
	fmt.Println(s.Scope, s.Version(), err)
	_, err = st.Load(ctx, "other")
	fmt.Println(err)
	// Output:
	// <nil>
	// read_products 1 <nil>
	// shopifysession: session not found
}

// A row as an ORM gives it back.
func ExampleFromMap() {
	load := custom.FromMap(func(_ context.Context, id string) (map[string]any, error) {
		return map[string]any{
			"id": id, "shop": "example.myshopify.com", "isOnline": int64(1), "accessToken": []byte("shpua_example"),
			"expires": "2026-11-20T12:00:00.000Z", "userId": int64(902541635), "firstName": "Ada", "emailVerified": int64(1),
		}, nil
	})
	s, err := load(context.Background(), "example.myshopify.com_902541635")
	fmt.Println(s.OnlineAccessInfo.AssociatedUser.FirstName, s.Expires, err)
	// Output: Ada 2026-11-20 12:00:00 +0000 UTC <nil>
}

func ExampleFromBytes() {
	load := custom.FromBytes(func(context.Context, string) ([]byte, error) {
		return []byte(`{"id":"offline_example.myshopify.com","shop":"example.myshopify.com","scope":"read_products"}`), nil
	})
	s, err := load(context.Background(), "offline_example.myshopify.com")
	fmt.Println(s.Scope, err)
	// Output: read_products <nil>
}

func ExampleCustomSessionStorage() {
	// A literal works, too; what is not there answers errors.ErrUnsupported.
	st := &custom.CustomSessionStorage{
		StoreFunc:  func(context.Context, *shopifysession.Session) error { return nil },
		LoadFunc:   func(context.Context, string) (*shopifysession.Session, error) { return nil, nil },
		DeleteFunc: func(context.Context, string) error { return nil },
	}
	fmt.Println(shopifysession.Ping(context.Background(), st)) // by a load
	_, err := st.FindSessionsByShop(context.Background(), "example.myshopify.com")
	fmt.Println(err)
	// Output:
	// <nil>
	// custom: find: unsupported
}
