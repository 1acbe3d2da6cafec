package storagetest

import "github.com/shopifysession/toolkit/shopifysession"

// minimal has the five methods of the interface that it embeds and no other.
type minimal struct{ shopifysession.SessionStorage }

// Minimal returns inner without its optional capabilities: no type assertion
// and no [shopifysession.As] gets past it. Test with it what your code does on
// a storage that only keeps the five methods.
func Minimal(inner shopifysession.SessionStorage) shopifysession.SessionStorage {
	return minimal{inner}
}
