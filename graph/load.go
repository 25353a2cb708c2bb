package graph

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"marque/claim"
	"marque/stix"
	"marque/store"
)

// Options say what is loaded.
type Options struct {
	// AsOf lets only claims count whose document is dated before it, and of each object what it said then (see [AsKnown]); zero
	// lets everything count.
	AsOf time.Time
	// Extra are objects that are not stored, such as the bundle of a case.
	Extra []*stix.Object
	// Apart leaves the records of operations as the sources have them: none is joined.
	Apart bool
}

// Load reads everything that the reader shows.
func Load(ctx context.Context, r store.Reader, o Options) (*Graph, error) {
	return CollectRecords(RecordsAsKnown(ctx, r, store.Query{}, o.AsOf), o)
}

// Collect makes a graph of objects as [AsKnown] streams them. Their levels are those of their own markings.
func Collect(objects iter.Seq2[*stix.Object, error], o Options) (*Graph, error) {
	b := newBuilder(o.AsOf)
	for obj, err := range objects {
		if err != nil {
			return nil, fmt.Errorf("load graph: %w", err)
		}
		b.add(obj)
	}
	b.addExtra(o.Extra)
	b.apart = o.Apart
	return b.build(), nil
}

// CollectRecords makes a graph of records as [RecordsAsKnown] streams them, with the levels that the store enforces.
func CollectRecords(records iter.Seq2[*store.Record, error], o Options) (*Graph, error) {
	b := newBuilder(o.AsOf)
	for rec, err := range records {
		if err != nil {
			return nil, fmt.Errorf("load graph: %w", err)
		}
		b.addAt(rec.Object, rec.Level)
	}
	b.addExtra(o.Extra)
	b.apart = o.Apart
	return b.build(), nil
}

// FromObjects makes a graph of objects that are not stored.
func FromObjects(objects []*stix.Object, o Options) *Graph {
	b := newBuilder(o.AsOf)
	if !o.AsOf.IsZero() {
		v := newVersions(o.AsOf)
		for _, obj := range objects {
			v.see(obj)
		}
		objects = slices.DeleteFunc(slices.Clone(objects), func(obj *stix.Object) bool { return !v.take(obj) })
	}
	for _, obj := range objects {
		b.add(obj)
	}
	b.addExtra(o.Extra)
	b.apart = o.Apart
	return b.build()
}

// addExtra takes objects that are not stored. They say nothing of what a known actor is.
func (b *builder) addExtra(objects []*stix.Object) {
	for _, obj := range objects {
		b.extra[obj.ID] = true
		if !IsActor(obj.Type) || b.g.entities[obj.ID] == nil {
			b.add(obj)
		}
	}
}

// view is the union of what the graph wants of any object: one decoding for each.
type view struct {
	Aliases     []string                  `json:"aliases"`
	Roles       []string                  `json:"roles"`
	Class       string                    `json:"identity_class"`
	Sectors     []string                  `json:"sectors"`
	ActorTypes  []string                  `json:"threat_actor_types"`
	InfraTypes  []string                  `json:"infrastructure_types"`
	MalwareType []string                  `json:"malware_types"`
	Country     string                    `json:"country"`
	Motivation  string                    `json:"primary_motivation"`
	Published   string                    `json:"published"`
	Observed    string                    `json:"first_observed"`
	ObservedIn  []stix.ID                 `json:"observed_data_refs"`
	FirstSeen   string                    `json:"first_seen"`
	LastSeen    string                    `json:"last_seen"`
	Value       string                    `json:"value"`
	Login       string                    `json:"account_login"`
	UserID      string                    `json:"user_id"`
	Description string                    `json:"description"`
	Content     string                    `json:"content"`
	Explanation string                    `json:"explanation"`
	Opinion     string                    `json:"opinion"`
	Confidence  *int                      `json:"confidence"`
	SubjectRef  stix.ID                   `json:"subject_ref"`
	Analyst     jsontext.Value            `json:"analyst"`
	ObjectRefs  []stix.ID                 `json:"object_refs"`
	References  []reference               `json:"external_references"`
	Extensions  map[string]jsontext.Value `json:"extensions"`
	Deprecated  bool                      `json:"x_mitre_deprecated"`
}

// relation is what the graph wants of a relationship: most objects are relationships, and their descriptions are long.
type relation struct {
	Confidence *int                      `json:"confidence"`
	References []reference               `json:"external_references"`
	Extensions map[string]jsontext.Value `json:"extensions"`
	Deprecated bool                      `json:"x_mitre_deprecated"`
}

