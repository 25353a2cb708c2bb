package export

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"marque/claim"
	"marque/stix"
	"marque/store"
)

// LayerConfig says what a layer shows. The zero LayerConfig shows the techniques of everybody.
type LayerConfig struct {
	// Subject is an actor, an operation, malware or a tool; empty is everybody.
	Subject stix.ID
	// Name is the layer's; empty is made from the subject.
	Name string
	// Domain is ATT&CK's: enterprise-attack (if empty), mobile-attack, ics-attack.
	Domain string
	// Attack is the version of ATT&CK that the technique numbers are of; empty lets the Navigator use its own.
	Attack string
}

// layer is a Navigator layer, format 4.5
// (https://github.com/mitre-attack/attack-navigator/blob/master/layers/spec/v4.5/layerformat.md).
type layer struct {
	Name        string           `json:"name"`
	Versions    layerVersions    `json:"versions"`
	Domain      string           `json:"domain"`
	Description string           `json:"description"`
	Techniques  []layerTechnique `json:"techniques"`
	Gradient    layerGradient    `json:"gradient"`
	Sorting     int              `json:"sorting"` // 3: by score, falling
}

type layerVersions struct {
	Attack    string `json:"attack,omitzero"`
	Navigator string `json:"navigator"`
	Layer     string `json:"layer"`
}

type layerTechnique struct {
	TechniqueID       string `json:"techniqueID"`
	Score             int    `json:"score"`
	Comment           string `json:"comment,omitzero"`
	Enabled           bool   `json:"enabled"`
	ShowSubtechniques bool   `json:"showSubtechniques"`
}

type layerGradient struct {
	Colors   []string `json:"colors"`
	MinValue int      `json:"minValue"`
	MaxValue int      `json:"maxValue"`
}

// use is who uses a technique, and what the source says of it.
type techniqueUse struct{ who, text string }

// Navigator writes an ATT&CK Navigator layer: the techniques that the subject uses, itself or in the operations attributed to it,
// or those that anybody uses. A technique's score is the number of distinct users: 1 for the subject itself plus 1 per operation;
// actors, operations, malware and tools of everybody. The comment names them, with what the source says.
func Navigator(ctx context.Context, w io.Writer, r *Reader, cfg LayerConfig) (Summary, error) {
	n := &navigator{ctx: ctx, r: r, domain: cmp.Or(cfg.Domain, "enterprise-attack"), uses: map[string][]techniqueUse{}, objects: map[stix.ID]*store.Record{}}
	var err error
	name := cmp.Or(cfg.Name, "Techniques of everybody")
	if cfg.Subject == "" {
		err = n.everybody()
	} else {
		var subject *store.Record
		if subject, err = n.get(cfg.Subject); err == nil {
			name = cmp.Or(cfg.Name, "Techniques of "+subject.Name)
			err = n.subject(subject)
		}
	}
	if err != nil {
		return n.sum, fmt.Errorf("export layer: %w", err)
	}
	l := layer{
		Name: name, Domain: n.domain, Description: "Made by Marque. Score: number of distinct users.",
		Versions: layerVersions{Attack: cfg.Attack, Navigator: "5.1.0", Layer: "4.5"}, Techniques: n.techniques(), Sorting: 3,
	}
	highest := 1
	for _, t := range l.Techniques {
		highest = max(highest, t.Score)
	}
	l.Gradient = layerGradient{Colors: []string{"#ffffffff", "#ff6666ff"}, MinValue: 0, MaxValue: highest}
	n.sum.Written = len(l.Techniques)
	if err := json.MarshalWrite(w, l, jsontext.WithIndent("  ")); err != nil {
		return n.sum, fmt.Errorf("export layer: %w", err)
	}
	return n.sum, nil
}

type navigator struct {
	ctx     context.Context //nolint:containedctx // the life of one export
	r       *Reader
	sum     Summary
	domain  string                    // whose techniques the layer can show
	uses    map[string][]techniqueUse // by technique number
	objects map[stix.ID]*store.Record
}

