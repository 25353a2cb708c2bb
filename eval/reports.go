package eval

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"marque/ingest/prose"
)

// ReportRow is one fact that a report states. Who, Subject and Object are a string, a list or a map of strings; Relation and Stance a
// string or a list of alternatives. Under Who any name of the list will do; within one name "a|b" are alternatives.
type ReportRow struct {
	ID       string
	Doc      string
	Who      any
	Subject  any
	Relation any
	Object   any
	Stance   any
	Hedge    string
	Count    any
	When     any
}

// ReportTruth is the answer to one report: Claims must be found, Also may be.
type ReportTruth struct {
	Claims []ReportRow
	Also   []ReportRow
}

// ParseReport reads the answer to one report.
func ParseReport(raw []byte) (ReportTruth, error) {
	var t ReportTruth
	if err := yaml.Unmarshal(raw, &t); err != nil {
		return ReportTruth{}, fmt.Errorf("report truth: %w", err)
	}
	return t, t.validate()
}

// relationWords are the relations that rows may use.
var relationWords = []string{
	"", "uses", "blurred-lines", "outsources-to", "compromised", "motive", "on-behalf-of", "extorts", "influences", "spread", "personas", "created", "opposes", "supports",
	"recommends", "response", "shares-resources", "volume", "targets", "disrupted", "will-accelerate", "measure", "successors", "still-up", "attributed-to", "linked-to",
	"alias-of", "deployed", "exploited", "stole", "partners-with", "affected", "financed-by",
}

// validate refuses rows without an id of their own, with a relation that is no word of the reader's, and pairs of rows that are not there.
func (t ReportTruth) validate() error {
	var errs []error
	seen := map[string]bool{}
	for _, r := range slices.Concat(t.Claims, t.Also) {
		if r.ID == "" || seen[r.ID] {
			errs = append(errs, fmt.Errorf("row %q: id is missing or taken", r.ID))
		}
		seen[r.ID] = true
		for _, rel := range flatten(r.Relation) {
			if !slices.Contains(relationWords, rel) {
				errs = append(errs, fmt.Errorf("row %s: relation %q is unknown", r.ID, rel))
			}
		}
	}
	return errors.Join(errs...)
}

// Known adds to every name of the truth the one under which the reader's gazetteer keeps it: BKA is the Bundeskriminalamt.
func (t ReportTruth) Known(lookup func(string) (prose.Entity, bool)) ReportTruth {
	rows := func(in []ReportRow) []ReportRow {
		out := slices.Clone(in)
		for i, r := range out {
			out[i].Who, out[i].Subject, out[i].Object = alsoKnown(r.Who, lookup), alsoKnown(r.Subject, lookup), alsoKnown(r.Object, lookup)
		}
		return out
	}
	t.Claims, t.Also = rows(t.Claims), rows(t.Also)
	return t
}

func alsoKnown(v any, lookup func(string) (prose.Entity, bool)) any {
	switch v := v.(type) {
	case string:
		names := strings.Split(v, "|")
		for _, name := range names {
			if e, ok := lookup(name); ok && e.Name != name {
				names = append(names, e.Name)
			}
		}
		return strings.Join(names, "|")
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = alsoKnown(e, lookup)
		}
		return out
	}
	return v
}

// Deviation is how a claim tells a row with less than it should. A claim with one deviation is near the row; one with two does not tell it,
// but is no invention either.
type Deviation string

// The deviations.
const (
	OtherSource    Deviation = "other source"      // the fact stands, its source is not the one that asserts it
	OtherRelation  Deviation = "neighbouring word" // "targets" for "compromised"
	UnnamedSubject Deviation = "subject not named" // "the attackers", or nobody, where the text lets one know who
)

// ReportOutcome is what became of the rows and of the claims of one report.
type ReportOutcome struct {
	Found     []ReportRow
	Near      []ReportRow
	NearBy    map[string]Deviation // row → the deviation of its nearest claim
	Missed    []ReportRow
	Claims    int
	Unmatched []prose.Claim // tell no row and nothing of Also, not even with two deviations
}

