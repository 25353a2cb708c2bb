package pattern

import (
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Need is something that an observation must show to fit a bracketed expression: an object of a type that has a property at Path
// and, unless Text is empty, a string there whose folded form ([AppendFolded]) contains Text.
type Need struct {
	ObjectType string
	Path       string // canonical, without the type: hashes.'SHA-256'; empty: the object alone
	Text       string // folded
}

// Needs gives a condition that is necessary for taking part in a match: an observation that fits some bracketed expression meets one
// of the needs at least. None means that nothing fits. Where several texts have to be there (AND, the parts of a LIKE, the literals
// of a MATCHES), rarity tells which of them to ask for: higher is better, and above 0 is better than no text.
func (p *Program) Needs(rarity func(text string) int) []Need {
	n := needs{rarity}
	var out []Need
	for _, s := range p.singles {
		some, _ := n.comparison(s.Cond)
		out = append(out, some...)
	}
	return out
}

// never is the score of a comparison that nothing satisfies.
const never = math.MaxInt

type needs struct{ rarity func(string) int }

// comparison gives the needs of a comparison expression, one of which is met by every object that satisfies it, and how rare the
// most frequent of them is.
func (n needs) comparison(e ComparisonExpr) (list []Need, score int) {
	switch e := e.(type) {
	case *Group:
		return n.comparison(e.Inner)
	case *Logical:
		return n.logical(e)
	case *Test:
		if e.Op == OpExists && e.Negated {
			return []Need{{ObjectType: e.Path.Type}}, 0
		}
		path := e.Path.String()[len(e.Path.Type)+1:]
		texts, score := n.texts(demandOf(e))
		if score == 0 {
			return []Need{{ObjectType: e.Path.Type, Path: path}}, 0
		}
		for _, t := range texts {
			list = append(list, Need{e.Path.Type, path, t})
		}
		return list, score
	}
	return nil, never
}

func (n needs) logical(e *Logical) (list []Need, score int) {
	if e.Op == LogicOr {
		score = never
		for _, o := range e.Operands {
			some, s := n.comparison(o)
			list, score = append(list, some...), min(score, s)
		}
		return list, score
	}
	score = -1
	for _, o := range e.Operands {
		if some, s := n.comparison(o); s > score {
			list, score = some, s
		}
	}
	return list, score
}

// demand is what a value must contain: a text, all of several demands, one of several, or (the zero value) nothing.
type demand struct {
	op   demandOp
	text string
	of   []demand
}

type demandOp uint8

const (
	demandNothing demandOp = iota
	demandText
	demandAll
	demandOne
)

// oneOf demands one of some folded texts.
func oneOf(texts []string) demand {
	d := demand{op: demandOne}
	for _, t := range texts {
		if t == "" {
			return demand{}
		}
		d.of = append(d.of, demand{op: demandText, text: t})
	}
	return d
}

// texts picks from a demand a list of texts one of which a value must contain, and tells how rare the most frequent is; 0: there
// is no such list.
func (n needs) texts(d demand) (list []string, score int) {
	switch d.op {
	case demandText:
		return []string{d.text}, max(n.rarity(d.text), 1)
	case demandAll:
		for _, kid := range d.of {
			if some, s := n.texts(kid); s > score {
				list, score = some, s
			}
		}
		return list, score
	case demandOne:
		score = never
		for _, kid := range d.of {
			some, s := n.texts(kid)
			if s == 0 {
				return nil, 0
			}
			list, score = append(list, some...), min(score, s)
		}
		return list, score
	}
	return nil, 0
}

// demandOf is what a value must contain to satisfy a test.
func demandOf(t *Test) demand {
	bytes := slices.ContainsFunc(newSteps(t.Path.Steps), func(s step) bool { return s.means == hexBytes || s.means == base64Bytes })
	if t.Negated || bytes {
		return demand{}
	}
	switch t.Op {
	case OpEqual, OpIn:
		texts := make([]string, len(t.Values))
		for i, v := range t.Values {
			if v.Kind != LitString {
				return demand{}
			}
			texts[i] = string(AppendFolded(nil, []byte(v.Text)))
		}
		return oneOf(texts)
	case OpLike:
		d := demand{op: demandAll}
		for part := range strings.FieldsFuncSeq(nfc(t.Values[0].Text), func(r rune) bool { return r == '%' || r == '_' }) {
			d.of = append(d.of, demand{op: demandText, text: foldText(part)})
		}
		return d
	case OpMatches:
		return regexDemand(nfc(t.Values[0].Text))
	}
	return demand{}
}

// AppendFolded appends the form of a value in which texts of needs are looked for: in NFC, each character replaced by the one that
// stands for all which differ from it in case only, and bytes that are not UTF-8 by U+FFFD. ASCII becomes lower case.
func AppendFolded(dst, value []byte) []byte {
	for i, c := range value {
		if c >= utf8.RuneSelf {
			return appendFoldedText(dst[:len(dst)-i], norm.NFC.Bytes(value))
		}
		if c-'A' < 26 {
			c += 'a' - 'A'
		}
		dst = append(dst, c)
	}
	return dst
}

func appendFoldedText(dst, value []byte) []byte {
	for len(value) > 0 {
		r, n := utf8.DecodeRune(value)
		dst, value = utf8.AppendRune(dst, foldRune(r)), value[n:]
	}
	return dst
}

func foldText(s string) string { return string(appendFoldedText(nil, []byte(s))) }

// foldRune gives the least of the characters that differ in case only, in lower case where that is ASCII.
func foldRune(r rune) rune {
	least := r
	for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
		least = min(least, next)
	}
	if least-'A' < 26 && least >= 'A' {
		least += 'a' - 'A'
	}
	return least
}
