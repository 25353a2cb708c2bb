package validate

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// run checks one object.
type run struct {
	spec  *specification
	opts  *Options
	emit  func(Finding)
	refs  func(ref reference) // told of every reference, may be nil
	base  string              // pointer of the object in the input
	path  []segment
	root  *node
	id    string
	typ   *typeSpec // nil for custom objects
	class class
	open  bool // an extension adds top-level properties or makes a new type: unknown properties are its own
	count int
	lines func(offset int64) (line, column int)
	// local holds key → type of the observable container that is being checked, nil outside of one (section 2.13).
	local map[string]string
}

// segment is one step of the path: a name, or an index where the name is empty and isIndex set.
type segment struct {
	name    string
	index   int
	isIndex bool
}

func (r *run) in(name string)  { r.path = append(r.path, segment{name: name}) }
func (r *run) at(index int)    { r.path = append(r.path, segment{index: index, isIndex: true}) }
func (r *run) out()            { r.path = r.path[:len(r.path)-1] }
func (r *run) pointer() string { return r.base + pointer(r.path) }

func pointer(path []segment) string {
	var b strings.Builder
	for _, s := range path {
		b.WriteByte('/')
		if s.isIndex {
			b.WriteString(strconv.Itoa(s.index))
			continue
		}
		b.WriteString(escapePointer(s.name))
	}
	return b.String()
}

func escapePointer(name string) string {
	return strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
}

// add reports a finding at the present path.
func (r *run) add(severity Severity, code, section string, n *node, message, hint string) {
	if severity == Note && !r.opts.Notes || slices.Contains(r.opts.Ignore, code) {
		return
	}
	r.count++
	if r.count > r.opts.maxFindings() {
		return
	}
	if r.count == r.opts.maxFindings() {
		severity, code, section = Error, codeTooMany, "12"
		message, hint = "more findings in this object are not reported", ""
	}
	if severity == Warning && r.opts.Strict {
		severity = Error
	}
	f := Finding{Severity: severity, Code: code, Section: section, Message: message, Hint: hint, Path: r.pointer(), ID: r.id}
	if n != nil {
		f.Offset = n.offset
	}
	f.Line, f.Column = r.lines(f.Offset)
	r.emit(f)
}

// addAt reports a finding at a member of the present path.
func (r *run) addAt(name string, severity Severity, code, section string, n *node, message, hint string) {
	r.in(name)
	r.add(severity, code, section, n, message, hint)
	r.out()
}

// isKind checks the JSON kind of a value; null has its own code.
func (r *run) isKind(p *propSpec, n *node, kind jsontext.Kind, want string) bool {
	if n.kind == kind {
		return true
	}
	if n.kind == 'n' {
		r.add(Error, codeNull, "3.1", n, "value is null", "leave the property out instead")
		return false
	}
	r.add(Error, codeKind, p.section, n, fmt.Sprintf("value is %s, not %s", kindName(n.kind), want), "")
	return false
}

func kindName(kind jsontext.Kind) string {
	switch kind {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case '"':
		return "a string"
	case '0':
		return "a number"
	case 't', 'f':
		return "a boolean"
	}
	return "null"
}

// object checks a whole STIX object.
func (r *run) object(n *node) {
	r.root = n
	if n.kind != '{' {
		r.add(Error, codeKind, "3", n, fmt.Sprintf("a STIX object is a JSON object, this is %s", kindName(n.kind)), "")
		return
	}
	r.id = n.text("id")
	name := n.text("type")
	if n.get("type") == nil {
		r.add(Error, codeRequired, "3.2", n, "property type is missing", "")
	}
	r.typ = r.spec.types[name]
	r.classify(n, name)
	r.commonProperties(n)
	if r.typ != nil {
		r.properties(r.typ, n, r.spec.common)
		r.typeRules(n)
	} else {
		r.customObject(n, name)
	}
	r.identifierOf(n, name)
	r.granularMarkings(n)
}

// classify finds the class of the object, also of a custom one: from its extension, else from whether it is versioned.
func (r *run) classify(n *node, name string) {
	extensions := n.get("extensions")
	if extensions != nil {
		for _, m := range extensions.members {
			switch m.value.text("extension_type") {
			case "new-sdo":
				r.class, r.open = classSDO, true
			case "new-sro":
				r.class, r.open = classSRO, true
			case "new-sco":
				r.class, r.open = classSCO, true
			case "toplevel-property-extension":
				r.open = true
			}
		}
	}
	if r.typ != nil {
		r.class = r.typ.class
		return
	}
	if r.class != classCustom || name == "" {
		return
	}
	r.class = classSCO
	for _, versioned := range []string{"created", "modified", "created_by_ref", "revoked"} {
		if n.get(versioned) != nil {
			r.class = classSDO
		}
	}
}