// MatchReport holds the claims of one report against its rows by meaning: a row is found when claims of its source, relation and stance
// name all of its subjects and at least half of its objects, and near when they do so with one deviation.
func MatchReport(truth ReportTruth, claims []prose.Claim) ReportOutcome {
	out := ReportOutcome{NearBy: map[string]Deviation{}, Claims: len(claims)}
	rows := map[string]ReportRow{}
	for _, r := range slices.Concat(truth.Claims, truth.Also) {
		rows[r.ID] = r
	}
	used := map[string]bool{}
	for _, r := range truth.Claims {
		exact, near := hits(r, rows, claims, used)
		switch {
		case covered(r, rows, exact):
			out.Found = append(out.Found, r)
		case covered(r, rows, near):
			out.Near = append(out.Near, r)
			_, out.NearBy[r.ID] = deviates(r, rows, near[len(near)-1])
		default:
			out.Missed = append(out.Missed, r)
		}
	}
	for _, r := range truth.Also {
		hits(r, rows, claims, used)
	}
	for _, c := range claims {
		if !used[c.ID] {
			out.Unmatched = append(out.Unmatched, c)
		}
	}
	return out
}

// hits are the claims that tell the row, and those that tell it with at most one deviation, the exact ones first. They and the ones with two
// deviations are marked as used.
func hits(r ReportRow, rows map[string]ReportRow, claims []prose.Claim, used map[string]bool) (exact, near []prose.Claim) {
	for _, c := range claims {
		n, _ := deviates(r, rows, c)
		used[c.ID] = used[c.ID] || n <= 2
		switch n {
		case 0:
			exact = append(exact, c)
		case 1:
			near = append(near, c)
		}
	}
	return exact, slices.Concat(exact, near)
}

// another is the number of deviations of a claim that tells another fact.
const another = 9

// deviates counts the deviations of a claim from a row and returns the last.
func deviates(r ReportRow, rows map[string]ReportRow, c prose.Claim) (int, Deviation) {
	if !sameStance(r, c) {
		return another, ""
	}
	n, why := 0, Deviation("")
	add := func(d Deviation) { n, why = n+1, d }
	if answers(r) { // a denial or a silence is told by who it comes from
		if !sayer(r, c) {
			return another, ""
		}
		return 0, ""
	}
	switch {
	case slices.Contains(flatten(r.Relation), c.Relation) || r.Relation == nil:
	case neighbours(r, c):
		add(OtherRelation)
	default:
		return another, ""
	}
	if !sayer(r, c) {
		add(OtherSource)
	}
	if !anySubject(r, rows, c) {
		if !unnamed(c.Subject) {
			return another, ""
		}
		add(UnnamedSubject)
	}
	if len(flatten(r.Object)) > 0 && !slices.ContainsFunc(flatten(r.Object), func(o string) bool { return objectTold(r, c, o) }) {
		return another, ""
	}
	return n, why
}

// answers tells whether the row is a party's answer rather than a fact.
func answers(r ReportRow) bool {
	stance := flatten(r.Stance)
	return (r.Relation == nil || r.Relation == "response") && (slices.Contains(stance, string(prose.Denies)) || slices.Contains(stance, string(prose.NoComment)))
}

func sameStance(r ReportRow, c prose.Claim) bool {
	stances := flatten(r.Stance)
	if len(stances) == 0 {
		stances = []string{string(prose.Asserts)}
	}
	return slices.Contains(stances, string(c.Stance))
}