// decode reads what is wanted of an object.
func (b *builder) decode(o *stix.Object) (*view, error) {
	if o.Type != "relationship" {
		v := &view{}
		return v, json.Unmarshal(o.Raw(), v, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	}
	var r relation
	if err := json.Unmarshal(o.Raw(), &r, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)); err != nil {
		return nil, err
	}
	return &view{Confidence: r.Confidence, References: r.References, Extensions: r.Extensions, Deprecated: r.Deprecated}, nil
}

type reference struct {
	Source      string `json:"source_name"`
	Description string `json:"description"`
	ExternalID  string `json:"external_id"`
	URL         string `json:"url"`
}

type builder struct {
	g       *Graph
	claims  map[string]*Claim
	lineage [][3]stix.ID // kind, document, other
	pending []pendingAbout
	carrier map[stix.ID][]string // carrier to its claims
	first   map[string]carrier   // claim to the carrier that its fields are from
	cites   map[string]stix.ID   // citation's name to its document
	cited   map[[2]string]bool   // citations that were read, by name and description
	latest  map[stix.ID]stix.Timestamp
	version map[stix.ID]stix.Timestamp // of the entity that is kept
	extra   map[stix.ID]bool           // objects that are not stored
	apart   bool                       // operations are not joined

	answers  []Answer
	observed []observation
	told     []told // who did an operation, by its description
}

// observation is a sighting and the observed data that it rests on.
type observation struct {
	of stix.ID
	in []stix.ID
}

// pendingAbout is a claim whose object_refs name carriers that may come later.
type pendingAbout struct {
	claim string
	refs  []stix.ID
}

func newBuilder(asOf time.Time) *builder {
	return &builder{
		g: &Graph{
			AsOf: asOf, entities: map[stix.ID]*Entity{}, claimByID: map[string]*Claim{}, byEntity: map[stix.ID][]int32{},
			levels: map[stix.ID]stix.TLP{}, about: map[string][]int32{}, docs: map[stix.ID]*Document{}, assessments: map[stix.ID]stix.ID{}, moments: map[stix.ID][]time.Time{},
		},
		claims: map[string]*Claim{}, carrier: map[stix.ID][]string{}, first: map[string]carrier{},
		cites: map[string]stix.ID{}, cited: map[[2]string]bool{},
		latest: map[stix.ID]stix.Timestamp{}, version: map[stix.ID]stix.Timestamp{}, extra: map[stix.ID]bool{},
	}
}

// add takes one object at the level of its own marking.
func (b *builder) add(o *stix.Object) {
	level, _ := o.TLP()
	b.addAt(o, level)
}

// addAt takes one object of a level: into entities, documents, measures or claims. Of two versions of an entity the newer counts.
func (b *builder) addAt(o *stix.Object, level stix.TLP) {
	b.g.Stats.Objects++
	b.g.Level = max(b.g.Level, level)
	if level > stix.Clear {
		b.g.levels[o.ID] = max(b.g.levels[o.ID], level)
	}
	switch o.Type {
	case "marking-definition", "extension-definition", "x-mitre-tactic", "x-mitre-matrix", "x-mitre-data-source", "x-mitre-data-component", "language-content", "indicator", "grouping":
		return
	case claim.TypeMeasure:
		b.addMeasure(o)
		return
	}
	v, err := b.decode(o)
	if err != nil {
		b.g.Stats.Unreadable++
		return
	}
	if o.Revoked || v.Deprecated {
		return
	}
	switch o.Type {
	case "sighting":
		b.addMoments(o.SightingOfRef, v.FirstSeen, v.LastSeen)
		b.observed = append(b.observed, observation{o.SightingOfRef, v.ObservedIn})
		b.addClaim(o, v)
	case "observed-data":
		b.addMoments(o.ID, v.Observed)
	case "relationship", "note", "opinion":
		b.addClaim(o, v)
	case "report":
		b.addDocument(o, v)
	case claim.TypeAssessment:
		if !b.g.AsOf.IsZero() && !o.Created.Time().Before(b.g.AsOf) {
			return // judged later
		}
		if v.Analyst != nil {
			b.addAnalyst(o)
			return
		}
		if at, ok := b.latest[v.SubjectRef]; !ok || o.Created.Compare(at) > 0 {
			b.latest[v.SubjectRef], b.g.assessments[v.SubjectRef] = o.Created, o.ID
		}
	default:
		b.addEntity(o, v)
	}
}

