package storetest

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"marque/stix"
	"marque/store"
)

// model checks random histories against the simplest store there can be: a list.
func model(s *suite) {
	rapid.Check(s.T, func(t *rapid.T) {
		st := s.open(s.T)
		defer st.Close()
		m := &listStore{}
		c := &comparison{T: t, ctx: s.T, store: st, model: m}
		for range rapid.IntRange(1, 6).Draw(t, "batches") {
			c.put(s)
			c.compare()
		}
		// Every moment of the past still looks as it did.
		for _, at := range m.times {
			c.view.AsOf = at
			c.compare()
		}
	})
}

// strangers checks that what is above a level changes nothing below it: of two stores, one is given what the sources up to the level tell, the
// other all. Only what a creator marked is known above its level, so nothing here is marked.
func strangers(s *suite) {
	rapid.Check(s.T, func(t *rapid.T) {
		all, below := s.open(s.T), s.open(s.T)
		defer all.Close()
		defer below.Close()
		level := rapid.SampledFrom(allLevels).Draw(t, "level")
		for range rapid.IntRange(1, 8).Draw(t, "batches") {
			p := provenanceOf(t)
			batch := s.batch(t, false)
			got, err := all.Put(s.Context(), p, batch)
			if err != nil {
				t.Fatal(err)
			}
			if p.TLP > level {
				continue
			}
			want, err := below.Put(s.Context(), p, batch)
			if err != nil {
				t.Fatal(err)
			}
			ignoreObjects := gocmp.Comparer(func(a, b *stix.Object) bool { return a == b })
			if d := gocmp.Diff(want, got, ignoreObjects); d != "" {
				t.Fatalf("result up to %v (-without what is above +with it):\n%s", level, d)
			}
			if d := gocmp.Diff(s.looks(t, below, level), s.looks(t, all, level)); d != "" {
				t.Fatalf("up to %v (-without what is above +with it):\n%s", level, d)
			}
		}
	})
}

// looks is what a store shows up to a level.
func (s *suite) looks(t *rapid.T, st store.Store, level stix.TLP) (out []string) {
	r := st.View(store.View{MaxTLP: level})
	note := func(what string, recs iter.Seq2[*store.Record, error]) {
		for rec, err := range recs {
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, what+" "+rec.Level.String()+" "+string(rec.Raw()))
		}
	}
	for _, q := range []store.Query{
		{}, {AllVersions: true}, {AllVersions: true, Importers: []string{"a"}}, {AllVersions: true, Pick: store.Pick{First: true}},
	} {
		note("find", r.Find(s.Context(), q))
	}
	note("related", r.Related(s.Context(), id("tool", 1), store.Both))
	found, err := r.Search(s.Context(), "one", 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, rec := range found {
		out = append(out, "search "+string(rec.ID))
	}
	return out
}

func provenanceOf(t *rapid.T) store.Provenance {
	return store.Provenance{
		Importer: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "importer"),
		TLP:      rapid.SampledFrom(allLevels).Draw(t, "provenance level"),
		Apart:    rapid.SampledFrom([]string{"", "", "ann", "bob"}).Draw(t, "apart"),
	}
}

type comparison struct {
	*rapid.T
	ctx   *testing.T
	store store.Store
	model *listStore
	view  store.View
}

// put stores a few versions of a few objects: many collide.
func (c *comparison) put(s *suite) {
	p := provenanceOf(c.T)
	batch := s.batch(c.T, true)
	got, err := c.store.Put(c.ctx.Context(), p, batch)
	if err != nil {
		c.Fatal(err)
	}
	want := c.model.put(p, batch)
	for i := range got.Refused {
		got.Refused[i].Reason = ""
	}
	ignoreObjects := gocmp.Comparer(func(a, b *stix.Object) bool { return a == b })
	if d := gocmp.Diff(want, got, ignoreObjects); d != "" {
		c.Fatalf("result (-want +got):\n%s", d)
	}
	last := time.Time{}
	for rec, err := range c.store.View(store.Owner()).Find(c.ctx.Context(), store.Query{AllVersions: true}) {
		if err != nil {
			c.Fatal(err)
		}
		last = rec.Stored
	}
	if got.Stored() > 0 {
		c.model.times = append(c.model.times, last)
		c.model.bounds = append(c.model.bounds, len(c.model.versions))
	}
}

