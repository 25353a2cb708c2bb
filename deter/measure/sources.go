package measure

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"marque/claim"
	"marque/graph"
)

// Coverage is what a source of measures covers, and what this workspace has of it.
type Coverage struct {
	Source  string `json:"source"`
	Covers  string `json:"covers"`
	Silence string `json:"silence"` // what it is worth that the source has nothing
	// Until is the last day of which the source can know anything: that of its release, or of the newest measure that was read.
	Until    string `json:"until"`
	Measures int    `json:"measures"`
	First    string `json:"first,omitempty"`
}

//go:embed sources.yaml
var sourcesYAML []byte

type declared struct{ Name, Covers, Silence, Until string }

var declarations = sync.OnceValues(func() ([]declared, error) {
	var out []declared
	if err := yaml.Unmarshal(sourcesYAML, &out); err != nil {
		return nil, fmt.Errorf("sources.yaml: %w", err)
	}
	return out, nil
})

// Sources says of each source from which the graph has measures what it covers and until when, in the order of sources.yaml, others by
// name after them: of what nobody declared, nothing is claimed.
func Sources(g *graph.Graph) ([]Coverage, error) {
	known, err := declarations()
	if err != nil {
		return nil, err
	}
	var out []Coverage
	for _, d := range known {
		out = append(out, Coverage{Source: d.Name, Covers: d.Covers, Silence: d.Silence, Until: d.Until})
	}
	for _, m := range g.Measures() {
		name := sourceOf(g, m)
		at := slices.IndexFunc(out, func(c Coverage) bool { return c.Source == name })
		if at < 0 {
			at = len(out)
			out = append(out, Coverage{Source: name, Covers: "not declared", Silence: "Its silence says nothing."})
		}
		c := &out[at]
		c.Measures++
		date := dayOf(m.Date.Time())
		if date == "" || m.Date.Time().Year() <= 1970 {
			continue
		}
		if c.First == "" || date < c.First {
			c.First = date
		}
		if at >= len(known) || known[at].Until == "" {
			c.Until = max(c.Until, date)
		}
	}
	return slices.DeleteFunc(out, func(c Coverage) bool { return c.Measures == 0 }), nil
}

// sourceOf is who records a measure, by the name under which sources.yaml declares it.
func sourceOf(g *graph.Graph, m *claim.Measure) string {
	if m.CreatedByRef != claim.MarqueIdentity {
		return g.Name(m.CreatedByRef)
	}
	for _, r := range m.References {
		if strings.HasPrefix(r.SourceName, "casebook") {
			return "casebook"
		}
	}
	if len(m.References) > 0 {
		return "casebook" // its documents stand there
	}
	return "documents"
}
