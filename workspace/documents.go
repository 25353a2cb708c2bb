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
func (s *Snapshot) ClaimCarriedBy(id stix.ID) *graph.Claim {
	s.carriersOnce.Do(func() {
		s.carriers = map[stix.ID]*graph.Claim{}
		for _, c := range s.Graph.Claims() {
			for _, by := range c.Carriers {
				s.carriers[by] = c
			}
		}
	})
	return s.carriers[id]
}

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

// Hit is something that words or a name were found in, and why.
type Hit struct {
	ID   stix.ID `json:"id"`
	Type string  `json:"type"`
	Name string  `json:"name"`
	Why  string  `json:"why"`
}

// Search finds by name first, as analysts write names, then by words, in what the view shows. At most limit hits.
func (w *Workspace) Search(ctx context.Context, v View, words string, limit int) ([]Hit, error) {
	s, err := w.Snapshot(ctx, v)
	if err != nil {
		return nil, err
	}
	seen := map[stix.ID]bool{}
	var out []Hit
	add := func(h Hit) {
		if len(out) < limit && !seen[h.ID] {
			seen[h.ID] = true
			out = append(out, h)
		}
	}
	for _, c := range s.Graph.Resolve(words).Candidates {
		add(Hit{c.ID, c.ID.Type(), c.Name, s.whyNamed(c, words)})
	}
	want := graph.NormalName(words)
	for _, e := range s.Graph.Operations() {
		if want != "" && bears(e, func(n string) bool { return n == want }) {
			add(Hit{e.ID, e.Type, e.Name, "an operation of this name"})
		}
	}
	recs, err := w.Reader(v).Search(ctx, words, limit)
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	for _, rec := range recs {
		var view struct {
			Name string `json:"name"`
		}
		if err := rec.Decode(&view); err != nil {
			continue // what does not decode was told of when it came in
		}
		add(Hit{rec.ID, rec.Type, cmp.Or(view.Name, string(rec.ID)), "its words"})
	}
	return out, nil
}

// whyNamed says through which name an actor was found, and on whose word.
func (s *Snapshot) whyNamed(c graph.Candidate, words string) string {
	want := graph.NormalName(words)
	if graph.NormalName(c.Name) == want {
		return fmt.Sprintf("%s names it so", c.Source)
	}
	for _, n := range s.Graph.ActorNames(c.ID) {
		if graph.NormalName(n.Name) == want {
			return fmt.Sprintf("%s, because %s calls it %s", c.Name, n.Source, n.Name)
		}
	}
	if len(c.Reasons) > 0 {
		return c.Reasons[0]
	}
	return "a name like it"
}
