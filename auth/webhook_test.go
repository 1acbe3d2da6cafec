package auth_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/auth"
	"github.com/shopifysession/toolkit/shopifysession"
	"github.com/shopifysession/toolkit/shopifytest"
	"github.com/shopifysession/toolkit/storage/memory"
)

func TestVerifyWebhookOfficialVector(t *testing.T) {
	t.Parallel()
	a := vectorApp(t, 1700000000)
	r := httptest.NewRequest(http.MethodPost, "/webhooks", strings.NewReader(`{"foo": "bar"}`))
	r.Header.Set("X-Shopify-Hmac-Sha256", "B23tXN681gZ0qIWNRrgtzBE9XSDo5yaUu6wfmhu3a7g=")
	r.Header.Set("X-Shopify-Topic", "orders/create")
	r.Header.Set("X-Shopify-Shop-Domain", "A.myshopify.com")
	r.Header.Set("X-Shopify-API-Version", "2026-10")
	r.Header.Set("X-Shopify-Webhook-Id", "id")
	r.Header.Set("X-Shopify-Triggered-At", "2026-11-20T12:00:00.123456789Z")
	webhook, err := a.VerifyWebhook(r)
	require.NoError(t, err)
	require.Equal(t, &auth.Webhook{
		Topic: "orders/create", Shop: "a.myshopify.com", APIVersion: "2026-10", ID: "id", Body: []byte(`{"foo": "bar"}`),
		TriggeredAt: time.Date(2026, 11, 20, 12, 0, 0, 123456789, time.UTC),
	}, webhook)
	again, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	require.Equal(t, `{"foo": "bar"}`, string(again), "the body can be read again")
	require.NotContains(t, fmt.Sprintf("%v %+v %s", webhook, *webhook, webhook), "bar")
}

func TestVerifyWebhookBothHeaderFamilies(t *testing.T) {
	t.Parallel()
	f := newFixture(t, setup{})
	for _, family := range []shopifytest.HeaderFamily{shopifytest.WebhookHeaders, shopifytest.EventHeaders} {
		f.shopify.SetPolicy(shopifytest.Policy{Headers: family})
		webhook, err := f.auth.VerifyWebhook(f.shop.Webhook("products/update", map[string]int{"id": 1}))
		require.NoError(t, err)
		require.Equal(t, "products/update", webhook.Topic)
		require.Equal(t, shopDomain, webhook.Shop)
		require.NotEmpty(t, webhook.ID)
		require.NotEmpty(t, webhook.EventID)
		require.WithinDuration(t, f.shopify.Now(), webhook.TriggeredAt, time.Minute)
		if family == shopifytest.EventHeaders {
			require.Equal(t, "update", webhook.Action)
			require.NotEmpty(t, webhook.Handle)
			require.NotEmpty(t, webhook.ResourceID)
		}
	}
}

func TestWebhookStatuses(t *testing.T) {
	t.Parallel()
	set := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	body := func(b io.Reader) func(*http.Request) {
		return func(r *http.Request) { r.Body = io.NopCloser(b) }
	}
	for name, tt := range map[string]struct {
		bend   func(*http.Request)
		status int
	}{
		"good":             {func(*http.Request) {}, 200},
		"topic in capital": {set("X-Shopify-Topic", "Orders/Create"), 200},
		"GET":              {func(r *http.Request) { r.Method = http.MethodGet }, 405},
		"no signature":     {func(r *http.Request) { r.Header.Del("X-Shopify-Hmac-Sha256") }, 400},
		"both families":    {set("Shopify-Hmac-Sha256", "x"), 400},
		"wrong signature":  {set("X-Shopify-Hmac-Sha256", base64.StdEncoding.EncodeToString(make([]byte, 32))), 401},
		"empty signature":  {set("X-Shopify-Hmac-Sha256", ""), 401},
		"garbage":          {set("X-Shopify-Hmac-Sha256", "%%%"), 401},
		"hex signature":    {set("X-Shopify-Hmac-Sha256", strings.Repeat("0", 64)), 401},
		"two signatures":   {func(r *http.Request) { r.Header.Add("X-Shopify-Hmac-Sha256", "x") }, 400},
		"changed body":     {body(strings.NewReader(`{"id":2}`)), 401},
		"empty body":       {body(strings.NewReader("")), 400},
		"no body":          {func(r *http.Request) { r.Body = nil }, 400},
		"broken body":      {body(io.MultiReader(strings.NewReader("x"), brokenReader{})), 400},
		"huge body":        {body(io.LimitReader(zeros{}, 11<<20)), 413},
		"no topic":         {func(r *http.Request) { r.Header.Del("X-Shopify-Topic") }, 400},
		"no shop":          {func(r *http.Request) { r.Header.Del("X-Shopify-Shop-Domain") }, 400},
		"no version":       {func(r *http.Request) { r.Header.Del("X-Shopify-Api-Version") }, 400},
		"no id":            {func(r *http.Request) { r.Header.Del("X-Shopify-Webhook-Id") }, 400},
		"two topics":       {func(r *http.Request) { r.Header.Add("X-Shopify-Topic", "app/uninstalled") }, 400},
		"foreign shop":     {set("X-Shopify-Shop-Domain", "evil.example"), 400},
		"unknown topic":    {set("X-Shopify-Topic", "orders/paid"), 404},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, setup{})
			handled := 0
			mux := f.auth.Webhooks()
			mux.Handle("orders/create", func(_ context.Context, w *auth.Webhook) error {
				handled++
				require.JSONEq(t, `{"id":1}`, string(w.Body))
				return nil
			})
			r := f.shop.Webhook("orders/create", `{"id":1}`)
			mac := r.Header.Get("X-Shopify-Hmac-Sha256")
			tt.bend(r)
			resp := serve(mux, r)
			require.Equal(t, tt.status, resp.StatusCode)
			require.Equal(t, tt.status == 200, handled == 1)
			require.NotContains(t, bodyText(t, resp)+f.log.String(), mac)
			f.requireNothing()
		})
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

