package misp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"marque/ingest"
	"marque/ingest/entity"
	"marque/misp"
	"marque/stix"
	"marque/store"
)

// maxEvents bounds a file of events.
const maxEvents = 512 << 20

// Events reads MISP events: one event, a list of them, or the answer of a search.
type Events struct{}

var _ ingest.Reader = Events{}

// Name is "misp-event".
func (Events) Name() string { return "misp-event" }

// Detect knows {"Event":…}, [{"Event":…}], {"response":…}, the answers of searches for attributes and objects, and an event without
// its wrapping.
func (Events) Detect(head []byte, _ string) ingest.Confidence {
	s := ingest.ShapeOf(head)
	switch {
	case s.Kind == 0:
		return ingest.No
	case s.Has("Event"):
		return ingest.Certain
	case s.Kind == '{' && s.Has("response"):
		for _, name := range []string{`"Event"`, `"Attribute"`, `"Object"`} {
			if bytes.Contains(head, []byte(name)) {
				return ingest.Certain
			}
		}
		if s.Has("errors") || !emptyAnswer.Match(head) {
			return ingest.No
		}
		return ingest.Certain
	case (s.Has("Attribute") || s.Has("Object")) && bytes.Contains(head, []byte(`"event_id"`)):
		return ingest.Certain
	case s.Has("uuid", "info") && (s.Has("Attribute") || s.Has("threat_level_id") || s.Has("Orgc")):
		return ingest.Certain
	default:
		return ingest.No
	}
}

// Read reads all events of the input.
func (Events) Read(ctx context.Context, in *ingest.Input, out ingest.Sink) error {
	doc, err := in.ReadAll(maxEvents)
	if err != nil {
		return err
	}
	doc = bytes.ToValidUTF8(bytes.TrimSpace(bytes.TrimPrefix(doc, []byte("\xef\xbb\xbf"))), []byte("\uFFFD"))
	r := &eventReader{out: out, w: entity.NewWriter(out), seen: map[stix.ID]bool{}, shown: map[string]bool{}}
	each := func(i int, offset int64, raw jsontext.Value) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return r.read(fmt.Sprintf("event %d", i), offset, raw)
	}
	if len(doc) > 0 && doc[0] == '[' {
		return ingest.Elements(doc, "", each)
	}
	top, err := misp.ParseRecord(doc)
	switch {
	case err != nil && bytes.Contains(doc[:min(len(doc), ingest.HeadSize)], []byte(`"response"`)):
		return ingest.Elements(doc, "response", each)
	case err != nil:
		return fmt.Errorf("event: %w: %w", err, ingest.ErrMalformed)
	case top["response"].Kind() == '[':
		return ingest.Elements(doc, "response", each)
	case emptyAnswer.Match(doc):
		return nil
	case top["response"] != nil:
		return each(0, 0, top["response"])
	default:
		return each(0, 0, doc)
	}
}

// emptyAnswer is that of a search that found nothing, or the page after the last one.
var emptyAnswer = regexp.MustCompile(`^\s*\{\s*"response"\s*:\s*(?:\[\s*\]|\{\s*\})`)

type eventReader struct {
	out   ingest.Sink
	w     *entity.Writer // of what all sources share
	seen  map[stix.ID]bool
	level stix.TLP // of what is written without a marking
	// shown are the observables that were written, each with its markings.
	shown map[string]bool
}

// read reads one event, wrapped or not, or what a search found of several. What is neither goes to the quarantine.
func (r *eventReader) read(place string, offset int64, raw jsontext.Value) error {
	rec, err := misp.ParseRecord(raw)
	switch {
	case err == nil && rec["Event"] != nil:
		rec, err = misp.ParseRecord(rec["Event"])
	case err == nil && rec["info"] == nil && (rec["Attribute"] != nil || rec["Object"] != nil):
		return r.found(place, rec)
	}
	id := ""
	if err == nil {
		id, err = rec.UUID()
	}
	if err == nil && strings.TrimSpace(rec.Text("info")) == "" {
		err = errors.New("event without info")
	}
	if err != nil {
		return r.out.Reject(store.Reject{Place: place, Offset: offset, Reason: err.Error(), Raw: raw.Clone()})
	}
	e := r.event(rec, id, stix.ID("report--"+id))
	leave := e.enter(e.share)
	err = e.write()
	if leave(); err == nil {
		err = e.err
	}
	return err
}

// enter makes what is written without a marking, such as organisations and public clusters, as strict as a share, until leave is called:
// who may not see a record must not learn what it names.
func (e *event) enter(share misp.Share) (leave func()) {
	r := e.r
	level, w, seen := r.level, r.w, r.seen
	if share.TLP <= level {
		return func() {}
	}
	e.err = errors.Join(e.err, ingest.AtLeast(r.out, share.TLP))
	r.level, r.w, r.seen = share.TLP, entity.NewWriter(r.out), map[stix.ID]bool{}
	return func() {
		e.err = errors.Join(e.err, r.w.Err(), ingest.AtLeast(r.out, level))
		r.level, r.w, r.seen = level, w, seen
	}
}

