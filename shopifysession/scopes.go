package shopifysession

import (
	"slices"
	"strings"
	"unicode"
)

// Scopes is a list of access scopes, such as read_products. The algebra is that
// of the official libraries: write_x implies read_x, and
// unauthenticated_write_x implies unauthenticated_read_x; nothing else implies
// anything. Order and repetition have no meaning. The zero value is the empty
// list. Methods do not change the receiver.
type Scopes []string

// ParseScopes reads the comma-separated list that Shopify sends; spaces
// separate as well (RFC 6749, section 3.3). Empty elements and repetitions are
// dropped. The result of "" is nil.
func ParseScopes(s string) Scopes {
	var out Scopes
	for _, scope := range strings.FieldsFunc(s, func(r rune) bool { return r == ',' || unicode.IsSpace(r) }) {
		if !slices.Contains(out, scope) {
			out = append(out, scope)
		}
	}
	return out
}

// Has reports whether every scope of need is in s or implied by s; true for an
// empty need.
func (s Scopes) Has(need Scopes) bool { return len(s.Missing(need)) == 0 }

// Missing returns the scopes of need that s neither holds nor implies, in the
// order of need; nil if there are none.
func (s Scopes) Missing(need Scopes) Scopes {
	granted := make(map[string]bool, 2*len(s))
	for _, scope := range s {
		granted[scope] = true
		if implied, ok := impliedScope(scope); ok {
			granted[implied] = true
		}
	}
	var missing Scopes
	for _, scope := range need {
		if !granted[scope] {
			missing = append(missing, scope)
		}
	}
	return missing
}

// Equal reports whether s and o grant the same.
func (s Scopes) Equal(o Scopes) bool { return s.Has(o) && o.Has(s) }

// String returns the comma-separated list for Shopify, without repetitions and
// without what another scope of the list implies, in the order of s.
func (s Scopes) String() string {
	implied := make(map[string]bool)
	for _, scope := range s {
		if i, ok := impliedScope(scope); ok {
			implied[i] = true
		}
	}
	var out []string
	for _, scope := range s {
		if !implied[scope] && !slices.Contains(out, scope) {
			out = append(out, scope)
		}
	}
	return strings.Join(out, ",")
}

// impliedScope returns the read scope that a write scope brings along.
func impliedScope(scope string) (string, bool) {
	rest, unauthenticated := strings.CutPrefix(scope, "unauthenticated_")
	name, ok := strings.CutPrefix(rest, "write_")
	if !ok {
		return "", false
	}
	if unauthenticated {
		return "unauthenticated_read_" + name, true
	}
	return "read_" + name, true
}
