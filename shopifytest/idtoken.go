package shopifytest

import (
	"crypto/hmac"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const idTokenLife = time.Minute

const idTokenHeader = `{"alg":"HS256","typ":"JWT"}`

// SessionToken returns a fresh ID token, which used to be called session token: a
// JWT, HS256 with the client secret, valid for one minute, with the claims iss,
// dest, aud, sub, exp, nbf, iat, jti, sid and sig. The zero User is the owner.
// mods may change, add or delete claims before it is signed; a claim that is no
// JSON ends the test.
//
// App Bridge hands out ID tokens only inside an opened app, and opening installs:
// so a managed app that was never installed in this shop is installed now, as
// Install does. After an uninstall, and under LegacyInstall, nothing is installed.
func (sh *Shop) SessionToken(user User, mods ...func(jwt.MapClaims)) string {
	s := sh.server
	var claims jwt.MapClaims
	var key string
	sh.do(func(st *shopState) {
		if !st.Known && !s.app.LegacyInstall {
			st.install(s.requestedLocked(""))
		}
		claims, key = s.claimsLocked(st, st.userLocked(user)), s.signingLocked()
	})
	for _, mod := range mods {
		mod(claims)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		s.fatalf("shopifytest: session token: a claim is not JSON: %v", err)
	}
	return signIDToken(key, payload)
}

// idTokenLocked is the plain token of a user.
func (s *Server) idTokenLocked(st *shopState, u User) string {
	return signIDToken(s.signingLocked(), mustJSON(s.claimsLocked(st, u)))
}

func (s *Server) claimsLocked(st *shopState, u User) jwt.MapClaims {
	now := s.nowLocked()
	sub, jti := strconv.FormatInt(u.ID, 10), newUUID()
	sid := sessionOf(st.Domain, u)
	return jwt.MapClaims{
		"iss":  "https://" + st.Domain + "/admin",
		"dest": "https://" + st.Domain,
		"aud":  s.app.APIKey,
		"sub":  sub,
		"exp":  now.Add(idTokenLife).Unix(),
		"nbf":  now.Unix(),
		"iat":  now.Unix(),
		"jti":  jti,
		"sid":  sid,
		"sig":  hex.EncodeToString(mac("sig", []byte(jti+sid))),
	}
}

func signIDToken(secret string, payload []byte) string {
	enc := base64.RawURLEncoding
	signed := enc.EncodeToString([]byte(idTokenHeader)) + "." + enc.EncodeToString(payload)
	return signed + "." + enc.EncodeToString(mac(secret, []byte(signed)))
}

// verifyIDTokenLocked checks an ID token as the token endpoint does and returns
// its user. Shopify's clock made it, so there is no leeway.
func (s *Server) verifyIDTokenLocked(st *shopState, raw string, now time.Time) (int64, bool) {
	var claims struct {
		Iss, Dest, Aud, Sub string
		Exp, Nbf            int64
	}
	if !s.decodeIDTokenLocked(raw, &claims) {
		return 0, false
	}
	dest := "https://" + st.Domain
	user, err := strconv.ParseInt(claims.Sub, 10, 64)
	ok := err == nil && claims.Aud == s.app.APIKey && claims.Dest == dest && claims.Iss == dest+"/admin" &&
		now.Unix() < claims.Exp && now.Unix() >= claims.Nbf
	return user, ok
}

// decodeIDTokenLocked checks form, algorithm and signature.
func (s *Server) decodeIDTokenLocked(raw string, claims any) bool {
	parts := strings.Split(raw, ".")
	if len(parts) != 3 {
		return false
	}
	var header struct{ Alg string }
	if !decodePart(parts[0], &header) || header.Alg != "HS256" {
		return false
	}
	sum, err := base64.RawURLEncoding.Strict().DecodeString(parts[2])
	if err != nil {
		return false
	}
	signed := []byte(parts[0] + "." + parts[1])
	for _, sec := range s.activeLocked() {
		if hmac.Equal(sum, mac(sec.Value, signed)) {
			return decodePart(parts[1], claims)
		}
	}
	return false
}

func decodePart(part string, v any) bool {
	data, err := base64.RawURLEncoding.Strict().DecodeString(part)
	return err == nil && json.Unmarshal(data, v) == nil
}
