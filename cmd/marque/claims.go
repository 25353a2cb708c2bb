package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"marque/claim"
	"marque/report"
	"marque/stix"
	"marque/store"
)

// claimRow is one statement as `marque claims` shows it. Names stand beside ids, so that a reader needs no second look-up.
type claimRow struct {
	ID          string       `json:"id"`
	Who         string       `json:"who"`
	WhoRef      stix.ID      `json:"who_ref,omitempty"`
	Speaker     string       `json:"speaker,omitempty"`
	Subject     []string     `json:"subject,omitempty"`
	SubjectRefs []stix.ID    `json:"subject_refs,omitempty"`
	Relation    string       `json:"relation"`
	Object      []string     `json:"object,omitempty"`
	ObjectRefs  []stix.ID    `json:"object_refs,omitempty"`
	Targets     []string     `json:"targets,omitempty"`
	Stance      string       `json:"stance"`
	Hedge       string       `json:"hedge,omitempty"`
	Count       *claim.Count `json:"count,omitempty"`
	When        *claimWhen   `json:"when,omitempty"`
	Purposes    []string     `json:"purposes,omitempty"`
	Motives     []string     `json:"motives,omitempty"`
	Narrative   string       `json:"narrative,omitempty"`
	Note        string       `json:"note,omitempty"`
	About       string       `json:"about,omitempty"`
	Quote       string       `json:"quote,omitempty"`
	Start       int          `json:"start"`
	End         int          `json:"end"`
	Document    claimSource  `json:"document"`
	Root        claimSource  `json:"root"`
	Reliability string       `json:"reliability"`
	Credibility int          `json:"credibility"`
	Status      string       `json:"status"`
	Rule        string       `json:"rule,omitempty"`
	Why         string       `json:"why,omitempty"`
	Carriers    []stix.ID    `json:"carriers"`
	objects     []*stix.Object
}

type claimWhen struct {
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
	Text string `json:"text,omitempty"`
}

type claimSource struct {
	ID        stix.ID `json:"id,omitempty"`
	Name      string  `json:"name,omitempty"`
	Published string  `json:"published,omitempty"`
}

type claimFilter struct {
	who, subject, object, relation, stance, document, status, text string
}

func claimsCommand(a *app) *cobra.Command {
	var f claimFilter
	c := &cobra.Command{
		Use: "claims", Short: "Who says what of whom, in which words, in which document", Args: cobra.NoArgs,
		Long: `Lists the claims of the workspace: who says it, of whom, what, with which stance; the verbatim quote, the document that it
stands in, and the root, the document that it first stood in. A filter takes a part of a name, in any case.`,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := a.open(c.Context()); err != nil {
				return err
			}
			rows, err := loadClaims(c.Context(), a.reader(), f)
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(rows)
			}
			return a.printClaims(rows)
		},
	}
	c.Flags().StringVar(&f.who, "who", "", "only claims of this source")
	c.Flags().StringVar(&f.subject, "subject", "", "only claims about this subject")
	c.Flags().StringVar(&f.object, "object", "", "only claims with this object")
	c.Flags().StringVar(&f.relation, "relation", "", "only this relation, for example compromised")
	c.Flags().StringVar(&f.stance, "stance", "", "asserts, doubts, denies, no-evidence or no-comment")
	c.Flags().StringVar(&f.document, "document", "", "only claims in this document (id or part of its name)")
	c.Flags().StringVar(&f.status, "status", "", "candidate, accepted or rejected")
	c.Flags().StringVar(&f.text, "text", "", "only claims with these words")
	return c
}

var claimMark = []byte(claim.Extension)

// loadClaims gathers the claims from their carriers, one row a claim, by document and place.
func loadClaims(ctx context.Context, r store.Reader, f claimFilter) ([]*claimRow, error) {
	names := nameCache{r: r, known: map[stix.ID]claimSource{}}
	byID := map[string]*claimRow{}
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
	rows := make([]*claimRow, 0, len(byID))
	for _, row := range byID {
		if f.keeps(row) {
			rows = append(rows, row)
		}
	}
	slices.SortFunc(rows, func(a, b *claimRow) int {
		return cmp.Or(cmp.Compare(a.Document.Published, b.Document.Published), cmp.Compare(a.Document.ID, b.Document.ID),
			cmp.Compare(a.Start, b.Start), cmp.Compare(a.ID, b.ID))
	})
	return rows, nil
}

func (f claimFilter) keeps(r *claimRow) bool {
	has := func(want string, in ...string) bool {
		return want == "" || slices.ContainsFunc(in, func(s string) bool { return strings.Contains(strings.ToLower(s), strings.ToLower(want)) })
	}
	return has(f.who, r.Who, r.Speaker) && has(f.subject, r.Subject...) && has(f.object, r.Object...) &&
		(f.relation == "" || f.relation == r.Relation) && (f.stance == "" || f.stance == r.Stance) && (f.status == "" || f.status == r.Status) &&
		has(f.document, r.Document.Name, string(r.Document.ID)) && has(f.text, r.Quote, r.Note, r.Narrative)
}

// nameCache looks names up once.
type nameCache struct {
	r     store.Reader
	known map[stix.ID]claimSource
}

