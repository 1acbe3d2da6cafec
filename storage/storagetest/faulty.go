package storagetest

import (
	"context"
	"errors"
	"iter"
	"sync"
	"time"

	"github.com/shopifysession/toolkit/shopifysession"
)

// Op names an operation of a storage.
type Op string

// The operations of a storage.
const (
	OpStore          Op = "store"
	OpLoad           Op = "load"
	OpDelete         Op = "delete"
	OpDeleteSessions Op = "delete sessions"
	OpFind           Op = "find"
	OpUpdate         Op = "update"
	OpAll            Op = "all"
	OpLen            Op = "len"
	OpClear          Op = "clear"
	OpTouch          Op = "touch"
	OpPing           Op = "ping"
	OpDeleteExpired  Op = "delete expired"
	OpMigrate        Op = "migrate"
)

// Mode says how a call fails.
type Mode int

const (
	// Before fails without any effect: the storage can't be reached.
	Before Mode = iota
	// After has its effect and fails nevertheless: the reply is lost.
	After
	// Hang does nothing until the context ends, and fails with its cause.
	Hang
)

// Fault makes one call fail, or all of an operation.
type Fault struct {
	Op   Op     // which operation
	Call int    // its how manieth call, from 1; 0: every call
	Mode Mode   // zero: Before
	Err  error  // nil: a *StorageError that wraps ErrInjected; Hang takes the context's
	Hook func() // called when the fault strikes, before anything else; nil: nothing
}

// Plan is the faults of a [FaultyStorage]; where several match, the first
// strikes. An empty plan lets everything through.
type Plan []Fault

// ErrInjected is what the default error of a [Fault] wraps.
var ErrInjected = errors.New("storagetest: injected failure")

// FaultyStorage fails as planned and passes all other calls to the storage
// inside, which it does not show through Unwrap. It has every optional
// capability; what the inner storage lacks is errors.ErrUnsupported. It is safe
// for concurrent use if the storage inside is. [Faulty] makes one.
type FaultyStorage struct {
	inner shopifysession.SessionStorage
	plan  Plan
	mu    sync.Mutex
	calls map[Op]int
}

// Faulty returns a storage around inner that fails as planned.
func Faulty(inner shopifysession.SessionStorage, plan Plan) *FaultyStorage {
	return &FaultyStorage{inner: inner, plan: plan, calls: map[Op]int{}}
}

// Calls returns how often the operation was called, failed calls included.
func (f *FaultyStorage) Calls(op Op) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls[op]
}

// next counts a call and returns its fault, if there is one.
func (f *FaultyStorage) next(op Op) (Fault, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls[op]++
	for _, fault := range f.plan {
		if fault.Op == op && (fault.Call == 0 || fault.Call == f.calls[op]) {
			return fault, true
		}
	}
	return Fault{}, false
}

// do makes a call with or without a fault. What the call returns besides its
// error it must set only if effect returned nil.
func (f *FaultyStorage) do(ctx context.Context, op Op, effect func() error) error {
	fault, ok := f.next(op)
	if !ok {
		return effect()
	}
	if fault.Hook != nil {
		fault.Hook()
	}
	switch fault.Mode {
	case Hang:
		<-ctx.Done()
		return &shopifysession.StorageError{Op: string(op), Backend: "faulty", Err: context.Cause(ctx)}
	case After:
		if err := effect(); err != nil {
			return err
		}
	}
	if fault.Err != nil {
		return fault.Err
	}
	return &shopifysession.StorageError{Op: string(op), Backend: "faulty", Err: ErrInjected}
}

// Store passes the session on, unless planned otherwise.
func (f *FaultyStorage) Store(ctx context.Context, s *shopifysession.Session) error {
	return f.do(ctx, OpStore, func() error { return f.inner.Store(ctx, s) })
}

// Load asks the storage inside, unless planned otherwise.
func (f *FaultyStorage) Load(ctx context.Context, id string) (*shopifysession.Session, error) {
	return result(ctx, f, OpLoad, func() (*shopifysession.Session, error) { return f.inner.Load(ctx, id) })
}

// Delete passes the id on, unless planned otherwise.
func (f *FaultyStorage) Delete(ctx context.Context, id string) error {
	return f.do(ctx, OpDelete, func() error { return f.inner.Delete(ctx, id) })
}

// DeleteSessions passes the ids on, unless planned otherwise.
func (f *FaultyStorage) DeleteSessions(ctx context.Context, ids []string) error {
	return f.do(ctx, OpDeleteSessions, func() error { return f.inner.DeleteSessions(ctx, ids) })
}

// FindSessionsByShop asks the storage inside, unless planned otherwise.
func (f *FaultyStorage) FindSessionsByShop(ctx context.Context, shop string) ([]*shopifysession.Session, error) {
	return result(ctx, f, OpFind, func() ([]*shopifysession.Session, error) { return f.inner.FindSessionsByShop(ctx, shop) })
}

// Update passes fn on, unless planned otherwise.
func (f *FaultyStorage) Update(ctx context.Context, id string, fn func(old *shopifysession.Session) (*shopifysession.Session, error)) error {
	return f.do(ctx, OpUpdate, func() error { return shopifysession.Update(ctx, f.inner, id, fn) })
}

// All yields what the storage inside does, unless planned otherwise: with After
// the error comes at the end.
func (f *FaultyStorage) All(ctx context.Context) iter.Seq2[*shopifysession.Session, error] {
	return func(yield func(*shopifysession.Session, error) bool) {
		stopped := false
		err := f.do(ctx, OpAll, func() error {
			for s, err := range shopifysession.All(ctx, f.inner) {
				if stopped = !yield(s, err); stopped {
					return nil
				}
			}
			return nil
		})
		if err != nil && !stopped {
			yield(nil, err)
		}
	}
}

// Len asks the storage inside, unless planned otherwise.
func (f *FaultyStorage) Len(ctx context.Context) (int, error) {
	return result(ctx, f, OpLen, func() (int, error) { return shopifysession.Len(ctx, f.inner) })
}

// Clear clears the storage inside, unless planned otherwise.
func (f *FaultyStorage) Clear(ctx context.Context) error {
	return f.do(ctx, OpClear, func() error { return shopifysession.Clear(ctx, f.inner) })
}

// Touch passes the time on, unless planned otherwise.
func (f *FaultyStorage) Touch(ctx context.Context, id string, keepUntil time.Time) error {
	return f.do(ctx, OpTouch, func() error { return shopifysession.Touch(ctx, f.inner, id, keepUntil) })
}

// Ping asks the storage inside, unless planned otherwise.
func (f *FaultyStorage) Ping(ctx context.Context) error {
	return f.do(ctx, OpPing, func() error { return shopifysession.Ping(ctx, f.inner) })
}

// DeleteExpired passes the time on, unless planned otherwise.
func (f *FaultyStorage) DeleteExpired(ctx context.Context, before time.Time) (int, error) {
	return result(ctx, f, OpDeleteExpired, func() (int, error) { return shopifysession.DeleteExpired(ctx, f.inner, before) })
}

// Migrate prepares the storage inside, unless planned otherwise.
func (f *FaultyStorage) Migrate(ctx context.Context) error {
	return f.do(ctx, OpMigrate, func() error { return shopifysession.Migrate(ctx, f.inner) })
}

// result is do for calls that return something; with a lost reply they don't.
func result[T any](ctx context.Context, f *FaultyStorage, op Op, call func() (T, error)) (T, error) {
	var got T
	err := f.do(ctx, op, func() (err error) {
		got, err = call()
		return err
	})
	if err != nil {
		var none T
		return none, err
	}
	return got, nil
}
