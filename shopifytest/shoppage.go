package shopifytest

import (
	"fmt"
	"net/http"
	"slices"
)

// shopPage is a shop's admin: the app and its webhooks.
type shopPage struct {
	Shop, User, Prefix, App, AppURL, APIKey, Now, Clock string
	Installed, Frozen, Delivers                         bool
	Scopes                                              []scopeLine
	Webhooks                                            []webhookLine
	Topics                                              []string
}

// webhookLine is a row of the webhook log.
type webhookLine struct {
	Topic, Triggered, Result, Class, Next string
	Tries                                 int
}

// topics are those that a person may send from the page.
var topics = []string{"customers/data_request", "customers/redact", "shop/redact", "shop/update"}

// shownWebhooks bounds the log on the page.
const shownWebhooks = 50

func (s *Server) serveShopPage(w http.ResponseWriter, r *http.Request) {
	v, app := visitOf(r), s.App()
	sh := s.Shop(v.domain)
	p := shopPage{
		Shop: v.domain, User: sh.Owner().Name(), Prefix: v.prefix, App: app.Name, AppURL: app.URL, APIKey: app.APIKey,
		Now: stamp(s.Now()), Clock: v.prefix + "/admin/clock", Delivers: app.delivers(), Topics: topics,
	}
	sh.do(func(st *shopState) { p.Installed, p.Frozen = st.Installed, st.Frozen })
	for _, scope := range scopeList(sh.Scopes()) {
		p.Scopes = append(p.Scopes, scopeLine{scope, inWords(scope)})
	}
	for _, d := range slices.Backward(s.Webhooks()) {
		if d.Shop == v.domain && len(p.Webhooks) < shownWebhooks {
			p.Webhooks = append(p.Webhooks, d.line())
		}
	}
	render(w, http.StatusOK, "shop", p)
}

func (d Delivery) line() webhookLine {
	l := webhookLine{Topic: d.Topic, Triggered: stamp(d.TriggeredAt), Next: stamp(d.Next), Tries: len(d.Attempts)}
	switch {
	case d.Delivered:
		l.Result, l.Class = "Delivered", "good"
	case len(d.Attempts) == 0 && d.Next.IsZero():
		l.Result = "Called off"
	case len(d.Attempts) == 0:
		l.Result = "Waiting"
	default:
		last := d.Attempts[len(d.Attempts)-1]
		l.Result, l.Class = last.Err, "bad"
		if last.Status != 0 {
			l.Result = fmt.Sprintf("Status %d", last.Status)
		}
	}
	return l
}

func (s *Server) serveUninstall(w http.ResponseWriter, r *http.Request) {
	v := visitOf(r)
	s.Shop(v.domain).Uninstall()
	http.Redirect(w, r, v.prefix+"/admin", http.StatusSeeOther)
}

func (s *Server) serveSendWebhook(w http.ResponseWriter, r *http.Request) {
	v, topic := visitOf(r), r.PostFormValue("topic")
	if !slices.Contains(topics, topic) || !s.App().delivers() {
		renderError(w, http.StatusUnprocessableEntity, "Nothing was sent", "The app has no webhook URL, or the topic is none of the list.")
		return
	}
	s.Shop(v.domain).Send(topic, nil)
	http.Redirect(w, r, v.prefix+"/admin", http.StatusSeeOther)
}
