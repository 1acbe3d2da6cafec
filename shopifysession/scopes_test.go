package shopifysession_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/shopifysession/toolkit/shopifysession"
)

func TestParseScopes(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		in   string
		want shopifysession.Scopes
	}{
		"empty":       {"", nil},
		"one":         {"read_products", shopifysession.Scopes{"read_products"}},
		"list":        {"read_products,write_orders", shopifysession.Scopes{"read_products", "write_orders"}},
		"spaces":      {" read_products , write_orders ", shopifysession.Scopes{"read_products", "write_orders"}},
		"space list":  {"read_products write_orders", shopifysession.Scopes{"read_products", "write_orders"}},
		"empties":     {",,read_products,,", shopifysession.Scopes{"read_products"}},
		"repetitions": {"a,b,a", shopifysession.Scopes{"a", "b"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, shopifysession.ParseScopes(tt.in))
		})
	}
}

func TestScopesHas(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		granted, need string
		want          bool
	}{
		"equal":                          {"read_products", "read_products", true},
		"superset":                       {"read_products,write_orders", "read_products", true},
		"subset":                         {"read_products", "read_products,write_orders", false},
		"nothing needed":                 {"", "", true},
		"nothing granted":                {"", "read_products", false},
		"write implies read":             {"write_products", "read_products", true},
		"read does not imply write":      {"read_products", "write_products", false},
		"unauthenticated write":          {"unauthenticated_write_checkouts", "unauthenticated_read_checkouts", true},
		"unauthenticated is apart":       {"write_products", "unauthenticated_read_products", false},
		"customer scopes imply nothing":  {"customer_write_orders", "customer_read_orders", false},
		"read_all does not imply read":   {"read_all_orders", "read_orders", false},
		"case counts":                    {"WRITE_products", "read_products", false},
		"write_ in the middle is a name": {"app_write_x", "app_read_x", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			granted := shopifysession.ParseScopes(tt.granted)
			need := shopifysession.ParseScopes(tt.need)
			require.Equal(t, tt.want, granted.Has(need))
			require.Equal(t, tt.want, len(granted.Missing(need)) == 0)
		})
	}
}

func TestScopesStringDropsWhatIsImplied(t *testing.T) {
	t.Parallel()
	s := shopifysession.Scopes{"read_products", "write_products", "read_orders", "read_orders", "write_products"}
	require.Equal(t, "write_products,read_orders", s.String())
	require.Equal(t, "", shopifysession.Scopes(nil).String())
}

func TestScopesAlgebra(t *testing.T) {
	t.Parallel()
	scope := rapid.SampledFrom([]string{
		"read_a", "write_a", "read_b", "write_b", "unauthenticated_read_a", "unauthenticated_write_a", "read_all_a",
	})
	list := rapid.Custom(func(t *rapid.T) shopifysession.Scopes {
		return rapid.SliceOf(scope).Draw(t, "list")
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := list.Draw(t, "a"), list.Draw(t, "b"), list.Draw(t, "c")
		require.True(t, a.Has(a), "reflexive")
		require.True(t, a.Equal(a))
		require.Equal(t, a.Equal(b), b.Equal(a), "symmetric")
		if a.Has(b) && b.Has(c) {
			require.True(t, a.Has(c), "transitive")
		}
		require.True(t, a.Equal(shopifysession.ParseScopes(a.String())), "String keeps the meaning")
		require.True(t, append(a[:len(a):len(a)], a.Missing(b)...).Has(b), "Missing is what is missing")
	})
}
