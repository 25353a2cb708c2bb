package storetest

import (
	"strings"

	"marque/stix"
	"marque/store"
)

func lossless(s *suite) {
	odd := `{"x_first":1.50, "type":"tool","id":"` + string(id("tool", 1)) + `","spec_version":"2.1",` +
		`"created":"2024-01-01T00:00:00.1Z","modified":"2024-01-01T00:00:00.120000Z","name":"caf\u00e9 \ud83d\ude00",` +
		`"extensions":{"x":{"deep":[null,{"a":1e400}]}},"custom":"` + strings.Repeat("long ", 20_000) + `"}`
	o, err := stix.Parse([]byte(odd))
	if err == nil {
		_, err = o.Canonical()
	}
	if err != nil { // 1e400 has no canonical form
		odd = strings.Replace(odd, "1e400", "1e40", 1)
		if o, err = stix.Parse([]byte(odd)); err != nil {
			s.Fatal(err)
		}
	}
	s.put(o)
	if got := string(s.get(s.owner(), o.ID).Raw()); got != odd {
		s.Errorf("bytes changed:\n%.300s\n%.300s", got, odd)
	}
}

func outcomes(s *suite) {
	s.counts(s.put(), 0, 0, 0, 0, 0)
	v1 := s.object("malware", 1, nil)
	v2 := s.object("malware", 1, props{"modified": version(5), "name": "renamed"})
	between := s.object("malware", 1, props{"modified": version(3)})
	s.counts(s.put(v1, s.object("malware", 2, nil)), 2, 0, 0, 0, 0)
	s.counts(s.put(v2), 0, 1, 0, 0, 0)
	s.counts(s.put(between), 0, 0, 1, 0, 0)
	s.counts(s.put(v1, v2, between), 0, 0, 0, 3, 0)
	got := s.get(s.owner(), v1.ID)
	s.equal("latest", string(got.Raw()), string(v2.Raw()))
	all, err := s.owner().Versions(s.Context(), v1.ID)
	if err != nil {
		s.Fatal(err)
	}
	s.equal("versions, oldest first", bodies(all), []string{string(v1.Raw()), string(between.Raw()), string(v2.Raw())})
}

func idempotent(s *suite) {
	batch := Generate(1500, 7)
	s.counts(s.put(batch...), len(batch), 0, 0, 0, 0)
	before := s.find(s.owner(), store.Query{AllVersions: true})
	again := source
	again.Time = again.Time.AddDate(0, 1, 0) // read a month later: still the same source
	s.counts(s.putFrom(again, batch...), 0, 0, 0, len(batch), 0)
	after := s.find(s.owner(), store.Query{AllVersions: true})
	s.equal("number of versions", len(after), len(before))
	for i := range before {
		if before[i].Seq != after[i].Seq || before[i].Stored != after[i].Stored || before[i].Provenance != after[i].Provenance {
			s.Fatalf("record %d changed: %+v, was %+v", i, after[i], before[i])
		}
	}
	// Not even the sequence moved: the next object follows directly.
	s.put(s.object("tool", 1, nil))
	s.equal("sequence", s.get(s.owner(), id("tool", 1)).Seq, before[len(before)-1].Seq+1)

	// Equal under JCS is the same, whatever the order of the names and the spaces.
	o, err := stix.Parse([]byte(`{ "id":"` + string(id("tool", 2)) + `", "type":"tool", "name":"a", "created":"2024-01-01T00:00:00Z" }`))
	if err != nil {
		s.Fatal(err)
	}
	same, err := stix.Parse([]byte(`{"type":"tool","id":"` + string(id("tool", 2)) + `","created":"2024-01-01T00:00:00Z","name":"\u0061"}`))
	if err != nil {
		s.Fatal(err)
	}
	s.counts(s.put(o), 1, 0, 0, 0, 0)
	s.counts(s.put(same), 0, 0, 0, 1, 0)
	s.equal("bytes of the first", string(s.get(s.owner(), o.ID).Raw()), string(o.Raw()))
}

func orderWithinBatch(s *suite) {
	v1 := s.object("malware", 1, nil)
	v2 := s.object("malware", 1, props{"modified": version(2)})
	clash := s.object("malware", 1, props{"modified": version(2), "name": "clash"})
	tool := s.object("tool", 1, nil)
	res := s.put(v2, v1, v2, clash, tool)
	s.counts(res, 2, 0, 1, 1, 1)
	s.equal("place of the refusal", res.Refused[0].Index, 3)
	if res.Refused[0].Object != clash || res.Refused[0].Reason == "" {
		s.Errorf("refusal %+v, want the clashing object with a reason", res.Refused[0])
	}
	recs := s.find(s.owner(), store.Query{AllVersions: true})
	s.equal("order of storing", bodies(recs), []string{string(v2.Raw()), string(v1.Raw()), string(tool.Raw())})
	for i, r := range recs {
		s.equal("sequence", r.Seq, int64(i+1))
	}
}

