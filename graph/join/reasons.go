package join

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Weights of features below this are not worth a word.
const quiet = .3

// reasons puts into words what was found, weightiest first; what speaks against comes with "but".
func (c *corpus) reasons(p pair, f Features) []string {
	all := f.list()
	list := all[:]
	slices.SortStableFunc(list, func(a, b named) int {
		return cmp.Compare(math.Abs(weights.Features[b.name]*b.value), math.Abs(weights.Features[a.name]*a.value))
	})
	var out []string
	for _, x := range list {
		v := weights.Features[x.name] * x.value
		if math.Abs(v) < quiet {
			continue
		}
		words := c.reason(x.name, p)
		switch {
		case words == "":
		case v >= quiet:
			out = append(out, words)
		case v <= -quiet:
			out = append(out, "but "+words)
		}
	}
	return out
}

// reason is a feature of a pair in words; empty for what others say better.
func (c *corpus) reason(feature string, p pair) string {
	a, b := &c.records[p.a], &c.records[p.b]
	switch feature {
	case "document":
		return "both cite " + c.pages.word(max(0, c.sharedDocument(p)))
	case "text":
		return "they tell it in the same rare words: " + strings.Join(c.telling(p), ", ")
	case "name":
		if _, t := c.rarest(c.titles, c.names[p.a], c.names[p.b]); t >= 0 {
			return "both are called " + c.titles.word(t)
		}
	case "mention":
		x, t := c.rarest(c.titles, c.names[p.a], c.mentions[p.b])
		if y, u := c.rarest(c.titles, c.names[p.b], c.mentions[p.a]); y > x {
			t = u
		}
		if t >= 0 {
			return "what one is called stands in the other: " + c.titles.word(t)
		}
	case "victim":
		return "the victims are named alike"
	case "software":
		return "both name the same software"
	case "day":
		return "both are dated to the same days"
	case "gap":
		return "their times lie apart"
	case "undated":
		return "one has no date"
	case "actor", "indicted":
		n, t := c.hand(p)
		switch {
		case t < 0:
		case feature == "actor":
			return "both accuse " + c.own[p.a][t]
		default:
			return c.own[p.a][t] + " is accused of little else (" + strconv.Itoa(n) + " records), and both cite one page on it"
		}
	case "rival":
		return "they accuse different actors"
	case "state":
		return "both accuse the same state"
	case "otherhand":
		return "they accuse different states"
	case "place":
		in, _ := a.places(b)
		return "victims in " + strings.Join(in[:min(len(in), 4)], ", ")
	case "elsewhere":
		return "the victims are in different countries"
	case "exchanged":
		return "the victim of the one is the accused of the other"
	case "otherdeed":
		return "what was done differs"
	case "onelist":
		return "both stand in one list, whose editors kept them apart"
	case "year":
		return "their names give different years"
	}
	return ""
}

// telling are the rarest terms that both tell with.
func (c *corpus) telling(p pair) []string {
	type term struct {
		id     int32
		weight float64
	}
	var found []term
	for id, w := range c.shared(p) {
		found = append(found, term{id, w})
	}
	slices.SortFunc(found, func(x, y term) int { return cmp.Or(cmp.Compare(y.weight, x.weight), cmp.Compare(x.id, y.id)) })
	var out []string
	for _, t := range found[:min(len(found), 4)] {
		out = append(out, c.text.word(t.id))
	}
	return out
}
