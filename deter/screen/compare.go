package screen

import (
	"slices"
	"strings"

	"marque/ingest/sanctions"
)

// Result is how well two names meet, and why.
type Result struct {
	// Score is 1 for the same name and 0 for names that have nothing in common.
	Score float64 `json:"score"`
	// Parts are the words that met.
	Parts []Part `json:"parts,omitempty"`
	// OnlyAsked and OnlyListed are the words that met nothing, in the name that was asked for and in the listed one.
	OnlyAsked  []string `json:"only_asked,omitempty"`
	OnlyListed []string `json:"only_listed,omitempty"`
	// Reading says how a name in Han or Hangul was read to meet ("pinyin", "Cantonese"); "" where there was no choice.
	Reading string `json:"reading,omitempty"`
	// Against names what makes a false friend likely: "another number", "another legal form", "father and son exchanged".
	Against []string `json:"against,omitempty"`
}

// Part is a pair of words that met.
type Part struct {
	Asked  string  `json:"asked"`
	Listed string  `json:"listed"`
	Way    Way     `json:"way"`
	Score  float64 `json:"score"`
}

// Compare compares two names that were read.
func Compare(asked, listed *Name) Result {
	if asked.native != "" && asked.native == listed.native {
		return Result{Score: 1, Parts: []Part{{Asked: asked.Text, Listed: listed.Text, Way: Same, Score: 1}}}
	}
	if r, ok := compareNative(asked, listed); ok {
		return r
	}
	var best Result
	var m matcher
	for _, a := range asked.readings {
		for _, b := range listed.readings {
			if s := m.compare(a.words, b.words, weightsFor(asked.Kind, listed.Kind)); float64(s) > best.Score || best.Parts == nil {
				best = m.result(a, b, s)
			}
		}
	}
	return best
}

// compareNative compares two names in Han or in Hangul by their own characters: what sounds alike is written apart there.
func compareNative(asked, listed *Name) (Result, bool) {
	if asked.native == "" || listed.native == "" || asked.Kind != sanctions.Person {
		return Result{}, false
	}
	l := theLexicon()
	s := l.scriptOf(firstRune(asked.native))
	if s != l.scriptOf(firstRune(listed.native)) || s != hanScript && s != hangulScript {
		return Result{}, false
	}
	read := func(n *Name) reading {
		var rd reading
		for _, c := range n.native {
			if c != ' ' {
				w := word{text: string(c), raw: string(c), class: number, weight: 1}
				rd.add(&w, string(c))
			}
		}
		return rd
	}
	a, b := read(asked), read(listed)
	var m matcher
	return m.result(a, b, m.compare(a.words, b.words, weightsFor(asked.Kind, listed.Kind))), true
}

// costs are what words cost that meet nothing, as parts of their weight.
type costs struct {
	both   float32 // in both names: they name different things
	one    float32 // in one name: it says more
	single float32 // in one name, where only one telling word met
	loss   float32 // what a pair that met lacks to 1
}

// The costs were chosen on the development half of the labelled pairs.
var (
	personCosts       = costs{both: 2, one: .35, single: 1.1, loss: 1.2}
	organisationCosts = costs{both: 1.8, one: .45, single: .9, loss: 1.2}
)

func weightsFor(a, b sanctions.Kind) costs {
	if a == sanctions.Person && b == sanctions.Person {
		return personCosts
	}
	return organisationCosts
}

// baseWeight is what a word tells by its class and length, before its rarity on a list is known.
func baseWeight(w *word) float32 {
	switch w.class {
	case org:
		return .45
	case place:
		return .6
	case legal:
		return .12
	case number:
		return .3
	case stop:
		return .04
	case particle:
		return .1
	case honorific:
		return .06
	case initial:
		return .3
	}
	if syllable(w) || w.korean {
		return .6
	}
	switch n := len(w.text); {
	case n <= 2:
		return .6
	case n == 3:
		return .8
	case n <= 7:
		return 1
	}
	return 1.1
}

// pairing is two words, or runs of words, that met.
type pairing struct {
	a, b   int8 // first words
	na, nb int8 // how many
	meeting
}

// matcher lays words against each other. It keeps its memory between comparisons.
type matcher struct {
	pairs, met   []pairing
	usedA, usedB [MaxWords]bool
	joined       []byte
	crossed      bool
	legalDiffer  bool
	numberDiffer bool
}

// compare scores two names; the pairs that met are in m.met afterwards.
func (m *matcher) compare(a, b []*word, c costs) float32 {
	m.lay(a, b)
	if c != personCosts {
		m.acronyms(a, b, &m.usedA, &m.usedB, false)
		m.acronyms(b, a, &m.usedB, &m.usedA, true)
	}
	if n := len(m.met); n < len(a) && n < max(len(b), 1)+longestRun {
		m.joinRuns(a, b, &m.usedA, &m.usedB, false)
	}
	if len(m.met) < len(b) {
		m.joinRuns(b, a, &m.usedB, &m.usedA, true)
	}
	var met, loss float32
	telling := 0
	for _, p := range m.met {
		w := (sum(a, p.a, p.na) + sum(b, p.b, p.nb)) / 2
		met += w * p.score
		loss += w * (1 - p.score)
		if cl := a[p.a].class; cl == plain || cl == org || cl == place {
			telling += int(max(p.na, p.nb))
		}
	}
	onlyA, onlyB := m.left(a, m.usedA[:len(a)]), m.left(b, m.usedB[:len(b)])
	if met == 0 {
		return 0
	}
	one := c.one
	if telling < 2 {
		one = c.single
	}
	lo, hi := min(onlyA, onlyB), max(onlyA, onlyB)
	score := met / (met + loss*c.loss + lo*c.both + (hi-lo)*one)
	m.doubts(a, b)
	if m.crossed {
		score *= .65
	}
	if m.legalDiffer {
		score *= .93
	}
	return score
}

