package workspace

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"marque/claim"
	"marque/graph"
	"marque/report"
	"marque/stix"
)

// maxTold is how many changes of a kind a brief tells one by one; the JSON has all.
const maxTold = 40

// told are sentences, the first of many.
func told[T any](xs []T, text func(*T) string) []report.Sentence {
	var out []report.Sentence
	for i := range xs[:min(len(xs), maxTold)] {
		out = append(out, report.Sentence{Text: text(&xs[i])})
	}
	if n := len(xs) - maxTold; n > 0 {
		out = append(out, report.Sentence{Text: fmt.Sprintf("And %d more; --json has all.", n)})
	}
	return out
}

// Brief tells the changes.
func (c *Changes) Brief(generated time.Time) *report.Brief {
	row := func(r **ClaimRow) string {
		text := (*r).Sentence()
		if (*r).ReviewedBy != "" {
			text += fmt.Sprintf(" (%s by %s", (*r).Status, (*r).ReviewedBy)
			if (*r).Reason != "" {
				text += ": " + (*r).Reason
			}
			text += ")"
		}
		if name := (*r).Document.Name; name != "" {
			text += ". In: " + name
		}
		return text + "."
	}
	n := len(c.Judgements) + len(c.Analysts) + len(c.Operations) + len(c.Joins) + len(c.Denials) + len(c.Names) + len(c.Claims) + len(c.Measures)
	summary := []report.Sentence{{Text: fmt.Sprintf("Judgements that changed: %d; persons' judgements: %d; new operations: %d; joins and splits: %d; denials, doubts and silence: %d; names: %d; other claims: %d; measures: %d.",
		len(c.Judgements), len(c.Analysts), len(c.Operations), len(c.Joins), len(c.Denials), len(c.Names), len(c.Claims), len(c.Measures))}}
	if n == 0 {
		summary = []report.Sentence{{Text: "Nothing changed."}}
	}
	return report.Telling("What changed", c.Level, c.Since, c.Until, generated, summary, []report.Part{
		{Heading: "Judgements that changed, and because of what", Sentences: told(c.Judgements, (*JudgementChange).words)},
		{Heading: "What persons judged", Sentences: told(c.Analysts, func(x *AnalystChange) string {
			return fmt.Sprintf("%s on %s: %s (%s, %.0f %%).", x.Name, x.Operation, x.KeyJudgement, x.Word, 100*x.Probability)
		})},
		{Heading: "New operations", Sentences: told(c.Operations, func(x *NewOperation) string {
			text := x.Name
			if x.Date != "" {
				text += " (" + x.Date + ")"
			}
			return text + ": " + x.Standing.words() + "."
		})},
		{Heading: "Joined and split", Sentences: told(c.Joins, (*JoinChange).words)},
		{Heading: "Denials, doubts and silence", Sentences: told(c.Denials, row)},
		{Heading: "Measures", Sentences: told(c.Measures, func(x *MeasureChange) string {
			return fmt.Sprintf("%s, %s: %s (%s).", cmp.Or(x.Date, "no date given"), strings.ReplaceAll(x.Kind, "-", " "), x.Name, cmp.Or(strings.Join(x.By, ", "), "nobody named"))
		})},
		{Heading: "Names", Sentences: told(c.Names, row)},
		{Heading: "Other claims", Sentences: told(c.Claims, row)},
	})
}

func (s *Standing) words() string {
	switch {
	case s == nil:
		return "nothing judged"
	case !s.Named:
		return fmt.Sprintf("nobody named (best answer %s, %.0f %%)", s.Answer, 100*s.Probability)
	}
	text := fmt.Sprintf("%s (%s, %.0f %%), %s confidence", s.Answer, s.Word, 100*s.Probability, s.Confidence)
	if s.Contested {
		text += ", contested"
	}
	return text
}

func (c *JudgementChange) words() string {
	return fmt.Sprintf("%s: %s; was %s. Because: %s.", c.Operation, c.After.words(), c.Before.words(), strings.Join(c.Because, "; "))
}

func (c *JoinChange) words() string {
	var parts []string
	if len(c.Joined) > 0 {
		parts = append(parts, "joined with "+strings.Join(c.Joined, ", "))
	}
	if len(c.Parted) > 0 {
		parts = append(parts, "parted from "+strings.Join(c.Parted, ", "))
	}
	text := c.Operation + " " + strings.Join(parts, "; ")
	if len(c.Why) > 0 {
		text += ": " + strings.Join(c.Why[:min(len(c.Why), 3)], "; ")
	}
	return text + "."
}

// Brief tells a timeline, by year.
func (t *Timeline) Brief(level stix.TLP, generated time.Time) *report.Brief {
	var parts []report.Part
	for _, m := range t.Moments {
		year := m.Date[:4]
		if len(parts) == 0 || parts[len(parts)-1].Heading != year {
			parts = append(parts, report.Part{Heading: year})
		}
		last := &parts[len(parts)-1]
		last.Sentences = append(last.Sentences, report.Sentence{Text: m.Date + " " + m.Kind + ": " + m.Text})
	}
	summary := []report.Sentence{{Text: fmt.Sprintf("Dated moments: %d.", len(t.Moments))}}
	if t.Undated > 0 {
		summary[0].Text += fmt.Sprintf(" Without a date, and left out: %d.", t.Undated)
	}
	return report.Telling("Timeline of "+t.Name, level, time.Time{}, time.Time{}, generated, summary, parts)
}

// Picture is the neighbourhood of an entity, to be drawn: the nearest and best attested first, at most so many.
func (s *Snapshot) Picture(e *graph.Entity, depth, limit int) *report.Picture {
	h := s.Graph.Neighbours(e.ID, depth, 0)
	weight := map[stix.ID]int{}
	for _, ed := range h.Edges {
		weight[ed.From] += ed.Roots
		weight[ed.To] += ed.Roots
	}
	var ids []stix.ID
	for id := range h.Depth {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(x, y stix.ID) int {
		return cmp.Or(h.Depth[x]-h.Depth[y], weight[y]-weight[x], cmp.Compare(x, y))
	})
	p := &report.Picture{Title: e.Name, Level: s.Graph.Level, Left: max(0, len(ids)-limit)}
	in := map[stix.ID]bool{}
	for _, id := range ids[:min(len(ids), limit)] {
		in[id] = true
		p.Nodes = append(p.Nodes, report.Node{ID: string(id), Name: s.Graph.Name(id), Type: id.Type(), Depth: h.Depth[id]})
	}
	for _, ed := range h.Edges {
		if !in[ed.From] || !in[ed.To] {
			continue
		}
		denied := slices.ContainsFunc(ed.Claims, func(c *graph.Claim) bool { return c.Stance != claim.Asserts && c.Stance != "" })
		p.Edges = append(p.Edges, report.Line{From: string(ed.From), To: string(ed.To), Relation: string(ed.Relation), Roots: ed.Roots, Denied: denied})
	}
	return p
}
