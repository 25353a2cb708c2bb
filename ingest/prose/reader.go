package prose

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"marque/ingest/prose/language"
)

// Reader reads documents with one set of names. It may be used by several goroutines at once.
type Reader struct {
	lx  *lexicon
	gaz *Gazetteer
}

// NewReader returns a reader for the names of g; nil means the embedded ones.
func NewReader(g *Gazetteer) (*Reader, error) {
	lx, err := embedded()
	if err != nil {
		return nil, err
	}
	if g == nil {
		if g, err = embeddedNames(); err != nil {
			return nil, err
		}
	}
	return &Reader{lx: lx, gaz: g}, nil
}

// reading is the state of one document's reading: what was said so far, by whom, and who "they" are.
type reading struct {
	*Reader
	doc         Document
	res         *Result
	paras       []paragraph
	sents       []sentence
	published   time.Time
	cal         *Calendar
	house       Source         // who speaks where nobody is named
	turn        Source         // the labelled speaker of the present paragraph
	guest       Source         // whom the lines above an interview present
	retold      *Reference     // the report that most of the document retells
	single      bool           // only one body speaks in the document
	protagonist []Ref          // the actor that the document is about, if one stands out
	followed    map[string]int // how often "the group" follows an actor's name
	lastActor   string
	acts        map[string]int // how often a body is the subject of a verb that is none of speech
	d           discourse
	local       map[string][]localName // names the document introduces, by first word
	seen        map[string]int         // key of a claim → its index
	own         []Claim                // claims of the present sentence
}

// discourse is what pronouns and "the group" can refer to.
type discourse struct {
	group     []Ref // the last group or actor that did something
	single    []Ref // the last of them that is one group, for "the actor"
	pair      []Ref // the last two named actors, for "both groups"
	states    []Ref
	asset     []Ref
	main      []Ref       // the subject of the sentence before
	malware   []Ref       // the malware named last
	recent    []mentioned // what the sentence before tells of, its subject first
	accused   []Ref       // whom the last indictment is against
	company   Source      // the company named last
	mainOrg   Source      // the body that was the subject of the sentence before
	operation []Ref
	subject   []Ref
	org       Source            // the last body that spoke
	person    Source            // the last person that spoke
	people    map[string]Source // by surname
	posts     map[string]Source // "the embassy", "the ministry": the one told of last, by its noun
	lastSpoke Source            // in this paragraph
	carried   Source            // the body that spoke last, over the ends of paragraphs
	stretch   bool              // the paragraphs follow a description of the retold report
	measure   string            // the last measure, in words
	action    int               // index of the last claim of an action, -1 none
	actionPar int
}

// Read returns what the document says. It does not fail: what cannot be read is told in Warnings.
func (r *Reader) Read(doc Document) Result {
	res := Result{}
	if len(doc.Text) > MaxText {
		doc.Text = strings.ToValidUTF8(doc.Text[:MaxText], "")
		res.Warnings = append(res.Warnings, fmt.Sprintf("text: only the first %d bytes were read", MaxText))
	}
	rd := &reading{Reader: r, doc: doc, res: &res, seen: map[string]int{}, acts: map[string]int{}, followed: map[string]int{}, published: doc.Published}
	rd.d.people, rd.d.posts = map[string]Source{}, map[string]Source{}
	rd.d.action = -1
	rd.paras = splitParagraphs(doc.Text, r.lx)
	rd.readNames()
	rd.readLists()
	rd.readLabels()
	rd.cut()
	rd.cal = NewCalendar(doc.Text, doc.Published)
	rd.published, res.Period = rd.cal.Published, rd.cal.Period
	res.Warnings = append(res.Warnings, rd.cal.Warnings...)
	rd.readObservables()
	rd.survey()
	res.House = rd.house
	rd.extract()
	res.Published = rd.published
	rd.finish()
	return res
}

