package workspace

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"unicode"

	"marque/casebook"
	"marque/ingest"
	"marque/ingest/formats"
	"marque/ingest/misp"
	"marque/ingest/prose"
	"marque/ingest/prose/extract"
	"marque/ingest/prose/propose"
	"marque/ingest/report"
	"marque/ingest/taxii"
	"marque/internal/fetch"
	"marque/stix"
	"marque/stix/validate"
	"marque/store"
)

// IngestOptions say how input is read.
type IngestOptions struct {
	Format string // a format's name; empty: found from the content
	// TLP is the level of what carries no marking; nil is the configuration's.
	TLP      *stix.TLP
	Stdin    io.Reader // what the path "-" means
	Progress func(Progress)
	// Accept makes indicators of what reports give to look for; nil is the configuration's.
	Accept *bool
}

// Formats lists the formats that can be read, by name.
func Formats() []string { return registry(nil, &lazyReader{}).Names() }

func registry(known store.Documents, reports report.Claims) *ingest.Registry {
	return formats.Default(formats.Config{Lift: validate.LiftOrError, Report: reports, Known: known, More: []ingest.Reader{casebook.Reader{}}})
}

// Ingest reads files in turn. A file that cannot be read does not stop the others.
func (w *Workspace) Ingest(ctx context.Context, o IngestOptions, paths ...string) ([]ingest.Result, error) {
	var results []ingest.Result
	var errs []error
	parts, paths := casebookFiles(o, paths)
	if len(parts) > 1 {
		res, err := w.ingestCasebook(ctx, o, parts)
		results, errs = append(results, res...), append(errs, err)
	}
	for _, path := range paths {
		got, err := w.ingest(ctx, o, path)
		if err != nil {
			errs = append(errs, err)
		}
		for _, res := range got {
			if res.Format != "" {
				results = append(results, res)
			}
		}
		if ctx.Err() != nil {
			break
		}
	}
	accept := w.Config.Indicators.Accept
	if o.Accept != nil {
		accept = *o.Accept
	}
	if ctx.Err() == nil {
		errs = append(errs, w.gave(ctx, results, accept))
	}
	return results, errors.Join(errs...)
}

// casebookFiles parts the paths of casebooks from others, where there are several: their facts refer to each other.
func casebookFiles(o IngestOptions, paths []string) (parts, others []string) {
	for _, path := range paths {
		if o.Format == "" && isCasebook(path) {
			parts = append(parts, path)
		} else {
			others = append(others, path)
		}
	}
	if len(parts) < 2 {
		return nil, paths
	}
	return parts, others
}

func isCasebook(path string) bool {
	if path == "-" {
		return false
	}
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return false // reading it says why
	}
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, ingest.HeadSize)
	n, _ := io.ReadFull(f, head)
	return casebook.Reader{}.Detect(head[:n], path) != ingest.No
}

// ingestCasebook reads the files of one casebook together.
func (w *Workspace) ingestCasebook(ctx context.Context, o IngestOptions, paths []string) ([]ingest.Result, error) {
	var files [][]byte
	for _, path := range paths {
		raw, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", path, err)
		}
		files = append(files, raw)
	}
	all, at, err := casebook.Join(files...)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", paths[at], err)
	}
	name := fmt.Sprintf("%s and %d more", paths[0], len(paths)-1)
	res, err := w.pipeline(ctx, o, name).Bytes(ctx, name, all)
	return []ingest.Result{res}, err
}

// ingest reads one path: a file, the files of an archive, or standard input.
func (w *Workspace) ingest(ctx context.Context, o IngestOptions, path string) ([]ingest.Result, error) {
	p := w.pipeline(ctx, o, path)
	if path != "-" {
		return p.Files(ctx, path)
	}
	res, err := p.Stream(ctx, path, o.Stdin)
	return []ingest.Result{res}, err
}

// IngestCasebook reads the operations that come with Marque.
func (w *Workspace) IngestCasebook(ctx context.Context) (ingest.Result, error) {
	src, err := casebook.Source()
	if err != nil {
		return ingest.Result{}, err
	}
	return w.pipeline(ctx, IngestOptions{}, "casebook").Stream(ctx, "casebook", src)
}

