package casebook

import (
	"bytes"
	"cmp"
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"marque/claim"
	"marque/event/value"
	"marque/ingest"
	"marque/ingest/entity"
	"marque/stix"
	"marque/store"
)

//go:embed data/*.yaml measures/*.yaml
var data embed.FS

//go:embed excerpt/*.csv
var excerpt embed.FS

// Excerpt are a few rows of two data sets, EuRepoC and the Council on Foreign Relations' tracker, in the layout of each: the facts as they code
// them, the descriptions in our own words. They tell of the same operations, so that the demo can show how records are joined.
func Excerpt() (map[string][]byte, error) {
	out := map[string][]byte{}
	files, err := excerpt.ReadDir("excerpt")
	if err != nil {
		return nil, fmt.Errorf("excerpt: %w", err)
	}
	for _, f := range files {
		if out[f.Name()], err = excerpt.ReadFile("excerpt/" + f.Name()); err != nil {
			return nil, fmt.Errorf("excerpt: %w", err)
		}
	}
	return out, nil
}

// keyspace begins the ids of what has a key in a casebook.
const keyspace = "casebook"

type source struct {
	Name        string
	Kind        string // organization, organ, person
	State       string
	Of          string // a person's organisation
	Reliability string
}

type document struct {
	Key, Publisher, Title, URL, Retells string
	Published                           date
}

type actor struct {
	Key, Name, By, Type, State, Organ, Doc string
	PersonaOf                              string `yaml:"persona_of"` // the key of the actor that speaks through it, which comes before it
	Names                                  map[string][]string
}

type statement struct {
	By, Doc, Says, Of, Subject, Hedge, Stance, Text string
	Motives                                         []string
}

type denial struct{ By, Doc, Kind, Text string }

type operation struct {
	Key, Name, Summary                    string
	First, Last                           date
	Kinds, Acts, Sectors, Countries, Uses []string
	Claims                                []statement
	Denials                               []denial
}

// measure is something done to deter. Source stands for the document where only who announced it is known. Answers are keys of
// operations in the casebook, or with op:, eurepoc: or name: before them; Against are keys of actors, or with actor:, name: before them.
type measure struct {
	Key, Kind, Name, Basis, Status, Doc, Source string
	Certainty, Checked                          string
	Date                                        date
	By, States, Answers, Against                []string
}

type indicators struct {
	Actor, Doc string
	Domains    []string
}

// date is a calendar day in UTC.
type date struct{ stix.Timestamp }

func (d *date) UnmarshalYAML(n *yaml.Node) error {
	t, err := time.Parse(time.DateOnly, n.Value)
	if err != nil {
		return fmt.Errorf("line %d: date %q: want YYYY-MM-DD", n.Line, n.Value)
	}
	d.Timestamp = stix.At(t)
	return nil
}

// book is a casebook file. Version tells it from other YAML.
type book struct {
	Version    int `yaml:"casebook"`
	Sources    []source
	Documents  []document
	Actors     []actor
	Operations []operation
	Statements []statement
	Measures   []measure
	Indicators []indicators
}

// version is the format that this package reads.
const version = 1

// Source is the casebook that comes with Marque, as one file in its own format.
func Source() (io.Reader, error) { return joined("data/*.yaml") }

// Measures is that casebook with the measures since 2014 that come with Marque too, most of them unchecked.
func Measures() (io.Reader, error) { return joined("data/*.yaml", "measures/*.yaml") }

func joined(patterns ...string) (io.Reader, error) {
	var names []string
	for _, p := range patterns {
		found, err := fs.Glob(data, p)
		if err != nil {
			return nil, fmt.Errorf("casebook: %w", err)
		}
		names = append(names, found...)
	}
	return files(names)
}

// files joins parts, each a document of its own where it is not the first of its folder: a list may stand in several.
func files(names []string) (io.Reader, error) {
	var out bytes.Buffer
	fmt.Fprintf(&out, "casebook: %d\n", version)
	dir := ""
	for _, name := range names {
		raw, err := fs.ReadFile(data, name)
		if err != nil {
			return nil, fmt.Errorf("casebook: %w", err)
		}
		if dir != "" && dir != path.Dir(name) {
			out.WriteString("---\n")
		}
		dir = path.Dir(name)
		out.Write(raw)
	}
	return &out, nil
}

