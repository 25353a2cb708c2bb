package attribute

import (
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"marque/claim"
	"marque/graph"
	"marque/ingest/entity"
	"marque/stix"
)

// contestedTXT are the words by which the record of an operation says that it is not settled who did it: a line "doubt:" with words of doubt,
// one "who:" with words of which one must stand in the sentence too, one "mask:" with words before the name of whom somebody played.
//
//go:embed contested.txt
var contestedTXT string

// cues are the patterns of contestedTXT.
var cues = func() map[string]*regexp.Regexp {
	out := map[string]*regexp.Regexp{}
	for line := range strings.Lines(contestedTXT) {
		if kind, words, ok := strings.Cut(strings.TrimSpace(line), ": "); ok && !strings.HasPrefix(line, "#") {
			out[kind] = regexp.MustCompile(`(?i)\b(?:` + words + `)`)
		}
	}
	return out
}()

var sentenceEnd = regexp.MustCompile(`[.!?]\s+|\n`)

// openQuestions are the sentences of the operation's own records that say that it is contested who did it, or that somebody played another.
func openQuestions(g *graph.Graph, op stix.ID) []string {
	e := g.Entity(op)
	if e == nil {
		return nil
	}
	var out []string
	for _, m := range e.Members {
		r := g.Record(m.ID)
		if r == nil || m.Part {
			continue
		}
		for _, sentence := range sentenceEnd.Split(r.Description, -1) {
			if saysOpen(sentence) {
				out = append(out, fmt.Sprintf("contested: %s tells: %q", g.Name(r.CreatedBy), strings.TrimSpace(sentence)))
			}
		}
	}
	return sortedSet(out)
}

func saysOpen(sentence string) bool {
	if cues["doubt"].MatchString(sentence) && cues["who"].MatchString(sentence) || cues["flag"].MatchString(sentence) {
		return true
	}
	if at := cues["mask"].FindStringIndex(sentence); at != nil {
		words := strings.Fields(sentence[at[1]:])
		if len(words) > 0 {
			name := strings.Trim(words[0], ".,;:")
			_, state := entity.CountryCode(name)
			return state && name != ""
		}
	}
	return false
}

// unlike tells whether one source says that somebody acts on its own account, criminals or activists of whom nobody says that they serve a
// state, where an independent one says that a state did it and names no such helpers: the two contradict each other.
func (j *judgement) unlike() []side {
	own, state := map[string][]*graph.Claim{}, map[string][]*graph.Claim{}
	for _, p := range j.ps {
		if p.claim.Stance != claim.Asserts || p.early || p.origin {
			continue
		}
		switch {
		case p.actor == "" && p.sponsor != "" && !p.proxy:
			state[p.sponsor] = append(state[p.sponsor], p.claim)
		case p.actor != "" && !j.f.isClass(p.actor) && slices.Contains([]string{kindCriminal, kindHacktivist}, actorKind(j.g.Entity(j.f.rep(p.actor)))) && len(j.f.tiedStates(p.actor)) == 0:
			key := string(j.f.rep(p.actor))
			own[key] = append(own[key], p.claim)
		}
	}
	if len(own) == 0 || len(state) == 0 {
		return nil
	}
	for _, claims := range own {
		for _, c := range claims {
			for _, said := range state {
				if slices.ContainsFunc(said, func(s *graph.Claim) bool { return s.Root == c.Root && s.Source == c.Source }) {
					return nil
				}
			}
		}
	}
	return append(sidesOf(own, func(id string) string { return j.g.Name(stix.ID(id)) }), sidesOf(state, j.g.CountryName)...)
}
