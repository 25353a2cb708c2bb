package profile

import (
	"iter"
	"maps"
	"slices"
	"time"

	"marque/graph"
	"marque/stix"
)

type bundleReference struct {
	Source      string `json:"source_name"`
	Description string `json:"description"`
	External    string `json:"external_id"`
}

type bundleObject struct {
	Type         string            `json:"type"`
	ID           string            `json:"id"`
	Name         string            `json:"name"`
	Description  string            `json:"description"`
	Revoked      bool              `json:"revoked"`
	Deprecated   bool              `json:"x_mitre_deprecated"`
	Relationship string            `json:"relationship_type"`
	From         string            `json:"source_ref"`
	To           string            `json:"target_ref"`
	Aliases      []string          `json:"aliases"`
	OtherNames   []string          `json:"x_mitre_aliases"`
	References   []bundleReference `json:"external_references"`

	sponsor string
}

func (o *bundleObject) live() bool { return !o.Revoked && !o.Deprecated }

func (o *bundleObject) external() string {
	for _, r := range o.References {
		if r.Source == catalogue {
			return r.External
		}
	}
	return ""
}

// catalogue is the reference that names ATT&CK's own page, not a report.
const catalogue = "mitre-attack"

// FromObjects makes a corpus of ATT&CK-like STIX objects. A report's date is read from the first description that has one (see
// [graph.CitationDate]). Revoked and deprecated actors, campaigns, software and relationships are left out, as are objects that do
// not decode and relationships to objects that are not there; a revoked technique or program leads to the one that took its place.
// The error is the sequence's.
func FromObjects(objects iter.Seq2[*stix.Object, error]) (Corpus, error) {
	b := bundle{objects: map[string]*bundleObject{}, successors: map[string]string{}, dates: map[string]time.Time{}}
	for obj, err := range objects {
		if err != nil {
			return Corpus{}, err
		}
		o := new(bundleObject)
		if obj.Decode(o) == nil {
			b.add(o)
		}
	}
	return b.corpus(), nil
}

// bundle holds what the corpus is made of; descriptions are dropped as objects come in.
type bundle struct {
	objects    map[string]*bundleObject
	relations  []*bundleObject
	successors map[string]string // of what was revoked
	dates      map[string]time.Time
}

func (b *bundle) add(o *bundleObject) {
	for i := range o.References {
		ref := &o.References[i]
		if _, known := b.dates[ref.Source]; !known {
			if d, ok := graph.CitationDate(ref.Description); ok {
				b.dates[ref.Source] = d
			}
		}
		ref.Description = ""
	}
	if o.Type == "intrusion-set" {
		o.sponsor = graph.DescribedIn(o.Description).Country
	}
	o.Description = ""
	switch o.Type {
	case "relationship":
		switch {
		case !o.live():
		case o.Relationship == "uses" || o.Relationship == "attributed-to":
			b.relations = append(b.relations, o)
		case o.Relationship == "revoked-by":
			b.successors[o.From] = o.To
		}
	case "intrusion-set", "campaign", string(Technique), string(Malware), string(Tool):
		b.objects[o.ID] = o
	}
}

func (b *bundle) citations(o *bundleObject) []Citation {
	var out []Citation
	seen := map[string]bool{}
	for _, r := range o.References {
		if d, dated := b.dates[r.Source]; dated && r.Source != catalogue && !seen[r.Source] {
			seen[r.Source] = true
			out = append(out, Citation{Source: r.Source, Date: d})
		}
	}
	return out
}

func (b *bundle) corpus() Corpus {
	var c Corpus
	for _, id := range slices.Sorted(maps.Keys(b.objects)) {
		o := b.objects[id]
		switch o.Type {
		case "intrusion-set":
			if o.live() {
				c.Actors = append(c.Actors, Actor{ID: id, Name: o.Name, Aliases: o.Aliases, Sponsor: o.sponsor})
				c.Mentions = append(c.Mentions, Mention{Object: id, Citations: b.citations(o)})
			}
		case string(Malware), string(Tool):
			if o.live() {
				c.Mentions = append(c.Mentions, Mention{Object: id, Citations: b.citations(o)})
			}
			fallthrough
		case string(Technique):
			c.Features = append(c.Features, Feature{
				ID: id, Name: o.Name, Kind: Kind(o.Type), External: o.external(), Aliases: o.OtherNames, Gone: !o.live(), Successor: b.successors[id],
			})
		}
	}
	for _, r := range b.relations {
		b.addRelation(&c, r)
	}
	return c
}

func (b *bundle) addRelation(c *Corpus, r *bundleObject) {
	from, to := b.objects[r.From], b.objects[r.To]
	if from == nil || to == nil || !from.live() {
		return
	}
	cited := b.citations(r)
	feature := to.Type == string(Technique) || to.Type == string(Malware) || to.Type == string(Tool)
	switch {
	case r.Relationship == "attributed-to" && from.Type == "campaign" && to.Type == "intrusion-set":
		c.Attributions = append(c.Attributions, Attribution{Campaign: r.From, Actor: r.To, Citations: cited})
	case r.Relationship != "uses" || !feature:
	case from.Type == "intrusion-set" || from.Type == "campaign":
		c.Uses = append(c.Uses, Use{User: r.From, Feature: r.To, Citations: cited})
	case to.Type == string(Technique):
		c.Carries = append(c.Carries, Carry{Software: r.From, Technique: r.To, Citations: cited})
	}
}
