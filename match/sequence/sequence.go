package sequence

import (
	"bytes"
	"cmp"
	_ "embed" // the rules
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"marque/claim"
	"marque/match"
	"marque/stix"
)

//go:embed rules.yaml
var defaults []byte

// Rule is steps that follow each other within a window.
type Rule struct {
	Name   string        `yaml:"name"`
	Means  string        `yaml:"means"`  // what it speaks for
	Within time.Duration `yaml:"within"` // from the first step to the last, and from the last to what must not follow
	Steps  []Step        `yaml:"steps"`
	// Without must not stand in the window after the first step.
	Without *Step `yaml:"without"`
	// Kinds and Acts are what was done then, in the codes of the extension "operation" (docs/model.md), and Absent what is done
	// besides once Without is known to be absent.
	Kinds  []string `yaml:"kinds"`
	Acts   []string `yaml:"acts"`
	Absent []string `yaml:"absent"`
}

// Step is met by a hit with one of the techniques or one of the labels.
type Step struct {
	Name       string   `yaml:"name"`
	Techniques []string `yaml:"techniques"`
	Labels     []string `yaml:"labels"`
}

// Finding is a rule that was met at one victim.
type Finding struct {
	Rule   string      `json:"rule"`
	Means  string      `json:"means"`
	Victim string      `json:"victim"`
	Steps  []match.Hit `json:"steps"` // one for each step, in order
	First  time.Time   `json:"first"`
	Last   time.Time   `json:"last"`
	Open   bool        `json:"open,omitempty"` // what must not follow may still come
	Kinds  []string    `json:"kinds,omitempty"`
	Acts   []string    `json:"acts,omitempty"`
}

// Takes tells whether any rule has use for a hit.
func Takes(rules []Rule, h *match.Hit) bool {
	return h.Victim != "" && slices.ContainsFunc(rules, func(r Rule) bool {
		return slices.ContainsFunc(r.Steps, func(s Step) bool { return s.met(h) }) || r.Without != nil && r.Without.met(h)
	})
}

// Note is the finding as STIX: a note on the indicators that were met, with what was done as the extension "operation". The victim
// is not named in it. The same finding has the same id.
func (f *Finding) Note() (stix.Note, error) {
	var refs []stix.ID
	for _, h := range f.Steps {
		if id := stix.ID(h.Indicator); id != "" && !slices.Contains(refs, id) {
			refs = append(refs, id)
		}
	}
	id := stix.DerivedID("note", "sequence", f.Rule, f.Victim, f.First.UTC().Format(time.RFC3339Nano))
	n := stix.Note{Common: stix.NewCommon(id, stix.At(f.Last), claim.MarqueIdentity), ObjectRefs: refs}
	n.Abstract = "Sequence " + f.Rule
	n.Content = fmt.Sprintf("%s: %d steps at one victim from %s to %s", f.Means, len(f.Steps), f.First.UTC().Format(time.DateOnly), f.Last.UTC().Format(time.DateOnly))
	return n, n.Extensions.Extend(claim.OperationExtension, claim.Operation{ExtensionType: "property-extension", Kinds: f.Kinds, Acts: f.Acts})
}

// Line is the finding in a line.
func (f *Finding) Line() string {
	return fmt.Sprintf("%s: %s, %s to %s", f.Victim, f.Means, f.First.UTC().Format(time.DateOnly), f.Last.UTC().Format(time.DateOnly))
}

// Read reads rules and names every problem at once.
func Read(r io.Reader) ([]Rule, error) {
	var file struct {
		Rules []Rule `yaml:"rules"`
	}
	dec := yaml.NewDecoder(io.LimitReader(r, 1<<20))
	dec.KnownFields(true)
	if err := dec.Decode(&file); err != nil {
		return nil, fmt.Errorf("sequence rules: %w", err)
	}
	var errs []error
	for i, rule := range file.Rules {
		if rule.Name == "" || rule.Within <= 0 || len(rule.Steps) == 0 {
			errs = append(errs, fmt.Errorf("sequence rule %d %q: want a name, a window and steps", i+1, rule.Name))
		}
	}
	return file.Rules, errors.Join(errs...)
}

// Default returns the rules that come with Marque.
func Default() ([]Rule, error) { return Read(bytes.NewReader(defaults)) }

func (s *Step) met(h *match.Hit) bool {
	technique := func(t string) bool { return h.Technique == t || strings.HasPrefix(h.Technique, t+".") }
	label := func(l string) bool { return slices.Contains(h.Labels, l) }
	return slices.ContainsFunc(s.Techniques, technique) || slices.ContainsFunc(s.Labels, label)
}

// Find returns what the rules find in the hits, by victim and rule. Until is up to when hits are known.
func Find(rules []Rule, hits []match.Hit, until time.Time) []Finding {
	byVictim := map[string][]match.Hit{}
	for _, h := range hits {
		if h.Victim != "" {
			byVictim[h.Victim] = append(byVictim[h.Victim], h)
		}
	}
	var out []Finding
	for victim, list := range byVictim {
		slices.SortFunc(list, func(a, b match.Hit) int {
			return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.Technique, b.Technique), cmp.Compare(a.Indicator, b.Indicator))
		})
		for i := range rules {
			out = append(out, rules[i].find(victim, list, until)...)
		}
	}
	slices.SortStableFunc(out, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Victim, b.Victim), a.First.Compare(b.First))
	})
	return out
}

// find looks for the rule from every hit that its first step meets, each hit in one finding at most.
func (r *Rule) find(victim string, hits []match.Hit, until time.Time) []Finding {
	var out []Finding
	used := -1 // the last hit of the finding before
	for i := range hits {
		if i <= used || !r.Steps[0].met(&hits[i]) {
			continue
		}
		end := hits[i].Time.Add(r.Within)
		f := Finding{Rule: r.Name, Means: r.Means, Victim: victim, First: hits[i].Time, Kinds: r.Kinds, Acts: r.Acts}
		last := i
		for j := i; j < len(hits) && len(f.Steps) < len(r.Steps) && !hits[j].Time.After(end); j++ {
			if r.Steps[len(f.Steps)].met(&hits[j]) {
				f.Steps, last = append(f.Steps, hits[j]), j
			}
		}
		if len(f.Steps) < len(r.Steps) {
			continue
		}
		f.Last = hits[last].Time
		if used = last; r.Without != nil {
			if slices.ContainsFunc(hits[i:], func(h match.Hit) bool { return !h.Time.After(end) && r.Without.met(&h) }) {
				continue
			}
			if f.Open = until.Before(end); !f.Open {
				f.Acts = slices.Concat(r.Acts, r.Absent)
			}
		}
		out = append(out, f)
	}
	return out
}
