package stix

import (
	"bytes"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// DefinesTLP is the level that a marking definition stands for: by one of the fixed ids, else by what it says in any of the ways
// that are in use (TLP 1 and 2, extensions, statements, names). It reports false where it speaks of something else, and for
// objects of other types. What speaks of TLP and is not understood is [Red].
func (o *Object) DefinesTLP() (TLP, bool) {
	if o.Type != "marking-definition" {
		return Clear, false
	}
	if t, ok := tlpMarkings[o.ID]; ok {
		return t, true
	}
	if _, ok := MarkingPAP(o.ID); ok {
		return Clear, false
	}
	level, says := tlp.definition(o)
	return TLP(level), says
}

// TLP is the strictest level among the object's own markings, and whether it has one at all, as far as the object alone tells: by
// the fixed ids and its labels. [Object.TLPBy] knows the other definitions.
func (o *Object) TLP() (TLP, bool) {
	return o.TLPBy(func(ID) (TLP, bool) { return Clear, false })
}

// TLPBy is the strictest level among the object's own markings, and whether it has one at all. Granular markings count for the
// whole object: parts of objects are never shown. Labels count as MISP's tags do. define tells the level of a marking without
// a fixed id, and false where it says nothing of TLP; of a marking that is not known it should say [Red].
func (o *Object) TLPBy(define func(ID) (TLP, bool)) (TLP, bool) {
	level, found := Clear, false
	raise := func(t TLP, ok bool) {
		if ok {
			level, found = max(level, t), true
		}
	}
	for id := range o.markings {
		if t, ok := tlpMarkings[id]; ok {
			raise(t, true)
		} else if _, ok := MarkingPAP(id); !ok {
			raise(define(id))
		}
	}
	for _, label := range o.labels() {
		raise(TagTLP(label))
	}
	if _, fixed := tlpMarkings[o.ID]; fixed && !found {
		return Clear, true // everybody knows them
	}
	return level, found
}

// Marked is the object with the marking of a level among its own, in place of freer ones; the object itself where its own marking is as strict,
// or the level is CLEAR, which is what an object without a marking is.
func (o *Object) Marked(level TLP) (*Object, error) {
	if own, has := o.TLP(); level == Clear || has && own >= level {
		return o, nil
	}
	refs := []ID{level.MarkingID()}
	for _, id := range o.MarkingRefs {
		if _, tlp := MarkingLevel(id); !tlp {
			refs = append(refs, id)
		}
	}
	return o.With(map[string]any{"object_marking_refs": refs})
}

// OpenMarkings are the markings of an object, granular ones included, that no fixed id explains: their definitions must be known.
func (o *Object) OpenMarkings() []ID {
	var out []ID
	for id := range o.markings {
		_, isTLP := tlpMarkings[id]
		_, isPAP := MarkingPAP(id)
		if !isTLP && !isPAP && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

// PAPBy is [Object.TLPBy] for PAP.
func (o *Object) PAPBy(define func(ID) (PAP, bool)) (PAP, bool) {
	level, found := PAPClear, false
	raise := func(p PAP, ok bool) {
		if ok {
			level, found = max(level, p), true
		}
	}
	for id := range o.markings {
		if p, ok := MarkingPAP(id); ok {
			raise(p, true)
		} else if _, ok := tlpMarkings[id]; !ok {
			raise(define(id))
		}
	}
	for _, label := range o.labels() {
		raise(TagPAP(label))
	}
	return level, found
}

// markings streams the ids of all markings of an object.
func (o *Object) markings(yield func(ID) bool) {
	for _, id := range o.MarkingRefs {
		if !yield(id) {
			return
		}
	}
	for _, g := range o.Granular {
		if g.MarkingRef != "" && !yield(g.MarkingRef) {
			return
		}
	}
}

// labels are the object's labels, as far as they are what they should be.
func (o *Object) labels() []string {
	if !bytes.Contains(o.raw, []byte(`"labels"`)) {
		return nil
	}
	dec := jsontext.NewDecoder(bytes.NewReader(o.raw), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if _, err := dec.ReadToken(); err != nil {
		return nil
	}
	var out []string
	for dec.PeekKind() == '"' {
		name, err := dec.ReadToken()
		if err != nil {
			return out
		}
		labels := name.String() == "labels"
		value, err := dec.ReadValue()
		if err != nil {
			return out
		}
		if labels {
			out = append(out, textsOf(value)...)
		}
	}
	return out
}

// textsOf are the strings of a list.
func textsOf(list jsontext.Value) []string {
	var out []string
	dec := jsontext.NewDecoder(bytes.NewReader(list), jsontext.AllowInvalidUTF8(true))
	if dec.PeekKind() != '[' {
		return nil
	}
	_, _ = dec.ReadToken()
	for k := dec.PeekKind(); k != ']' && k != 0; k = dec.PeekKind() {
		if k != '"' {
			if dec.SkipValue() != nil {
				return out
			}
			continue
		}
		tok, err := dec.ReadToken()
		if err != nil {
			return out
		}
		out = append(out, tok.String())
	}
	return out
}