// Reader reads casebook files: Marque's own, and those that analysts write.
type Reader struct{}

// Name implements ingest.Reader.
func (Reader) Name() string { return "casebook" }

// Detect implements ingest.Reader: a casebook begins with its version, comments aside, and a part of one with the name of a list.
func (Reader) Detect(head []byte, _ string) ingest.Confidence {
	section := false
	for line := range bytes.Lines(head) {
		line = bytes.TrimRight(line, " \r\n")
		switch {
		case len(line) == 0 || line[0] == '#' || bytes.Equal(line, []byte("---")):
		case section && bytes.HasPrefix(bytes.TrimLeft(line, " "), []byte("- ")):
			return ingest.Certain
		case bytes.HasPrefix(line, []byte("casebook:")):
			return ingest.Certain
		case !section && sections.Match(line):
			section = true
		default:
			return ingest.No
		}
	}
	return ingest.No
}

var sections = regexp.MustCompile(`^(?:sources|documents|actors|operations|statements|measures|indicators):$`)

// maxBytes bounds a casebook: it is written by hand.
const maxBytes = 16 << 20

// Read implements ingest.Reader. A fact that names what is not in the file is set aside with its key; the others go in.
func (Reader) Read(_ context.Context, in *ingest.Input, out ingest.Sink) error {
	raw, err := in.ReadAll(maxBytes)
	if err != nil {
		return err
	}
	b, err := parse(raw)
	if err != nil {
		return err
	}
	w := &writer{Writer: entity.NewWriter(out), out: out, book: b}
	if err := w.write(); err != nil {
		return err
	}
	return w.Err()
}

// parse reads a casebook, or the parts of one, each a document of a YAML stream.
func parse(raw []byte) (*book, error) {
	all := &book{}
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	dec.KnownFields(true)
	for {
		var b book
		err := dec.Decode(&b)
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, fmt.Errorf("casebook: %w", suggest(err))
		}
		if b.Version != version && b.Version != 0 {
			return nil, fmt.Errorf("casebook: version %d: want %d", b.Version, version)
		}
		all.Sources, all.Documents = append(all.Sources, b.Sources...), append(all.Documents, b.Documents...)
		all.Actors, all.Operations = append(all.Actors, b.Actors...), append(all.Operations, b.Operations...)
		all.Statements, all.Measures = append(all.Statements, b.Statements...), append(all.Measures, b.Measures...)
		all.Indicators = append(all.Indicators, b.Indicators...)
	}
}

// Join makes one casebook of files that refer to each other. A file that is none is an error with its place in the list.
func Join(files ...[]byte) ([]byte, int, error) {
	for i, f := range files {
		if _, err := parse(f); err != nil {
			return nil, i, err
		}
	}
	return bytes.Join(files, []byte("\n---\n")), 0, nil
}

var unknownField = regexp.MustCompile(`line (\d+): field (\S+) not found in type casebook\.(\w+)`)

// suggest names the key that was meant in what the YAML library says of one that it does not know.
func suggest(err error) error {
	m := unknownField.FindStringSubmatch(err.Error())
	if m == nil {
		return err
	}
	known := keys[m[3]]
	for _, k := range known {
		if value.Slip(m[2], k) {
			return fmt.Errorf("line %s: key %q of a %s is not known: did you mean %q?", m[1], m[2], m[3], k)
		}
	}
	return fmt.Errorf("line %s: key %q of a %s is not known: want one of %s", m[1], m[2], m[3], strings.Join(known, ", "))
}

// keys are those of each kind of fact.
var keys = func() map[string][]string {
	out := map[string][]string{}
	for _, v := range []any{book{}, source{}, document{}, actor{}, statement{}, denial{}, operation{}, measure{}, indicators{}} {
		t := reflect.TypeOf(v)
		for f := range t.Fields() {
			name := cmp.Or(f.Tag.Get("yaml"), strings.ToLower(f.Name))
			out[t.Name()] = append(out[t.Name()], name)
		}
	}
	return out
}()

