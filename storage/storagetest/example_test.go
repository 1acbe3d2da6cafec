package storagetest_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/shopifysession/toolkit/shopifysession"
	"github.com/shopifysession/toolkit/storage/memory"
	"github.com/shopifysession/toolkit/storage/storagetest"
)

// The whole test of a storage.
func ExampleRun() {
	_ = func(t *testing.T) { // func TestConformance(t *testing.T)
		storagetest.Run(t, func(t *testing.T) shopifysession.SessionStorage {
			return memory.New()
		})
	}
	fmt.Println("go test -run TestConformance")
	// Output: go test -run TestConformance
}

// The whole test of a decorator.
func ExampleRunDecorator() {
	logged := func(st shopifysession.SessionStorage) shopifysession.SessionStorage { return st }
	_ = func(t *testing.T) { // func TestDecorator(t *testing.T)
		storagetest.RunDecorator(t, logged)
	}
	fmt.Println("go test -run TestDecorator")
	// Output: go test -run TestDecorator
}

func ExampleBench() {
	_ = func(b *testing.B) { // func BenchmarkStorage(b *testing.B)
		storagetest.Bench(b, func(b *testing.B) shopifysession.SessionStorage {
			return memory.New()
		})
	}
	fmt.Println("go test -bench BenchmarkStorage/load")
	// Output: go test -bench BenchmarkStorage/load
}

// What does an app do when the reply to a write is lost?
func ExampleFaulty() {
	ctx := context.Background()
	st := storagetest.Faulty(memory.New(), storagetest.Plan{
		{Op: storagetest.OpStore, Call: 1, Mode: storagetest.After},
	})
	s := &shopifysession.Session{ID: "offline_example.myshopify.com", Shop: "example.myshopify.com"}

	err := st.Store(ctx, s)
	fmt.Println(err, errors.Is(err, storagetest.ErrInjected))
	_, err = st.Load(ctx, s.ID)
	fmt.Println(err)
	// Output:
	// faulty: store: backend failure true
	// <nil>
}

func ExampleMinimal() {
	st := storagetest.Minimal(memory.New())
	_, err := shopifysession.Len(context.Background(), st)
	fmt.Println(errors.Is(err, errors.ErrUnsupported))
	// Output: true
}
