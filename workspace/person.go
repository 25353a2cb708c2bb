package workspace

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"marque/claim"
	"marque/ingest/entity"
	"marque/stix"
	"marque/store"
)

// Signed is who enters something, and why. When is the time of the entry; all three are signed with it in the ledger.
type Signed struct{ By, Reason string }

// ErrReason says that a person's word comes without its reason.
var ErrReason = errors.New("a reason is needed: who looks at it later must know why")

// who is the name that a word is signed with.
func (s Signed) who() string { return cmp.Or(strings.TrimSpace(s.By), "an analyst") }

func (s Signed) check() error {
	if strings.TrimSpace(s.Reason) == "" {
		return ErrReason
	}
	return nil
}

// personOf is a person as an object.
func personOf(name string) (*stix.Object, error) {
	id := stix.DerivedID("identity", "person", strings.ToLower(name))
	return stix.New(stix.Identity{Common: stix.NewCommon(id, entity.Epoch, claim.MarqueIdentity), Name: name, Class: "individual"})
}

// Changed is what a person's word changed.
type Changed struct {
	Claims  []string  `json:"claims"`  // ids of claims
	Objects int       `json:"objects"` // new versions
	IDs     []stix.ID `json:"ids"`
}

// revise keeps a new version of every carrier of claims, signed; the old ones stay. Where sources of several levels carry a claim, each level
// gets a version of what it shows: its readers learn of the change, and of nothing above.
func (w *Workspace) revise(ctx context.Context, rows []*ClaimRow, by Signed, change func(*claim.Claim)) (Changed, error) {
	var out Changed
	var cs []Conclusion
	for _, r := range rows {
		for _, o := range r.objects {
			seen, err := w.seenAt(ctx, o.ID)
			if err != nil {
				return out, err
			}
			next, err := w.revisedAt(ctx, seen, r, func(c *claim.Claim) {
				change(c)
				c.ReviewedBy, c.ReviewReason = by.who(), strings.TrimSpace(by.Reason)
			})
			if err != nil {
				return out, err
			}
			cs = append(cs, next...)
			out.IDs = append(out.IDs, o.ID)
		}
		out.Claims = append(out.Claims, r.ID)
	}
	res, err := w.Keep(ctx, person, cs)
	if err != nil {
		return out, fmt.Errorf("change claims: %w", err)
	}
	out.Objects = res.Stored()
	return out, nil
}

// seenAt are the versions of an object that the levels show; a level that shows what the one below shows has none of its own.
func (w *Workspace) seenAt(ctx context.Context, id stix.ID) (map[stix.TLP]*stix.Object, error) {
	out := map[stix.TLP]*stix.Object{}
	var last []byte
	for level := stix.Clear; level <= stix.Red; level++ {
		rec, err := w.Reader(View{Level: level}).Get(ctx, id)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if !bytes.Equal(rec.Raw(), last) {
			out[level], last = rec.Object, rec.Raw()
		}
	}
	return out, nil
}

// revisedAt are the next versions of what the levels show. A stricter level's is a millisecond younger, so that it is the newest for those
// who see both. r is the claim as its owner sees it, nil where all versions carry the extension.
func (w *Workspace) revisedAt(ctx context.Context, seen map[stix.TLP]*stix.Object, r *ClaimRow, change func(*claim.Claim)) ([]Conclusion, error) {
	var out []Conclusion
	at := w.now()
	for _, level := range slices.Sorted(maps.Keys(seen)) {
		o, row := seen[level], r
		if had, err := o.ExtensionOf(claim.Extension, new(claim.Claim)); err != nil {
			return nil, err
		} else if !had {
			rows, err := w.pickPlain(ctx, View{Level: level}, string(o.ID))
			if err != nil {
				return nil, err
			}
			if len(rows) == 0 {
				continue // what it joins is not shown
			}
			row = rows[0]
		}
		next, err := revised(o, row, stix.At(at.Add(time.Duration(level)*time.Millisecond)), change)
		if err != nil {
			return nil, err
		}
		out = append(out, Conclusion{Object: next, RestsOn: []stix.ID{o.ID}, From: level})
	}
	return out, nil
}