// writer makes objects of the facts. Keys of the files become ids, so that a corrected fact is a new version of its object.
type writer struct {
	*entity.Writer
	out     ingest.Sink
	book    *book
	sources map[string]source
	docs    map[string]document
	actors  map[string]stix.ID
	ops     map[string]stix.ID
	wrong   error // with the fact at hand
}

func (w *writer) write() error {
	w.sources, w.docs = map[string]source{}, map[string]document{}
	w.actors, w.ops = map[string]stix.ID{}, map[string]stix.ID{}
	for _, s := range w.book.Sources {
		w.sources[s.Name] = s
	}
	for _, d := range w.book.Documents {
		w.docs[d.Key] = d
	}
	var errs []error
	for _, d := range w.book.Documents {
		errs = append(errs, w.fact("document "+d.Key, func() { w.document(d) }))
	}
	for _, a := range w.book.Actors {
		errs = append(errs, w.fact("actor "+a.Key, func() { w.actor(a) }))
	}
	for _, o := range w.book.Operations {
		errs = append(errs, w.fact("operation "+o.Key, func() { w.operation(o) }))
	}
	for i, s := range w.book.Statements {
		errs = append(errs, w.fact(fmt.Sprintf("statement %d", i+1), func() { w.says(s, "") }))
	}
	for _, m := range w.book.Measures {
		errs = append(errs, w.fact("measure "+m.Key, func() { w.measure(m) }))
	}
	for _, in := range w.book.Indicators {
		errs = append(errs, w.fact("indicators of "+in.Actor, func() { w.indicators(in) }))
	}
	return errors.Join(errs...)
}

// fact writes one fact; what is wrong with it goes to the quarantine under its key.
func (w *writer) fact(place string, write func()) error {
	w.wrong = nil
	write()
	if w.wrong == nil {
		return nil
	}
	return w.out.Reject(store.Reject{Place: place, Offset: -1, Reason: w.wrong.Error(), Raw: []byte(place)})
}

func (w *writer) fault(format string, args ...any) {
	if w.wrong == nil {
		w.wrong = fmt.Errorf(format, args...)
	}
}

// speaker is the identity that says something: a source of the list, or "state:XX".
func (w *writer) speaker(name string) stix.ID {
	if code, ok := strings.CutPrefix(name, "state:"); ok {
		return w.State(code)
	}
	s, ok := w.sources[name]
	if !ok {
		w.fault("source %q is not in sources.yaml", name)
		return ""
	}
	switch s.Kind {
	case "organ":
		return w.Organ(s.Name, s.State)
	case "person":
		id := w.Person(s.Name)
		if s.Of != "" {
			w.Relate(claim.MarqueIdentity, entity.Epoch, "member-of", id, w.speaker(s.Of))
		}
		return id
	default:
		return w.Organisation(s.Name)
	}
}

func (w *writer) reliability(name string) string {
	if s, ok := w.sources[name]; ok {
		return s.Reliability
	}
	return "D" // a state that speaks of itself
}

func (w *writer) document(d document) {
	id := entity.NamedReportID(d.Publisher, d.Title)
	c := stix.NewCommon(id, d.Published.Timestamp, claim.MarqueIdentity)
	c.References = w.references(d)
	w.Add(id, stix.Report{Common: c, Name: d.Title, Published: d.Published.Timestamp, ObjectRefs: []stix.ID{w.speaker(d.Publisher)}})
}

// root is the document that a statement first stood in.
func (w *writer) root(key string) (stix.ID, document) {
	d, ok := w.docs[key]
	if !ok {
		w.fault("document %q is not in documents.yaml", key)
		return "", d
	}
	id := entity.NamedReportID(d.Publisher, d.Title)
	if d.Retells == "" {
		return id, d
	}
	root, _ := w.root(d.Retells)
	w.Relate(claim.MarqueIdentity, d.Published.Timestamp, "derived-from", id, root)
	return root, d
}