// batch makes a few versions of a few objects.
func (s *suite) batch(t *rapid.T, marked bool) (batch []*stix.Object) {
	for range rapid.IntRange(0, 5).Draw(t, "size") {
		more := props{
			"name":                rapid.SampledFrom([]string{"one", "two"}).Draw(t, "name"),
			"modified":            version(rapid.IntRange(1, 3).Draw(t, "version")),
			"object_marking_refs": []stix.ID{rapid.SampledFrom(allLevels).Draw(t, "level").MarkingID()},
		}
		if !marked || rapid.Bool().Draw(t, "unmarked") {
			more["object_marking_refs"] = nil
		}
		if rapid.IntRange(0, 9).Draw(t, "foreign") == 0 {
			more["created_by_ref"] = nil
		}
		n := rapid.IntRange(1, 2).Draw(t, "object")
		switch rapid.SampledFrom([]string{"tool", "malware", "relationship", "domain-name"}).Draw(t, "type") {
		case "relationship":
			more["source_ref"], more["target_ref"] = id("tool", n), id("malware", rapid.IntRange(1, 2).Draw(t, "target"))
			more["relationship_type"] = "uses"
			batch = append(batch, s.object("relationship", n, more))
		case "domain-name":
			batch = append(batch, s.domain("example.org", props{"name": more["name"], "object_marking_refs": more["object_marking_refs"]}))
		case "malware":
			batch = append(batch, s.object("malware", n, more))
		default:
			batch = append(batch, s.object("tool", n, more))
		}
	}
	return batch
}

// compare looks at everything through a random view.
func (c *comparison) compare() {
	c.view.MaxTLP = rapid.SampledFrom(allLevels).Draw(c.T, "view")
	r := c.store.View(c.view)
	for _, all := range []bool{false, true} {
		types := rapid.SampledFrom([][]string{nil, {"tool"}, {"malware", "domain-name"}}).Draw(c.T, "types")
		var got, want []string
		for rec, err := range r.Find(c.ctx.Context(), store.Query{AllVersions: all, Types: types}) {
			if err != nil {
				c.Fatal(err)
			}
			got = append(got, string(rec.Raw()))
		}
		for _, v := range c.model.visible(c.view, all) {
			if types == nil || slices.Contains(types, v.Type) {
				want = append(want, string(v.Raw()))
			}
		}
		c.same("find", got, want)
	}
	var got, want []stix.ID
	for rec, err := range r.Related(c.ctx.Context(), id("tool", 1), store.Both) {
		if err != nil {
			c.Fatal(err)
		}
		got = append(got, rec.ID)
	}
	found, err := r.Search(c.ctx.Context(), "one", 0)
	if err != nil {
		c.Fatal(err)
	}
	var words []stix.ID
	for _, v := range c.model.visible(c.view, false) {
		if v.SourceRef == id("tool", 1) {
			want = append(want, v.ID)
		}
		if v.Name == "one" {
			words = append(words, v.ID)
		}
	}
	c.same("related", got, want)
	hits := ids(found)
	slices.Sort(hits)
	slices.Sort(words)
	c.same("search", hits, words)
}

func (c *comparison) same(what string, got, want any) {
	if d := gocmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
		c.Fatalf("%s as of %v up to %v (-want +got):\n%s", what, c.view.AsOf, c.view.MaxTLP, d)
	}
}

// listStore is the model: versions in the order of storing.
type listStore struct {
	versions []modelVersion
	times    []time.Time // after each batch that stored something
	bounds   []int       // and how many versions there were then
}

type modelVersion struct {
	*stix.Object
	level  stix.TLP
	marked bool
	digest string
	track  string
	at     int // place in the order of storing
}

// strict tells a version that its creator marked: it counts for who may not see it, too.
func (v *modelVersion) strict() bool { return v.marked && !v.Version().IsZero() }