// addAnalyst takes a person's assessment.
func (b *builder) addAnalyst(o *stix.Object) {
	a := &claim.Assessment{}
	if err := o.Decode(a); err != nil || a.Analyst == nil || len(a.Hypotheses) == 0 {
		b.g.Stats.Unreadable++
		return
	}
	if b.g.analysts == nil {
		b.g.analysts = map[stix.ID][]*claim.Assessment{}
	}
	b.g.analysts[a.SubjectRef] = append(b.g.analysts[a.SubjectRef], a)
}

func (b *builder) addMeasure(o *stix.Object) {
	m := &claim.Measure{}
	if err := o.Decode(m); err != nil {
		b.g.Stats.Unreadable++
		return
	}
	if b.g.AsOf.IsZero() || !m.Date.IsZero() && m.Date.Time().Before(b.g.AsOf) {
		b.g.measures = append(b.g.measures, m)
	}
}

func (b *builder) addDocument(o *stix.Object, v *view) {
	d := &Document{ID: o.ID, Name: o.Name, Publisher: string(o.CreatedByRef), Date: known(lenientTime(v.Published))}
	if v.Published == "" {
		d.Date = o.Created.Time()
	}
	for _, r := range v.References {
		d.URL = cmp.Or(d.URL, r.URL)
		if o.CreatedByRef == claim.MarqueIdentity && r.Source != "" {
			d.Publisher = r.Source
		}
	}
	b.g.docs[o.ID] = d
}

func (b *builder) addEntity(o *stix.Object, v *view) {
	if at, ok := b.version[o.ID]; ok && at.Compare(o.Version()) > 0 {
		return
	}
	b.version[o.ID] = o.Version()
	e := &Entity{
		ID: o.ID, Type: o.Type, Name: o.Name, CreatedBy: o.CreatedByRef, Sectors: v.Sectors, Country: v.Country,
		Motivation: v.Motivation, Created: o.Created.Time(), Description: v.Description,
		Kinds: slices.Concat(v.ActorTypes, v.Roles, v.InfraTypes, v.MalwareType),
	}
	if v.Class != "" {
		e.Kinds = append(e.Kinds, v.Class)
	}
	if e.Name == "" {
		e.Name = cmp.Or(v.Value, v.Login, v.UserID)
	}
	e.Aliases = slices.DeleteFunc(slices.Clone(v.Aliases), func(a string) bool { return a == e.Name })
	for _, r := range v.References {
		switch {
		case r.Source == "iso-3166-1" && e.Country == "":
			e.Country = r.ExternalID
		case r.ExternalID != "":
			e.External = append(e.External, r.ExternalID)
		case slices.Contains(e.Aliases, r.Source):
			if e.AliasWords == nil {
				e.AliasWords = map[string]string{}
			}
			e.AliasWords[r.Source] = r.Description
		}
		b.cite(r)
	}
	e.Operation = b.facts(v)
	if IsOperation(o.Type) {
		e.refs = v.References
		if t, ok := tellsWho(o.ID, v.Description); ok {
			b.told = append(b.told, t)
		}
	}
	e.date(lenientTime(v.FirstSeen), lenientTime(v.LastSeen))
	if o.Type == "malware" || o.Type == "tool" {
		e.Traits = traits(v.Description)
	}
	if IsActor(o.Type) {
		e.describe(v.Description)
	}
	b.g.entities[o.ID] = e
}

// facts reads the extension that says what was done.
func (b *builder) facts(v *view) *claim.Operation {
	raw, ok := v.Extensions[string(claim.OperationExtension)]
	if !ok {
		return nil
	}
	op := &claim.Operation{}
	if err := json.Unmarshal(raw, op); err != nil {
		b.g.Stats.Unreadable++
		return nil
	}
	return op
}

// availability are words of a description that say that anybody can have the software, in the order in which they count.
var availability = []struct{ word, trait string }{
	{"open-source", "open-source"},
	{"open source", "open-source"},
	{"publicly available", "publicly available"},
	{"publicly-available", "publicly available"},
	{"freely available", "freely available"},
	{"available online", "publicly available"},
	{"source code", "publicly available"},
	{"commercial", "commercial"},
	{"for sale", "commercial"},
	{"sold on", "commercial"},
	{"sold in", "commercial"},
	{"purchas", "commercial"},
	{"malware-as-a-service", "commercial"},
	{"underground forum", "commercial"},
	{"built into", "built into"},
	{"utility", "a utility of the system"},
	{"used to display", "a utility of the system"},
}