func sum(ws []*word, first, n int8) float32 {
	var s float32
	for _, w := range ws[first : first+n] {
		s += w.weight
	}
	return s
}

func (m *matcher) left(ws []*word, used []bool) float32 {
	var s float32
	for i, w := range ws {
		if !used[i] {
			s += w.weight
		}
	}
	return s
}

// lay pairs words greedily, the best pairs first.
func (m *matcher) lay(a, b []*word) {
	m.met, m.pairs = m.met[:0], m.pairs[:0]
	m.usedA, m.usedB = [MaxWords]bool{}, [MaxWords]bool{}
	for i, w := range a {
		for j, v := range b {
			if !m.usedB[j] && w == v {
				m.usedA[i], m.usedB[j] = true, true
				m.met = append(m.met, pairing{int8(i), int8(j), 1, 1, meeting{1, Same}})
				break
			}
		}
	}
	for i, w := range a {
		if m.usedA[i] {
			continue
		}
		for j, v := range b {
			if m.usedB[j] {
				continue
			}
			if t := meet(w, v); t.score >= leastMeeting {
				m.pairs = append(m.pairs, pairing{int8(i), int8(j), 1, 1, t})
			}
		}
	}
	if len(m.pairs) == 0 {
		return
	}
	if len(m.pairs) > 1 {
		slices.SortStableFunc(m.pairs, func(p, q pairing) int {
			switch {
			case p.score > q.score:
				return -1
			case p.score < q.score:
				return 1
			}
			return abs8(p.a-p.b) - abs8(q.a-q.b)
		})
	}
	for _, p := range m.pairs {
		if !m.usedA[p.a] && !m.usedB[p.b] {
			m.usedA[p.a], m.usedB[p.b] = true, true
			m.met = append(m.met, p)
		}
	}
}

func abs8(n int8) int {
	if n < 0 {
		return int(-n)
	}
	return int(n)
}

const (
	longestRun  = 4
	leastRun    = 4 // letters of a word that stands for several
	leastJoined = .86
)

// joinRuns pairs runs of words of a that are left with one word of b: "Good Will" with "Goodwill". turned says that a is the listed name.
func (m *matcher) joinRuns(a, b []*word, usedA, usedB *[MaxWords]bool, turned bool) {
	target := false
	for j, v := range b {
		if comparable(v.class) && len(v.raw) >= leastRun && (!usedB[j] || m.likeness(j, turned)) {
			target = true
			break
		}
	}
	if !target {
		return
	}
	for i := range a {
		for n := longestRun; n >= 2; n-- {
			if i+n > len(a) || !m.free(a[i:i+n], usedA[i:i+n]) {
				continue
			}
			m.joined = m.joined[:0]
			for _, w := range a[i : i+n] {
				m.joined = append(m.joined, w.raw...)
			}
			for j, v := range b {
				if usedB[j] && !m.weak(j, i, n, turned) || !comparable(v.class) ||
					abs(len(v.raw)-len(m.joined)) > 1 && a[i].from != abjad && v.from != abjad {
					continue
				}
				s := joinedScore(string(m.joined), v, a[i:i+n])
				if s < leastJoined {
					continue
				}
				m.part(j, turned)
				for k := i; k < i+n; k++ {
					usedA[k] = true
				}
				usedB[j] = true
				p := pairing{int8(i), int8(j), int8(n), 1, meeting{s, Joined}}
				if turned {
					p = pairing{int8(j), int8(i), 1, int8(n), meeting{s, Joined}}
				}
				m.met = append(m.met, p)
				break
			}
		}
	}
}

// acronymScore is for a word that is the first letters of others.
const acronymScore = .8

// acronyms pairs a word of b that is left with a run of a whose first letters it is.
func (m *matcher) acronyms(a, b []*word, usedA, usedB *[MaxWords]bool, turned bool) {
	if len(a) < leastAcronym {
		return
	}
	for j, v := range b {
		if usedB[j] || !mayBeAcronym(v) {
			continue
		}
		acronyms(a, func(s string, first, n int) {
			if usedB[j] || s != v.raw || slices.Contains(usedA[first:first+n], true) {
				return
			}
			for k := first; k < first+n; k++ {
				usedA[k] = true
			}
			usedB[j] = true
			p := pairing{int8(first), int8(j), int8(n), 1, meeting{acronymScore, Acronym}}
			if turned {
				p = pairing{int8(j), int8(first), 1, int8(n), meeting{acronymScore, Acronym}}
			}
			m.met = append(m.met, p)
		})
	}
}

