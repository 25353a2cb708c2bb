package main

import (
	"context"
	"strings"
	"sync"
	"unicode"

	"marque/casebook"
	"marque/graph"
	"marque/ingest"
	"marque/ingest/formats"
	"marque/ingest/prose"
	"marque/stix/validate"
)

// registry holds the readers of all formats. Without an open workspace it serves for its names only.
func (a *app) registry(ctx context.Context) *ingest.Registry {
	cfg := formats.Config{Lift: validate.LiftOrError, Report: &lazyReader{ctx: ctx, a: a}, More: []ingest.Reader{casebook.Reader{}}}
	if a.db != nil {
		cfg.Known = a.db
	}
	return formats.Default(cfg)
}

// lazyReader makes the reader of prose when the first document comes: its word lists take longer to load than other formats
// take to read.
type lazyReader struct {
	ctx  context.Context //nolint:containedctx // the life of one command
	a    *app
	once sync.Once
	r    *prose.Reader
	err  error
}

func (l *lazyReader) Read(doc prose.Document) prose.Result {
	l.once.Do(func() { l.r, l.err = l.a.proseReader(l.ctx) })
	if l.err != nil {
		return prose.Result{Warnings: []string{l.err.Error()}}
	}
	return l.r.Read(doc)
}

// proseReader knows the names of the embedded lists and those of the workspace.
func (a *app) proseReader(ctx context.Context) (*prose.Reader, error) {
	g, err := prose.NewGazetteer()
	if err != nil {
		return nil, err
	}
	known, err := graph.Load(ctx, a.reader(), graph.Options{})
	if err != nil {
		return nil, err
	}
	for _, e := range known.Entities("threat-actor", "intrusion-set", "malware") {
		if e.Is("class") {
			continue
		}
		kind := prose.Actor
		if e.Type == "malware" {
			kind = prose.Malware
		}
		var names []string
		for _, n := range append([]string{e.Name}, e.Aliases...) {
			if distinct(n) {
				names = append(names, n)
			}
		}
		if len(names) == 0 {
			continue
		}
		g.Add(prose.Entity{Name: names[0], Aliases: names[1:], Kind: kind, Country: known.SponsorOf(e.ID), Mercenary: e.Is("private-sector-offensive-actor"), Criminal: e.Is("criminal")})
	}
	return prose.NewReader(g)
}

// distinct tells whether a name can be looked for in prose without meeting ordinary words: it has two words, a digit, or a
// capital inside. Vendors also name actors and malware with plain words, such as "Play" or "Net".
func distinct(name string) bool {
	if len(name) < 4 {
		return false
	}
	for i, r := range name {
		if unicode.IsDigit(r) || r == '-' || (i > 0 && unicode.IsUpper(r)) {
			return true
		}
	}
	return strings.Contains(name, " ")
}
