package validate

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Lift brings STIX 2.0 to 2.1: an object, a list of objects or a bundle comes in, the objects of 2.1 come out.
//
// Objects get spec_version; the dictionary of observed-data becomes cyber-observables with deterministic ids, and
// object_refs; labels from a vocabulary move to the property that 2.1 has for them; indicators get pattern_type, malware
// is_family; renamed properties get their new names. Everything else, custom properties among it, is kept as it is, and
// objects of 2.1 pass through unchanged. Lifting the same input twice gives the same output. Findings are notes on what
// had to be assumed, and errors where the input is no JSON or no STIX object.
func Lift(raw []byte) ([]jsontext.Value, []Finding) {
	var findings []Finding
	c := newChecker(Options{Notes: true, MaxFindings: 1 << 20}, func(f Finding) { findings = append(findings, f) })
	c.lines.scan(raw)
	n := c.parse(raw, "", 0)
	if n == nil {
		return nil, findings
	}
	l := newLifter(c.spec, c.run(""))
	var lifted []*node
	switch {
	case n.kind == '[':
		lifted = l.list(n)
	case n.text("type") == "bundle":
		l.bundle(n)
		l.run.in("objects")
		lifted = l.list(n.get("objects"))
	default:
		lifted = l.object(n)
	}
	values := make([]jsontext.Value, len(lifted))
	for i, object := range lifted {
		values[i] = object.appendJSON(nil)
	}
	return values, findings
}

// LiftOrError is Lift for importers: an input that cannot be lifted is an error.
func LiftOrError(raw []byte) ([][]byte, error) {
	lifted, findings := Lift(raw)
	for _, f := range findings {
		if f.Severity == Error {
			return nil, fmt.Errorf("%s: %s", f.Path, f.Message)
		}
	}
	out := make([][]byte, len(lifted))
	for i, v := range lifted {
		out[i] = v
	}
	return out, nil
}

// lifter brings objects from 2.0 to 2.1.
type lifter struct {
	spec *specification
	run  *run
	// made holds the content of the cyber-observables made so far by id, so that equal ones are made once.
	made map[string]string
}

func newLifter(spec *specification, r *run) *lifter {
	return &lifter{spec: spec, run: r, made: map[string]string{}}
}

func (l *lifter) note(n *node, message string) { l.run.add(Note, codeLifted, "1.3", n, message, "") }

func (l *lifter) bundle(n *node) {
	for _, m := range n.members {
		if !slices.Contains([]string{"type", "id", "objects", "spec_version"}, m.name) {
			l.run.in(m.name)
			l.note(m.value, fmt.Sprintf("property %s of the bundle itself has no place in its objects", m.name))
			l.run.out()
		}
	}
}

func (l *lifter) list(n *node) []*node {
	if n == nil {
		return nil
	}
	var lifted []*node
	for i, item := range n.items {
		l.run.at(i)
		lifted = append(lifted, l.object(item)...)
		l.run.out()
	}
	return lifted
}

// object lifts one object; observed-data becomes several.
func (l *lifter) object(n *node) []*node {
	if n.kind != '{' {
		l.run.add(Error, codeKind, "3", n, fmt.Sprintf("a STIX object is a JSON object, this is %s", kindName(n.kind)), "")
		return nil
	}
	l.run.id = n.text("id")
	if n.text("spec_version") == "2.1" {
		return []*node{n}
	}
	n.setAfter("type", "spec_version", "2.1")
	if t := l.spec.types[n.text("type")]; t != nil && t.class == classSCO {
		return []*node{n}
	}
	l.labels(n)
	switch n.text("type") {
	case "indicator":
		l.indicator(n)
	case "malware":
		if n.get("is_family") == nil {
			n.members = append(n.members, member{"is_family", &node{kind: 'f', offset: n.offset}})
			l.note(n, "is_family is assumed to be false; STIX 2.0 does not say")
		}
	case "marking-definition":
		l.marking(n)
	case "observed-data":
		return l.observedData(n)
	}
	l.hashes(n)
	return []*node{n}
}

// setAfter sets a string member, right behind another one where it is new.
func (n *node) setAfter(behind, name, text string) {
	value := &node{kind: '"', str: text, offset: n.offset}
	if n.get(name) != nil {
		n.set(name, value)
		return
	}
	at := slices.IndexFunc(n.members, func(m member) bool { return m.name == behind }) + 1
	n.places = nil
	n.members = slices.Insert(n.members, at, member{name, value})
}

