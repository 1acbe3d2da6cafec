package shopifysession

// Unwrapper is a storage around another one. Unwrap promises that nothing of
// the decorator's effect is lost by going around it: a decorator whose effect a
// capability crosses (encryption and Update, a cache and Clear) implements that
// capability itself, with errors.ErrUnsupported when the inner storage has
// none. storagetest.RunDecorator checks that.
type Unwrapper interface {
	Unwrap() SessionStorage
}

// As returns the first storage that is a T in the chain that starts at st and
// follows [Unwrapper]. A storage may implement a capability and still answer
// errors.ErrUnsupported.
func As[T any](st SessionStorage) (T, bool) {
	for st != nil {
		if t, ok := st.(T); ok {
			return t, true
		}
		u, ok := st.(Unwrapper)
		if !ok {
			break
		}
		st = u.Unwrap()
	}
	var none T
	return none, false
}

// Decorator puts something around a storage: encryption, a cache, an observer.
type Decorator func(SessionStorage) SessionStorage

// Decorate puts decorators around st; the first sits closest to it.
func Decorate(st SessionStorage, ds ...Decorator) SessionStorage {
	for _, d := range ds {
		st = d(st)
	}
	return st
}
