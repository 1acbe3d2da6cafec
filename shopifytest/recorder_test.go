package shopifytest_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/shopifytest"
)

func TestRecorderTellsWhatWasAsked(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.acquire()
	f.graphql("shpat_x", "{shop{id}}")
	f.s.Fail(shopifytest.Fault{Drop: true})
	f.refresh("shprt_x")
	got := f.s.Requests()
	require.Len(t, got, 3)
	require.Equal(t, "POST alpha.myshopify.com /admin/oauth/access_token token_exchange 200",
		fmt.Sprint(got[0].Method, " ", got[0].Shop, " ", got[0].Path, " ", got[0].Grant, " ", got[0].Status))
	require.Equal(t, start, got[0].At)
	require.Equal(t, "1", got[0].Params["expiring"])
	require.Equal(t, exchangeURN, got[0].Params["grant_type"])
	require.Equal(t, "/admin/api/2026-10/graphql.json", got[1].Path)
	require.Equal(t, http.StatusUnauthorized, got[1].Status)
	require.Equal(t, "{shop{id}}", got[1].Params["query"])
	require.Equal(t, shopifytest.RefreshToken, got[2].Grant)
	require.Zero(t, got[2].Status)

	got[0].Params["expiring"] = "changed"
	require.Equal(t, "1", f.s.Requests()[0].Params["expiring"], "a copy")
	f.s.ClearRequests()
	require.Empty(t, f.s.Requests())
}

func TestRecorderMasksEverySecret(t *testing.T) {
	t.Parallel()
	f := setup(t)
	secret := f.s.App().APISecret
	idToken := f.shop.SessionToken(shopifytest.User{})
	first := f.acquire()
	second := f.ok(f.refresh(first.refresh))
	permanent := f.permanent()
	f.ok(f.migrate(permanent))
	callback := f.shop.Approve(f.authorizeURL())
	code := callback.URL.Query().Get("code")
	f.ok(f.post(map[string]string{"code": code}))
	f.exchange(map[string]string{"subject_token": idToken, "client_assertion": idToken, "note": secret, first.access: "name"})
	f.graphql(second.access, `{shop{id}} # `+second.refresh+` `+idToken)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+shopA+"/admin/"+second.access+"?"+callback.URL.RawQuery+"&id_token="+idToken+"&"+first.refresh+"=1", nil)
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+idToken)
	f.do(req)

	text := fmt.Sprintf("%+v", f.s.Requests())
	for name, value := range map[string]string{
		"client secret": secret, "ID token": idToken, "its signature": idToken[strings.LastIndex(idToken, ".")+1:],
		"access token": first.access, "newer access token": second.access, "refresh token": first.refresh,
		"newer refresh token": second.refresh, "non-expiring token": permanent, "code": code,
		"hmac": callback.URL.Query().Get("hmac"),
	} {
		require.NotEmpty(t, value, name)
		require.NotContains(t, text, value, name)
	}
	require.Contains(t, text, f.s.Mask(first.refresh), "the mask tells which token it was")
}

func TestMaskIsTheSameOnlyOnOneServer(t *testing.T) {
	t.Parallel()
	one, two := shopifytest.Run(t), shopifytest.Run(t)
	require.Equal(t, one.Mask("shpat_x"), one.Mask("shpat_x"))
	require.NotEqual(t, one.Mask("shpat_x"), one.Mask("shpat_y"))
	require.NotEqual(t, one.Mask("shpat_x"), two.Mask("shpat_x"))
	require.Empty(t, one.Mask(""))
}

func TestRecorderIsBounded(t *testing.T) {
	t.Parallel()
	f := setup(t)
	const limit = 10_000
	for range limit + 2 {
		req, err := http.NewRequest(http.MethodGet, "https://"+shopA+"/admin/nothing", nil)
		require.NoError(t, err)
		f.do(req)
	}
	require.Len(t, f.s.Requests(), limit)
}

func TestNothingPrintsASecret(t *testing.T) {
	t.Parallel()
	f := setup(t)
	pair := f.acquire()
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "server", f.s, "app", f.s.App(), "shop", f.shop)
	text := log.String()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d"} {
		text += fmt.Sprintf(verb+verb+verb+verb, f.s, f.s.App(), f.shop, []any{f.s.App(), f.s})
	}
	for _, secret := range []string{f.s.App().APISecret, pair.access, pair.refresh} {
		require.NotContains(t, text, secret)
	}
	require.Contains(t, text, "local Shopify with 1 shops")
}
