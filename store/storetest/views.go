package storetest

import (
	"time"

	"marque/stix"
	"marque/store"
)

func asOf(s *suite) {
	// The store's own times are the clock of this case: whatever a reader saw right after a batch, it must see for ever.
	type seen struct {
		at     time.Time
		bodies []string
		found  []stix.ID
		stats  map[string]int
		near   []stix.ID
	}
	look := func(r store.Reader) seen {
		stats, err := r.Stats(s.Context())
		if err != nil {
			s.Fatal(err)
		}
		return seen{
			bodies: bodies(s.find(r, store.Query{})), found: s.search(r, "bear"), stats: stats,
			near: ids(collect(s.T, r.Related(s.Context(), id("tool", 1), store.Both))),
		}
	}
	var history []seen
	last := time.Time{}
	for _, batch := range [][]*stix.Object{
		{s.object("intrusion-set", 1, props{"name": "Fancy Bear"}), s.object("tool", 1, nil)},
		{s.relationship(1, id("intrusion-set", 1), id("tool", 1), nil)},
		{s.object("intrusion-set", 1, props{"name": "Renamed", "modified": version(5)})},
		{s.object("intrusion-set", 1, props{"name": "Old Bear", "modified": version(3)})}, // history, not the latest
		{s.relationship(1, id("intrusion-set", 1), id("tool", 2), props{"modified": version(2)}), s.domain("bear.example", nil)},
		{s.object("intrusion-set", 1, props{"name": "Cozy Bear", "modified": version(6)}), s.domain("bear.example", props{"x": 1})},
	} {
		s.put(batch...)
		recs := s.find(s.owner(), store.Query{AllVersions: true})
		at := recs[len(recs)-1].Stored
		if !at.After(last) {
			s.Fatalf("stored at %v, not after the batch before (%v)", at, last)
		}
		last = at
		now := look(s.owner())
		now.at = at
		history = append(history, now)
	}
	for i, h := range history {
		got := look(s.at(h.at))
		s.equal("bodies", got.bodies, h.bodies)
		s.equal("search", got.found, h.found)
		s.equal("stats", got.stats, h.stats)
		s.equal("relations", got.near, h.near)
		if i > 0 {
			got = look(s.at(h.at.Add(-time.Microsecond)))
			s.equal("just before", got.bodies, history[i-1].bodies)
		}
	}
	before := s.at(history[0].at.Add(-time.Microsecond))
	s.missing(before, id("tool", 1))
	s.equal("before the first", len(s.find(before, store.Query{AllVersions: true})), 0)
}

var allLevels = []stix.TLP{stix.Clear, stix.Green, stix.Amber, stix.AmberStrict, stix.Red}

func levels(s *suite) {
	hub := s.object("tool", 99, nil)
	s.put(hub)
	for i, level := range allLevels {
		unmarked := source
		unmarked.TLP = level
		s.put(s.object("malware", i, props{"object_marking_refs": []stix.ID{level.MarkingID()}, "name": "snake"}),
			s.relationship(i, id("malware", i), hub.ID, marked(level)),
			s.object("campaign", i, props{"granular_markings": []props{{"marking_ref": level.MarkingID(), "selectors": []string{"name"}}}}))
		s.putFrom(unmarked, s.object("intrusion-set", i, nil), s.object("report", i, marked(stix.Clear)))
	}
	for l, level := range allLevels {
		r := s.View(store.View{MaxTLP: level})
		for i := range allLevels {
			for _, typ := range []string{"malware", "intrusion-set", "campaign", "relationship"} {
				if i > l {
					s.missing(r, id(typ, i))
				} else {
					s.equal("level", s.get(r, id(typ, i)).Level, allLevels[i])
				}
			}
			s.equal("own marking before the provenance's", s.get(r, id("report", i)).Level, stix.Clear)
		}
		stats, err := r.Stats(s.Context())
		if err != nil {
			s.Fatal(err)
		}
		s.equal("stats", stats, map[string]int{"malware": l + 1, "relationship": l + 1, "campaign": l + 1, "intrusion-set": l + 1, "report": 5, "tool": 1})
		s.equal("search", len(s.search(r, "snake")), l+1)
		s.equal("relations", len(collect(s.T, r.Related(s.Context(), hub.ID, store.In))), l+1)
		s.equal("list", len(s.find(r, store.Query{})), 6+4*(l+1))
		s.equal("importer", len(s.find(r, store.Query{Importers: []string{source.Importer}})), 6+4*(l+1))
	}
	s.equal("the zero view is clear", len(s.find(s.View(store.View{}), store.Query{})), 10)
}

