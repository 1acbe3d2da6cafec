package storagetest

import (
	"testing"

	"github.com/shopifysession/toolkit/shopifysession"
)

// TB is what the recorder of the tests stands in for.
type TB = tb

// Case is a case of the suite, or of the law of decorators, for the tests.
type Case struct {
	Name, Sentence string
	rule           testCase
}

func exported(rules []testCase) []Case {
	var out []Case
	for _, rule := range rules {
		out = append(out, Case{rule.name, rule.sentence, rule})
	}
	return out
}

// Cases returns the suite.
func Cases() []Case { return exported(cases()) }

// DecoratorCases returns the law of decorators for one of them.
func DecoratorCases(with shopifysession.Decorator) []Case { return exported(decoratorCases(with)) }

// Run runs the case on a recorder.
func (c Case) Run(r TB, t *testing.T, open func(t *testing.T) shopifysession.SessionStorage, opts ...Option) {
	runCase(r, t, c.rule, open, newConfig(opts))
}

// OverFull and OverMinimal return what RunDecorator puts the decorator around.
func OverFull(with shopifysession.Decorator) func(*testing.T) shopifysession.SessionStorage {
	return func(*testing.T) shopifysession.SessionStorage { return with(newFull()) }
}

// OddIDs are the ids of the suite.
var OddIDs = oddIDs
