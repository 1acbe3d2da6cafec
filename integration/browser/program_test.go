package browser_test

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"github.com/shopifysession/toolkit/shopifysession"
	"github.com/shopifysession/toolkit/storage/sqldb"
)

// build compiles the example as a user would and returns the program's path.
func build(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "shopify-app")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", binary, ".")
	cmd.Dir = filepath.Join("..", "..", "examples", "shopify-app")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return binary
}

// program is the example, running on ports of its own.
type program struct {
	admin, app string // URLs
	output     *output
	stop       func() // ends it as Ctrl+C does; may be called again
	kill       func() // ends it as a crash does
}

// start runs the program until stop or the end of the test.
func start(t *testing.T, binary, db string, flags ...string) *program {
	t.Helper()
	p := &program{output: &output{}}
	ctx, interrupt := context.WithCancel(context.Background())
	args := append([]string{"-addr", "127.0.0.1:0", "-shopify-addr", "127.0.0.1:0", "-db", db}, flags...)
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 20 * time.Second // for a program that does not end
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}
	read, write := io.Pipe()
	cmd.Stdout, cmd.Stderr = io.MultiWriter(write, p.output), p.output
	require.NoError(t, cmd.Start())

	var running sync.WaitGroup
	running.Go(func() {
		_ = cmd.Wait() // it will be interrupted, and that is an error
		_ = write.Close()
	})
	killed := false
	p.kill = func() {
		killed = true
		require.NoError(t, cmd.Process.Kill())
		running.Wait()
	}
	p.stop = sync.OnceFunc(func() {
		t.Helper()
		interrupt()
		running.Wait()
		if killed {
			return
		}
		require.Equal(t, 0, cmd.ProcessState.ExitCode(), "%s", p.output)
	})
	t.Cleanup(p.stop)

	lines := bufio.NewReader(read)
	urls := make(chan string, 2)
	running.Go(func() {
		defer close(urls)
		for range cap(urls) {
			line, err := lines.ReadString('\n')
			if err != nil {
				return
			}
			urls <- urlPattern.FindString(line)
		}
		_, _ = io.Copy(io.Discard, lines)
	})
	p.admin, p.app = <-urls, <-urls
	require.NotEmpty(t, p.app, "%s", p.output)
	return p
}

var urlPattern = regexp.MustCompile(`http://\S+`)

// output collects what the program writes.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// sessions reads what the program keeps, beside the program.
func sessions(t *testing.T, file string) []*shopifysession.Session {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: file}).EscapedPath()+"?_pragma=busy_timeout(1000)")
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	storage, err := sqldb.New(db, sqldb.SQLite, nil)
	require.NoError(t, err)
	var found []*shopifysession.Session
	for s, err := range storage.All(t.Context()) {
		require.NoError(t, err)
		found = append(found, s)
	}
	return found
}

// grant returns the one session that has a token.
func grant(t *testing.T, file string) *shopifysession.Session {
	t.Helper()
	var found []*shopifysession.Session
	for _, s := range sessions(t, file) {
		if s.AccessToken != "" {
			found = append(found, s)
		}
	}
	require.Len(t, found, 1)
	return found[0]
}

// requireNoToken fails if a text shows a token of the session.
func requireNoToken(t *testing.T, s *shopifysession.Session, text string) {
	t.Helper()
	for _, secret := range []string{s.AccessToken, s.RefreshToken} {
		require.NotEmpty(t, secret)
		require.False(t, strings.Contains(text, secret), "a token is shown")
	}
}
