// Package storage is the index of the session storages; the code is in the
// packages below.
//
//	package       sessions live in           for
//	custom        callbacks of your own      any other database
//	memory        the memory of one process  tests, development
//	sqldb         SQLite                     apps on one host
//	storagetest   -                          testing storages, decorators and apps
//
// All of them are a shopifysession.SessionStorage and keep its contract, which
// storagetest checks sentence by sentence. What only some can do is an interface
// of one method; use the package functions of shopifysession (Update, All, …),
// which find a capability behind decorators.
//
// # Decorators
//
// A decorator is a storage around another one:
//
//	st := shopifysession.Decorate(memory.New(), inner, outer) // the first sits closest to the store
//
// The law of decorators: Unwrap promises that nothing of the decorator's effect
// is lost by going around it. A decorator whose effect a capability crosses
// (encryption and Update, a cache and Clear) implements that capability itself,
// with errors.ErrUnsupported when the inner storage has none; it exposes the
// rest through Unwrap. storagetest.RunDecorator checks that.
package storage
