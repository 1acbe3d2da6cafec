//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package main_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	main "github.com/shopifysession/toolkit/examples/shopify-app"
)

func TestSecondCopyOnOneDatabase(t *testing.T) {
	t.Parallel()
	db := filepath.Join(t.TempDir(), "app.db")
	first := start(t, 2, nil, "-db", db)
	var out, bad text
	require.Equal(t, 1, main.Run(t.Context(), append([]string{"-db", db}, anywhere...), environment(nil), &out, &bad))
	require.Contains(t, bad.String(), "another copy of this program uses the database")
	require.Equal(t, 0, first.stop())
	require.Equal(t, 0, start(t, 2, nil, "-db", db).stop(), "and its end frees the database")
}
