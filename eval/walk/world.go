package walk

import (
	"fmt"
	"iter"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"marque/stix"
)

// World is what goes into a workspace, and what of it is for whom.
type World struct {
	Inputs []Input
	levels map[string]stix.TLP // of each word
	rng    *rand.Rand
	n      int
	size   int // of a bundle: pairs of objects at most
	defs   []definition
}

// Input is a file that is read.
type Input struct {
	Name  string
	Level stix.TLP // of what carries no marking
	parts []part
	form  form
}

// part is what is taken away from an input as a whole: an object, a row, an event, a document.
type part struct {
	level  stix.TLP
	always bool // it tells nothing but what markings mean
	text   string
}

type form int

const (
	bundle form = iota
	events
	table
	document
)

// Text is the input as a file.
func (in *Input) Text() string {
	texts := make([]string, len(in.parts))
	for i, p := range in.parts {
		texts[i] = p.text
	}
	switch in.form {
	case bundle:
		return `{"type":"bundle","id":"bundle--00000000-0000-4000-8000-000000000001","objects":[` + strings.Join(texts, ",\n") + `]}`
	case events:
		return "[" + strings.Join(texts, ",\n") + "]"
	case table:
		return "type,value,name,tlp\n" + strings.Join(texts, "")
	default:
		return strings.Join(texts, "")
	}
}

// Edited is the input with each of its parts changed: another level is not thereby another.
func (in Input) Edited(change func(string) string) Input {
	in.parts = slices.Clone(in.parts)
	for i := range in.parts {
		in.parts[i].text = change(in.parts[i].text)
	}
	return in
}

// Edit changes the inputs.
func (w *World) Edit(change func(Input) Input) {
	for i, in := range w.Inputs {
		w.Inputs[i] = change(in)
	}
}

// Below are the inputs without all that is above a level.
func (w *World) Below(level stix.TLP) []Input {
	var out []Input
	for _, in := range w.Inputs {
		in.parts = slices.DeleteFunc(slices.Clone(in.parts), func(p part) bool { return p.level > level && !p.always })
		if len(in.parts) > 0 {
			out = append(out, in)
		}
	}
	return out
}

// all words of a text begin with it, in any case, and are so much longer.
const (
	stem = "canary"
	rest = 5
)

// wordsOf are the words in a text.
func wordsOf(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for at := 0; ; {
			// Of the letters of the stem, y is rare, and has two cases.
			i := strings.IndexAny(text[at:], "yY")
			if i < 0 {
				return
			}
			end := at + i + 1
			at = end
			if begin := end - len(stem); begin >= 0 && end+rest <= len(text) && strings.EqualFold(text[begin:end], stem) &&
				!yield(strings.ToLower(text[begin:end+rest])) {
				return
			}
		}
	}
}

// Leaks lists the words in a text that are above a level.
func (w *World) Leaks(text string, level stix.TLP) []string {
	var out []string
	for word := range wordsOf(text) {
		if w.levels[word] > level && !slices.Contains(out, word) {
			out = append(out, word)
		}
	}
	return out
}

// Words counts the words in a text that are at a level: a walk that sees none of them proves nothing.
func (w *World) Words(text string, level stix.TLP) int {
	n := 0
	for word := range wordsOf(text) {
		if l, known := w.levels[word]; known && l == level {
			n++
		}
	}
	return n
}

// Asked are a few words of the world, of any level.
func (w *World) Asked(n int) []string {
	all := slices.Sorted(maps.Keys(w.levels))
	w.rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all[:min(n, len(all))]
}

// New makes a world. Most are small, so that many can be walked; one in sixteen is large, so that much comes together in it.
func New(rng *rand.Rand) *World {
	w := &World{levels: map[string]stix.TLP{}, rng: rng, size: 3}
	bundles, documents := 1, rng.IntN(3)
	if rng.IntN(16) == 0 {
		w.size, bundles, documents = 16, 1+rng.IntN(3), 2+rng.IntN(5)
	}
	w.define()
	for range bundles {
		w.Inputs = append(w.Inputs, w.bundle())
	}
	for range documents {
		w.Inputs = append(w.Inputs, w.document())
	}
	if rng.IntN(3) == 0 {
		w.Inputs = append(w.Inputs, w.events())
	}
	if rng.IntN(3) == 0 {
		w.Inputs = append(w.Inputs, w.table())
	}
	rng.Shuffle(len(w.Inputs), func(i, j int) { w.Inputs[i], w.Inputs[j] = w.Inputs[j], w.Inputs[i] })
	w.Inputs = append(w.Inputs, w.late())
	return w
}

// word is a new word for something of a level. It reads like a name.
func (w *World) word(level stix.TLP) string {
	w.n++
	letters := make([]byte, 5)
	for i, n := 0, w.n; i < len(letters); i, n = i+1, n/20 {
		letters[i] = "abcdefghijklmnoprstu"[n%20]
	}
	word := "canary" + string(letters)
	w.levels[word] = level
	return "C" + word[1:]
}