// revised is the next version of a carrier. A relationship of another tool becomes a claim of its source by it.
func revised(o *stix.Object, r *ClaimRow, at stix.Timestamp, change func(*claim.Claim)) (*stix.Object, error) {
	var view struct {
		Extensions stix.Extensions `json:"extensions"`
	}
	if err := o.Decode(&view); err != nil {
		return nil, err
	}
	var c claim.Claim
	had, err := o.ExtensionOf(claim.Extension, &c)
	if err != nil {
		return nil, err
	}
	if !had {
		c = claim.Claim{
			ExtensionType: "property-extension", ClaimID: string(o.ID), DocumentRef: r.Document.ID, RootRef: r.Root.ID, Stance: r.Stance, Relation: r.Relation,
			Reliability: r.Reliability, Credibility: r.Credibility, Status: r.Status,
		}
	}
	change(&c)
	if err := view.Extensions.Extend(claim.Extension, c); err != nil {
		return nil, err
	}
	if !at.Time().After(o.Modified.Time()) {
		return nil, fmt.Errorf("%s: its version %s lies in the future; set the clock", o.ID, o.Modified)
	}
	return o.With(map[string]any{"extensions": view.Extensions, "modified": at})
}

// UndoClaims takes the last change of each claim back: its version before becomes the newest, on each level that shows one. What a person
// added and nothing stood before is rejected.
func (w *Workspace) UndoClaims(ctx context.Context, rows []*ClaimRow, by Signed) (Changed, error) {
	var out Changed
	var cs []Conclusion
	at := w.now()
	for _, r := range rows {
		for _, o := range r.objects {
			seen, err := w.seenAt(ctx, o.ID)
			if err != nil {
				return out, err
			}
			for _, level := range slices.Sorted(maps.Keys(seen)) {
				next, err := w.before(ctx, level, seen[level], r, stix.At(at.Add(time.Duration(level)*time.Millisecond)), by)
				if err != nil {
					return out, err
				}
				cs = append(cs, Conclusion{Object: next, RestsOn: []stix.ID{o.ID}, From: level})
			}
			out.IDs = append(out.IDs, o.ID)
		}
		out.Claims = append(out.Claims, r.ID)
	}
	res, err := w.Keep(ctx, person, cs)
	if err != nil {
		return out, fmt.Errorf("undo: %w", err)
	}
	out.Objects = res.Stored()
	return out, nil
}

// before is the content of the version before an object's newest, as a level shows them, as a new version.
func (w *Workspace) before(ctx context.Context, level stix.TLP, o *stix.Object, r *ClaimRow, at stix.Timestamp, by Signed) (*stix.Object, error) {
	versions, err := w.Reader(View{Level: level}).Versions(ctx, o.ID)
	if err != nil {
		return nil, fmt.Errorf("undo %s: %w", o.ID, err)
	}
	var now claim.Claim
	if _, err := o.ExtensionOf(claim.Extension, &now); err != nil {
		return nil, err
	}
	note := func(c *claim.Claim) {
		c.ReviewedBy, c.ReviewReason = by.who(), cmp.Or(strings.TrimSpace(by.Reason), "undone")
	}
	if len(versions) < 2 {
		if now.Rule != person {
			return nil, fmt.Errorf("claim %s: nobody has changed it; there is nothing to undo", short(r.ID))
		}
		return revised(o, r, at, func(c *claim.Claim) { c.Status = claim.Rejected; note(c) })
	}
	next, err := revised(versions[len(versions)-2].Object, r, at, note)
	if err != nil {
		return nil, err
	}
	if !at.Time().After(o.Modified.Time()) {
		return nil, fmt.Errorf("%s: its version %s lies in the future; set the clock", o.ID, o.Modified)
	}
	return next, nil
}

func short(id string) string { return id[:min(8, len(id))] }
