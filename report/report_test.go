package report_test

import (
	"bytes"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/mattn/go-runewidth"

	"marque/attribute"
	"marque/casebook"
	"marque/claim"
	"marque/deter"
	"marque/graph"
	"marque/ingest"
	"marque/report"
	"marque/stix"
	"marque/store"
	"marque/store/sqlite"
)

var written = time.Date(2024, 11, 1, 0, 0, 0, 0, time.UTC)

// world is the casebook, judged.
func world(t *testing.T) (store.Store, report.Input) {
	t.Helper()
	m, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "marque.db"), sqlite.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Close() })
	src, err := casebook.Source()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ingest.New(m, ingest.NewRegistry(casebook.Reader{}), ingest.Config{}).Stream(t.Context(), "casebook", src); err != nil {
		t.Fatal(err)
	}
	var objects []*stix.Object
	for r, err := range m.View(store.Owner()).Find(t.Context(), store.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		objects = append(objects, r.Object)
	}
	return m, inputOf(t, objects)
}

func inputOf(t *testing.T, objects []*stix.Object) report.Input {
	t.Helper()
	g := graph.FromObjects(objects, graph.Options{})
	in := report.Input{Graph: g, Country: g.CountryName}
	var ops []deter.Attributed
	history := attribute.Learn(g)
	for _, op := range g.Operations() {
		c, err := attribute.CaseOf(g, op.ID)
		if err != nil {
			t.Fatal(err)
		}
		a := attribute.Judge(g, c, attribute.Options{History: history})
		in.Assessments = append(in.Assessments, &a)
		if o, ok := deter.FromAssessment(&a); ok {
			ops = append(ops, o)
		}
	}
	in.Followed = deter.Follow(g, ops)
	return in
}

func TestEveryFactHasAReference(t *testing.T) {
	_, in := world(t)
	b := report.Build(in, report.Options{Generated: written})
	if len(b.Operations) < 15 {
		t.Fatalf("%d operations", len(b.Operations))
	}
	used := map[int]bool{}
	check := func(what string, s report.Sentence, want bool) {
		t.Helper()
		if want && len(s.Refs) == 0 {
			t.Errorf("%s without a reference: %s", what, s.Text)
		}
		for _, n := range s.Refs {
			if n < 1 || n > len(b.References) {
				t.Errorf("%s refers to [%d] of %d", what, n, len(b.References))
			}
			used[n] = true
		}
	}
	for _, op := range b.Operations {
		check("who", op.Who, true)
		check("how close", op.HowClose, op.HowClose.Text != "")
		check("how sure", op.HowSure, true)
		check("why", op.Why, !strings.HasPrefix(op.Why.Text, "Motive: nothing"))
		for _, s := range op.What {
			check("what", s, true)
		}
		for _, s := range op.Denials {
			check("denial", s, true)
		}
		for _, s := range op.Followed {
			check("followed", s, !strings.HasPrefix(s.Text, "Unknown:") && !strings.HasPrefix(s.Text, "Recorded as unanswered"))
		}
		for _, w := range slices.Concat(op.For, op.Against) {
			check("evidence", w.Sentence, false)
		}
	}
	for _, s := range slices.Concat(b.Summary, b.Statements, b.Negative) {
		check("overview", s, false)
	}
	for i, r := range b.References {
		if r.Number != i+1 || r.Title == "" || r.Date == "" {
			t.Errorf("reference %+v", r)
		}
		if r.Retells > 0 {
			used[r.Retells] = true
		}
		if !used[r.Number] {
			t.Errorf("[%d] %s is not referred to", r.Number, r.Title)
		}
	}
}

func TestTheJudgedCasesReadRight(t *testing.T) {
	_, in := world(t)
	b := report.Build(in, report.Options{Generated: written})
	for name, want := range map[string]struct{ sponsor, who, why string }{
		"Ukrainian military devices": {"RU", "Storm-2049 on behalf of Russia", "Espionage"},
		"FakePenny":                  {"KP", "Moonstone Sleet", "financial"},
		"Israeli dating site":        {"IR", "Cotton Sandstorm", "mbarrassment"},
	} {
		i := slices.IndexFunc(b.Operations, func(o report.Operation) bool { return strings.Contains(o.Name, name) })
		if i < 0 {
			t.Errorf("%s: no section", name)
			continue
		}
		op := b.Operations[i]
		if op.Sponsor != want.sponsor || !strings.Contains(op.Who.Text, want.who) || !strings.Contains(op.Why.Text, want.why) {
			t.Errorf("%s: %s %s; %s", name, op.Sponsor, op.Who.Text, op.Why.Text)
		}
	}
}

