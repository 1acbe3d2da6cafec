package shopifytest_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/shopifysession"
	"github.com/shopifysession/toolkit/shopifytest"
)

// nowhere is a storage that is never asked.
type nowhere struct{ shopifysession.SessionStorage }

func (nowhere) Load(context.Context, string) (*shopifysession.Session, error) {
	return nil, shopifysession.ErrNotFound
}

func TestConfigIsReadyForNewContext(t *testing.T) {
	t.Parallel()
	for name, app := range map[string]shopifytest.App{
		"default":  {},
		"legacy":   {LegacyInstall: true, Scopes: "read_products", NotEmbedded: true, URL: "http://127.0.0.1:3000/app/"},
		"unscoped": {LegacyInstall: true},
	} {
		f := setup(t)
		f.s.SetApp(app)
		cfg := f.s.Config(nowhere{})
		_, err := shopifysession.NewContext(cfg)
		require.NoError(t, err, name)
		require.Equal(t, f.s.App().URL, cfg.AppURL)
		require.Equal(t, f.s.App().NotEmbedded, cfg.NotEmbedded)
		require.Equal(t, app.LegacyInstall, cfg.Scopes != nil)
		require.Equal(t, start, cfg.Now())

		f.client = cfg.HTTPClient
		f.shop.Install()
		f.ok(f.post(map[string]string{"grant_type": "client_credentials"}))
	}
}

func TestConfigCarriesTheSecretsOfARotation(t *testing.T) {
	t.Parallel()
	f := setup(t)
	first := f.s.App().APISecret
	second, third := f.s.AddSecret(), f.s.AddSecret()
	cfg := f.s.Config(nowhere{})
	require.Equal(t, third, cfg.APISecret)
	require.Equal(t, []string{second, first}, cfg.PreviousSecrets, "newest first")
}

func TestSetAppFillsInDefaults(t *testing.T) {
	t.Parallel()
	s := shopifytest.Run(t)
	app := s.App()
	require.Equal(t, "https://app.example.com", app.URL)
	require.Contains(t, app.RedirectURLs, "https://app.example.com/auth/callback")
	require.Regexp(t, "^shpss_[0-9a-f]{32}$", app.APISecret)
	require.NotEqual(t, app.APISecret, shopifytest.Run(t).App().APISecret)
	app.RedirectURLs[0] = "changed"
	require.NotContains(t, s.App().RedirectURLs, "changed")
	for _, bad := range []shopifytest.App{{URL: "app.example.com"}, {WebhookURL: "/webhooks"}, {ProxyURL: "ftp://x"}, {RedirectURLs: []string{"javascript:alert(1)"}}} {
		require.Panics(t, func() { shopifytest.NewServer().SetApp(bad) })
	}
}

// recordingTB is a test that is told to fail.
type recordingTB struct {
	failed   string
	cleanups []func()
}

func (r *recordingTB) Helper()                   {}
func (r *recordingTB) Cleanup(f func())          { r.cleanups = append(r.cleanups, f) }
func (r *recordingTB) Fatalf(f string, _ ...any) { r.failed = f }

func TestRunEndsTheTestOnMisuseAndClosesWithIt(t *testing.T) {
	t.Parallel()
	tb := &recordingTB{}
	s := shopifytest.Run(tb)
	client := s.Client()
	require.Panics(t, func() { s.Shop("nonsense") }, "Fatalf of this TB returns, which a real one does not")
	require.Contains(t, tb.failed, "shopifytest: shop")
	require.Len(t, tb.cleanups, 1)
	tb.cleanups[0]()
	s.Shop(shopA)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+shopA+"/admin", nil)
	require.NoError(t, err)
	_, err = client.Do(req)
	require.Error(t, err)
}
