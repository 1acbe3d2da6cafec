package shopifytest

import (
	"regexp"
	"slices"
	"strings"
)

var scopePattern = regexp.MustCompile(`^(unauthenticated_|customer_)?(read|write)_[a-z][a-z0-9_]*$`)

// scopeList splits a comma separated list; blanks and repetitions are dropped.
func scopeList(s string) []string {
	var list []string
	for part := range strings.SplitSeq(s, ",") {
		if part = strings.TrimSpace(part); part != "" && !slices.Contains(list, part) {
			list = append(list, part)
		}
	}
	return list
}

// implied returns the read scope that a write scope contains, or "".
func implied(scope string) string {
	for _, prefix := range []string{"", "unauthenticated_", "customer_"} {
		if rest, ok := strings.CutPrefix(scope, prefix+"write_"); ok {
			return prefix + "read_" + rest
		}
	}
	return ""
}

// compress drops read scopes that a write scope of the list implies: Shopify
// returns only the write scope.
func compress(s string) string {
	list := scopeList(s)
	var kept []string
	for _, scope := range list {
		if !slices.ContainsFunc(list, func(o string) bool { return implied(o) == scope }) {
			kept = append(kept, scope)
		}
	}
	return strings.Join(kept, ",")
}

// expand lists every scope that is granted, implied ones included, sorted.
func expand(s string) []string {
	list := scopeList(s)
	for _, scope := range slices.Clone(list) {
		if read := implied(scope); read != "" && !slices.Contains(list, read) {
			list = append(list, read)
		}
	}
	slices.Sort(list)
	return list
}

// covers reports whether granted contains everything in need.
func covers(granted, need string) bool {
	have := expand(granted)
	for _, scope := range scopeList(need) {
		if !slices.Contains(have, scope) {
			return false
		}
	}
	return true
}

// intersect keeps the scopes of a that b covers. An empty b is no limit.
func intersect(a, b string) string {
	if b == "" {
		return a
	}
	var kept []string
	for _, scope := range expand(a) {
		if covers(b, scope) {
			kept = append(kept, scope)
		}
	}
	return compress(strings.Join(kept, ","))
}

// inWords says what a scope allows, for the grant screen.
func inWords(scope string) string {
	switch {
	case strings.HasPrefix(scope, "unauthenticated_"):
		return "Storefront: " + inWords(strings.TrimPrefix(scope, "unauthenticated_"))
	case strings.HasPrefix(scope, "customer_"):
		return "Customer account: " + inWords(strings.TrimPrefix(scope, "customer_"))
	}
	verb, what, _ := strings.Cut(scope, "_")
	what = strings.ReplaceAll(what, "_", " ")
	if verb == "write" {
		return "View and edit " + what
	}
	return "View " + what
}

func joinScopes(scopes []string) string { return strings.Join(scopes, ",") }
