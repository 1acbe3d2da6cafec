package shopifytest

import (
	"fmt"
	"math"
	"strings"
)

type resolver = func(selection) (any, *graphQLError)

// constant is a field that needs no arguments.
func constant(v any) resolver {
	return func(selection) (any, *graphQLError) { return v, nil }
}

func (e *execution) queryRoot() node {
	return node{"QueryRoot", map[string]resolver{
		"shop":                   constant(e.shop()),
		"currentAppInstallation": constant(e.installation()),
		"products":               e.products,
	}}
}

func (e *execution) shop() node {
	name, _, _ := strings.Cut(e.st.Domain, ".")
	return node{"Shop", map[string]resolver{
		"id":              constant(fmt.Sprintf("gid://shopify/Shop/%d", e.st.ID)),
		"name":            constant(name),
		"myshopifyDomain": constant(e.st.Domain),
		"email":           constant(e.st.Owner.Email),
	}}
}

func (e *execution) installation() node {
	var scopes []node
	for _, handle := range expand(e.st.Scopes) {
		scopes = append(scopes, node{"AccessScope", map[string]resolver{
			"handle": constant(handle), "description": constant(inWords(handle)),
		}})
	}
	return node{"AppInstallation", map[string]resolver{
		"id":           constant(fmt.Sprintf("gid://shopify/AppInstallation/%d", e.st.ID+2)),
		"accessScopes": constant(scopes),
	}}
}

// products needs read_products: of the app, or else the field is denied; and of
// the user of an online token, or else the whole request is.
func (e *execution) products(sel selection) (any, *graphQLError) {
	const need = "read_products"
	switch {
	case !covers(e.st.Scopes, need):
		return nil, &graphQLError{
			Message: "Access denied for products field. Required access: `read_products` access scope.",
			Extensions: map[string]string{
				"code": "ACCESS_DENIED", "documentation": "https://shopify.dev/api/usage/access-scopes",
				"requiredAccess": "`read_products` access scope.",
			},
		}
	case e.token.Kind == online && !covers(e.token.UserScope, need):
		return nil, &graphQLError{forbidden: true, Message: "[API] This action requires merchant approval for read_products scope."}
	}
	first, ok := e.integer(sel.args["first"])
	if !ok || first < 1 || first > 250 {
		return nil, &graphQLError{
			Message:    "you must provide one of first or last, a number between 1 and 250",
			Extensions: map[string]string{"code": "BAD_REQUEST"},
		}
	}
	list := e.st.Products[:min(first, len(e.st.Products))]
	var nodes, edges []node
	for _, p := range list {
		nodes = append(nodes, p.node())
		edges = append(edges, node{"ProductEdge", map[string]resolver{"cursor": constant(p.ID), "node": constant(p.node())}})
	}
	return node{"ProductConnection", map[string]resolver{
		"nodes": constant(nodes),
		"edges": constant(edges),
		"pageInfo": constant(node{"PageInfo", map[string]resolver{
			"hasNextPage": constant(len(list) < len(e.st.Products)), "hasPreviousPage": constant(false),
		}}),
	}}, nil
}

// integer reads an Int argument, given literally or by a variable.
func (e *execution) integer(v any) (int, bool) {
	if name, ok := v.(variable); ok {
		v = e.vars[string(name)]
	}
	n, ok := v.(float64)
	if !ok || n != math.Trunc(n) || math.Abs(n) > 1e6 {
		return 0, false
	}
	return int(n), true
}
