package shopifytest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
)

// execution answers one GraphQL request. Objects are nodes: a type name and a
// function per field, so that an unknown field is an error and never a silent {}.
type execution struct {
	st      *shopState
	token   *accessToken
	vars    map[string]any
	doc     *document
	spreads int
}

// maxSpreads ends fragments that spread themselves.
const maxSpreads = 10_000

// node is an object of the schema.
type node struct {
	typeName string
	fields   map[string]func(selection) (any, *graphQLError)
}

type graphQLError struct {
	Message    string            `json:"message"`
	Locations  []location        `json:"locations,omitempty"`
	Path       []string          `json:"path,omitempty"`
	Extensions map[string]string `json:"extensions,omitempty"`
	forbidden  bool
}

type location struct {
	Line   int `json:"line"`
	Column int `json:"column"`
}

type graphQLResponse struct {
	Data   json.RawMessage `json:"data,omitempty"`
	Errors any             `json:"errors,omitempty"`
}

// run returns status and body.
func (e *execution) run(q graphQLRequest) (int, graphQLResponse) {
	doc, err := parseGraphQL(q.Query)
	if err != nil {
		return http.StatusOK, graphQLResponse{Errors: []graphQLError{{Message: "syntax error: " + err.Error()}}}
	}
	e.doc = doc
	op, ok := doc.operation(q.OperationName)
	if !ok {
		return http.StatusOK, graphQLResponse{Errors: []graphQLError{{Message: fmt.Sprintf("No operation named %q", q.OperationName)}}}
	}
	root := e.queryRoot()
	if op.kind != "query" {
		root = node{typeName: map[string]string{"mutation": "Mutation", "subscription": "Subscription"}[op.kind]}
	}
	data, failed := e.object(root, op.fields, []string{op.kind})
	if failed != nil {
		if failed.forbidden {
			return http.StatusForbidden, graphQLResponse{Errors: failed.Message}
		}
		response := graphQLResponse{Errors: []graphQLError{*failed}}
		if failed.Extensions["code"] == "ACCESS_DENIED" {
			response.Data = json.RawMessage("null")
		}
		return http.StatusOK, response
	}
	return http.StatusOK, graphQLResponse{Data: data}
}

func (d *document) operation(name string) (operation, bool) {
	for _, op := range d.operations {
		if op.name == name || name == "" && len(d.operations) == 1 {
			return op, true
		}
	}
	return operation{}, false
}

// object writes the selected fields of n in the order of the query.
func (e *execution) object(n node, fields []selection, path []string) (json.RawMessage, *graphQLError) {
	merged, err := e.merge(nil, fields, path)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	for i, sel := range merged {
		value, err := e.field(n, sel, append(path[:len(path):len(path)], sel.alias))
		if err != nil {
			return nil, err
		}
		out.WriteByte("{,"[min(i, 1)])
		fmt.Fprintf(&out, "%q:%s", sel.alias, value)
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

// merge spreads fragments and joins the selections of fields that share a name.
func (e *execution) merge(into, fields []selection, path []string) ([]selection, *graphQLError) {
	if e.spreads++; e.spreads > maxSpreads {
		return nil, &graphQLError{Message: "The query spreads too many fragments", Path: path}
	}
	for _, sel := range fields {
		var err *graphQLError
		switch i := slices.IndexFunc(into, func(o selection) bool { return o.alias == sel.alias }); {
		case sel.spread != "":
			inner, ok := e.doc.fragments[sel.spread]
			if !ok {
				return nil, sel.fail("Fragment "+sel.spread+" was used, but not defined", path, nil)
			}
			into, err = e.merge(into, inner, path)
		case sel.name == "":
			into, err = e.merge(into, sel.fields, path)
		case i < 0:
			into = append(into, sel)
		default:
			into[i].fields = slices.Concat(into[i].fields, sel.fields)
		}
		if err != nil {
			return nil, err
		}
	}
	return into, nil
}

func (e *execution) field(n node, sel selection, path []string) (json.RawMessage, *graphQLError) {
	if sel.name == "__typename" {
		return e.value(n.typeName, sel, path)
	}
	resolve, ok := n.fields[sel.name]
	if !ok {
		return nil, sel.fail(fmt.Sprintf("Field '%s' doesn't exist on type '%s'", sel.name, n.typeName), path,
			map[string]string{"code": "undefinedField", "typeName": n.typeName, "fieldName": sel.name})
	}
	v, err := resolve(sel)
	if err != nil {
		err.Locations, err.Path = []location{{sel.line, sel.column}}, path[1:]
		return nil, err
	}
	return e.value(v, sel, path)
}

func (e *execution) value(v any, sel selection, path []string) (json.RawMessage, *graphQLError) {
	switch v := v.(type) {
	case node:
		if len(sel.fields) == 0 {
			return nil, sel.fail(fmt.Sprintf("Field must have selections (field '%s' returns %s but has no selections)", sel.name, v.typeName), path, nil)
		}
		return e.object(v, sel.fields, path)
	case []node:
		out := []json.RawMessage{}
		for _, item := range v {
			data, err := e.value(item, sel, path)
			if err != nil {
				return nil, err
			}
			out = append(out, data)
		}
		return mustJSON(out), nil
	}
	if len(sel.fields) > 0 {
		return nil, sel.fail(fmt.Sprintf("Selections can't be made on scalars (field '%s')", sel.name), path, nil)
	}
	return mustJSON(v), nil
}

func (sel selection) fail(message string, path []string, extensions map[string]string) *graphQLError {
	return &graphQLError{Message: message, Locations: []location{{sel.line, sel.column}}, Path: path, Extensions: extensions}
}

// mustJSON encodes what this package itself built of strings, numbers and lists.
func mustJSON(v any) json.RawMessage {
	data, err := json.Marshal(v)
	if err != nil {
		panic("shopifytest: " + err.Error())
	}
	return data
}
