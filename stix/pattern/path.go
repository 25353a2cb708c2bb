package pattern

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// path is a Path made ready for following.
type path struct {
	typ    int32 // index in plan.types
	steps  []step
	scalar bool // names and no indices: it selects one value at most
	cell   int  // where a batch keeps that value
}

// step is a Step with what the name of its property says about the value.
type step struct {
	Step
	means meaning
}

type meaning uint8

const (
	plain       meaning = iota
	hexBytes            // binary, written in hex
	base64Bytes         // binary, written in base64
	reference           // names an object, and the path goes on with its properties
	references          // a list of such names
)

func newSteps(path []Step) []step {
	steps := make([]step, len(path))
	for i, p := range path {
		steps[i].Step = p
		switch {
		case strings.HasSuffix(p.Key, "_hex"):
			steps[i].means = hexBytes
		case strings.HasSuffix(p.Key, "_bin"):
			steps[i].means = base64Bytes
		case strings.HasSuffix(p.Key, "_ref") && i+1 < len(path):
			steps[i].means = reference
		case strings.HasSuffix(p.Key, "_refs") && i+2 < len(path):
			steps[i].means = references
		}
	}
	return steps
}

// nearby is how far back a pattern is searched for a path that it has used before. Authors repeat themselves nearby, and
// a bound keeps the compilation of long patterns linear.
const nearby = 16

// maxTypes bounds the object types that one pattern names. STIX 2.1 defines 18 observables.
const maxTypes = 1000

// path interns a path, so that comparisons of the same path share its value.
func (p *plan) path(src Path) (*path, error) {
	typ := int32(slices.Index(p.types, src.Type))
	if typ < 0 {
		if typ = int32(len(p.types)); typ == maxTypes {
			return nil, fmt.Errorf("pattern that names more than %d object types: %w", maxTypes, ErrLimit)
		}
		p.types = append(p.types, src.Type)
	}
	for _, known := range p.paths[max(0, len(p.paths)-nearby):] {
		same := func(a step, b Step) bool { return a.Step == b }
		if known.typ == typ && slices.EqualFunc(known.steps, src.Steps, same) {
			return known, nil
		}
	}
	scalar := !slices.ContainsFunc(src.Steps, func(s Step) bool { return s.Kind != StepKey })
	added := &path{typ: typ, steps: newSteps(src.Steps), scalar: scalar, cell: len(p.paths)}
	p.paths = append(p.paths, added)
	return added, nil
}

// follow looks up the value at the end of a scalar path, or the properties where another path begins.
func (b *batch) follow(c *cell, p *path) (err error) {
	c.known = true
	row := b.rows[b.at]
	properties := b.seated(row.seat).Objects[row.object].Properties
	if !p.scalar {
		c.value, c.exists = properties, true
		return nil
	}
	var v any
	for i := range p.steps {
		var found bool
		if i > 0 {
			if properties, found = v.(map[string]any); !found {
				return nil
			}
		}
		if v, found = properties[p.steps[i].Key]; !found {
			return nil
		}
		if p.steps[i].means == plain {
			continue
		}
		if v, err = b.resolve(&p.steps[i], v); err != nil {
			return err
		}
	}
	c.value, c.exists = v, true
	return nil
}

// walk says whether one of the values that the remaining steps select satisfies the test.
func (b *batch) walk(t *test, v any, steps []step) (bool, error) {
	if !b.spend(1) {
		return false, fmt.Errorf("evaluation of object paths: %w", ErrLimit)
	}
	if len(steps) == 0 {
		if text, ok := v.(string); ok && t.texts != nil {
			return t.text(text), nil
		}
		return t.pred(b, v)
	}
	step, rest := &steps[0], steps[1:]
	if step.Kind == StepKey {
		properties, ok := v.(map[string]any)
		if !ok {
			return false, nil
		}
		value, ok := properties[step.Key]
		if !ok {
			return false, nil
		}
		value, err := b.resolve(step, value)
		if err != nil {
			return false, err
		}
		return b.walk(t, value, rest)
	}
	list, ok := v.([]any)
	if !ok {
		return false, nil
	}
	if step.Kind == StepIndex {
		if step.Index < 0 || step.Index >= len(list) {
			return false, nil
		}
		list = list[step.Index : step.Index+1]
	}
	for _, item := range list {
		if ok, err := b.walk(t, item, rest); ok || err != nil {
			return ok, err
		}
	}
	return false, nil
}

// resolve gives a property's value the meaning that the property's name says: bytes for text that is hex or base64,
// the object in the place of a reference, and likewise in a list of references. References that do not resolve stay
// strings, which have no properties.
func (b *batch) resolve(s *step, v any) (any, error) {
	if s.means == references {
		return b.referents(v), nil
	}
	text, ok := v.(string)
	if !ok {
		return v, nil
	}
	var raw []byte
	var err error
	switch s.means {
	case reference:
		return b.referent(text), nil
	case hexBytes:
		raw, err = hex.DecodeString(text)
	case base64Bytes:
		raw, err = base64.StdEncoding.DecodeString(text)
	default:
		return v, nil
	}
	if err != nil {
		return nil, fmt.Errorf("property %s: %w: %w", s.Key, ErrData, err)
	}
	return raw, nil
}

func (b *batch) referents(v any) any {
	list, ok := v.([]any)
	if !ok {
		return v
	}
	resolved := make([]any, len(list))
	for i, item := range list {
		resolved[i] = item
		if id, ok := item.(string); ok {
			resolved[i] = b.referent(id)
		}
	}
	return resolved
}

// fewObjects is up to how many objects an observation is searched for an id without an index.
const fewObjects = 16

// referent gives the properties of the object that a reference names, or the reference itself.
func (b *batch) referent(id string) any {
	seat := b.rows[b.at].seat
	objects := b.seated(seat).Objects
	if len(objects) <= fewObjects {
		for i := range objects {
			if objects[i].ID == id {
				return objects[i].Properties
			}
		}
		return id
	}
	if b.of != seat {
		b.of, b.byID = seat, make(map[string]*Object, len(objects))
		for i := len(objects) - 1; i >= 0; i-- {
			b.byID[objects[i].ID] = &objects[i] // the first of equals stays
		}
	}
	if o := b.byID[id]; o != nil {
		return o.Properties
	}
	return id
}
