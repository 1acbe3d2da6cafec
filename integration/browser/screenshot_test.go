package browser_test

import (
	"os"
	"path/filepath"
	"slices"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// looks are how the pages are photographed.
var looks = map[string]struct {
	scheme        string
	width, height int64
}{
	"light": {"light", 1120, 800},
	"dark":  {"dark", 1120, 800},
	"phone": {"light", 390, 844},
}

// photograph saves what the window shows to docs/screenshots, if
// UPDATE_SCREENSHOTS=1 and the walk takes that picture.
func (b *browser) photograph(name string, wanted ...string) {
	b.t.Helper()
	if os.Getenv("UPDATE_SCREENSHOTS") != "1" || !slices.Contains(b.album, name) {
		return
	}
	dir := filepath.Join("..", "..", "docs", "screenshots")
	require.NoError(b.t, os.MkdirAll(dir, 0o755))
	for _, look := range wanted {
		l := looks[look]
		b.look(l.scheme, l.width, l.height)
		png := ask(b, chromedp.CaptureScreenshot())
		b.look("light", looks["light"].width, looks["light"].height)
		require.NoError(b.t, os.WriteFile(filepath.Join(dir, name+"-"+look+".png"), png, 0o644))
	}
}

// look sets what the window looks like.
func (b *browser) look(scheme string, width, height int64) {
	b.t.Helper()
	features := []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme},
		{Name: "prefers-reduced-motion", Value: "reduce"}, // no picture of a color on its way
	}
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features})
	require.NoError(b.t, err)
	b.do(chromedp.EmulateViewport(width, height))
}
