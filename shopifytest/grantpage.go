package shopifytest

// grantPage is the screen on which a merchant agrees to install the app.
type grantPage struct {
	Shop   string
	User   string
	App    string // its URL
	Action string // where the form goes
	Update bool   // the app is installed and asks for more
	Scopes []scopeLine
}

type scopeLine struct{ Handle, Words string }

func (s *Server) grantPageLocked(st *shopState, v visit) *grantPage {
	return &grantPage{
		Shop: v.domain, User: st.Owner.user().Name(), App: s.app.Name, Update: st.Installed,
	}
}

// ask lists the scopes in words.
func (p *grantPage) ask(scopes string) {
	for _, scope := range scopeList(scopes) {
		p.Scopes = append(p.Scopes, scopeLine{scope, inWords(scope)})
	}
}
