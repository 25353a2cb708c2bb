package storetest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"marque/stix"
	"marque/store"
)

func queries(s *suite) {
	other := id("identity", 2)
	s.put(s.object("malware", 1, nil), s.object("tool", 1, nil), s.domain("example.org", nil))
	cut := s.find(s.owner(), store.Query{})[2]
	s.put(s.object("malware", 2, props{"created_by_ref": other}), s.object("malware", 1, props{"modified": version(2)}))
	all := s.find(s.owner(), store.Query{AllVersions: true})
	mal1, tool, domain, mal2, mal1b := all[0].ID, all[1].ID, all[2].ID, all[3].ID, all[4].ID
	for _, c := range []struct {
		name string
		q    store.Query
		want []stix.ID
	}{
		{"latest", store.Query{}, []stix.ID{tool, domain, mal2, mal1b}},
		{"all versions", store.Query{AllVersions: true}, []stix.ID{mal1, tool, domain, mal2, mal1b}},
		{"a type", store.Query{Types: []string{"malware"}}, []stix.ID{mal2, mal1b}},
		{"types, interleaved", store.Query{Types: []string{"tool", "malware", "tool", "none"}, AllVersions: true}, []stix.ID{mal1, tool, mal2, mal1b}},
		{"ids", store.Query{IDs: []stix.ID{mal1, tool, "x"}}, []stix.ID{tool, mal1b}},
		{"ids and type", store.Query{IDs: []stix.ID{mal1, tool}, Types: []string{"tool"}}, []stix.ID{tool}},
		{"creator", store.Query{CreatedBy: []stix.ID{other}}, []stix.ID{mal2}},
		{"creators", store.Query{CreatedBy: []stix.ID{other, Vendor}, Types: []string{"malware"}}, []stix.ID{mal2, mal1b}},
		{"after a sequence", store.Query{AfterSeq: 3}, []stix.ID{mal2, mal1b}},
		{"after a time", store.Query{AddedAfter: cut.Stored}, []stix.ID{mal2, mal1b}},
		{"after just before that moment", store.Query{AddedAfter: cut.Added.Add(-time.Microsecond)}, []stix.ID{domain, mal2, mal1b}},
		{"two microseconds before", store.Query{AddedAfter: cut.Added.Add(-2 * time.Microsecond), Types: []string{"tool", "domain-name"}}, []stix.ID{tool, domain}},
		{"before everything", store.Query{AddedAfter: time.Unix(0, 0), AllVersions: true}, []stix.ID{mal1, tool, domain, mal2, mal1b}},
		{"in the future", store.Query{AddedAfter: cut.Added.Add(time.Hour)}, nil},
		{"after both", store.Query{AddedAfter: cut.Stored, AfterSeq: 4}, []stix.ID{mal1b}},
		{"limit", store.Query{Limit: 2}, []stix.ID{tool, domain}},
		{"nothing", store.Query{Types: []string{"none"}}, []stix.ID{}},
		{"hostile", store.Query{Types: []string{`x' OR 1=1 --`}, IDs: []stix.ID{`"]`}}, []stix.ID{}},
	} {
		s.equal(c.name, ids(s.find(s.owner(), c.q)), c.want)
		n, err := s.owner().Count(s.Context(), c.q)
		if err != nil || n != len(c.want) {
			s.Errorf("%s: count %d, %v, want %d", c.name, n, err, len(c.want))
		}
	}
}

func limits(s *suite) {
	objects := Generate(2600, 5) // more than two of any driver's pages
	s.put(objects...)
	for _, limit := range []int{1, 999, 1000, 1001, 2000, 2599, 2600, 2601} {
		want := min(limit, len(objects))
		s.equal("found", len(s.find(s.owner(), store.Query{Limit: limit})), want)
		n, err := s.owner().Count(s.Context(), store.Query{Limit: limit})
		if err != nil || n != want {
			s.Errorf("count %d, %v, want %d", n, err, want)
		}
	}
	many := make([]string, 300)
	for i := range many {
		many[i] = objects[i].Type
		many[i] += string(rune('a' + i%26))
	}
	many = append(many, "relationship", "malware", "intrusion-set", "attack-pattern", "indicator")
	s.equal("many types", len(s.find(s.owner(), store.Query{Types: many})), len(objects))
	big := make([]stix.ID, len(objects))
	for i, o := range objects {
		big[i] = o.ID
	}
	got := s.find(s.owner(), store.Query{IDs: big})
	s.equal("many ids", ids(got), big)
}

