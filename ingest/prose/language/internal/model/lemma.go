package model

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Edit turns a form into its lemma: so many bytes are taken off its end, and Add is put there.
type Edit struct {
	Strip int
	Add   string
}

// Lemmas turns forms into dictionary forms: by a table where a word is irregular, else by the longest known ending.
type Lemmas struct {
	Forms   map[string]string // Penn tag, tab, form in lower case → lemma
	Endings map[string]Edit   // Penn tag, tab, ending → edit
}

// longestEnding is the number of bytes of the longest ending that rules look at.
const longestEnding = 6

// Of returns the lemma of a form with a Penn tag. Names keep their letters, other words are in lower case.
func (l *Lemmas) Of(form, tag string) string {
	if len(form) > longest {
		return form
	}
	low := Normal(form)
	if strings.ContainsAny(low, "0") {
		low = strings.ToLower(form) // Normal hides figures
	}
	name := strings.HasPrefix(tag, "NNP")
	if lemma, ok := l.Forms[tag+"\t"+low]; ok && !name {
		return lemma
	}
	base := low
	if name {
		base = form
	}
	for n := min(longestEnding, len(low)); n >= 0; n-- {
		if e, ok := l.Endings[tag+"\t"+low[len(low)-n:]]; ok && e.Strip <= len(base) {
			return base[:len(base)-e.Strip] + e.Add
		}
	}
	return base
}

// Seen is a form with its tag and lemma, and how often a treebank has them.
type Seen struct {
	Form, Tag, Lemma string
	Count            int
}

// LearnLemmas makes the rules and the table from what was seen; what the rules get wrong goes into the table.
func LearnLemmas(seen []Seen) *Lemmas {
	l := &Lemmas{Forms: map[string]string{}, Endings: map[string]Edit{}}
	votes := map[string]map[Edit]int{}
	best := map[string]Seen{}
	for _, s := range seen {
		key := s.Tag + "\t" + strings.ToLower(s.Form)
		if b, ok := best[key]; !ok || s.Count > b.Count {
			best[key] = s
		}
	}
	for key, s := range best {
		low := strings.ToLower(s.Form)
		e := edit(low, strings.ToLower(s.Lemma))
		tag, _, _ := strings.Cut(key, "\t")
		for n := 0; n <= min(longestEnding, len(low)); n++ {
			end := tag + "\t" + low[len(low)-n:]
			if votes[end] == nil {
				votes[end] = map[Edit]int{}
			}
			votes[end][e]++
		}
	}
	ends := make([]string, 0, len(votes))
	for end := range votes {
		ends = append(ends, end)
	}
	slices.SortFunc(ends, func(a, b string) int { return cmp.Or(len(a)-len(b), cmp.Compare(a, b)) })
	for _, end := range ends {
		e, n, all := winner(votes[end])
		tag, ending, _ := strings.Cut(end, "\t")
		if ending != "" && (n < 3 || 10*n < 6*all || e == l.shorter(tag, ending)) {
			continue
		}
		l.Endings[end] = e
	}
	for _, key := range slices.Sorted(maps.Keys(best)) { // in order: two spellings of one form share a row of the table
		s := best[key]
		if lemma := strings.ToLower(s.Lemma); l.Of(strings.ToLower(s.Form), s.Tag) != lemma && !strings.HasPrefix(s.Tag, "NNP") {
			l.Forms[key] = lemma
		}
	}
	return l
}

// shorter is the edit of the longest ending that is known and shorter than this one.
func (l *Lemmas) shorter(tag, ending string) Edit {
	for n := len(ending) - 1; n >= 0; n-- {
		if e, ok := l.Endings[tag+"\t"+ending[len(ending)-n:]]; ok {
			return e
		}
	}
	return Edit{Strip: -1}
}

func winner(votes map[Edit]int) (best Edit, n, all int) {
	for e, k := range votes {
		all += k
		if k > n || k == n && (e.Strip < best.Strip || e.Strip == best.Strip && e.Add < best.Add) {
			best, n = e, k
		}
	}
	return best, n, all
}

func edit(form, lemma string) Edit {
	p := 0
	for p < len(form) && p < len(lemma) && form[p] == lemma[p] {
		p++
	}
	return Edit{Strip: len(form) - p, Add: lemma[p:]}
}
