package extract

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"marque/ingest/prose"
	"marque/ingest/prose/language"
	"marque/ingest/prose/predicate"
)

// Reader reads documents with one set of names. It may be used by several goroutines at once.
type Reader struct {
	lx    *wordLists
	gaz   *prose.Gazetteer
	index index
	model *language.Model
}

// NewReader returns a reader for the names of g; nil means the embedded ones.
func NewReader(g *prose.Gazetteer) (*Reader, error) {
	lx, err := lists()
	if err != nil {
		return nil, fmt.Errorf("extract: %w", err)
	}
	if g == nil {
		if g, err = prose.NewGazetteer(); err != nil {
			return nil, err
		}
	}
	model, err := language.Load()
	if err != nil {
		return nil, err
	}
	return &Reader{lx: lx, gaz: g, index: newIndex(g), model: model}, nil
}

// sent is a sentence with what is known of it.
type sent struct {
	toks  []language.Token
	tree  predicate.Tree
	name  []int // of each token: index in names, −1 for none
	names []named
	preds []predicate.Predicate
	times []timeExpr
	timed bool
	voice voices
}

// reading is the state of one document's reading.
type reading struct {
	*Reader
	doc     prose.Document
	res     *prose.Result
	text    *language.Text
	sents   []sent
	cal     *calendar
	units   map[string]*prose.Entity
	memory  memory
	house   prose.Source
	speaker speakers
	people  map[string]prose.Source // by surname
	seen    map[string]int          // key of a claim → its index
}

func (r *Reader) is(list, word string) bool { return r.lx.is(list, word) }

// Read returns what the document says. It does not fail: what cannot be read is told in Warnings.
func (r *Reader) Read(doc prose.Document) prose.Result {
	res := prose.Result{}
	if len(doc.Text) > prose.MaxText {
		doc.Text = strings.ToValidUTF8(doc.Text[:prose.MaxText], "")
		res.Warnings = append(res.Warnings, fmt.Sprintf("text: only the first %d bytes were read", prose.MaxText))
	}
	rd := &reading{Reader: r, doc: doc, res: &res, units: map[string]*prose.Entity{}, seen: map[string]int{}}
	rd.text = r.model.Read(doc.Text)
	rd.cal = newCalendar(doc.Text, doc.Published)
	res.Warnings = append(res.Warnings, rd.cal.warnings...)
	res.Published, res.Period = rd.cal.published, rd.cal.period
	rd.prepare()
	rd.findHouse()
	for i := range rd.sents {
		rd.sentence(i)
		if len(res.Claims) >= prose.MaxClaims {
			res.Warnings = append(res.Warnings, fmt.Sprintf("claims: only the first %d are kept", prose.MaxClaims))
			break
		}
	}
	traces := prose.Find(doc.Text, false)
	res.Observables, res.CVEs, res.ATTACKIDs = traces.Observables, traces.CVEs, traces.ATTACKIDs
	slices.SortStableFunc(res.Claims, func(a, b prose.Claim) int { return a.Start - b.Start })
	return res
}

// prepare finds names and predicates.
func (r *reading) prepare() {
	r.sents = make([]sent, len(r.text.Sentences))
	for i := range r.sents {
		r.sents[i].toks = r.text.Sentences[i].Tokens
	}
	r.readNames(r.model.Mentions(r.text, nil))
	all := predicate.Read(r.text)
	for i := range r.sents {
		s := &r.sents[i]
		s.tree, s.preds = predicate.NewTree(s.toks), all[i]
		for _, n := range s.names {
			r.res.Mentions = append(r.res.Mentions, prose.Mention{
				Name: n.entity.Name, Kind: n.entity.Kind, Country: n.entity.Country, Text: r.span(i, n.first, n.last),
				Start: s.toks[n.first].Start, End: s.toks[n.last-1].End,
			})
		}
		r.memory.count(s)
	}
}

func (r *reading) block(si int) *language.Block { return &r.text.Blocks[r.text.Sentences[si].Block] }