// commonProperties checks the properties of section 3.2: which are required, which do not apply, and their values.
func (r *run) commonProperties(n *node) {
	var require, without []string
	if c := r.spec.classes[r.class]; c != nil {
		require, without = c.require, c.without
	}
	if r.typ != nil && len(r.typ.require)+len(r.typ.without) > 0 {
		require = slices.Concat(require, r.typ.require)
		without = slices.Concat(without, r.typ.without)
	}
	for _, p := range r.spec.common.props {
		value := n.get(p.name)
		switch {
		case value == nil:
			if (p.required && p.name != "type" && r.local == nil) || slices.Contains(require, p.name) {
				hint := ""
				if p.name == "spec_version" {
					hint = "objects of STIX 2.0 have none: choose version 2.0 to lift them first"
				}
				r.add(Error, codeRequired, "3.2", n, fmt.Sprintf("property %s is missing", p.name), hint)
			}
			continue
		case slices.Contains(without, p.name):
			r.notApplicable(p, value)
		}
		if p.name == "id" && r.local != nil {
			continue
		}
		r.property(p, value)
	}
	r.constraints(r.spec.common, n)
	if v := n.get("spec_version"); v != nil && v.kind == '"' && v.str != "2.1" {
		r.addAt("spec_version", Error, codeVersion, "3.2", v, fmt.Sprintf("spec_version is %q, not 2.1", v.str), "lift STIX 2.0 content to 2.1")
	}
}

func (r *run) notApplicable(p *propSpec, value *node) {
	severity, message := Warning, fmt.Sprintf("common property %s does not apply to this type of object", p.name)
	if p.name == "defanged" { // section 3.2 has a MUST NOT for this one
		severity, message = Error, "property defanged is for cyber-observable objects only"
	}
	r.addAt(p.name, severity, codeNotApplicable, "3.2", value, message, "")
}

// properties checks the members of an object against its type; others than those of t and also are custom.
func (r *run) properties(t *typeSpec, n *node, also *typeSpec) {
	for _, p := range t.props {
		if value := n.get(p.name); value != nil {
			r.property(p, value)
		} else if p.required {
			r.add(Error, codeRequired, t.section, n, fmt.Sprintf("property %s is missing", p.name), "")
		}
	}
	for _, m := range n.members {
		if t.byName[m.name] == nil && (also == nil || also.byName[m.name] == nil) {
			r.customProperty(m, also != nil)
		}
	}
	r.constraints(t, n)
}

// property checks one value, or each of a list.
func (r *run) property(p *propSpec, n *node) {
	r.in(p.name)
	defer r.out()
	if !p.list {
		p.check(r, p, n)
		return
	}
	if !r.isKind(p, n, '[', "a list") {
		return
	}
	if len(n.items) == 0 {
		r.add(Error, codeListEmpty, "2.12", n, "list is empty", "leave the property out instead")
	}
	for i, item := range n.items {
		r.at(i)
		p.check(r, p, item)
		r.out()
	}
}

func (r *run) constraints(t *typeSpec, n *node) {
	for _, c := range t.constraints {
		switch c.verb {
		case "some":
			r.some(t, n, c.args)
		case "order":
			r.order(t, n, c.args)
		case "needs":
			r.needs(t, n, c.args)
		case "not":
			if n.get(c.args[0]) != nil && n.get(c.args[1]) != nil {
				r.add(Error, codeExcludes, t.section, n, fmt.Sprintf("%s and %s are both present", c.args[0], c.args[1]), "keep one of them")
			}
		case "should":
			for _, name := range c.args {
				if n.get(name) == nil {
					r.add(Warning, codeShould, t.section, n, fmt.Sprintf("recommended property %s is missing", name), "")
				}
			}
		}
	}
}

func (r *run) some(t *typeSpec, n *node, names []string) {
	if len(names) == 0 {
		for _, p := range t.props {
			names = append(names, p.name)
		}
	}
	for _, name := range names {
		first, second, both := strings.Cut(name, "+")
		if n.get(first) != nil && (!both || n.get(second) != nil) {
			return
		}
	}
	r.add(Error, codeSome, t.section, n, fmt.Sprintf("none of %s is present", strings.Join(names, ", ")), "at least one must be")
}

func (r *run) order(t *typeSpec, n *node, args []string) {
	first, ok := parseTimestamp(n.text(args[0]))
	if !ok {
		return
	}
	last, ok := parseTimestamp(n.text(args[2]))
	if !ok {
		return
	}
	switch c := first.compare(last); {
	case c > 0:
		r.addAt(args[2], Error, codeOrder, t.section, n.get(args[2]), fmt.Sprintf("%s is before %s", args[2], args[0]), "")
	case c == 0 && args[1] == "<":
		r.addAt(args[2], Error, codeOrder, t.section, n.get(args[2]), fmt.Sprintf("%s is not later than %s", args[2], args[0]), "")
	}
}

func (r *run) needs(t *typeSpec, n *node, args []string) {
	if n.get(args[0]) == nil {
		return
	}
	for _, name := range args[1:] {
		if n.get(name) == nil {
			r.add(Error, codeNeeds, t.section, n, fmt.Sprintf("%s is present, but %s is not", args[0], name), "")
		}
	}
}
