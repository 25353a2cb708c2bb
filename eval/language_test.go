package eval_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"marque/ingest/prose/language"
	"marque/ingest/prose/language/treebank"
)

// attachment counts what a parser gets right on a treebank.
type attachment struct {
	words, tags, heads, rels, full, lemmas int
	gold, said, both                       map[string]int // arcs by relation
}

// measureTrees analyses the words of a treebank as its makers cut them.
func measureTrees(m *language.Model, set []treebank.Sentence) attachment {
	a := attachment{gold: map[string]int{}, said: map[string]int{}, both: map[string]int{}}
	for _, s := range set {
		forms := make([]string, len(s.Words))
		for i, w := range s.Words {
			forms[i] = w.Form
		}
		toks := language.Words(forms)
		m.Analyse(toks)
		for i, w := range s.Words {
			a.word(w, toks[i])
		}
	}
	return a
}

func (a *attachment) word(w treebank.Word, got language.Token) {
	a.words++
	if string(got.Tag) == w.UPOS {
		a.tags++
	}
	if strings.EqualFold(got.Lemma, w.Lemma) {
		a.lemmas++
	}
	a.gold[w.Rel]++
	a.said[got.Rel]++
	if got.Head != w.Head {
		return
	}
	a.heads++
	if plain(got.Rel) == plain(w.Rel) {
		a.rels++
	}
	if got.Rel == w.Rel {
		a.full++
		a.both[w.Rel]++
	}
}

// plain is a relation without its subtype, as the shared tasks of CoNLL count.
func plain(rel string) string {
	r, _, _ := strings.Cut(rel, ":")
	return r
}

func (a *attachment) share(n int) float64 { return float64(n) / float64(max(1, a.words)) }

func (a *attachment) f1(rel string) float64 { return f1(a.both[rel], a.said[rel], a.gold[rel]) }

func f1(both, said, gold int) float64 { return 2 * float64(both) / float64(max(1, said+gold)) }

// languageGates are what each treebank must show: tags, heads, heads with relations.
var languageGates = map[string][3]float64{
	"EWT, test":  {.950, .840, .800},
	"GUM, news":  {.955, .830, .795},
	"GUM, other": {.955, .845, .805},
}

