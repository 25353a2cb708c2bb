package report

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"marque/claim"
	"marque/ingest"
	"marque/ingest/document"
	"marque/ingest/entity"
	"marque/ingest/prose"
	"marque/stix"
)

// converter turns the reading of one document into STIX.
type converter struct {
	out ingest.Sink
	w   *entity.Writer
	doc document.Document
	id  stix.ID // the report object
	res *prose.Result
	at  stix.Timestamp // date of what is said

	ops      *operations
	carriers map[string][]stix.ID // of a claim, by the reader's id
	speakers map[string]stix.ID   // identities by name
	refs     []stix.ID            // what the report object lists
	meant    []stix.ID            // observables among them that it gives to look for
	tables   map[string]bool      // what stands in tables of the page, by type and value
}

func (c *converter) convert(ctx context.Context) error {
	c.at = c.date()
	c.ops = newOperations(c)
	c.ops.find()
	for i := range c.res.Claims {
		if err := ctx.Err(); err != nil {
			return err
		}
		if cl := &c.res.Claims[i]; !answers(cl) {
			c.claim(cl)
		}
	}
	for i := range c.res.Claims { // after what they answer
		if cl := &c.res.Claims[i]; answers(cl) {
			c.answer(cl)
		}
	}
	if err := c.ops.write(); err != nil {
		return err
	}
	c.observables()
	c.report()
	c.candidates()
	return c.w.Err()
}

func answers(cl *prose.Claim) bool {
	return cl.Stance == prose.Denies || cl.Stance == prose.NoComment
}

// date is when the document speaks: its own date, else that of the report it retells. Where of that only the year is known, or
// nothing at all, the latest day that the document tells of comes closer.
func (c *converter) date() stix.Timestamp {
	best := c.doc.Published
	if best.IsZero() {
		best = c.res.Published
	}
	exact := !best.IsZero()
	for _, r := range c.res.Retells {
		if best.IsZero() {
			best, exact = r.Date, r.Precision == "" || r.Precision == "day"
		}
	}
	if !exact {
		year := best.Year()
		for i := range c.res.Claims {
			w := c.res.Claims[i].When
			short := !w.From.IsZero() && w.To.Sub(w.From) <= 31*24*time.Hour
			if short && w.To.After(best) && (best.IsZero() || w.To.Year() == year) {
				best = w.To
			}
		}
	}
	if best.IsZero() {
		return entity.Undated
	}
	return stix.At(best)
}

// report writes the report object and what it retells.
func (c *converter) report() {
	publisher := claim.MarqueIdentity
	ref := stix.ExternalReference{SourceName: "document", Description: c.doc.Title, URL: c.doc.URL, Hashes: map[string]string{"SHA-256": c.doc.Digest}}
	if c.doc.Publisher != "" {
		publisher = c.w.Organisation(c.doc.Publisher)
		ref.SourceName = c.doc.Publisher
	}
	v := stix.Report{Common: stix.NewCommon(c.id, c.at, publisher), Name: c.doc.Title, Published: c.at, ReportTypes: []string{"threat-report"}}
	v.References = []stix.ExternalReference{ref}
	v.Lang = c.doc.Lang
	for _, r := range c.res.Retells {
		root := c.root(r)
		if root != c.id {
			c.w.Relate(claim.MarqueIdentity, entity.Epoch, "derived-from", c.id, root)
		}
	}
	slices.Sort(c.refs)
	if v.ObjectRefs = slices.Compact(c.refs); len(v.ObjectRefs) == 0 {
		v.ObjectRefs = []stix.ID{publisher}
	}
	c.w.Add(c.id, v)
}

// root is the report that a statement goes back to: the document itself, the report it retells, or a body's statement that it
// quotes.
func (c *converter) root(r prose.Reference) stix.ID {
	if r.Document != "" && (r.Publisher == "" || strings.EqualFold(r.Publisher, c.doc.Publisher) || r.Title != "" && r.Title == c.doc.Title) {
		return c.id
	}
	if r.Publisher == "" && (r.Title == "" || r.Title == c.doc.Title) {
		return c.id
	}
	title := r.Title
	when := c.at
	if coarse := r.Precision == "year" && r.Date.Year() == c.at.Time().Year(); !r.Date.IsZero() && !coarse {
		when = stix.At(r.Date) // of a year alone the document that retells it is the better date
	}
	switch {
	case title != "":
	case r.Document != "" && when != entity.Undated:
		title = r.Publisher + ", statement of " + when.Time().Format("January 2006")
	case r.Document != "":
		title = r.Publisher + ", as quoted in " + c.doc.Title
	case when != entity.Undated:
		title = r.Publisher + ", report of " + when.Time().Format("2006")
	default:
		title = r.Publisher + ", report"
	}
	return c.w.NamedReport(r.Publisher, title, when, c.body(r.Publisher))
}