func TestWindow(t *testing.T) {
	_, in := world(t)
	at := func(s string) time.Time {
		d, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	b := report.Build(in, report.Options{From: at("2024-10-01"), To: at("2024-10-31"), Generated: written})
	var names []string
	for _, op := range b.Operations {
		names = append(names, op.Name)
	}
	for _, want := range []string{"Strike on the Russian state broadcaster VGTRK", "Doppelganger's copies of news sites"} {
		if !slices.Contains(names, want) {
			t.Errorf("%q overlaps October 2024 and is missing from %q", want, names)
		}
	}
	if slices.Contains(names, "Wiper in the networks of Kyivstar") {
		t.Error("an operation of 2023 is in October 2024")
	}
	for _, q := range b.Trend {
		if q.Label != "2024 Q4" {
			t.Errorf("quarter %s in a window of October 2024", q.Label)
		}
	}
}

func TestTrendAndMatrixAddUp(t *testing.T) {
	_, in := world(t)
	b := report.Build(in, report.Options{Generated: written, Detail: 5})
	if len(b.Operations) != 5 || len(b.Operations)+len(b.Others) != b.Counts.Operations {
		t.Errorf("%d in sections, %d in lines, %d in all", len(b.Operations), len(b.Others), b.Counts.Operations)
	}
	ops, blurred := 0, 0
	for _, q := range b.Trend {
		ops += q.Operations
		blurred += q.Blurred
		if q.Operations > 0 && q.Share != float64(q.Blurred)/float64(q.Operations) {
			t.Errorf("%+v", q)
		}
	}
	if ops+b.Counts.Undated != b.Counts.Operations || blurred > b.Counts.Blurred || blurred == 0 {
		t.Errorf("trend has %d and %d, counts %+v", ops, blurred, b.Counts)
	}
	for i, row := range b.Matrix.Cells {
		if len(row) != len(b.Matrix.Targets) {
			t.Errorf("%s has %d cells, %d targets", b.Matrix.Sponsors[i], len(row), len(b.Matrix.Targets))
		}
	}
}

// Nobody looked for answers to the casebook's operations: those without one are unknown, and no sentence calls them unanswered.
func TestWhatNobodyAskedAboutIsUnknown(t *testing.T) {
	_, in := world(t)
	b := report.Build(in, report.Options{Generated: written})
	c := b.Counts
	if c.Answered == 0 || c.Unknown == 0 || c.Silent != 0 || c.Answered+c.Unknown != c.Attributed {
		t.Errorf("%+v", c)
	}
	russia := ""
	for _, s := range b.Answers {
		if strings.HasPrefix(s.Text, "Russia: ") {
			russia = s.Text
		}
		for _, never := range []string{"no consequence", "unanswered", "%"} {
			if strings.Contains(s.Text, never) {
				t.Errorf("%q says more than anybody knows", s.Text)
			}
		}
	}
	if !strings.Contains(russia, "unknown because nobody asked") {
		t.Errorf("of Russia: %q", russia)
	}
}

func TestTextFitsTheTerminal(t *testing.T) {
	_, in := world(t)
	b := report.Build(in, report.Options{Generated: written})
	for _, width := range []int{40, 72, 100} {
		var out bytes.Buffer
		if err := report.Text(&out, b, width, false); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(out.String()) {
			line = strings.TrimRight(line, "\n")
			if n := runewidth.StringWidth(line); n > width && strings.Contains(strings.TrimSpace(line), " ") {
				t.Errorf("%d columns on a terminal of %d: %s", n, width, line)
			}
			if strings.ContainsRune(line, '\x1b') {
				t.Errorf("colour without a terminal: %q", line)
			}
		}
	}
	var coloured bytes.Buffer
	if err := report.Text(&coloured, b, 80, true); err != nil || !strings.Contains(coloured.String(), "\x1b[") {
		t.Errorf("no colour on a terminal: %v", err)
	}
}

// Text of documents is data: it must neither become markup nor drive the terminal.
func TestHostileTextStaysText(t *testing.T) {
	hostile := "<script>alert(1)</script>\x1b[31m[x](javascript:x) *b* \u202e"
	at := stix.At(written)
	source := stix.DerivedID("identity", "organization", "source")
	doc := stix.DerivedID("report", "named", "x")
	op := stix.DerivedID("campaign", "x")
	state := stix.DerivedID("identity", "state", "RU")
	c := stix.NewCommon(stix.DerivedID("relationship", "x"), at, source)
	if err := c.Extensions.Extend(claim.Extension, claim.Claim{
		ExtensionType: "property-extension", ClaimID: "c1", DocumentRef: doc, RootRef: doc, Stance: claim.Asserts, Relation: "attributed-to",
		Reliability: "A", Credibility: 1, Status: claim.Accepted, Speaker: hostile,
	}); err != nil {
		t.Fatal(err)
	}
	named := stix.NewCommon(state, at, "")
	named.References = []stix.ExternalReference{{SourceName: "iso-3166-1", ExternalID: "RU"}}
	report1 := stix.NewCommon(doc, at, claim.MarqueIdentity)
	report1.References = []stix.ExternalReference{{SourceName: hostile, URL: "javascript:alert(1)"}}
	var objects []*stix.Object
	for _, v := range []any{
		stix.Identity{Common: stix.NewCommon(source, at, ""), Name: hostile, Class: "organization"},
		stix.Identity{Common: named, Name: "Russia", Roles: []string{"state"}, Class: "organization"},
		stix.Report{Common: report1, Name: hostile, Published: at, ObjectRefs: []stix.ID{op}},
		stix.Campaign{Common: stix.NewCommon(op, at, source), Name: hostile, Description: hostile, FirstSeen: at},
		stix.Relationship{Common: c, RelationshipType: "attributed-to", SourceRef: op, TargetRef: state},
	} {
		o, err := stix.New(v)
		if err != nil {
			t.Fatal(err)
		}
		objects = append(objects, o)
	}
	b := report.Build(inputOf(t, objects), report.Options{Generated: written})
	var text, md, html bytes.Buffer
	for _, err := range []error{report.Text(&text, b, 80, false), report.Markdown(&md, b), report.HTML(&html, b)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if strings.ContainsAny(text.String(), "\x1b\u202e") {
		t.Error("control characters reach the terminal")
	}
	if strings.Contains(md.String(), "<script>") || strings.Contains(md.String(), "*b*") {
		t.Errorf("markup in Markdown: %s", md.String())
	}
	if strings.Contains(html.String(), "<script>") || strings.Contains(html.String(), `href="javascript`) {
		t.Error("markup in HTML")
	}
	if !strings.Contains(html.String(), "&lt;script&gt;") {
		t.Error("the text itself is gone")
	}
}

func TestHTMLStandsAlone(t *testing.T) {
	_, in := world(t)
	var out bytes.Buffer
	if err := report.HTML(&out, report.Build(in, report.Options{Generated: written})); err != nil {
		t.Fatal(err)
	}
	page := out.String()
	for _, forbidden := range []string{"<script", "<link", "<img", "@import", "url("} {
		if strings.Contains(page, forbidden) {
			t.Errorf("%s in a self-contained page", forbidden)
		}
	}
	for _, m := range regexp.MustCompile(`href="#([^"]+)"`).FindAllStringSubmatch(page, -1) {
		if !strings.Contains(page, `id="`+m[1]+`"`) {
			t.Errorf("link to #%s leads nowhere", m[1])
		}
	}
	for _, chart := range []string{`class="matrix"`, `class="bars"`, `class="contents"`} {
		if strings.Count(page, chart) != 1 {
			t.Errorf("%d of %s", strings.Count(page, chart), chart)
		}
	}
}

func TestSameInputsSameBytes(t *testing.T) {
	var first []byte
	for range 3 {
		_, in := world(t)
		var out bytes.Buffer
		if err := report.JSON(&out, report.Build(in, report.Options{Generated: written})); err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = out.Bytes()
		} else if diff := cmp.Diff(string(first), out.String()); diff != "" {
			t.Fatal(diff)
		}
	}
}

func TestBundleHoldsWhatItRefersTo(t *testing.T) {
	m, in := world(t)
	b := report.Build(in, report.Options{Generated: written})
	var out bytes.Buffer
	if err := report.Bundle(&out, b, in.Assessments, m.View(store.View{MaxTLP: stix.AmberStrict})); err != nil {
		t.Fatal(err)
	}
	ids := map[stix.ID]bool{}
	var rels []*stix.Object
	types := map[string]int{}
	err := stix.ReadBundle(&out, func(o *stix.Object) error {
		if ids[o.ID] {
			t.Errorf("%s twice", o.ID)
		}
		ids[o.ID] = true
		types[o.Type]++
		if o.Type == "relationship" {
			rels = append(rels, o)
		}
		return nil
	}, func(bad *stix.BadObjectError) error { return bad })
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rels {
		if !ids[r.SourceRef] || !ids[r.TargetRef] {
			t.Errorf("%s lost an end", r.ID)
		}
	}
	if types[claim.TypeAssessment] != len(b.Operations) || types["extension-definition"] != 6 || types["opinion"] == 0 {
		t.Errorf("types %v", types)
	}
}
