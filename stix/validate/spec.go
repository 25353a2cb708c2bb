package validate

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"
	"sync"
)

//go:embed spec.txt
var specText string

//go:embed vocabularies.txt
var vocabularyText string

// class is the family of an object type.
type class uint8

const (
	classCustom class = iota
	classSDO
	classSRO
	classSCO
	classSMO
)

var classNames = map[string]class{"sdo": classSDO, "sro": classSRO, "sco": classSCO, "smo": classSMO}

// typeSpec is an object type, a nested type or a predefined extension.
type typeSpec struct {
	name, section string
	class         class
	props         []*propSpec
	byName        map[string]*propSpec
	constraints   []constraint
	require       []string // common properties that are required
	without       []string // common properties that do not apply
	id            []string // ID contributing properties
	deterministic bool     // the type defines ID contributing properties, be it none
	extensions    map[string]*typeSpec
}

// propSpec is one property.
type propSpec struct {
	name           string
	section        string
	required, list bool
	kind           string // as written in spec.txt, for messages
	check          func(*run, *propSpec, *node)
	arg            string
	targets        []string
	vocab          *vocabulary
	nested         *typeSpec
	min, max       *int64
}

// constraint is a rule between properties.
type constraint struct {
	verb string
	args []string
}

type vocabulary struct {
	name, section string
	open          bool
	terms         map[string]bool
	list          []string
}

type specification struct {
	common  *typeSpec
	types   map[string]*typeSpec // by object type
	structs map[string]*typeSpec
	classes map[class]*typeSpec
	vocabs  map[string]*vocabulary
}

// loadSpec parses the embedded tables once. They are part of the program: a mistake in them fails every test.
var loadSpec = sync.OnceValue(func() *specification {
	s, err := parseSpec(specText, vocabularyText)
	if err != nil {
		panic(err)
	}
	return s
})

func parseSpec(text, vocabularies string) (*specification, error) {
	s := &specification{
		types: map[string]*typeSpec{}, structs: map[string]*typeSpec{}, classes: map[class]*typeSpec{},
		vocabs: parseVocabularies(vocabularies),
	}
	extensions := map[string][]*typeSpec{} // by object type
	var all []*typeSpec
	var current *typeSpec
	for i, line := range strings.Split(text, "\n") {
		fields := strings.Fields(line)
		switch {
		case len(fields) == 0 || fields[0][0] == '#':
			continue
		case line[0] != ' ':
			current = &typeSpec{name: fields[1], section: fields[len(fields)-1], byName: map[string]*propSpec{}}
			all = append(all, current)
			switch fields[0] {
			case "common":
				s.common = current
			case "class":
				s.classes[classNames[fields[1]]] = current
			case "struct":
				s.structs[current.name] = current
			case "extension":
				extensions[fields[2]] = append(extensions[fields[2]], current)
			default:
				current.class = classNames[fields[0]]
				s.types[current.name] = current
			}
		case fields[0] == "=":
			current.addConstraint(fields[1:])
		default:
			if len(fields) != 2 {
				return nil, fmt.Errorf("spec line %d: %q is not a property and its kind", i+1, line)
			}
			p := &propSpec{section: current.section}
			p.name, p.required = strings.CutSuffix(fields[0], "*")
			p.kind = fields[1]
			current.props = append(current.props, p)
			current.byName[p.name] = p
		}
	}
	for object, list := range extensions {
		s.types[object].extensions = map[string]*typeSpec{}
		for _, e := range list {
			s.types[object].extensions[e.name] = e
		}
	}
	for _, t := range all {
		for _, p := range t.props {
			if err := s.resolve(p); err != nil {
				return nil, fmt.Errorf("spec type %s: %w", t.name, err)
			}
		}
	}
	return s, nil
}

func (t *typeSpec) addConstraint(fields []string) {
	switch verb, args := fields[0], fields[1:]; verb {
	case "require":
		t.require = append(t.require, args...)
	case "without":
		t.without = append(t.without, args...)
	case "id":
		t.id, t.deterministic = args, true
	default:
		t.constraints = append(t.constraints, constraint{verb, args})
	}
}

// resolve turns a property's kind into the function that checks it.
func (s *specification) resolve(p *propSpec) error {
	kind := p.kind
	if strings.HasPrefix(kind, "[") {
		p.list, kind = true, strings.Trim(kind, "[]")
		p.kind = kind
	}
	name, arg, _ := strings.Cut(kind, ":")
	p.arg = arg
	if check, ok := kinds[name]; ok {
		p.check = check
		if name == "ref" && arg != "" {
			p.targets = strings.Split(arg, ",")
		}
		if low, high, ok := strings.Cut(arg, ".."); ok {
			p.min, p.max = bound(low), bound(high)
		}
		return nil
	}
	if format, ok := formats[name]; ok {
		p.check = func(r *run, p *propSpec, n *node) {
			if r.isKind(p, n, '"', "string") {
				format(r, p, n)
			}
		}
		return nil
	}
	if vocab, ok := s.vocabs[name]; ok {
		p.vocab, p.check = vocab, checkTerm
		return nil
	}
	if nested, ok := s.structs[name]; ok {
		p.nested, p.check = nested, checkStruct
		return nil
	}
	return fmt.Errorf("property %s: kind %q is not known", p.name, kind)
}

func bound(text string) *int64 {
	if text == "" {
		return nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return nil
	}
	return &n
}

func parseVocabularies(text string) map[string]*vocabulary {
	vocabs := map[string]*vocabulary{}
	var current *vocabulary
	for line := range strings.SplitSeq(text, "\n") {
		fields := strings.Fields(line)
		switch {
		case len(fields) == 0 || fields[0] == "#":
		case line[0] != ' ':
			current = &vocabulary{name: fields[0], section: fields[1], open: strings.HasSuffix(fields[0], "-ov"), terms: map[string]bool{}}
			vocabs[current.name] = current
		default:
			for _, term := range fields {
				current.terms[term] = true
				current.list = append(current.list, term)
			}
		}
	}
	return vocabs
}

// nearest proposes the term that differs from text only in case, spaces, underscores or plural, or "".
func (v *vocabulary) nearest(text string) string {
	folded := foldTerm(text)
	for _, term := range v.list {
		if foldTerm(term) == folded {
			return term
		}
	}
	return ""
}

func foldTerm(text string) string {
	text = strings.Map(func(c rune) rune {
		if c == ' ' || c == '_' || c == '-' {
			return -1
		}
		return c
	}, strings.ToLower(text))
	return strings.TrimSuffix(text, "s")
}
