package eval

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"marque/ingest/prose"
)

// CaseRow is a claim of a case that must come out, or never. "*" stands for anything.
type CaseRow struct {
	Who, Subject, Relation, Object, Stance, Count any
}

// Case is a way of writing: a short text with what must and what must never come out of it.
type Case struct {
	ID, Kind, Text string
	Claims, Never  []CaseRow
}

// Cases is the content of a file in the form of prose-cases.yaml.
type Cases struct {
	Names map[string][]string
	Cases []Case
}

// ParseCases reads cases.
func ParseCases(raw []byte) (Cases, error) {
	var c Cases
	if err := yaml.Unmarshal(raw, &c); err != nil {
		return Cases{}, fmt.Errorf("cases: %w", err)
	}
	return c, nil
}

// Gazetteer has the names that the cases suppose, besides the embedded ones.
func (c Cases) Gazetteer() (*prose.Gazetteer, error) {
	g, err := prose.NewGazetteer()
	if err != nil {
		return nil, err
	}
	for kind, names := range c.Names {
		for _, n := range names {
			e := prose.Entity{Name: n, Kind: kind}
			switch kind {
			case prose.State:
				e.Country = n
			case prose.Agency:
				for _, s := range c.Names[prose.State] {
					if strings.Contains(n, strings.TrimSuffix(s, "a")) {
						e.Country = s
					}
				}
			}
			g.Add(e)
		}
	}
	return g, nil
}

// CaseResult is what became of a case.
type CaseResult struct {
	ID            string
	Rows          int
	Found, Missed []CaseRow
	Broken        []CaseRow // of never, that came out
	Claims        []prose.Claim
}

// MatchCase holds the claims against the case.
func MatchCase(c Case, claims []prose.Claim) CaseResult {
	r := CaseResult{ID: c.ID, Rows: len(c.Claims), Claims: claims}
	for _, row := range c.Claims {
		if row.found(claims) {
			r.Found = append(r.Found, row)
		} else {
			r.Missed = append(r.Missed, row)
		}
	}
	for _, row := range c.Never {
		if slices.ContainsFunc(claims, row.fits) {
			r.Broken = append(r.Broken, row)
		}
	}
	return r
}

// Document is the text of a case. One without a title stands behind an ordinary first paragraph, as a lone line is read as a heading.
func (c Case) Document() string {
	if strings.HasPrefix(c.Text, "#") {
		return c.Text
	}
	return "What follows was told in the course of the year and is given here as it was told.\n\n" + c.Text + "\n"
}

// report is the row in the form of the articles' rows, whose matching it shares.
func (row CaseRow) report() ReportRow {
	free := func(v any) any {
		if v == "*" {
			return nil
		}
		return v
	}
	relation := free(row.Relation)
	if s, ok := relation.(string); ok {
		var list []any
		for r := range strings.SplitSeq(s, "|") {
			list = append(list, r)
		}
		relation = list
	}
	return ReportRow{ID: "row", Who: free(row.Who), Subject: free(row.Subject), Relation: relation, Object: free(row.Object), Stance: free(row.Stance)}
}

func (row CaseRow) found(claims []prose.Claim) bool {
	r := row.report()
	rows := map[string]ReportRow{"row": r}
	exact, _ := hits(r, rows, claims, map[string]bool{})
	exact = slices.DeleteFunc(exact, func(c prose.Claim) bool { return !row.counted(c) })
	return covered(r, rows, exact)
}

func (row CaseRow) counted(c prose.Claim) bool {
	n, ok := number(row.Count)
	return row.Count == nil || !ok || c.Count.N == n
}

// fits is found for what must never come out: any stance unless one is given, one word of a name is enough.
func (row CaseRow) fits(c prose.Claim) bool {
	r := row.report()
	if r.Stance == nil {
		r.Stance = string(c.Stance)
	}
	n, _ := deviates(r, map[string]ReportRow{"row": r}, c)
	return n == 0 && row.counted(c)
}
