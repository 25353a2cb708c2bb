package validate

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// PatternChecker reads a STIX pattern as one of a version, "2.0" or "2.1", and says what is wrong with it.
type PatternChecker func(pattern, version string) []PatternProblem

// PatternProblem is something wrong with a pattern: an error, or a warning of what cannot be meant.
type PatternProblem struct {
	Warning          bool
	Message, Section string
}

// Options steer a validation; the zero value checks STIX 2.1, lifting 2.0 bundles first, and reports errors and warnings.
type Options struct {
	// Version is "2.1", "2.0" (lift first), or "" to find out: a bundle with spec_version 2.0 is 2.0.
	Version string
	// Strict makes warnings errors.
	Strict bool
	// Notes reports notes also.
	Notes bool
	// Ignore leaves out the findings with these codes.
	Ignore []string
	// Pattern checks the patterns of indicators whose pattern_type is stix; nil leaves them unread.
	Pattern PatternChecker
	// Resolve warns of references to objects that are not in the bundle.
	Resolve bool
	// MaxDepth limits nesting, 64 where 0.
	MaxDepth int
	// MaxObjectBytes limits one object, 64 MiB where 0.
	MaxObjectBytes int64
	// MaxFindings limits the findings of one object, 1,000 where 0.
	MaxFindings int
}

func (o *Options) maxDepth() int {
	if o.MaxDepth > 0 {
		return o.MaxDepth
	}
	return 64
}

func (o *Options) maxObjectBytes() int64 {
	if o.MaxObjectBytes > 0 {
		return o.MaxObjectBytes
	}
	return 64 << 20
}

func (o *Options) maxFindings() int {
	if o.MaxFindings > 0 {
		return o.MaxFindings
	}
	return 1000
}

// Object checks one STIX object, or a bundle held in memory. Findings come in the order of the specification's tables.
func Object(raw []byte, opts Options) []Finding {
	var findings []Finding
	c := newChecker(opts, func(f Finding) { findings = append(findings, f) })
	c.lines.scan(raw)
	n := c.parse(raw, "", 0)
	if n != nil && n.text("type") == "bundle" {
		findings = nil // the stream tells the same about the JSON, and the place of each object
		_, _ = Bundle(bytes.NewReader(raw), opts, c.emit)
		return findings
	}
	if n != nil {
		c.node(n, "")
	}
	return findings
}

// Valid says whether none of the findings is an error.
func Valid(findings []Finding) bool {
	for _, f := range findings {
		if f.Severity == Error {
			return false
		}
	}
	return true
}

// checker holds what the objects of one input share.
type checker struct {
	spec *specification
	opts *Options
	emit func(Finding)
	refs func(reference)
	// lines knows where the lines of the input begin.
	lines *lines
	seen  func(n *node, base string) // told of every object that was read
}

func newChecker(opts Options, emit func(Finding)) *checker {
	return &checker{spec: loadSpec(), opts: &opts, emit: emit, lines: &lines{}}
}

// node checks a parsed object, lifting it first where it is of STIX 2.0.
func (c *checker) node(n *node, base string) {
	if c.opts.Version == "2.0" {
		c.lifted(n, base)
		return
	}
	c.object(n, base)
}

func (c *checker) object(n *node, base string) {
	r := c.run(base)
	r.object(n)
	if c.seen != nil {
		c.seen(n, base)
	}
}

func (c *checker) run(base string) *run {
	return &run{spec: c.spec, opts: c.opts, emit: c.emit, refs: c.refs, base: base, lines: c.lines.position, path: make([]segment, 0, 8)}
}

// lifted brings an object of STIX 2.0 to 2.1 and checks what became of it; all findings bear the pointer of the original.
func (c *checker) lifted(n *node, base string) {
	l := newLifter(c.spec, c.run(base))
	for _, lifted := range l.object(n) {
		c.object(lifted, base)
	}
}

// parse reads the JSON of one object and reports what is wrong with it as JSON.
func (c *checker) parse(raw []byte, base string, offset int64) *node {
	r := c.run(base)
	reader := newReader(raw, c.opts.maxDepth(), func(code, path string, at int64, message string) {
		inner := *r
		inner.base = base + path
		inner.add(Error, code, ruleSection(code), &node{offset: at + offset}, message, "")
		r.count = inner.count
	})
	n, err := reader.document()
	if err != nil {
		c.syntax(r, raw, err, offset)
		if n == nil {
			return nil
		}
	}
	if offset != 0 {
		n.shift(offset)
	}
	return n
}

func ruleSection(code string) string {
	for _, rule := range rules {
		if rule.Code == code {
			return rule.Section
		}
	}
	return ""
}

// syntax reports why JSON could not be read, with line and column.
func (c *checker) syntax(r *run, raw []byte, err error, offset int64) {
	if errors.Is(err, errDepth) {
		r.add(Error, codeTooDeep, "1.2.10", &node{offset: offset}, fmt.Sprintf("nesting is deeper than %d", c.opts.maxDepth()), "")
		return
	}
	at := int64(0)
	message := err.Error()
	if syntactic, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		at = min(syntactic.ByteOffset, int64(len(raw)))
		if syntactic.Err != nil {
			message = syntactic.Err.Error()
		}
	}
	r.add(Error, codeSyntax, "1.2.10", &node{offset: at + offset},
		fmt.Sprintf("not JSON: %s", strings.TrimPrefix(message, "jsontext: ")), "")
}

// shift moves the offsets of a value that was read from the middle of an input.
func (n *node) shift(offset int64) {
	n.offset += offset
	for _, m := range n.members {
		m.value.shift(offset)
	}
	for _, item := range n.items {
		item.shift(offset)
	}
}
