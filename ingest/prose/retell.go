package prose

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// survey reads the document once before the claims: names, the report it retells, who speaks by default.
func (rd *reading) survey() {
	speakers := map[string]int{}
	we := 0
	for i := range rd.sents {
		s := rd.sents[i]
		s.toks = rd.tokens(&s)
		if len(s.toks) == 0 {
			continue
		}
		rd.tagSentence(s.toks)
		rd.noteMentions(s.toks)
		p := rd.parse(&s)
		c := rd.context(p, i)
		rd.findRetelling(c)
		for v := range p.chunks {
			if p.is(v, kPrep) && p.wordAt(v) == "according to" && p.is(v+1, kNP) {
				if e := rd.bodyIn(p, p.chunks[v+1].from, p.chunks[v+1].to); e != nil {
					speakers[e.Name]++
				}
			}
			if ch := &p.chunks[v]; ch.kind == kVG && !ch.copula && !ch.passive && !p.lx.speech[ch.word] {
				if s := p.subjectOf(v); s >= 0 && p.chunks[s].ent != nil {
					rd.acts[p.chunks[s].ent.Name]++
				}
			}
			if ch := &p.chunks[v]; ch.kind == kVG && (p.lx.speech[ch.word] || adviceVerbs[ch.word]) {
				rd.countSpeaker(c, v, speakers, &we)
			}
		}
	}
	rd.d.org = Source{}
	rd.settleRetelling(speakers)
	rd.settleHouse(speakers, we)
	rd.settleProtagonist()
}

func (rd *reading) noteMentions(toks []token) {
	for i := range toks {
		e := toks[i].ent
		if e != nil && e.Kind == Actor {
			rd.lastActor = e.Name
		} else if e == nil && i > 0 && rd.lastActor != "" && (toks[i-1].low == "the" || toks[i-1].low == "this") && anaphors[singular(toks[i].low)] {
			rd.followed[rd.lastActor]++
		}
		if e == nil || len(rd.res.Mentions) >= MaxClaims {
			continue
		}
		end := toks[min(i+toks[i].entLen, len(toks))-1].end
		rd.res.Mentions = append(rd.res.Mentions, Mention{Name: e.Name, Kind: e.Kind, Country: e.Country, Text: rd.doc.Text[toks[i].start:end], Start: toks[i].start, End: end})
	}
}

// countSpeaker counts the bodies that speak, and "we" outside quotations.
func (rd *reading) countSpeaker(c *sentenceContext, v int, speakers map[string]int, we *int) {
	p := c.p
	s := p.subjectOf(v)
	if s < 0 {
		return
	}
	ch := &p.chunks[s]
	if p.toks[ch.from].low == "we" && !p.toks[ch.from].quoted {
		*we++
	}
	if e := rd.bodyIn(p, ch.from, ch.to); e != nil {
		speakers[e.Name]++
		rd.d.org = Source{Name: e.Name, Kind: e.Kind}
		return
	}
	if cl := p.lx.noun(p.toks[ch.head].low); ch.ent == nil && cl&(cSpeaker|cPeople) != 0 && cl&(cSource|cBody) == 0 {
		speakers["people:"+p.toks[ch.head].low]++
	}
}

var reportNouns = set([]string{"investigation", "report", "advisory", "bulletin", "assessment", "study", "analysis", "paper", "alert", "post", "whitepaper", "findings", "research", "review"})

// findRetelling notes sentences that tell of a report with a publisher: "a report … published Tuesday by Microsoft",
// "In the Oct. 15 report, Microsoft …", "Microsoft's report", "an advisory issued by CISA and the NSA".
func (rd *reading) findRetelling(c *sentenceContext) {
	p := c.p
	for i := range p.chunks {
		ch := &p.chunks[i]
		if ch.kind != kNP || !reportNouns[p.toks[ch.head].low] && !reportNouns[singular(p.toks[ch.head].low)] {
			continue
		}
		publishers := rd.publishers(c, i)
		if len(publishers) == 0 {
			continue
		}
		title := rd.titleNear(c, i)
		date, precision := rd.reportDate(c, i)
		for _, e := range publishers {
			rd.addRetelling(Reference{
				Publisher: e.Name, Title: title, Date: date, Precision: precision,
				Quote: rd.doc.Text[rd.sents[c.n].start:rd.sents[c.n].end], Start: rd.sents[c.n].start, End: rd.sents[c.n].end,
			})
		}
	}
}

