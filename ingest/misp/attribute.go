package misp

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"marque/ingest/entity"
	"marque/misp"
	"marque/stix"
	"marque/stix/pattern"
)

// inAttribute are the records inside an attribute that become objects of their own, or that are computed.
var inAttribute = []string{"Sighting", "Note", "Opinion", "Relationship", "RelatedAttribute", "Event", "Object", "Feed"}

// attribute writes an attribute and all that hangs on it, and returns the id of its object, "" where it is no attribute.
func (e *event) attribute(place string, rec misp.Record, within misp.Share, parent string) stix.ID {
	id, err := rec.UUID()
	typ, value := rec.Text("type"), rec.Text("value")
	if err == nil && (typ == "" || value == "") {
		err = fmt.Errorf("attribute without a type or a value")
	}
	if err != nil {
		e.reject(place, rec, err)
		return ""
	}
	share := within.And(misp.ShareOf(rec))
	made := classify(rec)
	sid := stix.ID(made + "--" + id)
	e.byUUID[id] = sid
	e.refs = append(e.refs, sid)
	share = e.galaxies(rec, sid, share)
	file := attachedTo(rec)
	kept := rec
	if file != nil {
		kept = rec.Without()
		kept.Set("data", file[0]["id"]) // the artifact has it
	}
	c, err := e.common(sid, misp.KindAttribute, kept, share, inAttribute...)
	if err != nil {
		e.reject(place, rec, err)
		return ""
	}
	switch {
	case made == "observed-data" && file == nil:
		e.observed(c, rec, forms[typ].observables(value), share)
	case made == "observed-data":
		e.observed(c, rec, file, share)
	case file != nil:
		seen := stix.NewCommon(stix.DerivedID("observed-data", "misp-attachment", id), c.Created, c.CreatedByRef)
		seen.Modified, seen.MarkingRefs = c.Modified, c.MarkingRefs
		e.observed(seen, rec, file, share)
		e.refs = append(e.refs, seen.ID)
		e.relate("based-on", sid, seen.ID, share)
	}
	switch made {
	case "observed-data":
	case "indicator":
		e.indicator(c, rec)
	case "note":
		e.note(c, rec, parent)
	default:
		e.add(sid, named(made, c, rec))
	}
	e.sightings(rec, sid, share)
	e.analystData(rec, sid, share)
	return sid
}

// classify says which STIX type an attribute becomes.
func classify(rec misp.Record) string {
	f, known := forms[rec.Text("type")]
	value := rec.Text("value")
	switch {
	case !known:
		return "note"
	case f.typ != "":
		return f.typ
	case f.rule == "stix":
		if _, err := pattern.Parse(value); err != nil {
			return "note"
		}
		return "indicator"
	case f.rule != "":
		return "indicator"
	case rec.Flag("to_ids") && f.pattern(value) != "":
		return "indicator"
	case f.observables(value) != nil:
		return "observed-data"
	default:
		return "note"
	}
}

// seen are first_seen and last_seen, or the time of the record.
func seen(c stix.Common, rec misp.Record) (first, last stix.Timestamp) {
	first, ok := rec.Time("first_seen")
	if !ok {
		first = c.Modified
	}
	if last, ok = rec.Time("last_seen"); !ok || last.Time().Before(first.Time()) {
		last = first
	}
	return first, last
}

func (e *event) indicator(c stix.Common, rec misp.Record) {
	f, value := forms[rec.Text("type")], rec.Text("value")
	first, _ := seen(c, rec)
	v := stix.Indicator{
		Common: c, Name: rec.Text("type") + ": " + short(value), Description: rec.Text("comment"),
		Pattern: value, PatternType: f.rule, ValidFrom: first,
	}
	if f.rule == "" {
		v.Pattern, v.PatternType = f.pattern(value), "stix"
	}
	if v.PatternType == "stix" {
		v.PatternVersion = "2.1"
	}
	for _, s := range rec.List("Sighting") {
		if at, ok := s.Time("date_sighting"); ok && s.Text("type") == expiration && at.Time().After(first.Time()) && (v.ValidUntil.IsZero() || at.Time().Before(v.ValidUntil.Time())) {
			v.ValidUntil = at
		}
	}
	e.add(c.ID, v)
}

