package shopifytest_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/shopifytest"
)

func (f *fixture) query(token, query string) string {
	f.Helper()
	r := f.graphql(token, query)
	require.NoError(f, r.err)
	require.Equal(f, http.StatusOK, r.status, r.body)
	return r.body
}

func TestAdminAPIAnswersAboutTheShop(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.s.SetApp(shopifytest.App{Scopes: "write_products"})
	token := f.acquire().access
	body := f.query(token, `query Q($unused: Int = 3) @d(a: {b: [1 "x" null true ENUM -1.5e3]}) {
		# a comment
		__typename
		home: shop { id, ...Names ... on Shop { email } ... { __typename } }
		shop: shop { name }
		shop { myshopifyDomain }
		currentAppInstallation { accessScopes { handle } }
	} fragment Names on Shop { name myshopifyDomain }`)
	require.Regexp(t, `"id":"gid://shopify/Shop/[0-9]+"`, body)
	var got struct {
		Data struct {
			Typename string `json:"__typename"`
			Home     map[string]string
			Shop     map[string]string
			Install  struct{ AccessScopes []struct{ Handle string } } `json:"currentAppInstallation"`
		}
	}
	require.NoError(t, json.Unmarshal([]byte(body), &got))
	require.Equal(t, "QueryRoot", got.Data.Typename)
	require.Equal(t, shopA, got.Data.Home["myshopifyDomain"])
	require.Equal(t, "Shop", got.Data.Home["__typename"])
	require.Equal(t, "owner@alpha.myshopify.com", got.Data.Home["email"])
	require.Equal(t, map[string]string{"name": "alpha", "myshopifyDomain": shopA}, got.Data.Shop, "selections of one name are joined")
	require.Len(t, got.Data.Install.AccessScopes, 2)
	require.Equal(t, "read_products", got.Data.Install.AccessScopes[0].Handle)
}

func TestProductsInBothForms(t *testing.T) {
	t.Parallel()
	f := setup(t)
	token := f.acquire().access
	nodes := f.query(token, `{products(first: 2){nodes{id title status totalInventory} pageInfo{hasNextPage}}}`)
	var got struct {
		Data struct {
			Products struct {
				Nodes []struct {
					ID, Title, Status string
					TotalInventory    int
				}
				PageInfo struct{ HasNextPage bool }
				Edges    []struct{ Node struct{ ID string } }
			}
		}
	}
	require.NoError(t, json.Unmarshal([]byte(nodes), &got))
	require.Len(t, got.Data.Products.Nodes, 2)
	require.True(t, got.Data.Products.PageInfo.HasNextPage)
	require.Regexp(t, `^gid://shopify/Product/[0-9]+$`, got.Data.Products.Nodes[0].ID)
	require.NotEmpty(t, got.Data.Products.Nodes[0].Title)
	require.Equal(t, "ACTIVE", got.Data.Products.Nodes[0].Status)

	edges := f.query(token, `{products(first: 250){edges{node{id}}}}`)
	require.NoError(t, json.Unmarshal([]byte(edges), &got))
	require.Len(t, got.Data.Products.Edges, 5)
	require.Equal(t, got.Data.Products.Nodes[0].ID, got.Data.Products.Edges[0].Node.ID)

	again := setup(t)
	require.Equal(t, nodes, again.query(again.acquire().access, `{products(first: 2){nodes{id title status totalInventory} pageInfo{hasNextPage}}}`), "seeded from the shop's name")
}

func TestVariablesAndOperationNames(t *testing.T) {
	t.Parallel()
	f := setup(t)
	token := f.acquire().access
	send := func(body string) result {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://"+shopA+"/admin/api/unstable/graphql.json", strings.NewReader(body))
		require.NoError(t, err)
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("X-Shopify-Access-Token", token)
		return f.do(req)
	}
	const query = `query A($n: Int!){products(first: $n){nodes{title}}} query B{shop{name}}`
	r := send(`{"query":"` + query + `","operationName":"A","variables":{"n":3}}`)
	require.Equal(t, 3, strings.Count(r.body, "title"))
	require.Equal(t, "unstable", r.header.Get("X-Shopify-Api-Version"))
	require.Contains(t, send(`{"query":"`+query+`","operationName":"B"}`).body, `{"data":{"shop":{"name":"alpha"}}}`)
	require.Contains(t, send(`{"query":"`+query+`"}`).body, "No operation named")
	require.Contains(t, send(`{"query":"`+query+`","operationName":"A","variables":{"n":1.5}}`).body, "BAD_REQUEST")
}

