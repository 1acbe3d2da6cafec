package browser_test

import (
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

const shop = "walking-boots.myshopify.com"

// The whole path of a merchant and an operator, with a real browser, the real
// program as a process of its own, and its local Shopify.

func TestEmbedded(t *testing.T) {
	t.Parallel()
	path := chromium(t)
	binary, db := build(t), filepath.Join(t.TempDir(), "data", "app.db")
	p := start(t, binary, db)
	b := openBrowser(t, path, "shops", "grant", "products-embedded", "sessions", "shop")

	install(b, p)
	products(b, b.frame())
	b.photograph("products-embedded", "light", "dark", "phone")
	first := grant(t, db)
	withoutToken(b, p)
	outOfTheFrame(b, p)
	require.True(t, grant(t, db).GrantedAt().After(first.GrantedAt()), "a login by authorization code is a new grant")
	first = grant(t, db)

	operate(b, p, db)
	b.open(p.admin + "shops/" + shop + "/admin")
	b.click("section .primary")
	products(b, b.frame())
	second := grant(t, db)
	require.True(t, second.GrantedAt().After(first.GrantedAt()), "a deleted session comes back as a new grant")

	p.stop()
	requireNoToken(t, first, p.output.String())
	requireNoToken(t, second, p.output.String())
	p = start(t, binary, db)
	b.open(p.admin + "shops/" + shop + "/admin")
	b.click("section .primary")
	products(b, b.frame())
	require.True(t, second.Equal(grant(t, db)), "a restart keeps the session, and its token works")

	uninstall(b, p, db)
	b.requireQuiet()
}

func TestInItsOwnWindow(t *testing.T) {
	t.Parallel()
	path := chromium(t)
	binary, db := build(t), filepath.Join(t.TempDir(), "data", "app.db")
	p := start(t, binary, db, "-embedded=false")
	b := openBrowser(t, path, "products-window")

	install(b, p)
	products(b)
	b.photograph("products-window", "light")
	first := grant(t, db)

	p.kill()
	p = start(t, binary, db, "-embedded=false")
	b.open(p.app + "?shop=" + shop)
	products(b)
	require.True(t, first.Equal(grant(t, db)), "a crash keeps login, session and token")

	operate(b, p, db)
	b.open(p.admin + "shops/" + shop + "/admin")
	b.click("section .primary")
	products(b)
	require.True(t, grant(t, db).GrantedAt().After(first.GrantedAt()), "a deleted session comes back as a new grant")

	uninstall(b, p, db)
	b.requireQuiet()
	requireNoToken(t, first, p.output.String())
}

// install opens the admin, adds a shop, and installs the app there.
func install(b *browser, p *program) {
	b.t.Helper()
	b.open(p.admin)
	b.photograph("shops", "light")
	b.do(chromedp.SendKeys(chromedp.CSS("input[name=name]"), "walking-boots"))
	b.click("form[action='/shops'] button")
	require.Contains(b.t, b.text("h1"), shop)
	b.click("section .primary")
	require.Contains(b.t, b.text("form"), "read_products")
	b.photograph("grant", "light")
	b.click("button[value=approve]")
}

// products waits until the app shows the shop's products.
func products(b *browser, where ...chromedp.QueryOption) {
	b.t.Helper()
	b.do(chromedp.WaitVisible(chromedp.CSS("#products tbody tr:nth-child(5)"), where...))
	text := b.text("main", where...)
	require.Contains(b.t, text, shop)
	require.Contains(b.t, text, "Active")
	require.Contains(b.t, text, "read_products")
}

// withoutToken opens the embedded page without an ID token: App Bridge brings one.
func withoutToken(b *browser, p *program) {
	b.t.Helper()
	b.lead(p.app + "?embedded=1&shop=" + shop)
	products(b, b.frame())
}

// outOfTheFrame begins a login by authorization code inside the frame: App Bridge
// takes the whole window out of the admin, and Shopify leads back into it.
func outOfTheFrame(b *browser, p *program) {
	b.t.Helper()
	b.lead(p.app + "auth?shop=" + shop)
	require.Contains(b.t, ask(b, chromedp.Location()), p.admin)
	products(b, b.frame())
}

// operate finds the shop's sessions in the app's admin page and deletes them.
func operate(b *browser, p *program, db string) {
	b.t.Helper()
	s := grant(b.t, db)
	b.open(p.app + "admin/sessions")
	require.Contains(b.t, b.text("tbody"), shop)
	require.Contains(b.t, b.text("tbody"), "read_products")
	requireNoToken(b.t, s, b.source())
	b.photograph("sessions", "light", "dark", "phone")

	b.do(chromedp.SetValue(chromedp.CSS("#shop"), "walking-boots"))
	b.click(".search button")
	require.Contains(b.t, b.text("tbody"), shop)
	for range sessions(b.t, db) {
		b.click("td.action button")
	}
	require.Contains(b.t, b.text(".card.empty"), "No sessions")
	require.Empty(b.t, sessions(b.t, db))
}

// uninstall removes the app in the admin and looks for its sessions.
func uninstall(b *browser, p *program, db string) {
	b.t.Helper()
	b.open(p.admin + "shops/" + shop + "/admin")
	b.click("button.danger")
	require.Contains(b.t, b.text("table"), "app/uninstalled")
	b.photograph("shop", "light")
	b.open(p.app + "admin/sessions?shop=" + shop)
	require.Contains(b.t, b.text(".card.empty"), "No sessions")
	require.Empty(b.t, sessions(b.t, db))
}
