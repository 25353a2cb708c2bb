package sanctions

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"golang.org/x/net/html/charset"
)

// Limits on an XML list. The largest entries of any list have a few thousand elements.
const (
	maxDepth    = 32
	maxElements = 100_000 // of one entry
	maxRun      = 1 << 20 // bytes between two tags
	maxEntry    = 8 << 20 // bytes of text of one entry
)

// node is an element of one entry.
type node struct {
	name string
	attr []xml.Attr
	text string
	kids []*node
	line int
}

// all gives the elements at a path of names under n.
func (n *node) all(path ...string) []*node {
	at := []*node{n}
	for _, name := range path {
		var next []*node
		for _, a := range at {
			for _, k := range a.kids {
				if k.name == name {
					next = append(next, k)
				}
			}
		}
		at = next
	}
	return at
}

// get is the text of the first element at a path that has one.
func (n *node) get(path ...string) string {
	for _, k := range n.all(path...) {
		if t := clean(k.text); t != "" {
			return t
		}
	}
	return ""
}

// at is an attribute.
func (n *node) at(name string) string {
	for _, a := range n.attr {
		if a.Name.Local == name {
			return clean(a.Value)
		}
	}
	return ""
}

// children names the distinct children, for a message on what changed.
func (n *node) children() string {
	var names []string
	for _, k := range n.kids {
		names = add(names, k.name)
	}
	return strings.Join(names, ", ")
}

// layout is how a list writes its entries in XML.
type layout struct {
	list string
	// root are the names that the first element may have.
	root []string
	// entry makes a subject of each element that is an entry, by the element's name.
	entry map[string]func(*node) (*Subject, *EntryError)
}

// decode reads the entries one after the other.
func (l *layout) decode(r io.Reader) Subjects {
	return func(yield func(*Subject, error) bool) {
		d := xml.NewDecoder(&boundedRuns{r: r})
		d.CharsetReader = charset.NewReaderLabel
		rooted, depth := false, 0
		for {
			tok, err := d.Token()
			if errors.Is(err, io.EOF) && rooted {
				return
			}
			if err == nil {
				err = refuse(tok)
			}
			if err != nil {
				if errors.Is(err, io.EOF) {
					err = fmt.Errorf("empty: want an element %s: %w", strings.Join(l.root, " or "), ErrColumns)
				}
				line, _ := d.InputPos()
				yield(nil, fmt.Errorf("%s: line %d: %w", l.list, line, err))
				return
			}
			if _, ok := tok.(xml.EndElement); ok {
				depth--
			}
			start, ok := tok.(xml.StartElement)
			if !ok {
				continue
			}
			if depth++; depth > maxDepth {
				line, _ := d.InputPos()
				yield(nil, fmt.Errorf("%s: line %d: more than %d levels: %w", l.list, line, maxDepth, ErrTooLarge))
				return
			}
			if !rooted {
				if rooted = true; !slices.Contains(l.root, start.Name.Local) {
					yield(nil, fmt.Errorf("%s: begins with element %q, want %s: %w", l.list, start.Name.Local, strings.Join(l.root, " or "), ErrColumns))
					return
				}
				continue
			}
			if l.entry[start.Name.Local] == nil {
				continue
			}
			depth-- // the entry is read to its end
			n, err := readNode(d, start)
			if err != nil {
				yield(nil, fmt.Errorf("%s: %w", l.list, err))
				return
			}
			s, bad := l.entry[start.Name.Local](n)
			if bad != nil {
				bad.File, bad.Line = l.list, n.line
				if !yield(nil, bad) {
					return
				}
				continue
			}
			if !yield(s, nil) {
				return
			}
		}
	}
}

// refuse ends reading at a document type: entities of its own could stand for more than the file holds, or for other files.
func refuse(tok xml.Token) error {
	if d, ok := tok.(xml.Directive); ok {
		return fmt.Errorf("<!%.20s…>: %w", []byte(d), ErrEntities)
	}
	return nil
}

// readNode reads one entry whole, within the limits.
func readNode(d *xml.Decoder, start xml.StartElement) (*node, error) {
	line, _ := d.InputPos()
	root := &node{name: start.Name.Local, attr: start.Copy().Attr, line: line}
	open := []*node{root}
	texts := [][]byte{nil}
	elements, bytes := 1, 0
	for len(open) > 0 {
		tok, err := d.Token()
		if err == nil {
			err = refuse(tok)
		}
		if err != nil {
			at, _ := d.InputPos()
			return nil, fmt.Errorf("line %d: in the entry of line %d: %w", at, line, err)
		}
		top := open[len(open)-1]
		switch t := tok.(type) {
		case xml.StartElement:
			if elements++; elements > maxElements || len(open) >= maxDepth {
				return nil, fmt.Errorf("line %d: entry with more than %d elements or %d levels: %w", line, maxElements, maxDepth, ErrTooLarge)
			}
			k := &node{name: t.Name.Local, attr: t.Copy().Attr}
			k.line, _ = d.InputPos()
			top.kids = append(top.kids, k)
			open, texts = append(open, k), append(texts, nil)
		case xml.CharData:
			if bytes += len(t); bytes > maxEntry {
				return nil, fmt.Errorf("line %d: entry with more than %d bytes of text: %w", line, maxEntry, ErrTooLarge)
			}
			texts[len(texts)-1] = append(texts[len(texts)-1], t...)
		case xml.EndElement:
			top.text = string(texts[len(texts)-1])
			open, texts = open[:len(open)-1], texts[:len(texts)-1]
		}
	}
	return root, nil
}

// boundedRuns refuses a run of bytes without a tag that is so long that it is no list: the XML decoder reads a text or a comment whole.
type boundedRuns struct {
	r   io.Reader
	run int
}

func (b *boundedRuns) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	for _, c := range p[:n] {
		if b.run++; c == '<' {
			b.run = 0
		}
	}
	if b.run > maxRun {
		return 0, fmt.Errorf("%d bytes without a tag: %w", b.run, ErrTooLarge)
	}
	return n, err
}

// lacks says that an entry has not what tells it from others, and what it has.
func lacks(n *node, field string) *EntryError {
	return &EntryError{Field: field, Reason: fmt.Sprintf("%s has none; it has %s", n.name, n.children())}
}