func TestWebhookWithAnyUnrevokedSecret(t *testing.T) {
	t.Parallel()
	f := newFixture(t, setup{})
	f.shopify.AddSecret()
	app, err := shopifysession.NewContext(f.shopify.Config(f.storage))
	require.NoError(t, err)
	_, err = auth.New(app, nil).VerifyWebhook(f.shop.Webhook("orders/create", "{}"))
	require.NoError(t, err, "Shopify signs with the oldest secret while two are active")
}

// The official library signed cookies with the secret itself: the signature of a
// state cookie was a webhook's.
func TestCookieSignatureIsNoWebhookSignature(t *testing.T) {
	t.Parallel()
	f := newFixture(t, standalone())
	_, cookies := f.begin()
	cookie := cookies[0].Value
	i := strings.LastIndexByte(cookie, '.')
	mac, err := base64.RawURLEncoding.DecodeString(cookie[i+1:])
	require.NoError(t, err)
	for _, body := range []string{cookie[:i], cookies[0].Name + cookie[:i], cookies[0].Name} {
		r := f.shop.Webhook("app/uninstalled", body)
		r.Header.Set("X-Shopify-Hmac-Sha256", base64.StdEncoding.EncodeToString(mac))
		require.Equal(t, http.StatusUnauthorized, serve(f.auth.Webhooks(), r).StatusCode)
	}
}

func TestUninstallWebhookRemovesSessions(t *testing.T) {
	t.Parallel()
	for _, topic := range []string{"app/uninstalled", "shop/redact"} {
		f := installed(t, setup{options: auth.Options{AccessMode: auth.Online}})
		serve(f.auth.RequireSession(who), f.fetch(f.shop.SessionToken(shopifytest.User{})))
		require.NoError(t, f.storage.Store(t.Context(), &shopifysession.Session{ID: "other", Shop: "other.myshopify.com"}))
		f.shopify.ClearRequests()
		f.shopify.Advance(time.Second)

		require.Equal(t, http.StatusOK, serve(f.auth.Webhooks(), f.shop.Webhook(topic, nil)).StatusCode)
		left, err := f.storage.FindSessionsByShop(t.Context(), shopDomain)
		require.NoError(t, err)
		require.Empty(t, left, topic)
		n, err := f.storage.Len(t.Context())
		require.NoError(t, err)
		require.Equal(t, 1, n, "other shops stay")
		require.Empty(t, f.shopify.Requests(), "no webhook needs a token")
		require.Equal(t, http.StatusOK, serve(f.auth.Webhooks(), f.shop.Webhook(topic, nil)).StatusCode, "again")
	}
}

func TestLateUninstallDoesNotHurtAReinstalledShop(t *testing.T) {
	t.Parallel()
	f := installed(t, setup{})
	f.shopify.Advance(time.Minute)
	late := f.shop.Webhook("app/uninstalled", nil)
	f.shopify.Advance(time.Minute)
	_, err := f.auth.ExchangeSessionToken(t.Context(), f.shop.SessionToken(shopifytest.User{}), auth.Offline)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, serve(f.auth.Webhooks(), late).StatusCode)
	require.True(t, f.shop.Valid(f.offline().AccessToken))
}

