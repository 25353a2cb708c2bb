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
	switch {
	case err != nil:
	case typ == "" || value == "":
		err = fmt.Errorf("attribute without a type or a value")
	case e.byUUID[id] != "":
		err = fmt.Errorf("uuid %s is that of another record of this event, which stays", id)
	}
	if err != nil {
		e.reject(place, rec, err)
		return ""
	}
	share := within.Part(rec)
	defer e.enter(share)()
	made := classify(rec)
	sid := stix.ID(made + "--" + id)
	e.byUUID[id], e.shares[id] = sid, share
	e.refs = append(e.refs, sid)
	rec = e.galaxies(place, rec, sid, share)
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

// observed writes the observables, which other events may have too, and what was observed of them. An observable is written once for
// each marking that it comes with: what one event gave freely is free, whatever another says of it.
func (e *event) observed(c stix.Common, rec misp.Record, observables []map[string]any, share misp.Share) {
	var refs []stix.ID
	for _, props := range observables {
		id, _ := props["id"].(stix.ID)
		refs = append(refs, id)
		m := e.markings(share)
		told := fmt.Sprint(id, m)
		if e.r.shown[told] {
			continue
		}
		e.r.shown[told] = true
		if len(m) > 0 {
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
	if err == nil && e.byUUID[id] != "" {
		err = fmt.Errorf("uuid %s is that of another record of this event, which stays", id)
	}
	if err != nil {
		e.reject(place, rec, err)
		return
	}
	sid := stix.ID("grouping--" + id)
	share := e.share.Part(rec)
	e.byUUID[id], e.shares[id] = sid, share
	e.refs = append(e.refs, sid)
	defer e.enter(share)()
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
		id, err := ref.UUID()
		target := strings.ToLower(ref.Text("referenced_uuid"))
		if err != nil || !held[target] {
			rest = append(rest, e.summarised(ref, target, share))
			continue
		}
		e.later = append(e.later, func() { e.reference(id, e.summarised(ref, target, share), source, e.byUUID[target], share) })
	}
	if len(rest) > 0 {
		kept.Set("ObjectReference", rest)
	}
}

// summarised is a reference with the summary of its target, which MISP sends along, where whoever sees the reference may see the target.
func (e *event) summarised(ref misp.Record, target string, share misp.Share) misp.Record {
	for _, name := range []string{"Attribute", "Object"} {
		if ref[name] == nil {
			continue
		}
		whole := share.Part(ref.Sub(name))
		if of, known := e.shares[target]; known {
			whole = whole.And(of)
		}
		if whole.TLP > share.TLP || whole.PAP > share.PAP || len(whole.Groups) > len(share.Groups) {
			ref = ref.Without(name)
		}
	}
	return ref
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
	share := e.share.Part(rec)
	defer e.enter(share)()
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

// galaxies writes the clusters that a record is tagged with and joins them to it. It returns the record without what of them is for
// fewer than the record: a cluster of an organisation's own leaves it, with its tag, and is an object marked as itself.
func (e *event) galaxies(place string, rec misp.Record, id stix.ID, share misp.Share) misp.Record {
	told := map[string]bool{}
	var galaxies []misp.Record
	apart := false
	for _, g := range rec.List("Galaxy") {
		var clusters []misp.Record
		for _, c := range g.List("GalaxyCluster") {
			tags := []string{c.Text("tag_name"), galaxyTagOf(g, c, "value"), galaxyTagOf(g, c, "uuid")}
			within := clusterShare(c, share)
			c, cut := e.cutCluster(place, c, within)
			if apart = apart || cut; !stricterThan(within, share) {
				told[tags[0]] = true
				clusters = append(clusters, c)
				if target := e.cluster(g, c, share, nil); target != "" {
					e.join(id, target, share)
				}
				continue
			}
			apart = true
			for _, t := range tags {
				told[t] = true
			}
			whole := g.Without("GalaxyCluster")
			whole.Set("GalaxyCluster", []misp.Record{c})
			leave := e.enter(within)
			if target := e.cluster(g, c, within, whole); target != "" {
				e.join(id, target, within)
			}
			leave()
			rec = withoutTags(rec, tags)
		}
		if len(clusters) > 0 || len(g.List("GalaxyCluster")) == 0 {
			g = g.Without("GalaxyCluster")
			g.Set("GalaxyCluster", clusters)
			galaxies = append(galaxies, g)
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
	if !apart {
		return rec
	}
	rec = rec.Without("Galaxy")
	rec.Set("Galaxy", galaxies)
	return rec
}

// galaxyTagOf is the tag of a cluster by one of its properties.
func galaxyTagOf(g, c misp.Record, property string) string {
	typ := g.Text("type")
	if typ == "" {
		typ = c.Text("type")
	}
	return fmt.Sprintf("misp-galaxy:%s=%q", typ, c.Text(property))
}

func withoutTags(rec misp.Record, names []string) misp.Record {
	tags := slices.DeleteFunc(rec.List("Tag"), func(t misp.Record) bool {
		return slices.ContainsFunc(names, func(n string) bool { return n != "" && strings.EqualFold(n, t.Text("name")) })
	})
	if len(tags) == len(rec.List("Tag")) {
		return rec
	}
	rec = rec.Without("Tag")
	rec.Set("Tag", tags)
	return rec
}

// clusterShare is who may see a cluster. Those that MISP publishes are public.
func clusterShare(c misp.Record, within misp.Share) misp.Share {
	if c.Flag("default") || c.Text("distribution") == "" {
		return within
	}
	return within.Part(misp.Record{"distribution": c["distribution"], "SharingGroup": c["SharingGroup"]})
}

// stricterThan tells whether a part of a share is for fewer.
func stricterThan(part, share misp.Share) bool {
	return !slices.Equal(part.Markings(), share.Markings())
}

// cutCluster is a cluster without those of its relations, and of what analysts say of it, that are for fewer than the cluster. They have
// no place in STIX and go to the quarantine.
func (e *event) cutCluster(place string, c misp.Record, share misp.Share) (out misp.Record, cut bool) {
	for _, list := range append([]string{"GalaxyClusterRelation", "TargetingClusterRelation"}, analystLists...) {
		all := c.List(list)
		left := slices.DeleteFunc(slices.Clone(all), func(a misp.Record) bool { return stricter(a, share) })
		if len(left) == len(all) {
			continue
		}
		for _, a := range all {
			if stricter(a, share) {
				e.reject(place+", galaxy cluster "+c.Text("uuid"), a, fmt.Errorf("%s for fewer than the cluster that it is on", strings.ToLower(list)))
			}
		}
		c, cut = c.Without(list), true
		if len(left) > 0 {
			c.Set(list, left)
		}
	}
	return c, cut
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
// are marked as the record that brings them, or, where they are for fewer, as themselves: then apart is the record that they keep.
func (e *event) cluster(g, rec misp.Record, share misp.Share, apart misp.Record) stix.ID {
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
	if apart != nil {
		ext, err := misp.Origin{Kind: misp.KindCluster, Record: apart}.Extension()
		if err != nil {
			e.reject(string(sid), apart, err)
			return sid
		}
		o["extensions"] = map[string]any{string(misp.Extension): ext}
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
