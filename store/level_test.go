package store_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"marque/stix"
	"marque/store"
	"marque/store/sqlite"
)

// TestLevelOf: a conclusion is as secret as the strictest thing that it rests on, and no more than its reader sees.
func TestLevelOf(t *testing.T) {
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "store.db"), sqlite.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	id := func(typ string, n int) stix.ID {
		return stix.ID(fmt.Sprintf("%s--00000000-0000-4000-8000-%012d", typ, n))
	}
	put := func(typ string, n int, level stix.TLP, more string) {
		t.Helper()
		o, err := stix.Parse(fmt.Appendf(nil, `{"type":%q,"spec_version":"2.1","id":%q,"created":"2024-01-01T00:00:00.000Z","modified":"2024-01-01T00:00:00.000Z"%s,"object_marking_refs":[%q]}`,
			typ, id(typ, n), more, level.MarkingID()))
		if err == nil {
			_, err = db.Put(t.Context(), store.Provenance{}, []*stix.Object{o})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	put("campaign", 1, stix.Clear, "")
	put("threat-actor", 1, stix.Red, "")
	put("indicator", 1, stix.Amber, "")
	put("relationship", 1, stix.Green, fmt.Sprintf(`,"relationship_type":"attributed-to","source_ref":%q,"target_ref":%q`, id("campaign", 1), id("threat-actor", 1)))
	put("sighting", 1, stix.Clear, fmt.Sprintf(`,"sighting_of_ref":%q`, id("indicator", 1)))
	put("note", 1, stix.Clear, fmt.Sprintf(`,"content":"x","object_refs":[%q]`, id("relationship", 1)))
	for _, c := range []struct {
		view stix.TLP
		refs []stix.ID
		want stix.TLP
	}{
		{stix.Red, nil, stix.Clear},
		{stix.Red, []stix.ID{id("campaign", 1), id("campaign", 99)}, stix.Clear},
		{stix.Red, []stix.ID{id("relationship", 1)}, stix.Red}, // it joins a RED actor
		{stix.Amber, []stix.ID{id("relationship", 1)}, stix.Green},
		{stix.Red, []stix.ID{id("sighting", 1), id("campaign", 1)}, stix.Amber},
		{stix.Red, []stix.ID{id("note", 1)}, stix.Green},
		{stix.Clear, []stix.ID{id("threat-actor", 1), id("campaign", 1)}, stix.Clear},
	} {
		got, err := store.LevelOf(t.Context(), db.View(store.View{MaxTLP: c.view}), c.refs...)
		if err != nil || got != c.want {
			t.Errorf("%v up to %v: %v, %v, want %v", c.refs, c.view, got, err, c.want)
		}
	}
}