func (n *node) set(name string, value *node) {
	for i := range n.members {
		if n.members[i].name == name {
			n.members[i].value = value
		}
	}
}

func (n *node) rename(from, to string) {
	if n.get(to) != nil {
		return
	}
	for i := range n.members {
		if n.members[i].name == from {
			n.members[i].name, n.places = to, nil
		}
	}
}

func (n *node) remove(name string) {
	n.places = nil
	n.members = slices.DeleteFunc(n.members, func(m member) bool { return m.name == name })
}

// labelTargets names the property that took over the labels of a type, with the vocabulary of its terms.
var labelTargets = map[string]struct{ property, vocabulary string }{
	"indicator":    {"indicator_types", "indicator-type-ov"},
	"malware":      {"malware_types", "malware-type-ov"},
	"report":       {"report_types", "report-type-ov"},
	"threat-actor": {"threat_actor_types", "threat-actor-type-ov"},
	"tool":         {"tool_types", "tool-type-ov"},
	"identity":     {"roles", ""},
}

// labels moves those terms of labels that 2.0 meant as the type of the object; others stay labels.
func (l *lifter) labels(n *node) {
	target, ok := labelTargets[n.text("type")]
	labels := n.get("labels")
	if !ok || labels == nil || labels.kind != '[' || n.get(target.property) != nil {
		return
	}
	vocab := l.spec.vocabs[target.vocabulary]
	moved, kept := &node{kind: '[', offset: labels.offset}, &node{kind: '[', offset: labels.offset}
	for _, item := range labels.items {
		if vocab == nil || vocab.terms[item.str] {
			moved.items = append(moved.items, item)
		} else {
			kept.items = append(kept.items, item)
		}
	}
	switch {
	case len(moved.items) == 0:
	case len(kept.items) == 0:
		n.rename("labels", target.property)
	default:
		n.set("labels", kept)
		n.members = append(n.members, member{target.property, moved})
	}
}

func (l *lifter) indicator(n *node) {
	if n.get("pattern_type") == nil {
		n.setAfter("pattern", "pattern_type", "stix")
		if n.get("pattern_version") == nil {
			n.setAfter("pattern_type", "pattern_version", "2.0")
		}
	}
	if created := n.get("created"); n.get("valid_from") == nil && created != nil {
		n.members = append(n.members, member{"valid_from", created})
		l.note(n, "valid_from is missing and taken from created")
	}
}

// marking gives the fixed TLP markings the name that 2.1 has for them.
func (l *lifter) marking(n *node) {
	level := n.get("definition").text("tlp")
	if tlp1[level] != "" && tlp1[level] == n.text("id") && n.get("name") == nil {
		n.setAfter("definition_type", "name", "TLP:"+strings.ToUpper(level))
	}
}

// hashes renames ssdeep, the one hash whose name changed, wherever hashes are.
func (l *lifter) hashes(n *node) {
	for _, m := range n.members {
		if strings.HasSuffix(m.name, "hashes") {
			m.value.rename("ssdeep", "SSDEEP")
		}
		l.hashes(m.value)
	}
	for _, item := range n.items {
		l.hashes(item)
	}
}

// observedData turns the dictionary of observables into objects of their own.
func (l *lifter) observedData(n *node) []*node {
	objects := n.get("objects")
	if objects == nil || objects.kind != '{' || n.get("object_refs") != nil {
		return []*node{n}
	}
	c := &containerLifter{lifter: l, owner: n.text("id"), objects: objects, ids: map[string]string{}, done: map[string]bool{}, working: map[string]bool{}}
	refs := &node{kind: '[', offset: objects.offset}
	listed := map[string]bool{}
	lifted := []*node{n}
	for _, m := range objects.members {
		if id := c.lift(m.name); id != "" && !listed[id] {
			listed[id] = true
			refs.items = append(refs.items, &node{kind: '"', str: id, offset: m.value.offset})
		}
	}
	n.set("objects", refs)
	n.rename("objects", "object_refs")
	return append(lifted, c.lifted...)
}

// containerLifter lifts the objects of one observable container; a reference is lifted before what refers to it, because
// ids may depend on references.
type containerLifter struct {
	*lifter
	owner   string
	objects *node
	ids     map[string]string // key → id, of what was lifted and of what was referred to before it can be
	done    map[string]bool   // keys that were lifted
	working map[string]bool   // keys on the way, to find circles
	depth   int               // how many are on the way
	lifted  []*node
}