// short is a value fit for a name.
func short(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	if r := []rune(line); len(r) > 200 {
		return string(r[:200]) + "…"
	}
	return line
}

// observed writes the observables, which other events may have too, and what was observed of them. An observable is marked as the
// strictest of what it came with; the store keeps that over all events.
func (e *event) observed(c stix.Common, rec misp.Record, observables []map[string]any, share misp.Share) {
	var refs []stix.ID
	for _, props := range observables {
		id, _ := props["id"].(stix.ID)
		refs = append(refs, id)
		before, known := e.r.shown[id]
		now := share
		if known {
			now = share.And(before)
		}
		if known && slices.Equal(before.Markings(), now.Markings()) {
			continue
		}
		e.r.shown[id] = now
		if m := e.markings(now); len(m) > 0 {
			props["object_marking_refs"] = m
		}
		delete(e.r.seen, id) // as it is marked now
		e.supply(id, props)
	}
	first, last := seen(c, rec)
	e.add(c.ID, observedData{Common: c, First: first, Last: last, Number: 1, ObjectRefs: refs})
}

// observedData is section 4.14.
type observedData struct {
	stix.Common
	First      stix.Timestamp `json:"first_observed"`
	Last       stix.Timestamp `json:"last_observed"`
	Number     int            `json:"number_observed"`
	ObjectRefs []stix.ID      `json:"object_refs"`
}

// note keeps what STIX has no object for: text, counts, links, names of targets.
func (e *event) note(c stix.Common, rec misp.Record, parent string) {
	about := e.id
	if parent != "" {
		about = stix.ID(parent)
	}
	if rec.Text("type") == "link" {
		c.References = append(c.References, stix.ExternalReference{SourceName: "misp", Description: rec.Text("comment"), URL: rec.Text("value")})
	}
	e.add(c.ID, stix.Note{Common: c, Abstract: rec.Text("type"), Content: rec.Text("value"), ObjectRefs: []stix.ID{about}})
}

// named makes the SDO that a value names.
func named(typ string, c stix.Common, rec misp.Record) any {
	name, text := strings.TrimSpace(rec.Text("value")), rec.Text("comment")
	if name == "" {
		name = rec.Text("value")
	}
	switch typ {
	case "vulnerability":
		if strings.HasPrefix(strings.ToUpper(name), "CVE-") {
			c.References = append(c.References, stix.ExternalReference{SourceName: "cve", ExternalID: strings.ToUpper(name)})
		}
		return stix.Vulnerability{Common: c, Name: name, Description: text}
	case "threat-actor":
		return stix.ThreatActor{Common: c, Name: name, Description: text}
	case "campaign":
		return stix.Campaign{Common: c, Name: name, Description: text}
	default:
		return stix.Malware{Common: c, Name: name, Description: text, IsFamily: true}
	}
}

// inObject are the records inside an object that become objects of their own.
var inObject = []string{"Attribute", "ObjectReference", "Note", "Opinion", "Relationship", "Event", "Sighting"}

// object writes a MISP object as a grouping of its attributes.
func (e *event) object(place string, rec misp.Record) {
	id, err := rec.UUID()
	if err != nil {
		e.reject(place, rec, err)
		return
	}
	sid := stix.ID("grouping--" + id)
	e.byUUID[id] = sid
	e.refs = append(e.refs, sid)
	share := e.share.And(misp.ShareOf(rec))
	var refs []stix.ID
	for i, a := range rec.List("Attribute") {
		if ref := e.attribute(fmt.Sprintf("%s, attribute %d", place, i), a, share, string(sid)); ref != "" {
			refs = append(refs, ref)
		}
	}
	if len(refs) == 0 {
		refs = []stix.ID{e.id}
	}
	kept := e.kept(rec, inObject, share)
	e.keepUnresolved(kept, rec, sid, share)
	c, err := e.common(sid, misp.KindObject, kept, share)
	if err != nil {
		e.reject(place, rec, err)
		return
	}
	e.add(sid, grouping{Common: c, Name: rec.Text("name"), Description: rec.Text("comment"), Context: "misp-object-" + relationName(rec.Text("name")), ObjectRefs: unique(refs)})
	e.sightings(rec, sid, share)
	e.analystData(rec, sid, share)
}

