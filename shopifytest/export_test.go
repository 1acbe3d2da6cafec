package shopifytest

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"
)

// What the vectors of Shopify's pages and libraries are checked against.
var (
	SignedQuery    = signedQuery
	ProxySignature = proxySignature
	BodySignature  = bodySignature
	ParseGraphQL   = func(text string) error { _, err := parseGraphQL(text); return err }
	TokenParams    = tokenParams
	CleanPath      = cleanPath
	InWords        = inWords
)

// VerifyIDToken checks a token as the token endpoint does, at this time.
func (sh *Shop) VerifyIDToken(raw string, at time.Time) (user int64, ok bool) {
	sh.do(func(st *shopState) { user, ok = sh.server.verifyIDTokenLocked(st, raw, at) })
	return user, ok
}

// Seal makes a snapshot of any state, with a checksum that matches.
func Seal(state string) []byte {
	sum := sha256.Sum256([]byte(state))
	return mustJSON(snapshot{snapshotFormat, snapshotVersion, hex.EncodeToString(sum[:]), json.RawMessage(state)})
}
