package join

import (
	"cmp"
	"iter"
	"math"
	"slices"
	"strings"
	"time"
)

// Features are what speaks for and against a pair, each a number whose weight stands in weights.json under its name.
type Features struct {
	Document  float64 `json:"document"`  // they cite one page; less, the more records cite it
	Text      float64 `json:"text"`      // cosine of what is told, without the names of the accused
	Common    float64 `json:"common"`    // how much rare words both tell with, however long they are
	Name      float64 `json:"name"`      // the rarest word or pair of words that the names of both have, 0 to 1
	Mention   float64 `json:"mention"`   // … that is a name of the one and stands in the text of the other
	Victim    float64 `json:"victim"`    // rare words of the victims' names that both have
	Software  float64 `json:"software"`  // rare software that both name
	Overlap   float64 `json:"overlap"`   // their periods meet
	Day       float64 `json:"day"`       // they are dated to within days of each other
	Gap       float64 `json:"gap"`       // logarithm of the months between their periods
	Undated   float64 `json:"undated"`   // one has no date
	Actor     float64 `json:"actor"`     // the same is accused, more where it is rarely accused
	Rival     float64 `json:"rival"`     // others are accused
	State     float64 `json:"state"`     // the same state is accused, more where it is rarely accused
	OtherHand float64 `json:"otherhand"` // another state is accused
	Place     float64 `json:"place"`     // victims in the same country, more where it is rare
	Elsewhere float64 `json:"elsewhere"` // victims in other countries only
	Exchanged float64 `json:"exchanged"` // the victim of the one is the accused of the other
	Deed      float64 `json:"deed"`      // the same was done
	OtherDeed float64 `json:"otherdeed"` // something else was done
	Indicted  float64 `json:"indicted"`  // both cite one page on the same accused, who is accused of little else
	OneList   float64 `json:"onelist"`   // both stand in one list, whose editors kept them apart
	Year      float64 `json:"year"`      // their names give different years
}

// corpus is the records made ready to be compared. Sets are sorted numbers of terms.
type corpus struct {
	records  []Record
	told     []vector  // text and names, without the accused and without what everybody says
	names    [][]int32 // terms of names
	mentions [][]int32 // terms of the same kind, of names and text
	victims  [][]int32 // terms of victims' names
	software [][]int32
	docs     [][]int32          // addresses and titles of pages
	hands    [][]int32          // what the accused are called, folded
	own      []map[int32]string // of these, the accused's own name
	years    [][]string         // years in names
	dates    [][]int            // years in names and text

	text, titles, hit, programs, pages, accused *index // count in how many records a term stands

	blamed, struck map[string]int // how many records accuse a state, or have victims in a country

	posting [][]posted        // records that tell with a term
	byName  [][]int32         // records that bear a term in their names
	byDoc   [][]int32         // records that cite a page
	at      [][]*scored       // the candidates at a record
	alike   map[[2]int32]bool // whether two records of a list tell alike, once asked
}

// posted is a record that tells with a term, and the term's weight there.
type posted struct {
	record int32
	weight float32
}

// maxPosting bounds how many records a term may join: what more of them tell of tells nothing.
const maxPosting = 150

// maxNamed is the same for what stands in names.
const maxNamed = 30

func newCorpus(rs []Record) *corpus {
	c := &corpus{
		records: rs, alike: map[[2]int32]bool{}, blamed: map[string]int{}, struck: map[string]int{},
		text: newIndex(), titles: newIndex(), hit: newIndex(), programs: newIndex(), pages: newIndex(), accused: newIndex(),
	}
	counts := make([][]counted, len(rs))
	texts := make([]words, len(rs))
	for i := range rs {
		r := &rs[i]
		titles := c.documents(r)
		accused := r.accusedWords()
		texts[i] = wordsOf(strings.Join(append(titles, r.Text), "\n"))
		var told []string
		for _, w := range slices.Concat(texts[i], wordsOf(strings.Join(append(slices.Clone(r.Names), r.Victims...), "\n"))) {
			if t := stemOf(w); t != "" && !accused[t] {
				told = append(told, t)
			}
		}
		counts[i] = c.text.count(told)
		c.named(r, accused)
		c.hitters(r)
		c.dates = append(c.dates, texts[i].years(r.Names))
	}
	for i := range rs {
		c.mentions = append(c.mentions, c.titles.found(texts[i], c.names[i]))
	}
	c.posting, c.byName, c.byDoc = make([][]posted, len(c.text.df)), make([][]int32, len(c.titles.df)), make([][]int32, len(c.pages.df))
	for i := range counts {
		v := c.text.vector(counts[i])
		c.told = append(c.told, v)
		for _, w := range v {
			c.posting[w.term] = append(c.posting[w.term], posted{int32(i), w.weight})
		}
		for _, t := range c.names[i] {
			c.byName[t] = append(c.byName[t], int32(i))
		}
		for _, d := range c.docs[i] {
			c.byDoc[d] = append(c.byDoc[d], int32(i))
		}
	}
	return c
}

