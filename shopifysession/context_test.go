package shopifysession_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/internal/hostile"
	"github.com/shopifysession/toolkit/shopifysession"
)

// nowhere is a storage without sessions.
type nowhere struct{}

func (nowhere) Store(context.Context, *shopifysession.Session) error { return nil }
func (nowhere) Load(context.Context, string) (*shopifysession.Session, error) {
	return nil, shopifysession.ErrNotFound
}
func (nowhere) Delete(context.Context, string) error           { return nil }
func (nowhere) DeleteSessions(context.Context, []string) error { return nil }
func (nowhere) FindSessionsByShop(context.Context, string) ([]*shopifysession.Session, error) {
	return nil, nil
}

func validConfig() shopifysession.Config {
	return shopifysession.Config{
		APIKey: "key", APISecret: "hush", AppURL: "https://app.example.com", SessionStorage: nowhere{},
	}
}

func TestNewContextReportsEveryMistake(t *testing.T) {
	t.Parallel()
	_, err := shopifysession.NewContext(shopifysession.Config{
		APISecret: " ", PreviousSecrets: []string{"old", ""}, AppURL: "http://app.example.com",
		Scopes: shopifysession.Scopes{"read_products,write_orders"}, ShopDomains: []string{"com"},
	})
	require.Error(t, err)
	var fields []string
	for _, e := range err.(interface{ Unwrap() []error }).Unwrap() {
		var mistake *shopifysession.ConfigError
		require.ErrorAs(t, e, &mistake)
		require.NotEmpty(t, mistake.Reason)
		fields = append(fields, mistake.Field)
	}
	require.ElementsMatch(t, []string{"APIKey", "APISecret", "PreviousSecrets", "AppURL", "Scopes", "SessionStorage", "ShopDomains"}, fields)
	require.NotContains(t, err.Error(), "old")
}

func TestNewContextAppURL(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ url, want string }{
		"https":              {"https://app.example.com", "https://app.example.com"},
		"trailing slash":     {"https://app.example.com/", "https://app.example.com"},
		"path prefix":        {"https://example.com/app/", "https://example.com/app"},
		"port":               {"https://app.example.com:8443", "https://app.example.com:8443"},
		"loopback http":      {"http://127.0.0.1:8080", "http://127.0.0.1:8080"},
		"localhost http":     {"http://localhost:8080", "http://localhost:8080"},
		"IPv6 loopback http": {"http://[::1]:8080", "http://[::1]:8080"},
		"http":               {"http://app.example.com", ""},
		"private http":       {"http://192.168.0.1", ""},
		"localhost as label": {"http://localhost.example.com", ""},
		"none":               {"", ""},
		"no scheme":          {"app.example.com", ""},
		"no host":            {"https:///x", ""},
		"other scheme":       {"ftp://app.example.com", ""},
		"user info":          {"https://u:p@app.example.com", ""},
		"query":              {"https://app.example.com?x=1", ""},
		"empty query":        {"https://app.example.com?", ""},
		"fragment":           {"https://app.example.com#x", ""},
		"empty fragment":     {"https://app.example.com#", ""},
		"dot segments":       {"https://app.example.com/a/../b", ""},
		"control character":  {"https://app.example.com/\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := validConfig()
			cfg.AppURL = tt.url
			app, err := shopifysession.NewContext(cfg)
			if tt.want == "" {
				var mistake *shopifysession.ConfigError
				require.ErrorAs(t, err, &mistake)
				require.Equal(t, "AppURL", mistake.Field)
				return
			}
			require.NoError(t, err)
			require.Equal(t, tt.want, app.AppURL().String())
		})
	}
}

func TestContextDefaults(t *testing.T) {
	t.Parallel()
	app, err := shopifysession.NewContext(validConfig())
	require.NoError(t, err)
	require.Equal(t, "key", app.APIKey())
	require.Equal(t, []string{"hush"}, app.Secrets())
	require.True(t, app.Embedded())
	require.True(t, app.ExpiringTokens())
	require.Nil(t, app.Scopes())
	require.Equal(t, 10*time.Second, app.HTTPClient().Timeout)
	require.NotNil(t, app.Logger())
	require.WithinDuration(t, time.Now(), app.Now(), time.Minute)
	require.Equal(t, nowhere{}, app.SessionStorage())
}

