package report

import (
	"slices"
	"strings"
)

// Relation joins claims that tell of the same fact.
type Relation struct {
	Kind   string   `json:"kind"` // corroborates or conflicts
	Claims []string `json:"claims"`
	Roots  int      `json:"roots"` // independent sources among them
	Why    string   `json:"why"`
}

// The kinds of relations between claims.
const (
	Corroborates = "corroborates"
	Conflicts    = "conflicts"
)

// families are relations that tell the same kind of fact: who uses criminals also works with them.
var families = map[string]string{
	"uses": "works-with", "partners-with": "works-with", "outsources-to": "works-with",
	"compromised": "attack", "targets": "attack", "stole": "attack", "disrupted": "attack", "extorts": "extorts",
	"influences": "influence", "spread": "influence", "linked-to": "link", "on-behalf-of": "link", "attributed-to": "link", "financed-by": "link",
}

func family(r string) string {
	if f, ok := families[r]; ok {
		return f
	}
	return r
}

// Relate finds corroborations (several claims assert one fact; Roots counts the sources behind them once each) and
// conflicts (one asserts, another denies). Claims of different documents may be passed together. Two claims tell of one
// fact if their relations are of one family, their doers can be the same, what was done to can be the same, and their
// counts and times do not contradict each other.
func Relate(claims []Claim) []Relation {
	byFamily := map[string][]int{}
	var order []string
	for i := range claims {
		if claims[i].Stance == NoComment || claims[i].Relation == "response" || len(claims[i].Subject) == 0 {
			continue
		}
		f := family(claims[i].Relation)
		if byFamily[f] == nil {
			order = append(order, f)
		}
		byFamily[f] = append(byFamily[f], i)
	}
	var out []Relation
	for _, f := range order {
		out = append(out, relateFamily(claims, byFamily[f])...)
	}
	return out
}

// relateFamily compares the claims of one family within buckets of what they share, so that it stays far from
// all-against-all on large inputs.
func relateFamily(claims []Claim, idx []int) []Relation {
	var out []Relation
	grouped := make([]bool, len(claims))
	buckets := bucket(claims, idx)
	for _, i := range idx {
		if !grouped[i] && claims[i].Stance == Asserts {
			same := []int{i}
			for _, j := range candidates(buckets, claims, i) {
				if j > i && !grouped[j] && claims[j].Stance == Asserts && SameFact(&claims[i], &claims[j]) {
					same = append(same, j)
					grouped[j] = true
				}
			}
			if len(same) > 1 {
				grouped[i] = true
				out = append(out, corroboration(claims, same))
			}
		}
		if claims[i].Stance != Denies {
			continue
		}
		for _, j := range candidates(buckets, claims, i) {
			if claims[j].Stance == Asserts && SameFact(&claims[i], &claims[j]) {
				out = append(out, Relation{Kind: Conflicts, Claims: []string{claims[j].ID, claims[i].ID}, Roots: roots(claims, []int{i, j}), Why: claims[i].Who.Name + " " + string(claims[i].Stance) + " what " + claims[j].Who.Name + " asserts"})
			}
		}
	}
	return out
}

func corroboration(claims []Claim, same []int) Relation {
	r := Relation{Kind: Corroborates, Roots: roots(claims, same), Why: "the same doer, deed and victim"}
	for _, k := range same {
		r.Claims = append(r.Claims, claims[k].ID)
	}
	if r.Roots == 1 {
		_, why := SameRoot(claims[same[0]].Root, claims[same[1]].Root)
		r.Why += "; one root: " + why
	}
	return r
}

// roots counts independent sources.
func roots(claims []Claim, idx []int) int {
	var found []Reference
	for _, i := range idx {
		if !slices.ContainsFunc(found, func(r Reference) bool { same, _ := SameRoot(r, claims[i].Root); return same }) {
			found = append(found, claims[i].Root)
		}
	}
	return len(found)
}

// bucket files claims under the words of their objects.
func bucket(claims []Claim, idx []int) map[string][]int {
	out := map[string][]int{}
	for _, i := range idx {
		for w := range words(claims[i].Object) {
			out[w] = append(out[w], i)
		}
	}
	return out
}

