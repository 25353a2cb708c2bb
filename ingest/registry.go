package ingest

import (
	"bytes"
	"fmt"
	"strings"

	"marque/internal/unpack"
)

// Registry holds the readers.
type Registry struct {
	readers []Reader
}

// NewRegistry makes a registry; among readers that are equally sure, the earlier one reads.
func NewRegistry(readers ...Reader) *Registry { return &Registry{readers: readers} }

// Names lists the formats in the order of registration.
func (g *Registry) Names() []string {
	names := make([]string, len(g.readers))
	for i, r := range g.readers {
		names[i] = r.Name()
	}
	return names
}

// ByName returns a reader for a user who insists on a format.
func (g *Registry) ByName(name string) (Reader, error) {
	for _, r := range g.readers {
		if r.Name() == name {
			return r, nil
		}
	}
	return nil, fmt.Errorf("format %q: want one of %s: %w", name, strings.Join(g.Names(), ", "), ErrUnknownFormat)
}

// Detect finds the reader for an input by its first bytes. The error for unknown input says which formats there are.
func (g *Registry) Detect(head []byte, name string) (Reader, error) {
	if len(bytes.TrimSpace(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")))) == 0 {
		return nil, ErrEmpty
	}
	var best Reader
	sure := No
	for _, r := range g.readers {
		if c := r.Detect(head, name); c > sure {
			best, sure = r, c
		}
	}
	if advice := unpack.OtherOffice(head); best == nil && advice != "" {
		return nil, fmt.Errorf("%s: %w", advice, ErrUnknownFormat)
	}
	if shape := ShapeOf(head); best == nil && len(shape.Keys) > 0 {
		return nil, fmt.Errorf("JSON with the names %.200s, which is none of %s: %w", strings.Join(shape.Keys, ", "), strings.Join(g.Names(), ", "), ErrUnknownFormat)
	}
	if best == nil {
		return nil, fmt.Errorf("begins with %.40q, which is none of %s: %w", head, strings.Join(g.Names(), ", "), ErrUnknownFormat)
	}
	return best, nil
}
