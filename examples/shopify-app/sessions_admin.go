package main

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/shopifysession/toolkit/shopifysession"
)

const sessionsPath = "/admin/sessions"

// shownSessions bounds the list; more are found by shop.
const shownSessions = 100

// sessionsAdmin is what an operator does with sessions.
func (a *app) sessionsAdmin() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+sessionsPath, a.listSessions)
	mux.HandleFunc("POST "+sessionsPath+"/delete", a.deleteSession)
	mux.HandleFunc("POST "+sessionsPath+"/delete-shop", a.deleteShop)
	mux.HandleFunc("POST "+sessionsPath+"/clear", a.clearSessions)
	mux.Handle("GET /admin/{$}", http.RedirectHandler(a.base()+sessionsPath, http.StatusSeeOther))
	return a.routed(mux)
}

// field returns a field of a form that must have it. If it returns false, it has
// answered.
func (a *app) field(w http.ResponseWriter, r *http.Request, name string) (string, bool) {
	var tooBig *http.MaxBytesError
	switch err := r.ParseForm(); {
	case errors.As(err, &tooBig):
		a.fail(w, r, errTooBig)
	case err != nil || r.PostForm.Get(name) == "":
		a.fail(w, r, errForm)
	default:
		return r.PostForm.Get(name), true
	}
	return "", false
}

// sessionsContent is what the page shows.
type sessionsContent struct {
	Query     string // what was searched for
	Shop      string // its shop; empty: all
	Rows      []sessionRow
	Total     string // of all sessions; empty: the storage can't count
	More      bool   // there are more than the page shows
	NoList    bool   // the storage can't list
	CanClear  bool   // the storage can delete all at once
	Damaged   int    // records that can't be read
	Notice    string // what was done
	Complaint string // what is wrong with the query, or what the storage can't do
}

// notices are what the page says after something was done; the address names
// one, so that no other text can be put there.
var notices = map[string]string{
	"deleted":      "The session is deleted.",
	"deleted-shop": "The shop’s sessions are deleted.",
	"cleared":      "All sessions are deleted.",
}

func (a *app) listSessions(w http.ResponseWriter, r *http.Request) {
	c := sessionsContent{Query: strings.TrimSpace(r.URL.Query().Get("shop")), Notice: notices[r.URL.Query().Get("done")]}
	status := http.StatusOK
	if c.Query != "" {
		var err error
		if c.Shop, err = a.parseQuery(c.Query); err != nil {
			c.Complaint, status = "This is not a shop: it should look like example.myshopify.com.", http.StatusBadRequest
		}
	}
	a.showSessions(w, r, status, c)
}

// parseQuery takes a shop's domain, or its first part.
func (a *app) parseQuery(query string) (string, error) {
	if !strings.Contains(query, ".") {
		query += ".myshopify.com"
	}
	return a.shopify.ParseShop(query)
}

// showSessions reads the sessions and writes the page.
func (a *app) showSessions(w http.ResponseWriter, r *http.Request, status int, c sessionsContent) {
	err := a.count(r.Context(), &c)
	switch {
	case err != nil:
	case c.Shop != "":
		err = a.find(r.Context(), &c)
	case c.Complaint == "" || status == http.StatusNotImplemented:
		err = a.list(r.Context(), &c)
	}
	if err != nil {
		a.fail(w, r, err)
		return
	}
	_, c.CanClear = shopifysession.As[shopifysession.Clearer](a.shopify.SessionStorage())
	a.render(w, r, status, "sessions", page{Title: "Sessions", LocalShopify: a.localShopify, Content: c})
}

func (a *app) count(ctx context.Context, c *sessionsContent) error {
	n, err := shopifysession.Len(ctx, a.shopify.SessionStorage())
	if errors.Is(err, errors.ErrUnsupported) {
		return nil
	}
	c.Total = count(n, "session")
	return err
}

func (a *app) find(ctx context.Context, c *sessionsContent) error {
	found, err := a.shopify.SessionStorage().FindSessionsByShop(ctx, c.Shop)
	if errors.Is(err, errors.ErrUnsupported) {
		c.Complaint = "This storage can’t find sessions by shop."
		return nil
	}
	for _, s := range found {
		c.Rows = append(c.Rows, a.newSessionRow(s))
	}
	return err
}

func (a *app) list(ctx context.Context, c *sessionsContent) error {
	for s, err := range shopifysession.All(ctx, a.shopify.SessionStorage()) {
		switch {
		case errors.Is(err, errors.ErrUnsupported):
			c.NoList = true
			return nil
		case errors.Is(err, shopifysession.ErrInvalidSession):
			c.Damaged++
			continue
		case err != nil:
			return err
		}
		if c.More = len(c.Rows) == shownSessions; c.More {
			return nil
		}
		c.Rows = append(c.Rows, a.newSessionRow(s))
	}
	return nil
}

func (a *app) deleteSession(w http.ResponseWriter, r *http.Request) {
	id, ok := a.field(w, r, "id")
	if !ok {
		return
	}
	err := a.shopify.SessionStorage().Delete(r.Context(), id)
	a.done(w, r, err, "deleted", r.PostForm.Get("shop"))
}

func (a *app) deleteShop(w http.ResponseWriter, r *http.Request) {
	name, ok := a.field(w, r, "shop")
	if !ok {
		return
	}
	shop, err := a.shopify.ParseShop(name)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	found, err := a.shopify.SessionStorage().FindSessionsByShop(r.Context(), shop)
	if err == nil {
		ids := make([]string, len(found))
		for i, s := range found {
			ids[i] = s.ID
		}
		err = a.shopify.SessionStorage().DeleteSessions(r.Context(), ids)
	}
	a.done(w, r, err, "deleted-shop", shop)
}

func (a *app) clearSessions(w http.ResponseWriter, r *http.Request) {
	a.done(w, r, shopifysession.Clear(r.Context(), a.shopify.SessionStorage()), "cleared", "")
}

// done goes back to the list, or says what went wrong; 501 for what the storage
// can't do.
func (a *app) done(w http.ResponseWriter, r *http.Request, err error, notice, shop string) {
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		a.showSessions(w, r, http.StatusNotImplemented, sessionsContent{
			Complaint: "Nothing was deleted: this storage has no such operation. Delete the sessions of each shop instead.",
		})
	case err != nil:
		a.fail(w, r, err)
	default:
		q := url.Values{"done": {notice}}
		if shop != "" {
			q.Set("shop", shop)
		}
		http.Redirect(w, r, a.base()+sessionsPath+"?"+q.Encode(), http.StatusSeeOther)
	}
}
