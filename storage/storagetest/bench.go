package storagetest

import (
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/shopifysession/toolkit/shopifysession"
)

// benchShops is how many shops the storage holds while it is measured, with
// benchPerShop sessions each.
const (
	benchShops   = 100
	benchPerShop = 10
)

// Bench measures store, load, find, update and delete, each as a sub-benchmark
// that runs in parallel (b.SetParallelism and -cpu count). open returns an empty
// storage and is called once for each; the storage then holds 1 000 sessions of
// 100 shops. Storages without Update skip that one.
func Bench(b *testing.B, open func(b *testing.B) shopifysession.SessionStorage) {
	b.Run("store", func(b *testing.B) { // replaces, and creates on the way
		st, next := filled(b, open(b)), counter()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				n := next()
				s := benchSession(n%(2*benchShops), n/(2*benchShops)%benchPerShop)
				benchCheck(b, st.Store(b.Context(), s))
			}
		})
	})
	b.Run("load", func(b *testing.B) {
		st, next := filled(b, open(b)), counter()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				n := next()
				_, err := st.Load(b.Context(), benchSession(n%benchShops, n/benchShops%benchPerShop).ID)
				benchCheck(b, err)
			}
		})
	})
	b.Run("find", func(b *testing.B) {
		st, next := filled(b, open(b)), counter()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				found, err := st.FindSessionsByShop(b.Context(), benchSession(next()%benchShops, 0).Shop)
				if err == nil && len(found) != benchPerShop {
					err = fmt.Errorf("found %d sessions", len(found))
				}
				benchCheck(b, err)
			}
		})
	})
	b.Run("update", func(b *testing.B) {
		st, next := filled(b, open(b)), counter()
		if errors.Is(shopifysession.Update(b.Context(), st, benchSession(0, 0).ID, keep), errors.ErrUnsupported) {
			b.Skip("the storage does not support Update")
		}
		b.ResetTimer()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				n := next()
				benchCheck(b, shopifysession.Update(b.Context(), st, benchSession(n%benchShops, n/benchShops%benchPerShop).ID, keep))
			}
		})
	})
	b.Run("delete", func(b *testing.B) {
		st, next := filled(b, open(b)), counter()
		for i := range b.N {
			benchCheck(b, st.Store(b.Context(), benchSession(benchShops+i, 0)))
		}
		b.ResetTimer()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				benchCheck(b, st.Delete(b.Context(), benchSession(benchShops+next(), 0).ID))
			}
		})
	})
}

func filled(b *testing.B, st shopifysession.SessionStorage) shopifysession.SessionStorage {
	b.Helper()
	for i := range benchShops * benchPerShop {
		if err := st.Store(b.Context(), benchSession(i%benchShops, i/benchShops)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	b.ResetTimer()
	return st
}

func benchSession(shop, user int) *shopifysession.Session {
	return online(fmt.Sprintf("bench-%d", shop), int64(user+1))
}

// counter returns a function that counts from 0, for all goroutines together.
func counter() func() int {
	var n atomic.Int64
	return func() int { return int(n.Add(1) - 1) }
}

// benchCheck fails from any goroutine, so it does not stop the benchmark.
func benchCheck(b *testing.B, err error) {
	if err != nil {
		b.Errorf("storagetest: %v", err)
	}
}
