package storetest

import (
	"time"

	"marque/stix"
	"marque/store"
)

func by(importer string) store.Provenance {
	p := source
	p.Importer, p.Source = importer, importer
	return p
}

func severalImporters(s *suite) {
	a, b, c := s.object("malware", 1, nil), s.object("malware", 2, nil), s.object("malware", 3, nil)
	s.putFrom(by("x"), a, b)
	s.putFrom(by("y"), b, c)
	s.putFrom(by("z"), c, b, a)
	for _, t := range []struct {
		importers []string
		want      []stix.ID
	}{
		{[]string{"x", "y"}, []stix.ID{a.ID, b.ID, c.ID}},
		{[]string{"y", "z"}, []stix.ID{b.ID, c.ID, a.ID}},
		{[]string{"z", "y", "x", "z"}, []stix.ID{a.ID, b.ID, c.ID}},
		{[]string{"z", "none"}, []stix.ID{c.ID, b.ID, a.ID}},
		{[]string{"none"}, nil},
	} {
		s.equal("brought", ids(s.find(s.owner(), store.Query{Importers: t.importers})), t.want)
		if n, err := s.owner().Count(s.Context(), store.Query{Importers: t.importers}); n != len(t.want) || err != nil {
			s.Errorf("count of %v: %d, %v", t.importers, n, err)
		}
	}
}

func (s *suite) withdraw(importer string, recs ...*store.Record) {
	s.Helper()
	seqs := make([]int64, len(recs))
	for i, r := range recs {
		seqs[i] = r.Seq
	}
	if err := s.Withdraw(s.Context(), importer, seqs); err != nil {
		s.Fatal(err)
	}
}

func withdrawals(s *suite) {
	x, y := store.Query{Importers: []string{"x"}}, store.Query{Importers: []string{"y"}}
	a, b := s.object("malware", 1, nil), s.object("malware", 2, nil)
	s.putFrom(by("x"), a, b)
	s.putFrom(by("y"), b, a)
	before := s.find(s.owner(), store.Query{Importers: []string{"x", "y"}})
	s.withdraw("x", s.find(s.owner(), x)[0])
	s.equal("one is left", ids(s.find(s.owner(), x)), []stix.ID{b.ID})
	s.equal("the other importer has both", ids(s.find(s.owner(), y)), []stix.ID{b.ID, a.ID})
	s.equal("together", ids(s.find(s.owner(), store.Query{Importers: []string{"x", "y"}})), []stix.ID{b.ID, a.ID})
	s.equal("the store has both", len(s.find(s.owner(), store.Query{})), 2)
	s.equal("as then", ids(s.find(s.at(before[1].Stored), x)), []stix.ID{a.ID, b.ID})
	n := len(s.find(s.owner(), store.Query{AllVersions: true}))
	s.withdraw("x", before[0])                               // again
	s.withdraw("y", before[0])                               // not the importer's
	s.withdraw("x", &store.Record{Seq: 99}, &store.Record{}) // not there
	s.equal("nothing changed", len(s.find(s.owner(), store.Query{AllVersions: true})), n)
	s.equal("still both", ids(s.find(s.owner(), y)), []stix.ID{b.ID, a.ID})
	// Brought again by the same source, it comes after everything that a reader may have seen.
	last := s.find(s.owner(), y)[1]
	s.counts(s.putFrom(by("x"), a), 0, 0, 0, 1, 0)
	got := s.find(s.owner(), x)
	s.equal("back", ids(got), []stix.ID{b.ID, a.ID})
	if got[1].Seq <= last.Seq || !got[1].Added.After(last.Added) {
		s.Errorf("back at %d, %v: want after %d, %v", got[1].Seq, got[1].Added, last.Seq, last.Added)
	}
	s.counts(s.putFrom(by("x"), a), 0, 0, 0, 1, 0)
	s.equal("once", len(s.find(s.owner(), x)), 2)
	s.withdraw("x", got...)
	s.equal("and gone", len(s.find(s.owner(), x)), 0)
	s.withdraw("y", s.find(s.owner(), y)...)
	s.equal("the other, too", len(s.find(s.owner(), y)), 0)
}