// maxChain bounds how many observables in a row refer to the next: a hostile file may have millions.
const maxChain = 10_000

func (c *containerLifter) lift(key string) string {
	if c.done[key] {
		return c.ids[key]
	}
	n := c.objects.get(key)
	if n == nil || n.kind != '{' || n.text("type") == "" {
		return ""
	}
	if c.working[key] || c.depth == maxChain {
		if c.ids[key] == "" {
			c.ids[key] = c.ownID(n, key)
		}
		return c.ids[key]
	}
	c.working[key] = true
	c.depth++
	defer func() { c.depth-- }()
	c.rename(n)
	c.hashes(n)
	c.references(n)
	id, fixed := c.ids[key]
	if !fixed {
		id = c.identify(n, key)
	}
	c.ids[key], c.done[key] = id, true
	n.remove("id")
	n.setAfter("type", "id", id)
	n.setAfter("type", "spec_version", "2.1")
	content := string(n.appendJSON(nil))
	if c.made[id] != content {
		c.made[id] = content
		c.lifted = append(c.lifted, n)
	}
	return id
}

// identify gives the deterministic id, or an own one where none is defined or it is taken by other content.
func (c *containerLifter) identify(n *node, key string) string {
	t := c.spec.types[n.text("type")]
	if t == nil || !t.deterministic {
		return c.ownID(n, key)
	}
	ids, contributes := c.run.deterministic(t, n)
	if !contributes {
		return c.ownID(n, key)
	}
	id := t.name + "--" + formatUUID(ids[0])
	probe := &node{kind: '{', members: slices.Clone(n.members)}
	probe.remove("id")
	probe.setAfter("type", "id", id)
	probe.setAfter("type", "spec_version", "2.1")
	if content, taken := c.made[id]; taken && content != string(probe.appendJSON(nil)) {
		c.note(n, fmt.Sprintf("%s is taken by an observable with other properties; this one gets an id of its own", id))
		return c.ownID(n, key)
	}
	return id
}

// ownID has the form of a UUIDv4, as section 2.9 asks, from a hash of where the observable stood: lifting stays repeatable.
func (c *containerLifter) ownID(n *node, key string) string {
	sum := sha256.Sum256([]byte(c.owner + "\x00" + key))
	var u uuid
	copy(u[:], sum[:])
	u[6] = u[6]&0x0f | 0x40
	u[8] = u[8]&0x3f | 0x80
	return n.text("type") + "--" + formatUUID(u)
}

// references puts ids in the place of keys, at any depth: in properties that end in _ref and _refs.
func (c *containerLifter) references(n *node) {
	for _, m := range n.members {
		switch {
		case strings.HasSuffix(m.name, "_ref") && m.value.kind == '"':
			c.reference(m.value)
		case strings.HasSuffix(m.name, "_refs") && m.value.kind == '[':
			for _, item := range m.value.items {
				c.reference(item)
			}
		case m.value.kind == '{':
			c.references(m.value)
		case m.value.kind == '[':
			for _, item := range m.value.items {
				c.references(item)
			}
		}
	}
}

func (c *containerLifter) reference(n *node) {
	if n.kind != '"' || c.objects.get(n.str) == nil {
		return
	}
	if id := c.lift(n.str); id != "" {
		n.str = id
	}
}

// renamed lists the properties of observables that 2.1 calls by another name.
var renamed = map[string][][2]string{
	"file":                 {{"created", "ctime"}, {"modified", "mtime"}, {"accessed", "atime"}},
	"directory":            {{"created", "ctime"}, {"modified", "mtime"}, {"accessed", "atime"}},
	"process":              {{"created", "created_time"}, {"binary_ref", "image_ref"}},
	"user-account":         {{"password_last_changed", "credential_last_changed"}},
	"windows-registry-key": {{"modified", "modified_time"}},
}

// rename applies the changes of names, and makes header fields lists of strings.
func (c *containerLifter) rename(n *node) {
	for _, names := range renamed[n.text("type")] {
		n.rename(names[0], names[1])
	}
	for _, headers := range []*node{n.get("additional_header_fields"), n.get("extensions").get("http-request-ext").get("request_header")} {
		if headers == nil {
			continue
		}
		for i, m := range headers.members {
			if m.value.kind == '"' {
				headers.members[i].value = &node{kind: '[', items: []*node{m.value}, offset: m.value.offset}
			}
		}
	}
}
