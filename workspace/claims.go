package workspace

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"marque/claim"
	"marque/graph"
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
	Kind        string         `json:"kind"`     // what it is about, see [KindOf]
	Importer    string         `json:"importer"` // the reader that brought it
	Read        time.Time      `json:"read"`     // when it came into the workspace, to the second: what is finer counts what is stored between
	ReviewedBy  string         `json:"reviewed_by,omitempty"`
	Reason      string         `json:"review_reason,omitempty"`
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
	// Source is who says it, the publisher or title of its document, its rule, or the reader that brought it.
	Source, Kind, Rule string
	// Operation and Actor take what stands at an operation or an actor, as [Snapshot.Operation] and [Snapshot.Entity] find them, under every
	// name and record of it; then relationships that other tools brought without a word of who says so are listed too.
	Operation, Actor string
	Since            time.Time // only what came into the workspace since
}

var claimMark = []byte(claim.Extension)

// Claims are the claims that a view shows and a filter chooses, by document and place.
func (w *Workspace) Claims(ctx context.Context, v View, f ClaimFilter) ([]*ClaimRow, error) {
	all, err := w.claims.get(ctx, w.db, v, func(ctx context.Context) ([]*ClaimRow, error) { return allClaims(ctx, w.Reader(v)) })
	if err != nil {
		return nil, err
	}
	all = slices.Clone(all)
	if f.Operation != "" || f.Actor != "" {
		if all, err = w.claimsAt(ctx, v, f, all); err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(all, func(r *ClaimRow) bool { return !f.keeps(r) }), nil
}

// claimsAt are the claims at the operation or the actor that a filter names, with those that carry no extension.
func (w *Workspace) claimsAt(ctx context.Context, v View, f ClaimFilter, all []*ClaimRow) ([]*ClaimRow, error) {
	s, err := w.Snapshot(ctx, v)
	if err != nil {
		return nil, err
	}
	at := map[string]bool{}
	var plain []*ClaimRow
	for _, c := range s.Graph.Claims() {
		at[c.ID] = true
	}
	var ends []stix.ID
	narrow := func(ids []stix.ID) {
		ends = append(ends, ids...)
		here := map[string]bool{}
		for _, c := range s.claimsOf(ids) {
			here[c.ID] = at[c.ID]
		}
		at = here
	}
	if f.Operation != "" {
		op, err := s.Operation(f.Operation)
		if err != nil {
			return nil, err
		}
		ids := []stix.ID{op.ID}
		for _, m := range op.Members {
			ids = append(ids, m.ID)
		}
		narrow(slices.Compact(ids))
	}
	if f.Actor != "" {
		e, err := s.Entity(f.Actor)
		if err != nil {
			return nil, err
		}
		narrow(s.sameActors(e.ID))
	}
	for id, is := range at {
		if c := s.Graph.Claim(id); is && c.Plain {
			row, err := w.plainRow(ctx, s, c)
			if err != nil {
				return nil, err
			}
			plain = append(plain, row)
		}
	}
	out := append(slices.DeleteFunc(all, func(r *ClaimRow) bool { return !at[r.ID] && (r.Status != claim.Rejected || !touches(r, ends)) }), plain...)
	slices.SortFunc(out, byDocument)
	return out, nil
}

// touches tells whether a claim that no longer counts stands at one of the entities.
func touches(r *ClaimRow, ids []stix.ID) bool {
	return slices.ContainsFunc(slices.Concat(r.SubjectRefs, r.ObjectRefs), func(id stix.ID) bool { return slices.Contains(ids, id) })
}

// claimsOf are the claims at entities, and what is said of these claims.
func (s *Snapshot) claimsOf(ids []stix.ID) []*graph.Claim {
	var out []*graph.Claim
	for _, id := range ids {
		for _, c := range s.Graph.At(id) {
			out = append(append(out, c), s.Graph.About(c.ID)...)
		}
	}
	return out
}

// sameActors are the objects that are one actor with the named one.
func (s *Snapshot) sameActors(id stix.ID) []stix.ID {
	out := []stix.ID{id}
	for _, n := range s.Graph.ActorNames(id) {
		if !slices.Contains(out, n.Entity) && s.Graph.Same(id, n.Entity) {
			out = append(out, n.Entity)
		}
	}
	return out
}

// plainRow is a relationship of another tool as a row: it says who and whom, and whom it cites.
func (w *Workspace) plainRow(ctx context.Context, s *Snapshot, c *graph.Claim) (*ClaimRow, error) {
	row := &ClaimRow{
		ID: c.ID, Who: s.Graph.Name(c.Source), WhoRef: c.Source, Relation: c.Relation, Stance: c.Stance, Quote: c.Quote, Document: ClaimSource{ID: c.Document},
		Root: ClaimSource{ID: c.Root, Name: s.Graph.Name(c.Root)}, Reliability: "F", Credibility: cmp.Or(c.Credibility, 6), Status: c.Status, Carriers: c.Carriers,
	}
	if d := s.Graph.Document(c.Document); d != nil {
		row.Document.Name = d.Name
		if !d.Date.IsZero() {
			row.Document.Published = stix.At(d.Date).String()
		}
	}
	for _, l := range c.Links {
		row.end(&row.Subject, &row.SubjectRefs, s.Graph.Name(l.From), l.From)
		if l.To != "" {
			row.end(&row.Object, &row.ObjectRefs, s.Graph.Name(l.To), l.To)
		}
	}
	for _, id := range c.Carriers {
		rec, err := w.Reader(s.View).Get(ctx, id)
		if err != nil {
			return nil, fmt.Errorf("read claim %s: %w", c.ID, err)
		}
		row.objects, row.Importer, row.Read = append(row.objects, rec.Object), rec.Provenance.Importer, readAt(rec)
	}
	row.Kind = KindOf(row)
	return row, nil
}

// end adds an end that is not there yet.
func (r *ClaimRow) end(names *[]string, refs *[]stix.ID, name string, id stix.ID) {
	if !slices.Contains(*refs, id) {
		*names, *refs = append(*names, name), append(*refs, id)
	}
}

// Kinds of claims, by what they are about.
const (
	KindAttribution = "attribution" // who did an operation, or for whom
	KindTie         = "tie"         // of an actor and a state
	KindName        = "name"        // who is called what
	KindDeed        = "deed"        // what was done to whom, with what
	KindResponse    = "response"    // denials, doubts, silence
	KindMotive      = "motive"
	KindWord        = "word" // a person on two records of operations
	KindOther       = "other"
)

// KindOf is what a claim is about.
func KindOf(r *ClaimRow) string {
	subject := ""
	if len(r.SubjectRefs) > 0 {
		subject = r.SubjectRefs[0].Type()
	}
	switch {
	case r.Stance != claim.Asserts && r.Stance != "":
		return KindResponse
	case slices.Contains(words, r.Relation) && graph.IsOperation(subject):
		return KindWord
	case r.Relation == claim.AliasOf:
		return KindName
	case r.Relation == "motive":
		return KindMotive
	case graph.IsOperation(subject) && (r.Relation.Attributes() || r.Relation.Likeness()):
		return KindAttribution
	case graph.IsActor(subject) && r.Relation.Tie() > 0, r.Relation.StateFirst() && subject == "identity":
		return KindTie
	case r.Relation.Deed() != "" || r.Relation.Hits() || r.Relation.Has():
		return KindDeed
	case r.Relation.Attributes():
		return KindAttribution
	}
	return KindOther
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
		c.ClaimID = cmp.Or(c.ClaimID, string(rec.ID))
		if byID[c.ClaimID] == nil {
			row, err := names.row(ctx, rec, &c)
			if err != nil {
				return nil, err
			}
			byID[c.ClaimID] = row
		}
		row := byID[c.ClaimID]
		if err := names.ends(ctx, row, rec.Object, &c); err != nil {
			return nil, err
		}
		row.Carriers = append(row.Carriers, rec.ID)
		row.objects = append(row.objects, rec.Object)
		if at := readAt(rec); at.After(row.Read) {
			row.Read = at
		}
	}
	rows := make([]*ClaimRow, 0, len(byID))
	for _, row := range byID {
		row.Kind = KindOf(row)
		rows = append(rows, row)
	}
	slices.SortFunc(rows, byDocument)
	return rows, nil
}

