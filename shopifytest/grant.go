package shopifytest

// Grant names what a request to the token endpoint asks for, in the recorder and
// in faults.
type Grant string

const (
	// AuthorizationCode exchanges the code of an OAuth callback.
	AuthorizationCode Grant = "authorization_code"
	// TokenExchange exchanges an ID token.
	TokenExchange Grant = "token_exchange"
	// Migration exchanges a non-expiring offline token for an expiring pair. On the
	// wire it is a token exchange, too.
	Migration Grant = "migration"
	// RefreshToken presents a refresh token.
	RefreshToken Grant = "refresh_token"
	// ClientCredentials needs no subject.
	ClientCredentials Grant = "client_credentials"
)

const (
	exchangeURN = "urn:ietf:params:oauth:grant-type:token-exchange"
	idTokenURN  = "urn:ietf:params:oauth:token-type:id_token"
	offlineURN  = "urn:shopify:params:oauth:token-type:offline-access-token"
	onlineURN   = "urn:shopify:params:oauth:token-type:online-access-token"
)

// grantOf classifies a token request; "" is a grant that Shopify does not know.
func grantOf(p map[string]string) Grant {
	switch p["grant_type"] {
	case "":
		if _, ok := p["code"]; ok {
			return AuthorizationCode
		}
	case string(AuthorizationCode), string(RefreshToken), string(ClientCredentials):
		return Grant(p["grant_type"])
	case exchangeURN:
		if p["subject_token_type"] == offlineURN {
			return Migration
		}
		return TokenExchange
	}
	return ""
}
