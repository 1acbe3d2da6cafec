// Package storagetest is the contract of session storages as a program. The
// comments of [shopifysession.SessionStorage] and of the optional interfaces
// say what a storage does; here every sentence of them is a test that names the
// sentence when it fails.
//
// # Testing a storage
//
// One test is the whole conformance test of a storage:
//
//	func TestConformance(t *testing.T) {
//		storagetest.Run(t, func(t *testing.T) shopifysession.SessionStorage {
//			db := openDatabase(t) // empty, closed with t.Cleanup
//			return mystorage.New(db)
//		})
//	}
//
// Capabilities are tested where [shopifysession.As] finds them. Options add what
// the suite can't find out by itself, or leave out what a storage can't do:
//
//	storagetest.SecondProcess(func(t *testing.T) shopifysession.SessionStorage { … }) // another connection
//	storagetest.Damage(func(t *testing.T, st shopifysession.SessionStorage, id string) { … })
//	storagetest.LastWriteWins("the table belongs to another program")
//	storagetest.Skip("find", "the API can't search")
//
// Cases have names like store/stale-copy-is-refused, so that go test -run finds
// them. The last one, model/random-operations, compares the storage with a
// model through random operations; the flags of pgregory.net/rapid
// (-rapid.checks and others) steer it, and it leaves what failed in
// testdata/rapid. No case sleeps or depends on the speed of the storage; grants
// of the past and the future are made with bookkeeping. With -short the largest
// cases are smaller.
//
// # Testing a decorator
//
// [RunDecorator] does that for a [shopifysession.Decorator]: encryption, a cache
// and whatever else sits around a storage.
//
// # Testing an app
//
// [Faulty] fails at the call you choose: before its effect, after it (the reply
// is lost) or not before the context ends. [Minimal] hides what your app should
// not rely on. [Bench] compares the speed of storages.
package storagetest
