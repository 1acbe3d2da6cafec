package shopifytest

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"
)

// TB is the part of testing.TB that Run needs, so that this package never
// imports testing. *testing.T, *testing.B and *testing.F satisfy it.
type TB interface {
	Helper()
	Fatalf(format string, args ...any)
	Cleanup(func())
}

// Server is a Shopify: any number of shops, one app, its tokens and webhooks.
// Make one with NewServer or Run; the zero value does not work. All methods are
// safe for concurrent use. A mistake in a test's own call (a shop domain that is
// none, an authorize URL that Shopify would refuse) ends the test through the TB
// of Run, or panics on a Server made by NewServer.
type Server struct {
	tb      TB
	handler http.Handler

	mu       sync.Mutex // guards everything below; never held while a request leaves or a handler runs
	app      App
	policy   Policy
	clock    func() time.Time
	moved    chan struct{} // closed and replaced by Advance and SetClock, wakes delayed requests
	st       *state
	faults   []*Fault
	requests []*Request
	maskKey  []byte
	listener *tlsListener

	advance sync.Mutex // one Advance at a time
}

// state is what a snapshot keeps.
type state struct {
	APIKey   string                `json:"api_key"`
	Secrets  []secret              `json:"secrets"`
	Shops    map[string]*shopState `json:"shops"`
	Webhooks []*delivery           `json:"webhooks"`
	Offset   time.Duration         `json:"clock_offset"`
}

// NewServer returns a Shopify with the default App and no shops. It opens no
// socket until Client is called. Close it when done.
func NewServer() *Server {
	s := &Server{
		clock:   time.Now,
		moved:   make(chan struct{}),
		st:      &state{Shops: map[string]*shopState{}},
		maskKey: randomBytes(32),
	}
	s.handler = s.routes()
	s.SetApp(App{})
	return s
}

// Run returns a NewServer that is closed when the test ends and that ends the
// test, instead of panicking, when it is used wrongly.
func Run(tb TB) *Server {
	tb.Helper()
	s := NewServer()
	s.tb = tb
	tb.Cleanup(s.Close)
	return s
}

// Close stops the listener of Client, if there is one, and waits until its
// goroutine has ended. Requests under way are cut. State stays readable; calling
// Close again does nothing.
func (s *Server) Close() {
	s.mu.Lock()
	l := s.listener
	s.listener = nil
	s.mu.Unlock()
	if l != nil {
		l.close()
	}
}

// Shop returns the shop with this domain, which must be
// {name}.myshopify.com in any case of letters; it is created on first use, with
// an owner and a few products derived from its name, and without the app.
func (s *Server) Shop(domain string) *Shop {
	name, err := parseDomain(domain)
	if err != nil {
		s.fatalf("shopifytest: shop: %v", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shopLocked(name)
	return &Shop{server: s, domain: name}
}

// Shops returns all shops that exist, sorted by domain.
func (s *Server) Shops() []*Shop {
	s.mu.Lock()
	defer s.mu.Unlock()
	var shops []*Shop
	for domain := range s.st.Shops {
		shops = append(shops, &Shop{server: s, domain: domain})
	}
	slices.SortFunc(shops, func(a, b *Shop) int { return compare(a.domain, b.domain) })
	return shops
}

// Format implements fmt.Formatter: every verb shows how many shops there are, and
// no token or secret.
func (s *Server) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "local Shopify with %d shops", len(s.Shops()))
}

func (s *Server) shopLocked(domain string) *shopState {
	sh := s.st.Shops[domain]
	if sh == nil {
		sh = newShopState(domain)
		s.st.Shops[domain] = sh
	}
	return sh
}

// fatalf ends the test, or panics: it does not return.
func (s *Server) fatalf(format string, args ...any) {
	if s.tb != nil {
		s.tb.Helper()
		s.tb.Fatalf(format, args...)
	}
	panic(fmt.Sprintf(format, args...))
}
