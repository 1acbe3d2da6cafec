package auth_test

import (
	"errors"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/auth"
	"github.com/shopifysession/toolkit/shopifysession"
)

var errRefused = errors.New("connection refused")

type refusingNet struct{}

func (refusingNet) RoundTrip(*http.Request) (*http.Response, error) { return nil, errRefused }

// The cause of a network error is there for errors.Is, without the *url.Error
// that net/http puts around it.
func TestNetworkErrorUnwrapsToItsCauseWithoutTheURL(t *testing.T) {
	t.Parallel()
	f := newFixture(t, setup{config: func(c *shopifysession.Config) { c.HTTPClient = &http.Client{Transport: refusingNet{}} }})
	_, err := f.auth.ClientCredentials(t.Context(), shopDomain)
	require.ErrorIs(t, err, auth.ErrTemporary)
	require.ErrorIs(t, err, errRefused)
	var withURL *url.Error
	require.False(t, errors.As(err, &withURL))
}