func TestGraphQLBodies(t *testing.T) {
	t.Parallel()
	f := setup(t)
	token := f.acquire().access
	for name, c := range map[string]struct {
		contentType, body string
		status            int
	}{
		"plain query":   {"application/graphql", "{shop{name}}", 200},
		"no query":      {"application/json", "{}", 400},
		"broken JSON":   {"application/json", "{", 400},
		"unknown type":  {"text/plain", "{shop{name}}", 400},
		"no body":       {"application/json", "", 400},
		"two documents": {"application/json", "{}{}", 400},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://"+shopA+"/admin/api/2026-10/graphql.json", strings.NewReader(c.body))
		require.NoError(t, err)
		req.Header.Set("Content-Type", c.contentType)
		req.Header.Set("X-Shopify-Access-Token", token)
		require.Equal(t, c.status, f.do(req).status, name)
	}
}

func TestUnknownFieldsAreErrors(t *testing.T) {
	t.Parallel()
	f := setup(t)
	token := f.acquire().access
	for query, want := range map[string]string{
		"{shop{id\n  plan}}":                 `{"errors":[{"message":"Field 'plan' doesn't exist on type 'Shop'","locations":[{"line":2,"column":3}],"path":["query","shop","plan"],"extensions":{"code":"undefinedField","typeName":"Shop","fieldName":"plan"}}]}`,
		"{orders(first:1){nodes{id}}}":       `doesn't exist on type 'QueryRoot'`,
		"mutation{productDelete(id:1){x}}":   `doesn't exist on type 'Mutation'`,
		"subscription{x}":                    `doesn't exist on type 'Subscription'`,
		"{shop}":                             `Field must have selections`,
		"{shop{id{x}}}":                      `Selections can't be made on scalars`,
		"{shop{...F}}":                       `Fragment F was used, but not defined`,
		"{...F} fragment F on X {...F}":      `spreads too many fragments`,
		"{products{nodes{id}}}":              `first or last`,
		"{products(first:0){nodes{id}}}":     `first or last`,
		"{products(first:251){nodes{id}}}":   `first or last`,
		"{products(first:\"2\"){nodes{id}}}": `first or last`,
		"{products(first:1){nodes{vendor}}}": `doesn't exist on type 'Product'`,
		"{shop{id}":                          `syntax error`,
		"fragment F on X {a}":                `there is no operation`,
		"{a(b:)}":                            `syntax error`,
		"{a ? b}":                            `unexpected character`,
		"{}":                                 `empty`,
	} {
		body := f.query(token, query)
		if strings.HasPrefix(want, "{") {
			require.JSONEq(t, want, body)
		} else {
			require.Contains(t, body, want, query)
		}
		require.NotContains(t, body, `"data":{`, query)
	}
}

func TestProductsNeedReadProducts(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.s.SetApp(shopifytest.App{Scopes: "read_orders"})
	token := f.acquire().access
	require.JSONEq(t, `{"data":null,"errors":[{"message":"Access denied for products field. Required access: `+"`read_products`"+` access scope.",
		"locations":[{"line":1,"column":2}],"path":["products"],"extensions":{"code":"ACCESS_DENIED",
		"documentation":"https://shopify.dev/api/usage/access-scopes","requiredAccess":"`+"`read_products`"+` access scope."}}]}`,
		f.query(token, "{products(first:1){nodes{id}}}"))
	f.shop.ScopesUpdate("write_products")
	require.Contains(t, f.query(token, "{products(first:1){nodes{id}}}"), `"data":{"products"`)
}

func TestOnlineTokenOfAUserWithoutPermissionIsForbidden(t *testing.T) {
	t.Parallel()
	f := setup(t)
	user := shopifytest.User{ID: 7, Scopes: "read_orders"}
	token := f.ok(f.exchange(map[string]string{"subject_token": f.shop.SessionToken(user), "requested_token_type": onlineURN})).access
	f.accepted(token)
	r := f.graphql(token, "{products(first:1){nodes{id}}}")
	require.Equal(t, http.StatusForbidden, r.status)
	require.JSONEq(t, `{"errors":"[API] This action requires merchant approval for read_products scope."}`, r.body)
}

