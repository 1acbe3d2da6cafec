package shopifytest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/shopifytest"
)

func TestTokensArePinnedToTheSecretThatMintedThem(t *testing.T) {
	t.Parallel()
	f := setup(t)
	permanent, pair := f.permanent(), f.acquire()
	newer := f.s.AddSecret()
	require.Equal(t, newer, f.s.App().APISecret)
	require.Len(t, f.s.Secrets(), 2)
	f.accepted(permanent)
	f.s.RevokeOldestSecret()
	f.refusedToken(permanent)
	f.refusedToken(pair.access)
	f.dead(f.refresh(pair.refresh))
}

func TestRefreshPinsToTheSecretItUsed(t *testing.T) {
	t.Parallel()
	f := setup(t)
	older := f.s.App().APISecret
	pair := f.acquire()
	f.s.AddSecret()
	next := f.ok(f.refresh(pair.refresh)) // the fixture sends the newest
	f.s.RevokeSecret(older)
	f.refusedToken(pair.access)
	f.accepted(next.access)
	f.dead(f.refresh(pair.refresh))
	f.ok(f.refresh(next.refresh))
}

func TestReplayLeavesThePairPinnedAsItWas(t *testing.T) {
	t.Parallel()
	f := setup(t)
	older := f.s.App().APISecret
	pair := f.acquire()
	next := f.ok(f.refresh(pair.refresh))
	f.s.AddSecret()
	require.Equal(t, next, f.ok(f.refresh(pair.refresh)))
	f.s.RevokeSecret(older)
	f.refusedToken(next.access)
	f.dead(f.refresh(next.refresh))
}

func TestReplayNeverReturnsAPairOfARevokedSecret(t *testing.T) {
	t.Parallel()
	f := setup(t)
	older := f.s.App().APISecret
	pair := f.acquire()
	newer := f.s.AddSecret()
	f.ok(f.refresh(pair.refresh))
	f.s.RevokeSecret(newer)
	require.Equal(t, older, f.s.App().APISecret)
	f.dead(f.refresh(pair.refresh))
}

func TestEveryActiveSecretAuthenticates(t *testing.T) {
	t.Parallel()
	f := setup(t)
	older := f.s.App().APISecret
	newer := f.s.AddSecret()
	f.shop.Install()
	grant := func(secret string) result {
		return f.post(map[string]string{"grant_type": "client_credentials", "client_secret": secret})
	}
	f.ok(grant(older))
	f.ok(grant(newer))
	f.s.RevokeSecret(older)
	f.refused(grant(older), 400, "invalid_client")
	f.ok(grant(newer))
}

func TestIDTokensAreSignedWithTheChosenSecret(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.s.AddSecret()
	newest := f.shop.SessionToken(shopifytest.User{})
	f.s.SetPolicy(shopifytest.Policy{SignWith: shopifytest.OldestSecret})
	oldest := f.shop.SessionToken(shopifytest.User{})
	f.ok(f.exchange(map[string]string{"subject_token": newest}))
	f.ok(f.exchange(map[string]string{"subject_token": oldest}))
	f.s.RevokeOldestSecret()
	f.ok(f.exchange(map[string]string{"subject_token": newest}))
	f.refused(f.exchange(map[string]string{"subject_token": oldest}), 400, "invalid_subject_token")
}

func TestWebhooksAreSignedWithTheOldestActiveSecret(t *testing.T) {
	t.Parallel()
	f := setup(t)
	older := f.s.App().APISecret
	newer := f.s.AddSecret()
	sum := func() string { return f.shop.Webhook("shop/update", "{}").Header.Get("X-Shopify-Hmac-Sha256") }
	require.Equal(t, shopifytest.BodySignature(older, []byte("{}")), sum())
	f.s.RevokeSecret(older)
	require.Equal(t, shopifytest.BodySignature(newer, []byte("{}")), sum())
}

func TestTheOnlySecretCannotBeRevoked(t *testing.T) {
	t.Parallel()
	s := shopifytest.NewServer()
	defer s.Close()
	require.PanicsWithValue(t, "shopifytest: revoke secret: it is the only one left", s.RevokeOldestSecret)
	require.PanicsWithValue(t, "shopifytest: revoke secret: the app has no such secret", func() { s.RevokeSecret("shpss_x") })
}

func TestAnotherSecretInSetAppReplacesAll(t *testing.T) {
	t.Parallel()
	f := setup(t)
	pair := f.acquire()
	f.s.SetApp(shopifytest.App{}) // keeps the secret
	f.accepted(pair.access)
	f.s.SetApp(shopifytest.App{APISecret: "hush"})
	require.Equal(t, []string{"hush"}, f.s.Secrets())
	f.refusedToken(pair.access)
}
