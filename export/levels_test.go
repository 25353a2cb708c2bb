package export_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"marque/ingest"
	"marque/ingest/formats"
	"marque/stix"
	"marque/store"
)

// TestLevelsThroughMISP: an indicator of every level that may leave is of the same level after a way through MISP, in a report and alone.
func TestLevelsThroughMISP(t *testing.T) {
	for level := stix.Clear; level <= stix.AmberStrict; level++ {
		for _, inReport := range []bool{false, true} {
			mark := fmt.Sprintf(`"object_marking_refs":[%q]`, level.MarkingID())
			const at = `"spec_version":"2.1","created":"2024-01-01T00:00:00.000Z","modified":"2024-01-01T00:00:00.000Z"`
			objects := fmt.Sprintf(`{"type":"indicator",%s,"id":"indicator--dddddddd-0000-4000-8000-000000000001","pattern":"[domain-name:value = 'level.example']","pattern_type":"stix","valid_from":"2024-01-01T00:00:00Z",%s}`, at, mark)
			if inReport {
				objects += fmt.Sprintf(`,{"type":"report",%s,"id":"report--dddddddd-0000-4000-8000-000000000002","name":"r","published":"2024-01-01T00:00:00Z","object_refs":["indicator--dddddddd-0000-4000-8000-000000000001"],"object_marking_refs":[%q]}`,
					at, stix.Clear.MarkingID())
			}
			db, other := open(t), open(t)
			load(t, db, "native.json", strings.NewReader(`{"type":"bundle","id":"bundle--dddddddd-0000-4000-8000-000000000003","objects":[`+objects+`]}`))
			var out bytes.Buffer
			if err := ways["misp"](t.Context(), &out, reader(t, db, level, store.Knowledge)); err != nil {
				t.Fatal(err)
			}
			text := out.String()
			if _, err := ingest.New(other, formats.Default(formats.Config{}), ingest.Config{}).Stream(t.Context(), "misp.json", &out); err != nil {
				t.Fatal(err)
			}
			rec, err := other.View(store.Owner()).Get(t.Context(), "indicator--dddddddd-0000-4000-8000-000000000001")
			if err != nil || rec.Level != level {
				t.Errorf("%v, in a report %v: %+v, %v\n%s", level, inReport, rec, err, text)
			}
		}
	}
}

// TestLevelsOfSources: an object without a marking, from a source of a level, says so when it leaves in a bundle, with the definition of the
// marking beside it; read again, it is the creator's object as it was, at that level.
func TestLevelsOfSources(t *testing.T) {
	const raw = `{"type":"malware","spec_version":"2.1","id":"malware--dddddddd-0000-4000-8000-000000000004","created":"2024-01-01T00:00:00.000Z","modified":"2024-01-01T00:00:00.000Z","name":"m","is_family":false}`
	o, err := stix.Parse([]byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	want, err := o.Digest()
	if err != nil {
		t.Fatal(err)
	}
	for level := stix.Clear; level <= stix.AmberStrict; level++ {
		db, other := open(t), open(t)
		if _, err := db.Put(t.Context(), store.Provenance{TLP: level}, []*stix.Object{o}); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := ways["bundle"](t.Context(), &out, reader(t, db, level, store.Knowledge)); err != nil {
			t.Fatal(err)
		}
		text := out.String()
		for what, n := range map[string]int{`"object_marking_refs"`: 1, string(level.MarkingID()): 2} {
			if level == stix.Clear {
				n = 0
			}
			if got := strings.Count(text, what); got != n {
				t.Errorf("%v: %s stands there %d times, want %d:\n%s", level, what, got, n, text)
			}
		}
		for range 2 { // the second time nothing is new
			if _, err := ingest.New(other, formats.Default(formats.Config{}), ingest.Config{}).Stream(t.Context(), "bundle.json", strings.NewReader(text)); err != nil {
				t.Fatal(err)
			}
		}
		rec, err := other.View(store.Owner()).Get(t.Context(), o.ID)
		if err != nil || rec.Level != level {
			t.Fatalf("%v: %+v, %v", level, rec, err)
		}
		if got, err := rec.Digest(); got != want || err != nil {
			t.Errorf("%v: came back as %s, %v", level, rec.Raw(), err)
		}
		// Who gives it freely is not hindered by who passed it on.
		if res, err := other.Put(t.Context(), store.Provenance{}, []*stix.Object{o}); err != nil || len(res.Refused) > 0 {
			t.Errorf("%v: given freely: %+v, %v", level, res, err)
		}
		if _, err := other.View(store.View{}).Get(t.Context(), o.ID); err != nil {
			t.Errorf("%v: given freely: %v", level, err)
		}
	}
}
