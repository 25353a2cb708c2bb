package main

import (
	"bytes"
	"strings"
	"testing"

	"marque/ingest/prose/language/internal/model"
	"marque/ingest/prose/language/treebank"
)

// bank is a treebank of three sentences, one of them with crossing arcs.
const bank = `# text = The group stole data.
1	The	the	DET	DT	_	2	det	_	_
2	group	group	NOUN	NN	_	3	nsubj	_	_
3	stole	steal	VERB	VBD	_	0	root	_	_
4	data	data	NOUN	NNS	_	3	obj	_	_
5	.	.	PUNCT	.	_	3	punct	_	_

# text = A bank was robbed.
1	A	a	DET	DT	_	2	det	_	_
2	bank	bank	NOUN	NN	_	4	nsubj:pass	_	_
3	was	be	AUX	VBD	_	4	aux:pass	_	_
4	robbed	rob	VERB	VBN	_	0	root	_	_
5	.	.	PUNCT	.	_	4	punct	_	_

# text = Groups came yesterday that stole.
1	Groups	group	NOUN	NNS	_	2	nsubj	_	_
2	came	come	VERB	VBD	_	0	root	_	_
3	yesterday	yesterday	NOUN	NN	_	2	obl:unmarked	_	_
4	that	that	PRON	WDT	_	5	nsubj	_	_
5	stole	steal	VERB	VBD	_	1	acl:relcl	_	_
6	.	.	PUNCT	.	_	2	punct	_	_

`

// learnBank makes a small model in the way that train does.
func learnBank(t *testing.T) (*model.Bundle, []example) {
	t.Helper()
	set, err := treebank.Read(strings.NewReader(strings.Repeat(bank, 4)))
	if err != nil {
		t.Fatal(err)
	}
	raw := make([][]string, len(set))
	for i, s := range set {
		raw[i] = forms(s)
	}
	fine, coarse := clusters(raw, 100, 4, 3), clusters(raw, 100, 2, 3)
	lex := inventory(set, fine, coarse)
	examples := prepare(lex, set)
	b := &model.Bundle{Lexicon: lex, Lemmas: lemmas(set), Labels: []string{"O"}, Mentions: model.Nothing(1)}
	b.Tags = trainTagger(lex, examples, 8, 12).Sparse(len(lex.Tags), 1, fit)
	jackknife(lex, examples, 2)
	b.Actions = model.Pack(fit, trainParser(examples, lex.Class, 8, 12, 0), trainParser(examples, lex.Class, 8, 12, 1))
	b.Rels = trainLabeller(examples, lex, 8, 12).Sparse(len(lex.Relations), 1, fit)
	return b, examples
}

func TestTrainingGivesTheSameBytesEachTime(t *testing.T) {
	var files [2]bytes.Buffer
	for i := range files {
		b, _ := learnBank(t)
		if err := b.Write(&files[i]); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(files[0].Bytes(), files[1].Bytes()) {
		t.Error("two trainings on the same data give different files")
	}
	again, err := model.Read(bytes.NewReader(files[0].Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	var rewritten bytes.Buffer
	if err := again.Write(&rewritten); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(files[0].Bytes(), rewritten.Bytes()) {
		t.Error("a model that is read and written again is another one")
	}
}

func TestWhatIsLearnedIsKnown(t *testing.T) {
	b, examples := learnBank(t)
	tagger := model.Tagger{Lexicon: b.Lexicon, Weights: b.Tags}
	parser := model.Parser{Weights: b.Actions, Width: 4}
	labeller := model.Labeller{Lexicon: b.Lexicon, Weights: b.Rels}
	for n, e := range examples[:2] {
		tagger.Tag(e.s)
		parser.Parse(e.s, b.Lexicon.Class)
		labeller.Label(e.s, b.Lexicon.Class)
		for i := range e.tags {
			if e.s.Tags[i] != e.tags[i] || e.s.Heads[i] != e.heads[i] || e.s.Rels[i] != e.rels[i] {
				t.Errorf("sentence %d, word %d: tag %d, head %d, relation %d; learned were %d, %d, %d",
					n, i, e.s.Tags[i], e.s.Heads[i], e.s.Rels[i], e.tags[i], e.heads[i], e.rels[i])
			}
		}
	}
	if got := b.Lemmas.Of("Stole", "VBD"); got != "steal" {
		t.Errorf("the lemma of Stole is %q", got)
	}
}

func TestCrossingArcsAreLifted(t *testing.T) {
	set, err := treebank.Read(strings.NewReader(bank))
	if err != nil {
		t.Fatal(err)
	}
	heads, rels := []int32{}, []string{}
	for _, w := range set[2].Words {
		heads, rels = append(heads, int32(w.Head)), append(rels, w.Rel)
	}
	if model.Gold(heads, rels) != nil {
		t.Fatal("a tree with crossing arcs has a sequence of actions")
	}
	h := lift(heads, rels)
	if h == nil || model.Gold(h, rels) == nil {
		t.Fatalf("lifted to %v, which still has no sequence of actions", h)
	}
}

func FuzzReadModel(f *testing.F) {
	f.Add([]byte("\x1f\x8b not a model"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := model.Read(bytes.NewReader(data)); err == nil {
			t.Skip("a whole model")
		}
	})
}
