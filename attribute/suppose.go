package attribute

import (
	"fmt"
	"slices"
	"strings"

	"marque/graph"
	"marque/stix"
)

// Supposition is what a judgement is asked to suppose: "what if this source were wrong?". The zero Supposition supposes nothing. It
// changes one judgement, and nothing that is kept.
type Supposition struct {
	// Without names what does not count: ids of claims or of what carries them, of documents, or of who says it. A document takes
	// those with it that retell it.
	Without []string
	// Grades are other Admiralty grades for claims, by the claim's id or that of what carries it.
	Grades map[string]Grade
	// Priors are other prior probabilities, over 0 and under 1, by the hypothesis's key; the others keep their proportions.
	Priors map[string]float64
}

// Grade is an Admiralty grade: reliability of the source (A to F), credibility of the statement (1 to 6). An empty part keeps what is.
type Grade struct {
	Reliability string
	Credibility int
}

// Valid tells whether a grade is one, or a part of one.
func (g Grade) Valid() bool {
	return (g.Reliability == "" || len(g.Reliability) == 1 && g.Reliability >= "A" && g.Reliability <= "F") && g.Credibility >= 0 && g.Credibility <= 6
}

// of is the case as it is supposed to be. A claim about one that does not count does not count either.
func (s Supposition) of(c Case) Case {
	if len(s.Without) == 0 && len(s.Grades) == 0 {
		return c
	}
	claims := c.Claims
	c.Claims = nil
	out := map[string]bool{}
	for _, cl := range claims {
		if s.drops(append(carriers(cl), cl.ID, string(cl.Source), string(cl.Document), string(cl.Root))...) {
			out[cl.ID] = true
		}
	}
	for _, cl := range claims {
		if out[cl.ID] || len(cl.AboutClaims) > 0 && !slices.ContainsFunc(cl.AboutClaims, func(id string) bool { return !out[id] }) {
			continue
		}
		c.Claims = append(c.Claims, s.graded(cl))
	}
	return c
}

func (s Supposition) drops(ids ...string) bool {
	return slices.ContainsFunc(s.Without, func(id string) bool { return id != "" && slices.Contains(ids, id) })
}

func carriers(c *graph.Claim) []string {
	out := make([]string, len(c.Carriers), len(c.Carriers)+4)
	for i, id := range c.Carriers {
		out[i] = string(id)
	}
	return out
}

func (s Supposition) graded(c *graph.Claim) *graph.Claim {
	g, ok := s.Grades[c.ID]
	for _, id := range c.Carriers {
		if !ok {
			g, ok = s.Grades[string(id)]
		}
	}
	if !ok {
		return c
	}
	other := *c
	if g.Reliability != "" {
		other.Reliability = g.Reliability
	}
	if g.Credibility != 0 {
		other.Credibility = g.Credibility
	}
	return &other
}

// keep leaves the pieces of evidence that count: ties and traces rest on claims beside the case's own.
func (s Supposition) keep(ps []piece) []piece {
	if len(s.Without) == 0 {
		return ps
	}
	return slices.DeleteFunc(ps, func(p piece) bool {
		return s.drops(string(p.root)) || len(p.refs) > 0 && !slices.ContainsFunc(p.refs, func(id stix.ID) bool { return !s.drops(string(id)) })
	})
}

// priors sets the supposed priors and shares out what is left by the others' proportions.
func (s Supposition) priors(f *field) {
	set, rest := 0.0, 0.0
	for _, h := range f.list {
		if p, ok := s.Priors[h.key]; ok {
			set += p
		} else {
			rest += h.prior
		}
	}
	if set == 0 && len(s.Priors) == 0 {
		return
	}
	for _, h := range f.list {
		switch p, ok := s.Priors[h.key]; {
		case ok && (set > 1 || rest == 0):
			h.prior = p / set
		case ok:
			h.prior = p
		default:
			h.prior *= max(0, 1-set) / rest
		}
	}
}

// ParseGrade reads an Admiralty grade as people write it: B2, or one of its halves.
func ParseGrade(s string) (Grade, error) {
	var g Grade
	rest := strings.ToUpper(strings.TrimSpace(s))
	if rest != "" && rest[0] >= 'A' && rest[0] <= 'F' {
		g.Reliability, rest = rest[:1], rest[1:]
	}
	if rest != "" && rest[0] >= '1' && rest[0] <= '6' {
		g.Credibility, rest = int(rest[0]-'0'), rest[1:]
	}
	if rest != "" || g == (Grade{}) {
		return Grade{}, fmt.Errorf("grade %q: want reliability A to F and credibility 1 to 6, such as B2", s)
	}
	return g, nil
}