// said begins the claim extension of a claim for one speaker.
func (c *converter) said(cl *prose.Claim, by stix.ID, speaker string) entity.Said {
	reliability, credibility := grade(cl)
	x := claim.Claim{
		ClaimID: c.claimID(cl, by), DocumentRef: c.id, RootRef: c.root(cl.Root), Speaker: speaker,
		Quote: cl.Quote, QuoteStart: cl.Start, QuoteEnd: cl.End, Stance: string(cl.Stance), Relation: claim.Relation(cl.Relation),
		Subjects: c.ends(cl.Subject, cl.Relation, false), Objects: c.ends(cl.Object, cl.Relation, true),
		Targets: c.ends(cl.Targets, "targets", true), Hedge: cl.Hedge, WhenText: cl.When.Text,
		From: stamp(cl.When.From), To: stamp(cl.When.To), Motives: cl.Motive, Narrative: cl.Narrative, Note: note(cl),
		Reliability: reliability, Credibility: credibility, Status: claim.Candidate, Rule: cl.Rule, Why: cl.Why,
	}
	if cl.Count.Op != "" {
		x.Count = &claim.Count{Op: cl.Count.Op, N: float64(cl.Count.N), Unit: cl.Count.Unit}
	}
	if cl.Purpose != "" {
		x.Purposes = []string{cl.Purpose}
	}
	if about := c.find(cl.About); about != nil {
		by, _ := c.speaker(&about.Who)
		x.About = c.claimID(about, by)
	}
	return entity.Said{By: by, At: c.at, Confidence: percent(cl.Confidence), Claim: x}
}

// claimID names a claim by its place in the document, what is said, how, by whom and of whom: one sentence may say one thing of
// several.
func (c *converter) claimID(cl *prose.Claim, by stix.ID) string {
	key := []string{string(c.id), strconv.Itoa(cl.Start), strconv.Itoa(cl.End), cl.Relation, string(cl.Stance), string(by)}
	for _, r := range slices.Concat(cl.Subject, cl.Object) {
		key = append(key, r.Name)
	}
	return entity.ClaimID(key...)
}

func (c *converter) find(id string) *prose.Claim {
	if id == "" {
		return nil
	}
	for i := range c.res.Claims {
		if c.res.Claims[i].ID == id {
			return &c.res.Claims[i]
		}
	}
	return nil
}

func stamp(t time.Time) stix.Timestamp {
	if t.IsZero() {
		return stix.Timestamp{}
	}
	return stix.At(t)
}

func percent(p prose.Confidence) *int {
	if p.Probability == 0 {
		return nil
	}
	n := int(p.Probability*100 + 0.5)
	return &n
}

func note(cl *prose.Claim) string {
	var parts []string
	for _, p := range [][2]string{{"trend", cl.Trend}, {"after", cl.After}, {"within", cl.Within}} {
		if p[1] != "" {
			parts = append(parts, p[0]+": "+p[1])
		}
	}
	return strings.Join(parts, "; ")
}

// rarely is the share of right claims below which one of a kind is doubtful, hedge or not.
const rarely = 0.4

// grade gives the Admiralty grades of a candidate: the source by its kind, the statement by its hedge; 3 (possibly true) at
// best until a person accepts it. Thumb rules.
func grade(cl *prose.Claim) (reliability string, credibility int) {
	switch cl.Who.Kind {
	case "company", "agency", "ministry", "org", "state", "military":
		reliability = "B"
	case "person":
		reliability = "C"
		if cl.Who.Affiliation != "" {
			reliability = "B"
		}
	case "article", "media", "report":
		reliability = "C"
	default:
		reliability = "C"
	}
	if answers(cl) {
		return "C", 6 // a party about itself
	}
	credibility = 3
	if cl.Hedge != "" || cl.Stance != prose.Asserts || cl.Trust > 0 && cl.Trust < rarely {
		credibility = 4
	}
	return reliability, credibility
}

// claim puts a claim on its carriers.
func (c *converter) claim(cl *prose.Claim) {
	by, speaker := c.speaker(&cl.Who)
	s := c.said(cl, by, speaker)
	if op := c.ops.of(cl); op != nil {
		c.operationClaim(cl, s, op)
		return
	}
	subjects, objects := c.resolve(cl.Subject, cl.Relation, false), c.resolve(cl.Object, cl.Relation, true)
	if cl.Relation == "measure" {
		c.measure(cl, s, subjects)
	}
	var carried []stix.ID
	for _, from := range subjects {
		for _, to := range objects {
			if from != to {
				carried = append(carried, c.w.Says(s, from, to))
			}
		}
	}
	if len(carried) == 0 {
		about := slices.Concat(subjects, objects)
		if len(about) == 0 {
			about = []stix.ID{by}
		}
		carried = append(carried, c.w.Notes(s, cl.Quote, unique(about)...))
	}
	c.keep(cl, carried, subjects, objects)
}

func (c *converter) keep(cl *prose.Claim, carried []stix.ID, ends ...[]stix.ID) {
	c.carriers[cl.ID] = carried
	c.refs = append(c.refs, carried...)
	for _, e := range ends {
		c.refs = append(c.refs, e...)
	}
}

