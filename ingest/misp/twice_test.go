package misp_test

import (
	"strings"
	"testing"

	"marque/ingest/ingesttest"
	"marque/ingest/misp"
)

// TestOneUUIDTwice: of several records with one uuid the first stays where it stood, and the others are set aside.
func TestOneUUIDTwice(t *testing.T) {
	object := func(n int, attributes string) string {
		return `{"uuid":"` + uid(n) + `","name":"file","timestamp":"1700000100","distribution":"5","Attribute":[` + attributes + `]}`
	}
	for name, tt := range map[string]struct {
		attributes, objects string
		rejected            int
	}{
		"two attributes":           {attr(10, "domain", "one.example", "") + "," + attr(10, "domain", "two.example", ""), "", 1},
		"one of them in an object": {attr(10, "domain", "one.example", ""), object(30, attr(10, "domain", "two.example", "")), 1},
		"an object and attribute":  {attr(30, "domain", "one.example", ""), object(30, attr(11, "domain", "two.example", "")), 1},
		"the event's own":          {attr(1, "domain", "two.example", ""), "", 1},
		"spelt in capitals":        {attr(10, "domain", "one.example", "") + "," + strings.ReplaceAll(attr(10, "domain", "two.example", ""), "aaaaaaaa", "AAAAAAAA"), "", 1},
		"none":                     {attr(10, "domain", "one.example", "") + "," + attr(11, "domain", "three.example", ""), object(30, attr(12, "domain", "four.example", "")), 0},
	} {
		m := ingesttest.NewMemory()
		res := ingesttest.MustRead(t, m, "event.json", eventWith("3", "tlp:clear", tt.attributes, `,"Object":[`+tt.objects+`]`), misp.Events{})
		if res.Rejected != tt.rejected {
			t.Errorf("%s: %d set aside, want %d", name, res.Rejected, tt.rejected)
		}
		for _, rec := range m.Records {
			if strings.Contains(string(rec.Raw()), "two.example") {
				t.Errorf("%s: the second one was taken: %s", name, rec.Raw())
			}
		}
		for r, err := range m.Rejects(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(r.Reason, "that of another record of this event") {
				t.Errorf("%s: %s", name, r.Reason)
			}
		}
	}
}

// TestSummaryOfAReference: the summary of the target that comes with a reference is kept, unless the target is for fewer than the reference.
func TestSummaryOfAReference(t *testing.T) {
	for _, tt := range []struct {
		target, summary string
		kept            bool
	}{
		{"", `"distribution":"5"`, true},
		{`,"Tag":[{"name":"tlp:red"}]`, `"distribution":"5"`, false},
		{"", `"distribution":"0"`, false},
		{"", `"Tag":[{"name":"tlp:amber"}]`, false},
	} {
		reference := `{"uuid":"` + uid(33) + `","referenced_uuid":"` + uid(10) + `","relationship_type":"related-to","timestamp":"1700000100","Attribute":{"uuid":"` + uid(10) + `","value":"hidden.example",` + tt.summary + `}}`
		object := `{"uuid":"` + uid(30) + `","name":"file","timestamp":"1700000100","distribution":"5","Attribute":[` + attr(31, "filename", "x.exe", "") + `],"ObjectReference":[` + reference + `]}`
		m := read(t, eventWith("3", "tlp:clear", attr(10, "domain", "hidden.example", tt.target), `,"Object":[`+object+`]`))
		found := false
		for _, rec := range m.Records {
			if rec.Type == "relationship" && strings.Contains(string(rec.Raw()), uid(33)) {
				found = strings.Contains(string(rec.Raw()), "hidden.example")
			}
		}
		if found != tt.kept {
			t.Errorf("target %s, summary %s: kept %v", tt.target, tt.summary, found)
		}
	}
}