// strictImporter: that an importer brought what another gave freely is as secret as the importer's source.
func strictImporter(s *suite) {
	strict, free := told(stix.Amber, "d1"), told(stix.Clear, "d2")
	strict.Importer, free.Importer = "x", "x"
	of := store.Query{Importers: []string{"x"}, AllVersions: true}
	first := told(stix.Clear, "d0")
	plain, open := s.object("malware", 1, nil), s.object("malware", 2, marked(stix.Clear))
	s.putFrom(first, plain, open)
	s.putFrom(strict, plain, open)
	s.equal("below", ids(s.find(s.upTo(stix.Clear), of)), []stix.ID{open.ID})
	s.equal("above", ids(s.find(s.upTo(stix.Amber), of)), []stix.ID{plain.ID, open.ID})
	s.putFrom(free, plain, open)
	s.equal("told freely", ids(s.find(s.upTo(stix.Clear), of)), []stix.ID{open.ID, plain.ID})
	s.equal("once", ids(s.find(s.upTo(stix.Amber), of)), []stix.ID{plain.ID, open.ID})
	// It is taken back at every level at once; so is what came as versions of different levels.
	s.withdraw("x", s.find(s.owner(), of)...)
	s.equal("nothing left", len(s.find(s.upTo(stix.Clear), of)), 0)
	s.equal("nothing left above", len(s.find(s.owner(), of)), 0)
	twice := s.object("malware", 3, nil)
	s.putFrom(strict, twice)
	s.putFrom(free, twice)
	s.withdraw("x", s.find(s.owner(), of)...)
	s.equal("neither version", len(s.find(s.owner(), of))+len(s.find(s.upTo(stix.Clear), of)), 0)
	s.get(s.upTo(stix.Clear), twice.ID)
}

func moments(s *suite) {
	s.put(Generate(1500, 3)...)
	s.putFrom(by("x"), Generate(700, 3)...)
	s.put(s.object("tool", 7, nil))
	for _, q := range []store.Query{{AllVersions: true}, {Importers: []string{"x"}}} {
		recs := s.find(s.owner(), q)
		for i, r := range recs {
			switch {
			case r.Added.After(r.Stored), !r.Added.Equal(r.Added.Truncate(time.Microsecond)), r.Added.Location() != time.UTC:
				s.Fatalf("record %d: added %v, stored %v", i, r.Added, r.Stored)
			case i > 0 && !r.Added.After(recs[i-1].Added):
				s.Fatalf("record %d: added %v, not after %v", i, r.Added, recs[i-1].Added)
			}
		}
		// Who pages by that time meets each once.
		seen := 0
		for at := (time.Time{}); ; {
			page := q
			page.AddedAfter, page.Limit = at, 97
			got := s.find(s.owner(), page)
			if len(got) == 0 {
				break
			}
			for i, r := range got {
				if r.Seq != recs[seen+i].Seq {
					s.Fatalf("position %d has sequence %d, want %d", seen+i, r.Seq, recs[seen+i].Seq)
				}
			}
			seen, at = seen+len(got), got[len(got)-1].Added
		}
		s.equal("paged through", seen, len(recs))
	}
}