// cut fills the sentences. Headings and page furniture have none.
func (rd *reading) cut() {
	for i := range rd.paras {
		p := &rd.paras[i]
		if p.boilerplate || p.heading || p.leads {
			continue
		}
		quoted := false
		for _, r := range splitSentences(rd.doc.Text, afterDateline(rd.doc.Text, p.start, p.end), p.end, rd.lx) {
			p.sentences = append(p.sentences, len(rd.sents))
			s := sentence{start: r[0], end: r[1], par: i, quoted: quoted}
			if p.lead >= 0 && len(p.sentences) == 1 {
				s.leadFrom, s.leadTo = rd.paras[p.lead].start, rd.paras[p.lead].end-1
			}
			rd.sents = append(rd.sents, s)
			quoted = quotedAfter(rd.doc.Text[r[0]:r[1]], quoted)
		}
	}
	if len(rd.sents) == 0 && strings.TrimSpace(rd.doc.Text) != "" {
		rd.res.Warnings = append(rd.res.Warnings, "text: no sentences found")
	}
	if l := language.Guess(rd.doc.Text); l != "" && l != language.English {
		rd.res.Warnings = append(rd.res.Warnings, "language: the text is "+l+"; claims are read from English only, names, dates and technical traces all the same")
	}
}

// load tokenizes, tags and chunks a sentence; the parse is not kept.
func (rd *reading) load(i int) *clauseParse {
	s := rd.sents[i]
	s.toks = rd.tokens(&s)
	if len(s.toks) == 0 {
		return nil
	}
	rd.tagSentence(s.toks)
	return rd.parse(&s)
}

// tokens are those of the sentence, with its lead-in before them.
func (rd *reading) tokens(s *sentence) []token {
	toks := tokenizeQuoted(rd.doc.Text, s.start, s.end, s.quoted)
	if s.leadTo == 0 {
		return toks
	}
	return slices.Concat(tokenize(rd.doc.Text, s.leadFrom, s.leadTo), toks)
}

// extract reads the sentences in order and keeps their claims.
func (rd *reading) extract() {
	par := -1
	for i := range rd.sents {
		if len(rd.res.Claims) >= MaxClaims {
			rd.res.Warnings = append(rd.res.Warnings, fmt.Sprintf("claims: only the first %d are kept", MaxClaims))
			return
		}
		p := rd.load(i)
		if p == nil {
			continue
		}
		if rd.sents[i].par != par {
			rd.enterParagraph(par, rd.sents[i].par)
			par = rd.sents[i].par
		}
		if strings.HasSuffix(rd.doc.Text[rd.sents[i].start:rd.sents[i].end], "?") { // a question tells nothing, but of whom one speaks
			rd.own = rd.own[:0]
			rd.follow(rd.context(p, i))
			continue
		}
		rd.readSentence(p, i)
	}
}

func (rd *reading) enterParagraph(from, to int) {
	if to := &rd.paras[to]; !strings.HasPrefix(rd.doc.Text[to.start:], "\"") && !strings.HasPrefix(rd.doc.Text[to.start:], "“") {
		rd.d.lastSpoke = Source{}
	}
	rd.enterTurn(&rd.paras[to])
	if from >= 0 && rd.paras[from].section != rd.paras[to].section {
		rd.d.stretch, rd.d.carried = false, Source{}
	}
}

