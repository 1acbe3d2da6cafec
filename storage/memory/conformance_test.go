package memory_test

import (
	"testing"

	"github.com/shopifysession/toolkit/shopifysession"
	"github.com/shopifysession/toolkit/storage/memory"
	"github.com/shopifysession/toolkit/storage/storagetest"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	storagetest.Run(t, func(*testing.T) shopifysession.SessionStorage { return memory.New() })
}

func BenchmarkStorage(b *testing.B) {
	storagetest.Bench(b, func(*testing.B) shopifysession.SessionStorage { return memory.New() })
}