// operationClaim puts a claim about a deed on the operation: who did it, to whom, for whom, why.
func (c *converter) operationClaim(cl *prose.Claim, s entity.Said, op *operation) {
	var carried []stix.ID
	switch {
	case cl.Relation == "on-behalf-of":
		for _, sponsor := range c.resolve(cl.Object, "on-behalf-of", false) {
			carried = append(carried, c.w.Says(s, op.id, sponsor))
		}
	case claim.Relation(cl.Relation).Deed() != "":
		doers := c.ops.doers(cl, op)
		for _, doer := range doers {
			carried = append(carried, c.w.SaysAs(s, "attributed-to", op.id, doer))
		}
		for _, victim := range c.victims(cl) {
			carried = append(carried, c.w.SaysAs(s, "targets", op.id, victim))
		}
		for _, tool := range c.tools(cl) {
			carried = append(carried, c.w.SaysAs(s, "uses", op.id, tool))
		}
	}
	if len(carried) == 0 {
		carried = append(carried, c.w.Notes(s, cl.Quote, op.id))
	}
	c.keep(cl, append(carried, op.id))
}

// answer writes a denial as an opinion on what it denies, and no comment as a note, for each party.
func (c *converter) answer(cl *prose.Claim) {
	var carried []stix.ID
	denied := c.denied(cl)
	for _, p := range c.parties(cl) {
		s := c.said(cl, p.id, p.name)
		switch {
		case cl.Stance == prose.Denies && len(denied) > 0:
			carried = append(carried, c.w.Disagrees(s, cl.Quote, denied...))
		default:
			carried = append(carried, c.w.Notes(s, cl.Quote, p.id))
		}
	}
	c.keep(cl, carried)
}

type party struct {
	id   stix.ID
	name string
}

func (c *converter) parties(cl *prose.Claim) []party {
	var out []party
	for i := range cl.Who.Parties {
		if id := c.entity(&cl.Who.Parties[i], "response", false); id != "" {
			out = append(out, party{id, cl.Who.Parties[i].Name})
		}
	}
	if len(out) == 0 {
		id, name := c.speaker(&cl.Who)
		out = append(out, party{id, name})
	}
	return out
}

// denied are the carriers of the claims that a denial is about: the one it names, else of what others say in this document of who denies
// those of the same fact. A denial that says of no deed in particular answers all; one of a deed that nobody tells of here answers none.
func (c *converter) denied(cl *prose.Claim) []stix.ID {
	if ids := c.carriers[cl.About]; len(ids) > 0 {
		return relations(ids)
	}
	var all, same []stix.ID
	for _, id := range cl.Denied {
		ids := relations(c.carriers[id])
		all = append(all, ids...)
		if other := c.find(id); other != nil && cl.Relation != "response" && prose.SameFact(cl, other) {
			same = append(same, ids...)
		}
	}
	if len(same) > 0 || cl.Relation != "response" {
		return unique(same)
	}
	return unique(all)
}

// relations are the carriers that say something, without the operations among them.
func relations(ids []stix.ID) []stix.ID {
	var out []stix.ID
	for _, id := range ids {
		if t := id.Type(); t == "relationship" || t == "note" {
			out = append(out, id)
		}
	}
	return out
}

func unique(ids []stix.ID) []stix.ID {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	return slices.Compact(ids)
}

// measureKinds maps the reader's kinds of measures to those of docs/model.md.
var measureKinds = map[string]string{
	"seizure": "seizure", "sanctions": "sanctions", "indictment": "indictment", "arrest": "arrest", "takedown": "takedown",
	"expulsion": "expulsion", "conviction": "conviction", "advisory": "advisory", "reward": "reward",
	"attribution": "public-attribution", "summons": "summons", "protest": "protest", "removal": "takedown", "raid": "seizure",
}

// measure writes a measure that a claim tells of, once for each root, kind, body and month.
func (c *converter) measure(cl *prose.Claim, s entity.Said, by []stix.ID) {
	for i := range cl.Object {
		kind := measureKinds[cl.Object[i].Kind]
		if kind == "" {
			kind = "other"
		}
		when := c.at
		if !cl.When.From.IsZero() {
			when = stix.At(cl.When.From)
		}
		var codes []string
		for _, r := range append(slices.Clone(cl.Subject), prose.Ref{Country: cl.Who.Affiliation}) {
			if code, ok := entity.CountryCode(r.Country); ok && !slices.Contains(codes, code) {
				codes = append(codes, code)
			}
		}
		id := stix.DerivedID(claim.TypeMeasure, "prose", string(s.Claim.RootRef), kind, fmt.Sprint(codes), when.Time().Format("2006-01"))
		m := claim.Measure{
			Common: stix.NewCommon(id, when, claim.MarqueIdentity), Name: cl.Object[i].Name, Kind: kind, Date: when, By: codes, ByRefs: by,
			Status: "announced", DocumentRefs: []stix.ID{s.Claim.RootRef},
		}
		if err := m.Extensions.Extend(claim.MeasureExtension, map[string]string{"extension_type": "new-sdo"}); err == nil {
			c.refs = append(c.refs, c.w.Supplement(id, m))
		}
	}
}
