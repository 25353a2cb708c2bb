package misp

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"marque/misp"
	"marque/stix"
)

// Types of sightings.
const (
	falsePositive = "1"
	expiration    = "2"
)

// maxNesting bounds analyst data on analyst data.
const maxNesting = 16

// sightings writes the sightings of an attribute or object: seen is a sighting, a false positive is an opinion against it, an
// expiration a note (and the end of an indicator's validity).
func (e *event) sightings(rec misp.Record, on stix.ID, share misp.Share) {
	for i, s := range rec.List("Sighting") {
		place := fmt.Sprintf("%s, sighting %d", on, i)
		id, err := s.UUID()
		if err != nil {
			e.reject(place, s, err)
			continue
		}
		typ := map[string]string{falsePositive: "opinion", expiration: "note"}[s.Text("type")]
		if typ == "" {
			typ = "sighting"
		}
		sid := stix.ID(typ + "--" + id)
		at, ok := s.Time("date_sighting")
		c, err := e.common(sid, misp.KindSighting, s, share)
		if err != nil {
			e.reject(place, s, err)
			continue
		}
		if ok && !at.Time().Before(c.Created.Time()) {
			c.Modified = at
		}
		who := e.organisation(s.Sub("Organisation"))
		if who != "" {
			c.CreatedByRef = who
		}
		e.sighting(c, s, on, at, who)
	}
}

func (e *event) sighting(c stix.Common, s misp.Record, on stix.ID, at stix.Timestamp, who stix.ID) {
	switch c.Type {
	case "opinion":
		e.add(c.ID, stix.Opinion{Common: c, Explanation: "false positive", Opinion: "strongly-disagree", ObjectRefs: []stix.ID{on}})
	case "note":
		e.add(c.ID, stix.Note{Common: c, Abstract: "expiration", Content: "expires " + at.String(), ObjectRefs: []stix.ID{on}})
	default:
		one := 1
		v := stix.Sighting{Common: c, Description: s.Text("source"), FirstSeen: at, LastSeen: at, Count: &one, SightingOfRef: on}
		if who != "" {
			v.WhereSightedRefs = []stix.ID{who}
		}
		e.add(c.ID, v)
	}
}

// analystLists are where MISP keeps what analysts say of a record.
var analystLists = []string{"Note", "Opinion", "Relationship"}

// analystData writes the notes, opinions and relationships on a record, and those on these.
func (e *event) analystData(rec misp.Record, on stix.ID, share misp.Share) {
	e.analyst(rec, on, share, 0)
}

func (e *event) analyst(rec misp.Record, on stix.ID, share misp.Share, depth int) {
	for _, kind := range analystLists {
		typ := strings.ToLower(kind)
		for i, a := range rec.List(kind) {
			place := fmt.Sprintf("%s, %s %d", on, typ, i)
			id, err := a.UUID()
			if err == nil && depth == maxNesting {
				err = fmt.Errorf("analyst data nested deeper than %d", maxNesting)
			}
			if err != nil {
				e.reject(place, a, err)
				continue
			}
			if kind == "Relationship" && !e.resolves(a) && !stricter(a, share) {
				continue // it stays in the record
			}
			share := share.Part(a)
			sid := stix.ID(typ + "--" + id)
			e.byUUID[id] = sid
			e.later = append(e.later, func() { e.analystRecord(place, sid, a, on, share) })
			e.analyst(a, sid, share, depth+1)
		}
	}
}

func (e *event) analystRecord(place string, sid stix.ID, a misp.Record, on stix.ID, share misp.Share) {
	defer e.enter(share)()
	target := e.byUUID[strings.ToLower(a.Text("related_object_uuid"))]
	if sid.Type() == "relationship" && target == "" {
		target = foreign(a)
	}
	c, err := e.common(sid, sid.Type(), a, share, analystLists...)
	if err != nil {
		e.reject(place, a, err)
		return
	}
	if who := e.organisation(a.Sub("Orgc")); who != "" {
		c.CreatedByRef = who
	}
	var authors []string
	if s := a.Text("authors"); s != "" {
		authors = []string{s}
	}
	switch {
	case sid.Type() == "note":
		c.Lang = language(a.Text("language"))
		e.add(sid, stix.Note{Common: c, Content: a.Text("note"), Authors: authors, ObjectRefs: []stix.ID{on}})
	case sid.Type() == "opinion":
		e.add(sid, stix.Opinion{Common: c, Explanation: a.Text("comment"), Authors: authors, Opinion: opinionWord(a.Text("opinion")), ObjectRefs: []stix.ID{on}})
	case target == "":
		e.reject(place, a, fmt.Errorf("relationship to a %s that is not in the event", a.Text("related_object_type")))
	default:
		e.add(sid, stix.Relationship{Common: c, RelationshipType: relationName(a.Text("relationship_type")), Description: a.Text("comment"), SourceRef: on, TargetRef: target})
	}
}

// resolves tells whether the object that a relationship leads to is known, or at least its id.
func (e *event) resolves(a misp.Record) bool {
	return e.held()[strings.ToLower(a.Text("related_object_uuid"))] || foreign(a) != ""
}

// stricter tells whether an analyst's record, or one on it, is for fewer than a share.
func stricter(a misp.Record, share misp.Share) bool {
	part := share.Part(a)
	return stricterThan(part, share) || !slices.Equal(part.And(analystShare(a, part, 0)).Markings(), share.Markings())
}

// analystShare is the strictest share of what analysts say of a record of a share, and of that again.
func analystShare(rec misp.Record, within misp.Share, depth int) misp.Share {
	share := within
	for _, kind := range analystLists {
		for _, a := range rec.List(kind) {
			if depth == maxNesting {
				return misp.Share{TLP: stix.Red, Marked: true}
			}
			part := within.Part(a)
			share = share.And(part).And(analystShare(a, part, depth+1))
		}
	}
	return share
}

// foreign is the object of another event that a relationship names, where its type tells the id.
func foreign(a misp.Record) stix.ID {
	id, err := (misp.Record{"uuid": a["related_object_uuid"]}).UUID()
	if err != nil {
		return ""
	}
	switch a.Text("related_object_type") {
	case "Event":
		return stix.ID("report--" + id)
	case "Object":
		return stix.ID("grouping--" + id)
	case "Organisation":
		return stix.ID("identity--" + id)
	default:
		return ""
	}
}

// opinionWord turns MISP's 0 (strongly disagree) to 100 (strongly agree) into the five words of STIX (section 10.19).
func opinionWord(s string) string {
	n, err := strconv.Atoi(s)
	switch {
	case err != nil:
		return "neutral"
	case n < 20:
		return "strongly-disagree"
	case n < 40:
		return "disagree"
	case n <= 60:
		return "neutral"
	case n <= 80:
		return "agree"
	default:
		return "strongly-agree"
	}
}

// language keeps what can be an RFC 5646 tag.
func language(s string) string {
	for _, c := range s {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' {
			return ""
		}
	}
	if len(s) < 2 {
		return ""
	}
	return s
}
