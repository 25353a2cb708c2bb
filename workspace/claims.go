package workspace

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"marque/claim"
	"marque/stix"
	"marque/store"
)

// ClaimRow is one statement with its names beside its ids, so that a reader needs no second look-up.
type ClaimRow struct {
	ID          string         `json:"id"`
	Who         string         `json:"who"`
	WhoRef      stix.ID        `json:"who_ref,omitempty"`
	Speaker     string         `json:"speaker,omitempty"`
	Subject     []string       `json:"subject,omitempty"`
	SubjectRefs []stix.ID      `json:"subject_refs,omitempty"`
	Relation    claim.Relation `json:"relation"`
	Object      []string       `json:"object,omitempty"`
	ObjectRefs  []stix.ID      `json:"object_refs,omitempty"`
	Targets     []string       `json:"targets,omitempty"`
	Stance      string         `json:"stance"`
	Hedge       string         `json:"hedge,omitempty"`
	Count       *claim.Count   `json:"count,omitempty"`
	When        *ClaimWhen     `json:"when,omitempty"`
	Purposes    []string       `json:"purposes,omitempty"`
	Motives     []string       `json:"motives,omitempty"`
	Narrative   string         `json:"narrative,omitempty"`
	Note        string         `json:"note,omitempty"`
	About       string         `json:"about,omitempty"`
	Quote       string         `json:"quote,omitempty"`
	Start       int            `json:"start"`
	End         int            `json:"end"`
	Document    ClaimSource    `json:"document"`
	Root        ClaimSource    `json:"root"`
	Reliability string         `json:"reliability"`
	Credibility int            `json:"credibility"`
	Status      string         `json:"status"`
	Rule        string         `json:"rule,omitempty"`
	Why         string         `json:"why,omitempty"`
	Carriers    []stix.ID      `json:"carriers"`
	objects     []*stix.Object
}

// ClaimWhen is when what is said happened.
type ClaimWhen struct {
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
	Text string `json:"text,omitempty"`
}

// ClaimSource is a document.
type ClaimSource struct {
	ID        stix.ID `json:"id,omitempty"`
	Name      string  `json:"name,omitempty"`
	Published string  `json:"published,omitempty"`
}

// ClaimFilter chooses claims. Empty fields choose everything; a name or text fits where a part of it does, in any case.
type ClaimFilter struct {
	Who, Subject, Object, Relation, Stance, Document, Status, Text string
}

var claimMark = []byte(claim.Extension)

// Claims are the claims that a view shows and a filter chooses, by document and place.
func (w *Workspace) Claims(ctx context.Context, v View, f ClaimFilter) ([]*ClaimRow, error) {
	all, err := w.claims.get(ctx, w.db, v, func(ctx context.Context) ([]*ClaimRow, error) { return allClaims(ctx, w.Reader(v)) })
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(all), func(r *ClaimRow) bool { return !f.keeps(r) }), nil
}

// allClaims gathers the claims from their carriers, one row a claim.
func allClaims(ctx context.Context, r store.Reader) ([]*ClaimRow, error) {
	names := nameCache{r: r, known: map[stix.ID]ClaimSource{}}
	byID := map[string]*ClaimRow{}
	for rec, err := range r.Find(ctx, store.Query{Types: []string{"relationship", "sighting", "note", "opinion"}}) {
		if err != nil {
			return nil, fmt.Errorf("read claims: %w", err)
		}
		if rec.Revoked || !bytes.Contains(rec.Raw(), claimMark) {
			continue
		}
		var c claim.Claim
		if ok, err := rec.ExtensionOf(claim.Extension, &c); err != nil || !ok {
			continue // an extension that does not decode was reported when it came in
		}
		if byID[c.ClaimID] == nil {
			row, err := names.row(ctx, rec, &c)
			if err != nil {
				return nil, err
			}
			byID[c.ClaimID] = row
		}
		row := byID[c.ClaimID]
		row.Carriers = append(row.Carriers, rec.ID)
		row.objects = append(row.objects, rec.Object)
	}
	rows := make([]*ClaimRow, 0, len(byID))
	for _, row := range byID {
		rows = append(rows, row)
	}
	slices.SortFunc(rows, func(a, b *ClaimRow) int {
		return cmp.Or(cmp.Compare(a.Document.Published, b.Document.Published), cmp.Compare(a.Document.ID, b.Document.ID),
			cmp.Compare(a.Start, b.Start), cmp.Compare(a.ID, b.ID))
	})
	return rows, nil
}

func (f ClaimFilter) keeps(r *ClaimRow) bool {
	has := func(want string, in ...string) bool {
		return want == "" || slices.ContainsFunc(in, func(s string) bool { return strings.Contains(strings.ToLower(s), strings.ToLower(want)) })
	}
	return has(f.Who, r.Who, r.Speaker) && has(f.Subject, r.Subject...) && has(f.Object, r.Object...) &&
		(f.Relation == "" || f.Relation == string(r.Relation)) && (f.Stance == "" || f.Stance == r.Stance) && (f.Status == "" || f.Status == r.Status) &&
		has(f.Document, r.Document.Name, string(r.Document.ID)) && has(f.Text, r.Quote, r.Note, r.Narrative)
}

// nameCache looks names up once.
type nameCache struct {
	r     store.Reader
	known map[stix.ID]ClaimSource
}