// The reinstall comes between finding the sessions and removing them.
func TestReinstallDuringUninstall(t *testing.T) {
	t.Parallel()
	racing := &racingStorage{Storage: memory.New()}
	f := installed(t, setup{config: func(c *shopifysession.Config) { c.SessionStorage = racing }})
	f.shopify.Advance(time.Minute)
	at := f.shopify.Now()
	racing.found = func() {
		f.shopify.Advance(time.Minute)
		_, err := f.auth.ExchangeSessionToken(t.Context(), f.shop.SessionToken(shopifytest.User{}), auth.Offline)
		require.NoError(t, err)
	}
	racing.Now = f.shopify.Now
	require.NoError(t, f.auth.Uninstall(t.Context(), shopDomain, at))
	s, err := racing.Load(t.Context(), shopifysession.OfflineID(shopDomain))
	require.NoError(t, err)
	require.True(t, f.shop.Valid(s.AccessToken))
}

type racingStorage struct {
	*memory.Storage
	found func()
}

func (s *racingStorage) FindSessionsByShop(ctx context.Context, shop string) ([]*shopifysession.Session, error) {
	sessions, err := s.Storage.FindSessionsByShop(ctx, shop)
	s.found()
	return sessions, err
}

func TestUninstallFromTheFutureCountsAsNow(t *testing.T) {
	t.Parallel()
	f := installed(t, setup{})
	granted := f.offline().GrantedAt()
	require.NoError(t, f.auth.Uninstall(t.Context(), shopDomain, granted.Add(-time.Millisecond)), "before the grant: a no-op")
	f.offline()
	require.NoError(t, f.auth.Uninstall(t.Context(), shopDomain, f.shopify.Now().Add(1000*time.Hour)))
	_, err := f.storage.Load(t.Context(), shopifysession.OfflineID(shopDomain))
	require.ErrorIs(t, err, shopifysession.ErrNotFound)
	require.ErrorIs(t, f.auth.Uninstall(t.Context(), "evil.example", time.Now()), shopifysession.ErrInvalidShop)

	// Granted by a host whose clock is ahead: later than now, so it stays.
	ahead := &shopifysession.Session{ID: shopifysession.OfflineID(shopDomain), Shop: shopDomain}
	grant := fmt.Sprintf(`{"record":{"version":0,"grantedAt":%d}}`, f.shopify.Now().Add(time.Minute).UnixMilli())
	require.NoError(t, ahead.SetBookkeeping([]byte(grant)))
	require.NoError(t, f.storage.Store(t.Context(), ahead))
	require.NoError(t, f.auth.Uninstall(t.Context(), shopDomain, f.shopify.Now().Add(1000*time.Hour)))
	f.offline()
}

// Headers are not signed: the uninstallation of the attacker's own shop, sent
// again with another shop's name, must not uninstall that one.
func TestForgedUninstall(t *testing.T) {
	t.Parallel()
	for _, topic := range []string{"app/uninstalled", "shop/redact"} {
		f := installed(t, setup{})
		f.shopify.Advance(time.Second)
		r := f.shopify.Shop("attacker.myshopify.com").Webhook(topic, nil)
		r.Header.Set("X-Shopify-Shop-Domain", shopDomain)
		require.Equal(t, http.StatusUnauthorized, serve(f.auth.Webhooks(), r).StatusCode, topic)
		f.offline()
		malformed := f.shop.Webhook(topic, "no JSON")
		require.Equal(t, http.StatusBadRequest, serve(f.auth.Webhooks(), malformed).StatusCode)
		f.offline()
	}
}

func TestScopesUpdateKeepsTheStoredScopeTrue(t *testing.T) {
	t.Parallel()
	f := installed(t, setup{})
	stale := f.shop.Webhook("app/scopes_update", map[string][]string{"current": {"read_themes"}})
	stale.Header.Set("X-Shopify-Triggered-At", f.offline().GrantedAt().Add(-time.Hour).Format(time.RFC3339))
	require.Equal(t, http.StatusOK, serve(f.auth.Webhooks(), stale).StatusCode)
	require.NotEqual(t, "read_themes", f.offline().Scope, "older than the grant")

	f.shopify.Advance(time.Second)
	before := f.offline()
	r := f.shop.Webhook("app/scopes_update", map[string][]string{"previous": {"read_orders"}, "current": {"read_products", "write_products", "read_themes"}})
	require.Equal(t, http.StatusOK, serve(f.auth.Webhooks(), r).StatusCode)
	require.Equal(t, "write_products,read_themes", f.offline().Scope)
	require.Equal(t, before.RefreshToken, f.offline().RefreshToken)

	r = f.shopify.Shop("unknown.myshopify.com").Webhook("app/scopes_update", map[string][]string{"current": {"x"}})
	require.Equal(t, http.StatusOK, serve(f.auth.Webhooks(), r).StatusCode, "not installed: nothing to do")
}

