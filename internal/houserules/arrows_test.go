package houserules_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	module = "github.com/shopifysession/toolkit/"
	jwt    = "github.com/golang-jwt/jwt/v5"
)

// arrows says what each package may import beyond the standard library. Arrows
// go down only: a storage knows the contract and its one driver, auth knows no
// storage, and the local Shopify knows nothing of auth, so that it can't mirror
// its mistakes.
var arrows = map[string][]string{
	"internal/hostile":    {},
	"internal/record":     {},
	"shopifysession":      {"internal/record"},
	"storage":             {},
	"storage/custom":      {"shopifysession"},
	"storage/memory":      {"shopifysession"},
	"storage/sqldb":       {"shopifysession"},
	"storage/storagetest": {"shopifysession", "storage/memory", "pgregory.net/rapid"}, // memory: what RunDecorator decorates
	"auth":                {"shopifysession", jwt},
	"shopifytest":         {"shopifysession", jwt},
}

func goList(t *testing.T, args ...string) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"list"}, args...)...)
	cmd.Dir = "../.."
	out, err := cmd.Output()
	require.NoError(t, err)
	return strings.Fields(string(out))
}

func TestImportArrows(t *testing.T) {
	t.Parallel()
	for _, pkg := range goList(t, "./...") {
		name := strings.TrimPrefix(pkg, module)
		if name == "internal/houserules" {
			continue
		}
		allowed, known := arrows[name]
		require.True(t, known, "package %s has no place in the architecture: see arrows", name)
		for _, imported := range goList(t, "-f", `{{join .Imports "\n"}}`, pkg) {
			imported = strings.TrimPrefix(imported, module)
			if first, _, _ := strings.Cut(imported, "/"); !strings.Contains(first, ".") && !isOurs(imported) {
				continue // the standard library
			}
			require.True(t, slices.Contains(allowed, imported), "%s must not import %s", name, imported)
		}
	}
}

func isOurs(name string) bool {
	_, ok := arrows[name]
	return ok || strings.HasPrefix(name, "internal/") && !strings.HasPrefix(name, "internal/abi")
}
