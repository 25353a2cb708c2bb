package ingesttest

import (
	"context"
	"strings"

	"marque/ingest"
	"marque/stix"
	"marque/store"
)

// Sink keeps what a reader finds, without a pipeline around it: fuzz targets run it a thousand times a second.
type Sink struct {
	Objects   []*stix.Object
	Documents []store.Document
	Rejects   []store.Reject
	Warnings  []string
}

var _ ingest.Sink = (*Sink)(nil)

// Run lets a reader read a text into a new sink.
func Run(ctx context.Context, r ingest.Reader, text string) (*Sink, error) {
	s := &Sink{}
	return s, r.Read(ctx, ingest.NewInput("input", "", strings.NewReader(text)), s)
}

// Object keeps an object.
func (s *Sink) Object(o *stix.Object) error {
	s.Objects = append(s.Objects, o)
	return nil
}

// Derived keeps an object.
func (s *Sink) Derived(o *stix.Object) error { return s.Object(o) }

// Supplement keeps an object.
func (s *Sink) Supplement(o *stix.Object) error { return s.Object(o) }

// Merge keeps an object and merges nothing.
func (s *Sink) Merge(o *stix.Object, _ func(stored, o *stix.Object) (*stix.Object, error)) error {
	return s.Object(o)
}

// Document keeps a document.
func (s *Sink) Document(d store.Document) error {
	s.Documents = append(s.Documents, d)
	return nil
}

// Reject keeps a reject.
func (s *Sink) Reject(r store.Reject) error {
	s.Rejects = append(s.Rejects, r)
	return nil
}

// Warn keeps a warning.
func (s *Sink) Warn(kind string) { s.Warnings = append(s.Warnings, kind) }
