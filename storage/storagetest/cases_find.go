package storagetest

import (
	"testing"

	"github.com/shopifysession/toolkit/shopifysession"
)

const finds = "FindSessionsByShop returns the sessions whose Shop is that string exactly, in no particular order, expired ones included; an empty result and nil if there are none."

// likeShops are shops that a pattern, a prefix or a collation confuses.
var likeShops = []string{
	"a.myshopify.com", "A.myshopify.com", "a-b.myshopify.com", "a.myshopify.com.evil.example", "aa.myshopify.com", "a_myshopify.com",
	"%.myshopify.com", "_.myshopify.com", "*.myshopify.com", "?.myshopify.com", "[a].myshopify.com", "{a}.myshopify.com", "a", "a ", " a",
	"a:b", "a|b", "á", "a\u0301", `a\`, "a'b", "%", "*", "é.example", "^a",
}

func findCases() []testCase {
	return []testCase{
		{name: "find/none", sentence: finds, run: func(c *check) {
			c.found("a.myshopify.com")
			c.store(sample("other"))
			c.found("a.myshopify.com")
			c.found("")
			c.found("a\nb")
		}},
		{name: "find/all-of-one-shop", sentence: finds, run: func(c *check) {
			want := []*shopifysession.Session{sample("shop"), online("shop", 1), online("shop", 2)}
			custom := sample("shop")
			custom.ID = shopifysession.NewID()
			want = append(want, custom)
			for _, s := range want {
				c.store(s)
			}
			c.store(sample("other"))
			c.found("shop.myshopify.com", want...)
			c.delete(want[1].ID)
			c.found("shop.myshopify.com", want[0], want[2], want[3])
			next := changed(c.load(want[0].ID), "next")
			c.store(next)
			c.found("shop.myshopify.com", next, want[2], want[3])
		}},
		{name: "find/exact-shop", sentence: finds, run: func(c *check) {
			byShop := map[string]*shopifysession.Session{}
			for _, shop := range likeShops {
				s := sample("x")
				s.Shop, s.ID = shop, shopifysession.OfflineID(shop)
				c.store(s)
				byShop[shop] = s
			}
			for _, shop := range likeShops {
				c.found(shop, byShop[shop])
			}
			c.found("myshopify.com")
			c.found("a.myshopify")
			c.found("a%")
		}},
		{name: "find/expired", sentence: finds, run: func(c *check) {
			var want []*shopifysession.Session
			for name, s := range eternal() {
				s.ID, s.Shop = name, "shop.myshopify.com"
				c.store(s)
				want = append(want, s)
			}
			c.found("shop.myshopify.com", want...)
		}},
		{name: "find/bookkeeping", sentence: everyField, run: func(c *check) {
			s := c.stored(sample("shop"))
			found, err := c.st.FindSessionsByShop(c.ctx, s.Shop)
			if err != nil || len(found) != 1 {
				c.Fatalf("FindSessionsByShop returned %d sessions (%s), want one", len(found), text(err))
			}
			next := changed(found[0], "next")
			c.store(next) // what Find returns can be written back
			c.loads(next)
		}},
		{name: "find/thousand", sentence: finds, run: func(c *check) {
			n := int64(1000)
			if testing.Short() {
				n = 100
			}
			var want []*shopifysession.Session
			for user := range n {
				s := online("big", user+1)
				c.store(s)
				want = append(want, s)
			}
			c.store(sample("small"))
			c.found("big.myshopify.com", want...)
		}},
	}
}