// grouping is section 4.4.
type grouping struct {
	stix.Common
	Name        string    `json:"name,omitzero"`
	Description string    `json:"description,omitzero"`
	Context     string    `json:"context"`
	ObjectRefs  []stix.ID `json:"object_refs"`
}

// keepUnresolved turns an object's references into relationships. Those to what this event does not hold stay in the record kept.
func (e *event) keepUnresolved(kept, rec misp.Record, source stix.ID, share misp.Share) {
	held := e.held()
	var rest []misp.Record
	for _, ref := range rec.List("ObjectReference") {
		ref = ref.Without("Object", "Attribute")
		id, err := ref.UUID()
		target := strings.ToLower(ref.Text("referenced_uuid"))
		if err != nil || !held[target] {
			rest = append(rest, ref)
			continue
		}
		e.later = append(e.later, func() { e.reference(id, ref, source, e.byUUID[target], share) })
	}
	if len(rest) > 0 {
		kept.Set("ObjectReference", rest)
	}
}

func (e *event) reference(id string, ref misp.Record, source, target stix.ID, share misp.Share) {
	sid := stix.ID("relationship--" + id)
	if target == "" {
		e.reject("object reference "+id, ref, fmt.Errorf("reference to %s, which could not be used", ref.Text("referenced_uuid")))
		return
	}
	c, err := e.common(sid, misp.KindReference, ref, share)
	if err != nil {
		e.reject("object reference "+id, ref, err)
		return
	}
	e.add(sid, stix.Relationship{Common: c, RelationshipType: relationName(ref.Text("relationship_type")), Description: ref.Text("comment"), SourceRef: source, TargetRef: target})
}

// held are the uuids of all records of the event that become objects.
func (e *event) held() map[string]bool {
	if e.holds == nil {
		e.holds = map[string]bool{e.uuid: true}
		e.hold(e.rec, 0)
	}
	return e.holds
}

func (e *event) hold(rec misp.Record, depth int) {
	if depth > maxNesting {
		return
	}
	for _, list := range []string{"Attribute", "Object", "EventReport", "Note", "Opinion"} {
		for _, r := range rec.List(list) {
			if id, err := r.UUID(); err == nil {
				e.holds[id] = true
			}
			e.hold(r, depth+1)
		}
	}
}

// eventReport is a text about the event.
func (e *event) eventReport(place string, rec misp.Record) {
	id, err := rec.UUID()
	if err != nil {
		e.reject(place, rec, err)
		return
	}
	sid := stix.ID("note--" + id)
	share := e.share.And(misp.ShareOf(rec))
	c, err := e.common(sid, misp.KindEventReport, rec, share, analystLists...)
	if err != nil {
		e.reject(place, rec, err)
		return
	}
	content := rec.Text("content")
	if content == "" {
		content = rec.Text("name")
	}
	e.byUUID[id] = sid
	e.refs = append(e.refs, e.add(sid, stix.Note{Common: c, Abstract: rec.Text("name"), Content: content, ObjectRefs: []stix.ID{e.id}}))
	e.analystData(rec, sid, share)
}

// galaxies writes the clusters that a record is tagged with, joins them to it, and returns the share with the clusters' own.
func (e *event) galaxies(rec misp.Record, id stix.ID, share misp.Share) misp.Share {
	told := map[string]bool{}
	for _, g := range rec.List("Galaxy") {
		for _, c := range g.List("GalaxyCluster") {
			share = share.And(clusterShare(c))
			told[c.Text("tag_name")] = true
			if target := e.cluster(g, c, share); target != "" {
				e.join(id, target, share)
			}
		}
	}
	for _, tag := range rec.Tags() {
		if told[tag] {
			continue
		}
		if target := e.galaxyTag(tag, share); target != "" {
			e.join(id, target, share)
		}
	}
	return share
}

