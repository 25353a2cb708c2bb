package eval

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"marque/ingest/prose"
)

// SeedRow is one expected fact of a seed report. Who, Subject and Object are a string, a list or a map of strings in the file.
type SeedRow struct {
	ID       string
	Doc      string
	Who      any
	Subject  any
	Relation string
	Object   any
	Stance   string
	Count    any
	When     any
}

// SeedTruth is the content of seeds.yaml.
type SeedTruth struct {
	Claims []SeedRow
}

// ParseSeeds reads seeds.yaml.
func ParseSeeds(raw []byte) (SeedTruth, error) {
	var t SeedTruth
	if err := yaml.Unmarshal(raw, &t); err != nil {
		return SeedTruth{}, fmt.Errorf("seeds: %w", err)
	}
	return t, nil
}

// SeedOutcome is what became of the rows and of the claims.
type SeedOutcome struct {
	Found   map[string][]prose.Claim // row → the claims that tell it
	Missed  []SeedRow
	Extra   []prose.Claim // match no row, and are in the list of reviewed facts
	Unknown []prose.Claim // match no row and no reviewed fact: to be read, counted as unsupported
}

// MatchSeeds compares the claims of one document with its rows. A row is found when claims of the right source, relation and
// stance name all its subjects and all its objects; a description counts when at least half its words are there.
func MatchSeeds(rows []SeedRow, claims []prose.Claim, reviewed []SeedFact) SeedOutcome {
	out := SeedOutcome{Found: map[string][]prose.Claim{}}
	byID := map[string]SeedRow{}
	for _, r := range rows {
		byID[r.ID] = r
	}
	used := map[string]bool{}
	for _, r := range rows {
		var hits []prose.Claim
		for _, c := range claims {
			if sameWho(r, c) && sameRelation(r, c) && (len(flatten(r.Subject)) == 0 || subjectsNamed(r, c, byID) > 0) {
				hits = append(hits, c)
			}
		}
		if len(hits) == 0 || !subjectsCovered(r, hits, byID) || !objectsCovered(r, hits) {
			out.Missed = append(out.Missed, r)
			continue
		}
		out.Found[r.ID] = hits
		for _, h := range hits {
			used[h.ID] = true
		}
	}
	for _, c := range claims {
		switch {
		case used[c.ID]:
		case slices.ContainsFunc(reviewed, func(f SeedFact) bool { return f.fits(c) }):
			out.Extra = append(out.Extra, c)
		default:
			out.Unknown = append(out.Unknown, c)
		}
	}
	return out
}

func sameRelation(r SeedRow, c prose.Claim) bool {
	stance := r.Stance
	if stance == "" {
		stance = string(prose.Asserts)
	}
	return stance == string(c.Stance) && (r.Relation == "" || r.Relation == c.Relation)
}

func sameWho(r SeedRow, c prose.Claim) bool {
	var told strings.Builder
	told.WriteString(c.Who.Name + " " + c.Who.Affiliation + " " + c.Who.Via)
	for _, p := range c.Who.Parties {
		told.WriteString(" " + p.Name)
	}
	for _, w := range flatten(r.Who) {
		name, _, _ := strings.Cut(w, "(")
		name, _, _ = strings.Cut(name, ",")
		if !covers(told.String(), name) {
			return false
		}
	}
	return true
}

// subjects are the wanted subjects of a row; one that names another row stands for that row's subjects.
func subjects(r SeedRow, rows map[string]SeedRow) []string {
	var out []string
	for _, s := range flatten(r.Subject) {
		if ref, ok := rows[firstWord(s)]; ok {
			out = append(out, flatten(ref.Subject)...)
			continue
		}
		out = append(out, s)
	}
	return out
}

func subjectTold(r SeedRow, c prose.Claim) string {
	if r.Relation == "" { // the denied fact is told as a sentence
		return describe(c.Subject) + " " + c.Relation + " " + describe(c.Object) + " operations"
	}
	return describe(c.Subject)
}

func subjectsNamed(r SeedRow, c prose.Claim, rows map[string]SeedRow) int {
	wanted := subjects(r, rows)
	n := 0
	for _, s := range wanted {
		if covers(subjectTold(r, c), s) {
			n++
		}
	}
	if len(wanted) == 0 {
		return 1 // the row it names has no subject itself
	}
	return n
}

func subjectsCovered(r SeedRow, hits []prose.Claim, rows map[string]SeedRow) bool {
	for _, s := range subjects(r, rows) {
		if !slices.ContainsFunc(hits, func(c prose.Claim) bool { return covers(subjectTold(r, c), s) }) {
			return false
		}
	}
	return true
}

func objectsCovered(r SeedRow, hits []prose.Claim) bool {
	for _, o := range flatten(r.Object) {
		if !slices.ContainsFunc(hits, func(c prose.Claim) bool {
			return covers(describe(c.Object)+" "+describe(c.Targets)+" "+c.Purpose+" "+c.Count.Unit, o)
		}) {
			return false
		}
	}
	return true
}

func firstWord(s string) string {
	w, _, _ := strings.Cut(s, " ")
	return w
}

func flatten(v any) []string {
	switch v := v.(type) {
	case nil:
		return nil
	case string:
		return []string{v}
	case []any:
		var out []string
		for _, e := range v {
			out = append(out, flatten(e)...)
		}
		return out
	case map[string]any:
		var out []string
		for _, e := range v {
			out = append(out, flatten(e)...)
		}
		slices.Sort(out)
		return out
	}
	return []string{fmt.Sprint(v)}
}

func describe(refs []prose.Ref) string {
	var b strings.Builder
	for _, r := range refs {
		b.WriteString(r.Name + " " + r.Kind + " " + r.Country + " " + strings.Join(r.Links, " ") + " " + strings.Join(r.Aliases, " ") + " ")
	}
	return b.String()
}

// covers tells whether told holds at least half of the wanted words, by their stems.
func covers(told, want string) bool {
	have := map[string]bool{}
	for _, w := range stems(told) {
		have[w] = true
	}
	all, found := 0, 0
	for _, w := range stems(want) {
		all++
		if have[w] {
			found++
		}
	}
	return all > 0 && found*2 >= all
}

// alike are words for the same thing.
var alike = map[string]string{
	"website": "site", "cybercriminals": "criminal", "cybercriminal": "criminal", "hackers": "criminal", "network": "group", "cybercrime": "criminal",
	"information": "data", "russian": "russia", "iranian": "iran", "israeli": "israel", "ukrainian": "ukraine", "chinese": "china", "ccp-linked": "china", "countries": "state",
	"states": "state", "operators": "group", "actor": "group", "hacker": "criminal", "american": "states", "americans": "states", "defense": "defence", "us": "states",
	"dfrlab": "lab", "multinational": "states",
}

var empty = map[string]bool{"the": true, "a": true, "an": true, "of": true, "and": true, "for": true, "to": true, "by": true, "with": true, "in": true, "at": true, "s": true}

func stems(s string) []string {
	s, _, _ = strings.Cut(s, "(no ")
	var out []string
	for _, w := range strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return ('a' > r || r > 'z') && ('0' > r || r > '9') && r != '-' }) {
		if empty[w] {
			continue
		}
		if a, ok := alike[w]; ok {
			w = a
		} else if a, ok := alike[strings.TrimSuffix(w, "s")]; ok {
			w = a
		}
		w = strings.TrimSuffix(w, "s")
		if len(w) > 6 {
			w = w[:6]
		}
		out = append(out, w)
	}
	return out
}