func (n nameCache) of(ctx context.Context, id stix.ID) (ClaimSource, error) {
	if id == "" {
		return ClaimSource{}, nil
	}
	if s, ok := n.known[id]; ok {
		return s, nil
	}
	s := ClaimSource{ID: id, Name: string(id)}
	rec, err := n.r.Get(ctx, id)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return s, fmt.Errorf("read claims: %w", err)
	}
	if err == nil {
		var view struct {
			Name      string         `json:"name"`
			Published stix.Timestamp `json:"published"`
		}
		if err := rec.Decode(&view); err == nil && view.Name != "" {
			s.Name, s.Published = view.Name, view.Published.String()
		}
	}
	n.known[id] = s
	return s, nil
}

func (n nameCache) row(ctx context.Context, rec *store.Record, c *claim.Claim) (*ClaimRow, error) {
	row := &ClaimRow{
		ID: c.ClaimID, WhoRef: rec.CreatedByRef, Speaker: c.Speaker, Relation: c.Relation, Stance: c.Stance, Hedge: c.Hedge, Count: c.Count,
		Purposes: c.Purposes, Motives: c.Motives, Narrative: c.Narrative, Note: c.Note, About: c.About, Quote: c.Quote, Start: c.QuoteStart,
		End: c.QuoteEnd, Reliability: c.Reliability, Credibility: c.Credibility, Status: c.Status, Rule: c.Rule, Why: c.Why,
	}
	if !c.From.IsZero() || !c.To.IsZero() || c.WhenText != "" {
		row.When = &ClaimWhen{From: c.From.String(), To: c.To.String(), Text: c.WhenText}
	}
	who, err := n.of(ctx, rec.CreatedByRef)
	if err != nil {
		return nil, err
	}
	row.Who = who.Name
	if row.Document, err = n.of(ctx, c.DocumentRef); err != nil {
		return nil, err
	}
	if row.Root, err = n.of(ctx, c.RootRef); err != nil {
		return nil, err
	}
	ends := func(refs []claim.Ref) (texts []string, ids []stix.ID, err error) {
		for _, r := range refs {
			text := r.Text
			if text == "" {
				s, err := n.of(ctx, r.Ref)
				if err != nil {
					return nil, nil, err
				}
				text = s.Name
			}
			texts = append(texts, text)
			if r.Ref != "" {
				ids = append(ids, r.Ref)
			}
		}
		return texts, ids, nil
	}
	if row.Subject, row.SubjectRefs, err = ends(c.Subjects); err != nil {
		return nil, err
	}
	if row.Object, row.ObjectRefs, err = ends(c.Objects); err != nil {
		return nil, err
	}
	row.Targets, _, err = ends(c.Targets)
	return row, err
}

// PickClaims finds claims by their ids or what these begin with; candidates takes all that nobody has looked at yet.
func (w *Workspace) PickClaims(ctx context.Context, v View, prefixes []string, candidates bool) ([]*ClaimRow, error) {
	all, err := w.Claims(ctx, v, ClaimFilter{})
	if err != nil {
		return nil, err
	}
	var picked []*ClaimRow
	for _, p := range prefixes {
		n := len(picked)
		for _, r := range all {
			if strings.HasPrefix(r.ID, p) {
				picked = append(picked, r)
			}
		}
		switch len(picked) - n {
		case 1:
		case 0:
			return nil, fmt.Errorf("claim %s: none in this workspace; marque claims lists them", p)
		default:
			return nil, fmt.Errorf("claim %s: %d begin so; write more of the id", p, len(picked)-n)
		}
	}
	for _, r := range all {
		if candidates && r.Status == claim.Candidate {
			picked = append(picked, r)
		}
	}
	return picked, nil
}

// Review accepts or rejects claims ([claim.Accepted], [claim.Rejected]): a new version of each carrier, the old one stays. It returns how
// many objects changed.
func (w *Workspace) Review(ctx context.Context, rows []*ClaimRow, status string) (int, error) {
	var changed []Conclusion
	for _, r := range rows {
		for _, o := range r.objects {
			next, err := withStatus(o, status, stix.At(w.now()))
			if err != nil {
				return 0, err
			}
			changed = append(changed, Conclusion{Object: next, RestsOn: []stix.ID{o.ID}, From: stix.Red})
		}
	}
	res, err := w.Keep(ctx, "review", changed)
	if err != nil {
		return 0, fmt.Errorf("review: %w", err)
	}
	return res.Stored(), nil
}

func withStatus(o *stix.Object, status string, at stix.Timestamp) (*stix.Object, error) {
	var view struct {
		Extensions stix.Extensions `json:"extensions"`
	}
	if err := o.Decode(&view); err != nil {
		return nil, err
	}
	var c claim.Claim
	if _, err := o.ExtensionOf(claim.Extension, &c); err != nil {
		return nil, err
	}
	c.Status = status
	if err := view.Extensions.Extend(claim.Extension, c); err != nil {
		return nil, err
	}
	if !at.Time().After(o.Modified.Time()) {
		return nil, fmt.Errorf("%s: its version %s lies in the future; set the clock", o.ID, o.Modified)
	}
	return o.With(map[string]any{"extensions": view.Extensions, "modified": at})
}
