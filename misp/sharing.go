package misp

import (
	"slices"
	"strings"

	"marque/stix"
)

// MISP's distribution levels.
const (
	OrganisationOnly     = "0"
	CommunityOnly        = "1"
	ConnectedCommunities = "2"
	AllCommunities       = "3"
	SharingGroup         = "4"
	Inherit              = "5"
)

// Share is who may see a record and what may be done with it. The zero Share says nothing.
type Share struct {
	TLP    stix.TLP
	Marked bool // TLP is stated
	PAP    stix.PAP
	Acts   bool      // PAP is stated
	Groups []stix.ID // statements, one per MISP sharing group
}

// And is the stricter of two in everything: a part is never shared more widely than the whole that it is in.
func (s Share) And(t Share) Share {
	out := Share{Marked: s.Marked || t.Marked, Acts: s.Acts || t.Acts, TLP: max(s.TLP, t.TLP), PAP: max(s.PAP, t.PAP)}
	out.Groups = append(slices.Clone(s.Groups), t.Groups...)
	slices.Sort(out.Groups)
	out.Groups = slices.Compact(out.Groups)
	return out
}

// Part is who may see a record that s holds.
func (s Share) Part(r Record) Share { return s.And(ShareOf(r)) }

// Markings are the object_marking_refs.
func (s Share) Markings() []stix.ID {
	var out []stix.ID
	if s.Marked {
		out = append(out, s.TLP.MarkingID())
	}
	if s.Acts {
		out = append(out, s.PAP.MarkingID())
	}
	return append(out, s.Groups...)
}

// ShareOf reads a record's distribution and tags, the stricter of which wins, unless the distribution is the one that belongs to the
// tag ([Distribution]): then the tag says it more exactly. The table stands in docs/misp.md.
func ShareOf(r Record) Share {
	s := shareOfTags(r.Tags())
	if d := r.Text("distribution"); s.Marked && d != AllCommunities && d == Distribution(s.TLP) {
		return s
	}
	raise := func(t stix.TLP) { s.TLP, s.Marked = max(s.TLP, t), true }
	switch r.Text("distribution") {
	case OrganisationOnly:
		raise(stix.Red)
	case CommunityOnly:
		raise(stix.AmberStrict)
	case ConnectedCommunities:
		raise(stix.Amber)
	case SharingGroup:
		raise(stix.AmberStrict)
		if id, err := r.Sub("SharingGroup").UUID(); err == nil {
			s.Groups = append(s.Groups, stix.ID("marking-definition--"+id))
		}
	case "", AllCommunities, Inherit:
	default:
		raise(stix.Red) // a level that is not known yet
	}
	return s
}

// EventShare is ShareOf an event: one for all communities that has no TLP tag is GREEN.
func EventShare(r Record) Share {
	s := ShareOf(r)
	if !s.Marked && r.Text("distribution") == AllCommunities {
		s.TLP, s.Marked = stix.Green, true
	}
	return s
}

// shareOfTags reads TLP 1.0 and 2.0 and PAP in all spellings. A level of either that is not known, such as tlp:unclear or tlp:ex:chr,
// counts as RED.
func shareOfTags(tags []string) Share {
	var s Share
	for _, tag := range tags {
		if t, ok := stix.TagTLP(tag); ok {
			s.TLP, s.Marked = max(s.TLP, t), true
		}
		if p, ok := stix.TagPAP(tag); ok {
			s.PAP, s.Acts = max(s.PAP, p), true
		}
	}
	return s
}

// CutTag cuts the beginning off a tag, whatever its case.
func CutTag(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return "", false
	}
	return s[len(prefix):], true
}

// Distribution is the level that an object of a TLP level may leave with, never wider than the level allows: RED, AMBER+STRICT and
// AMBER stay with the receiving organisation, GREEN goes to its community, CLEAR to all.
func Distribution(t stix.TLP) string {
	switch t {
	case stix.Clear:
		return AllCommunities
	case stix.Green:
		return CommunityOnly
	default:
		return OrganisationOnly
	}
}

// Confidence is read from tags of the taxonomies estimative-language and admiralty-scale, in this order: confidence in the
// judgement, likelihood, credibility. The numbers are those of STIX 2.1 appendix A.
func Confidence(tags []string) *int {
	for _, scale := range confidenceScales {
		for _, tag := range tags {
			value, ok := CutTag(tag, scale.tag)
			if !ok {
				continue
			}
			if n, known := scale.values[strings.ToLower(strings.Trim(value, `"`))]; known {
				return &n
			}
		}
	}
	return nil
}

var confidenceScales = []struct {
	tag    string
	values map[string]int
}{
	{"estimative-language:confidence-in-analytic-judgment=", map[string]int{"low": 15, "moderate": 50, "medium": 50, "high": 85}},
	{"estimative-language:likelihood-probability=", map[string]int{
		"almost-no-chance": 5, "very-unlikely": 15, "unlikely": 30, "roughly-even-chance": 50, "likely": 70, "very-likely": 85, "almost-certain": 95,
	}},
	{"admiralty-scale:information-credibility=", map[string]int{"1": 90, "2": 70, "3": 50, "4": 30, "5": 10}},
}
