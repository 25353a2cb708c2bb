package storetest

import (
	"fmt"

	"marque/stix"
	"marque/store"
)

// told is the usual source, at a level.
func told(level stix.TLP, digest string) store.Provenance {
	p := source
	p.TLP, p.Digest = level, digest
	return p
}

func (s *suite) upTo(level stix.TLP) store.Reader { return s.View(store.View{MaxTLP: level}) }

// secondSource: what one source gives freely is free, whichever source came first.
func secondSource(s *suite) {
	red, free := told(stix.Red, "d1"), told(stix.Clear, "d2")
	for i, order := range [][]store.Provenance{{red, free}, {free, red}} {
		o := s.object("malware", i, props{"name": "twice told"})
		for _, p := range order {
			s.putFrom(p, o)
		}
		got := s.get(s.upTo(stix.Clear), o.ID)
		s.equal("level", got.Level, stix.Clear)
		s.equal("provenance", got.Provenance, free)
		for _, level := range []stix.TLP{stix.Clear, stix.Red} {
			all, err := s.upTo(level).Versions(s.Context(), o.ID)
			if err != nil {
				s.Fatal(err)
			}
			s.equal("versions", len(all), 1)
			s.equal("list", len(s.find(s.upTo(level), store.Query{IDs: []stix.ID{o.ID}, AllVersions: true})), 1)
			s.equal("last of all", len(s.find(s.upTo(level), store.Query{IDs: []stix.ID{o.ID}, AllVersions: true, Pick: store.Pick{First: true, Last: true}})), 1)
		}
		sources, err := s.owner().Sources(s.Context(), o.ID)
		if err != nil {
			s.Fatal(err)
		}
		s.equal("sources for the owner", sources, order)
		if sources, err = s.upTo(stix.Amber).Sources(s.Context(), o.ID); err != nil {
			s.Fatal(err)
		}
		s.equal("sources below", sources, []store.Provenance{free})
	}
	s.equal("found once", len(s.search(s.owner(), "twice")), 2)
	// As of the time when only the strict source had told it, it was not free.
	first := s.find(s.owner(), store.Query{AllVersions: true})[0]
	s.missing(s.View(store.View{MaxTLP: stix.Amber, AsOf: first.Stored}), first.ID)
	// What the importer brought is what it brought, whoever told it before.
	other := free
	other.Importer = "other/1"
	s.putFrom(red, s.object("tool", 1, nil))
	s.putFrom(other, s.object("tool", 1, nil))
	for _, level := range []stix.TLP{stix.Clear, stix.Red} {
		got := s.find(s.upTo(level), store.Query{Importers: []string{"other/1"}, AllVersions: true, Pick: store.Pick{Last: true}})
		s.equal("of the second importer", ids(got), []stix.ID{id("tool", 1)})
	}
}

// otherWords: where a source tells an object in other words, above the level of a view, the view shows what it may.
func otherWords(s *suite) {
	red, free := told(stix.Red, "d1"), told(stix.Clear, "d2")
	secret := func(n int, modified string) *stix.Object {
		return s.object("malware", n, props{"description": "canary", "modified": modified})
	}
	s.counts(s.putFrom(red, secret(1, version(2))), 1, 0, 0, 0, 0)
	s.counts(s.putFrom(free, s.object("malware", 1, nil)), 1, 0, 0, 0, 0) // older, and the first that it may know of
	s.counts(s.putFrom(free, s.object("malware", 2, nil)), 1, 0, 0, 0, 0)
	s.counts(s.putFrom(red, secret(2, version(2))), 0, 1, 0, 0, 0)
	s.counts(s.putFrom(red, secret(3, version(1))), 1, 0, 0, 0, 0)
	s.counts(s.putFrom(free, s.object("malware", 3, nil)), 1, 0, 0, 0, 0) // the same version in other words
	for n := range 3 {
		o := s.object("malware", n+1, nil)
		s.equal("below", string(s.get(s.upTo(stix.AmberStrict), o.ID).Raw()), string(o.Raw()))
	}
	s.equal("for the owner", len(s.search(s.owner(), "canary")), 2) // of the third, what came last
	s.equal("search below", len(s.search(s.upTo(stix.AmberStrict), "canary")), 0)
	// Who knows the freer version meets it.
	s.counts(s.putFrom(red, s.object("malware", 2, props{"description": "other words"})), 0, 0, 0, 0, 1)
	// The creator's own marking restricts, whoever told the version before.
	s.putFrom(free, s.object("malware", 2, props{"modified": version(3), "object_marking_refs": []stix.ID{stix.Red.MarkingID()}}))
	s.missing(s.upTo(stix.AmberStrict), id("malware", 2))
}

