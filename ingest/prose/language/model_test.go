package language_test

import (
	"crypto/sha256"
	"fmt"
	"os"
	"strings"
	"testing"

	"marque/ingest/prose/language"
)

func load(t testing.TB) *language.Model {
	t.Helper()
	m, err := language.Load()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// isTree checks that every token leads to one root.
func isTree(t *testing.T, toks []language.Token) {
	t.Helper()
	roots := 0
	for i, tok := range toks {
		if tok.Head < 0 {
			roots++
			if tok.Rel != "root" {
				t.Fatalf("the root %q is called %s", tok.Text, tok.Rel)
			}
			continue
		}
		steps := 0
		for k := i; toks[k].Head >= 0; k = toks[k].Head {
			if steps++; steps > len(toks) {
				t.Fatalf("token %d is in a circle", i)
			}
		}
	}
	if roots != 1 {
		t.Fatalf("%d roots in %d tokens", roots, len(toks))
	}
}

// headOf returns the head's text and the relation of the first token that is written so.
func headOf(t *testing.T, m *language.Model, text, word string) (string, string) {
	t.Helper()
	for _, s := range m.Read(text).Sentences {
		for _, tok := range s.Tokens {
			if tok.Text == word {
				if tok.Head < 0 {
					return "", tok.Rel
				}
				return s.Tokens[tok.Head].Text, tok.Rel
			}
		}
	}
	t.Fatalf("no %q in %q", word, text)
	return "", ""
}

func TestTrees(t *testing.T) {
	m := load(t)
	for _, c := range []struct{ text, word, head, rel string }{
		{"The group attacked two banks in May.", "group", "attacked", "nsubj"},
		{"The group attacked two banks in May.", "banks", "attacked", "obj"},
		{"The ministry was attacked by Russian hackers.", "ministry", "attacked", "nsubj:pass"},
		{"The ministry was attacked by Russian hackers.", "hackers", "attacked", "obl:agent"},
		{"The hackers entered the network and copied the files.", "copied", "entered", "conj"},
		{"Officials said that the attackers left in June.", "left", "said", "ccomp"},
	} {
		if head, rel := headOf(t, m, c.text, c.word); head != c.head || rel != c.rel {
			t.Errorf("%s: %q is %s of %q, want %s of %q", c.text, c.word, rel, head, c.rel, c.head)
		}
	}
}

func TestLemmas(t *testing.T) {
	m := load(t)
	for _, c := range []struct{ text, word, lemma string }{
		{"The attackers have stolen the keys.", "stolen", "steal"},
		{"The attackers have stolen the keys.", "attackers", "attacker"},
		{"They were seen in two countries.", "were", "be"},
		{"They were seen in two countries.", "countries", "country"},
		{"The group is exfiltrating files.", "exfiltrating", "exfiltrate"},
		{"Microsoft published the report.", "Microsoft", "Microsoft"},
	} {
		for _, tok := range m.Read(c.text).Sentences[0].Tokens {
			if tok.Text == c.word && tok.Lemma != c.lemma {
				t.Errorf("%s: the lemma of %q is %q, want %q", c.text, c.word, tok.Lemma, c.lemma)
			}
		}
	}
}

func TestAnyTokensGiveOneTree(t *testing.T) {
	m := load(t)
	for name, forms := range map[string][]string{
		"one": {"word"}, "marks": strings.Fields(strings.Repeat(") ( , ", 300)), "empty forms": {"", "", ""},
		"long": strings.Fields(strings.Repeat("that the group which said attacked ", 2_000)),
	} {
		t.Run(name, func(t *testing.T) {
			toks := language.Words(forms)
			m.Analyse(toks)
			isTree(t, toks)
		})
	}
}

func FuzzRead(f *testing.F) {
	f.Add("The group, which was seen in May, attacked (and sold) “data”.\n- a list\n")
	f.Add("\xff ) ) ( that that that . . . !")
	m := load(f)
	f.Fuzz(func(t *testing.T, text string) {
		parsed := m.Read(text)
		check(t, parsed)
		for _, s := range parsed.Sentences {
			isTree(t, s.Tokens)
		}
		for _, x := range m.Mentions(parsed, nil) {
			if x.Start >= x.End || x.Last > len(parsed.Sentences[x.Sentence].Tokens) {
				t.Fatalf("a name from %d to %d", x.Start, x.End)
			}
		}
	})
}

// TestModelIsTheOneThatWasMade holds the file against its checksum: a model that was changed or cut off is noticed here, not in its answers.
func TestModelIsTheOneThatWasMade(t *testing.T) {
	raw, err := os.ReadFile("data/model.bin")
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("data/model.sha256")
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprintf("%x", sha256.Sum256(raw)); got != strings.TrimSpace(string(want)) {
		t.Errorf("data/model.bin has the checksum %s, data/model.sha256 says %s", got, want)
	}
	if len(raw) > 7<<20 {
		t.Errorf("the model has %d bytes; the binary carries it", len(raw))
	}
}

func BenchmarkRead(b *testing.B) {
	m := load(b)
	text := strings.Repeat("The group, which researchers at Acme track as Storm-0000, attacked two ministries in May and stole data from them. ", 200)
	n := 0
	for _, s := range language.Split(text).Sentences {
		n += len(s.Tokens)
	}
	for b.Loop() {
		m.Read(text)
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "tokens/s")
}