// traits reads where software comes from out of its own description.
func traits(description string) []string {
	var out []string
	description = strings.ToLower(description)
	for _, a := range availability {
		if strings.Contains(description, a.word) && !slices.Contains(out, a.trait) {
			out = append(out, a.trait)
		}
	}
	return out
}

func (b *builder) addClaim(o *stix.Object, v *view) {
	if o.RelationshipType == "derived-from" || o.RelationshipType == "duplicate-of" {
		if o.SourceRef.Type() == "report" && o.TargetRef.Type() == "report" {
			b.lineage = append(b.lineage, [3]stix.ID{stix.ID(o.RelationshipType), o.SourceRef, o.TargetRef})
			return
		}
	}
	raw, ok := v.Extensions[string(claim.Extension)]
	if !ok {
		b.addPlain(o, v)
		return
	}
	var c claim.Claim
	if err := json.Unmarshal(raw, &c); err != nil {
		b.g.Stats.Unreadable++
		return
	}
	if c.Status == claim.Rejected {
		b.g.Stats.Rejected++
		return
	}
	if a, ok := answerOf(o, v, &c); ok {
		b.answers = append(b.answers, a)
		return
	}
	id := c.ClaimID
	if id == "" {
		id = string(o.ID)
	}
	cl := b.claims[id]
	if cl == nil {
		cl = &Claim{ID: id, Date: o.Created.Time()}
		b.claims[id] = cl
	}
	this := carrier{c.RootRef != "", o.ID}
	if first, ok := b.first[id]; !ok || this.before(first) {
		b.first[id] = this
		cl.say(o, &c)
	}
	if t := o.Created.Time(); t.Before(cl.Date) {
		cl.Date = t
	}
	b.carry(cl, o, v, c.About)
}

// carrier is an object that carries a claim.
type carrier struct {
	rooted bool // it names the source that the statement first stood in
	id     stix.ID
}

// before tells which of two carriers is asked: one that names the root, else the one with the smaller id.
func (c carrier) before(d carrier) bool {
	if c.rooted != d.rooted {
		return c.rooted
	}
	return c.id < d.id
}

// say takes the statement of a carrier. All carriers of a claim say the same; but a source that tells it at second hand may
// not know where it stood.
func (c *Claim) say(o *stix.Object, x *claim.Claim) {
	c.Relation, c.Source, c.Speaker, c.Document, c.Root = x.Relation, o.CreatedByRef, x.Speaker, x.DocumentRef, x.RootRef
	c.Stance, c.Hedge, c.Quote, c.Status = cmp.Or(x.Stance, claim.Asserts), x.Hedge, x.Quote, x.Status
	c.Alternatives = x.Alternatives
	c.Reliability, c.Credibility, c.Purposes, c.Motives = x.Reliability, x.Credibility, x.Purposes, x.Motives
	c.Subjects, c.Objects, c.Targets, c.Note, c.Why = x.Subjects, x.Objects, x.Targets, x.Note, x.Why
}

// carry joins a carrier to its claim.
func (b *builder) carry(cl *Claim, o *stix.Object, v *view, about string) {
	if slices.Contains(cl.Carriers, o.ID) {
		return
	}
	cl.Carriers = append(cl.Carriers, o.ID)
	b.carrier[o.ID] = append(b.carrier[o.ID], cl.ID)
	switch o.Type {
	case "relationship":
		cl.Links = append(cl.Links, Link{o.SourceRef, o.TargetRef, claim.Relation(o.RelationshipType)})
	case "sighting":
		cl.Links = append(cl.Links, Link{From: o.SightingOfRef, Relation: "sighting"})
	default:
		b.pending = append(b.pending, pendingAbout{cl.ID, v.ObjectRefs})
		if cl.Quote == "" {
			cl.Quote = cmp.Or(v.Explanation, v.Content)
		}
	}
	if about != "" && !slices.Contains(cl.AboutClaims, about) {
		cl.AboutClaims = append(cl.AboutClaims, about)
	}
}

