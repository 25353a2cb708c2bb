package pattern

import (
	"regexp/syntax"
	"slices"
	"unicode/utf8"
)

// Limits of the texts that are kept for a part of a regular expression: how many, and of how many bytes.
const (
	maxExact     = 16
	maxExactText = 64
)

// literals is what is known of the text that a regular expression matches: that it is one of a few (anchors have no text), or
// else what it contains. All of it is folded. This is how RE2 and Code Search filter documents (R. Cox, "Regular Expression
// Matching with a Trigram Index", 2012).
type literals struct {
	exact    []string // nil: not known
	contains demand
}

func (l literals) demand() demand {
	if l.exact != nil {
		return oneOf(l.exact)
	}
	return l.contains
}

// regexDemand is what a value must contain for a regular expression to match it. One that does not compile demands nothing.
func regexDemand(source string) demand {
	if !utf8.ValidString(source) {
		return demand{}
	}
	if plain, ok := plainText(source); ok {
		return oneOf([]string{foldText(plain.text)})
	}
	tree, _, err := parseRegex(source)
	if err != nil {
		return demand{}
	}
	return literalsOf(tree).demand()
}

func literalsOf(re *syntax.Regexp) literals {
	switch re.Op {
	case syntax.OpEmptyMatch, syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText,
		syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return literals{exact: []string{""}}
	case syntax.OpLiteral:
		return literals{exact: []string{foldText(string(re.Rune))}}
	case syntax.OpCharClass:
		return classLiterals(re.Rune)
	case syntax.OpCapture:
		return literalsOf(re.Sub[0])
	case syntax.OpQuest:
		if sub := literalsOf(re.Sub[0]); sub.exact != nil && len(sub.exact) < maxExact {
			return literals{exact: union(sub.exact, []string{""})}
		}
	case syntax.OpPlus:
		return literals{contains: literalsOf(re.Sub[0]).demand()}
	case syntax.OpRepeat:
		if re.Min > 0 {
			return literals{contains: literalsOf(re.Sub[0]).demand()}
		}
	case syntax.OpConcat:
		return concatLiterals(re.Sub)
	case syntax.OpAlternate:
		return alternateLiterals(re.Sub)
	}
	return literals{}
}

// classLiterals are the characters of a class that has few of them, as pairs of first and last.
func classLiterals(ranges []rune) literals {
	exact := []string{}
	for i := 0; i+1 < len(ranges); i += 2 {
		if int(ranges[i+1]-ranges[i])+len(exact) >= maxExact {
			return literals{}
		}
		for r := ranges[i]; r <= ranges[i+1]; r++ {
			exact = union(exact, []string{string(foldRune(r))})
		}
	}
	return literals{exact: exact}
}

// concatLiterals joins the texts of neighbours as long as there are few.
func concatLiterals(subs []*syntax.Regexp) literals {
	run, all := []string{""}, []demand{}
	exact := true
	for _, sub := range subs {
		l := literalsOf(sub)
		if joined, ok := product(run, l.exact); ok {
			run = joined
			continue
		}
		exact = false
		all = append(all, oneOf(run))
		if run = l.exact; run == nil {
			all = append(all, l.contains)
			run = []string{""}
		}
	}
	if exact {
		return literals{exact: run}
	}
	return literals{contains: demand{op: demandAll, of: append(all, oneOf(run))}}
}

func alternateLiterals(subs []*syntax.Regexp) literals {
	exact, one := []string{}, demand{op: demandOne}
	for _, sub := range subs {
		l := literalsOf(sub)
		one.of = append(one.of, l.demand())
		if l.exact == nil || exact == nil {
			exact = nil
			continue
		}
		if exact = union(exact, l.exact); len(exact) > maxExact {
			exact = nil
		}
	}
	if exact != nil {
		return literals{exact: exact}
	}
	return literals{contains: one}
}

// product gives each text of a followed by each of b, unless these become too many or too long.
func product(a, b []string) ([]string, bool) {
	if b == nil || len(a)*len(b) > maxExact {
		return nil, false
	}
	out := []string{}
	for _, x := range a {
		for _, y := range b {
			if len(x) > 0 && len(y) > 0 && len(x)+len(y) > maxExactText {
				return nil, false
			}
			out = append(out, x+y)
		}
	}
	slices.Sort(out)
	return slices.Compact(out), true
}

func union(a, b []string) []string {
	out := slices.Concat(a, b)
	slices.Sort(out)
	out = slices.Compact(out)
	if out == nil {
		out = []string{}
	}
	return out
}
