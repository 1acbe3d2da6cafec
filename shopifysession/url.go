package shopifysession

import (
	"fmt"
	"net/netip"
	"net/url"
	"strings"
)

// AdminURL returns the base of a shop's URLs, without a trailing slash: the only
// place where a shop becomes a host to talk to, and so the place where it is
// validated. The error is [ErrInvalidShop] if shop is none, or a *[ConfigError]
// if [Config].AdminURL returned something other than https, or http on a
// loopback host, without user info, query and fragment. The copy is the
// caller's.
func (c *Context) AdminURL(shop string) (*url.URL, error) {
	shop, err := c.ParseShop(shop)
	if err != nil {
		return nil, err
	}
	if c.cfg.AdminURL == nil {
		return &url.URL{Scheme: "https", Host: shop}, nil
	}
	base, reason := parseBaseURL(c.cfg.AdminURL(shop))
	if reason != "" {
		return nil, &ConfigError{Field: "AdminURL", Reason: "returned a URL that " + reason}
	}
	return base, nil
}

// parseBaseURL parses a URL to which paths will be appended. A reason that is
// not empty says what is wrong with it.
func parseBaseURL(s string) (*url.URL, string) {
	if s == "" {
		return nil, "is empty"
	}
	u, err := url.Parse(s)
	if err != nil {
		return nil, "is not a URL"
	}
	u.Path, u.RawPath = strings.TrimRight(u.Path, "/"), strings.TrimRight(u.RawPath, "/")
	switch {
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, "is neither https nor http"
	case u.Hostname() == "" || u.Opaque != "":
		return nil, "has no host"
	case u.User != nil:
		return nil, "has user info"
	case u.RawQuery != "" || u.ForceQuery:
		return nil, "has a query"
	case u.Fragment != "" || strings.Contains(s, "#"):
		return nil, "has a fragment"
	case u.Scheme == "http" && !IsLoopback(u.Hostname()):
		return nil, "is http on a host other than loopback"
	case hasDotSegment(u.Path):
		return nil, "has a . or .. in its path"
	}
	return u, ""
}

func hasDotSegment(path string) bool {
	for segment := range strings.SplitSeq(path, "/") {
		if segment == "." || segment == ".." {
			return true
		}
	}
	return false
}

// IsLoopback reports whether host (without port) is this machine: localhost, a
// name below it, or an address in 127.0.0.0/8 or ::1. No name is looked up.
func IsLoopback(host string) bool {
	host = strings.TrimSuffix(asciiLower(host), ".")
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}

// invalidf returns an error that wraps ErrInvalidSession.
func invalidf(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrInvalidSession}, args...)...)
}
