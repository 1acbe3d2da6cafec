package memory_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/shopifysession/toolkit/shopifysession"
	"github.com/shopifysession/toolkit/storage/memory"
)

func ExampleNew() {
	ctx := context.Background()
	st := memory.New()
	err := st.Store(ctx, &shopifysession.Session{
		ID:   shopifysession.OfflineID("example.myshopify.com"),
		Shop: "example.myshopify.com",
	})
	fmt.Println(err)

	sessions, err := st.FindSessionsByShop(ctx, "example.myshopify.com")
	fmt.Println(len(sessions), err)
	// Output:
	// <nil>
	// 1 <nil>
}

func ExampleStorage_Update() {
	ctx := context.Background()
	st := memory.New()
	id := shopifysession.OfflineID("example.myshopify.com")
	_ = st.Store(ctx, &shopifysession.Session{ID: id, Shop: "example.myshopify.com"})

	err := st.Update(ctx, id, func(old *shopifysession.Session) (*shopifysession.Session, error) {
		if old == nil {
			return nil, shopifysession.ErrNotFound
		}
		old.Scope = "read_products"
		return old, nil
	})
	s, _ := st.Load(ctx, id)
	fmt.Println(s.Scope, err)
	// Output: read_products <nil>
}

func ExampleErrFull() {
	ctx := context.Background()
	st := memory.New()
	st.MaxSessions = 1
	_ = st.Store(ctx, &shopifysession.Session{ID: "first", Shop: "example.myshopify.com"})
	err := st.Store(ctx, &shopifysession.Session{ID: "second", Shop: "example.myshopify.com"})
	fmt.Println(errors.Is(err, memory.ErrFull))
	// Output: true
}