// accusedWords are the stems of the names of those to whom it is attributed: they tell who, and not what.
func (r *Record) accusedWords() map[string]bool {
	out := map[string]bool{}
	for _, a := range r.Actors {
		for _, n := range a.Names {
			ws := wordsOf(n)
			for _, w := range ws {
				out[stemOf(w)] = true
			}
			out[stemOf(strings.Join(ws, ""))] = true
		}
	}
	return out
}

// documents gathers the pages that a record cites, and returns their titles as far as the addresses tell them.
func (c *corpus) documents(r *Record) (titles []string) {
	var pages []string
	for _, d := range r.Documents {
		whole, title := address(d)
		if whole != "" {
			pages = append(pages, whole)
		}
		if title != "" {
			pages, titles = append(pages, title), append(titles, title)
		}
	}
	c.docs = append(c.docs, c.pages.set(pages))
	return titles
}

// named gathers the terms of names: words and pairs of neighbours, without the accused's, and whole names.
func (c *corpus) named(r *Record, accused map[string]bool) {
	var own, years []string
	for _, n := range r.Names {
		ws := wordsOf(n)
		if whole := strings.Join(ws, ""); len(whole) > 3 {
			own = append(own, whole) // also where it is the accused's
		}
		for i, w := range ws {
			if len(w) > 3 && !accused[stemOf(w)] {
				own = append(own, w)
			}
			if len(w) == 4 && (w[:2] == "19" || w[:2] == "20") && strings.Trim(w, "0123456789") == "" {
				years = append(years, w)
			}
			if i+1 < len(ws) && !accused[stemOf(w+ws[i+1])] {
				own = append(own, w+ws[i+1])
			}
		}
	}
	c.names, c.years = append(c.names, c.titles.number(own)), append(c.years, years)
}

// hitters gathers victims, software, the accused, and where it happened.
func (c *corpus) hitters(r *Record) {
	var victims, software, hands []string
	for _, v := range r.Victims {
		victims = append(victims, wordsOf(v).stems()...)
	}
	for _, s := range r.Software {
		software = append(software, fold(s))
	}
	for _, a := range r.Actors {
		for _, n := range a.Names {
			if k := fold(n); len(k) > 2 {
				hands = append(hands, k)
			}
		}
	}
	c.victims, c.software = append(c.victims, c.hit.set(victims)), append(c.software, c.programs.set(software))
	c.hands = append(c.hands, c.accused.set(hands))
	own := map[int32]string{}
	for _, a := range r.Actors {
		for _, n := range a.Names {
			if id, ok := c.accused.ids[fold(n)]; ok && own[id] == "" {
				own[id] = a.Names[0]
			}
		}
	}
	c.own = append(c.own, own)
	for _, s := range r.States {
		c.blamed[s]++
	}
	for _, s := range slices.Compact(slices.Sorted(slices.Values(r.Countries))) {
		c.struck[s]++
	}
}

// pair is two records by their places, and the cosine of what they tell.
type pair struct {
	a, b int32
	text float64
}

// leastText is from which cosine on a pair is looked at for what is told alone.
const leastText = .12

// candidates are the pairs that have anything in common that is rare: a page, a word in their names, or enough of what is told.
func (c *corpus) candidates() []pair {
	var out []pair
	score := make([]float32, len(c.records))
	mark := make([]int8, len(c.records)) // 1: met, 2: met by a page or a name
	var touched []int32
	for i := range c.records {
		a := int32(i)
		meet := func(b int32, s float32, how int8) {
			if mark[b] == 0 {
				touched = append(touched, b)
			}
			score[b], mark[b] = score[b]+s, max(mark[b], how)
		}
		for _, w := range c.told[i] {
			for _, p := range c.posting[w.term] {
				if p.record >= a {
					break
				}
				meet(p.record, w.weight*p.weight, 1)
			}
		}
		certain := func(records []int32, most int) {
			if len(records) > most {
				return
			}
			for _, b := range records {
				if b >= a {
					break
				}
				meet(b, 0, 2)
			}
		}
		for _, d := range c.docs[i] {
			certain(c.byDoc[d], maxPosting)
		}
		for _, t := range c.names[i] {
			certain(c.byName[t], maxNamed)
		}
		for _, b := range touched {
			if mark[b] == 2 || score[b] >= leastText {
				out = append(out, pair{b, a, float64(score[b])})
			}
			score[b], mark[b] = 0, 0
		}
		touched = touched[:0]
	}
	slices.SortFunc(out, func(x, y pair) int { return cmp.Or(int(x.a-y.a), int(x.b-y.b)) })
	return out
}

