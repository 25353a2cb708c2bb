package workspace

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"marque/graph"
	"marque/stix"
	"marque/store"
)

// DocumentRow is a source that claims stand in.
type DocumentRow struct {
	ID        stix.ID       `json:"id"`
	Name      string        `json:"name"`
	Publisher string        `json:"publisher,omitempty"`
	Published OperationDate `json:"published"`
	URL       string        `json:"url,omitempty"`
	Root      stix.ID       `json:"root,omitempty"` // what it retells, where it does
	Claims    int           `json:"claims"`
}

// Documents lists the sources that the view shows.
func (s *Snapshot) Documents() []DocumentRow {
	claims := map[stix.ID]int{}
	for _, c := range s.Graph.Claims() {
		claims[c.Document]++
	}
	var out []DocumentRow
	for _, d := range s.Graph.Documents() {
		out = append(out, s.documentRow(d, claims[d.ID]))
	}
	return out
}

// DocumentRow is a source as a list shows it.
func (s *Snapshot) DocumentRow(d *graph.Document) DocumentRow { return s.documentRow(d, 0) }

// ClaimCarriedBy is the claim that a relationship, note or opinion carries; nil where it carries none.
func (s *Snapshot) ClaimCarriedBy(id stix.ID) *graph.Claim { return s.claimOf(id) }

func (s *Snapshot) documentRow(d *graph.Document, claims int) DocumentRow {
	row := DocumentRow{
		ID: d.ID, Name: cmp.Or(d.Name, string(d.ID)), Publisher: d.Publisher, URL: d.URL, Claims: claims,
		Published: operationDate(d.Date, graph.PrecisionOf(d.Date)),
	}
	if d.Root != d.ID {
		row.Root = d.Root
	}
	return row
}

// DocumentDetail is a source with its text, where that is kept, the claims in it, and who retells whom.
type DocumentDetail struct {
	DocumentRow
	MediaType  string        `json:"media_type,omitempty"`
	Digest     string        `json:"digest,omitempty"` // SHA-256 of what came in
	Text       string        `json:"text,omitempty"`   // quotes are byte offsets into it
	Statements []*ClaimRow   `json:"statements,omitempty"`
	RetoldBy   []DocumentRow `json:"retold_by,omitempty"`
}

// DocumentDetail is one source by its id.
func (w *Workspace) DocumentDetail(ctx context.Context, v View, id stix.ID) (*DocumentDetail, error) {
	s, err := w.Snapshot(ctx, v)
	if err != nil {
		return nil, err
	}
	d := s.Graph.Document(id)
	if d == nil {
		return nil, fmt.Errorf("document %q: %w", id, ErrUnknown)
	}
	claims, err := w.Claims(ctx, v, ClaimFilter{})
	if err != nil {
		return nil, err
	}
	claims = slices.DeleteFunc(claims, func(c *ClaimRow) bool { return c.Document.ID != id })
	out := &DocumentDetail{DocumentRow: s.documentRow(d, len(claims)), Statements: claims}
	text, err := w.db.GetDocument(ctx, id, v.Level)
	switch {
	case err == nil:
		out.Text, out.MediaType, out.Digest = text.Text, text.MediaType, text.Digest
	case !errors.Is(err, store.ErrNotFound):
		return nil, fmt.Errorf("read document: %w", err)
	}
	for _, other := range s.Graph.Documents() {
		if other.Root == id && other.ID != id {
			out.RetoldBy = append(out.RetoldBy, s.documentRow(other, 0))
		}
	}
	return out, nil
}
