package shopifysession

import (
	"strings"
)

const (
	shopSuffix   = "myshopify.com"
	maxLabelLen  = 63 // RFC 1035, section 2.3.4
	maxDomainLen = 253
)

// ParseShop returns the canonical form of a shop's domain: one label of
// letters, digits and hyphens that starts with a letter or digit, followed by
// .myshopify.com, in lower case. Everything else is [ErrInvalidShop]: schemes,
// ports, paths, user info, trailing dots and slashes, spaces, other domains,
// admin.shopify.com/store/… URLs, and the name admin, which is Shopify's own.
// Only upper case is repaired, since one shop must have one id.
//
// The rule is the anchored expression that Shopify demands of apps
// (https://shopify.dev/docs/apps/build/authentication-authorization/authenticate-standalone-apps).
// Development stores on other domains: [Config].ShopDomains and
// [Context.ParseShop].
func ParseShop(s string) (string, error) {
	return parseShop(s, shopSuffix)
}

func parseShop(s string, suffixes ...string) (string, error) {
	if len(s) > maxDomainLen {
		return "", ErrInvalidShop
	}
	s = asciiLower(s)
	label, domain, ok := strings.Cut(s, ".")
	if !ok || !validLabel(label) || label == "admin" {
		return "", ErrInvalidShop
	}
	for _, suffix := range suffixes {
		if domain == suffix {
			return s, nil
		}
	}
	return "", ErrInvalidShop
}

func validLabel(label string) bool {
	if label == "" || len(label) > maxLabelLen || label[0] == '-' {
		return false
	}
	for i := range len(label) {
		c := label[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

// asciiLower lowers A to Z only: Unicode's rules turn the Kelvin sign into k.
func asciiLower(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}
