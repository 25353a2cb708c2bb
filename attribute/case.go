package attribute

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"marque/claim"
	"marque/graph"
	"marque/stix"
)

// Errors of this package.
var (
	// ErrNoCase is a subject that the graph does not know, or a bundle in which there is nothing to judge.
	ErrNoCase = errors.New("nothing to judge")
)

// Case is an operation to be judged: what was done, to whom, with what, and who says what of it.
type Case struct {
	Subject stix.ID
	Name    string
	When    time.Time // when it began, or was reported
	Began   time.Time // the first day on which it can have begun; zero where no source says when it happened
	Facts   claim.Operation
	Uses    []stix.ID // techniques and software, sorted
	// Sequence is what the order of steps in a victim's events told, in words; empty where none was found.
	Sequence string
	Claims   []*graph.Claim // statements on who did it and for whom, and what is said of these; by id
}

// CaseOf gathers the case of an operation in the graph.
func CaseOf(g *graph.Graph, id stix.ID) (Case, error) {
	return caseOf(g, id, func(*graph.Claim) bool { return true })
}

// caseOf gathers a case from the claims at its subject that count.
func caseOf(g *graph.Graph, id stix.ID, counts func(*graph.Claim) bool) (Case, error) {
	e := g.Entity(id)
	if e == nil {
		return Case{}, fmt.Errorf("%s: %w", id, ErrNoCase)
	}
	c := Case{Subject: id, Name: e.Name, When: e.Date}
	if e.Precision != graph.Unknown {
		c.Began = graph.Earliest(e.Date, e.Precision)
	}
	if e.Operation != nil {
		c.Facts = *e.Operation
	}
	c.sequences(g)
	seen := map[string]bool{}
	take := func(cl *graph.Claim) {
		if !seen[cl.ID] {
			seen[cl.ID] = true
			c.Claims = append(c.Claims, cl)
		}
	}
	for _, cl := range g.At(id) {
		if !counts(cl) {
			continue
		}
		c.facts(g, cl)
		if attributes(cl, id) || isResponse(cl) || tellsTrace(cl) || len(cl.Motives) > 0 || cl.Relation == "motive" {
			take(cl)
		}
	}
	for i := 0; i < len(c.Claims); i++ {
		for _, cl := range g.About(c.Claims[i].ID) {
			take(cl)
		}
	}
	c.finish()
	return c, nil
}

// attributes tells whether a claim says who did the operation, or for whom.
func attributes(c *graph.Claim, op stix.ID) bool {
	return slices.ContainsFunc(c.Links, func(l graph.Link) bool { return l.From == op && l.Relation.Attributes() })
}

// isResponse tells whether a claim answers others: a denial, a doubt, no comment.
func isResponse(c *graph.Claim) bool {
	return c.Stance != claim.Asserts
}

// facts learns targets and tools from relations at the operation.
func (c *Case) facts(g *graph.Graph, cl *graph.Claim) {
	if cl.Stance != claim.Asserts {
		return
	}
	for _, l := range cl.Links {
		if l.From != c.Subject {
			continue
		}
		to := g.Entity(l.To)
		if to == nil {
			continue
		}
		switch l.Relation {
		case "uses":
			c.Uses = append(c.Uses, l.To)
		case "targets", "compromised":
			if to.Country != "" {
				c.Facts.Countries = append(c.Facts.Countries, to.Country)
			}
			if to.Is("class") {
				c.Facts.Sectors = append(c.Facts.Sectors, to.Sectors...)
			}
		}
	}
}

// sequences learns what was done from notes on what was seen of the operation: of it, or of what indicates it.
func (c *Case) sequences(g *graph.Graph) {
	seen := map[string]bool{}
	var words []string
	learn := func(of stix.ID) {
		for _, cl := range g.At(of) {
			if cl.Facts != nil && !seen[cl.ID] {
				seen[cl.ID] = true
				c.Facts.Acts, c.Facts.Kinds = append(slices.Clone(c.Facts.Acts), cl.Facts.Acts...), append(slices.Clone(c.Facts.Kinds), cl.Facts.Kinds...)
				words = append(words, cl.Quote)
			}
		}
	}
	learn(c.Subject)
	for _, cl := range g.At(c.Subject) {
		for _, l := range cl.Links {
			if l.To == c.Subject && l.Relation == "indicates" {
				learn(l.From)
			}
		}
	}
	c.Sequence = strings.Join(sortedSet(words), "; ")
}

func (c *Case) finish() {
	slices.SortFunc(c.Claims, func(a, b *graph.Claim) int { return cmp.Compare(a.ID, b.ID) })
	for _, list := range []*[]string{&c.Facts.Kinds, &c.Facts.Acts, &c.Facts.Sectors, &c.Facts.Countries, &c.Facts.DisclosedBy} {
		*list = sortedSet(*list)
	}
	slices.Sort(c.Uses)
	c.Uses = slices.Compact(c.Uses)
	c.Facts.DocumentRefs = slices.Sorted(slices.Values(c.Facts.DocumentRefs))
}

func sortedSet(in []string) []string {
	out := slices.Clone(in)
	slices.Sort(out)
	return slices.Compact(out)
}

// Profile is what the model of actors' profiles says of the case: the seam to attribute/profile. Probabilities are
// calibrated and sum to one with Unknown.
type Profile struct {
	Candidates []Candidate
	Unknown    float64
	Basis      string // "learned, n=…"
	Method     string // name and version of the model
}

// The profile's candidates that compete: at most so many, each at least so probable. The others are "somebody else".
const (
	maxCandidates = 25
	minCandidate  = 0.001
)

// shortlist keeps the candidates that compete and gives the others' probability to unknown.
func (p *Profile) shortlist() *Profile {
	if p == nil {
		return nil
	}
	out := *p
	out.Candidates = nil
	for _, c := range slices.SortedStableFunc(slices.Values(p.Candidates), func(a, b Candidate) int {
		return cmp.Or(cmp.Compare(b.Probability, a.Probability), cmp.Compare(a.ActorRef, b.ActorRef))
	}) {
		switch {
		case !(c.Probability > 0 && c.Probability <= 1):
		case c.Probability < minCandidate || len(out.Candidates) == maxCandidates:
			out.Unknown += c.Probability
		default:
			out.Candidates = append(out.Candidates, c)
		}
	}
	return &out
}

// Candidate is an actor that the profile model proposes.
type Candidate struct {
	ActorRef    stix.ID
	Actor       string
	Country     string // ISO 3166-1 alpha-2 of the sponsor, empty where unknown
	Probability float64
	Why         []string // the features that decide, most telling first
	Refs        []stix.ID
}
