package screen

import (
	"math"
	"slices"
	"strings"

	"marque/ingest/sanctions"
)

// Fact is something besides the name that both sides know of.
type Fact struct {
	// What is "born", "birth place", "nationality" or "kind".
	What   string `json:"what"`
	Asked  string `json:"asked"`
	Listed string `json:"listed"`
	// Agrees says that the two fit. What one side does not know is no fact.
	Agrees bool `json:"agrees"`
	// Weight is by how much the fact moves the score, in log-odds.
	Weight float64 `json:"weight"`
}

// Weights of facts in log-odds. A date of birth to the day tells one in many thousands, but clerks exchange day and month and lists err,
// so that a wrong one sinks a hit and does not end it. A nationality is shared by many and changes.
const (
	sameDay, sameYear, nearYear, otherYear       = 2.2, 1.0, 0.2, -2.6
	samePlace                                    = .8
	sameNationality, otherNationality            = .3, -.6
	otherSubjectKind                             = -1.0
	swappedDay                                   = .8
	slackYears                                   = 2
	possible                               Grade = "possible"
	likely                                 Grade = "likely"
	certain                                Grade = "certain"
	weak                                   Grade = "weak"
)

// Grade says what to make of a hit.
type Grade string

// Grades of hits, by score: an exact identifier or a score of .95 is certain enough to stop at, .85 likely, .7 possible, less weak.
const (
	Certain  = certain
	Likely   = likely
	Possible = possible
	Weak     = weak
)

func gradeOf(score float64) Grade {
	switch {
	case score >= .95:
		return Certain
	case score >= .85:
		return Likely
	case score >= .7:
		return Possible
	}
	return Weak
}

// factsFor compares what is known besides the name.
func factsFor(q Query, s *sanctions.Subject) []Fact {
	var out []Fact
	if f, ok := bornFact(q.Born, s.Births); ok {
		out = append(out, f)
	}
	if q.BirthPlace != "" {
		asked := strings.Join(foldWords(q.BirthPlace), " ")
		for _, b := range s.Births {
			listed := strings.Join(foldWords(b.Place), " ")
			if listed != "" && (strings.Contains(listed, asked) || strings.Contains(asked, listed)) {
				out = append(out, Fact{What: "birth place", Asked: q.BirthPlace, Listed: b.Place, Agrees: true, Weight: samePlace})
				break
			}
		}
	}
	if len(q.Nationalities) > 0 && len(s.Nationalities) > 0 && s.Kind == sanctions.Person {
		f := Fact{
			What: "nationality", Asked: strings.Join(q.Nationalities, ", "), Listed: strings.Join(s.Nationalities, ", "), Weight: otherNationality,
		}
		if slices.ContainsFunc(q.Nationalities, func(n string) bool { return slices.Contains(s.Nationalities, n) }) {
			f.Agrees, f.Weight = true, sameNationality
		}
		out = append(out, f)
	}
	if q.Kind != "" && q.Kind != sanctions.Unknown && s.Kind != sanctions.Unknown && q.Kind != s.Kind {
		out = append(out, Fact{What: "kind", Asked: string(q.Kind), Listed: string(s.Kind), Weight: otherSubjectKind})
	}
	return out
}

// bornFact compares a date of birth with those that a list gives: the best one counts, since several are alternatives.
func bornFact(asked sanctions.Date, births []sanctions.Birth) (Fact, bool) {
	if asked.IsZero() {
		return Fact{}, false
	}
	best, some := Fact{Weight: math.Inf(-1)}, false
	for _, b := range births {
		if b.From.IsZero() {
			continue
		}
		some = true
		f := Fact{What: "born", Asked: asked.String(), Listed: b.From.String(), Weight: otherYear}
		if !b.To.IsZero() {
			f.Listed += " to " + b.To.String()
		}
		switch {
		case !b.To.IsZero() && asked.Year >= b.From.Year && asked.Year <= b.To.Year, b.From.Fits(asked, slackYears):
			f.Agrees, f.Weight = true, sameYear
			if b.From.Day != 0 && b.From.Day == asked.Day && b.From.Month == asked.Month && b.From.Year == asked.Year {
				f.Weight = sameDay
			}
		case b.From.Year == asked.Year && b.From.Day == asked.Month && b.From.Month == asked.Day:
			f.Agrees, f.Weight = true, swappedDay
		case abs(b.From.Year-asked.Year) <= 1:
			f.Weight = -nearYear
		}
		if f.Weight > best.Weight {
			best = f
		}
	}
	return best, some
}

// adjust moves a score by the facts. What agrees cannot make one name of two: a score grows at most by half of what it lacks.
func adjust(score float64, facts []Fact) float64 {
	var w float64
	for _, f := range facts {
		w += f.Weight
	}
	switch {
	case w == 0 || score <= 0:
		return score
	case w > 0:
		return score + (1-score)/2*(1-math.Exp(-w))
	}
	return score * math.Exp(w/3)
}
