package screen

import (
	"cmp"
	"slices"

	"marque/ingest/sanctions"
)

// Query is who is asked for. Only Name must be set.
type Query struct {
	Name string         `json:"name"`
	Kind sanctions.Kind `json:"kind,omitempty"`
	// Born, BirthPlace and Nationalities raise or sink what the name finds.
	Born          sanctions.Date `json:"born,omitzero"`
	BirthPlace    string         `json:"birth_place,omitempty"`
	Nationalities []string       `json:"nationalities,omitempty"`
}

// Options bound what a search gives.
type Options struct {
	// Limit is the most subjects; 0 is 5.
	Limit int
	// Least is the least score; 0 is 0.5.
	Least float64
}

// Hit is a subject that a name may mean.
type Hit struct {
	Subject *sanctions.Subject `json:"-"`
	// Name is the one of its names that met best.
	Name sanctions.Name `json:"name"`
	// Score is the names' score after what is known of the person; Grade says what to make of it.
	Score float64 `json:"score"`
	Grade Grade   `json:"grade"`
	// Names says how the names met, Facts how birth and nationality did.
	Names Result `json:"names"`
	Facts []Fact `json:"facts,omitempty"`

	nameID int32
}

// searcher is the memory of one search, kept for the next.
type searcher struct {
	ix      *Index
	scores  []float32 // by name
	touched []int32
	seen    []bool    // by word of the vocabulary
	worth   []float32 // by word of the vocabulary, in raise
	heap    []candidate
	m       matcher
	long    int // from which a list of names is long
}

type near struct {
	word  int32
	score float32
}

type candidate struct {
	name  int32
	score float32
}

func newSearcher(ix *Index) *searcher {
	return &searcher{
		ix: ix, scores: make([]float32, len(ix.names)), seen: make([]bool, len(ix.vocab)), worth: make([]float32, len(ix.vocab)),
		long: max(longPosting, len(ix.names)/longPart),
	}
}

const (
	// maxCandidates is how many names are compared in full.
	maxCandidates = 48
	// hopeless is the part of a score that an estimate must reach: initials and words written together are not in it.
	hopeless = .6
	// A word of more than longPosting names, and of more than one in longPart, brings up none by itself, as long as rarer ones did.
	longPosting = 200
	longPart    = 200
	// maxNear is how many words of the vocabulary one word of the question may stand for.
	maxNear = 64
)

// Search finds the subjects that a name may mean, the likeliest first.
func (ix *Index) Search(q Query, o Options) []Hit {
	if o.Limit == 0 {
		o.Limit = 5
	}
	if o.Least == 0 {
		o.Least = .5
	}
	s := ix.searcher()
	defer ix.giveBack(s)
	return s.search(q, o)
}

// searcher takes one that is free, so that what it looked up serves again.
func (ix *Index) searcher() *searcher {
	ix.mu.Lock()
	defer ix.mu.Unlock()
	n := len(ix.free)
	if n == 0 {
		return newSearcher(ix)
	}
	s := ix.free[n-1]
	ix.free = ix.free[:n-1]
	return s
}

func (ix *Index) giveBack(s *searcher) {
	ix.mu.Lock()
	defer ix.mu.Unlock()
	ix.free = append(ix.free, s)
}

func (s *searcher) search(q Query, o Options) []Hit {
	asked := []*Name{readWith(q.Name, q.Kind, s)}
	if (q.Kind == "" || q.Kind == sanctions.Unknown) && asked[0].kindly && !asked[0].evident {
		// What looks like a person's name may be a firm's, and the other way round.
		other := sanctions.Organisation
		if asked[0].Kind == sanctions.Organisation {
			other = sanctions.Person
		}
		if n := readWith(q.Name, other, s); !sameWords(n, asked[0]) {
			asked = append(asked, n)
		}
	}
	best := map[int32]found{}
	for _, n := range asked {
		for i := range n.readings {
			s.ask(n, i, float32(o.Least), best)
		}
		for _, id := range s.ix.natives[n.native] {
			if n.native != "" {
				s.keep(best, id, found{score: 1, asked: n, name: id, native: true})
			}
		}
	}
	return s.hits(q, o, best)
}

// found is the best meeting of a subject so far.
type found struct {
	score   float32
	name    int32
	asked   *Name
	reading int
	native  bool
}