// repeatsWithinBatch: in a long batch, each object comes again a little later.
func repeatsWithinBatch(s *suite) {
	objects := Generate(3000, 23)
	var batch []*stix.Object
	for i, o := range objects {
		batch = append(batch, o)
		if i >= 10 {
			batch = append(batch, objects[i-10])
		}
	}
	s.counts(s.put(batch...), len(objects), 0, 0, len(objects)-10, 0)
	s.equal("versions", len(s.find(s.owner(), store.Query{AllVersions: true})), len(objects))
}

func versionsByInstant(s *suite) {
	// As text these would sort otherwise: "…01Z" after "…01.5Z".
	times := []string{
		"2024-01-01T00:00:01Z", "2024-01-01T00:00:01.0000001Z", "2024-01-01T00:00:01.45Z", "2024-01-01T00:00:01.5Z",
		"2024-01-01T00:00:01.500001Z", "2024-01-01T00:00:02Z",
	}
	for _, i := range []int{3, 0, 5, 1, 4, 2} {
		s.put(s.object("malware", 1, props{"modified": times[i]}))
	}
	recs, err := s.owner().Versions(s.Context(), id("malware", 1))
	if err != nil {
		s.Fatal(err)
	}
	var got []string
	for _, r := range recs {
		got = append(got, r.Modified.String())
	}
	s.equal("versions", got, times)
	s.equal("latest", s.get(s.owner(), id("malware", 1)).Modified.String(), times[len(times)-1])
	// The same instant with other digits is the same version, and says the same; other content under it is refused.
	s.counts(s.put(s.object("malware", 1, props{"modified": "2024-01-01T00:00:01.50Z"})), 0, 0, 0, 1, 0)
	s.counts(s.put(s.object("malware", 1, props{"modified": "2024-01-01T00:00:01.50Z", "x_other": 1})), 0, 0, 0, 0, 1)
}

func unversioned(s *suite) {
	a := s.domain("example.org", nil)
	b := s.domain("example.org", props{"x_rank": 1})
	c := s.domain("example.org", props{"x_rank": 2})
	s.counts(s.put(a), 1, 0, 0, 0, 0)
	s.counts(s.put(b), 0, 1, 0, 0, 0)
	s.counts(s.put(c, b, a), 0, 1, 0, 2, 0)
	s.equal("latest is the last stored", string(s.get(s.owner(), a.ID).Raw()), string(c.Raw()))
	recs, err := s.owner().Versions(s.Context(), a.ID)
	if err != nil {
		s.Fatal(err)
	}
	s.equal("versions", bodies(recs), []string{string(a.Raw()), string(b.Raw()), string(c.Raw())})
}

func anotherCreator(s *suite) {
	mine := s.object("malware", 1, nil)
	s.put(mine)
	for _, by := range []any{id("identity", 66), nil} {
		theirs := s.object("malware", 1, props{"modified": version(9), "created_by_ref": by})
		res := s.put(s.object("tool", 1, nil), theirs)
		if len(res.Refused) != 1 || res.Refused[0].Index != 1 || res.Refused[0].Object != theirs {
			s.Errorf("created by %v: refused %+v, want the object at 1", by, res.Refused)
		}
	}
	nobodys := s.object("malware", 2, props{"created_by_ref": nil})
	s.counts(s.put(nobodys), 1, 0, 0, 0, 0)
	s.counts(s.put(s.object("malware", 2, props{"modified": version(2)})), 0, 0, 0, 0, 1)
	s.equal("untouched", string(s.get(s.owner(), mine.ID).Raw()), string(mine.Raw()))
	s.equal("the rest of the batch", s.get(s.owner(), id("tool", 1)).Seq, int64(2))
}

func otherContent(s *suite) {
	v1 := s.object("malware", 1, nil)
	forged := s.object("malware", 1, props{"description": "not what the creator said"})
	s.put(v1)
	res := s.put(forged)
	s.counts(res, 0, 0, 0, 0, 1)
	s.equal("untouched", string(s.get(s.owner(), v1.ID).Raw()), string(v1.Raw()))
	// Also under an older version than the latest.
	s.put(s.object("malware", 1, props{"modified": version(2)}))
	s.counts(s.put(forged), 0, 0, 0, 0, 1)
	if got := s.search(s.owner(), "creator"); len(got) > 0 {
		s.Errorf("words of a refused object are found: %v", got)
	}
}

func allOrNothing(s *suite) {
	batch := Generate(1200, 3)
	batch[1100] = nil
	if _, err := s.Put(s.Context(), source, batch); err == nil {
		s.Fatal("a batch with a nil object was accepted")
	}
	s.equal("stored of a failed batch", len(s.find(s.owner(), store.Query{AllVersions: true})), 0)
	bad := source
	bad.TLP = 99
	if _, err := s.Put(s.Context(), bad, batch[:10]); err == nil {
		s.Error("a provenance with a level that does not exist was accepted")
	}
	batch[1100] = s.object("tool", 1, nil)
	s.counts(s.put(batch...), len(batch), 0, 0, 0, 0)
	s.equal("first sequence", s.find(s.owner(), store.Query{Limit: 1})[0].Seq, int64(1))
}