// TestLanguage measures tags and trees on sentences that were not learned, and names on reports that were not.
func TestLanguage(t *testing.T) {
	data := os.Getenv("MARQUE_DATA")
	if data == "" {
		t.Skip("MARQUE_DATA is not set: there is nothing to measure on")
	}
	m, err := language.Load()
	if err != nil {
		t.Fatal(err)
	}
	open := func(name string) []treebank.Sentence {
		s, err := treebank.Open(filepath.Join(data, "treebank", name+".conllu.gz"))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	news := func(s treebank.Sentence) bool { return strings.HasPrefix(s.Document, "GUM_news") }
	gum := open("gum-test")
	sets := []struct {
		name string
		set  []treebank.Sentence
	}{
		{"EWT, dev", open("ewt-dev")},
		{"EWT, test", open("ewt-test")},
		{"GUM, news", slices.DeleteFunc(slices.Clone(gum), func(s treebank.Sentence) bool { return !news(s) })},
		{"GUM, other", slices.DeleteFunc(slices.Clone(gum), news)},
	}
	var b strings.Builder
	b.WriteString("## Language: tags, trees, names\n\nTags are universal parts of speech; UAS is the share of words with the right head, LAS of those whose relation is right too,\n" +
		"without subtypes as the shared tasks count, with subtypes in the next column. Words are cut as the treebank has them; marks count.\n" +
		"Learned on EWT and GUM train, chosen on EWT dev; test and GUM's test documents decided nothing.\n\n" +
		"| treebank | words | tags | UAS | LAS | LAS, subtypes | lemmas | gates |\n|---|---|---|---|---|---|---|---|\n")
	core := attachment{gold: map[string]int{}, said: map[string]int{}, both: map[string]int{}}
	for _, s := range sets {
		a := measureTrees(m, s.set)
		tags, uas, las := a.share(a.tags), a.share(a.heads), a.share(a.rels)
		gate, gated := languageGates[s.name]
		gates := "–"
		if gated {
			gates = fmt.Sprintf("%.3f, %.3f, %.3f", gate[0], gate[1], gate[2])
			if tags < gate[0] || uas < gate[1] || las < gate[2] {
				t.Errorf("%s: tags %.3f, UAS %.3f, LAS %.3f under the gate %v", s.name, tags, uas, las, gate)
			}
			core.add(a)
		}
		fmt.Fprintf(&b, "| %s | %d | **%.3f** | **%.3f** | **%.3f** | %.3f | %.3f | %s |\n", s.name, a.words, tags, uas, las, a.share(a.full), a.share(a.lemmas), gates)
	}
	b.WriteString("\nArcs that say who did what, on the three test sets together (head and relation right):\n\n| relation | in the treebank | F1 |\n|---|---|---|\n")
	for _, rel := range []string{"nsubj", "obj", "nsubj:pass", "obl:agent", "obl", "conj", "appos", "acl:relcl", "xcomp", "ccomp", "advcl"} {
		fmt.Fprintf(&b, "| %s | %d | %.3f |\n", rel, core.gold[rel], core.f1(rel))
	}
	namesSection(t, &b, m, data)
	t.Log("\n" + b.String())
	writeSection(t, "language", b.String())
}

func (a *attachment) add(b attachment) {
	for rel, n := range b.gold {
		a.gold[rel] += n
	}
	for rel, n := range b.said {
		a.said[rel] += n
	}
	for rel, n := range b.both {
		a.both[rel] += n
	}
}

// nameGates are the F1 that names must reach in the reports held out.
var nameGates = map[string]float64{"GROUP": .67, "MALWARE": .63}

// namesSection measures names on the reports of AnnoCTR that were kept from training, span and kind both right.
func namesSection(t *testing.T, b *strings.Builder, m *language.Model, data string) {
	docs, err := treebank.OpenNames(filepath.Join(data, "annoctr", "train.bio.gz"))
	if err != nil {
		t.Fatal(err)
	}
	labels := map[language.NameKind]string{
		language.Group: "GROUP", language.Malware: "MALWARE", language.Tool: "TOOL",
		language.Organisation: "ORG", language.Location: "LOC", language.Sector: "SECTOR",
	}
	gold, said, both := map[string]int{}, map[string]int{}, map[string]int{}
	held := 0
	for i, d := range docs {
		if !treebank.HeldOut(i) {
			continue
		}
		held++
		marked := map[treebank.Span]bool{}
		for _, s := range d.Spans {
			marked[s] = true
			gold[s.Kind]++
		}
		for _, x := range m.Mentions(m.Read(d.Text), nil) {
			kind := labels[x.Kind]
			said[kind]++
			if marked[treebank.Span{Start: x.Start, End: x.End, Kind: kind}] {
				both[kind]++
			}
		}
	}
	fmt.Fprintf(b, "\nNames in %d reports of AnnoCTR that were kept from training (every fourth of %d in the order of the file), span and kind both right:\n\n"+
		"| kind | marked | precision | recall | F1 | gate |\n|---|---|---|---|---|---|\n", held, len(docs))
	for _, kind := range []string{"GROUP", "MALWARE", "TOOL", "ORG", "LOC", "SECTOR"} {
		f, gate := f1(both[kind], said[kind], gold[kind]), "–"
		if g, ok := nameGates[kind]; ok {
			gate = fmt.Sprintf("≥ %.2f", g)
			if f < g {
				t.Errorf("names of kind %s: F1 %.3f under the gate of %.2f", kind, f, g)
			}
		}
		fmt.Fprintf(b, "| %s | %d | %.3f | %.3f | **%.3f** | %s |\n", strings.ToLower(kind), gold[kind],
			float64(both[kind])/float64(max(1, said[kind])), float64(both[kind])/float64(max(1, gold[kind])), f, gate)
	}
}