// sharedObservables: nobody owns an observable, so each source speaks for itself: what one gave freely stays free, and what another said
// under a stricter level is not seen below it.
func sharedObservables(s *suite) {
	for i, levels := range [][]stix.TLP{
		{stix.Clear, stix.Red}, {stix.Red, stix.Clear}, {stix.Red, stix.Clear, stix.Red}, {stix.Amber, stix.Clear, stix.Red, stix.Green},
	} {
		oid := s.domain(fmt.Sprintf("shared%d.example", i), nil).ID
		for _, l := range levels {
			s.put(s.domain(fmt.Sprintf("shared%d.example", i), marked(l)))
		}
		got := s.get(s.upTo(stix.Clear), oid)
		s.equal("level", got.Level, stix.Clear)
		s.equal("bytes", string(got.Raw()), string(s.domain(fmt.Sprintf("shared%d.example", i), marked(stix.Clear)).Raw()))
		s.equal("versions below", len(s.find(s.upTo(stix.Clear), store.Query{IDs: []stix.ID{oid}, AllVersions: true})), 1)
	}
	// Strict ones alone stay hidden; an unmarked one is as free as its source, in one batch or in two.
	strict := s.domain("one.example", marked(stix.Amber))
	s.put(strict, s.domain("one.example", marked(stix.Red)))
	s.missing(s.upTo(stix.Green), strict.ID)
	plain := s.domain("two.example", nil)
	s.putFrom(told(stix.Red, "d1"), plain)
	s.missing(s.upTo(stix.AmberStrict), plain.ID)
	s.putFrom(told(stix.Green, "d2"), plain, s.domain("two.example", props{"x_rank": 1}))
	s.missing(s.upTo(stix.Clear), plain.ID)
	s.get(s.upTo(stix.Green), plain.ID)
}

// blindOutcomes: what becomes of a batch does not tell of what is above its level.
func blindOutcomes(s *suite) {
	red := told(stix.Red, "d1")
	s.putFrom(red, s.object("malware", 1, nil), s.object("malware", 2, props{"created_by_ref": id("identity", 66)}),
		s.object("malware", 3, props{"description": "other"}), s.domain("a.example", nil), s.domain("b.example", marked(stix.Red)))
	batch := []*stix.Object{
		s.object("malware", 1, nil), s.object("malware", 2, nil), s.object("malware", 3, nil), s.domain("a.example", nil), s.domain("b.example", nil),
	}
	s.counts(s.putFrom(told(stix.Green, "d2"), batch...), len(batch), 0, 0, 0, 0)
	s.counts(s.putFrom(told(stix.Green, "d2"), batch...), 0, 0, 0, len(batch), 0)
	for _, o := range batch {
		s.equal("bytes", string(s.get(s.upTo(stix.Green), o.ID).Raw()), string(o.Raw()))
	}
}