func raisedAndLowered(s *suite) {
	with := func(n int, level stix.TLP, name string) *stix.Object {
		return s.object("malware", 1, props{"object_marking_refs": []stix.ID{level.MarkingID()}, "modified": version(n), "name": name})
	}
	green := s.View(store.View{MaxTLP: stix.Green})
	s.put(with(1, stix.Green, "first"))
	shared := s.find(s.owner(), store.Query{})[0].Stored
	s.put(s.relationship(1, id("malware", 1), id("tool", 1), nil))
	s.get(green, id("malware", 1))
	// Raised by its owner: the older version that was shared more widely does not stand in for it.
	s.put(with(2, stix.Red, "second"))
	s.missing(green, id("malware", 1))
	s.equal("search", len(s.search(green, "first")), 0)
	s.equal("as of then", s.get(s.View(store.View{MaxTLP: stix.Green, AsOf: shared}), id("malware", 1)).Name, "first")
	// Lowered again: what was red stays hidden, also among the versions.
	s.put(with(3, stix.Clear, "third"))
	s.equal("lowered", s.get(green, id("malware", 1)).Name, "third")
	recs, err := green.Versions(s.Context(), id("malware", 1))
	if err != nil {
		s.Fatal(err)
	}
	var names []string
	for _, r := range recs {
		names = append(names, r.Name)
	}
	s.equal("versions up to the level", names, []string{"first", "third"})
	s.equal("list of versions", len(s.find(green, store.Query{AllVersions: true, Types: []string{"malware"}})), 2)
	// A late arrival of an older red version hides nothing.
	s.put(with(0, stix.Red, "zeroth"))
	s.equal("still there", s.get(green, id("malware", 1)).Name, "third")
}

func relations(s *suite) {
	actor, tool := id("intrusion-set", 1), id("tool", 1)
	uses := s.relationship(1, actor, tool, nil)
	self := s.relationship(2, actor, actor, nil)
	sighting := s.object("sighting", 1, props{"sighting_of_ref": actor})
	opinion := s.object("opinion", 1, props{"opinion": "strongly-disagree", "object_refs": []stix.ID{uses.ID, actor, actor}})
	note := s.object("note", 1, props{"content": "no comment", "object_refs": []stix.ID{uses.ID}})
	report := s.object("report", 1, props{"object_refs": []stix.ID{actor}})
	s.put(s.object("intrusion-set", 1, nil), uses, self, sighting, opinion, note, report)
	for _, c := range []struct {
		at   stix.ID
		dir  store.Direction
		want []stix.ID
	}{
		{actor, store.Both, []stix.ID{uses.ID, self.ID, sighting.ID, opinion.ID}},
		{actor, store.Out, []stix.ID{uses.ID, self.ID}},
		{actor, store.In, []stix.ID{self.ID, sighting.ID, opinion.ID}},
		{tool, store.In, []stix.ID{uses.ID}}, // an object that is not stored itself
		{tool, store.Out, nil},
		{uses.ID, store.Both, []stix.ID{opinion.ID, note.ID}},
		{id("tool", 77), store.Both, nil},
	} {
		got := ids(collect(s.T, s.owner().Related(s.Context(), c.at, c.dir)))
		s.equal("related to "+string(c.at), got, c.want)
	}
	// The latest version counts, with the ends that it has.
	s.put(s.relationship(1, actor, id("tool", 2), props{"modified": version(2)}))
	s.equal("an end that moved away", len(collect(s.T, s.owner().Related(s.Context(), tool, store.Both))), 0)
	s.equal("its new place", len(collect(s.T, s.owner().Related(s.Context(), id("tool", 2), store.Both))), 1)
	// A hub with more relations than any page.
	var many []*stix.Object
	for i := range 2500 {
		many = append(many, s.relationship(100+i, actor, id("malware", i), nil))
	}
	s.put(many...)
	got := collect(s.T, s.owner().Related(s.Context(), actor, store.Both))
	s.equal("relations of a hub", len(got), 2500+4)
	for i := 1; i < len(got); i++ {
		if got[i].Seq <= got[i-1].Seq {
			s.Fatalf("relation %d has sequence %d after %d", i, got[i].Seq, got[i-1].Seq)
		}
	}
}
