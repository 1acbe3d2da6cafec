// Package officialjs_test lets the official JavaScript packages judge: the
// library @shopify/shopify-api is a client of shopifytest that nobody wrote for
// it, and jose, which that library verifies ID tokens with, mints tokens for
// auth. The JavaScript is in ../node.
package officialjs_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

const scripts = "../node"

// node returns a command that runs a script of ../node until the test ends, and
// nothing of the environment but what is given here. Without Node.js and the
// packages the test is skipped, or fails where REQUIRE_SERVERS is 1.
func node(t *testing.T, script string, env ...string) *exec.Cmd {
	t.Helper()
	path, err := installed()
	if err != nil && os.Getenv("REQUIRE_SERVERS") == "1" {
		t.Fatal(err)
	}
	if err != nil {
		t.Skip(err)
	}
	// Reading the directory tells the test cache to look at the scripts.
	_, err = os.ReadDir(scripts)
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), path, script)
	cmd.Dir = scripts
	cmd.Env = append([]string{"NODE_ENV=production"}, env...)
	cmd.Stderr = t.Output()
	return cmd
}

// installed installs the packages, if need be, and returns the path of Node.js.
var installed = sync.OnceValues(func() (string, error) {
	script, err := filepath.Abs(filepath.Join(scripts, "install"))
	if err != nil {
		return "", err
	}
	cmd := exec.CommandContext(context.Background(), script)
	out, err := cmd.Output()
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		return "", fmt.Errorf("integration/node/install: %w: %s", err, bytes.TrimSpace(failed.Stderr))
	}
	if err != nil {
		return "", fmt.Errorf("integration/node/install: %w", err)
	}
	return strings.TrimSpace(string(out)), nil
})
