package main

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"

	"marque/ingest/prose/language/internal/model"
	"marque/ingest/prose/language/treebank"
)

// example is a sentence of a treebank: what the models make of it and what is right.
type example struct {
	s     *model.Sentence
	tags  []uint8
	heads []int32
	rels  []uint8
	names []string // of the relations
}

func tagOf(w treebank.Word) string { return w.UPOS + "|" + w.XPOS }

func inventory(set []treebank.Sentence, fine, coarse map[string]uint16) *model.Lexicon {
	tags, rels, words := map[string]int{}, map[string]int{}, map[string]int{}
	for _, s := range set {
		for _, w := range s.Words {
			tags[tagOf(w)]++
			rels[w.Rel]++
			words[model.Normal(w.Form)]++
		}
	}
	entries := map[string]model.Entry{}
	for w, n := range words {
		if n >= 2 {
			entries[w] = model.Entry{Known: true}
		}
	}
	for w, c := range fine {
		e := entries[w]
		e.Fine, e.Coarse = c, coarse[w]
		entries[w] = e
	}
	sorted := func(m map[string]int) []string {
		var list []string
		for k, n := range m {
			if n >= 3 {
				list = append(list, k)
			}
		}
		slices.Sort(list)
		return list
	}
	return model.NewLexicon(sorted(tags), sorted(rels), entries)
}

func prepare(lex *model.Lexicon, set []treebank.Sentence) []example {
	var all []example
	for _, s := range set {
		forms := make([]string, len(s.Words))
		e := example{}
		for i, w := range s.Words {
			forms[i] = w.Form
			t := slices.Index(lex.Tags, tagOf(w))
			if t < 0 {
				t = max(0, slices.IndexFunc(lex.Tags, func(t string) bool { return strings.HasPrefix(t, w.UPOS+"|") }))
			}
			r := slices.Index(lex.Relations, w.Rel)
			if r < 0 {
				base, _, _ := strings.Cut(w.Rel, ":")
				r = max(0, slices.Index(lex.Relations, base))
			}
			e.tags = append(e.tags, uint8(t))
			e.rels = append(e.rels, uint8(r))
			e.names = append(e.names, w.Rel)
			e.heads = append(e.heads, int32(w.Head))
		}
		e.s = lex.NewSentence(forms)
		all = append(all, e)
	}
	return all
}

func order(n int, epoch uint64) []int {
	return rand.New(rand.NewPCG(20, epoch)).Perm(n)
}

// trainTagger learns tags word by word, each with the tags before it that the tagger itself gave. A part of the features of
// every sentence is left out, so that no single one (a rare word) is leant on.
func trainTagger(lex *model.Lexicon, set []example, epochs, bits int) *model.Learner {
	l := model.NewLearner(bits)
	scores := make([]int32, len(lex.Tags))
	rng := rand.New(rand.NewPCG(11, 11))
	drop := make([]bool, 64)
	for epoch := range epochs {
		for _, k := range order(len(set), uint64(epoch)) {
			e := set[k]
			for i := range drop {
				drop[i] = rng.Float64() < tagDropout
			}
			for i := range e.tags {
				rows := without(model.TagRows(e.s, i), drop)
				clear(scores)
				l.Add(rows, scores)
				b := model.Best(scores)
				if g := e.tags[i]; b != g {
					l.Update(rows, g, 1)
					l.Update(rows, b, -1)
				}
				e.s.Tags[i] = b
				l.Tick()
			}
		}
	}
	return l
}

// without drops the rows of the templates that are marked.
func without(rows []uint32, drop []bool) []uint32 {
	kept := rows[:0]
	for i, r := range rows {
		if !drop[i] {
			kept = append(kept, r)
		}
	}
	return kept
}