// sayer tells whether the claim's source is one of the row's. A row without subject may have its source there: "the ministry sanctions …".
func sayer(r ReportRow, c prose.Claim) bool {
	told := []string{c.Who.Name, c.Who.Affiliation, c.Who.Via}
	for _, p := range c.Who.Parties {
		told = append(told, p.Name)
	}
	if r.Subject == nil {
		for _, s := range c.Subject {
			told = append(told, s.Name, s.Text)
		}
	}
	for _, w := range flatten(r.Who) {
		person, body, _ := strings.Cut(strings.TrimSuffix(w, ")"), " (")
		if slices.ContainsFunc(told, func(t string) bool { return tellsOne(t, person) || body != "" && tellsOne(t, body) }) {
			return true
		}
	}
	return r.Who == nil
}

// meantSubjects are the subjects of a row; the id of another row stands for who did what that one says.
func meantSubjects(r ReportRow, rows map[string]ReportRow) []string {
	var out []string
	for _, s := range flatten(r.Subject) {
		if ref, ok := rows[s]; ok && s != r.ID {
			out = append(out, meantSubjects(ref, rows)...)
			continue
		}
		out = append(out, s)
	}
	return out
}

func anySubject(r ReportRow, rows map[string]ReportRow, c prose.Claim) bool {
	wanted := meantSubjects(r, rows)
	return len(wanted) == 0 || slices.ContainsFunc(wanted, func(s string) bool { return reportSubject(r, c, s) })
}

func reportSubject(r ReportRow, c prose.Claim, want string) bool {
	if generic(want) && len(c.Subject) > 0 {
		return true
	}
	if namesOne(c.Subject, want) {
		return true
	}
	return slices.ContainsFunc(flatten(r.Relation), func(rel string) bool { return symmetric[rel] }) && namesOne(c.Object, want)
}

// covered tells whether the claims together name all subjects and at least half of the objects of a row.
func covered(r ReportRow, rows map[string]ReportRow, claims []prose.Claim) bool {
	if len(claims) == 0 {
		return false
	}
	for _, s := range meantSubjects(r, rows) {
		if !answers(r) && !slices.ContainsFunc(claims, func(c prose.Claim) bool { return reportSubject(r, c, s) || unnamed(c.Subject) }) {
			return false
		}
	}
	objects, told := flatten(r.Object), 0
	for _, o := range objects {
		if slices.ContainsFunc(claims, func(c prose.Claim) bool { return objectTold(r, c, o) }) {
			told++
		}
	}
	return told*2 >= len(objects)
}

func objectTold(r ReportRow, c prose.Claim, want string) bool {
	relations := flatten(r.Relation)
	if slices.Contains(relations, "motive") {
		return motiveTold(c, want)
	}
	more := strings.Join([]string{c.Purpose, c.Count.Unit, c.Narrative, strings.Join(c.Motive, " ")}, " ")
	if slices.Contains(relations, "measure") {
		more += " " + c.Why
	}
	if money(want) {
		return strings.Contains(c.Quote, want) || strings.Contains(c.Quote, strings.TrimPrefix(want, "$"))
	}
	if namesOne(c.Object, want) || namesOne(c.Targets, want) || tellsOne(describeAll(c.Object)+more, want) {
		return true
	}
	return slices.ContainsFunc(relations, func(rel string) bool { return symmetric[rel] }) && namesOne(c.Subject, want)
}

// motiveTold compares motives with their sign: "not financial" is told only by a negated one.
func motiveTold(c prose.Claim, want string) bool {
	want, negative := strings.CutPrefix(want, "not ")
	told := strings.Join(c.Motive, " ") + " " + c.Purpose + " " + describeAll(c.Object)
	negated := slices.ContainsFunc(c.Object, func(o prose.Ref) bool { return o.Negated }) ||
		slices.ContainsFunc(strings.Fields(strings.ToLower(strings.ReplaceAll(told, "-", " "))), func(w string) bool { return w == "not" || w == "no" })
	return negative == negated && tellsOne(told, want)
}

func money(s string) bool {
	return strings.HasPrefix(s, "$") || strings.HasSuffix(s, "rupees")
}
