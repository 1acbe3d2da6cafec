package auth_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/auth"
	"github.com/shopifysession/toolkit/internal/hostile"
	"github.com/shopifysession/toolkit/shopifytest"
)

// No handler takes a string for a shop that is not one, whatever else of the
// request is right.
func TestEveryHandlerRefusesHostileShops(t *testing.T) {
	t.Parallel()
	for name, shop := range hostile.Shops() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			query := url.Values{"shop": {shop}}.Encode()
			embedded, standalone := newFixture(t, legacy()), newFixture(t, standalone())
			for _, f := range []*fixture{embedded, standalone} {
				require.Equal(t, http.StatusBadRequest, serve(f.auth.Begin(), get("/auth?"+query)).StatusCode, "begin")
				require.Equal(t, http.StatusBadRequest, serve(f.auth.RequireSession(who), document("/?embedded=1&"+query)).StatusCode, "page")

				u, cookies := f.begin()
				q := f.shop.Approve(u.String()).URL.Query()
				q.Set("shop", shop)
				f.shopify.ClearRequests()
				require.Equal(t, http.StatusBadRequest, serve(f.auth.Callback(who), get(f.sign(q)), cookies...).StatusCode, "signed callback")

				webhook := f.shop.Webhook("app/uninstalled", "{}")
				webhook.Header["X-Shopify-Shop-Domain"] = []string{shop}
				require.Equal(t, http.StatusBadRequest, serve(f.auth.Webhooks(), webhook).StatusCode, "signed webhook")
				f.requireNothing()
			}
		})
	}
}

func TestNothingPrintsWhatItHolds(t *testing.T) {
	t.Parallel()
	token := auth.SessionToken{Dest: "https://x", SID: "sid_secret"}
	token.ID = "jti_secret"
	webhook := auth.Webhook{Topic: "orders/create", Body: []byte("body_secret")}
	tokenErr := auth.TokenError{Status: 401, Description: "description_secret"}
	params := auth.CallbackParams{Code: "code_secret", State: "state_secret"}
	type box struct {
		T auth.SessionToken
		W *auth.Webhook
		E *auth.TokenError
		P auth.CallbackParams
	}
	body := fmt.Sprint(webhook.Body) // bytes as numbers
	for name, value := range map[string]any{
		"token": token, "token pointer": &token, "webhook": webhook, "webhook pointer": &webhook, "error": &tokenErr,
		"error value": tokenErr, "params": params, "params pointer": &params,
		"slice": []any{token, &webhook, &tokenErr, params}, "webhooks": []auth.Webhook{webhook},
		"map": map[string]any{"t": token, "w": webhook, "e": tokenErr, "p": &params}, "fields": box{token, &webhook, &tokenErr, params},
	} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			text := fmt.Sprintf(verb, value)
			require.NotContains(t, text, "secret", "%s of %s", verb, name)
			require.NotContains(t, text, body[1:len(body)-1], "%s of %s", verb, name)
			require.NotContains(t, text, fmt.Sprintf("%x", webhook.Body), "%s of %s", verb, name)
		}
		var log bytes.Buffer
		slog.New(slog.NewTextHandler(&log, nil)).Info("m", "v", value)
		require.NotContains(t, log.String(), "secret", name)
	}
	encoded, err := json.Marshal(webhook.Body)
	require.NoError(t, err)
	for name, value := range map[string]any{"token": token, "webhook": &webhook, "error": tokenErr, "params": params} {
		var log bytes.Buffer
		slog.New(slog.NewJSONHandler(&log, nil)).Info("m", "v", value)
		require.NotContains(t, log.String(), "secret", name)
		require.NotContains(t, log.String(), string(encoded[1:10]), name)
	}
}

// Whatever the fault, the log of a whole life of a shop holds no secret.
func TestLogHoldsNoSecrets(t *testing.T) {
	t.Parallel()
	f := installed(t, setup{})
	secrets := []string{f.app.Secrets()[0], f.offline().AccessToken, f.offline().RefreshToken}
	id := f.shop.SessionToken(shopifytest.User{})
	secrets = append(secrets, id)
	for _, fault := range []shopifytest.Fault{{Drop: true}, shopifytest.HTMLPage(500), {Truncate: true}, shopifytest.Cloudflare520()} {
		f.shopify.Advance(2 * time.Hour)
		f.shopify.Fail(fault)
		serve(f.auth.RequireSession(who), f.fetch(f.shop.SessionToken(shopifytest.User{})))
	}
	serve(f.auth.RequireSession(who), f.fetch(id))
	require.NotEmpty(t, f.log.String())
	for _, secret := range secrets {
		require.NotContains(t, f.log.String(), secret)
	}
}