func (w *writer) actor(a actor) {
	id := stix.DerivedID("threat-actor", keyspace, a.Key)
	w.actors[a.Key] = id
	_, doc := w.root(a.Doc)
	by := w.speaker(a.By)
	v := stix.ThreatActor{
		Common: stix.NewCommon(id, doc.Published.Timestamp, by), Name: a.Name,
		Types: actorTypes[a.Type], Aliases: a.Names[a.By],
	}
	if len(v.Types) == 0 {
		w.fault("actor %s: unknown type %q", a.Key, a.Type)
	}
	v.References = w.references(doc)
	w.Add(id, v)
	for _, vendor := range slices.Sorted(maps.Keys(a.Names)) {
		for _, name := range a.Names[vendor] {
			if vendor == a.By {
				continue
			}
			other := w.NamedActor(name)
			w.claim(statement{By: vendor, Doc: a.Doc, Says: "alias-of", Text: fmt.Sprintf("%s calls %s %s.", vendor, a.Name, name)}, other, id)
		}
	}
	if a.PersonaOf != "" {
		w.claim(statement{By: a.By, Doc: a.Doc, Says: "persona-of", Text: fmt.Sprintf("%s is a front.", a.Name)}, id, w.end("actor:"+a.PersonaOf))
	}
	if a.State != "" {
		w.claim(statement{By: a.By, Doc: a.Doc, Says: "attributed-to", Text: fmt.Sprintf("%s is tied to %s.", a.Name, entity.CountryName(a.State))}, id, w.State(a.State))
	}
	if a.Organ != "" {
		w.claim(statement{By: a.By, Doc: a.Doc, Says: "attributed-to", Text: fmt.Sprintf("%s belongs to or works for the %s.", a.Name, a.Organ)}, id, w.Organ(a.Organ, a.State))
	}
}

// actorTypes are threat_actor_types, open vocabulary of section 10.24 with Marque's own additions.
var actorTypes = map[string][]string{
	"nation-state":                   {"nation-state"},
	"criminal":                       {"crime-syndicate", "criminal"},
	"hacktivist":                     {"activist"},
	"influence":                      {"influence-operations"},
	"contractor":                     {"contractor", "influence-operations"},
	"private-sector-offensive-actor": {"private-sector-offensive-actor"},
}

func (w *writer) references(d document) []stix.ExternalReference {
	return []stix.ExternalReference{{SourceName: d.Publisher, Description: d.Title, URL: d.URL}}
}

// end resolves actor:KEY, state:XX, organ:XX/NAME, class:NAME.
func (w *writer) end(ref string) stix.ID {
	kind, name, _ := strings.Cut(ref, ":")
	switch kind {
	case "actor":
		if id, ok := w.actors[name]; ok {
			return id
		}
	case "state":
		return w.State(name)
	case "organ":
		code, organ, _ := strings.Cut(name, "/")
		return w.Organ(organ, code)
	case "class":
		return w.ActorClass(name, "")
	}
	w.fault("%q names nothing in the casebook", ref)
	return ""
}

func (w *writer) operation(o operation) {
	id := stix.DerivedID("campaign", keyspace, o.Key)
	w.ops[o.Key] = id
	if len(o.Claims) == 0 {
		w.fault("operation %s: nobody claims it", o.Key)
		return
	}
	root, doc := w.root(o.Claims[0].Doc)
	c := stix.NewCommon(id, doc.Published.Timestamp, claim.MarqueIdentity)
	c.References = append(w.references(doc), stix.ExternalReference{SourceName: keyspace, ExternalID: o.Key})
	if err := c.Extensions.Extend(claim.OperationExtension, claim.Operation{
		ExtensionType: "property-extension", Kinds: o.Kinds, Acts: o.Acts, Sectors: o.Sectors, Countries: o.Countries, DocumentRefs: []stix.ID{root},
	}); err != nil {
		w.fault("operation %s: %w", o.Key, err)
	}
	w.Add(id, stix.Campaign{Common: c, Name: o.Name, Description: o.Summary, FirstSeen: o.First.Timestamp, LastSeen: o.Last.Timestamp})
	for _, code := range o.Countries {
		w.Relate(claim.MarqueIdentity, doc.Published.Timestamp, "targets", id, w.Place(code))
	}
	for _, sector := range o.Sectors {
		w.Relate(claim.MarqueIdentity, doc.Published.Timestamp, "targets", id, w.Sector(sector))
	}
	for _, name := range o.Uses {
		typ := "malware"
		if strings.HasPrefix(name, "CVE-") {
			typ = "vulnerability"
		}
		w.Relate(claim.MarqueIdentity, doc.Published.Timestamp, "uses", id, w.Named(typ, name))
	}
	var said []stix.ID
	for _, s := range o.Claims {
		said = append(said, w.says(s, id))
	}
	for _, d := range o.Denials {
		w.denies(d, id, said)
	}
}

