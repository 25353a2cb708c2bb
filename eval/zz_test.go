package eval_test

import (
	"fmt"
	"os"
	"sort"
	"testing"

	"marque/eval"
	"marque/ingest/prose"
	"marque/ingest/prose/extract"
)

func TestZZ(t *testing.T) {
	g, _ := prose.NewGazetteer()
	a, _ := prose.NewReader(g)
	b, _ := extract.NewReader(g)
	var rd eval.ProseReader = tree{a, b}
	if os.Getenv("READER") == "old" {
		rd = a
	}
	type n struct{ ok, no int }
	stat := map[string]*n{}
	add := func(c prose.Claim, ok bool) {
		for _, k := range []string{"REL " + c.Relation, "WHY " + c.Relation + " / " + c.Why, "RULE " + c.Rule, fmt.Sprintf("P %s %s %.1f", c.Rule, c.Relation, c.Confidence.Probability), fmt.Sprintf("SUBJ %s %v", c.Relation, len(c.Subject) > 0)} {
			if stat[k] == nil {
				stat[k] = &n{}
			}
			if ok {
				stat[k].ok++
			} else {
				stat[k].no++
			}
		}
	}
	raw, _ := os.ReadFile("/work/shared/acceptance/reports.yaml")
	notes, _ := eval.ParseNotes(raw)
	res, _ := eval.ReadNoted(t.Context(), os.DirFS("/work/shared/data/reports"), notes, rd, nil)
	for _, r := range res {
		if heldOut(r) {
			continue
		}
		wrong := map[string]bool{}
		for _, c := range r.Wrong {
			wrong[c.ID] = true
		}
		for _, c := range r.Claims {
			add(c, !wrong[c.ID])
		}
	}
	rr, _ := eval.ReadReports(os.DirFS("testdata/reports"), g, rd)
	for _, r := range rr {
		if r.HeldOut {
			continue
		}
		wrong := map[string]bool{}
		for _, c := range r.Unmatched {
			wrong[c.ID] = true
		}
		for _, c := range r.All {
			add(c, !wrong[c.ID])
		}
	}
	var keys []string
	for k := range stat {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for _, k := range keys {
		fmt.Printf("%-60s ok %3d no %3d\n", k, stat[k].ok, stat[k].no)
	}
}