// pairOf is a pair by the places of its records.
func (c *corpus) pairOf(a, b int32) pair {
	a, b = min(a, b), max(a, b)
	return pair{a, b, c.told[a].dot(c.told[b])}
}

// wide is how many records make a collection in which what is rare can be told: in a smaller one everything is rare, and tells less.
const wide = 2400

// rarity is how telling it is that n of all records have something, 0 to 1.
func (c *corpus) rarity(n int) float64 {
	all := float64(len(c.records) + 2)
	return max(0, math.Log(all/float64(max(n, 2)))/math.Log(max(all, wide)/2))
}

// features counts out a pair.
func (c *corpus) features(p pair) Features {
	a, b := &c.records[p.a], &c.records[p.b]
	common, all := c.common(p)
	f := Features{Text: p.text * min(1, all/enough), Common: common}
	if doc := c.sharedDocument(p); doc >= 0 {
		f.Document = 1 / math.Log2(float64(max(2, c.pages.df[doc]-1)))
	}
	f.Name, _ = c.rarest(c.titles, c.names[p.a], c.names[p.b])
	x, _ := c.rarest(c.titles, c.names[p.a], c.mentions[p.b])
	y, _ := c.rarest(c.titles, c.names[p.b], c.mentions[p.a])
	f.Mention = max(x, y)
	f.Year = float64(btoi(len(c.years[p.a]) > 0 && len(c.years[p.b]) > 0 && !meet(c.years[p.a], c.years[p.b])))
	for t := range both(c.victims[p.a], c.victims[p.b]) {
		f.Victim += max(0, c.hit.rarity(t)-2)
	}
	f.Victim = min(1, f.Victim/12)
	f.Software, _ = c.rarest(c.programs, c.software[p.a], c.software[p.b])
	c.when(p, &f)
	c.handFeatures(p, &f)
	c.placeFeatures(a, b, &f)
	f.OneList = float64(btoi(c.oneList(p.a, p.b)))
	return f
}

// oneList tells whether two records stand in one list, whose editors kept them apart.
func (c *corpus) oneList(a, b int32) bool {
	x, y := &c.records[a], &c.records[b]
	return x.Source == y.Source && !x.Own && !y.Own
}

// both are the terms of two sorted sets that both have.
func both(a, b []int32) iter.Seq[int32] {
	return func(yield func(int32) bool) {
		for i, k := 0, 0; i < len(a) && k < len(b); {
			switch {
			case a[i] < b[k]:
				i++
			case a[i] > b[k]:
				k++
			default:
				if !yield(a[i]) {
					return
				}
				i++
				k++
			}
		}
	}
}

// rarest is how telling the rarest term is that both sets have, 0 to 1, and the term; -1 where there is none.
func (c *corpus) rarest(x *index, a, b []int32) (float64, int32) {
	n, at := int32(math.MaxInt32), int32(-1)
	for t := range both(a, b) {
		if x.df[t] < n {
			n, at = x.df[t], t
		}
	}
	if at < 0 {
		return 0, -1
	}
	return c.rarity(int(n)), at
}

// sharedDocument is the page that fewest records cite among those that both do, -1 where there is none.
func (c *corpus) sharedDocument(p pair) int32 {
	_, at := c.rarest(c.pages, c.docs[p.a], c.docs[p.b])
	return at
}

// enough is the information in nats from which words that both tell with say that they tell alike: two short titles may be one by chance.
const enough = 12

// common is the information in the words that both tell with: in what of them is rare, in units of twenty nats, and in all, in nats.
func (c *corpus) common(p pair) (rare, all float64) {
	for t := range c.shared(p) {
		r := c.text.rarity(t)
		all += r
		rare += max(0, r-2)
	}
	return min(1.5, rare/20), all
}