// paging: readers page by sequence while writers write. Each must see each version exactly once.
func paging(s *suite) {
	objects := Generate(3000, 11)
	var writers, readers sync.WaitGroup
	ctx, done := context.WithCancel(s.Context())
	defer done()
	for w := range 3 {
		writers.Go(func() {
			for i := w * 1000; i < (w+1)*1000; i += 50 {
				if _, err := s.Put(s.Context(), source, objects[i:i+50]); err != nil {
					s.Error(err)
				}
			}
		})
	}
	for _, q := range []store.Query{{AllVersions: true}, {}, {Importers: []string{source.Importer}}} {
		readers.Go(func() {
			seen := map[stix.ID]bool{}
			q.Limit = 37
			for {
				ended := ctx.Err() != nil // before the page: what it then does not show is not there
				n := 0
				for rec, err := range s.owner().Find(s.Context(), q) {
					if err != nil {
						s.Error(err)
						return
					}
					if seen[rec.ID] || rec.Seq <= q.AfterSeq {
						s.Errorf("%s comes twice, or %d is not after %d", rec.ID, rec.Seq, q.AfterSeq)
						return
					}
					seen[rec.ID], q.AfterSeq = true, rec.Seq
					n++
				}
				if n == 0 && ended {
					break
				}
			}
			if len(seen) != len(objects) {
				s.Errorf("paged through %d of %d", len(seen), len(objects))
			}
		})
	}
	writers.Wait()
	done()
	readers.Wait()
}

// nested: who iterates may read and write meanwhile, and still sees what was there when the iteration began.
func nested(s *suite) {
	s.put(Generate(2500, 13)...)
	n := 0
	for rec, err := range s.owner().Find(s.Context(), store.Query{}) {
		if err != nil {
			s.Fatal(err)
		}
		if n%500 == 0 {
			s.put(s.object("tool", n, nil))
			deeper(s, 5, rec.ID)
		}
		n++
	}
	s.equal("a snapshot", n, 2500)
	for _, err := range s.owner().Find(s.Context(), store.Query{}) {
		if err != nil {
			s.Error(err)
		}
		break // an iteration may end early
	}
	s.equal("after", len(s.find(s.owner(), store.Query{})), 2505)
}

// deeper iterates within iterations: as deep as it likes, whatever number of connections a driver has.
func deeper(s *suite, depth int, id stix.ID) {
	if depth == 0 {
		s.get(s.owner(), id)
		return
	}
	for _, err := range s.owner().Find(s.Context(), store.Query{Limit: 2}) {
		if err != nil {
			s.Fatal(err)
		}
		deeper(s, depth-1, id)
	}
}

func concurrent(s *suite) {
	objects := Generate(400, 17)
	var wg sync.WaitGroup
	for range 4 { // all bring the same: each is stored once
		wg.Go(func() {
			for batch := range slices.Chunk(objects, 40) {
				if _, err := s.Put(s.Context(), source, batch); err != nil {
					s.Error(err)
				}
				if _, err := s.owner().Get(s.Context(), batch[39].ID); err != nil {
					s.Errorf("read your writes: %v", err)
				}
				if _, err := s.owner().Search(s.Context(), "ransomware", 5); err != nil {
					s.Error(err)
				}
				if err := s.PutMark(s.Context(), "m", "v"); err != nil {
					s.Error(err)
				}
			}
		})
	}
	wg.Wait()
	recs := s.find(s.owner(), store.Query{AllVersions: true})
	s.equal("versions", len(recs), len(objects))
	for i, r := range recs {
		if r.Seq != int64(i+1) {
			s.Fatalf("record %d has sequence %d", i, r.Seq)
		}
	}
}

func cancelled(s *suite) {
	ctx, cancel := context.WithCancel(s.Context())
	cancel()
	if _, err := s.Put(ctx, source, Generate(10, 1)); !errors.Is(err, context.Canceled) {
		s.Errorf("put: %v, want context.Canceled", err)
	}
	if _, err := s.owner().Get(ctx, id("tool", 1)); !errors.Is(err, context.Canceled) {
		s.Errorf("get: %v, want context.Canceled", err)
	}
	errs := 0
	for _, err := range s.owner().Find(ctx, store.Query{}) {
		if !errors.Is(err, context.Canceled) {
			s.Errorf("find: %v, want context.Canceled", err)
		}
		errs++
	}
	s.equal("the error ends the sequence", errs, 1)
	s.equal("stored", len(s.find(s.owner(), store.Query{})), 0)
}