func appendOnly(s *suite) {
	objects := []*stix.Object{s.object("malware", 1, nil), s.domain("example.org", nil), s.object("tool", 1, nil)}
	s.put(objects...)
	before := s.find(s.owner(), store.Query{AllVersions: true})
	s.put(s.object("malware", 1, props{"modified": version(2)}), s.domain("example.org", props{"x": 1}),
		s.object("tool", 1, props{"modified": version(7), "revoked": true}))
	s.put(s.object("tool", 1, props{"name": "forged"}))
	after := s.find(s.owner(), store.Query{AllVersions: true})[:len(before)]
	s.equal("bytes", bodies(after), bodies(before))
	for i := range before {
		if before[i].Seq != after[i].Seq || !before[i].Stored.Equal(after[i].Stored) || before[i].Level != after[i].Level {
			s.Errorf("record %d changed: %+v, was %+v", i, after[i], before[i])
		}
	}
	if !s.get(s.owner(), id("tool", 1)).Revoked {
		s.Error("a revoked object is not shown as such: its latest version must be")
	}
}

func provenance(s *suite) {
	o := s.object("malware", 1, nil)
	s.put(o)
	s.equal("provenance", s.get(s.owner(), o.ID).Provenance, source)
	second := store.Provenance{Source: "https://example.org/feed", Importer: "taxii:1", Digest: "d2", Time: source.Time.AddDate(0, 0, 1)}
	s.counts(s.putFrom(second, o), 0, 0, 0, 1, 0)
	s.counts(s.putFrom(second, o), 0, 0, 0, 1, 0)
	s.equal("a version keeps its first provenance", s.get(s.owner(), o.ID).Provenance, source)
	got, err := s.owner().Sources(s.Context(), o.ID)
	if err != nil {
		s.Fatal(err)
	}
	s.equal("sources", got, []store.Provenance{source, second})
	// A new version begins anew.
	s.putFrom(second, s.object("malware", 1, props{"modified": version(2)}))
	if got, err = s.owner().Sources(s.Context(), o.ID); err != nil {
		s.Fatal(err)
	}
	s.equal("sources of the new version", got, []store.Provenance{second})
	s.putFrom(store.Provenance{}, s.object("tool", 1, nil))
	s.equal("empty provenance", s.get(s.owner(), id("tool", 1)).Provenance, store.Provenance{})
}

func provenanceAboveLevel(s *suite) {
	secret := source
	secret.TLP = stix.Red
	o := s.object("malware", 1, marked(stix.Clear))
	s.putFrom(secret, o)
	r := s.View(store.View{MaxTLP: stix.Amber})
	s.equal("provenance below its level", s.get(r, o.ID).Provenance, store.Provenance{})
	s.putFrom(source, o)
	got, err := r.Sources(s.Context(), o.ID)
	if err != nil {
		s.Fatal(err)
	}
	s.equal("sources up to the level", got, []store.Provenance{source})
}

func importerOrder(s *suite) {
	one, two := source, source
	one.Importer, two.Importer = "taxii:1", "taxii:2"
	a, b, c := s.object("malware", 1, nil), s.object("malware", 2, nil), s.object("tool", 3, nil)
	s.putFrom(one, a, b)
	first := s.find(s.owner(), store.Query{Importers: []string{"taxii:2"}})
	s.equal("nothing yet", len(first), 0)
	s.putFrom(two, c)
	seen := s.find(s.owner(), store.Query{Importers: []string{"taxii:2"}})
	s.equal("one", ids(seen), []stix.ID{c.ID})
	// What another importer had brought before comes after what this one brought before: who pages by sequence meets it.
	s.putFrom(two, a)
	again := two
	again.Digest = "d2"
	s.putFrom(again, a, c)
	next := s.find(s.owner(), store.Query{Importers: []string{"taxii:2"}, AfterSeq: seen[0].Seq})
	s.equal("the next page", ids(next), []stix.ID{a.ID})
	s.equal("all", ids(s.find(s.owner(), store.Query{Importers: []string{"taxii:2"}})), []stix.ID{c.ID, a.ID})
	s.equal("added after", ids(s.find(s.owner(), store.Query{Importers: []string{"taxii:2"}, AddedAfter: seen[0].Stored})), []stix.ID{a.ID})
	s.equal("provenance of this importer", next[0].Provenance, two)
	s.equal("not yet then", ids(s.find(s.at(seen[0].Stored), store.Query{Importers: []string{"taxii:2"}})), []stix.ID{c.ID})
	s.equal("the other importer", ids(s.find(s.owner(), store.Query{Importers: []string{"taxii:1"}})), []stix.ID{a.ID, b.ID})
	s.equal("by type", ids(s.find(s.owner(), store.Query{Importers: []string{"taxii:2"}, Types: []string{"malware"}})), []stix.ID{a.ID})
	s.equal("everything once", ids(s.find(s.owner(), store.Query{})), []stix.ID{a.ID, b.ID, c.ID})
	s.equal("unknown importer", len(s.find(s.owner(), store.Query{Importers: []string{"taxii:3"}})), 0)
	if n, err := s.owner().Count(s.Context(), store.Query{Importers: []string{"taxii:2"}}); n != 2 || err != nil {
		s.Errorf("count: %d, %v, want 2", n, err)
	}
}