func picks(s *suite) {
	with := func(n int, level stix.TLP) *stix.Object {
		return s.object("malware", 1, props{"modified": version(n), "object_marking_refs": []stix.ID{level.MarkingID()}})
	}
	s.putFrom(by("x"), with(2, stix.Clear), with(3, stix.Clear), with(1, stix.Amber), s.domain("one.example", nil))
	s.putFrom(by("y"), with(5, stix.Clear), with(4, stix.Clear), with(3, stix.Clear), s.domain("one.example", props{"x_n": 1}))
	s.put(with(6, stix.Clear))
	dom := s.find(s.owner(), store.Query{AllVersions: true, Types: []string{"domain-name"}})
	green, x := s.View(store.View{MaxTLP: stix.Green}), []string{"x"}
	at := func(n int) time.Time { return time.Date(2024, 1, 1, 0, 0, n, 0, time.UTC) }
	for _, c := range []struct {
		name string
		r    store.Reader
		pick store.Pick
		by   []string
		want []string // versions; "d0", "d1" are those of the domain
	}{
		{"all", s.owner(), store.Pick{}, nil, []string{version(2), version(3), version(1), "d0", version(5), version(4), "d1", version(6)}},
		{"last", s.owner(), store.Pick{Last: true}, nil, []string{"d1", version(6)}},
		{"first", s.owner(), store.Pick{First: true}, nil, []string{version(1), "d0"}},
		{"first up to a level", green, store.Pick{First: true}, nil, []string{version(2), "d0"}},
		{"first and last", s.owner(), store.Pick{First: true, Last: true}, nil, []string{version(1), "d0", "d1", version(6)}},
		{"instants", s.owner(), store.Pick{At: []time.Time{at(4), at(9), at(2)}}, nil, []string{version(2), version(4)}},
		{"instant and first", s.owner(), store.Pick{First: true, At: []time.Time{at(4)}}, nil, []string{version(1), "d0", version(4)}},
		{"instant above the level", green, store.Pick{At: []time.Time{at(1)}}, nil, nil},
		{"moment of an object without versions", s.owner(), store.Pick{At: []time.Time{dom[0].Added}}, nil, []string{"d0"}},
		{"a nanosecond off", s.owner(), store.Pick{At: []time.Time{dom[0].Added.Add(1)}}, nil, nil},
		{"all of an importer", s.owner(), store.Pick{}, x, []string{version(2), version(3), version(1), "d0"}},
		{"last of an importer", s.owner(), store.Pick{Last: true}, x, []string{version(3), "d0"}},
		{"first of an importer", s.owner(), store.Pick{First: true}, x, []string{version(1), "d0"}},
		{"last of the other", s.owner(), store.Pick{Last: true}, []string{"y"}, []string{version(5), "d1"}},
		{"first of the other", s.owner(), store.Pick{First: true}, []string{"y"}, []string{version(3), "d1"}},
		{"last of both", s.owner(), store.Pick{Last: true}, []string{"y", "x"}, []string{version(5), "d1"}},
	} {
		got := s.find(c.r, store.Query{AllVersions: true, Pick: c.pick, Importers: c.by})
		var names []string
		for _, r := range got {
			switch {
			case r.Type != "domain-name":
				names = append(names, r.Version().String())
			case string(r.Raw()) == string(dom[0].Raw()):
				names = append(names, "d0")
			default:
				names = append(names, "d1")
			}
		}
		s.equal(c.name, names, c.want)
	}
	// Pages agree on what is last, and a withdrawn version is not.
	q := store.Query{AllVersions: true, Pick: store.Pick{Last: true}, Importers: x, Types: []string{"malware"}}
	last := s.find(s.owner(), q)[0]
	q.AfterSeq = last.Seq
	s.equal("after the last", len(s.find(s.owner(), q)), 0)
	q.AfterSeq = 0
	s.withdraw("x", last)
	s.equal("the one before", s.find(s.owner(), q)[0].Version().String(), version(2))
}

func pages(s *suite) {
	widest := store.View{MaxTLP: stix.AmberStrict}
	s.put(Generate(300, 9)...)
	s.putFrom(by("x"), s.object("malware", 1, marked(stix.Red)), s.object("malware", 2, nil))
	s.putFrom(by("y"), s.object("malware", 2, nil), s.domain("y.example", nil)) // the first is known already
	for _, c := range []struct {
		view store.View
		q    store.Query
	}{
		{widest, store.Query{}},
		{widest, store.Query{Limit: 7}},
		{widest, store.Query{Limit: 302}},
		{widest, store.Query{Limit: 301, AfterSeq: 1}},
		{store.View{}, store.Query{Limit: 300}},
		{store.View{}, store.Query{Importers: []string{"x"}}},
		{widest, store.Query{Importers: []string{"x"}, Limit: 1}},
		{widest, store.Query{Importers: []string{"y"}}},
		{widest, store.Query{Importers: []string{"x", "y"}, Limit: 2}},
		{widest, store.Query{Types: []string{"malware", "tool"}, Limit: 5, AllVersions: true, Pick: store.Pick{First: true}}},
		{widest, store.Query{AfterSeq: 400}},
	} {
		for _, use := range []store.Use{store.Knowledge, store.Blocking} {
			r, err := store.Share(s, c.view, use)
			if err != nil {
				s.Fatal(err)
			}
			recs := s.find(r, c.q)
			want := store.Page{Count: len(recs)}
			if n := len(recs); n > 0 {
				want.First, want.Last, want.LastSeq = recs[0].Added, recs[n-1].Added, recs[n-1].Seq
				rest := c.q
				rest.Limit, rest.AfterSeq = 0, want.LastSeq
				want.More = len(s.find(r, rest)) > 0
			}
			got, err := r.Page(s.Context(), c.q)
			if err != nil {
				s.Fatal(err)
			}
			for range 2 { // it may be read again
				s.equal("records", bodies(collect(s.T, got.Records)), bodies(recs))
			}
			got.Records = nil
			s.equal("page", got, want)
		}
	}
	// What is stored after a page was selected does not change it.
	page, err := s.owner().Page(s.Context(), store.Query{Types: []string{"malware"}, Importers: []string{"x"}})
	if err != nil {
		s.Fatal(err)
	}
	s.put(s.object("malware", 2, props{"modified": version(2), "name": "newer"}))
	s.equal("as it was selected", len(collect(s.T, page.Records)), page.Count)
}