// joinedScore compares words written together with one word.
func joinedScore(joined string, v *word, run []*word) float32 {
	if joined == v.raw {
		return .98
	}
	if v.korean || run[0].korean {
		if koreanKey(joined) == koreanKey(v.text) {
			return koreanScore
		}
	}
	if v.from == abjad || run[0].from == abjad || slices.ContainsFunc(run, func(w *word) bool { return w.class == particle }) {
		if s := skeleton(joined); len(s) > 2 && (s == v.bones || sunLetters(s) == sunLetters(v.bones)) {
			return consonantsScore
		}
	}
	if soundKey(joined) == v.sound {
		return .94
	}
	if wade := v.wade; wade != "" && wade == joined {
		return wadeScore
	}
	return slip(joined, v.raw) - .02
}

// sunLetters drops the l of an article before a letter that takes it over: Siraj al-Din is said Sirajuddin.
func sunLetters(bones string) string {
	var b strings.Builder
	for i := 0; i < len(bones); i++ {
		if bones[i] == 'l' && i+1 < len(bones) && strings.IndexByte("tsdzrnSl", bones[i+1]) >= 0 {
			continue
		}
		if i > 0 && b.Len() > 0 && bones[i] == bones[i-1] {
			continue
		}
		b.WriteByte(bones[i])
	}
	return b.String()
}

// free says that a run has at least one word that met nothing, and none but telling words and particles.
func (m *matcher) free(run []*word, used []bool) bool {
	some := false
	for k, w := range run {
		if used[k] && (w.class == plain || w.class == place || w.class == org) {
			return false
		}
		if w.class == legal || w.class == honorific {
			return false
		}
		some = some || !used[k] && (comparable(w.class) || w.class == initial)
	}
	return some
}

// weak says that word j of the other side met a word only by likeness, so that a run may take it over.
func (m *matcher) weak(j, i, n int, turned bool) bool {
	for _, p := range m.met {
		a, b := int(p.a), int(p.b)
		if turned {
			a, b = b, a
		}
		if b == j {
			return p.way == Slip && p.score < .9 && a >= i && a < i+n
		}
	}
	return false
}

// likeness says that word j of the other side met by a slip of letters.
func (m *matcher) likeness(j int, turned bool) bool {
	for _, p := range m.met {
		if turned && int(p.a) == j || !turned && int(p.b) == j {
			return p.way == Slip
		}
	}
	return false
}

// part takes back the pair of word j.
func (m *matcher) part(j int, turned bool) {
	m.met = slices.DeleteFunc(m.met, func(p pairing) bool { return turned && int(p.a) == j || !turned && int(p.b) == j })
}

// doubts looks for what speaks against names whose words meet.
func (m *matcher) doubts(a, b []*word) {
	m.legalDiffer = differ(a, b, legal)
	m.numberDiffer = differ(a, b, number)
	m.crossed = false
	if !hasFather(a) || !hasFather(b) {
		return
	}
	// "A bin B" and "B bin A": son and father are exchanged.
	for _, p := range m.met {
		for _, q := range m.met {
			if p.a < q.a && p.b > q.b && a[p.a].class == plain && a[q.a].class == plain {
				m.crossed = true
			}
		}
	}
}

func hasFather(ws []*word) bool {
	for i, w := range ws {
		if w.class == particle && w.text == "bin" && i > 0 && i < len(ws)-1 {
			return true
		}
	}
	return false
}

// differ says that both names have words of a class and none in common.
func differ(a, b []*word, c class) bool {
	var inA, inB bool
	for _, w := range a {
		if w.class != c {
			continue
		}
		inA = true
		for _, v := range b {
			if v.class == c && v.text == w.text {
				return false
			}
		}
	}
	for _, v := range b {
		inB = inB || v.class == c
	}
	return inA && inB
}

// result tells how the names met.
func (m *matcher) result(a, b reading, score float32) Result {
	r := Result{Score: float64(score)}
	if a.how != "" {
		r.Reading = a.how
	} else {
		r.Reading = b.how
	}
	met := slices.Clone(m.met)
	slices.SortFunc(met, func(p, q pairing) int { return int(p.a) - int(q.a) })
	for _, p := range met {
		r.Parts = append(r.Parts, Part{
			Asked: strings.Join(a.shown[p.a:p.a+p.na], " "), Listed: strings.Join(b.shown[p.b:p.b+p.nb], " "),
			Way: p.way, Score: float64(p.score),
		})
	}
	for i, s := range a.shown {
		if !m.usedA[i] {
			r.OnlyAsked = append(r.OnlyAsked, s)
		}
	}
	for j, s := range b.shown {
		if !m.usedB[j] {
			r.OnlyListed = append(r.OnlyListed, s)
		}
	}
	for _, d := range []struct {
		is   bool
		what string
	}{{m.numberDiffer, "another number"}, {m.legalDiffer, "another legal form"}, {m.crossed, "father and son exchanged"}} {
		if d.is {
			r.Against = append(r.Against, d.what)
		}
	}
	return r
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}