// shared are the terms that both tell with, and what they add to the cosine.
func (c *corpus) shared(p pair) iter.Seq2[int32, float64] {
	return func(yield func(int32, float64) bool) {
		v, w := c.told[p.a], c.told[p.b]
		for i, k := 0, 0; i < len(v) && k < len(w); {
			switch {
			case v[i].term < w[k].term:
				i++
			case v[i].term > w[k].term:
				k++
			default:
				if !yield(v[i].term, float64(v[i].weight)*float64(w[k].weight)) {
					return
				}
				i++
				k++
			}
		}
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Coarse tells how much later than a date what it stands for may be: a first of January may be a year, a first of another month
// the month.
func coarse(t time.Time) time.Time {
	switch {
	case t.Month() == time.January && t.Day() == 1:
		return t.AddDate(1, 0, -1)
	case t.Day() == 1:
		return t.AddDate(0, 1, -1)
	}
	return t
}

// period is from when to when it may have happened.
func (r *Record) period() (first, last time.Time) {
	first, last = r.First, r.Last
	if last.Before(first) {
		last = first
	}
	return first, coarse(last)
}

// when compares when it happened. What is told of later, and dated by the telling, may name the year.
func (c *corpus) when(p pair, f *Features) {
	a, b := &c.records[p.a], &c.records[p.b]
	if a.First.IsZero() || b.First.IsZero() {
		f.Undated = 1
		return
	}
	a0, a1 := a.period()
	b0, b1 := b.period()
	f.Day = float64(btoi(a0.Day() != 1 && b0.Day() != 1 && max(a0.Sub(b0), b0.Sub(a0)) <= near))
	gap := max(b0.Sub(a1), a0.Sub(b1)).Hours() / 24
	if gap <= 0 || yearIn(c.dates[p.a], b0, b1) || yearIn(c.dates[p.b], a0, a1) {
		f.Overlap = 1
		return
	}
	f.Gap = math.Log1p(gap / 30)
}

// near is how far apart days of one event may lie in two lists.
const near = 3 * 24 * time.Hour

// yearIn tells whether one of the years lies in a period.
func yearIn(years []int, first, last time.Time) bool {
	return slices.ContainsFunc(years, func(y int) bool { return y >= first.Year() && y <= last.Year() })
}

// handFeatures compare who is accused.
func (c *corpus) handFeatures(p pair, f *Features) {
	a, b := &c.records[p.a], &c.records[p.b]
	if n, hand := c.hand(p); hand >= 0 {
		f.Actor = c.rarity(n)
		f.Indicted = float64(btoi(n <= maxIndicted && c.sharedDocument(p) >= 0))
	} else {
		f.Rival = float64(btoi(len(a.Actors) > 0 && len(b.Actors) > 0))
	}
	if len(a.States) > 0 && len(b.States) > 0 {
		for _, s := range a.States {
			if slices.Contains(b.States, s) {
				f.State = max(f.State, c.rarity(c.blamed[s]))
			}
		}
		f.OtherHand = float64(btoi(!meet(a.States, b.States)))
	}
	f.Exchanged = float64(btoi(meet(a.States, b.Countries) && meet(b.States, a.Countries) && !meet(a.States, b.States)))
}

// hand is the name under which both accuse an actor, the one that most records use, and of how many the actor is accused.
func (c *corpus) hand(p pair) (n int, name int32) {
	name = -1
	for t := range both(c.hands[p.a], c.hands[p.b]) {
		if int(c.accused.df[t]) > n {
			n, name = int(c.accused.df[t]), t
		}
	}
	return n, name
}

// placeFeatures compare whom it hit and what was done.
func (c *corpus) placeFeatures(a, b *Record, f *Features) {
	in, sure := a.places(b)
	for _, s := range in {
		f.Place = max(f.Place, c.rarity(c.struck[s]))
	}
	f.Elsewhere = float64(btoi(sure && len(in) == 0))
	if len(a.Kinds) > 0 && len(b.Kinds) > 0 {
		f.Deed = float64(btoi(meet(a.Kinds, b.Kinds)))
		f.OtherDeed = 1 - f.Deed
	}
}

// places are the countries where both have victims, and whether both say where theirs are.
func (r *Record) places(o *Record) (in []string, sure bool) {
	a, b := r.Countries, o.Countries
	sure = len(a) > 0 && len(b) > 0
	if len(a) == 0 {
		a = r.Places
	}
	if len(b) == 0 {
		b = o.Places
	}
	for _, s := range a {
		if slices.Contains(b, s) {
			in = append(in, s)
		}
	}
	return in, sure
}

// maxIndicted is of how many records somebody may be accused who is accused of little.
const maxIndicted = 12

func meet(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}