func (s *searcher) keep(best map[int32]found, name int32, f found) {
	id := s.ix.names[name].subject
	if old, ok := best[id]; !ok || f.score > old.score || f.score == old.score && f.name < old.name {
		best[id] = f
	}
}

// intern gives the vocabulary's word where it has it, so that a word that is the same is the same value.
func (s *searcher) intern(w word) *word {
	if w.raw == "" {
		w.raw = w.text
	}
	for _, id := range s.ix.byText[w.text] {
		if v := s.ix.vocab[id]; v.class == w.class && v.raw == w.raw && v.from == w.from && v.korean == w.korean {
			return v
		}
	}
	complete(theLexicon(), &w)
	if w.class == plain {
		w.weight *= rarity(1, float64(max(len(s.ix.names), 1)))
	} else if w.class == org || w.class == place {
		for _, id := range s.ix.byText[w.text] {
			if v := s.ix.vocab[id]; v.class == w.class {
				w.weight = v.weight
				break
			}
		}
	}
	return &w
}

// ask compares one reading with the names that share words with it.
func (s *searcher) ask(n *Name, reading int, least float32, best map[int32]found) {
	words := n.readings[reading].words
	s.collect(words)
	slices.SortFunc(s.heap, func(a, b candidate) int {
		if worse(b, a) {
			return -1
		}
		return 1
	})
	top := least
	for _, c := range s.heap {
		// What shares so little cannot pass what is asked for, nor the best one by far.
		if c.score < top*hopeless {
			break
		}
		l := &s.ix.names[c.name]
		score := s.m.compare(words, l.words, weightsFor(n.Kind, l.kind))
		if l.kind != n.Kind && (l.kind == sanctions.Person || n.Kind == sanctions.Person) {
			score *= otherKind
			if n.evident {
				score *= evidentKind
			}
		}
		if score > 0 {
			s.keep(best, c.name, found{score: score, name: c.name, asked: n, reading: reading})
		}
		top = max(top, score*.8)
	}
}

// otherKind is what a name of a person loses against one of another kind.
const otherKind = .95

// evidentKind is what it loses besides, where the name that is asked for shows what it is.
const evidentKind = .85

// collect fills the heap with the names most worth comparing.
func (s *searcher) collect(words []*word) {
	ix := s.ix
	type term struct {
		near   []near
		weight float32
		names  int
	}
	terms := make([]term, 0, len(words))
	for i, w := range words {
		if !tells(w.class) || slices.Index(words, w) < i {
			continue
		}
		t := term{near: s.nearWords(w), weight: w.weight}
		for _, n := range t.near {
			t.names += len(ix.postings[n.word])
		}
		if t.names > 0 {
			terms = append(terms, t)
		}
	}
	if len(terms) == 0 {
		for _, w := range words {
			if n := s.nearWords(w); len(n) > 0 && w.class != stop {
				terms = append(terms, term{near: n, weight: w.weight})
			}
		}
	}
	slices.SortStableFunc(terms, func(a, b term) int { return cmp.Compare(a.names, b.names) })
	s.touched = s.touched[:0]
	add := func(name int32, v float32) {
		if s.scores[name] == 0 {
			s.touched = append(s.touched, name)
		}
		s.scores[name] += v
	}
	neighbours(words, func(h uint32, weight float32) {
		ix.joins.find(h, func(id int32) { add(id, weight) })
	})
	for _, w := range words {
		if w.class == plain && len(w.sound) >= leastRun {
			ix.joins.find(hash(w.sound, -1), func(id int32) { add(id, w.weight) })
		}
	}
	s.joinedWords(words, add)
	s.byAcronym(words, add)
	for i, t := range terms {
		if i > 0 && t.names > s.long && len(s.touched) >= maxCandidates {
			s.raise(t.near, t.weight)
			continue
		}
		for _, n := range t.near {
			v := t.weight * n.score
			for _, name := range ix.postings[n.word] {
				add(name, v)
			}
		}
	}
	s.best(words)
}