// clusterShare is what a cluster of an organisation's own says; those that MISP publishes are public. What analysts say of a cluster
// and its relations stay in the record, so the strictest of them counts.
func clusterShare(c misp.Record) misp.Share {
	var share misp.Share
	if !c.Flag("default") && c.Text("distribution") != "" {
		share = misp.ShareOf(misp.Record{"distribution": c["distribution"], "SharingGroup": c["SharingGroup"]})
	}
	for _, list := range []string{"GalaxyClusterRelation", "TargetingClusterRelation"} {
		for _, rel := range c.List(list) {
			share = share.And(misp.ShareOf(rel))
		}
	}
	return share.And(analystShare(c, 0))
}

// join puts a cluster into the report, or beside an attribute or object.
func (e *event) join(id, target stix.ID, share misp.Share) {
	e.refs = append(e.refs, target)
	if id == e.id {
		return
	}
	relation := "related-to"
	switch target.Type() {
	case "threat-actor", "intrusion-set", "malware", "tool", "attack-pattern", "campaign":
		if id.Type() == "indicator" {
			relation = "indicates"
		}
	}
	e.relate(relation, id, target, share)
}

// cluster writes a galaxy cluster as the reader of galaxies does, so that the two are one object. An organisation's own clusters
// are marked as the record that brings them.
func (e *event) cluster(g, rec misp.Record, share misp.Share) stix.ID {
	id, err := rec.UUID()
	if err != nil || strings.TrimSpace(rec.Text("value")) == "" {
		return ""
	}
	c := &cluster{Value: rec.Text("value"), UUID: id, Description: rec.Text("description")}
	if raw := rec["meta"]; raw.Kind() == '{' {
		_ = json.Unmarshal(raw, &c.Meta) // a record that parsed
	}
	head := header{Type: g.Text("type"), Name: g.Text("name")}
	if head.Type == "" {
		head.Type = rec.Text("type")
	}
	gr := &galaxyReader{out: e.r.out, w: e.r.w, head: head, kind: kindOf(head), misp: e.r.w.Organisation("MISP Project")}
	sid := gr.kind.id(c)
	if sid.Type() == "location" && c.country() != "" {
		return e.r.w.Place(c.country())
	}
	o := gr.object(sid, c)
	if !rec.Flag("default") {
		if m := e.markings(share); len(m) > 0 {
			o["object_marking_refs"] = m
		}
	}
	return e.supply(sid, o)
}

// galaxyTag is an object known only by a tag, misp-galaxy:threat-actor="Sofacy". It belongs to the event and is marked as what is
// tagged: a name may be as sensitive as the rest.
func (e *event) galaxyTag(tag string, share misp.Share) stix.ID {
	rest, ok := misp.CutTag(tag, "misp-galaxy:")
	typ, name, quoted := strings.Cut(rest, "=")
	name = strings.TrimSpace(strings.Trim(name, `"`))
	if !ok || !quoted || name == "" {
		return ""
	}
	common := func(typ string) stix.Common {
		c := stix.NewCommon(stix.DerivedID(typ, "misp", e.uuid, tag), e.date, e.org)
		c.MarkingRefs = e.markings(share)
		return c
	}
	switch k := kindOf(header{Type: typ}); k {
	case actor, intrusionSet, vendor:
		c := common("threat-actor")
		return e.add(c.ID, stix.ThreatActor{Common: c, Name: name})
	case malware, ransomware:
		c := common("malware")
		v := stix.Malware{Common: c, Name: name, IsFamily: true}
		if k == ransomware {
			v.Types = []string{"ransomware"}
		}
		return e.add(c.ID, v)
	case tool:
		c := common("tool")
		return e.add(c.ID, stix.Tool{Common: c, Name: name})
	case technique:
		c := common("attack-pattern")
		if i := strings.LastIndex(name, " - "); i >= 0 && entity.IsTechnique(name[i+3:]) {
			c.References = []stix.ExternalReference{{SourceName: "mitre-attack", ExternalID: name[i+3:]}}
			name = name[:i]
		}
		return e.add(c.ID, stix.AttackPattern{Common: c, Name: name})
	default:
		return ""
	}
}
