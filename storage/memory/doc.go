// Package memory keeps sessions in the memory of one process: for tests,
// development, and apps that can lose their sessions at a restart.
//
//	st := memory.New()
//	err := st.Store(ctx, session)
//
// It keeps the whole contract of [shopifysession.SessionStorage], every optional
// capability included except Migrator, for which there is nothing to do. So it
// is also the reference that other storages can be compared with: what
// storagetest demands is here in its plainest form.
//
// Offline sessions hold the only tokens an app has for a shop. When the process
// ends they are gone, and every merchant has to open the app again: use a
// database in production.
//
// # Bounds
//
// Nothing is evicted: a live token is never dropped to make room. With
// [Storage.MaxSessions] a write that would create one session too many is
// refused with [ErrFull], after the sessions that need not be kept any more
// were dropped. Without it sessions stay until they are deleted, by
// [Storage.DeleteExpired] for example.
//
//	st := memory.New()
//	st.MaxSessions = 10_000
package memory