// get reads an object once.
func (n *navigator) get(id stix.ID) (*store.Record, error) {
	if rec, ok := n.objects[id]; ok {
		if rec == nil {
			return nil, fmt.Errorf("%s: %w", id, store.ErrNotFound)
		}
		return rec, nil
	}
	rec, err := n.r.Get(n.ctx, id)
	if err == nil || errors.Is(err, store.ErrNotFound) {
		n.objects[id] = rec
	}
	return rec, err
}

func (n *navigator) everybody() error {
	for rel, err := range n.r.Find(n.ctx, store.Query{Types: []string{"relationship"}}) {
		if err != nil {
			return err
		}
		if err := n.relation(rel); err != nil {
			return err
		}
	}
	return nil
}

// subject takes the uses of the subject and those of the operations that are attributed to it.
func (n *navigator) subject(subject *store.Record) error {
	operations := []stix.ID{subject.ID}
	for rel, err := range n.r.Related(n.ctx, subject.ID, store.In) {
		if err != nil {
			return err
		}
		if rel.RelationshipType == "attributed-to" && rel.TargetRef == subject.ID && said(rel) && !slices.Contains(operations, rel.SourceRef) {
			operations = append(operations, rel.SourceRef)
		}
	}
	for _, id := range operations {
		for rel, err := range n.r.Related(n.ctx, id, store.Out) {
			if err != nil {
				return err
			}
			if err := n.relation(rel); err != nil {
				return err
			}
		}
	}
	return nil
}

// said tells a relationship that holds, and no claim that something is not so.
func said(rel *store.Record) bool {
	var c claim.Claim
	ok, err := rel.ExtensionOf(claim.Extension, &c)
	return !rel.Revoked && (!ok || err == nil && c.Stance == claim.Asserts && c.Status != claim.Rejected)
}

func (n *navigator) relation(rel *store.Record) error {
	if rel.RelationshipType != "uses" || rel.TargetRef.Type() != "attack-pattern" || !said(rel) {
		return nil
	}
	technique, err := n.get(rel.TargetRef)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	user, err := n.get(rel.SourceRef)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	number := attackID(technique.Object)
	if number == "" || technique.Revoked || !inDomain(technique.Object, n.domain) {
		n.sum.skip("attack-pattern")
		return nil
	}
	var v stix.Relationship
	if err := rel.Decode(&v); err != nil {
		return err
	}
	n.uses[number] = append(n.uses[number], techniqueUse{who: user.Name, text: v.Description})
	return nil
}

// inDomain tells whether a technique is of a domain of ATT&CK. One that says nothing is of all.
func inDomain(o *stix.Object, domain string) bool {
	var v struct {
		Domains []string `json:"x_mitre_domains"`
	}
	return o.Decode(&v) != nil || len(v.Domains) == 0 || slices.Contains(v.Domains, domain)
}

// Limits on a comment: the Navigator shows it in a tooltip.
const (
	maxUsers = 20
	maxText  = 300
)

func (n *navigator) techniques() []layerTechnique {
	out := make([]layerTechnique, 0, len(n.uses))
	parents := map[string]bool{}
	for number := range n.uses {
		if parent, _, sub := strings.Cut(number, "."); sub {
			parents[parent] = true
		}
	}
	for number, uses := range n.uses {
		slices.SortStableFunc(uses, func(a, b techniqueUse) int { return strings.Compare(a.who, b.who) })
		users := slices.CompactFunc(slices.Clone(uses), func(a, b techniqueUse) bool { return a.who == b.who })
		var lines []string
		for i, u := range users {
			if i == maxUsers {
				lines = append(lines, fmt.Sprintf("and %d more", len(users)-maxUsers))
				break
			}
			line := u.who
			if text := []rune(strings.Join(strings.Fields(u.text), " ")); len(text) > maxText {
				line += ": " + string(text[:maxText]) + "…"
			} else if len(text) > 0 {
				line += ": " + string(text)
			}
			lines = append(lines, line)
		}
		out = append(out, layerTechnique{
			TechniqueID: number, Score: len(users), Comment: strings.Join(lines, "\n"), Enabled: true, ShowSubtechniques: parents[number],
		})
	}
	slices.SortFunc(out, func(a, b layerTechnique) int { return strings.Compare(a.TechniqueID, b.TechniqueID) })
	return out
}