// raise adds what a common word is worth to the names that others brought up, without bringing up more.
func (s *searcher) raise(words []near, weight float32) {
	for _, n := range words {
		s.worth[n.word] = weight * n.score
	}
	for _, name := range s.touched {
		for _, w := range s.ix.names[name].words {
			s.scores[name] += s.worth[w.id]
		}
	}
	for _, n := range words {
		s.worth[n.word] = 0
	}
}

// tells says whether words of a class bring up names; the others are shared by too many to tell one.
func tells(c class) bool { return c == plain || c == org || c == place || c == number }

// joinedWords looks neighbouring words up as one: Bao Long as Baolong, Nur al-Din as Nureddin.
func (s *searcher) joinedWords(words []*word, add func(int32, float32)) {
	names := func(ids []int32, v float32) {
		for _, id := range ids {
			for _, name := range s.ix.postings[id] {
				add(name, v)
			}
		}
	}
	var buf [3 * maxWord]byte
	for i := range words {
		b := buf[:0]
		article, telling := false, 0
		var weight float32
		for j := i; j < min(i+3, len(words)); j++ {
			w := words[j]
			if parts(w) || len(b)+len(w.raw) > len(buf) {
				break
			}
			b = append(b, w.raw...)
			weight += w.weight
			if w.class == particle {
				article = true
			} else {
				telling++
			}
			if telling < 2 {
				continue
			}
			names(s.ix.byText[string(b)], weight)
			if words[i].korean {
				names(s.ix.byKorean[koreanKey(string(b))], weight*koreanScore)
			}
			if words[i].from == abjad || article {
				bones := skeleton(string(b))
				names(s.ix.byBones[bones], weight*consonantsScore)
				if sun := sunLetters(bones); sun != bones {
					names(s.ix.byBones[sun], weight*consonantsScore)
				}
			}
		}
	}
}

// byAcronym looks a short word up as the first letters of listed words, and the first letters of words as a listed word.
func (s *searcher) byAcronym(words []*word, add func(int32, float32)) {
	for _, w := range words {
		if mayBeAcronym(w) {
			s.ix.acronyms.find(hash(w.raw, -1), func(name int32) { add(name, 1.2) })
		}
	}
	acronyms(words, func(a string, _, _ int) {
		for _, id := range s.ix.byText[a] {
			for _, name := range s.ix.postings[id] {
				add(name, 1.2)
			}
		}
	})
}

// best keeps the candidates that share the most, by the part of both names that meets.
func (s *searcher) best(words []*word) {
	var total float32
	for _, w := range words {
		total += w.weight
	}
	s.heap = s.heap[:0]
	for _, name := range s.touched {
		shared := s.scores[name]
		s.scores[name] = 0
		c := candidate{name: name, score: estimate(shared, total, s.ix.names[name].weight)}
		if len(s.heap) < maxCandidates {
			s.heap = append(s.heap, c)
			up(s.heap)
		} else if worse(s.heap[0], c) {
			s.heap[0] = c
			down(s.heap)
		}
	}
}

// estimate guesses the score of a name from the weight that is shared, as compare would count it.
func estimate(shared, asked, listed float32) float32 {
	shared = min(shared, asked, listed)
	a, b := asked-shared, listed-shared
	return shared / (shared + min(a, b)*personCosts.both + (max(a, b)-min(a, b))*personCosts.one)
}

// worse orders candidates: by score, then the earlier name is better.
func worse(a, b candidate) bool { return a.score < b.score || a.score == b.score && a.name > b.name }

func up(h []candidate) {
	for i := len(h) - 1; i > 0; {
		p := (i - 1) / 2
		if !worse(h[i], h[p]) {
			return
		}
		h[i], h[p] = h[p], h[i]
		i = p
	}
}

func down(h []candidate) {
	for i := 0; ; {
		c := 2*i + 1
		if c >= len(h) {
			return
		}
		if c+1 < len(h) && worse(h[c+1], h[c]) {
			c++
		}
		if !worse(h[c], h[i]) {
			return
		}
		h[i], h[c] = h[c], h[i]
		i = c
	}
}

