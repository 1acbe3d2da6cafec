// Package custom makes a session storage of your own functions: for a database
// that has no package here, an ORM that owns the table, a service that keeps
// the tokens. Three callbacks are enough:
//
//	st, err := custom.New(storeSession, loadSession, deleteSession)
//
// The optional callbacks are fields of the result. What has none answers
// errors.ErrUnsupported, or falls back: DeleteSessions to one delete after the
// other, [shopifysession.Ping] to a load.
//
// # A bespoke database
//
// A database that keeps bytes under a key, with an index of its own:
//
//	st, err := custom.New(
//		func(ctx context.Context, s *shopifysession.Session) error {
//			data, err := s.Serialize()
//			if err != nil {
//				return err
//			}
//			return db.Put(ctx, s.ID, s.Shop, data)
//		},
//		custom.FromBytes(db.Get), // nil: not found
//		db.Delete,
//	)
//	if err != nil {
//		return err
//	}
//	st.FindSessionsByShopFunc = func(ctx context.Context, shop string) ([]*shopifysession.Session, error) {
//		var sessions []*shopifysession.Session
//		for data, err := range db.Where(ctx, "shop", shop) {
//			s, err := shopifysession.Deserialize(data)
//			if err != nil {
//				return nil, err
//			}
//			sessions = append(sessions, s)
//		}
//		return sessions, nil
//	}
//
// Whoever has columns uses [FromMap], and keeps Session.Bookkeeping in one more
// column: the record of a refresh under way and the version are there.
//
// # What callbacks can't promise
//
// With three callbacks this package can't keep two sentences of the contract of
// [shopifysession.SessionStorage], because it does not see what is stored:
//
//   - A stale copy is not refused. Whoever writes last wins, so that of two
//     processes that refresh the same token the slower one may write back a
//     token that Shopify has retired.
//   - A deletion is not fenced. A write that was under way brings the session
//     back.
//
// Nothing is atomic either: there is no Update, and package auth then guards a
// refresh only within one process. All of it comes with
// [CustomSessionStorage.UpdateFunc], which runs a function between reading and
// writing, in a transaction for example, and asks [shopifysession.Revise]
// before it writes:
//
//	st.UpdateFunc = func(ctx context.Context, id string, fn func(old *shopifysession.Session) (*shopifysession.Session, error)) error {
//		return db.Transaction(ctx, func(tx *Tx) error {
//			old, fence, err := tx.SelectForUpdate(id) // nil if there is none
//			if err != nil {
//				return err
//			}
//			next, err := fn(old)
//			if err != nil {
//				return err
//			}
//			if next == nil {
//				return tx.DeleteAndFence(id, old)
//			}
//			if next, err = shopifysession.Revise(old, next, fence, time.Now()); err != nil {
//				return err
//			}
//			return tx.Write(next)
//		})
//	}
//
// A fence is the grant time of the deleted session, kept for
// [shopifysession.FenceGrace]; DeleteFunc and DeleteSessionsFunc must set it,
// too. Test your callbacks with storagetest.Run; without UpdateFunc with its
// option LastWriteWins, which leaves out exactly what is said above.
package custom