func (w *World) level() stix.TLP { return stix.TLP(w.rng.IntN(int(stix.Red) + 1)) }

func (w *World) one(of ...string) string { return of[w.rng.IntN(len(of))] }

func id(typ string, n int) string { return fmt.Sprintf("%s--00000000-0000-4000-8000-%012d", typ, n) }

// spelled is a level as people write it in tags.
func (w *World) spelled(level stix.TLP) string {
	name := strings.ToLower(level.String()[4:])
	switch w.rng.IntN(6) {
	case 0:
		return "TLP:" + strings.ToUpper(name)
	case 1:
		return "tlp_" + strings.ReplaceAll(name, "+", "_")
	case 2:
		return "TLP " + strings.ToUpper(strings.ReplaceAll(name, "+", " "))
	case 3:
		return "Traffic Light Protocol: " + name
	case 4:
		return "TLP-" + strings.ToUpper(strings.ReplaceAll(name, "+", "-"))
	default:
		return "tlp:" + name
	}
}

// definition is a marking definition without a fixed id.
type definition struct {
	id    string
	level stix.TLP
	part  part
	given bool // an input has it
}

// define makes two definitions for each level, in the ways that are in use, and one that speaks of something else.
func (w *World) define() {
	for n := range 10 {
		level := stix.TLP(n % 5)
		label, value := level.String(), strings.ToLower(level.String()[4:])
		says := []string{
			fmt.Sprintf(`"definition_type":"tlp","definition":{"tlp":%q}`, value),
			fmt.Sprintf(`"definition_type":"statement","definition":{"statement":"custom"},"x_opencti_definition_type":"TLP",`+
				`"x_opencti_definition":%q`, label),
			fmt.Sprintf(`"definition_type":"statement","definition":{"statement":"Handle as %s."}`, label),
			fmt.Sprintf(`"name":%q,`+
				`"extensions":{"extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d":{"extension_type":"property-extension",`+
				`"tlp_2_0":%q}}`, label, value),
			fmt.Sprintf(`"definition_type":"statement","definition":{"statement":"x"},"name":%q`, w.spelled(level)),
		}[w.rng.IntN(5)]
		if level == stix.Red && w.rng.IntN(3) == 0 {
			says = `"definition_type":"statement","definition":{"statement":"TLP:ULTRAVIOLET"}` // not understood
		}
		w.defs = append(w.defs, definition{id: id("marking-definition", 500+n), level: level, part: part{
			always: true,
			text: fmt.Sprintf(`{"type":"marking-definition","spec_version":"2.1","id":%q,"created":"2024-01-01T00:00:00.000Z",`+
				`%s}`, id("marking-definition", 500+n), says),
		}})
	}
}

var tlp1 = map[stix.TLP]string{
	stix.Clear: "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9", stix.Green: "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da",
	stix.Amber: "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82", stix.Red: "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed",
}

// marked is a random marking as properties of an object, with the level that it means.
func (w *World) marked() (props string, level stix.TLP) {
	level = w.level()
	ref := string(level.MarkingID())
	switch w.rng.IntN(8) {
	case 0, 1:
		if old, ok := tlp1[level]; ok {
			ref = old
		}
	case 2, 3:
		d := w.defs[w.rng.IntN(len(w.defs))]
		ref, level = d.id, d.level
	case 4: // the stricter of two
		other := w.level()
		return fmt.Sprintf(`,"object_marking_refs":[%q,%q]`, ref, other.MarkingID()), max(level, other)
	case 5:
		return fmt.Sprintf(`,"granular_markings":[{"marking_ref":%q,"selectors":["type"]}]`, ref), level
	case 6:
		return fmt.Sprintf(`,"labels":["x",%q]`, w.spelled(level)), level
	case 7:
		if w.rng.IntN(3) == 0 {
			return fmt.Sprintf(`,"object_marking_refs":[%q]`, id("marking-definition", 999)), stix.Red // nobody defines it
		}
	}
	return fmt.Sprintf(`,"object_marking_refs":[%q]`, ref), level
}

// late is the definitions that came with nothing else.
func (w *World) late() Input {
	in := Input{Name: "late.json", Level: stix.Clear, form: bundle}
	for _, d := range w.defs {
		if !d.given {
			in.parts = append(in.parts, d.part)
		}
	}
	in.parts = append(in.parts, part{text: fmt.Sprintf(`{"type":"tool","spec_version":"2.1","id":%q,`+
		`"created":"2024-01-01T00:00:00.000Z","modified":"2024-01-01T00:00:00.000Z","name":"last"}`, id("tool", 99))})
	return in
}