// nearWords finds the words of the vocabulary that a word may stand for.
func (s *searcher) nearWords(w *word) []near {
	ix := s.ix
	if w.id >= 0 {
		if n := ix.near[w.id].Load(); n != nil {
			return *n
		}
	}
	var out []near
	consider := func(id int32) {
		if s.seen[id] {
			return
		}
		s.seen[id] = true
		v := ix.vocab[id]
		if v == w {
			out = append(out, near{id, 1})
			return
		}
		if t := meet(w, v); t.score >= .55 {
			out = append(out, near{id, t.score})
		}
	}
	all := func(ids []int32) {
		for _, id := range ids {
			consider(id)
		}
	}
	var marked []int32
	mark := consider
	consider = func(id int32) {
		if !s.seen[id] {
			marked = append(marked, id)
		}
		mark(id)
	}
	all(ix.byText[w.text])
	if comparable(w.class) {
		for _, g := range w.groups {
			for _, m := range theLexicon().members[g] {
				all(ix.byText[m])
			}
		}
		if w.class != org {
			all(ix.bySound[w.sound])
			all(ix.byWade[w.text])
			if w.wade != "" {
				all(ix.byText[w.wade])
			}
			if w.korean {
				all(ix.byKorean[w.tune])
			}
		}
		if w.from == abjad || w.from == hebrew || len(w.bones) >= leastBones {
			all(ix.byBones[w.bones])
		}
		if w.from == abjad || w.from == hebrew {
			if len(w.bones) >= 4 {
				for i := range len(w.bones) {
					all(ix.byBones[w.bones[:i]+w.bones[i+1:]])
				}
			}
		}
		if !w.korean || w.from == latin {
			deletions(w.sound, func(h uint32) { ix.deletes.find(h, consider) })
			if w.raw != w.sound {
				deletions(w.raw, func(h uint32) { ix.deletes.find(h, consider) })
			}
		}
	}
	for _, id := range marked {
		s.seen[id] = false
	}
	if len(out) > maxNear {
		slices.SortFunc(out, func(a, b near) int {
			if c := cmp.Compare(b.score, a.score); c != 0 {
				return c
			}
			return cmp.Compare(a.word, b.word)
		})
		out = out[:maxNear]
	}
	if w.id >= 0 {
		out = slices.Clip(out)
		ix.near[w.id].Store(&out)
	}
	return out
}

func sameWords(a, b *Name) bool {
	return slices.EqualFunc(a.readings, b.readings, func(x, y reading) bool {
		return slices.EqualFunc(x.words, y.words, func(v, w *word) bool { return v.text == w.text && v.class == w.class })
	})
}

// hits turns what was found into hits, with reasons.
func (s *searcher) hits(q Query, o Options, best map[int32]found) []Hit {
	type scored struct {
		subject int32
		found
		facts []Fact
		total float64
	}
	all := make([]scored, 0, len(best))
	for id, f := range best {
		if float64(f.score) < o.Least-.15 {
			continue
		}
		facts := factsFor(q, s.ix.subjects[id])
		total := adjust(float64(f.score), facts)
		if total >= o.Least {
			all = append(all, scored{id, f, facts, total})
		}
	}
	slices.SortFunc(all, func(a, b scored) int {
		if c := cmp.Compare(b.total, a.total); c != 0 {
			return c
		}
		return cmp.Compare(a.subject, b.subject)
	})
	if len(all) > o.Limit {
		all = all[:o.Limit]
	}
	out := make([]Hit, len(all))
	for i, f := range all {
		sub := s.ix.subjects[f.subject]
		l := s.ix.names[f.name]
		out[i] = Hit{Subject: sub, Name: sub.Names[l.name], Score: f.total, Facts: f.facts, Grade: gradeOf(f.total), nameID: f.name}
		out[i].Names = s.explain(f.found, l)
	}
	return out
}

// explain tells how the names of a hit met.
func (s *searcher) explain(f found, l listed) Result {
	n := f.asked
	if f.native {
		return Result{Score: 1, Parts: []Part{{Asked: n.Text, Listed: n.Text, Way: Same, Score: 1}}}
	}
	text := s.ix.subjects[l.subject].Names[l.name].Full
	again := readWith(text, s.ix.subjects[l.subject].Kind, s)
	a := n.readings[f.reading]
	for _, b := range again.readings {
		if slices.Equal(b.words, l.words) {
			s.m.compare(a.words, b.words, weightsFor(n.Kind, l.kind))
			r := s.m.result(a, b, f.score)
			return r
		}
	}
	return Result{Score: float64(f.score)}
}