func (r *eventReader) event(rec misp.Record, uuid string, id stix.ID) *event {
	return &event{r: r, rec: rec, uuid: uuid, id: id, share: misp.EventShare(rec), byUUID: map[string]stix.ID{}, shares: map[string]misp.Share{}}
}

// found reads the answer of a search for attributes or objects: each says which event it is from, and little of that event. So no
// report is made, and what a whole event told already stands.
func (r *eventReader) found(place string, rec misp.Record) error {
	events := map[stix.ID]*event{}
	of := func(part misp.Record) *event {
		head := part.Sub("Event")
		uuid, err := head.UUID()
		id := stix.ID("report--" + uuid)
		if err != nil {
			id = stix.DerivedID("report", "misp-event", part.Text("event_id"))
		}
		e := events[id]
		if e == nil {
			e = r.event(head, uuid, id)
			e.partial = true
			leave := e.enter(e.share)
			e.err = errors.Join(e.err, r.out.Supplement(misp.Definition()))
			e.begin()
			leave()
			events[id] = e
		}
		return e
	}
	for i, a := range rec.List("Attribute") {
		e := of(a)
		e.attribute(fmt.Sprintf("%s, attribute %d", place, i), a, e.share, "")
	}
	for i, o := range rec.List("Object") {
		of(o).object(fmt.Sprintf("%s, object %d", place, i), o.Without("Event"))
	}
	for _, id := range slices.Sorted(maps.Keys(events)) {
		if err := events[id].end(); err != nil {
			return err
		}
	}
	return nil
}

// event is one event on its way into STIX.
type event struct {
	r      *eventReader
	rec    misp.Record
	uuid   string
	id     stix.ID
	org    stix.ID // who created the event
	share  misp.Share
	date   stix.Timestamp
	refs   []stix.ID             // what the report is about
	byUUID map[string]stix.ID    // MISP uuid to object
	shares map[string]misp.Share // of attributes and objects, by uuid
	later  []func()              // relations, written when all ends are known
	holds  map[string]bool       // uuids of all records in it
	// partial: only some of its attributes or objects are known.
	partial bool
	bad     []store.Reject
	err     error // of the sink
}

// inEvent are the records inside an event that become objects of their own, and those that the sending instance computed for
// its own reader: they are about other events, with a distribution of their own. Proposals (ShadowAttribute) stay in the record of
// what they are about: who sees that may see them.
var inEvent = []string{"Attribute", "Object", "EventReport", "Note", "Opinion", "Relationship", "RelatedEvent", "Feed"}

// begin finds who made the event, and when.
func (e *event) begin() {
	e.byUUID[e.uuid] = e.id
	e.org = e.organisation(e.rec.Sub("Orgc"))
	if e.org == "" {
		e.org = e.organisation(e.rec.Sub("Org"))
	}
	var ok bool
	if e.date, ok = e.rec.Time("date"); !ok {
		if e.date, ok = e.rec.Time("timestamp"); !ok {
			e.date = entity.Epoch
		}
	}
}

func (e *event) write() error {
	e.begin()
	if err := e.r.out.Supplement(misp.Definition()); err != nil {
		return err
	}
	for i, a := range e.rec.List("Attribute") {
		e.attribute(fmt.Sprintf("event %s, attribute %d", e.uuid, i), a, e.share, "")
	}
	for i, o := range e.rec.List("Object") {
		e.object(fmt.Sprintf("event %s, object %d", e.uuid, i), o)
	}
	for i, p := range e.rec.List("EventReport") {
		e.eventReport(fmt.Sprintf("event %s, event report %d", e.uuid, i), p)
	}
	e.rec = e.galaxies("event "+e.uuid, e.rec, e.id, e.share)
	e.analystData(e.rec, e.id, e.share)
	e.report(e.share)
	return e.end()
}

// end writes what had to wait for the rest.
func (e *event) end() error {
	for _, write := range e.later {
		write()
	}
	if err := errors.Join(e.err, e.r.w.Err()); err != nil {
		return err
	}
	for _, b := range e.bad {
		if err := e.r.out.Reject(b); err != nil {
			return err
		}
	}
	return nil
}

// organisation is the identity of an organisation under its MISP uuid, or by its name where it has none.
func (e *event) organisation(org misp.Record) stix.ID {
	name := strings.TrimSpace(org.Text("name"))
	id, err := org.UUID()
	switch {
	case name == "":
		return ""
	case err != nil || id == "00000000-0000-0000-0000-000000000000":
		return e.r.w.Organisation(name)
	}
	sid := stix.ID("identity--" + id)
	return e.supply(sid, stix.Identity{Common: stix.NewCommon(sid, entity.Epoch, ""), Name: name, Class: "organization"})
}

