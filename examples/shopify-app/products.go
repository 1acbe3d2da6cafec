package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"

	"github.com/shopifysession/toolkit/auth"
	"github.com/shopifysession/toolkit/shopifysession"
)

// productsContent is what the products page shows besides the products, which
// its script fetches.
type productsContent struct {
	Shop    string
	Session sessionRow
}

// productsPage is the app's page.
func (a *app) productsPage(w http.ResponseWriter, r *http.Request) {
	s, _ := auth.SessionFrom(r.Context()) // behind RequireSession
	a.render(w, r, http.StatusOK, "products", a.embeddedPage(page{
		Title:        "Products",
		LocalShopify: a.localShopify,
		Content:      productsContent{Shop: s.Shop, Session: a.newSessionRow(s)},
	}))
}

// product is a product of the Admin API.
type product struct {
	ID        string `json:"id"`
	Title     string `json:"title"`
	Status    string `json:"status"`
	Inventory int    `json:"totalInventory"`
}

// listProducts is what the page's script asks.
func (a *app) listProducts(w http.ResponseWriter, r *http.Request) {
	s, _ := auth.SessionFrom(r.Context())
	products, more, err := a.products(r.Context(), s.Shop)
	if errors.Is(err, errDeadToken) {
		if err = a.renew(r.Context(), s.Shop); err == nil {
			products, more, err = a.products(r.Context(), s.Shop)
		}
	}
	if errors.Is(err, auth.ErrReauthorize) && a.shopify.Embedded() {
		// App Bridge asks again, and the session that is missing now is obtained
		// with the ID token that it brings.
		w.Header().Set("X-Shopify-Retry-Invalid-Session-Request", "1")
	}
	if err != nil {
		a.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{"products": products, "more": more})
}

// What the Admin API answers when it gives no products.
var (
	errDeadToken = errors.New("products: Shopify refuses the access token")
	errNoAccess  = errors.New("products: the app may not read products")
	errFrozen    = errors.New("products: the shop is unavailable")
	errAdminAPI  = errors.New("products: the Admin API does not answer")
)

const (
	adminAPI      = "admin/api/2026-10/graphql.json"
	productsQuery = `{"query":"{ products(first: 50) { nodes { id title status totalInventory } pageInfo { hasNextPage } } }"}`
	maxAnswer     = 4 << 20
)

// products reads the shop's first 50 products and whether there are more. The
// client takes the stored token, refreshed if its time is nearly up.
func (a *app) products(ctx context.Context, shop string) ([]product, bool, error) {
	base, err := a.shopify.AdminURL(shop)
	if err != nil {
		return nil, false, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base.JoinPath(adminAPI).String(), bytes.NewReader([]byte(productsQuery)))
	if err != nil {
		return nil, false, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	resp, err := a.auth.Client(a.auth.Offline(shop)).Do(req)
	if err != nil {
		return nil, false, fmt.Errorf("products: %w", err)
	}
	defer func() { _ = resp.Body.Close() }() // it has been read, or is of no use
	switch resp.StatusCode {
	case http.StatusOK:
		return readProducts(resp.Body)
	case http.StatusUnauthorized:
		return nil, false, errDeadToken
	case http.StatusForbidden:
		return nil, false, errNoAccess
	case http.StatusPaymentRequired, http.StatusLocked:
		return nil, false, errFrozen
	}
	return nil, false, fmt.Errorf("%w: status %d", errAdminAPI, resp.StatusCode)
}

func readProducts(body io.Reader) ([]product, bool, error) {
	var answer struct {
		Data struct {
			Products struct {
				Nodes    []product
				PageInfo struct{ HasNextPage bool }
			}
		}
		Errors []struct{ Extensions struct{ Code string } }
	}
	if err := json.NewDecoder(io.LimitReader(body, maxAnswer)).Decode(&answer); err != nil {
		return nil, false, errAdminAPI // its text may quote the answer
	}
	if len(answer.Errors) > 0 {
		if answer.Errors[0].Extensions.Code == "ACCESS_DENIED" {
			return nil, false, errNoAccess
		}
		return nil, false, errAdminAPI
	}
	found := answer.Data.Products
	return slices.Concat([]product{}, found.Nodes), found.PageInfo.HasNextPage, nil
}

// renew replaces a token that Shopify has ended before its time: by the refresh
// token if that is alive, else the session goes, which makes room for a new one.
func (a *app) renew(ctx context.Context, shop string) error {
	id := shopifysession.OfflineID(shop)
	_, err := a.auth.Refresh(ctx, id)
	if !errors.Is(err, auth.ErrReauthorize) {
		return err
	}
	if err := a.shopify.SessionStorage().Delete(ctx, id); err != nil {
		return err
	}
	return fmt.Errorf("products: %w", err)
}