func TestComplianceTopicsAreAcknowledged(t *testing.T) {
	t.Parallel()
	f := newFixture(t, setup{})
	for _, topic := range []string{"customers/data_request", "customers/redact", "shop/redact"} {
		require.Equal(t, http.StatusOK, serve(f.auth.Webhooks(), f.shop.Webhook(topic, nil)).StatusCode, topic)
	}
}

func TestWebhookHandlerErrors(t *testing.T) {
	t.Parallel()
	f := installed(t, setup{})
	f.shopify.Advance(time.Second)
	mux := f.auth.Webhooks()
	fail := true
	mux.Handle("APP/uninstalled", func(ctx context.Context, w *auth.Webhook) error {
		if fail {
			return errors.New("no")
		}
		return nil
	})
	require.Equal(t, http.StatusInternalServerError, serve(mux, f.shop.Webhook("app/uninstalled", nil)).StatusCode)
	f.offline() // the app's own handler runs first; what it needs is still there
	fail = false
	require.Equal(t, http.StatusOK, serve(mux, f.shop.Webhook("app/uninstalled", nil)).StatusCode)
	_, err := f.storage.Load(t.Context(), shopifysession.OfflineID(shopDomain))
	require.ErrorIs(t, err, shopifysession.ErrNotFound)

	require.Panics(t, func() { mux.Handle("app/uninstalled", func(context.Context, *auth.Webhook) error { return nil }) })
	require.Panics(t, func() { mux.Handle("x", nil) })
}

func TestWebhooksWithStorageThatCanNotFindByShop(t *testing.T) {
	t.Parallel()
	inner := memory.New()
	f := installed(t, setup{config: func(c *shopifysession.Config) { c.SessionStorage = blindStorage{inner} }})
	f.shopify.Advance(time.Second)
	require.Equal(t, http.StatusOK, serve(f.auth.Webhooks(), f.shop.Webhook("app/uninstalled", nil)).StatusCode)
	_, err := inner.Load(t.Context(), shopifysession.OfflineID(shopDomain))
	require.ErrorIs(t, err, shopifysession.ErrNotFound)
	require.Equal(t, http.StatusOK, serve(f.auth.Webhooks(), f.shop.Webhook("app/uninstalled", nil)).StatusCode)
}

type blindStorage struct{ shopifysession.SessionStorage }

func (blindStorage) FindSessionsByShop(context.Context, string) ([]*shopifysession.Session, error) {
	return nil, errors.ErrUnsupported
}

func TestWebhookWithStorageDown(t *testing.T) {
	t.Parallel()
	f := newFixture(t, setup{config: func(c *shopifysession.Config) { c.SessionStorage = downStorage{c.SessionStorage} }})
	for _, topic := range []string{"app/uninstalled", "app/scopes_update"} {
		resp := serve(f.auth.Webhooks(), f.shop.Webhook(topic, `{"current":[]}`))
		require.Equal(t, http.StatusServiceUnavailable, resp.StatusCode, "Shopify retries")
	}
}

type downStorage struct{ shopifysession.SessionStorage }

func (downStorage) FindSessionsByShop(context.Context, string) ([]*shopifysession.Session, error) {
	return nil, &shopifysession.StorageError{Op: "find", Backend: "test", Err: errors.New("down")}
}

func (downStorage) Load(context.Context, string) (*shopifysession.Session, error) {
	return nil, &shopifysession.StorageError{Op: "load", Backend: "test", Err: errors.New("down")}
}

func FuzzVerifyWebhook(f *testing.F) {
	f.Add([]byte(`{"foo": "bar"}`), "B23tXN681gZ0qIWNRrgtzBE9XSDo5yaUu6wfmhu3a7g=", "orders/create", "a.myshopify.com")
	f.Fuzz(func(t *testing.T, body []byte, signature, topic, shop string) {
		r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
		r.Header = http.Header{
			"X-Shopify-Hmac-Sha256": {signature}, "X-Shopify-Topic": {topic}, "X-Shopify-Shop-Domain": {shop},
			"X-Shopify-Api-Version": {"1"}, "X-Shopify-Webhook-Id": {"1"},
		}
		webhook, err := vectorApp(t, 1700000000).VerifyWebhook(r)
		if err != nil {
			return
		}
		given, err := base64.StdEncoding.DecodeString(signature)
		require.NoError(t, err)
		signed := false
		for _, secret := range []string{"newest", "older", "test_secret_key"} {
			mac := hmac.New(sha256.New, []byte(secret))
			mac.Write(body)
			signed = signed || hmac.Equal(mac.Sum(nil), given)
		}
		require.True(t, signed)
		require.Regexp(t, `\A[a-z0-9][a-z0-9-]*\.myshopify\.com\z`, webhook.Shop)
	})
}
