package shopifytest

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// document is a parsed GraphQL request, as far as this server needs one.
type document struct {
	operations []operation
	fragments  map[string][]selection
}

type operation struct {
	kind, name string
	fields     []selection
}

// selection is a field, a fragment spread (spread != "") or an inline fragment
// (no name, no spread).
type selection struct {
	alias, name, spread string
	args                map[string]any
	fields              []selection
	line, column        int
}

// variable is a reference to a variable among argument values.
type variable string

type graphQLParser struct {
	tokens []graphQLToken
	depth  int
}

const maxDepth = 40

var errTooDeep = errors.New("the query is nested too deeply")

func parseGraphQL(text string) (doc *document, err error) {
	p := &graphQLParser{}
	if p.tokens, err = scanGraphQL(text); err != nil {
		return nil, err
	}
	doc = &document{fragments: map[string][]selection{}}
	for len(p.tokens) > 0 {
		if err := p.definition(doc); err != nil {
			return nil, err
		}
	}
	if len(doc.operations) == 0 {
		return nil, errors.New("there is no operation")
	}
	return doc, nil
}

func (p *graphQLParser) peek() string {
	if len(p.tokens) == 0 {
		return ""
	}
	return p.tokens[0].text
}

func (p *graphQLParser) next() graphQLToken {
	if len(p.tokens) == 0 {
		return graphQLToken{}
	}
	t := p.tokens[0]
	p.tokens = p.tokens[1:]
	return t
}

func (p *graphQLParser) accept(text string) bool {
	if p.peek() != text {
		return false
	}
	p.next()
	return true
}

func (p *graphQLParser) expect(text string) error {
	if t := p.next(); t.text != text {
		return unexpected(t, text)
	}
	return nil
}

func (p *graphQLParser) name() (string, error) {
	t := p.next()
	if !isName(t.text) {
		return "", unexpected(t, "a name")
	}
	return t.text, nil
}

func isName(s string) bool {
	return s != "" && (s[0] == '_' || s[0] >= 'a' && s[0] <= 'z' || s[0] >= 'A' && s[0] <= 'Z')
}

func unexpected(t graphQLToken, want string) error {
	if t.text == "" {
		return fmt.Errorf("unexpected end of the query, expected %s", want)
	}
	return fmt.Errorf("unexpected %q at [%d, %d], expected %s", t.text, t.line, t.column, want)
}

func (p *graphQLParser) definition(doc *document) (err error) {
	op := operation{kind: "query"}
	switch word := p.peek(); word {
	case "{":
	case "query", "mutation", "subscription":
		op.kind = p.next().text
		if isName(p.peek()) {
			op.name = p.next().text
		}
		if p.peek() == "(" {
			if err := p.skipGroup(); err != nil {
				return err
			}
		}
	case "fragment":
		p.next()
		name, err := p.name()
		if err != nil {
			return err
		}
		if err := p.typeCondition(); err != nil {
			return err
		}
		doc.fragments[name], err = p.selections()
		return err
	default:
		return unexpected(p.next(), "an operation")
	}
	if err := p.directives(); err != nil {
		return err
	}
	op.fields, err = p.selections()
	doc.operations = append(doc.operations, op)
	return err
}

func (p *graphQLParser) typeCondition() error {
	if p.accept("on") {
		if _, err := p.name(); err != nil {
			return err
		}
	}
	return p.directives()
}

func (p *graphQLParser) directives() error {
	for p.accept("@") {
		if _, err := p.name(); err != nil {
			return err
		}
		if p.peek() == "(" {
			if err := p.skipGroup(); err != nil {
				return err
			}
		}
	}
	return nil
}

// skipGroup passes over a balanced (…): variable definitions, directive arguments.
func (p *graphQLParser) skipGroup() error {
	for depth := 0; ; {
		t := p.next()
		switch t.text {
		case "(":
			depth++
		case ")":
			depth--
		case "":
			return unexpected(t, ")")
		}
		if depth == 0 {
			return nil
		}
	}
}

func (p *graphQLParser) selections() ([]selection, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, errTooDeep
	}
	defer func() { p.depth-- }()
	if err := p.expect("{"); err != nil {
		return nil, err
	}
	var list []selection
	for !p.accept("}") {
		sel, err := p.selection()
		if err != nil {
			return nil, err
		}
		list = append(list, sel)
	}
	if len(list) == 0 {
		return nil, errors.New("a selection is empty")
	}
	return list, nil
}

func (p *graphQLParser) selection() (sel selection, err error) {
	if len(p.tokens) > 0 {
		sel.line, sel.column = p.tokens[0].line, p.tokens[0].column
	}
	if p.accept("...") {
		if isName(p.peek()) && p.peek() != "on" {
			sel.spread = p.next().text
			return sel, p.directives()
		}
		if err := p.typeCondition(); err != nil {
			return sel, err
		}
		sel.fields, err = p.selections()
		return sel, err
	}
	if sel.name, err = p.name(); err != nil {
		return sel, err
	}
	sel.alias = sel.name
	if p.accept(":") {
		if sel.name, err = p.name(); err != nil {
			return sel, err
		}
	}
	if p.accept("(") {
		if sel.args, err = p.object(")"); err != nil {
			return sel, err
		}
	}
	if err := p.directives(); err != nil {
		return sel, err
	}
	if p.peek() == "{" {
		sel.fields, err = p.selections()
	}
	return sel, err
}

func (p *graphQLParser) object(end string) (map[string]any, error) {
	values := map[string]any{}
	for !p.accept(end) {
		name, err := p.name()
		if err != nil {
			return nil, err
		}
		if err := p.expect(":"); err != nil {
			return nil, err
		}
		if values[name], err = p.value(); err != nil {
			return nil, err
		}
	}
	return values, nil
}

func (p *graphQLParser) value() (any, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, errTooDeep
	}
	defer func() { p.depth-- }()
	t := p.next()
	switch {
	case t.text == "$":
		name, err := p.name()
		return variable(name), err
	case t.text == "{":
		return p.object("}")
	case t.text == "[":
		var list []any
		for !p.accept("]") {
			v, err := p.value()
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		return list, nil
	case t.text == "true" || t.text == "false":
		return t.text == "true", nil
	case t.text == "null":
		return nil, nil
	case isName(t.text):
		return t.text, nil // an enum
	case strings.HasPrefix(t.text, `"`):
		return strings.Trim(t.text, `"`), nil
	}
	n, err := strconv.ParseFloat(t.text, 64)
	if err != nil {
		return nil, unexpected(t, "a value")
	}
	return n, nil
}