// publishers are the bodies that a report is said to be of.
func (rd *reading) publishers(c *sentenceContext, i int) []*Entity {
	p := c.p
	ch := &p.chunks[i]
	if e := rd.bodyIn(p, ch.from, ch.to); e != nil && e.Kind != Media {
		return []*Entity{e}
	}
	for k := i + 1; k < len(p.chunks) && k < i+9; k++ {
		if p.is(k, kPrep) && (p.wordAt(k) == "by" || p.wordAt(k) == "from") && p.is(k+1, kNP) {
			var out []*Entity
			for _, m := range p.groupAt(k+1, len(p.chunks)).members {
				if e := rd.bodyIn(p, p.chunks[m].from, p.chunks[m].to); e != nil && e.Kind != Media {
					out = append(out, e)
				}
			}
			return out
		}
		if p.is(k, kVG) && !p.reduced(k) {
			break
		}
	}
	// "In the Oct. 15 report, Microsoft called for …"; "Microsoft said in a report …".
	if p.is(i-1, kPrep) && p.wordAt(i-1) == "in" {
		for v := range p.chunks {
			if g := &p.chunks[v]; g.kind == kVG && (p.lx.speech[g.word] || adviceVerbs[g.word]) {
				if s := p.subjectOf(v); s >= 0 {
					if e := rd.bodyIn(p, p.chunks[s].from, p.chunks[s].to); e != nil && e.Kind != Media {
						return []*Entity{e}
					}
					if who, ok := rd.sourceAt(c, s); ok { // "the company's unit wrote in a report"
						if e := rd.gaz.byName[strings.ToLower(who.Name)]; e != nil && e.Kind != Media && e.Kind != State {
							return []*Entity{e}
						}
					}
				}
			}
		}
	}
	return nil
}

var titled = regexp.MustCompile(`(?:titled|entitled|called|dubbed|the) [“"]?([A-Z][\w’'&-]*(?: (?:[A-Z0-9][\w’'&-]*|of|the|and|in|on|for)){1,7})`)

// titleNear reads the report's title from quotation marks or capitals around it.
func (rd *reading) titleNear(c *sentenceContext, i int) string {
	p := c.p
	ch := &p.chunks[i]
	from := ch.to
	for from > ch.from && isTitleWord(p.toks[from-1]) {
		from--
	}
	if ch.to-from >= 2 {
		title := p.span(rd.doc.Text, from, ch.to)
		if strings.Contains(title, " ") && !timeWord(p.toks[from].text) {
			return title
		}
	}
	text := rd.doc.Text[rd.sents[c.n].start:rd.sents[c.n].end]
	at := p.toks[ch.head].end - rd.sents[c.n].start
	if g := titled.FindStringSubmatch(text[min(at, len(text)):]); g != nil && strings.Index(text[at:], g[0]) < 25 && !strings.HasPrefix(g[0], "the") {
		return g[1]
	}
	return ""
}

func isTitleWord(t token) bool {
	return t.tag != tPoss && (t.text[0] >= 'A' && t.text[0] <= 'Z' || t.text[0] >= '0' && t.text[0] <= '9')
}

// reportDate reads when the report came out, if the sentence tells.
func (rd *reading) reportDate(c *sentenceContext, i int) (time.Time, string) {
	s := rd.sents[c.n]
	ch := &c.p.chunks[i]
	at := c.p.toks[ch.from].start
	for _, e := range rd.cal.In(s.start, s.end) {
		near := distance(&e, at) < 80
		inside := e.Start >= at && e.End <= c.p.toks[ch.to-1].end
		if e.When.From.IsZero() || !inside && (!near || !rd.speechTime(c.p, &e)) {
			continue
		}
		if e.When.From.Equal(e.When.To) {
			return e.When.From, "day"
		}
		if e.When.To.Sub(e.When.From) < 32*24*time.Hour {
			return e.When.From, "month"
		}
	}
	return time.Time{}, ""
}

func (rd *reading) addRetelling(r Reference) {
	for i := range rd.res.Retells {
		old := &rd.res.Retells[i]
		if old.Publisher != r.Publisher || old.Title != "" && r.Title != "" && old.Title != r.Title {
			continue
		}
		if old.Title == "" {
			old.Title = r.Title
		}
		if old.Date.IsZero() {
			old.Date, old.Precision = r.Date, r.Precision
		}
		return
	}
	if len(rd.res.Retells) < 50 {
		rd.res.Retells = append(rd.res.Retells, r)
	}
}