// sentence reads the claims of one sentence and remembers whom it told of.
func (r *reading) sentence(si int) {
	s := &r.sents[si]
	b := r.block(si)
	r.memory.enter(r, si, b)
	if b.Shape == language.Heading || b.Shape == language.Code || len(s.toks) == 0 {
		return
	}
	r.listen(si)
	if question(s) {
		r.memory.follow(r, si)
		return
	}
	for k := range s.preds {
		p := &s.preds[k]
		if !r.advice(p) && !r.measure(p) {
			r.frames(p)
		}
		r.naming(p)
	}
	r.descriptions(si)
	r.memory.follow(r, si)
}

func question(s *sent) bool {
	last := len(s.toks) - 1
	for last > 0 && s.toks[last].Text != "?" && s.toks[last].Tag == language.PUNCT {
		last--
	}
	return s.toks[last].Text == "?"
}

// claim is what a rule proposes: the ends are there, the rest is filled in by add.
type proposal struct {
	pred            *predicate.Predicate
	relation        string
	subject, object []thing
	targets         []thing
	rule, why       string
	trust           float64 // of the rule, before hedges
	motive          []string
	stance          prose.Stance // when the rule itself knows it
	at              int          // token
}

// add makes a claim of a proposal.
func (r *reading) add(p proposal) {
	c := prose.Claim{Document: r.doc.Name, Relation: p.relation, Rule: p.rule, Why: p.why, Motive: p.motive, Stance: prose.Asserts}
	si := p.pred.Sentence
	c.Subject, c.Object, c.Targets = refs(p.subject), refs(p.object), refs(p.targets)
	c.Sentence = si
	c.Start, c.End = r.quoted(si, p.at)
	c.Quote = r.doc.Text[c.Start:c.End]
	r.qualify(&c, &p)
	if c.Stance == "" {
		return
	}
	r.keep(c)
}

// refs are the ends of a claim, each once.
func refs(list []thing) []prose.Ref {
	var out []prose.Ref
	for _, t := range list {
		if t.Name != "" && !slices.ContainsFunc(out, func(r prose.Ref) bool { return r.Name == t.Name }) {
			out = append(out, t.Ref)
		}
	}
	return out
}

// maxQuote is how many bytes of a sentence are quoted, around the words that make the claim.
const maxQuote = 1500

func (r *reading) quoted(si, at int) (start, end int) {
	x := &r.text.Sentences[si]
	if x.End-x.Start <= maxQuote {
		return x.Start, x.End
	}
	mid := r.sents[si].toks[at].Start
	start, end = max(x.Start, mid-maxQuote/2), min(x.End, mid+maxQuote/2)
	for start < end && !utf8.RuneStart(r.doc.Text[start]) {
		start++
	}
	for end > start && end < len(r.doc.Text) && !utf8.RuneStart(r.doc.Text[end]) {
		end--
	}
	return start, end
}

// keep adds a claim, or completes the one that says the same already.
func (r *reading) keep(c prose.Claim) {
	key := keyOf(&c)
	if at, ok := r.seen[key]; ok {
		complete(&r.res.Claims[at], &c)
		return
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%d", r.doc.Name, key, c.Start))
	c.ID = "claim-" + hex.EncodeToString(sum[:8])
	r.seen[key] = len(r.res.Claims)
	r.res.Claims = append(r.res.Claims, c)
}

func keyOf(c *prose.Claim) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s|%s|%s|%d|%d|", c.Who.Name, c.Relation, c.Stance, c.Count.N, c.When.From.Unix())
	for _, side := range [][]prose.Ref{c.Subject, c.Object} {
		names := make([]string, 0, len(side))
		for _, e := range side {
			names = append(names, strings.ToLower(e.Name))
		}
		slices.Sort(names)
		b.WriteString(strings.Join(names, ",") + "|")
	}
	return b.String()
}

func complete(into, from *prose.Claim) {
	into.Hedge = cmp.Or(into.Hedge, from.Hedge)
	if len(into.Targets) == 0 {
		into.Targets = from.Targets
	}
}
