package profile

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"marque/graph"
)

// MaxBundle bounds the decompressed size of a bundle that ReadBundle accepts, in bytes.
const MaxBundle = 1 << 30

// ErrBundle is wrapped by what makes a bundle unreadable.
var ErrBundle = errors.New("bundle not readable")

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

// ReadBundle reads an ATT&CK-like STIX 2.1 bundle, plain or gzip, one object at a time. A report's date is read
// from the first description that has one (see [graph.CitationDate]). Revoked and deprecated actors, campaigns, software
// and relationships are left out, as are relationships to objects that the bundle lacks; a revoked technique or program
// leads to the one that took its place.
func ReadBundle(r io.Reader) (Corpus, error) {
	b := bundle{objects: map[string]*bundleObject{}, successors: map[string]string{}, dates: map[string]time.Time{}}
	if err := b.read(r); err != nil {
		return Corpus{}, fmt.Errorf("%w: %w", ErrBundle, err)
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

func (b *bundle) read(r io.Reader) error {
	buffered := bufio.NewReaderSize(r, 1<<16)
	if magic, _ := buffered.Peek(2); len(magic) == 2 && magic[0] == 0x1f && magic[1] == 0x8b {
		unzipped, err := gzip.NewReader(buffered)
		if err != nil {
			return fmt.Errorf("gzip: %w", err)
		}
		buffered = bufio.NewReaderSize(unzipped, 1<<16)
	}
	limited := &io.LimitedReader{R: buffered, N: MaxBundle}
	err := eachObject(json.NewDecoder(limited), b.add)
	if err != nil && limited.N <= 0 {
		return fmt.Errorf("larger than %d bytes", MaxBundle)
	}
	return err
}

// eachObject walks {"objects": [...]} and skips the bundle's other members.
func eachObject(d *json.Decoder, add func(*bundleObject)) error {
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return fmt.Errorf("start: object expected: %w", noEOF(err))
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return fmt.Errorf("member: %w", noEOF(err))
		}
		if key != "objects" {
			var skipped json.RawMessage
			if err := d.Decode(&skipped); err != nil {
				return fmt.Errorf("member %q: %w", key, noEOF(err))
			}
			continue
		}
		if t, err := d.Token(); err != nil || t != json.Delim('[') {
			return fmt.Errorf("objects: array expected: %w", noEOF(err))
		}
		for n := 0; d.More(); n++ {
			o := new(bundleObject)
			if err := d.Decode(o); err != nil {
				return fmt.Errorf("object %d: %w", n, noEOF(err))
			}
			add(o)
		}
		if _, err := d.Token(); err != nil {
			return fmt.Errorf("objects: %w", noEOF(err))
		}
	}
	if _, err := d.Token(); err != nil {
		return fmt.Errorf("end: %w", noEOF(err))
	}
	return nil
}

// noEOF makes a cut-off document an error of its own, and a wrong token one too.
func noEOF(err error) error {
	if err == nil || errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
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
