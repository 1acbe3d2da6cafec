package shopifytest_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/shopifytest"
)

func TestSnapshotKeepsAStoredTokenWorking(t *testing.T) {
	t.Parallel()
	f, in := withInbox(t)
	older := f.s.App().APISecret
	f.shop.SetOwner(shopifytest.User{FirstName: "Zoë", Email: "zoe@example.com", Scopes: "read_products"})
	f.shop.SessionToken(shopifytest.User{ID: 7, FirstName: "Anna", Scopes: "read_orders"})
	permanent := f.permanent()
	migrated := f.ok(f.migrate(permanent))
	first := f.acquire()
	second := f.ok(f.refresh(first.refresh))
	code := f.shop.Approve(f.authorizeURL()).URL.Query().Get("code")
	f.s.AddSecret()
	in.status = 500
	f.shop.Send("shop/update", nil)
	f.s.Advance(time.Minute)
	data, err := f.s.Snapshot()
	require.NoError(t, err)

	g, later := withInbox(t) // the program after its restart
	require.NoError(t, g.s.Restore(data))
	require.Equal(t, f.s.Secrets(), g.s.Secrets())
	require.Equal(t, f.s.App().APISecret, g.s.App().APISecret)
	require.Equal(t, f.s.Now(), g.s.Now())
	require.Equal(t, f.s.Webhooks(), g.s.Webhooks())
	require.Equal(t, f.shop.Owner(), g.shop.Owner())
	require.Equal(t, "read_products", g.shop.Owner().Scopes)
	g.accepted(second.access)
	g.accepted(migrated.access)
	g.refusedToken(permanent)
	products := "{products(first:9){nodes{id title totalInventory}}}"
	require.Equal(t, f.query(second.access, products), g.query(second.access, products))
	require.Equal(t, second, g.ok(g.refresh(first.refresh)), "the replay window goes on")
	g.s.Advance(time.Hour)
	require.NotEmpty(t, later.got, "pending deliveries go on")
	g.ok(g.refresh(second.refresh))
	g.dead(g.refresh(first.refresh))
	r := g.exchange(map[string]string{"subject_token": g.shop.SessionToken(shopifytest.User{ID: 7}), "requested_token_type": onlineURN})
	require.Equal(t, "read_orders", r.text(t, "associated_user_scope"))

	require.NoError(t, g.s.Restore(data))
	g.ok(g.post(map[string]string{"code": code, "client_secret": older}))
}

func TestSnapshotRoundTripsByteForByte(t *testing.T) {
	t.Parallel()
	f, _ := withInbox(t)
	f.acquire()
	f.shop.Uninstall()
	data, err := f.s.Snapshot()
	require.NoError(t, err)
	g := shopifytest.Run(t)
	require.NoError(t, g.Restore(data))
	again, err := g.Snapshot()
	require.NoError(t, err)
	require.Equal(t, string(data), string(again))
}

func TestDamagedSnapshotChangesNothing(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.acquire()
	good, err := f.s.Snapshot()
	require.NoError(t, err)

	g := setup(t)
	pair := g.acquire()
	before, err := g.s.Snapshot()
	require.NoError(t, err)
	damaged := map[string][]byte{
		"empty":         nil,
		"other JSON":    []byte(`{"a":1}`),
		"null":          []byte(`null`),
		"cut":           good[:len(good)/2],
		"with a tail":   append(bytes.Clone(good), "{}"...),
		"other version": bytes.Replace(good, []byte(`"version":1`), []byte(`"version":2`), 1),
		"other format":  bytes.Replace(good, []byte("shopifytest snapshot"), []byte("something"), 1),
		"token changed": bytes.Replace(good, []byte("shpat_"), []byte("shpaX_"), 1),
		"one bit":       flip(good, len(good)*2/3),
	}
	for name, data := range damaged {
		err := g.s.Restore(data)
		require.ErrorContains(t, err, "shopifytest: restore: ", name)
		require.NotContains(t, err.Error(), "shpat_", name)
	}
	after, err := g.s.Snapshot()
	require.NoError(t, err)
	require.Equal(t, string(before), string(after))
	g.accepted(pair.access)
}

// A state with a valid checksum that the code could not live with.
func TestIncompleteSnapshotIsRefused(t *testing.T) {
	t.Parallel()
	const complete = `"domain":"alpha.myshopify.com","staff":{},"tokens":{},"codes":{}`
	for name, state := range map[string]string{
		"nothing":           `{}`,
		"null":              `null`,
		"no secret":         `{"secrets":[],"shops":{}}`,
		"revoked secret":    `{"secrets":[{"id":1,"value":"x","revoked":true}],"shops":{}}`,
		"no shops":          `{"secrets":[{"id":1,"value":"x"}]}`,
		"null webhook":      `{"secrets":[{"id":1,"value":"x"}],"shops":{},"webhooks":[null]}`,
		"null shop":         `{"secrets":[{"id":1,"value":"x"}],"shops":{"alpha.myshopify.com":null}}`,
		"strange shop":      `{"secrets":[{"id":1,"value":"x"}],"shops":{"evil":{` + complete + `}}}`,
		"shop of two names": `{"secrets":[{"id":1,"value":"x"}],"shops":{"beta.myshopify.com":{` + complete + `}}}`,
		"null token":        `{"secrets":[{"id":1,"value":"x"}],"shops":{"alpha.myshopify.com":{` + strings.Replace(complete, `"tokens":{}`, `"tokens":{"a":null}`, 1) + `}}}`,
		"null code":         `{"secrets":[{"id":1,"value":"x"}],"shops":{"alpha.myshopify.com":{` + strings.Replace(complete, `"codes":{}`, `"codes":{"a":null}`, 1) + `}}}`,
		"empty chain":       `{"secrets":[{"id":1,"value":"x"}],"shops":{"alpha.myshopify.com":{` + complete + `,"chain":{}}}}`,
		"unknown field":     `{"secrets":[{"id":1,"value":"x"}],"shops":{},"more":1}`,
	} {
		s := shopifytest.Run(t)
		require.Error(t, s.Restore(shopifytest.Seal(state)), name)
	}
	s := shopifytest.Run(t)
	require.NoError(t, s.Restore(shopifytest.Seal(`{"secrets":[{"id":1,"value":"x"}],"shops":{"alpha.myshopify.com":{`+complete+`}}}`)))
}

func FuzzRestore(f *testing.F) {
	s := shopifytest.NewServer()
	s.Shop(shopA).SessionToken(shopifytest.User{})
	good, err := s.Snapshot()
	require.NoError(f, err)
	f.Add(good)
	f.Add([]byte(`{"format":"shopifytest snapshot","version":1}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		s := shopifytest.NewServer()
		if s.Restore(data) == nil {
			s.Shop(shopA).SessionToken(shopifytest.User{})
		}
	})
}

func flip(data []byte, i int) []byte {
	data = bytes.Clone(data)
	data[i] ^= 1
	return data
}