// common is what all objects made from a record share. Created is the date of the event: MISP keeps one timestamp per record,
// which moves with each change.
func (e *event) common(id stix.ID, kind string, rec misp.Record, share misp.Share, inside ...string) (stix.Common, error) {
	at, ok := rec.Time("timestamp")
	if !ok {
		at, ok = rec.Time("modified")
	}
	created := e.date
	switch {
	case !ok:
		at = created
	case e.partial: // nobody said when the event began
		created = at
	case at.Time().Before(created.Time()):
		at = created
	}
	c := stix.NewCommon(id, created, e.org)
	c.Modified = at
	c.Revoked = rec.Flag("deleted")
	c.Labels = labels(rec.Tags())
	c.Confidence = misp.Confidence(rec.Tags())
	c.MarkingRefs = e.markings(share)
	ext, err := misp.Origin{Kind: kind, Record: e.kept(rec, inside, share)}.Extension()
	if err == nil {
		err = c.Extensions.Extend(misp.Extension, ext)
	}
	return c, err
}

// kept is a record without the records inside it that become objects of their own. Relations to what nobody here knows stay, where
// they are for all who see the record.
func (e *event) kept(rec misp.Record, inside []string, share misp.Share) misp.Record {
	out := rec.Without(slices.DeleteFunc(slices.Clone(inside), func(name string) bool { return string(rec[name]) == "[]" })...)
	stay := slices.DeleteFunc(rec.List("Relationship"), func(a misp.Record) bool { return e.resolves(a) || stricter(a, share) })
	if len(stay) > 0 {
		out.Set("Relationship", stay)
	}
	return out
}

// labels are the tags, each once.
func labels(tags []string) []string {
	var out []string
	for _, t := range tags {
		if !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	return out
}

// markings writes the marking definitions that a share needs. The statement for a sharing group says no more than its uuid:
// a marking may be seen by more than the group, and the group's name and members stay in the record.
func (e *event) markings(s misp.Share) []stix.ID {
	if s.Acts {
		e.supply(s.PAP.MarkingID(), stix.PAPMarking(s.PAP))
	}
	for _, id := range s.Groups {
		e.supply(id, map[string]any{
			"type": "marking-definition", "spec_version": "2.1", "id": id, "created": entity.Epoch, "definition_type": "statement",
			"definition": map[string]any{"statement": "Only for the MISP sharing group " + strings.TrimPrefix(string(id), "marking-definition--")},
		})
	}
	return s.Markings()
}

// add writes an object of this event; supply one that other events may have, too. A record that makes no object, because it is
// too large or nested too deeply, goes to the quarantine and the rest goes on.
func (e *event) add(id stix.ID, view any) stix.ID {
	if e.partial {
		return e.supply(id, view)
	}
	return e.put(id, view, e.r.out.Derived)
}

func (e *event) supply(id stix.ID, view any) stix.ID { return e.put(id, view, e.r.out.Supplement) }

func (e *event) put(id stix.ID, view any, put func(*stix.Object) error) stix.ID {
	if e.err != nil || e.r.seen[id] {
		return id
	}
	o, err := stix.New(view)
	if err != nil {
		e.reject(string(id), nil, err)
		return id
	}
	e.r.seen[id] = true
	e.err = put(o)
	return id
}

// report is the event itself.
func (e *event) report(share misp.Share) {
	c, err := e.common(e.id, misp.KindEvent, e.rec, share, inEvent...)
	if err != nil {
		e.reject("event "+e.uuid, e.rec, err)
		return
	}
	c.References = append(c.References, stix.ExternalReference{SourceName: "misp", ExternalID: e.uuid})
	refs := e.refs
	if len(refs) == 0 {
		refs = []stix.ID{e.org}
		if e.org == "" {
			refs = []stix.ID{misp.Extension}
		}
	}
	published := e.date
	if at, ok := e.rec.Time("publish_timestamp"); ok {
		published = at
	}
	if extended, err := (misp.Record{"uuid": e.rec["extends_uuid"]}).UUID(); err == nil {
		e.relate("derived-from", e.id, stix.ID("report--"+extended), share)
	}
	e.add(e.id, stix.Report{
		Common: c, Name: strings.TrimSpace(e.rec.Text("info")), ReportTypes: []string{"threat-report"}, Published: published, ObjectRefs: unique(refs),
	})
}

func unique(ids []stix.ID) []stix.ID {
	var out []stix.ID
	seen := map[stix.ID]bool{}
	for _, id := range ids {
		if !seen[id] {
			seen[id] = true
			out = append(out, id)
		}
	}
	return out
}

// relate joins two objects by what the event implies, without a record of its own.
func (e *event) relate(relation string, source, target stix.ID, share misp.Share) {
	id := stix.DerivedID("relationship", e.uuid, relation, string(source), string(target))
	c := stix.NewCommon(id, e.date, e.org)
	c.MarkingRefs = e.markings(share)
	e.add(id, stix.Relationship{Common: c, RelationshipType: relation, SourceRef: source, TargetRef: target})
}

func (e *event) reject(place string, rec misp.Record, err error) {
	raw, _ := misp.Raw(rec) // a record that cannot be written again is kept by its place
	e.bad = append(e.bad, store.Reject{Place: place, Offset: -1, Reason: err.Error(), Raw: raw})
}
