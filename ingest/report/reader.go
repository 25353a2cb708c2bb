package report

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"marque/claim"
	"marque/ingest"
	"marque/ingest/document"
	"marque/ingest/entity"
	"marque/ingest/prose"
	"marque/stix"
	"marque/store"
)

// nearDuplicate is the similarity from which two texts count as one that was copied with edits ([report.Similarity]).
const nearDuplicate = 0.5

// Claims reads text into claims; *[report.Reader] does.
type Claims interface {
	Read(doc prose.Document) prose.Result
}

// Reader reads reports.
type Reader struct {
	claims Claims
	known  store.Documents
}

var _ ingest.Reader = (*Reader)(nil)

// New makes a reader of reports. Documents that known holds are compared with each new one; nil compares with none.
func New(claims Claims, known store.Documents) *Reader {
	return &Reader{claims: claims, known: known}
}

// Name is "report".
func (*Reader) Name() string { return "report" }

// Detect knows documents; plain text is the last resort.
func (*Reader) Detect(head []byte, name string) ingest.Confidence {
	switch document.MediaType(head, name) {
	case "":
		return ingest.No
	case "text/plain":
		return ingest.Possible
	default:
		return ingest.Certain
	}
}

// Read reads one document.
func (r *Reader) Read(ctx context.Context, in *ingest.Input, out ingest.Sink) error {
	b, err := in.ReadAll(document.MaxBytes)
	if err != nil {
		return err
	}
	if document.MediaType(b[:min(len(b), ingest.HeadSize)], in.Name) == document.MediaFeed {
		return r.feed(ctx, b, in, out)
	}
	d, err := document.Parse(ctx, b, in.Name)
	if err != nil {
		return err
	}
	return r.document(ctx, d, in, out)
}

// feed reads each entry of a feed as a document.
func (r *Reader) feed(ctx context.Context, b []byte, in *ingest.Input, out ingest.Sink) error {
	docs, without, err := document.Feed(ctx, b, in.Name)
	if without > 0 {
		ingest.Missed(out, fmt.Sprintf("%d entries of the feed without text", without))
	}
	for _, d := range docs {
		if err := r.document(ctx, d, in, out); err != nil {
			return err
		}
	}
	if err == nil && len(docs) == 0 && without == 0 {
		return ingest.ErrEmpty
	}
	return err
}

// document reads one document.
func (r *Reader) document(ctx context.Context, d document.Document, in *ingest.Input, out ingest.Sink) error {
	for _, w := range d.Warnings {
		out.Warn(w)
	}
	for _, m := range d.Missed {
		ingest.Missed(out, m)
	}
	res := r.claims.Read(prose.Document{Name: in.Name, Title: d.Title, Publisher: d.Publisher, Published: d.Published, Text: d.Text, Level: max(in.Level, d.Level)})
	tables := fromPage(&res, d)
	for _, w := range res.Warnings {
		if strings.HasPrefix(w, "language: ") || strings.HasPrefix(w, "text: ") && len(res.Observables) == 0 {
			ingest.Missed(out, w)
			continue
		}
		out.Warn(w)
	}
	if d.Labelled && d.Level > stix.Clear {
		out.Warn("the text marks itself " + d.Level.String())
	}
	id := ID(d)
	doc := store.Document{
		ID: id, Name: d.Title, Source: in.Name, MediaType: d.MediaType, Digest: in.Digest, Text: d.Text, Level: d.Level,
	}
	if err := out.Document(doc); err != nil {
		return err
	}
	c := &converter{out: out, w: entity.NewWriter(out), doc: d, id: id, res: &res, tables: tables, carriers: map[string][]stix.ID{}, speakers: map[string]stix.ID{}}
	if err := c.convert(ctx); err != nil {
		return err
	}
	return r.duplicates(ctx, c, d, max(in.Level, d.Level))
}

// fromPage adds what the whole page names beside the article: what is sure to be meant, and all that stands in tables. It has no place in
// the text that is kept. It returns what stands in tables, by type and value.
func fromPage(res *prose.Result, d document.Document) (tables map[string]bool) {
	if d.Page == "" {
		return nil
	}
	seen, tables := map[string]bool{}, map[string]bool{}
	for _, o := range res.Observables {
		seen[o.Type+o.Value] = true
	}
	for i, t := range []prose.Traces{prose.Find(d.Tables, false), prose.Find(d.Page, true)} {
		for _, o := range t.Observables {
			tables[o.Type+o.Value] = tables[o.Type+o.Value] || i == 0
			if key := o.Type + o.Value; !seen[key] {
				seen[key] = true
				o.Start, o.End = 0, 0
				res.Observables = append(res.Observables, o)
			}
		}
		for _, c := range t.CVEs {
			if !slices.Contains(res.CVEs, c) {
				res.CVEs = append(res.CVEs, c)
			}
		}
		for _, id := range t.ATTACKIDs {
			if !slices.Contains(res.ATTACKIDs, id) {
				res.ATTACKIDs = append(res.ATTACKIDs, id)
			}
		}
	}
	return tables
}

// ID is the id of the report object for a document: it stands for the text, wherever that was found.
func ID(d document.Document) stix.ID { return stix.DerivedID("report", d.Digest) }

// duplicates joins the document, which is of a level, to near-copies of it. The relationship is the same whichever of the two was
// read first, and as secret as the stricter of them.
func (r *Reader) duplicates(ctx context.Context, c *converter, d document.Document, level stix.TLP) error {
	if r.known == nil {
		return nil
	}
	for other, err := range r.known.ListDocuments(ctx, stix.Red) {
		if err != nil {
			return fmt.Errorf("compare with known documents: %w", err)
		}
		if other.ID == c.id || 3*len(other.Text) < len(d.Text) || 3*len(d.Text) < len(other.Text) {
			continue
		}
		if prose.Similarity(other.Text, d.Text) < nearDuplicate {
			continue
		}
		a, b := max(c.id, other.ID), min(c.id, other.ID)
		if other.Level > level {
			c.w.RelateAt(other.Level, claim.MarqueIdentity, entity.Epoch, "duplicate-of", a, b)
		} else {
			c.w.Relate(claim.MarqueIdentity, entity.Epoch, "duplicate-of", a, b)
		}
	}
	return c.w.Err()
}
