package validate

import (
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// Summary counts what a validation read and found.
type Summary struct {
	// Version is the version of STIX that the input was read as: "2.1" or "2.0".
	Version  string         `json:"version"`
	Objects  int            `json:"objects"`
	Types    map[string]int `json:"types,omitempty"`
	Errors   int            `json:"errors"`
	Warnings int            `json:"warnings"`
	Notes    int            `json:"notes"`
	Codes    map[string]int `json:"codes,omitempty"`
}

// Valid says whether no error was found.
func (s *Summary) Valid() bool { return s.Errors == 0 }

func (s *Summary) count(f Finding) {
	switch f.Severity {
	case Error:
		s.Errors++
	case Warning:
		s.Warnings++
	default:
		s.Notes++
	}
	s.Codes[f.Code]++
}

var errObjectSize = errors.New("object is too large")

// budgetReader stops an object that would fill the memory.
type budgetReader struct {
	io.Reader
	left  int64
	lines *lines
}

func (b *budgetReader) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errObjectSize
	}
	if int64(len(p)) > b.left {
		p = p[:b.left]
	}
	n, err := b.Reader.Read(p)
	b.lines.scan(p[:n])
	b.left -= int64(n)
	return n, err
}

// Bundle checks a bundle, a list of objects or a single object as a stream, and calls report with each finding. It holds
// one object in memory; of the others it keeps their ids and version timestamps. The error is that of reading only:
// content that is no JSON is a finding.
func Bundle(input io.Reader, opts Options, report func(Finding)) (Summary, error) {
	b := &bundle{summary: Summary{Version: "2.1", Types: map[string]int{}, Codes: map[string]int{}}}
	if opts.Version == "2.0" {
		b.summary.Version = "2.0"
	}
	b.checker = newChecker(opts, func(f Finding) {
		b.summary.count(f)
		report(f)
	})
	b.seen = b.saw
	b.known = newInventory()
	b.places = map[int64][2]int{}
	if opts.Resolve {
		b.refs = b.known.refer
	}
	b.again, _ = input.(io.ReadSeeker)
	b.budget = &budgetReader{Reader: input, lines: b.lines}
	b.dec = jsontext.NewDecoder(b.budget, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	b.refill()
	err := b.document()
	if errors.Is(err, errStop) {
		err = nil
	}
	if err == nil {
		b.known.pairs(b.run(""))
	}
	if err == nil && opts.Resolve {
		b.known.unresolved(b.run(""))
	}
	return b.summary, err
}

// errStop ends the reading of input that is no JSON; the finding has been reported.
var errStop = errors.New("input ended")

type bundle struct {
	*checker
	dec     *jsontext.Decoder
	budget  *budgetReader
	summary Summary
	known   *inventory
	listed  bool // objects were read as a list
	// again reads the input from its start, nil where that cannot be.
	again io.ReadSeeker
	// places holds line and column of the bundle's own members, by offset: their lines are dropped when they are judged.
	places map[int64][2]int
}

func (b *bundle) refill() { b.budget.left = b.opts.maxObjectBytes() }

// fail reports input that is not JSON at a place, or passes on an error of reading.
func (b *bundle) fail(place string, err error) error {
	at := &node{offset: b.dec.InputOffset()}
	var syntactic *jsontext.SyntacticError
	switch {
	case errors.Is(err, errObjectSize):
		b.run(place).add(Error, codeTooLarge, "1.2.10", at, fmt.Sprintf("object has more than %d bytes", b.opts.maxObjectBytes()), "")
	case errors.As(err, &syntactic):
		at.offset = syntactic.ByteOffset
		b.run(place).add(Error, codeSyntax, "1.2.10", at, fmt.Sprintf("not JSON: %v", syntactic.Err), "")
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		b.run(place).add(Error, codeSyntax, "1.2.10", at, "not JSON: input ends early", "")
	default:
		return fmt.Errorf("read bundle: %w", err)
	}
	return errStop
}

// document reads the top of the input.
func (b *bundle) document() error {
	switch b.dec.PeekKind() {
	case '{':
		top, err := b.top()
		if err != nil {
			return err
		}
		if err := b.finish(top); err != nil {
			return err
		}
	case '[':
		r := b.run("")
		r.add(Warning, codeBundle, "8", nil, "input is a list of objects, not a bundle", "")
		if err := b.list(""); err != nil {
			return err
		}
	default:
		value, err := b.dec.ReadValue()
		if err != nil {
			return b.fail("", err)
		}
		b.run("").add(Error, codeKind, "3", nil, fmt.Sprintf("a STIX object is a JSON object, this is %s", kindName(value.Kind())), "")
	}
	if _, err := b.dec.ReadToken(); !errors.Is(err, io.EOF) {
		b.run("").add(Error, codeSyntax, "1.2.10", &node{offset: b.dec.InputOffset()}, "not JSON: more input after the value", "")
	}
	return nil
}

// top reads the members of the outermost object; a list under "objects" is checked while it streams by.
func (b *bundle) top() (*node, error) {
	if _, err := b.dec.ReadToken(); err != nil {
		return nil, b.fail("", err)
	}
	n := &node{kind: '{', offset: b.dec.InputOffset() - 1}
	b.keep(n)
	seen := map[string]bool{}
	for b.dec.PeekKind() != '}' {
		b.refill()
		name, err := b.dec.ReadToken()
		if err != nil {
			return nil, b.fail("", err)
		}
		key := name.String()
		if seen[key] {
			b.run("/"+escapePointer(key)).add(Error, codeDuplicateKey, "2.3", &node{offset: b.dec.InputOffset()}, fmt.Sprintf("key %q appears more than once", key), "")
		}
		seen[key] = true
		if key == "objects" && b.dec.PeekKind() == '[' {
			list := &node{kind: '[', offset: b.dec.InputOffset()}
			b.keep(list)
			if n.text("spec_version") == "2.0" && b.opts.Version == "" {
				b.opts.Version, b.summary.Version = "2.0", "2.0"
			}
			if err := b.list("/objects"); err != nil {
				return nil, err
			}
			n.members = append(n.members, member{key, list})
			continue
		}
		value, err := b.value("/" + escapePointer(key))
		if err != nil {
			return nil, err
		}
		b.keep(value)
		n.members = append(n.members, member{key, value})
	}
	if _, err := b.dec.ReadToken(); err != nil {
		return nil, b.fail("", err)
	}
	return n, nil
}

// keep remembers where a member of the bundle stands.
func (b *bundle) keep(n *node) {
	line, column := b.lines.position(n.offset)
	b.places[n.offset] = [2]int{line, column}
}

// value reads and parses the next value; nil stays nil where its nesting is too deep.
func (b *bundle) value(base string) (*node, error) {
	b.refill()
	raw, err := b.dec.ReadValue()
	if err != nil {
		return nil, b.fail(base, err)
	}
	n := b.parse(raw, base, b.dec.InputOffset()-int64(len(raw)))
	if n == nil {
		n = &node{kind: 'n'}
	}
	return n, nil
}

func (b *bundle) list(base string) error {
	if _, err := b.dec.ReadToken(); err != nil {
		return b.fail(base, err)
	}
	b.listed = true
	for i := 0; b.dec.PeekKind() != ']'; i++ {
		b.refill()
		place := base + "/" + strconv.Itoa(i)
		raw, err := b.dec.ReadValue()
		if err != nil {
			return b.fail(place, err)
		}
		if i == 0 && base != "" {
			if err := b.lookAhead(raw); err != nil {
				return err
			}
		}
		b.element(raw, place)
		b.lines.drop(b.dec.InputOffset())
	}
	if _, err := b.dec.ReadToken(); err != nil {
		return b.fail(base, err)
	}
	return nil
}

// lookAhead finds the spec_version of a bundle that has it behind its objects: the order of members means nothing in JSON. It
// looks only where the first object, a domain or relationship object that does not say 2.1, suggests STIX 2.0.
func (b *bundle) lookAhead(first jsontext.Value) error {
	n, err := newReader(first, b.opts.maxDepth(), func(string, string, int64, string) {}).document()
	if err != nil || b.opts.Version != "" || b.again == nil || n.text("spec_version") == "2.1" {
		return nil //nolint:nilerr // what is wrong with the object is reported when it is checked
	}
	if t := b.spec.types[n.text("type")]; t != nil && t.class == classSCO {
		return nil
	}
	at, err := b.again.Seek(0, io.SeekCurrent)
	if err != nil {
		return nil //nolint:nilerr // a pipe: read on without knowing
	}
	if _, err = b.again.Seek(0, io.SeekStart); err == nil {
		if topMember(b.again, "spec_version") == "2.0" {
			b.opts.Version, b.summary.Version = "2.0", "2.0"
		}
		_, err = b.again.Seek(at, io.SeekStart)
	}
	if err != nil {
		return fmt.Errorf("read bundle: %w", err)
	}
	return nil
}

// topMember is the text of a member of the outermost object, "" where it is not there.
func topMember(input io.Reader, name string) string {
	dec := jsontext.NewDecoder(input, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if token, err := dec.ReadToken(); err != nil || token.Kind() != '{' {
		return ""
	}
	for {
		key, err := dec.ReadToken()
		if err != nil || key.Kind() != '"' {
			return ""
		}
		if key.String() != name {
			if err := dec.SkipValue(); err != nil {
				return ""
			}
			continue
		}
		value, err := dec.ReadToken()
		if err != nil || value.Kind() != '"' {
			return ""
		}
		return value.String()
	}
}

func (b *bundle) element(raw jsontext.Value, base string) {
	n := b.parse(raw, base, b.dec.InputOffset()-int64(len(raw)))
	if n == nil {
		return
	}
	if n.text("type") == "bundle" {
		b.run(base).add(Error, codeBundle, "8.1", n, "a bundle is not a STIX object and cannot stand in a bundle", "")
		return
	}
	b.node(n, base)
}

// finish checks the outermost object once all of it was read.
func (b *bundle) finish(n *node) error {
	if n.text("type") != "bundle" {
		if !b.listed || n.get("type") != nil {
			b.node(n, "")
			return nil
		}
	}
	r := b.run("")
	r.lines = func(offset int64) (line, column int) {
		if place, kept := b.places[offset]; kept {
			return place[0], place[1]
		}
		return b.lines.position(offset)
	}
	r.id = n.text("id")
	if n.get("type") == nil {
		r.add(Error, codeRequired, "8.1", n, "property type is missing", "")
	}
	b.bundleID(r, n)
	objects := n.get("objects")
	if objects != nil && objects.kind != '[' {
		r.addAt("objects", Error, codeKind, "8.1", objects, fmt.Sprintf("value is %s, not a list", kindName(objects.kind)), "")
	} else if objects != nil && b.summary.Objects == 0 && b.summary.Errors == 0 {
		r.addAt("objects", Error, codeListEmpty, "2.12", objects, "list is empty", "leave the property out instead")
	}
	for _, m := range n.members {
		b.bundleProperty(r, m)
	}
	return nil
}

func (b *bundle) bundleID(r *run, n *node) {
	id := n.get("id")
	if id == nil {
		r.add(Error, codeRequired, "8.1", n, "property id is missing", "")
		return
	}
	r.in("id")
	defer r.out()
	name, u, ok := r.identifier(r.spec.common.byName["id"], id)
	switch {
	case !ok:
	case name != "bundle":
		r.add(Error, codeIDType, "2.9", id, fmt.Sprintf("id begins with %s, but type is bundle", name), "")
	case u.version() != 4:
		r.add(Warning, codeIDVersion, "2.9", id, fmt.Sprintf("id uses UUIDv%d", u.version()), "bundles use UUIDv4")
	}
}

func (b *bundle) bundleProperty(r *run, m member) {
	switch m.name {
	case "type", "id", "objects":
		return
	case "spec_version":
		r.in(m.name)
		defer r.out()
		switch {
		case b.summary.Version == "2.0":
			r.add(Note, codeLifted, "1.3", m.value, "bundle is of STIX 2.0; its objects are checked as 2.1 after lifting", "")
		case m.value.str == "2.0":
			r.add(Warning, codeVersion, "8", m.value, "bundle says STIX 2.0 after its objects, which were checked as 2.1", "put spec_version first, or choose version 2.0")
		default:
			r.add(Warning, codeVersion, "8", m.value, "a bundle of STIX 2.1 has no spec_version", "each object has its own")
		}
		return
	}
	r.in(m.name)
	defer r.out()
	r.propertyName(m)
	r.add(Warning, codeCustomProperty, "8", m.value, fmt.Sprintf("%s is not a property of a bundle", clip(m.name)), "others may not keep it")
	r.customValue(m)
}

// saw takes note of an object that was checked.
func (b *bundle) saw(n *node, base string) {
	b.summary.Objects++
	name := n.text("type")
	if b.spec.types[name] == nil {
		name = "custom"
	}
	b.summary.Types[name]++
	b.known.add(n, b.run(base))
}
