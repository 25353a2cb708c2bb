package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"marque/eval"
	"marque/ingest/prose"
	"marque/ingest/prose/extract"
	"marque/ingest/prose/language"
	"marque/ingest/prose/predicate"
)

func main() {
	m, _ := language.Load()
	g, _ := prose.NewGazetteer()
	raw, _ := os.ReadFile("/work/shared/acceptance/prose-cases.yaml")
	if cs, err := eval.ParseCases(raw); err == nil && os.Getenv("CASES") != "" {
		g, _ = cs.Gazetteer()
	}
	rd, _ := extract.NewReader(g)
	sc := bufio.NewScanner(os.Stdin)
	for sc.Scan() {
		t := m.ReadNamed(sc.Text(), extract.Debug(rd))
		for si := range t.Sentences {
			toks := t.Sentences[si].Tokens
			for i, k := range toks {
				h := "ROOT"
				if k.Head >= 0 {
					h = toks[k.Head].Text
				}
				fmt.Printf("%s/%s/%s<%s ", k.Text, k.Fine, k.Rel, h)
				_ = i
			}
			fmt.Println()
			for _, p := range predicate.Sentence(toks) {
				var a []string
				for _, x := range p.Args {
					a = append(a, fmt.Sprintf("%v%s:%s", x.Role, x.Prep, toks[x.Head].Text))
				}
				fmt.Printf("   %v %s%s rel=%s neg=%v pass=%v under=%d [%s]\n", p.Class, p.Lemma, p.Particle, p.Relation, p.Negated, p.Passive, p.Under, strings.Join(a, " "))
			}
		}
		for _, c := range rd.Read(prose.Document{Name: "x", Text: "What follows was told in the course of the year.\n\n"+sc.Text()}).Claims {
			n := func(r []prose.Ref) (s string) {
				for _, x := range r {
					s += x.Name + "{" + x.Kind + "} + "
				}
				return
			}
			fmt.Printf("  => %s | %s | %s | %s | %s [%s %s]\n", c.Who.Name, n(c.Subject), c.Relation, n(c.Object), c.Stance, c.Rule, c.Why)
		}
	}
}