func byDocument(a, b *ClaimRow) int {
	return cmp.Or(cmp.Compare(a.Document.Published, b.Document.Published), cmp.Compare(a.Document.ID, b.Document.ID),
		cmp.Compare(a.Start, b.Start), cmp.Compare(a.ID, b.ID))
}

func (f ClaimFilter) keeps(r *ClaimRow) bool {
	has := func(want string, in ...string) bool {
		return want == "" || slices.ContainsFunc(in, func(s string) bool { return strings.Contains(strings.ToLower(s), strings.ToLower(want)) })
	}
	return has(f.Who, r.Who, r.Speaker) && has(f.Subject, r.Subject...) && has(f.Object, r.Object...) &&
		(f.Relation == "" || f.Relation == string(r.Relation)) && (f.Stance == "" || f.Stance == r.Stance) && (f.Status == "" || f.Status == r.Status) &&
		has(f.Document, r.Document.Name, string(r.Document.ID)) && has(f.Text, r.Quote, r.Note, r.Narrative) &&
		has(f.Source, r.Who, r.Speaker, r.Document.Name, r.Importer) && (f.Kind == "" || f.Kind == r.Kind) && (f.Rule == "" || f.Rule == r.Rule) &&
		(f.Since.IsZero() || !r.Read.Before(f.Since))
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
		Importer: rec.Provenance.Importer, ReviewedBy: c.ReviewedBy, Reason: c.ReviewReason,
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
	return row, nil
}

