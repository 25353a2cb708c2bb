package walk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"marque/claim"
	"marque/stix"
	"marque/workspace"
)

// Deed is something that an owner does in a workspace, whose traces others may find.
type Deed struct {
	Name string
	Do   func(context.Context, *House) error
}

// Deeds are what owners do, in the order in which they do it.
func Deeds() []Deed {
	return []Deed{
		{"watch", watch},
		{"match", func(ctx context.Context, h *House) error { return match(ctx, h, false) }},
		{"match into the lake, and hunt", func(ctx context.Context, h *House) error {
			if err := match(ctx, h, true); err != nil {
				return err
			}
			_, err := h.Hunt(ctx, workspace.HuntOptions{})
			return err
		}},
		{"join", join},
		{"split", func(ctx context.Context, h *House) error {
			_, err := h.Split(ctx, word(id("campaign", 2), id("campaign", 1)))
			return err
		}},
		{"take a word back", func(ctx context.Context, h *House) error {
			_, err := h.Unsay(ctx, word(id("campaign", 0), id("campaign", 1)))
			return err
		}},
		{"review", review},
		{"take a review back", func(ctx context.Context, h *House) error {
			rows, err := h.Claims(ctx, workspace.Owner(), workspace.ClaimFilter{})
			if err != nil {
				return err
			}
			rows = slices.DeleteFunc(rows, func(r *workspace.ClaimRow) bool { return r.ID[len(r.ID)-1]%3 > 0 })
			_, err = h.UndoClaims(ctx, rows, signed)
			return err
		}},
		{"add a claim", func(ctx context.Context, h *House) error {
			_, err := h.AddClaim(ctx, workspace.NewClaim{Subject: id("campaign", 0), Relation: claim.AttributedTo, Object: id("threat-actor", 1), Signed: signed})
			return err
		}},
		{"note", func(ctx context.Context, h *House) error {
			_, err := h.Note(ctx, id("campaign", 0), "ask again", signed.By)
			return err
		}},
		{"assess", func(ctx context.Context, h *House) error {
			_, err := h.Assess(ctx, workspace.View{}, workspace.PersonsView{
				Operation: id("campaign", 1), KeyJudgement: "Nobody can be named.", Word: "roughly even chance", Confidence: "low", Signed: signed,
			})
			return err
		}},
		{"add a measure", func(ctx context.Context, h *House) error {
			m := workspace.NewMeasure{
				Kind: "sanctions", Name: "a listing", Status: "in-force", Date: "2024-06-03", By: []string{"US"}, Answers: []string{id("campaign", 2)},
				Source: "the Treasury", Author: signed.By,
			}
			if _, err := h.AddMeasure(ctx, m); err == nil {
				return nil
			}
			m.Answers = nil // the measure is public, whatever is known of the operation
			_, err := h.AddMeasure(ctx, m)
			return err
		}},
		{"measures", func(ctx context.Context, h *House) error { return h.RecordMeasures(ctx) }},
		{"judge", judgeAll},
		{"rotate the key", func(ctx context.Context, h *House) error { _, err := h.RotateKey(ctx); return err }},
	}
}

var signed = workspace.Signed{By: "an analyst", Reason: "read again"}

// judgeAll judges every operation, and keeps the judgements.
func judgeAll(ctx context.Context, h *House) error {
	owner, err := h.Snapshot(ctx, workspace.Owner())
	if err != nil {
		return err
	}
	as, err := owner.JudgeAll(ctx, nil)
	if err != nil {
		return err
	}
	return h.KeepJudgements(ctx, owner, as, true)
}

// review accepts every other claim and rejects the rest, by their ids.
func review(ctx context.Context, h *House) error {
	rows, err := h.Claims(ctx, workspace.Owner(), workspace.ClaimFilter{})
	if err != nil {
		return err
	}
	picked := map[string][]*workspace.ClaimRow{}
	for _, r := range rows {
		status := []string{claim.Accepted, claim.Rejected}[r.ID[len(r.ID)-1]%2]
		picked[status] = append(picked[status], r)
	}
	for _, status := range []string{claim.Accepted, claim.Rejected} {
		if _, err := h.Review(ctx, picked[status], status, signed); err != nil {
			return err
		}
	}
	return nil
}

func word(a, b string) workspace.Word {
	return workspace.Word{A: a, B: b, Reason: "the same victim", By: "an analyst"}
}

// join says that two operations are one, and that one is a part of another.
func join(ctx context.Context, h *House) error {
	_, err := h.Join(ctx, word(id("campaign", 0), id("campaign", 1)))
	part := word(id("campaign", 2), id("campaign", 0))
	part.Part = true
	_, perr := h.Join(ctx, part)
	return errors.Join(err, perr)
}

// match matches events that meet the domain of every word.
func match(ctx context.Context, h *House, lake bool) error {
	var b strings.Builder
	for i, w := range h.words {
		fmt.Fprintf(&b, `{"time":"2024-10-%02dT10:00:00Z","sensor":"s%d","domain":"%s.example"}`+"\n", 1+i%28, i%3, strings.ToLower(w))
	}
	path, err := h.file(fmt.Sprintf("events-%v.jsonl", lake), b.String())
	if err != nil {
		return err
	}
	_, err = h.Match(ctx, workspace.MatchOptions{Keep: true, Lake: lake}, path)
	return err
}

// watch keeps lists of sites of an operation that may be known, at any level: the strictest first, the others share a site with it. Then it
// looks for successors of what is free, and keeps them.
func watch(ctx context.Context, h *House) error {
	var errs []error
	for _, l := range []struct {
		level stix.TLP
		sites string
	}{
		{stix.Red, "spiegel-news.example\nlemonde-presse.example\n"},
		{stix.Clear, "lemonde-presse.example\nbild-online.example\n"},
		{stix.Amber, "bild-online.example\nguardian-daily.example\n"},
	} {
		if l.level > h.upTo {
			continue
		}
		path, err := h.file(fmt.Sprintf("sites%d.txt", l.level), l.sites)
		if err != nil {
			return err
		}
		_, err = h.WatchSites(ctx, "Operation 0", l.level, path)
		errs = append(errs, err)
	}
	names, err := h.file("names.txt", "lemonde-presse.net\nspiegel-news.net\nbild-online.net\n")
	if err != nil {
		return err
	}
	_, err = h.Successors(ctx, workspace.SuccessorsOptions{
		SitesOptions: workspace.SitesOptions{View: workspace.View{Level: stix.Clear}}, Names: []string{names}, Least: 5, Keep: true,
	})
	return errors.Join(append(errs, err)...)
}
