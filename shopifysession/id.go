package shopifysession

import (
	"crypto/rand"
	"strconv"
	"unicode"
	"unicode/utf8"
)

const maxIDLen = 255 // bytes; what the official packages' columns hold

// NewID returns a random id of 130 bits, for browser sessions whose id is not
// derived from shop and user.
func NewID() string { return rand.Text() }

// OfflineID returns the id of a shop's offline session, offline_{shop}, as all
// official libraries form it. The shop should come from [ParseShop]: ids of
// different spellings are different sessions.
func OfflineID(shop string) string { return "offline_" + shop }

// OnlineID returns the id of a user's online session in an embedded app,
// {shop}_{userID}, as all official libraries form it.
func OnlineID(shop string, userID int64) string {
	return shop + "_" + strconv.FormatInt(userID, 10)
}

// ValidID reports whether id can name a session: 1 to 255 bytes of UTF-8
// without control characters. Everything else is allowed, also / .. * ? [ ] :
// and %, so a storage escapes what its backend would interpret.
func ValidID(id string) bool { return validText(id) }

func validText(s string) bool {
	if s == "" || len(s) > maxIDLen || !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if unicode.IsControl(r) {
			return false
		}
	}
	return true
}
