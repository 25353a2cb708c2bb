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