// settleRetelling orders the retold reports by how much their publishers speak, the main one first, and tells whether
// nobody else speaks. A publisher's own report is not retold.
func (rd *reading) settleRetelling(speakers map[string]int) {
	rd.res.Retells = slices.DeleteFunc(rd.res.Retells, func(r Reference) bool { return strings.EqualFold(r.Publisher, rd.doc.Publisher) })
	if len(rd.res.Retells) == 0 {
		return
	}
	for i := range rd.res.Retells {
		rd.inferTitle(&rd.res.Retells[i])
	}
	slices.SortStableFunc(rd.res.Retells, func(a, b Reference) int { return speakers[b.Publisher] - speakers[a.Publisher] })
	rd.retold = &rd.res.Retells[0]
	others := 0
	for name, n := range speakers {
		if name != rd.retold.Publisher {
			others += n
		}
	}
	rd.single = speakers[rd.retold.Publisher] > 0 && others == 0
}

type yearly struct {
	Publisher, Title string
	Months           []time.Month
	Cue              []string
}

// inferTitle names the yearly report of the publisher that comes out in the month of the reference, if the text has
// one of its cues or the report's own words.
func (rd *reading) inferTitle(r *Reference) {
	if rd.cal.Year == 0 || r.Title != "" {
		return
	}
	var list []yearly
	if err := readYAML("reports", &list); err != nil {
		return
	}
	for _, y := range list {
		if y.Publisher != r.Publisher {
			continue
		}
		month := r.Date.Month()
		if r.Date.IsZero() {
			month = rd.published.Month()
		}
		dated := !r.Date.IsZero() || !rd.published.IsZero()
		fits := dated && slices.Contains(y.Months, month)
		low := strings.ToLower(rd.doc.Text)
		cue := slices.ContainsFunc(y.Cue, func(w string) bool { return strings.Contains(low, w) })
		if !cue || dated && !fits {
			continue
		}
		year := rd.cal.Year
		if !r.Date.IsZero() {
			year = r.Date.Year()
		}
		r.Title = fmt.Sprintf("%s %d", y.Title, year)
		r.Inferred = fmt.Sprintf("%s publishes it every year about this time; thumb rule", y.Publisher)
		if r.Date.IsZero() {
			r.Date, r.Precision = day(year, 1, 1), "year"
		}
		return
	}
	if r.Date.IsZero() && rd.cal.Year > 0 {
		r.Date, r.Precision = day(rd.cal.Year, 1, 1), "year"
	}
}

// settleHouse decides who speaks where the text names nobody: the publishing vendor or authority for its own report,
// the article otherwise.
func (rd *reading) settleHouse(speakers map[string]int, we int) {
	rd.house = Source{Name: TheArticle, Kind: "article"}
	if rd.doc.Publisher != "" {
		if e, ok := rd.gaz.Lookup(rd.doc.Publisher); ok && e.Kind != Media && e.Kind != State {
			rd.house = Source{Name: e.Name, Kind: e.Kind, Inferred: "the publisher speaks in its own report"}
		}
		return
	}
	if s, ok := rd.settleMasthead(); ok {
		rd.house = s
		return
	}
	if s, ok := rd.authors(); ok {
		rd.house = s
		return
	}
	if e := rd.announcer(); e != nil {
		rd.house = Source{Name: e.Name, Kind: e.Kind, Inferred: "an announcement of this body (\"today\") speaks for it"}
		return
	}
	if rd.retold == nil && len(speakers) == 1 {
		for name, n := range speakers {
			if e, ok := rd.gaz.byName[strings.ToLower(name)]; ok && n >= 2 && (e.Vendor || e.Law) {
				rd.house = Source{Name: e.Name, Kind: e.Kind, Inferred: "nobody else speaks in the text"}
				return
			}
		}
	}
	if we < 1 {
		return
	}
	if e := rd.edgeVendor(); e != nil && we > 1 {
		rd.house = Source{Name: e.Name, Kind: e.Kind, Inferred: "the text says \"we\", and its first or last lines name this body"}
		return
	}
	best, all := "", 0
	for name, n := range speakers {
		all += n
		if !strings.HasPrefix(name, "people:") && (best == "" || n > speakers[best] || n == speakers[best] && name < best) {
			best = name
		}
	}
	// Unnamed rather than wrong: a body that is told of must speak more than all others together, and more than once or twice.
	if e := rd.gaz.byName[strings.ToLower(best)]; best != "" && (speakers[best] < 3 || 2*speakers[best] <= all || e != nil && !e.Vendor) {
		best = ""
	}
	if best != "" {
		rd.house = Source{Name: best, Kind: rd.kindOfName(best), Inferred: "the text says \"we\", and this body speaks most in it"}
	}
}

