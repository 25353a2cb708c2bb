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
	rules *prose.Reader
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
	rules, err := prose.NewReader(g)
	if err != nil {
		return nil, err
	}
	model, err := language.Load()
	if err != nil {
		return nil, err
	}
	return &Reader{rules: rules, lx: lx, gaz: g, index: newIndex(g), model: model}, nil
}

// sent is a sentence with what is known of it.
type sent struct {
	toks  []language.Token
	tree  predicate.Tree
	name  []int // of each token: index in names, −1 for none
	names []named
	preds []predicate.Predicate
	times []prose.Time
	timed bool
	voice voices
	known map[int]named // nouns that the sentence itself gives a name: "a group tracked as X"
}

// reading is the state of one document's reading.
type reading struct {
	*Reader
	doc     prose.Document
	res     *prose.Result
	survey  *prose.Result // of the document as a whole
	text    *language.Text
	sents   []sent
	cal     *prose.Calendar
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
	res := r.rules.Read(doc)
	if l := language.Guess(doc.Text); l != "" && l != language.English {
		res.Claims = nil // what the grammar of English makes of another language is nobody's statement
		return res
	}
	trees := r.Trees(doc, &res)
	long := len(doc.Text) > 1500
	if len(res.Claims) == 0 && (long && len(trees) < 4 || !slices.ContainsFunc(trees, deed)) {
		trees = nil // an announcement or an essay: a few sentences that sound like deeds are no report of any
	}
	rules := slices.Clip(res.Claims)
	for _, c := range trees {
		if !known(res.Claims, &c) && !(c.Trust < lone && covered(rules, &c)) {
			res.Claims = append(res.Claims, c)
		}
	}
	slices.SortStableFunc(res.Claims, func(a, b prose.Claim) int { return a.Start - b.Start })
	return res
}

// lone is the trust below which a claim is told only where nothing else is said of its words.
const lone = 0.45

// covered says whether a claim of the same words is there already.
func covered(claims []prose.Claim, c *prose.Claim) bool {
	return slices.ContainsFunc(claims, func(o prose.Claim) bool { return o.Start < c.End && c.Start < o.End })
}

// deeds are relations that tell of something done, by somebody or against them.
var deeds = map[string]bool{
	"compromised": true, "stole": true, "deployed": true, "disrupted": true, "targets": true, "exploited": true, "spread": true, "personas": true, "extorts": true,
	"attributed-to": true, "linked-to": true, "measure": true, "influences": true, "response": true, "affected": true, "volume": true, "uses": true,
}

func deed(c prose.Claim) bool { return deeds[c.Relation] }

// known says whether one of the claims says the same of the same words.
func known(claims []prose.Claim, c *prose.Claim) bool {
	return slices.ContainsFunc(claims, func(o prose.Claim) bool {
		return o.Start < c.End && c.Start < o.End && o.Relation == c.Relation && share(o.Object, c.Object)
	})
}

func share(a, b []prose.Ref) bool {
	for _, x := range a {
		for _, y := range b {
			if strings.EqualFold(x.Name, y.Name) || strings.Contains(x.Text, y.Text) || strings.Contains(y.Text, x.Text) {
				return true
			}
		}
	}
	return len(a) == 0 && len(b) == 0
}

// Trees returns the claims that the trees of a document tell. survey is what is known of the document as a whole.
func (r *Reader) Trees(doc prose.Document, survey *prose.Result) []prose.Claim {
	if len(doc.Text) > prose.MaxText {
		doc.Text = strings.ToValidUTF8(doc.Text[:prose.MaxText], "")
	}
	res := prose.Result{}
	rd := &reading{Reader: r, doc: doc, res: &res, survey: survey, units: map[string]*prose.Entity{}, people: map[string]prose.Source{}, seen: map[string]int{}}
	rd.text = r.model.ReadNamed(doc.Text, r.index)
	rd.cal = prose.NewCalendar(doc.Text, doc.Published)
	rd.prepare()
	rd.house = survey.House
	for i := range rd.sents {
		rd.sentence(i)
		if len(res.Claims) >= prose.MaxClaims {
			survey.Warnings = append(survey.Warnings, fmt.Sprintf("claims: only the first %d are kept", prose.MaxClaims))
			break
		}
	}
	return res.Claims
}

// prepare finds names and predicates.
func (r *reading) prepare() {
	r.sents = make([]sent, len(r.text.Sentences))
	for i := range r.sents {
		r.sents[i].toks = r.text.Sentences[i].Tokens
	}
	r.readNames(r.model.Mentions(r.text, r.index))
	all := predicate.Read(r.text)
	for i := range r.sents {
		s := &r.sents[i]
		s.tree, s.preds = predicate.NewTree(s.toks), all[i]
		for k := range s.preds {
			if p := &s.preds[k]; p.Class == predicate.Verb {
				p.Lemma = r.lx.verb(p.Lemma, strings.ToLower(s.toks[p.Head].Text))
			}
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
	r.introduce(si)
	if question(s) {
		r.memory.follow(r, si)
		return
	}
	for k := range s.preds {
		p := &s.preds[k]
		if r.imperative(p) {
			continue
		}
		if !r.advice(p) && !r.measure(p) {
			r.frames(p)
		}
		r.naming(p)
	}
	r.descriptions(si)
	r.memory.follow(r, si)
}

// imperative says whether a predicate is a command or the run-in heading of a paragraph: a bare verb at the beginning, without subject.
func (r *reading) imperative(p *predicate.Predicate) bool {
	s := &r.sents[p.Sentence]
	return p.Class == predicate.Verb && s.toks[p.Head].Fine == "VB" && (p.Relation == "root" || p.Relation == "conj") && p.Time == predicate.Untold && len(p.Of(predicate.Agent)) == 0 && p.Modal == ""
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
	accuses         bool         // who acts in the predicate is who says it: "Microsoft attributes it to"
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
