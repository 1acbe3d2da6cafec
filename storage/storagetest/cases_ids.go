package storagetest

import (
	"strings"

	"github.com/shopifysession/toolkit/shopifysession"
)

const (
	anyID   = "Everything else is allowed, also / .. * ? [ ] : and %, so a storage escapes what its backend would interpret."
	validID = "ValidID reports whether id can name a session: 1 to 255 bytes of UTF-8 without control characters."
)

// oddIDs are different ids, each of which some backend has taken for another
// one, for a path, a pattern, an operator or a property.
var oddIDs = []string{
	"a", "A", "á", "a\u0301", "a ", " a", "a  ", "ａ", "ä", "ss", "ß", "İ", "i", "ı", "K", "\u212a",
	"/", "//", "a/b", "a/../b", ".", "..", "../a", "../../etc/passwd", `..\a`, `C:\a`, "~", "-", "--", "-rf", "nul", "CON", "a.json", ".hidden",
	"*", "a*", "?", "a?", "[a]", "[^a]", "{a}", "{}", "a{b}c", "a:b", ":", "a::b", "a|b", "%", "a%", "%00", "%2f", "a_b", "_", "a+b",
	"$", "$where", "$id", "a.b", "a,b", "a;b", `a"b`, `a'b`, "a`b", `a\b`, `\`, "#", "a=b", "<a>", "&", "@", "!", "^", "(a)",
	"constructor", "__proto__", "toString", "hasOwnProperty", "null", "undefined", "NaN", "true", "0", "00", "1e3", "1000",
	"offline_a.myshopify.com", "offline_a-b.myshopify.com", "a.myshopify.com_1", "日本語", "👩‍👩‍👧‍👦", "\u202e", "\u00a0", "\ufeff",
	strings.Repeat("x", 255), strings.Repeat("x", 254), strings.Repeat("é", 127), strings.Repeat(".", 255), strings.Repeat("/", 255), strings.Repeat("%", 255),
}

// noIDs can't name a session.
var noIDs = []string{
	"", strings.Repeat("x", 256), strings.Repeat("é", 128), "a\x00", "\x00", "a\nb", "a\rb", "a\tb", "\x1b[0m", "\x7f", "\u0085", "\xff", "a\xc3(",
}

func idCases() []testCase {
	return []testCase{
		{name: "ids/odd", sentence: anyID, run: func(c *check) {
			const shop = "ids.myshopify.com"
			var want []*shopifysession.Session
			for _, id := range oddIDs {
				s := sample("ids")
				s.ID, s.State = id, "of "+id
				c.store(s)
				want = append(want, s)
			}
			for _, s := range want {
				c.loads(s)
			}
			c.found(shop, want...)
			for i, s := range want {
				c.delete(s.ID)
				c.absent(s.ID)
				if i+1 < len(want) {
					c.loads(want[i+1])
				}
			}
			c.found(shop)
		}},
		{name: "ids/odd-many", sentence: anyID, run: func(c *check) {
			for _, id := range oddIDs {
				s := sample("ids")
				s.ID = id
				c.store(s)
			}
			c.deleteSessions(oddIDs[:len(oddIDs)/2]...)
			for i, id := range oddIDs {
				if i < len(oddIDs)/2 {
					c.absent(id)
				} else {
					c.load(id)
				}
			}
		}},
		{name: "ids/invalid-store", sentence: validID, run: func(c *check) {
			for _, id := range noIDs {
				s := sample("ids")
				s.ID = id
				err := c.st.Store(c.ctx, s)
				if err == nil {
					c.Fatalf("Store accepted the id %q", id)
				}
				c.is("Store", err, shopifysession.ErrInvalidSession)
			}
			c.found("ids.myshopify.com")
		}},
		{name: "ids/invalid-load", sentence: "Load returns the session with that id, or ErrNotFound if there is none or the id can't be one.", run: func(c *check) {
			for _, id := range noIDs {
				c.absent(id)
			}
		}},
		{name: "ids/invalid-delete", sentence: "Delete removes the session with that id; nil if there is none.", run: func(c *check) {
			s := sample("ids")
			c.store(s)
			for _, id := range noIDs {
				c.delete(id)
			}
			c.deleteSessions(noIDs...)
			c.loads(s)
			c.deleteSessions(append([]string{s.ID}, noIDs...)...)
			c.absent(s.ID)
		}},
	}
}