func TestAdminAPIStatuses(t *testing.T) {
	t.Parallel()
	f := setup(t)
	permanent, pair := f.permanent(), f.acquire()
	t.Run("401 for no token", func(t *testing.T) {
		f.refusedToken("")
		f.refusedToken("shpat_unknown")
	})
	t.Run("402 for a frozen shop", func(t *testing.T) {
		f.shop.Freeze()
		r := f.graphql(pair.access, "{shop{id}}")
		require.Equal(t, http.StatusPaymentRequired, r.status)
		require.JSONEq(t, `{"errors":"Unavailable Shop"}`, r.body)
		f.shop.Thaw()
		f.accepted(pair.access)
	})
	t.Run("403 for a non-expiring token", func(t *testing.T) {
		f.accepted(permanent)
		f.s.SetPolicy(shopifytest.Policy{RefuseNonExpiring: true})
		r := f.graphql(permanent, "{shop{id}}")
		require.Equal(t, http.StatusForbidden, r.status)
		require.JSONEq(t, `{"errors":"[API] Non-expiring access tokens are no longer accepted for the Admin API. Start using expiring offline tokens: https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/offline-access-tokens#expiring-vs-non-expiring-offline-tokens"}`, r.body)
		f.accepted(pair.access)
		f.ok(f.migrate(permanent)) // still exchangeable
	})
	t.Run("404 for what is no version", func(t *testing.T) {
		for _, version := range []string{"2026-02", "latest", "1999-01"} {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://"+shopA+"/admin/api/"+version+"/graphql.json", http.NoBody)
			require.NoError(t, err)
			require.Equal(t, http.StatusNotFound, f.do(req).status, version)
		}
	})
	t.Run("404 for GET", func(t *testing.T) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+shopA+"/admin/api/2026-10/graphql.json", nil)
		require.NoError(t, err)
		require.Equal(t, http.StatusNotFound, f.do(req).status)
	})
	t.Run("404 for REST", func(t *testing.T) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+shopA+"/admin/api/2026-10/shop.json", nil)
		require.NoError(t, err)
		r := f.do(req)
		require.Equal(t, http.StatusNotFound, r.status)
		require.JSONEq(t, `{"errors":"Not Found"}`, r.body)
	})
	t.Run("429 with Retry-After", func(t *testing.T) {
		fault := shopifytest.TooManyRequests(2 * time.Second)
		fault.Path = "/admin/api/"
		f.s.Fail(fault)
		r := f.graphql(pair.access, "{shop{id}}")
		require.Equal(t, http.StatusTooManyRequests, r.status)
		require.Equal(t, "2", r.header.Get("Retry-After"))
	})
}

func TestMalformedQueriesAreSyntaxErrors(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "#", "x", "query", "query Q(", "query Q($a:Int", "fragment", "fragment 1", "fragment F on", "fragment F on X",
		"fragment F on X {", "{a", "{a{}}", "{a:}", "{a(", "{a(b", "{a(b 1)}", "{a(b:[1)}", "{a(b:{c})}", "{a(b:$)}", "{a(b:!)}",
		"{a @}", "{a @b(}", "{... on}", "{...F @}", "query @ {a}", "{\"a\"}", strings.Repeat("{a", 60),
		"{a(b:" + strings.Repeat("[", 60) + ")}",
	} {
		require.Error(t, shopifytest.ParseGraphQL(text), text)
	}
	for _, text := range []string{
		"{a}", "query{a}", "{a(b:null,c:true,d:E,e:[],f:{},g:\"\",h:-1.5e3,i:$v)}", "{...F}", "{... @include(if: $x) {a}}",
		"fragment F on X @d {a} {a}", "{a(b:\"\"\"x\ny\"\"\")}",
	} {
		require.NoError(t, shopifytest.ParseGraphQL(text), text)
	}
}

func FuzzParseGraphQL(f *testing.F) {
	f.Add(`query Q($a:[Int!]!){a:b(c:{d:[1,"x"]})@e{...F ...on G{h}}} fragment F on G{i}`)
	f.Add(`{a(b:"""c""")}`)
	f.Add(strings.Repeat("{a", 100))
	f.Fuzz(func(t *testing.T, text string) {
		if err := shopifytest.ParseGraphQL(text); err != nil {
			require.NotEmpty(t, err.Error())
		}
	})
}