// addPlain reads a carrier without the claim extension as the claims of the reports that it cites.
func (b *builder) addPlain(o *stix.Object, v *view) {
	base := Claim{
		Facts:    b.facts(v),
		Relation: claim.Relation(cmp.Or(o.RelationshipType, o.Type)), Source: o.CreatedByRef, Date: o.Created.Time(), Stance: claim.Asserts, Status: claim.Accepted, Plain: true,
	}
	if o.Type == "opinion" {
		switch v.Opinion {
		case "strongly-disagree", "disagree":
			base.Stance, base.Relation = claim.Denies, "response"
		default:
			return
		}
	}
	if v.Confidence != nil {
		base.Credibility = credibilityOf(*v.Confidence)
	}
	n := 0
	for _, r := range v.References {
		if r.ExternalID != "" || r.Source == "" {
			continue
		}
		b.cite(r)
		cl := base
		cl.ID = string(o.ID) + "#" + r.Source
		cl.Document = b.citation(r.Source)
		b.keepPlain(&cl, o, v)
		n++
	}
	if n == 0 {
		base.ID = string(o.ID)
		b.keepPlain(&base, o, v)
	}
}

func (b *builder) keepPlain(cl *Claim, o *stix.Object, v *view) {
	if b.claims[cl.ID] != nil {
		return
	}
	b.claims[cl.ID] = cl
	b.carry(cl, o, v, "")
}

// credibilityOf turns STIX confidence (0 to 100) into Admiralty credibility, after appendix A of the specification.
func credibilityOf(confidence int) int {
	switch {
	case confidence >= 90:
		return 1
	case confidence >= 70:
		return 2
	case confidence >= 50:
		return 3
	case confidence >= 30:
		return 4
	case confidence > 0:
		return 5
	}
	return 6
}

// citation is the document that a citation names.
func (b *builder) citation(source string) stix.ID {
	id, ok := b.cites[source]
	if !ok {
		id = stix.DerivedID("report", "citation", strings.ToLower(source))
		b.cites[source] = id
	}
	return id
}

// cite learns a citation: its name and the date in its description.
func (b *builder) cite(r reference) {
	if r.ExternalID != "" || r.Source == "" {
		return
	}
	id := b.citation(r.Source)
	d := b.g.docs[id]
	if d == nil {
		d = &Document{ID: id, Name: r.Source, Publisher: r.Source}
		b.g.docs[id] = d
	}
	key := [2]string{r.Source, r.Description}
	if b.cited[key] {
		return
	}
	b.cited[key] = true
	if t, ok := CitationDate(r.Description); ok && (d.Date.IsZero() || t.Before(d.Date)) {
		d.Date = t
	}
}

// lenientTime reads a timestamp of another tool; what does not parse is no date.
func lenientTime(s string) time.Time {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}