// readSentence runs the rules over one sentence, then lets the discourse follow it.
func (rd *reading) readSentence(p *clauseParse, i int) {
	rd.own = rd.own[:0]
	c := rd.context(p, i)
	rd.introducePeople(c)
	rd.readSpeech(c)
	for _, rule := range []func(*sentenceContext){
		rd.ruleNoComment, rd.ruleRecommends, rd.ruleFrames, rd.ruleNouns, rd.ruleMeasures, rd.ruleCarried, rd.ruleBlurred, rd.ruleVolume, rd.ruleAlias, rd.ruleNames, rd.ruleWho,
		rd.ruleVersus, rd.ruleSuccessors, rd.ruleStillUp, rd.ruleBehalf, rd.ruleIncident, rd.ruleSurfaced, rd.ruleTools, rd.ruleNumbers, rd.ruleVictims, rd.ruleTogether, rd.ruleSame, rd.ruleIdentity, rd.ruleSubject, rd.ruleUnpaid, rd.ruleMotive, rd.ruleSuggests, rd.rulePurpose, rd.ruleOutlook, rd.ruleSilence, rd.ruleDenials, rd.ruleRejects, rd.ruleNothing, rd.ruleAgrees, rd.ruleImperative,
	} {
		rule(c)
	}
	rd.follow(c)
	ids := make([]string, len(rd.own))
	for i, cl := range rd.own {
		if n, ok := strings.CutPrefix(cl.About, "#"); ok {
			k, err := strconv.Atoi(n)
			cl.About = ""
			if err == nil && k < i {
				cl.About = ids[k]
			}
		}
		ids[i] = rd.keep(cl)
	}
}

// keep adds a claim, or completes the one that says the same already, and returns its id.
func (rd *reading) keep(c Claim) string {
	if rd.doc.Text[c.Start:c.End] != c.Quote {
		return "" // cannot happen; a claim whose words are not in the text is never told
	}
	key := claimKey(&c)
	if at, ok := rd.seen[key]; ok && rd.compatible(&rd.res.Claims[at], &c) {
		complete(&rd.res.Claims[at], &c)
		return rd.res.Claims[at].ID
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%d", rd.doc.Name, key, c.Start))
	c.ID = "claim-" + hex.EncodeToString(sum[:8])
	rd.seen[key] = len(rd.res.Claims)
	rd.res.Claims = append(rd.res.Claims, c)
	if actions[c.Relation] && c.Stance == Asserts {
		rd.d.action, rd.d.actionPar = len(rd.res.Claims)-1, rd.sents[c.Sentence].par
	}
	return c.ID
}

// actions are relations that a motive can be told of.
var actions = set([]string{"compromised", "uses", "deployed", "stole", "extorts", "targets", "disrupted", "spread", "exploited", "outsources-to", "created", "personas"})

func (rd *reading) compatible(a, b *Claim) bool {
	return a.Who.Name == b.Who.Name && (a.Count == b.Count || a.Count.N == 0 || b.Count.N == 0) && (a.When.From.Equal(b.When.From) || a.When.From.IsZero() || b.When.From.IsZero())
}

// complete fills what the first telling left open.
func complete(into, from *Claim) {
	if into.Count.N == 0 {
		into.Count = from.Count
	}
	if into.When.From.IsZero() {
		into.When = from.When
	}
	if into.Hedge == "" && from.Hedge != "" && into.Sentence == from.Sentence {
		into.Hedge, into.Confidence = from.Hedge, from.Confidence
	}
	if len(into.Targets) == 0 {
		into.Targets = from.Targets
	}
	for _, m := range from.Motive {
		if !slices.Contains(into.Motive, m) {
			into.Motive = append(into.Motive, m)
		}
	}
}

// claimKey is what makes two claims of a document one: who, relation, stance, subject and object.
func claimKey(c *Claim) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s|%s|%s|", c.Who.Name, c.Relation, c.Stance)
	for _, side := range [][]Ref{c.Subject, c.Object, c.Who.Parties} {
		names := make([]string, 0, len(side))
		for _, r := range side {
			names = append(names, strings.ToLower(r.Name))
		}
		slices.Sort(names)
		b.WriteString(strings.Join(names, ","))
		b.WriteByte('|')
	}
	return b.String()
}

// finish sorts what was found, and tells what each denial is of.
func (rd *reading) finish() {
	rd.settleDenials()
	slices.SortStableFunc(rd.res.Claims, func(a, b Claim) int { return a.Start - b.Start })
}
