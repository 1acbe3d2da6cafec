package shopifytest

import (
	"net/http"
	"strings"
	"time"
)

// homePage lists the shops.
type homePage struct {
	Now   string
	Shops []homeShop
	App   App
	Name  string // what was typed, when it was refused
	Error string
}

type homeShop struct {
	Domain    string
	Installed bool
}

func (s *Server) serveHome(w http.ResponseWriter, r *http.Request) {
	render(w, http.StatusOK, "home", s.homePage())
}

func (s *Server) homePage() homePage {
	p := homePage{Now: stamp(s.Now()), App: s.App()}
	for _, sh := range s.Shops() {
		p.Shops = append(p.Shops, homeShop{sh.Domain(), sh.Installed()})
	}
	return p
}

func (s *Server) serveAddShop(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimSpace(r.PostFormValue("name"))
	domain, err := parseDomain(strings.TrimSuffix(strings.ToLower(name), ".myshopify.com") + ".myshopify.com")
	if err != nil {
		p := s.homePage()
		p.Name, p.Error = name, "A shop's name has letters, digits and hyphens, and starts with a letter or digit."
		render(w, http.StatusUnprocessableEntity, "home", p)
		return
	}
	s.Shop(domain)
	http.Redirect(w, r, "/shops/"+domain+"/admin", http.StatusSeeOther)
}

// serveClock moves the clock and goes back to the page that asked.
func (s *Server) serveClock(w http.ResponseWriter, r *http.Request) {
	by, err := time.ParseDuration(r.PostFormValue("by"))
	if err != nil || by < 0 || by > 366*day {
		renderError(w, http.StatusUnprocessableEntity, "The clock stays", "Choose a time between nothing and one year.")
		return
	}
	s.Advance(by)
	back := "/"
	if v := visitOf(r); v.domain != "" {
		back = v.prefix + "/admin"
	}
	http.Redirect(w, r, back, http.StatusSeeOther)
}

// stamp writes a time for a reader; "" for none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04:05Z")
}