// ends adds the ends that a carrier names: in the words of the claim, else those of the relationship itself.
func (n nameCache) ends(ctx context.Context, row *ClaimRow, o *stix.Object, c *claim.Claim) error {
	add := func(names *[]string, refs *[]stix.ID, told []claim.Ref, fallback stix.ID) error {
		if len(told) == 0 && fallback != "" {
			told = []claim.Ref{{Ref: fallback}}
		}
		for _, r := range told {
			name := r.Text
			if name == "" {
				s, err := n.of(ctx, r.Ref)
				if err != nil {
					return err
				}
				name = s.Name
			}
			if !slices.Contains(*names, name) {
				*names = append(*names, name)
			}
			if r.Ref != "" && !slices.Contains(*refs, r.Ref) {
				*refs = append(*refs, r.Ref)
			}
		}
		return nil
	}
	var from, to stix.ID
	switch o.Type {
	case "relationship":
		from, to = o.SourceRef, o.TargetRef
	case "sighting":
		from = o.SightingOfRef
	default:
		if about := store.Ends(o); c.About == "" && len(about) > 0 && about[0].Type() != "relationship" {
			from = about[0]
		}
	}
	var targets []stix.ID
	return errors.Join(add(&row.Subject, &row.SubjectRefs, c.Subjects, from), add(&row.Object, &row.ObjectRefs, c.Objects, to), add(&row.Targets, &targets, c.Targets, ""))
}

// PickClaims finds claims by their ids or what these begin with; candidates takes all that nobody has looked at yet.
func (w *Workspace) PickClaims(ctx context.Context, v View, prefixes []string, candidates bool) ([]*ClaimRow, error) {
	all, err := w.Claims(ctx, v, ClaimFilter{})
	if err != nil {
		return nil, err
	}
	var picked []*ClaimRow
	for _, p := range prefixes {
		found := slices.DeleteFunc(slices.Clone(all), func(r *ClaimRow) bool { return !begins(r.ID, p) })
		if len(found) == 0 {
			if found, err = w.pickPlain(ctx, v, p); err != nil {
				return nil, err
			}
		}
		switch len(found) {
		case 1:
			picked = append(picked, found[0])
		case 0:
			return nil, fmt.Errorf("claim %s: none in this workspace; marque claims lists them", p)
		default:
			return nil, fmt.Errorf("claim %s: %d begin so; write more of the id", p, len(found))
		}
	}
	for _, r := range all {
		if candidates && r.Status == claim.Candidate {
			picked = append(picked, r)
		}
	}
	return picked, nil
}

// begins tells whether an id begins so, with or without its type.
func begins(id, prefix string) bool {
	_, uuid, _ := strings.Cut(id, "--")
	return strings.HasPrefix(id, prefix) || uuid != "" && strings.HasPrefix(uuid, prefix)
}

// pickPlain finds relationships that carry no extension.
func (w *Workspace) pickPlain(ctx context.Context, v View, prefix string) ([]*ClaimRow, error) {
	s, err := w.Snapshot(ctx, v)
	if err != nil {
		return nil, err
	}
	var out []*ClaimRow
	for _, c := range s.Graph.Claims() {
		if c.Plain && begins(c.ID, prefix) {
			row, err := w.plainRow(ctx, s, c)
			if err != nil {
				return nil, err
			}
			out = append(out, row)
		}
	}
	return out, nil
}

// Review accepts or rejects claims ([claim.Accepted], [claim.Rejected]), signed: a new version of each carrier, the old one stays.
func (w *Workspace) Review(ctx context.Context, rows []*ClaimRow, status string, by Signed) (Changed, error) {
	return w.revise(ctx, rows, by, func(c *claim.Claim) { c.Status = status })
}

// readAt is when a record was read, to the second: what is finer keeps the order of batches, and so would tell of those above the view.
func readAt(rec *store.Record) time.Time { return rec.Stored.Truncate(time.Second) }