func (m *listStore) put(p store.Provenance, batch []*stix.Object) (res store.PutResult) {
	for i, o := range batch {
		v := modelVersion{Object: o, level: p.TLP, at: len(m.versions)}
		if level, ok := o.TLP(); ok {
			v.level, v.marked = level, true
		}
		if !o.Version().IsZero() {
			v.track = p.Apart
		}
		v.digest, _ = o.Digest()
		mine, leads := m.mine(v)
		same := slices.ContainsFunc(mine, func(h modelVersion) bool { return h.digest == v.digest })
		clash := !o.Version().IsZero() && slices.ContainsFunc(mine, func(h modelVersion) bool { return h.Version().Compare(o.Version()) == 0 })
		switch {
		case !leads, clash && !same:
			res.Refused = append(res.Refused, store.Refusal{Index: i, Object: o})
			continue
		case same:
			res.Unchanged++
			continue
		case len(mine) == 0:
			res.Added++
		case mine[len(mine)-1].Version().Compare(o.Version()) <= 0:
			res.Updated++
		default:
			res.Older++
		}
		m.versions = append(m.versions, v)
	}
	return res
}

// mine are the versions that count for a new one of the same creator on the same track, oldest first, and whether none of another creator
// lead them.
func (m *listStore) mine(v modelVersion) (mine []modelVersion, leads bool) {
	var lines [][]modelVersion
	for _, line := range m.lines(v.ID, len(m.versions)) {
		switch {
		case line[0].track != v.track:
		case line[0].CreatedByRef == v.CreatedByRef:
			mine = slices.DeleteFunc(line, func(h modelVersion) bool { return h.level > v.level && !h.strict() })
			lines = append(lines, mine)
		default:
			lines = append(lines, shownOf(line, v.level))
		}
	}
	lead := leading(lines)
	return mine, len(lead) == 0 || lead[0].CreatedByRef == v.CreatedByRef
}

// of lists the versions of an object among the first n, oldest first.
func (m *listStore) of(id stix.ID, n int) (out []modelVersion) {
	for _, v := range m.versions[:n] {
		if v.ID == id {
			out = append(out, v)
		}
	}
	slices.SortStableFunc(out, func(a, b modelVersion) int { return a.Version().Compare(b.Version()) })
	return out
}

func (m *listStore) visible(view store.View, all bool) (out []modelVersion) {
	n := len(m.versions)
	if !view.AsOf.IsZero() {
		at, _ := slices.BinarySearchFunc(m.times, view.AsOf, func(t, u time.Time) int { return cmp.Compare(t.UnixMicro(), u.UnixMicro()) })
		n = m.bounds[at]
	}
	for _, v := range m.versions[:n] {
		var lines [][]modelVersion
		for _, line := range m.lines(v.ID, n) {
			lines = append(lines, shownOf(line, view.MaxTLP))
		}
		shown := leading(lines)
		twin := func(w modelVersion) bool { return w.at < v.at && w.digest == v.digest && w.level <= view.MaxTLP }
		if all && slices.Contains(shown, v) && !slices.ContainsFunc(shown, twin) || !all && len(shown) > 0 && shown[len(shown)-1] == v {
			out = append(out, v)
		}
	}
	return out
}

// lines are the versions of an object by who speaks, by track and creator, in no order.
func (m *listStore) lines(id stix.ID, n int) [][]modelVersion {
	type speaker struct {
		track   string
		creator stix.ID
	}
	by := map[speaker][]modelVersion{}
	for _, v := range m.of(id, n) {
		who := speaker{v.track, v.CreatedByRef}
		by[who] = append(by[who], v)
	}
	return slices.Collect(maps.Values(by))
}

// leading is the line that leads, of those of which something is left: one of the creators' own before those apart, and of these the one that
// came first.
func leading(lines [][]modelVersion) (lead []modelVersion) {
	rank := func(line []modelVersion) int {
		at := slices.MinFunc(line, func(a, b modelVersion) int { return cmp.Compare(a.at, b.at) }).at
		if line[0].track != "" {
			at += 1 << 40
		}
		return at
	}
	for _, line := range lines {
		if len(line) > 0 && (lead == nil || rank(line) < rank(lead)) {
			lead = line
		}
	}
	return lead
}

// shownOf are the versions of a line that a view up to a level shows, oldest first.
func shownOf(line []modelVersion, level stix.TLP) []modelVersion {
	line = slices.DeleteFunc(slices.Clone(line), func(v modelVersion) bool { return v.level > level && !v.strict() })
	if len(line) == 0 || line[len(line)-1].level > level {
		return nil
	}
	return slices.DeleteFunc(line, func(v modelVersion) bool { return v.level > level })
}