func TestContextIsImmutable(t *testing.T) {
	t.Parallel()
	cfg := validConfig()
	cfg.PreviousSecrets = []string{"old"}
	cfg.Scopes = shopifysession.Scopes{"read_products"}
	cfg.HTTPClient = &http.Client{}
	app, err := shopifysession.NewContext(cfg)
	require.NoError(t, err)
	cfg.PreviousSecrets[0], cfg.Scopes[0] = "changed", "changed"
	app.Secrets()[0], app.Scopes()[0] = "changed", "changed"
	app.AppURL().Host = "changed"
	require.Equal(t, []string{"hush", "old"}, app.Secrets())
	require.Equal(t, shopifysession.Scopes{"read_products"}, app.Scopes())
	require.Equal(t, "https://app.example.com", app.AppURL().String())
	require.Same(t, cfg.HTTPClient, app.HTTPClient())
}

func TestAdminURL(t *testing.T) {
	t.Parallel()
	app, err := shopifysession.NewContext(validConfig())
	require.NoError(t, err)
	u, err := app.AdminURL("A.myshopify.com")
	require.NoError(t, err)
	require.Equal(t, "https://a.myshopify.com", u.String())
	for name, shop := range hostile.Shops() {
		_, err := app.AdminURL(shop)
		require.ErrorIs(t, err, shopifysession.ErrInvalidShop, name)
	}
}

func TestAdminURLValidatesWhatTheCallbackReturns(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		base string
		ok   bool
	}{
		"loopback with prefix": {"http://127.0.0.1:8081/shops/a.myshopify.com", true},
		"https":                {"https://proxy.example.com", true},
		"plain http":           {"http://proxy.example.com", false},
		"host null":            {"", false},
		"query":                {"https://proxy.example.com/?x=", false},
		"user info":            {"https://a@proxy.example.com", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := validConfig()
			cfg.AdminURL = func(shop string) string {
				require.Equal(t, "a.myshopify.com", shop)
				return tt.base
			}
			app, err := shopifysession.NewContext(cfg)
			require.NoError(t, err)
			u, err := app.AdminURL("a.myshopify.com")
			if !tt.ok {
				var mistake *shopifysession.ConfigError
				require.ErrorAs(t, err, &mistake)
				return
			}
			require.NoError(t, err)
			require.Equal(t, tt.base, u.String())
		})
	}
}

func TestStorageErrorTextHoldsNoData(t *testing.T) {
	t.Parallel()
	cause := errors.New("duplicate key (shpat_secret)")
	err := error(&shopifysession.StorageError{Op: "store", Backend: "sqldb", Err: cause})
	require.Equal(t, "sqldb: store: backend failure", err.Error())
	require.ErrorIs(t, err, cause)
	require.NotContains(t, fmt.Sprintf("%+v %#v %q", err, err, []error{err}), "shpat")
	for class, cause := range map[string]error{
		"canceled":          context.Canceled,
		"deadline exceeded": context.DeadlineExceeded,
		"unsupported":       errors.ErrUnsupported,
		"network timeout":   timeoutError{},
	} {
		require.Equal(t, "x: load: "+class, (&shopifysession.StorageError{Op: "load", Backend: "x", Err: cause}).Error())
	}
}

func TestEnded(t *testing.T) {
	t.Parallel()
	require.NoError(t, shopifysession.Ended(t.Context(), "x", "load"))
	why := errors.New("shutting down")
	for name, cause := range map[string]error{"no cause": nil, "cause": why} {
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(cause)
		err := shopifysession.Ended(ctx, "x", "load")
		var storage *shopifysession.StorageError
		require.ErrorAs(t, err, &storage, name)
		require.ErrorIs(t, err, context.Canceled, name)
		require.EqualError(t, err, "x: load: canceled")
		require.Equal(t, cause != nil, errors.Is(err, why), name)
	}
}

type timeoutError struct{}

func (timeoutError) Error() string   { return "i/o timeout with data" }
func (timeoutError) Timeout() bool   { return true }
func (timeoutError) Temporary() bool { return true }