// edgeVendor is the publisher of threat reports that the first or the last lines of the text name first.
func (rd *reading) edgeVendor() *Entity {
	text := rd.doc.Text
	for _, run := range [][2]int{{0, min(len(text), 400)}, {max(0, len(text)-500), len(text)}} {
		toks := tokenize(text, run[0], run[1])
		for i := range toks {
			if e, _, _ := rd.gaz.match(toks, i); e != nil && e.Vendor {
				return e
			}
		}
	}
	return nil
}

// authors are the bodies that a joint advisory names as its own: "A, B and C are releasing this advisory".
func (rd *reading) authors() (Source, bool) {
	for i := range min(3, len(rd.sents)) {
		p := rd.load(i)
		if p == nil {
			continue
		}
		for v := range p.chunks {
			ch := &p.chunks[v]
			if ch.kind != kVG || ch.word != "release" && ch.word != "issue" && ch.word != "publish" && ch.word != "author" && ch.word != "write" && ch.word != "warn" {
				continue
			}
			obj := p.directObject(v)
			own := obj >= 0 && (p.toks[p.chunks[obj].from].low == "this" || p.toks[p.chunks[obj].from].low == "a") && reportNouns[p.toks[p.chunks[obj].head].low]
			if !own || p.chunks[v].passive {
				continue
			}
			var bodies []Ref
			for k := range ch.from {
				if e := p.toks[k].ent; e != nil && (e.Law || e.Civil || e.Kind == Agency || e.Vendor) && !slices.ContainsFunc(bodies, func(r Ref) bool { return r.Name == e.Name }) {
					bodies = append(bodies, entityRef(e, p.toks[k].text))
				}
			}
			if len(bodies) > 1 {
				s := joinParties(bodies)
				s.Inferred = "the bodies that release the advisory speak in it"
				return s, true
			}
		}
	}
	return Source{}, false
}

// announcer is the body whose own announcement the text is: the subject of a first sentence that says "today".
func (rd *reading) announcer() *Entity {
	if head := rd.doc.Text[:min(len(rd.doc.Text), 300)]; strings.Contains(strings.ToUpper(head), "IMMEDIATE RELEASE") || strings.Contains(head, "Office of Public Affairs") {
		toks := tokenize(rd.doc.Text, 0, min(len(rd.doc.Text), 2000))
		for i := range toks {
			if e, _, _ := rd.gaz.match(toks, i); e != nil && e.Law {
				return e
			}
		}
	}
	for i := 0; i < min(2, len(rd.sents)); i++ {
		p := rd.load(i)
		if p == nil || !p.has(0, len(p.toks), "today") {
			continue
		}
		for v := range p.chunks {
			if ch := &p.chunks[v]; ch.kind == kVG && !ch.inf && !ch.ing {
				s := p.subjectOf(v)
				if s < 0 {
					continue
				}
				if e := rd.bodyIn(p, p.chunks[s].from, p.chunks[s].to); e != nil && (e.Law || e.Vendor) {
					return e
				}
			}
		}
	}
	return nil
}

// rootOf is the source that a claim goes back to: the retold report for its publisher and the publisher's people, the
// document for its own words, the named source otherwise.
func (rd *reading) rootOf(who Source) Reference {
	body := who.Name
	if who.Affiliation != "" {
		body = who.Affiliation
	}
	for i := range rd.res.Retells {
		r := rd.res.Retells[i]
		if r.Publisher == body || slices.ContainsFunc(who.Parties, func(p Ref) bool { return p.Name == r.Publisher }) {
			r.Quote, r.Start, r.End = "", 0, 0
			return r
		}
	}
	if who.Name == TheArticle || who.Name == rd.house.Name {
		return Reference{Publisher: rd.doc.Publisher, Title: rd.doc.Title, Document: rd.doc.Name, Date: rd.published}
	}
	return Reference{Publisher: body, Document: rd.doc.Name, Date: rd.published}
}