// build closes the books: lineage, dates, the as-of cut, indices.
func (b *builder) build() *Graph {
	g := b.g
	b.resolveLineage()
	b.resolveAbout()
	b.resolveTold()
	for _, o := range b.observed {
		for _, id := range o.in {
			g.moments[o.of] = append(g.moments[o.of], g.moments[id]...)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(b.claims)) {
		c := b.claims[id]
		b.finish(c)
		if !g.AsOf.IsZero() {
			if c.Date.IsZero() {
				g.Stats.Undated++
				continue
			}
			if !c.Date.Before(g.AsOf) {
				g.Stats.Later++
				continue
			}
		}
		g.claims = append(g.claims, c)
	}
	b.index()
	b.forget()
	for _, d := range g.docs {
		if e := g.entities[stix.ID(d.Publisher)]; e != nil {
			d.Publisher = e.Name
		}
	}
	slices.SortFunc(g.measures, func(x, y *claim.Measure) int { return cmp.Or(x.Date.Compare(y.Date), cmp.Compare(x.ID, y.ID)) })
	g.ids = slices.Sorted(maps.Keys(g.entities))
	g.Stats.Entities, g.Stats.Claims, g.Stats.Documents = len(g.entities), len(g.claims), len(g.docs)
	g.nameCountries()
	for _, c := range g.claims {
		if c.Stance != claim.Asserts {
			g.responses = append(g.responses, c)
		}
	}
	g.names = newNames(g)
	g.allegiances()
	b.joinOperations()
	b.tieAnswers()
	return g
}

// nameCountries takes the name of a state from its identity, else from its place.
func (g *Graph) nameCountries() {
	g.countries = map[string]string{}
	for _, typ := range []string{"location", "identity"} {
		for _, id := range g.ids {
			if e := g.entities[id]; e.Type == typ && e.IsState() && e.Name != "" {
				g.countries[e.Country] = e.Name
			}
		}
	}
}

func (b *builder) resolveLineage() {
	l := newLineage(b.g.docs)
	slices.SortFunc(b.lineage, func(x, y [3]stix.ID) int { return slices.Compare(x[:], y[:]) })
	for _, e := range b.lineage {
		if e[0] == "duplicate-of" {
			l.duplicate(e[1], e[2])
		}
	}
	for _, e := range b.lineage {
		if e[0] == "derived-from" {
			l.derived(e[1], e[2])
		}
	}
	for id, d := range b.g.docs {
		d.Root = id
	}
	for id, root := range l.resolve() {
		if b.g.docs[id] == nil {
			b.g.docs[id] = &Document{ID: id}
		}
		b.g.docs[id].Root = root
	}
}

// resolveAbout turns references to carriers into references to claims.
func (b *builder) resolveAbout() {
	for _, p := range b.pending {
		c := b.claims[p.claim]
		for _, ref := range p.refs {
			claims, ok := b.carrier[ref]
			if !ok {
				c.AboutRefs = append(c.AboutRefs, ref)
			}
			for _, id := range claims {
				if id != c.ID {
					c.AboutClaims = append(c.AboutClaims, id)
				}
			}
		}
	}
}

// finish orders what came in the order of the objects, and settles date and root.
func (b *builder) finish(c *Claim) {
	c.Level = b.g.LevelOf(c.Carriers...)
	slices.Sort(c.Carriers)
	slices.Sort(c.AboutClaims)
	slices.Sort(c.AboutRefs)
	c.AboutClaims, c.AboutRefs = slices.Compact(c.AboutClaims), slices.Compact(c.AboutRefs)
	slices.SortFunc(c.Links, func(x, y Link) int {
		return cmp.Or(cmp.Compare(x.From, y.From), cmp.Compare(x.To, y.To), cmp.Compare(x.Relation, y.Relation))
	})
	c.Links = slices.Compact(c.Links)
	if d := b.g.docs[c.Document]; d != nil && !d.Date.IsZero() {
		c.Date = d.Date
	}
	root := cmp.Or(c.Root, c.Document)
	c.Root = b.g.Root(root)
	if c.Root == "" {
		// Nobody says where it stood: the speaker is the source.
		c.Root = c.Source
	}
}

// forget leaves out actors that nobody knew on the day: made on it or later, with no claim of an earlier source.
func (b *builder) forget() {
	g := b.g
	if g.AsOf.IsZero() {
		return
	}
	for id, e := range g.entities {
		if IsActor(e.Type) && !e.Created.Before(g.AsOf) && len(g.byEntity[id]) == 0 && !b.extra[id] {
			delete(g.entities, id)
			g.Stats.Later++
		}
	}
}

func (b *builder) index() {
	g := b.g
	for i, c := range g.claims {
		g.claimByID[c.ID] = c
		seen := map[stix.ID]bool{}
		at := func(id stix.ID) {
			if id != "" && !seen[id] {
				seen[id] = true
				g.byEntity[id] = append(g.byEntity[id], int32(i))
			}
		}
		for _, l := range c.Links {
			at(l.From)
			at(l.To)
		}
		for _, r := range c.AboutRefs {
			at(r)
		}
		for _, refs := range [][]claim.Ref{c.Subjects, c.Objects, c.Targets} {
			for _, r := range refs {
				at(r.Ref)
			}
		}
		for _, id := range c.AboutClaims {
			g.about[id] = append(g.about[id], int32(i))
		}
		b.stub(c)
	}
}

// stub makes an entity for an end that no object describes, so that a claim never points into nothing.
func (b *builder) stub(c *Claim) {
	for _, l := range c.Links {
		for _, id := range []stix.ID{l.From, l.To} {
			if id == "" || b.g.entities[id] != nil || b.g.docs[id] != nil || id.Type() == "relationship" {
				continue
			}
			e := &Entity{ID: id, Type: id.Type()}
			b.g.levels[id] = max(b.g.levels[id], c.Level)
			for _, r := range slices.Concat(c.Subjects, c.Objects, c.Targets) {
				if r.Ref == id {
					e.Name = r.Text
				}
			}
			b.g.entities[id] = e
		}
	}
}
