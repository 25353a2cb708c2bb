package join

import (
	"math"
	"slices"
	"strconv"
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

// corpus is the records made ready to be compared.
type corpus struct {
	records  []Record
	told     []vector            // text and names, without the accused
	names    []map[int32]bool    // terms of names
	mentions []map[int32]bool    // the same kind of terms in the text
	victims  []map[int32]bool    // terms of victims' names
	software []map[string]bool   // names of software, folded
	docs     []map[string]bool   // addresses and titles of pages
	cited    map[string]int      // how many records cite a page
	usedBy   map[string]int      // how many records name a program
	accused  map[string]int      // how many records accuse an actor
	blamed   map[string]int      // how many records accuse a state
	struck   map[string]int      // how many records have victims in a country
	hands    []map[string]string // what the accused are called, folded, with their own name
	years    []map[string]bool   // years in names
	text     *index              // of told
	titles   *index              // of names and mentions
	hit      *index              // of victims
	byDoc    map[string][]int32  // records that cite a page
	posting  map[int32][]int32   // records that tell with a term
	byName   map[int32][]int32   // records that bear a term in their names
	at       [][]*scored         // the candidates at a record
}

// maxPosting bounds how many records a term may join: what more of them tell of tells nothing.
const maxPosting = 150

// maxNamed is the same for what stands in names.
const maxNamed = 30

func newCorpus(rs []Record) *corpus {
	c := &corpus{
		records: rs, cited: map[string]int{}, usedBy: map[string]int{}, accused: map[string]int{}, blamed: map[string]int{}, struck: map[string]int{},
		text: newIndex(), titles: newIndex(), hit: newIndex(), byDoc: map[string][]int32{}, posting: map[int32][]int32{}, byName: map[int32][]int32{},
	}
	counts := make([]map[int32]int, len(rs))
	for i := range rs {
		r := &rs[i]
		c.documents(int32(i), r)
		accused := r.accusedWords()
		var told []string
		for _, text := range append(slices.Clone(r.Names), append([]string{r.Text}, r.Victims...)...) {
			told = append(told, stems(text)...)
		}
		for _, d := range r.Documents {
			if _, title := address(d); title != "" {
				told = append(told, stems(title)...)
			}
		}
		told = slices.DeleteFunc(told, func(t string) bool { return accused[t] })
		counts[i] = c.text.add(told)
		c.named(r, accused)
		c.hitters(r)
	}
	for i := range counts {
		c.told = append(c.told, c.text.vector(counts[i]))
		for _, w := range c.told[i] {
			if c.text.df[w.term] > 1 && c.text.df[w.term] <= maxPosting {
				c.posting[w.term] = append(c.posting[w.term], int32(i))
			}
		}
		for t := range c.names[i] {
			if c.titles.df[t] > 1 {
				c.byName[t] = append(c.byName[t], int32(i))
			}
		}
	}
	return c
}

// accusedWords are the stems of the names of those to whom it is attributed: they tell who, and not what.
func (r *Record) accusedWords() map[string]bool {
	out := map[string]bool{}
	for _, a := range r.Actors {
		for _, n := range a.Names {
			for _, s := range stems(n) {
				out[s] = true
			}
			out[stemOf(strings.Join(words(n), ""))] = true
		}
	}
	return out
}

func (c *corpus) documents(at int32, r *Record) {
	docs := map[string]bool{}
	for _, d := range r.Documents {
		whole, title := address(d)
		for _, k := range []string{whole, title} {
			if k != "" && !docs[k] {
				docs[k] = true
				c.cited[k]++
				c.byDoc[k] = append(c.byDoc[k], at)
			}
		}
	}
	c.docs = append(c.docs, docs)
}

// named gathers the terms of names, and of the text those that may be somebody's name.
func (c *corpus) named(r *Record, accused map[string]bool) {
	var own, all []string
	years := map[string]bool{}
	for _, n := range r.Names {
		if whole := strings.Join(words(n), ""); len(whole) > 3 {
			own = append(own, "=="+whole) // also where it is the accused's
		}
		for _, t := range nameTerms(n) {
			if !strings.HasPrefix(t, "=") {
				continue
			}
			if w := t[1:]; !accused[stemOf(w)] && len(w) > 3 {
				own = append(own, t)
				if len(w) == 4 && (w[:2] == "19" || w[:2] == "20") && strings.Trim(w, "0123456789") == "" {
					years[w] = true
				}
			}
		}
	}
	text := r.Text
	for _, d := range r.Documents {
		if _, title := address(d); title != "" {
			text += "\n" + title
		}
	}
	for _, t := range nameTerms(text) {
		if strings.HasPrefix(t, "=") && len(t) > 4 && !accused[stemOf(t[1:])] {
			all = append(all, t)
		}
	}
	tf := c.titles.add(append(slices.Clone(own), all...))
	names, mentions := map[int32]bool{}, map[int32]bool{}
	for _, t := range own {
		names[c.titles.ids[t]] = true
	}
	for t := range tf {
		mentions[t] = true
	}
	c.names, c.mentions, c.years = append(c.names, names), append(c.mentions, mentions), append(c.years, years)
}

func (c *corpus) hitters(r *Record) {
	var terms []string
	for _, v := range r.Victims {
		terms = append(terms, stems(v)...)
	}
	victims := map[int32]bool{}
	for t := range c.hit.add(terms) {
		victims[t] = true
	}
	software := map[string]bool{}
	for _, s := range r.Software {
		if k := strings.Join(words(s), ""); k != "" && !software[k] {
			software[k] = true
			c.usedBy[k]++
		}
	}
	seen := map[string]bool{}
	hands := map[string]string{}
	for _, a := range r.Actors {
		for _, n := range a.Names {
			if k := strings.Join(words(n), ""); len(k) > 2 && hands[k] == "" {
				hands[k] = a.Names[0]
				c.accused[k]++
			}
		}
	}
	c.hands = append(c.hands, hands)
	for _, s := range r.States {
		c.blamed[s]++
	}
	for _, s := range r.Countries {
		if !seen["@"+s] {
			seen["@"+s] = true
			c.struck[s]++
		}
	}
	c.victims, c.software = append(c.victims, victims), append(c.software, software)
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
	named := make([]bool, len(c.records))
	var touched []int32
	for i := range c.records {
		a := int32(i)
		meet := func(b int32, s float32, certain bool) {
			if b >= a {
				return
			}
			if score[b] == 0 && !named[b] {
				touched = append(touched, b)
			}
			score[b] += s
			named[b] = named[b] || certain
		}
		for _, w := range c.told[i] {
			ps := c.posting[w.term]
			for _, b := range ps {
				if b >= a {
					break
				}
				meet(b, 1e-6, false)
			}
		}
		for d := range c.docs[i] {
			for _, b := range c.byDoc[d] {
				meet(b, 0, true)
			}
		}
		for t := range c.names[i] {
			if ps := c.byName[t]; len(ps) <= maxNamed {
				for _, b := range ps {
					meet(b, 0, true)
				}
			}
		}
		for _, b := range touched {
			text := c.told[a].dot(c.told[b])
			if named[b] || text >= leastText {
				out = append(out, pair{b, a, text})
			}
			score[b], named[b] = 0, false
		}
		touched = touched[:0]
	}
	slices.SortFunc(out, func(x, y pair) int {
		if x.a != y.a {
			return int(x.a - y.a)
		}
		return int(x.b - y.b)
	})
	return out
}

// rarity is how telling it is that n of all records have something, 0 to 1.
func (c *corpus) rarity(n int) float64 {
	if n < 2 {
		n = 2
	}
	all := float64(len(c.records) + 2)
	return max(0, math.Log(all/float64(n))/math.Log(all/2))
}

// reason is a feature in words.
type reason struct {
	feature string
	words   string
}

// features counts out a pair, with the words for what was found.
func (c *corpus) features(p pair) (Features, []reason) {
	a, b := &c.records[p.a], &c.records[p.b]
	f := Features{Text: p.text}
	var why []reason
	say := func(feature, words string) { why = append(why, reason{feature, words}) }
	f.Common = c.common(p)
	if p.text > 0 {
		say("text", "they tell it in the same rare words: "+strings.Join(c.shared(p), ", "))
	}
	if d, worth := c.sharedDocument(p); d != "" {
		f.Document = worth
		say("document", "both cite "+d)
	}
	c.nameFeatures(p, &f, say)
	for t := range c.victims[p.a] {
		if c.victims[p.b][t] {
			f.Victim += max(0, c.hit.rarity(t)-2)
		}
	}
	f.Victim = min(1, f.Victim/12)
	if f.Victim > 0 {
		say("victim", "the victims are named alike")
	}
	for s := range c.software[p.a] {
		if c.software[p.b][s] {
			f.Software = max(f.Software, c.rarity(c.usedBy[s]))
		}
	}
	if f.Software > 0 {
		say("software", "both name the same software")
	}
	periods(a, b, &f, say)
	c.handFeatures(p, &f, say)
	c.placeFeatures(a, b, &f, say)
	if a.Source == b.Source {
		f.OneList = 1
		say("onelist", "both stand in one list, whose editors kept them apart")
	}
	return f, why
}

// sharedDocument is the page that fewest records cite among those that both do, and what all that both cite are worth: a page that
// two or three cite is worth one, one that tells of everything little.
func (c *corpus) sharedDocument(p pair) (doc string, worth float64) {
	n := 0
	for d := range c.docs[p.a] {
		if !c.docs[p.b][d] {
			continue
		}
		if doc == "" || c.cited[d] < n || c.cited[d] == n && d < doc {
			doc, n = d, c.cited[d]
		}
	}
	if doc == "" {
		return "", 0
	}
	worth = 1 / math.Log2(float64(max(2, n-1)))
	return doc, worth
}

// common is the information in the words that both tell with, in units of twenty nats.
func (c *corpus) common(p pair) float64 {
	sum := 0.0
	v, w := c.told[p.a], c.told[p.b]
	for i, k := 0, 0; i < len(v) && k < len(w); {
		switch {
		case v[i].term < w[k].term:
			i++
		case v[i].term > w[k].term:
			k++
		default:
			sum += max(0, c.text.rarity(v[i].term)-2)
			i++
			k++
		}
	}
	return min(1.5, sum/20)
}

// shared are the rarest terms that both tell with.
func (c *corpus) shared(p pair) []string {
	type term struct {
		id     int32
		weight float64
	}
	var found []term
	v, w := c.told[p.a], c.told[p.b]
	for i, k := 0, 0; i < len(v) && k < len(w); {
		switch {
		case v[i].term < w[k].term:
			i++
		case v[i].term > w[k].term:
			k++
		default:
			found = append(found, term{v[i].term, float64(v[i].weight * w[k].weight)})
			i++
			k++
		}
	}
	slices.SortFunc(found, func(x, y term) int {
		if x.weight != y.weight {
			return -1 + 2*btoi(x.weight < y.weight)
		}
		return int(x.id - y.id)
	})
	var out []string
	for _, t := range found[:min(len(found), 4)] {
		out = append(out, c.term(c.text, t.id))
	}
	return out
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// nameFeatures compare what the operations are called.
func (c *corpus) nameFeatures(p pair, f *Features, say func(feature, words string)) {
	best := func(of, in map[int32]bool) (float64, int32) {
		top, at := 0.0, int32(-1)
		for t := range of {
			if in[t] {
				if r := c.rarity(int(c.titles.df[t])); r > top || r == top && (at < 0 || t < at) {
					top, at = r, t
				}
			}
		}
		return top, at
	}
	var at int32
	if f.Name, at = best(c.names[p.a], c.names[p.b]); at >= 0 {
		say("name", "both are called "+strings.TrimLeft(c.term(c.titles, at), "="))
	}
	x, atX := best(c.names[p.a], c.mentions[p.b])
	y, atY := best(c.names[p.b], c.mentions[p.a])
	if y > x {
		x, atX = y, atY
	}
	if f.Mention = x; atX >= 0 {
		say("mention", "what one is called stands in the other: "+strings.TrimLeft(c.term(c.titles, atX), "="))
	}
	if len(c.years[p.a]) > 0 && len(c.years[p.b]) > 0 {
		common := false
		for y := range c.years[p.a] {
			common = common || c.years[p.b][y]
		}
		if !common {
			f.Year = 1
			say("year", "their names give different years")
		}
	}
}

// term is the word of a number. The map is searched: words are wanted only of few.
func (c *corpus) term(x *index, id int32) string {
	if x.words == nil {
		x.words = make([]string, len(x.df))
		for w, n := range x.ids {
			x.words[n] = w
		}
	}
	return x.words[id]
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

func periods(a, b *Record, f *Features, say func(feature, words string)) {
	if a.First.IsZero() || b.First.IsZero() {
		f.Undated = 1
		return
	}
	a0, a1 := a.period()
	b0, b1 := b.period()
	gap := max(b0.Sub(a1), a0.Sub(b1)).Hours() / 24
	if gap > 0 && (a.tellsYear(b0, b1) || b.tellsYear(a0, a1)) {
		gap = 0 // told of later, and dated by the telling
	}
	if gap <= 0 {
		f.Overlap = 1
		say("overlap", "their times meet")
		return
	}
	f.Gap = math.Log1p(gap / 30)
	say("gap", "their times lie apart")
}

// tellsYear tells whether the record's words name a year of a period.
func (r *Record) tellsYear(first, last time.Time) bool {
	for y := first.Year(); y <= last.Year() && y < first.Year()+20; y++ {
		year := strconv.Itoa(y)
		if strings.Contains(r.Text, year) || slices.ContainsFunc(r.Names, func(n string) bool { return strings.Contains(n, year) }) {
			return true
		}
	}
	return false
}

// maxIndicted is of how many records somebody may be accused who is accused of little.
const maxIndicted = 12

// handFeatures compare who is accused.
func (c *corpus) handFeatures(p pair, f *Features, say func(feature, words string)) {
	a, b := &c.records[p.a], &c.records[p.b]
	n, name := 0, ""
	for k, own := range c.hands[p.a] {
		if c.hands[p.b][k] != "" && (c.accused[k] > n || c.accused[k] == n && own < name) {
			n, name = c.accused[k], own
		}
	}
	if n > 0 {
		f.Actor = c.rarity(n)
		say("actor", "both accuse "+name)
		if doc, _ := c.sharedDocument(p); doc != "" && n <= maxIndicted {
			f.Indicted = 1
			say("indicted", name+" is accused of little else, and both cite one page on it")
		}
	}
	if n == 0 && len(a.Actors) > 0 && len(b.Actors) > 0 {
		f.Rival = 1
		say("rival", "they accuse different actors")
	}
	if len(a.States) > 0 && len(b.States) > 0 {
		if meet(a.States, b.States) {
			best := ""
			for _, s := range a.States {
				if r := c.rarity(c.blamed[s]); slices.Contains(b.States, s) && r > f.State {
					f.State, best = r, s
				}
			}
			say("state", "both accuse "+best)
		} else {
			f.OtherHand = 1
			say("otherhand", "they accuse different states")
		}
	}
	if meet(a.States, b.Countries) && meet(b.States, a.Countries) && !meet(a.States, b.States) {
		f.Exchanged = 1
		say("exchanged", "the victim of the one is the accused of the other")
	}
}

// placeFeatures compare whom it hit and what was done.
func (c *corpus) placeFeatures(a, b *Record, f *Features, say func(feature, words string)) {
	inA, inB := a.Countries, b.Countries
	sure := len(inA) > 0 && len(inB) > 0
	if len(inA) == 0 {
		inA = a.Places
	}
	if len(inB) == 0 {
		inB = b.Places
	}
	if len(inA) > 0 && len(inB) > 0 {
		best := ""
		for _, s := range inA {
			if slices.Contains(inB, s) {
				if r := c.rarity(c.struck[s]); r > f.Place {
					f.Place, best = r, s
				}
			}
		}
		switch {
		case best != "":
			say("place", "victims in "+best)
		case sure:
			f.Elsewhere = 1
			say("elsewhere", "the victims are in different countries")
		}
	}
	if len(a.Kinds) > 0 && len(b.Kinds) > 0 {
		if meet(a.Kinds, b.Kinds) {
			f.Deed = 1
		} else {
			f.OtherDeed = 1
			say("otherdeed", "what was done differs")
		}
	}
}

func meet(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}
