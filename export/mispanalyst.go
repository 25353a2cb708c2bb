package export

import (
	"slices"
	"time"

	"marque/misp"
	"marque/stix"
	"marque/store"
)

// hangOn adds what hangs on a record: references, sightings, notes, opinions, relationships, and what hangs on these.
func (e *mispEvent) hangOn(r misp.Record, rec *store.Record) error {
	lists := map[string][]misp.Record{}
	for rel, err := range e.x.r.Related(e.x.ctx, rec.ID, store.Both) {
		if err != nil {
			return err
		}
		if e.x.used[rel.ID] || !hangsOn(rel, rec.ID) {
			continue
		}
		name, one, err := e.hanging(rel, rec)
		if err != nil {
			return err
		}
		if name == "" {
			e.x.sum.skip(rel.Type)
			continue
		}
		e.x.use(rel.ID)
		if name != "Sighting" && name != "ObjectReference" {
			if err := e.hangOn(one, rel); err != nil {
				return err
			}
		}
		lists[name] = append(lists[name], one)
	}
	for name, list := range lists {
		r.Set(name, append(r.List(name), list...))
	}
	return nil
}

// hangsOn tells whether a relation belongs to an object, and not to the other object that it names, and is not a member of the
// event itself.
func hangsOn(rel *store.Record, id stix.ID) bool {
	from, ok := misp.OriginOf(rel.Object)
	if ok && (from.Kind == misp.KindAttribute || from.Kind == misp.KindEventReport) {
		return false
	}
	if rel.Type == "relationship" {
		return ok && rel.SourceRef == id
	}
	if rel.Type == "sighting" {
		return rel.SightingOfRef == id
	}
	var v struct {
		Refs []stix.ID `json:"object_refs"`
	}
	return rel.Decode(&v) == nil && len(v.Refs) > 0 && slices.Index(v.Refs, id) == 0
}

// hanging is a relation as MISP's record, with the name of the list that it goes to; "" where MISP has no room for it.
func (e *mispEvent) hanging(rel, on *store.Record) (string, misp.Record, error) {
	from, ok := misp.OriginOf(rel.Object)
	if !ok {
		return e.nativeHanging(rel, on)
	}
	switch from.Kind {
	case misp.KindReference, misp.KindSighting:
		if rel.Level > on.Level {
			return "", nil, nil // a record without a distribution would be seen by all who see what it hangs on
		}
		if from.Kind == misp.KindReference {
			return "ObjectReference", from.Record, nil
		}
		return "Sighting", from.Record, nil
	case misp.KindNote, misp.KindOpinion, misp.KindRelationship:
		err := e.restrict(from.Record, rel, e.share.Part(from.Record))
		return map[string]string{misp.KindNote: "Note", misp.KindOpinion: "Opinion", misp.KindRelationship: "Relationship"}[from.Kind], from.Record, err
	default:
		return "", nil, nil
	}
}

// nativeHanging turns a sighting, note or opinion that MISP does not know yet into MISP's.
func (e *mispEvent) nativeHanging(rel, on *store.Record) (string, misp.Record, error) {
	r := misp.Record{}
	r.Set("uuid", uuidOf(rel.ID))
	if rel.Type == "sighting" {
		if rel.Level > on.Level {
			return "", nil, nil
		}
		var v stix.Sighting
		if err := rel.Decode(&v); err != nil {
			return "", nil, err
		}
		at := v.LastSeen
		if at.IsZero() {
			at = rel.Version()
		}
		r.Set("type", "0")
		r.Set("date_sighting", unix(at))
		return "Sighting", r, nil
	}
	r.Set("object_uuid", uuidOf(on.ID))
	r.Set("object_type", analystType(on))
	r.Set("created", rel.Created.Time().UTC().Format(time.DateTime))
	r.Set("modified", rel.Version().Time().UTC().Format(time.DateTime))
	r.Set("distribution", misp.Inherit)
	if rel.Level > on.Level {
		r.Set("distribution", misp.Distribution(rel.Level))
	}
	switch rel.Type {
	case "note":
		var v stix.Note
		if err := rel.Decode(&v); err != nil {
			return "", nil, err
		}
		r.Set("note", v.Content)
		r.Set("authors", author(v.Authors))
		return "Note", r, nil
	case "opinion":
		var v stix.Opinion
		if err := rel.Decode(&v); err != nil {
			return "", nil, err
		}
		r.Set("opinion", map[string]int{"strongly-disagree": 0, "disagree": 25, "neutral": 50, "agree": 75, "strongly-agree": 100}[v.Opinion])
		r.Set("comment", v.Explanation)
		r.Set("authors", author(v.Authors))
		return "Opinion", r, nil
	default:
		return "", nil, nil
	}
}

func author(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return names[0]
}

// analystType is what MISP calls the record that an object became.
func analystType(o *store.Record) string {
	switch from, _ := misp.OriginOf(o.Object); {
	case o.Type == "report":
		return "Event"
	case from.Kind == misp.KindObject:
		return "Object"
	case from.Kind == misp.KindNote:
		return "Note"
	case from.Kind == misp.KindOpinion:
		return "Opinion"
	default:
		return "Attribute"
	}
}