// IngestExcerpt reads the rows of data sets that come with Marque and tell of the same operations, one set after the other; each is called after
// one, with its name.
func (w *Workspace) IngestExcerpt(ctx context.Context, each func(name string, res ingest.Result)) error {
	files, err := casebook.Excerpt()
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		res, err := w.pipeline(ctx, IngestOptions{}, name).Bytes(ctx, name, files[name])
		if err != nil {
			return err
		}
		each(name, res)
	}
	return nil
}

// IngestMeasures reads the casebook with the measures since 2014 that come with Marque, most of them unchecked, and enters them in the ledger.
func (w *Workspace) IngestMeasures(ctx context.Context) (ingest.Result, error) {
	src, err := casebook.Measures()
	if err != nil {
		return ingest.Result{}, err
	}
	res, err := w.pipeline(ctx, IngestOptions{}, "casebook").Stream(ctx, "casebook", src)
	if err != nil {
		return res, err
	}
	return res, w.RecordMeasures(ctx)
}

// IngestFeed reads the events of a MISP feed, a folder or an address, that are new or changed. allowPrivate lets it lie on this
// machine or in a private network.
func (w *Workspace) IngestFeed(ctx context.Context, o IngestOptions, feed string, allowPrivate bool) (misp.Pulled, error) {
	var src misp.Source = misp.Folder(feed)
	if u, err := url.Parse(feed); err == nil && strings.HasPrefix(u.Scheme, "http") {
		src = misp.Web{Base: feed, Client: fetch.New(fetch.Config{AllowPrivate: allowPrivate})}
	}
	return misp.Pull(ctx, src, w.pipeline(ctx, o, feed), w.Reader(Owner()))
}

// TAXII is a client of a TAXII 2.1 server that reads into the workspace. cfg's level, clock and way with STIX 2.0 are the workspace's.
func (w *Workspace) TAXII(cfg taxii.Config) (*taxii.Client, error) {
	cfg.TLP, cfg.Lift, cfg.Now = w.Config.TLP, validate.LiftOrError, w.now
	return taxii.New(w.db, cfg)
}

func (w *Workspace) pipeline(ctx context.Context, o IngestOptions, name string) *ingest.Pipeline {
	cfg := ingest.Config{Format: o.Format, TLP: w.Config.TLP, Now: w.now}
	if o.TLP != nil {
		cfg.TLP = *o.TLP
	}
	if o.Progress != nil {
		cfg.Progress = func(p ingest.Progress) { o.Progress(Progress{What: name, Done: p.Read, Total: p.Size}) }
	}
	return ingest.New(w.db, registry(w.db, &lazyReader{ctx: ctx, w: w, level: cfg.TLP}), cfg)
}

// lazyReader makes the reader of prose when the first document comes: its word lists take longer to load than other formats
// take to read.
type lazyReader struct {
	ctx   context.Context //nolint:containedctx // the life of one call
	w     *Workspace
	level stix.TLP
	once  sync.Once
	r     report.Claims
	err   error
}

// Read reads a document.
func (l *lazyReader) Read(doc prose.Document) prose.Result {
	l.once.Do(func() { l.r, l.err = l.w.readerOfClaims(l.ctx, l.level) })
	if l.err != nil {
		return prose.Result{Warnings: []string{l.err.Error()}}
	}
	return l.r.Read(doc)
}

// readerOfClaims is the reader of prose, with whom the configuration lets propose beside it.
func (w *Workspace) readerOfClaims(ctx context.Context, level stix.TLP) (report.Claims, error) {
	r, err := w.proseReader(ctx, level)
	if err != nil || w.Config.Proposer.URL == "" {
		return r, err
	}
	e, err := propose.NewEndpoint(w.Config.Proposer)
	if err != nil {
		return nil, err
	}
	return propose.With(ctx, r, e, w.Config.Proposer.TLP, cmp.Or(w.Config.Proposer.MaxBytes, propose.DefaultMaxBytes)), nil
}

// proseReader knows the names of the embedded lists and those that the workspace shows at a level: a document of that level must not be
// understood by names that its readers may not know of.
func (w *Workspace) proseReader(ctx context.Context, level stix.TLP) (*extract.Reader, error) {
	g, err := prose.NewGazetteer()
	if err != nil {
		return nil, err
	}
	s, err := w.Snapshot(ctx, View{Level: level})
	if err != nil {
		return nil, err
	}
	known := s.Graph
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
	return extract.NewReader(g)
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