// jackknife tags each part of the set with a tagger that has not seen it.
func jackknife(lex *model.Lexicon, set []example, parts int) {
	var wg sync.WaitGroup
	gate := make(chan bool, 2)
	for k := range parts {
		wg.Go(func() {
			gate <- true
			defer func() { <-gate }()
			var in []example
			for i, e := range set {
				if i*parts/len(set) != k {
					c := *e.s
					c.Tags = slices.Clone(c.Tags)
					in = append(in, example{&c, e.tags, e.heads, e.rels, e.names})
				}
			}
			l := trainTagger(lex, in, 3, 20)
			t := &model.Tagger{Lexicon: lex, Weights: l.Sparse(len(lex.Tags), 1, fit)}
			for i, e := range set {
				if i*parts/len(set) == k {
					t.Tag(e.s)
				}
			}
		})
	}
	wg.Wait()
}

// lift makes a tree projective by moving words to the head of their head (Nivre and Nilsson 2005).
func lift(heads []int32, rels []string) []int32 {
	h := slices.Clone(heads)
	for model.Gold(h, rels) == nil {
		best, size := -1, 1<<30
		for i, g := range h {
			if g < 0 {
				continue
			}
			lo, hi := min(int32(i), g), max(int32(i), g)
			crossed := false
			for j := lo + 1; j < hi && !crossed; j++ {
				crossed = h[j] < lo || h[j] > hi
			}
			if crossed && int(hi-lo) < size {
				best, size = i, int(hi-lo)
			}
		}
		if best < 0 {
			return nil
		}
		if h[h[best]] < 0 {
			return nil
		}
		h[best] = h[h[best]]
	}
	return h
}

// trainParsers learns parsers that differ only in the order of the sentences and in what each sentence leaves out.
func trainParsers(set []example, class func(uint8) uint32, n int) []*model.Dense {
	parsers := make([]*model.Dense, n)
	var wg sync.WaitGroup
	for k := range parsers {
		own := slices.Clone(set)
		wg.Go(func() { parsers[k] = trainParser(own, class, parserEpochs, parserBits, uint64(k)) })
	}
	wg.Wait()
	return parsers
}

func trainParser(set []example, class func(uint8) uint32, epochs, bits int, seed uint64) *model.Dense {
	l := model.NewDense(bits)
	p := &model.Parser{Weights: l, Width: parserWidth}
	golds := make([][]uint8, len(set))
	for i, e := range set {
		if h := lift(e.heads, e.names); h != nil {
			golds[i] = model.Gold(h, e.names)
		}
	}
	rng := rand.New(rand.NewPCG(7, 7+seed))
	drop := make([]bool, 256)
	for epoch := range epochs {
		for _, k := range order(len(set), 1000*seed+100+uint64(epoch)) {
			if golds[k] == nil {
				continue
			}
			for i := range drop {
				drop[i] = rng.Float64() < dropout
			}
			p.Learn(set[k].s, class, golds[k], drop, l.Update)
			l.Tick()
		}
	}
	return l
}

// trainLabeller learns relations on gold trees with tags as the tagger gives them.
func trainLabeller(set []example, lex *model.Lexicon, epochs, bits int) *model.Learner {
	l := model.NewLearner(bits)
	scores := make([]int32, len(lex.Relations))
	for epoch := range epochs {
		for _, k := range order(len(set), 200+uint64(epoch)) {
			e := set[k]
			s := *e.s
			s.Heads = e.heads
			model.Walk(&s, lex.Class, func(i int, rows []uint32) {
				clear(scores)
				l.Add(rows, scores)
				b := model.Best(scores)
				if g := e.rels[i]; b != g {
					l.Update(rows, g, 1)
					l.Update(rows, b, -1)
				}
				s.Rels[i] = b
				l.Tick()
			})
		}
	}
	return l
}

func lemmas(set []treebank.Sentence) *model.Lemmas {
	counts := map[model.Seen]int{}
	for _, s := range set {
		for _, w := range s.Words {
			if w.Lemma != "_" {
				counts[model.Seen{Form: w.Form, Tag: w.XPOS, Lemma: w.Lemma}]++
			}
		}
	}
	seen := make([]model.Seen, 0, len(counts))
	for s, n := range counts {
		s.Count = n
		seen = append(seen, s)
	}
	slices.SortFunc(seen, func(a, b model.Seen) int {
		return cmp.Or(cmp.Compare(a.Tag, b.Tag), cmp.Compare(a.Form, b.Form), cmp.Compare(a.Lemma, b.Lemma))
	})
	return model.LearnLemmas(seen)
}