func (n nameCache) of(ctx context.Context, id stix.ID) (claimSource, error) {
	if id == "" {
		return claimSource{}, nil
	}
	if s, ok := n.known[id]; ok {
		return s, nil
	}
	s := claimSource{ID: id, Name: string(id)}
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

func (n nameCache) row(ctx context.Context, rec *store.Record, c *claim.Claim) (*claimRow, error) {
	row := &claimRow{
		ID: c.ClaimID, WhoRef: rec.CreatedByRef, Speaker: c.Speaker, Relation: c.Relation, Stance: c.Stance, Hedge: c.Hedge, Count: c.Count,
		Purposes: c.Purposes, Motives: c.Motives, Narrative: c.Narrative, Note: c.Note, About: c.About, Quote: c.Quote, Start: c.QuoteStart,
		End: c.QuoteEnd, Reliability: c.Reliability, Credibility: c.Credibility, Status: c.Status, Rule: c.Rule, Why: c.Why,
	}
	if !c.From.IsZero() || !c.To.IsZero() || c.WhenText != "" {
		row.When = &claimWhen{From: c.From.String(), To: c.To.String(), Text: c.WhenText}
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

func (a *app) printClaims(rows []*claimRow) error {
	p := report.NewPrinter(a.stdout, a.width(), a.colour())
	doc := stix.ID("-")
	roots := map[stix.ID]bool{}
	for _, r := range rows {
		roots[r.Root.ID] = true
		if r.Document.ID != doc {
			doc = r.Document.ID
			title := r.Document.Name
			if len(r.Document.Published) >= 10 {
				title += ", " + r.Document.Published[:10]
			}
			p.Heading(title)
			if r.Root.ID != r.Document.ID {
				p.Dim("retells " + r.Root.Name)
			}
		}
		p.Line(r.sentence(), r.badges())
		if r.Quote != "" {
			p.Quote(r.Quote)
		} else if r.Note != "" {
			p.Indent(r.Note)
		}
	}
	p.Dim(fmt.Sprintf("%d claims from %d independent roots", len(rows), len(roots)))
	return p.Err()
}

// sentence is the claim as subject, relation, object.
func (r *claimRow) sentence() string {
	parts := []string{r.Who + ":"}
	if len(r.Subject) > 0 {
		parts = append(parts, strings.Join(r.Subject, ", "))
	}
	parts = append(parts, "— "+r.Relation+" —")
	if len(r.Object) > 0 {
		parts = append(parts, strings.Join(r.Object, ", "))
	}
	if len(r.Motives) > 0 {
		parts = append(parts, "("+strings.Join(r.Motives, ", ")+")")
	}
	if r.Count != nil {
		parts = append(parts, fmt.Sprintf("(%s %g %s)", r.Count.Op, r.Count.N, r.Count.Unit))
	}
	return strings.Join(parts, " ")
}

func (r *claimRow) badges() string {
	b := r.Stance
	if r.Hedge != "" {
		b += ", hedged: " + r.Hedge
	}
	return fmt.Sprintf("%s · %s%d · %s · %s", b, r.Reliability, r.Credibility, r.Status, short(r.ID))
}

func short(id string) string { return id[:min(8, len(id))] }

func reviewCommand(a *app) *cobra.Command {
	var accept, reject, candidates bool
	c := &cobra.Command{
		Use: "review CLAIM...", Short: "Accept or reject candidate claims", Args: cobra.ArbitraryArgs,
		Long: `A claim that a rule read is a candidate and counts less until a person has looked at it. Name claims by their id or
its beginning, as marque claims prints it. Without --accept or --reject the named claims are shown.`,
		RunE: func(c *cobra.Command, args []string) error {
			if accept && reject {
				return usageError{errors.New("--accept and --reject together; choose one")}
			}
			if len(args) == 0 && !candidates {
				return usageError{errors.New("no claim named; marque claims --status candidate lists them, --candidates takes all of them")}
			}
			if err := a.open(c.Context()); err != nil {
				return err
			}
			rows, err := a.pickClaims(c.Context(), args, candidates)
			if err != nil {
				return err
			}
			if !accept && !reject {
				return a.printClaims(rows)
			}
			status := claim.Accepted
			if reject {
				status = claim.Rejected
			}
			return a.review(c.Context(), rows, status)
		},
	}
	c.Flags().BoolVar(&accept, "accept", false, "accept: the claim counts in full")
	c.Flags().BoolVar(&reject, "reject", false, "reject: the claim no longer counts, but stays on record")
	c.Flags().BoolVar(&candidates, "candidates", false, "all claims that are still candidates")
	return c
}

func (a *app) pickClaims(ctx context.Context, prefixes []string, candidates bool) ([]*claimRow, error) {
	all, err := loadClaims(ctx, a.reader(), claimFilter{})
	if err != nil {
		return nil, err
	}
	var picked []*claimRow
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
			return nil, fmt.Errorf("claim %s: %d claims begin so; write more of the id", p, len(picked)-n)
		}
	}
	for _, r := range all {
		if candidates && r.Status == claim.Candidate {
			picked = append(picked, r)
		}
	}
	return picked, nil
}

// review writes a new version of each carrier; the old one stays in the store.
func (a *app) review(ctx context.Context, rows []*claimRow, status string) error {
	var changed []*stix.Object
	for _, r := range rows {
		for _, o := range r.objects {
			next, err := withStatus(o, status, stix.At(a.now()))
			if err != nil {
				return err
			}
			changed = append(changed, next)
		}
	}
	res, err := a.keep(ctx, "review", changed)
	if err != nil {
		return fmt.Errorf("review: %w", err)
	}
	if a.json {
		return a.printJSON(map[string]any{"claims": len(rows), "status": status, "objects": res.Stored()})
	}
	_, err = fmt.Fprintf(a.stdout, "%d claims %s\n", len(rows), status)
	return err
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
