package main_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	main "github.com/shopifysession/toolkit/examples/shopify-app"
)

// environment returns a getenv.
func environment(vars map[string]string) func(string) string {
	return func(name string) string { return vars[name] }
}

// anywhere are flags for ports that are free.
var anywhere = []string{"-addr", "127.0.0.1:0", "-shopify-addr", "127.0.0.1:0"}

func TestWhatKeepsTheProgramFromStarting(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, taken.Close()) })
	dir := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		return path
	}
	file("damaged.db.snapshot.json", `{"format":"shopifytest snapshot","version":1`)
	plain := file("plain", "")

	tests := map[string]struct {
		flags []string
		env   map[string]string
		code  int
		says  []string
	}{
		"app's port taken": {
			flags: []string{"-addr", taken.Addr().String()}, code: 1,
			says: []string{"port taken", taken.Addr().String(), "-addr"},
		},
		"Shopify's port taken": {
			flags: []string{"-shopify-addr", taken.Addr().String()}, code: 1,
			says: []string{"port taken", taken.Addr().String(), "-shopify-addr"},
		},
		"no such address":           {flags: []string{"-addr", "not an address"}, code: 1, says: []string{"can't listen on not an address"}},
		"directory can't be made":   {flags: []string{"-db", filepath.Join(plain, "app.db")}, code: 1, says: []string{"not a directory", "-db"}},
		"database is a directory":   {flags: []string{"-db", dir}, code: 1, says: []string{"is a directory", "-db"}},
		"database is something":     {flags: []string{"-db", file("text.db", strings.Repeat("no database ", 999))}, code: 1, says: []string{"text.db", "no SQLite database"}},
		"database is read-only":     {flags: []string{"-db", readOnlyDatabase(t)}, code: 1, says: []string{"read-only", "-db"}},
		"snapshot damaged":          {flags: []string{"-db", filepath.Join(dir, "damaged.db")}, code: 1, says: []string{"damaged.db.snapshot.json is damaged", "Move the file away"}},
		"unknown flag":              {flags: []string{"-color"}, code: 2, says: []string{"-color"}},
		"argument":                  {flags: []string{"start"}, code: 2, says: []string{`"start"`}},
		"unknown storage":           {flags: []string{"-storage", "paper"}, code: 2, says: []string{"-storage is sqlite or custom"}},
		"no database":               {flags: []string{"-db", ""}, code: 2, says: []string{"-db must name a file"}},
		"every mistake in settings": {env: map[string]string{"APP_URL": "ftp://app.example.com"}, code: 1, says: []string{"SHOPIFY_API_KEY is empty", "SHOPIFY_API_SECRET is empty", "APP_URL is neither https nor http"}},
		"plain http":                {env: map[string]string{"APP_URL": "http://app.example.com", "SHOPIFY_API_KEY": "k", "SHOPIFY_API_SECRET": "the-real-secret"}, code: 1, says: []string{"APP_URL is http on a host other than loopback"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			flags := append([]string{"-db", filepath.Join(t.TempDir(), "app.db")}, anywhere...)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // for a program that does start
			defer cancel()
			var stdout, stderr text
			code := main.Run(ctx, append(flags, tt.flags...), environment(tt.env), &stdout, &stderr)
			require.Equal(t, tt.code, code, "%s", &stderr)
			require.Empty(t, stdout.String())
			for _, want := range tt.says {
				require.Contains(t, stderr.String(), want)
			}
			require.NotContains(t, stderr.String(), "goroutine")
			require.NotContains(t, stderr.String(), "the-real-secret")
			if tt.code == 1 {
				require.LessOrEqual(t, strings.Count(stderr.String(), "\n"), 2, "%s", &stderr)
			}
		})
	}
}

// readOnlyDatabase returns a database of the program that SQLite does not write,
// whoever asks: byte 18 of the header is the version of the format that writers
// must know (https://www.sqlite.org/fileformat.html).
func readOnlyDatabase(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "readonly.db")
	require.Equal(t, 0, start(t, 2, nil, "-db", path).stop())
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	require.NoError(t, err)
	_, err = f.WriteAt([]byte{9}, 18)
	require.NoError(t, err)
	require.NoError(t, f.Close())
	return path
}

// started is the program running inside the test.
type started struct {
	urls   []string
	stderr text
	stop   func() int
}

func start(t *testing.T, lines int, env map[string]string, flags ...string) *started {
	t.Helper()
	s := &started{}
	ctx, cancel := context.WithCancel(t.Context())
	read, write := io.Pipe()
	done := make(chan int, 1)
	go func() {
		code := main.Run(ctx, append(append([]string{}, anywhere...), flags...), environment(env), write, &s.stderr)
		_ = write.Close() // the reader sees the end
		done <- code
	}()
	out := bufio.NewReader(read)
	for range lines {
		line, err := out.ReadString('\n')
		require.NoError(t, err, "%s", &s.stderr)
		s.urls = append(s.urls, regexp.MustCompile(`https?://\S+`).FindString(line))
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	s.stop = func() int {
		cancel()
		return <-done
	}
	return s
}

func TestProgram(t *testing.T) {
	t.Parallel()
	db := filepath.Join(t.TempDir(), "new", "directory", "a name with ? and %.db")
	s := start(t, 2, nil, "-db", db)
	for _, u := range []string{s.urls[0], s.urls[1], s.urls[1] + "health", s.urls[1] + "admin/sessions"} {
		resp, err := http.Get(u)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, http.StatusOK, resp.StatusCode, u)
	}
	require.Equal(t, 0, s.stop())
	require.FileExists(t, db)
	require.FileExists(t, db+".snapshot.json")
	info, err := os.Stat(db)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm(), "it holds tokens")
}

func TestProgramAgainstTheRealShopify(t *testing.T) {
	t.Parallel()
	db := filepath.Join(t.TempDir(), "app.db")
	s := start(t, 1, map[string]string{
		"SHOPIFY_API_KEY": "key", "SHOPIFY_API_SECRET": "the-real-secret", "APP_URL": "https://app.example.com", "SCOPES": "read_products",
	}, "-db", db)
	require.Equal(t, "https://app.example.com", s.urls[0])
	require.Equal(t, 0, s.stop())
	require.NoFileExists(t, db+".snapshot.json", "there is no local Shopify")
	require.NotContains(t, s.stderr.String(), "the-real-secret")
}

func TestHelp(t *testing.T) {
	t.Parallel()
	var stdout, stderr text
	require.Equal(t, 0, main.Run(t.Context(), []string{"-h"}, environment(nil), &stdout, &stderr))
	require.Contains(t, stderr.String(), "ADMIN_PASSWORD")
}
