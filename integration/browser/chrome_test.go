package browser_test

import (
	"context"
	"fmt"
	"iter"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// A walk, and a step of it, end at last where a browser hangs or a page never
// shows what it should.
const (
	patience     = 3 * time.Minute
	stepPatience = 30 * time.Second
)

// chromium returns the browser's path. Without one the test is skipped, or, where
// every server must be there, fails.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("REQUIRE_SERVERS") == "1" {
		t.Fatal("there is no Chromium on PATH, and REQUIRE_SERVERS=1")
	}
	t.Skip("there is no Chromium on PATH")
	return ""
}

// browser is a window of a fresh Chromium.
type browser struct {
	t       *testing.T
	ctx     context.Context
	console iter.Seq2[chromedp.ConsoleMessage, error]
	album   []string // the pictures that this walk takes
}

// openBrowser starts a browser that ends with the test and takes these pictures.
func openBrowser(t *testing.T, path string, album ...string) *browser {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx,
		chromedp.ExecPath(path),
		chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("headless", true),
		chromedp.Flag("no-sandbox", true),
		chromedp.Flag("disable-gpu", true),
		chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("no-first-run", true),
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true),
		chromedp.Flag("hide-scrollbars", true),
		chromedp.Flag("window-size", "1280,1024"),
	)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	b := &browser{t: t, ctx: ctx, console: chromedp.Console(ctx), album: album}
	t.Cleanup(func() { require.NoError(t, chromedp.Cancel(ctx)) })
	b.do(chromedp.EmulateViewport(1120, 800))
	return b
}

// requireQuiet fails if the console complained about anything in the whole walk:
// an exception, a file that is missing, a policy that was broken.
func (b *browser) requireQuiet() {
	b.t.Helper()
	const end = "the walk ends here"
	b.do(chromedp.Evaluate[chromedp.Void](`console.info("` + end + `")`))
	for message, err := range b.console {
		require.NoError(b.t, err)
		switch {
		case message.Text == end:
			return
		case message.IsException(), message.Type == chromedp.ConsoleError, message.Type == chromedp.ConsoleWarning:
			b.t.Errorf("console: %s %s %s", message, message.Source, message.URL)
		}
	}
}

func (b *browser) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, stepPatience)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		b.fatal(err)
	}
}

// ask returns what an action reads.
func ask[T any](b *browser, action chromedp.Action[T]) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, stepPatience)
	defer cancel()
	v, err := chromedp.Run(ctx, action)
	if err != nil {
		b.fatal(err)
	}
	return v
}

// fatal ends the test with what the browser shows.
func (b *browser) fatal(err error) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 5*time.Second)
	defer cancel()
	at, _ := chromedp.Run(ctx, chromedp.Location())
	text, _ := chromedp.Run(ctx, chromedp.Text(chromedp.CSS("body")))
	b.t.Fatalf("browser: %v\nat %s:\n%s", err, at, text)
}

func (b *browser) open(url string) { b.t.Helper(); b.do(chromedp.Navigate(url)) }

// click follows a link, or sends a form, and waits until the page behind it, with
// the frame in it, is there.
func (b *browser) click(selector string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, stepPatience)
	defer cancel()
	response, err := chromedp.RunResponse(ctx, chromedp.Click(chromedp.CSS(selector)))
	if err != nil {
		b.fatal(err)
	}
	require.EqualValues(b.t, 200, response.Status, "%s", response.URL)
}

// text returns what a reader sees of an element.
func (b *browser) text(selector string, options ...chromedp.QueryOption) string {
	b.t.Helper()
	return ask(b, chromedp.Text(chromedp.CSS(selector), options...))
}

// source returns the page as the browser holds it.
func (b *browser) source() string {
	b.t.Helper()
	return ask(b, chromedp.OuterHTML(chromedp.CSS("html")))
}

// frame leads a query into the frame with the embedded app.
func (b *browser) frame() chromedp.QueryOption {
	b.t.Helper()
	return chromedp.FromNode(ask(b, chromedp.Nodes(chromedp.CSS("iframe")))[0])
}

// lead opens another address in the frame with the embedded app and waits until
// the app, wherever that has led, has got its products.
func (b *browser) lead(url string) {
	b.t.Helper()
	isAnswer := func(e network.EventResponseReceived) bool {
		return strings.HasSuffix(e.Response.URL, "/api/products") && e.Response.Status == 200
	}
	leave := chromedp.Evaluate[chromedp.Void](fmt.Sprintf("document.querySelector('iframe').src = %q", url))
	ask(b, chromedp.WaitEvent(network.ResponseReceived, isAnswer, leave))
}