// twoCreators: who gives an object under a name of its own and cannot know of the first creator's is not told of it. The first speaks to all who
// see it, the second to all others, and neither replaces, hides or blocks the other.
func twoCreators(s *suite) {
	strict, free := told(stix.AmberStrict, "d1"), told(stix.Clear, "d2")
	other := props{"created_by_ref": id("identity", 66), "modified": version(3), "name": "other"}
	first := s.object("malware", 1, props{"modified": version(2)})
	s.counts(s.putFrom(strict, first), 1, 0, 0, 0, 0)
	s.counts(s.putFrom(free, s.object("malware", 1, other)), 1, 0, 0, 0, 0)
	s.equal("below", s.get(s.upTo(stix.Amber), first.ID).Name, "other")
	s.equal("above", string(s.get(s.owner(), first.ID).Raw()), string(first.Raw()))
	s.equal("search above", len(s.search(s.owner(), "other")), 0)
	s.equal("versions above", len(s.find(s.owner(), store.Query{IDs: []stix.ID{first.ID}, AllVersions: true})), 1)
	// Each goes on where it leads, and only there.
	s.counts(s.putFrom(strict, s.object("malware", 1, nil)), 0, 0, 1, 0, 0)
	s.counts(s.putFrom(strict, s.object("malware", 1, props{"modified": version(3)})), 0, 1, 0, 0, 0)
	s.counts(s.putFrom(free, s.object("malware", 1, props{"modified": version(4)})), 0, 0, 0, 0, 1)
	other["modified"] = version(4)
	s.counts(s.putFrom(strict, s.object("malware", 1, other)), 0, 0, 0, 0, 1)
	s.counts(s.putFrom(free, s.object("malware", 1, other)), 0, 1, 0, 0, 0)
	// A marking is a word of its creator on the creator's own versions, and tells nobody else that there are any.
	s.put(s.object("malware", 2, props{"created_by_ref": id("identity", 66), "object_marking_refs": []stix.ID{stix.Red.MarkingID()}}))
	s.counts(s.putFrom(free, s.object("malware", 2, nil)), 1, 0, 0, 0, 0)
	s.get(s.upTo(stix.Clear), id("malware", 2))
	s.equal("the first", s.get(s.owner(), id("malware", 2)).CreatedByRef, id("identity", 66))
	// What one brought apart comes after both.
	ann := told(stix.Clear, "d3")
	ann.Importer, ann.Apart = "taxii:1", "ann"
	s.putFrom(ann, s.object("malware", 3, props{"name": "apart"}))
	s.putFrom(strict, s.object("malware", 3, nil))
	s.putFrom(free, s.object("malware", 3, other))
	s.equal("before what is apart", s.get(s.upTo(stix.Clear), id("malware", 3)).Name, "other")
}

// statement makes the n-th marking definition without a fixed id.
func (s *suite) statement(n int, more props) *stix.Object {
	s.Helper()
	return s.make(props{
		"type": "marking-definition", "spec_version": "2.1", "id": id("marking-definition", n), "created": version(0),
		"definition_type": "statement", "definition": props{"statement": "custom"},
	}, more)
}

func markedBy(n int) props {
	return props{"object_marking_refs": []stix.ID{id("marking-definition", n)}}
}

// definitions: a marking without a fixed id means what its definition says; one that is not known is RED.
func definitions(s *suite) {
	s.put(s.statement(1, props{"x_opencti_definition_type": "TLP", "x_opencti_definition": "TLP:AMBER+STRICT"}), s.object("malware", 1, markedBy(1)))
	s.put(s.object("malware", 2, markedBy(2)), s.domain("a.example", markedBy(2)), s.statement(2, props{"name": "TLP:GREEN"})) // after what it marks
	s.put(s.object("malware", 3, markedBy(3)))                                                                                 // never
	s.put(s.statement(4, nil))                                                                                                 // no TLP
	s.put(s.object("malware", 4, markedBy(4)))
	s.putFrom(told(stix.Amber, "d2"), s.object("malware", 5, markedBy(4)))
	for n, want := range []stix.TLP{stix.AmberStrict, stix.Green, stix.Red, stix.Clear, stix.Amber} {
		oid := id("malware", n+1)
		s.equal("level of "+string(oid), s.get(s.owner(), oid).Level, want)
		if want > stix.Clear {
			s.missing(s.upTo(want-1), oid)
		}
	}
	s.missing(s.upTo(stix.Clear), s.domain("a.example", nil).ID)
	s.get(s.upTo(stix.Green), s.domain("a.example", nil).ID)
	// A definition is as secret as where it was read.
	s.putFrom(told(stix.Red, "d3"), s.statement(9, props{"definition": props{"statement": "for the Canary group"}}))
	s.missing(s.upTo(stix.AmberStrict), id("marking-definition", 9))
}