// says puts a statement on its carrier. Without a subject of its own it is about the operation.
func (w *writer) says(s statement, op stix.ID) stix.ID {
	subject := op
	if s.Subject != "" {
		subject = w.end(s.Subject)
	}
	if s.Of == "" {
		return w.Notes(w.said(s, []stix.ID{subject}, nil), s.Text, subject)
	}
	return w.claim(s, subject, w.end(s.Of))
}

func (w *writer) claim(s statement, subject, object stix.ID) stix.ID {
	return w.Says(w.said(s, []stix.ID{subject}, []stix.ID{object}), subject, object)
}

func (w *writer) said(s statement, subjects, objects []stix.ID) entity.Said {
	root, doc := w.root(s.Doc)
	stance := s.Stance
	if stance == "" {
		stance = claim.Asserts
	}
	c := claim.Claim{
		DocumentRef: entity.NamedReportID(doc.Publisher, doc.Title), RootRef: root, Speaker: s.By, Stance: stance, Relation: claim.Relation(s.Says), Hedge: s.Hedge,
		Motives: s.Motives, Note: s.Text, Reliability: w.reliability(s.By), Credibility: 2, Status: claim.Accepted,
	}
	parts := []string{keyspace, s.By, s.Doc, s.Says, stance}
	for _, id := range subjects {
		c.Subjects = append(c.Subjects, claim.Ref{Ref: id})
		parts = append(parts, string(id))
	}
	for _, id := range objects {
		c.Objects = append(c.Objects, claim.Ref{Ref: id})
		parts = append(parts, string(id))
	}
	c.ClaimID = entity.ClaimID(parts...)
	return entity.Said{By: w.speaker(s.By), At: doc.Published.Timestamp, References: w.references(doc), Claim: c}
}

func (w *writer) denies(d denial, op stix.ID, said []stix.ID) {
	s := statement{By: d.By, Doc: d.Doc, Says: "response", Stance: d.Kind, Text: d.Text}
	if d.Kind == claim.NoComment {
		w.Notes(w.said(s, []stix.ID{op}, nil), d.Text, op)
		return
	}
	w.Disagrees(w.said(s, []stix.ID{op}, nil), d.Text, append([]stix.ID{op}, said...)...)
}

// indicators makes an indicator of each domain, in force from the day of its document.
func (w *writer) indicators(in indicators) {
	_, doc := w.root(in.Doc)
	actor := w.end("actor:" + in.Actor)
	by := w.speaker(doc.Publisher)
	for _, domain := range in.Domains {
		id := stix.DerivedID("indicator", keyspace, in.Actor, domain)
		c := stix.NewCommon(id, doc.Published.Timestamp, by)
		c.References = w.references(doc)
		w.Add(id, stix.Indicator{
			Common: c, Name: domain, IndicatorTypes: []string{"attribution"}, Pattern: "[domain-name:value = '" + patternText.Replace(domain) + "']",
			PatternType: "stix", ValidFrom: doc.Published.Timestamp,
		})
		w.Relate(by, doc.Published.Timestamp, "indicates", id, actor)
	}
}

// patternText escapes a string literal of the patterning language.
var patternText = strings.NewReplacer(`\`, `\\`, `'`, `\'`)
