package report

import (
	"fmt"
	"os"
	"testing"
)

func TestDebug(t *testing.T) {
	s := os.Getenv("S")
	if s == "" {
		t.Skip()
	}
	r, _ := NewReader(nil)
	rd := &reading{Reader: r, doc: Document{Text: s}, res: &Result{}}
	rd.d.people = map[string]Source{}
	toks := tokenize(s, 0, len(s))
	rd.tagSentence(toks)
	p := rd.parse(&sentence{0, len(s), 0, toks})
	for i, c := range p.chunks {
		k := []string{"NP", "VG", "PREP", "CONJ", "COMMA", "SUB", "REL", "ADV", "BREAK"}[c.kind]
		fmt.Printf("%2d %-5s %-40q", i, k, p.span(s, c.from, c.to))
		if c.kind == kVG {
			fmt.Printf(" lemma=%s pas=%v ing=%v inf=%v bare=%v red=%v subj=%d end=%d", c.word, c.passive, c.ing, c.inf, c.bare, p.reduced(i), p.subjectOf(i), p.clauseEnd(i))
		}
		if c.kind == kNP {
			fmt.Printf(" class=%x head=%s gov=%v", c.class, p.toks[c.head].text, p.governed(i))
		}
		fmt.Println()
	}
}
