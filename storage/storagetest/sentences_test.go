package storagetest_test

import (
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shopifysession/toolkit/storage/storagetest"
)

// comments returns the comments of a file of package shopifysession, each
// as one line.
func comments(t *testing.T, file string) []string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), filepath.Join("../../shopifysession", file), nil, parser.ParseComments)
	require.NoError(t, err)
	var out []string
	for _, group := range f.Comments {
		out = append(out, strings.Join(strings.Fields(group.Text()), " "))
	}
	return out
}

// TestCasesQuoteTheContract keeps suite and contract together: every case quotes
// a sentence that is there.
func TestCasesQuoteTheContract(t *testing.T) {
	t.Parallel()
	var all []string
	entries, err := os.ReadDir("../../shopifysession")
	require.NoError(t, err)
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".go") && !strings.HasSuffix(e.Name(), "_test.go") {
			all = append(all, comments(t, e.Name())...)
		}
	}
	contract := strings.Join(all, "\n")
	for _, c := range append(storagetest.Cases(), storagetest.DecoratorCases(withPass)...) {
		require.True(t, strings.Contains(contract, c.Sentence), "the case %s quotes what is not in the contract: %s", c.Name, c.Sentence)
	}
}

// TestEverySentenceHasACase: what the comments of the contract promise is
// enforced, apart from what no test of a storage can see.
func TestEverySentenceHasACase(t *testing.T) {
	t.Parallel()
	untestable := []string{
		"SessionStorage keeps sessions.",
		"It is the interface that an app's database implements",
		"Storages over callbacks and over tables of other programs can't refuse stale copies",
		"If it fails, some may be gone.",
		"fn must not do I/O and may run again even after its result was applied and the reply was lost.",
		"It reads where it writes, never from a replica.",
		"Migrate creates or upgrades what the storage needs",
	}
	quoted := map[string]bool{}
	for _, c := range storagetest.Cases() {
		quoted[c.Sentence] = true
	}
	capability := regexp.MustCompile(`^(Update|All|Len|Clear|Touch|DeleteExpired|Migrate|Store|Load|Delete|DeleteSessions|FindSessionsByShop) (calls fn|yields every session in|returns|removes|keeps|creates)`)
	texts := comments(t, "storage.go")
	for _, text := range comments(t, "optional.go") {
		if capability.MatchString(text) && !strings.Contains(text, ", if the storage is") && !strings.Contains(text, ", by walking") {
			texts = append(texts, text)
		}
	}
	require.Greater(t, len(texts), 10)
	for _, text := range texts {
		for _, sentence := range sentences(text) {
			covered := quoted[sentence]
			for _, prefix := range untestable {
				covered = covered || strings.HasPrefix(sentence, prefix)
			}
			require.True(t, covered, "no case enforces: %s", sentence)
		}
	}
}

var fullStop = regexp.MustCompile(`\. (?:[A-Z]|fn |old )`)

// sentences splits a comment into its sentences.
func sentences(text string) []string {
	var out []string
	for {
		at := fullStop.FindStringIndex(text)
		if at == nil {
			return append(out, text)
		}
		out = append(out, text[:at[0]+1])
		text = text[at[0]+2:]
	}
}
