package report

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

func TestZZDump(t *testing.T) {
	f := os.Getenv("DUMP")
	if f == "" {
		t.Skip()
	}
	raw, _ := os.ReadFile(f)
	r, err := NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	res := r.Read(Document{Name: "x", Text: text})
	res2 := Result{}
	rd := &reading{Reader: r, doc: Document{Name: "x", Text: text}, res: &res2, seen: map[string]int{}, acts: map[string]int{}, followed: map[string]int{}}
	rd.d.people = map[string]Source{}
	rd.d.action = -1
	rd.paras = splitParagraphs(text, r.lx)
	rd.cut()
	rd.readNames()
	rd.readDates()
	rd.readObservables()
	rd.survey()
	fmt.Println("HOUSE", rd.house, "RETOLD", rd.retold, "PUB", rd.published, rd.year)
	for i := range rd.sents {
		p := rd.load(i)
		if p == nil {
			continue
		}
		fmt.Println("\n##", text[rd.sents[i].start:rd.sents[i].end])
		if os.Getenv("CH") != "" {
			for k, c := range p.chunks {
				x := ""
				if c.kind == kVG {
					s := p.subjectOf(k)
					x = fmt.Sprintf("<%s s=%d", c.word, s)
					if c.passive || p.reduced(k) {
						x += " pas"
					}
					x += ">"
				}
				kind := []string{"NP", "VG", "P", "CJ", ",", "SUB", "REL", "ADV", "BR"}[c.kind]
				cl := ""
				if c.kind == kNP {
					for n, v := range classNames {
						if v&(v-1) == 0 && c.class&v != 0 {
							cl += n[:3] + "."
						}
					}
				}
				fmt.Printf("%d%s[%s]%s%s ", k, kind, p.span(text, c.from, c.to), x, cl)
			}
			fmt.Println()
		}
		for _, c := range res.Claims {
			if c.Sentence == i {
				n := func(rs []Ref) string {
					var o []string
					for _, r := range rs {
						o = append(o, r.Name)
					}
					return strings.Join(o, " + ")
				}
				fmt.Printf("   => %s | %s | %s | %s | %s | %v [%s] {%s}\n", c.Who.Name, n(c.Subject), c.Relation, n(c.Object), c.Stance, c.Count, c.Rule, c.Purpose)
			}
		}
	}
}
