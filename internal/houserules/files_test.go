package houserules_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

const root = "../.."

// One concept a file: what needs more lines is two.
func TestFilesAreShort(t *testing.T) {
	t.Parallel()
	const most = 450
	require.NoError(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git") {
			return fs.SkipDir
		}
		if d.IsDir() || filepath.Ext(path) != ".go" {
			return nil
		}
		data, err := os.ReadFile(path)
		if err == nil && bytes.Count(data, []byte("\n")) > most {
			t.Errorf("%s has more than %d lines", path, most)
		}
		return err
	}))
}

var goBlock = regexp.MustCompile("(?s)```go\n(.*?)```")

// What the README shows compiles.
func TestREADME(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	require.NoError(t, err)
	require.LessOrEqual(t, bytes.Count(readme, []byte("\n")), 250, "short enough to read")

	replace := map[string]string{}
	absolute, err := filepath.Abs(root)
	require.NoError(t, err)
	var packages []string
	for i, block := range goBlock.FindAllSubmatch(readme, -1) {
		file := filepath.Join(t.TempDir(), "main.go")
		require.NoError(t, os.WriteFile(file, wrapped(block[1]), 0o600))
		dir := "readme" + string(rune('a'+i))
		replace[filepath.Join(absolute, dir, "main.go")] = file
		packages = append(packages, "./"+dir)
	}
	require.NotEmpty(t, packages)
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	require.NoError(t, err)
	overlayFile := filepath.Join(t.TempDir(), "overlay.json")
	require.NoError(t, os.WriteFile(overlayFile, overlay, 0o600))

	args := append([]string{"build", "-overlay", overlayFile, "-o", t.TempDir() + "/"}, packages...)
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = root
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
}

// vocabulary is what the README's fragments may use without an import.
var vocabulary = map[string]string{
	"auth": module + "auth", "shopifysession": module + "shopifysession", "shopifytest": module + "shopifytest",
	"custom": module + "storage/custom", "memory": module + "storage/memory",
	"errors": "errors", "fmt": "fmt", "httptest": "net/http/httptest", "log": "log", "strings": "strings",
}

// wrapped makes a program of a block that is only statements.
func wrapped(block []byte) []byte {
	if bytes.HasPrefix(block, []byte("package ")) {
		return block
	}
	imports := "\"context\"\n\"net/http\"\n\"testing\"\n"
	for name, path := range vocabulary {
		if name == "auth" || name == "shopifysession" || regexp.MustCompile(`\b`+name+`\.`).Match(block) {
			imports += `"` + path + "\"\n"
		}
	}
	return []byte("package main\n\nimport (\n" + imports + `)

func main() { fragment(nil, nil, nil, nil) }

func home(http.ResponseWriter, *http.Request) {}

func fragment(ctx context.Context, a *auth.Auth, storage shopifysession.SessionStorage, t *testing.T) {
` + string(block) + "}\n")
}