// lateDefinitions: a definition counts for what was stored before it, whether it loosens or tightens; also one that is refused.
func lateDefinitions(s *suite) {
	both := props{"object_marking_refs": []stix.ID{id("marking-definition", 1), stix.Green.MarkingID()}}
	s.put(s.object("malware", 1, markedBy(1)), s.object("malware", 2, both), s.domain("a.example", markedBy(1)))
	s.missing(s.upTo(stix.AmberStrict), id("malware", 2))
	s.put(s.statement(1, nil))
	s.get(s.upTo(stix.Clear), id("malware", 1))
	s.get(s.upTo(stix.Green), id("malware", 2))
	s.missing(s.upTo(stix.Clear), id("malware", 2))
	s.get(s.upTo(stix.Clear), s.domain("a.example", nil).ID)
	s.counts(s.put(s.statement(1, props{"name": "TLP:RED"})), 0, 0, 0, 0, 1)
	for _, oid := range []stix.ID{id("malware", 1), id("malware", 2), s.domain("a.example", nil).ID} {
		s.missing(s.upTo(stix.AmberStrict), oid)
	}
	s.put(s.object("malware", 3, markedBy(1)))
	s.missing(s.upTo(stix.AmberStrict), id("malware", 3))
}

// derived: what was seen or concluded rises with what it rests on when the creator of that raises it, and only then.
func derived(s *suite) {
	ours := told(stix.Clear, "d9")
	ours.Derived = true
	sighting := func(n int, of stix.ID) *stix.Object {
		return s.object("sighting", n, props{"name": nil, "sighting_of_ref": of, "count": n})
	}
	red := props{"object_marking_refs": []stix.ID{stix.Red.MarkingID()}, "modified": version(2)}
	for n := range 5 {
		s.put(s.object("tool", n+1, nil))
		s.putFrom(ours, sighting(n+1, id("tool", n+1)))
	}
	s.putFrom(ours, s.relationship(1, id("tool", 5), id("tool", 1), nil))
	s.put(sighting(11, id("tool", 1)), s.relationship(2, id("tool", 1), id("tool", 5), nil)) // another's own word, given freely
	s.put(s.object("tool", 1, red))                                                          // raised
	s.putFrom(told(stix.Red, "d2"), s.object("tool", 2, props{"modified": version(2)}))      // told in confidence, by whomever
	ann := told(stix.Clear, "d3")
	ann.Importer, ann.Apart = "taxii:1", "ann"
	s.putFrom(ann, s.object("tool", 3, red)) // by who may not
	s.put(s.object("tool", 4, props{"modified": version(2), "object_marking_refs": markedBy(1)["object_marking_refs"]}), s.statement(1, nil))
	for n, want := range []stix.TLP{stix.Red, stix.Clear, stix.Clear, stix.Clear, stix.Clear} {
		s.equal(fmt.Sprintf("level of sighting %d", n+1), s.get(s.owner(), id("sighting", n+1)).Level, want)
	}
	s.missing(s.upTo(stix.AmberStrict), id("sighting", 1))
	s.missing(s.upTo(stix.AmberStrict), id("relationship", 1))
	s.get(s.upTo(stix.Clear), id("sighting", 11))
	s.get(s.upTo(stix.Clear), id("relationship", 2))
	s.put(s.statement(1, props{"name": "TLP:AMBER"})) // a definition that comes late raises too
	s.missing(s.upTo(stix.Green), id("sighting", 4))
	s.get(s.upTo(stix.Amber), id("sighting", 4))
	s.put(s.object("tool", 1, props{"modified": version(3)})) // what was raised stays so until it is derived again
	s.missing(s.upTo(stix.AmberStrict), id("sighting", 1))
}

