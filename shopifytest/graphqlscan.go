package shopifytest

import (
	"fmt"
	"regexp"
	"strings"
)

// tokenPattern is one lexical token of GraphQL (https://spec.graphql.org, section 2.1).
var tokenPattern = regexp.MustCompile(`^(?:"""(?s:.*?)"""|"(?:[^"\\\n]|\\.)*"|\.\.\.|[A-Za-z_][A-Za-z0-9_]*|-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|[!$&()\[\]{}:=@|])`)

type graphQLToken struct {
	text         string
	line, column int
}

// scanGraphQL splits a document into tokens; commas and comments are blanks.
func scanGraphQL(text string) ([]graphQLToken, error) {
	var tokens []graphQLToken
	line, start := 1, 0
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == '\n':
			line, start = line+1, i+1
			i++
		case c == ' ' || c == '\t' || c == '\r' || c == ',':
			i++
		case c == '#':
			if n := strings.IndexByte(text[i:], '\n'); n >= 0 {
				i += n
			} else {
				i = len(text)
			}
		default:
			t := tokenPattern.FindString(text[i:])
			if t == "" {
				return nil, fmt.Errorf("unexpected character at [%d, %d]", line, i-start+1)
			}
			tokens = append(tokens, graphQLToken{t, line, i - start + 1})
			i += len(t)
			line += strings.Count(t, "\n")
		}
	}
	return tokens, nil
}