const maxBucket = 2000

func candidates(buckets map[string][]int, claims []Claim, i int) []int {
	var out []int
	seen := map[int]bool{i: true}
	for w := range words(claims[i].Object) {
		b := buckets[w]
		for _, j := range b[:min(len(b), maxBucket)] {
			if !seen[j] {
				seen[j] = true
				out = append(out, j)
			}
		}
	}
	slices.Sort(out)
	return out
}

// SameFact tells whether two claims can be of one fact, whatever their stances.
func SameFact(a, b *Claim) bool {
	return family(a.Relation) == family(b.Relation) && sameDoer(a.Subject, b.Subject) && sameThing(a.Object, b.Object) && sameTime(a.When, b.When) && sameCount(a.Count, b.Count)
}

// sameDoer: a common name; or two descriptions of a group with no state that sets them apart.
func sameDoer(a, b []Ref) bool {
	for _, x := range a {
		for _, y := range b {
			if strings.EqualFold(x.Name, y.Name) || slices.ContainsFunc(x.Aliases, func(s string) bool { return strings.EqualFold(s, y.Name) }) {
				return true
			}
			named := func(r Ref) bool { return r.Kind == State || r.Kind == Actor || r.Kind == Agency }
			if named(x) && named(y) {
				continue
			}
			if named(x) != named(y) {
				continue // a state and a group are not one doer
			}
			if groupKind(x.Kind) && groupKind(y.Kind) && (x.Country == "" || y.Country == "" || x.Country == y.Country) {
				return true
			}
		}
	}
	return false
}

func groupKind(k string) bool {
	return k == "criminal group" || k == "group" || k == "mercenary" || k == ""
}

// sameThing: a common entity with the same country, or words in common that say most of the shorter description.
func sameThing(a, b []Ref) bool {
	for _, x := range a {
		for _, y := range b {
			if strings.EqualFold(x.Name, y.Name) {
				return true
			}
			if x.Country != "" && y.Country != "" && x.Country != y.Country {
				continue
			}
			wx, wy := words([]Ref{x}), words([]Ref{y})
			both := 0
			for w := range wx {
				if wy[w] {
					both++
				}
			}
			if least := min(len(wx), len(wy)); least > 0 && both*5 >= least*3 {
				return true
			}
		}
	}
	return false
}

// synonyms bring words for the same thing together before they are compared.
var synonyms = map[string]string{
	"website": "site", "webpage": "site", "electronic": "", "hacker": "criminal", "cybercriminal": "criminal", "gang": "group", "network": "group",
	"criminal": "criminal", "group": "", "used": "", "the": "", "of": "", "by": "", "and": "", "an": "", "a": "", "in": "", "for": "", "to": "", "least": "", "more": "", "than": "", "at": "", "defence": "defense",
	"organisation": "organization", "new": "", "some": "", "several": "", "who": "", "mercenarie": "criminal", "mercenary": "criminal", "private": "", "cyber": "",
}

// words are the meaningful words of descriptions, demonyms as their state.
func words(refs []Ref) map[string]bool {
	out := map[string]bool{}
	for _, r := range refs {
		for _, w := range strings.FieldsFunc(strings.ToLower(r.Name), func(c rune) bool {
			return c == ' ' || c == '-' || c == ',' || c == '\'' || c == '’' || c == '“' || c == '”'
		}) {
			w = singular(w)
			if s, ok := synonyms[w]; ok {
				w = s
			}
			if w != "" && (w[0] < '0' || w[0] > '9') {
				out[w] = true
			}
		}
		if r.Kind == "criminal group" || r.Kind == "mercenary" {
			out["criminal"] = true
		}
	}
	return out
}

func sameTime(a, b When) bool {
	return a.From.IsZero() || b.From.IsZero() || !a.From.After(b.To) && !b.From.After(a.To)
}

// sameCount: "at least 50" and "more than 50" agree; 50 and 500 do not.
func sameCount(a, b Count) bool {
	if a.N == 0 || b.N == 0 {
		return true
	}
	lo, hi := min(a.N, b.N), max(a.N, b.N)
	return hi <= lo+lo/2
}