// apart: who may not speak for a creator neither replaces, hides nor revokes what others gave.
func apart(s *suite) {
	ann, bob := told(stix.Clear, "d1"), told(stix.Clear, "d2")
	ann.Importer, ann.Apart = "taxii:1", "ann"
	bob.Importer, bob.Apart = "taxii:2", "bob"
	mine := s.object("malware", 1, nil)
	s.put(mine)
	forged := s.object("malware", 1, props{"modified": version(9), "name": "forged", "revoked": true})
	s.counts(s.putFrom(ann, forged), 1, 0, 0, 0, 0) // as if it were the first
	s.putFrom(ann, s.object("malware", 1, props{"modified": version(10), "object_marking_refs": []stix.ID{stix.Red.MarkingID()}}))
	s.counts(s.putFrom(bob, s.object("malware", 1, props{"created_by_ref": id("identity", 66)})), 1, 0, 0, 0, 0)
	for _, level := range []stix.TLP{stix.Clear, stix.Red} {
		r := s.upTo(level)
		s.equal("latest", string(s.get(r, mine.ID).Raw()), string(mine.Raw()))
		s.equal("list", bodies(s.find(r, store.Query{IDs: []stix.ID{mine.ID}, AllVersions: true})), []string{string(mine.Raw())})
		s.equal("search", len(s.search(r, "forged")), 0)
	}
	// Its own collection shows what it may.
	own := store.Query{Importers: []string{"taxii:1"}, AllVersions: true}
	s.equal("withdrawn by its own next version", len(s.find(s.upTo(stix.Clear), own)), 0)
	s.equal("in the own collection", len(s.find(s.owner(), own)), 2)
	s.equal("in the other one", len(s.find(s.upTo(stix.Clear), store.Query{Importers: []string{"taxii:2"}, AllVersions: true})), 1)
	// What nobody else gave is there for all, and the first who brought it leads.
	tool := s.object("tool", 1, nil)
	s.putFrom(bob, tool)
	s.putFrom(ann, s.object("tool", 1, props{"modified": version(5), "name": "forged"}))
	s.equal("the first", string(s.get(s.upTo(stix.Clear), tool.ID).Raw()), string(tool.Raw()))
	s.putFrom(bob, s.object("tool", 1, props{"modified": version(2), "object_marking_refs": []stix.ID{stix.Red.MarkingID()}}))
	s.equal("what the second gave freely", s.get(s.upTo(stix.Clear), tool.ID).Name, "forged")
	s.put(s.object("tool", 1, props{"name": "by its creator"}))
	s.equal("the creator's own", s.get(s.upTo(stix.Clear), tool.ID).Name, "by its creator")
	// An observable belongs to nobody.
	s.put(s.domain("a.example", nil))
	s.putFrom(ann, s.domain("a.example", marked(stix.Red)))
	s.get(s.upTo(stix.Clear), s.domain("a.example", nil).ID)
}

// apartDefinitions: nor does it define the markings of others.
func apartDefinitions(s *suite) {
	ann := told(stix.Clear, "d1")
	ann.Importer, ann.Apart = "taxii:1", "ann"
	s.put(s.object("malware", 1, markedBy(1)), s.statement(2, nil), s.object("malware", 2, markedBy(2)))
	s.putFrom(ann, s.statement(1, nil), s.statement(2, props{"name": "TLP:RED"}), s.object("malware", 3, markedBy(1)), s.object("malware", 4, markedBy(2)))
	s.missing(s.upTo(stix.AmberStrict), id("malware", 1))
	s.get(s.upTo(stix.Clear), id("malware", 2))
	s.get(s.upTo(stix.Clear), id("malware", 3))
	s.missing(s.upTo(stix.AmberStrict), id("malware", 4))
}
