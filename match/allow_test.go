package match_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"marque/event"
	"marque/match"
)

// TestAllowEntries reads the entries that published lists hold, whatever their type says.
func TestAllowEntries(t *testing.T) {
	for _, tt := range []struct {
		typ, entry string
		kind       event.Kind
		value      string
		dropped    bool
	}{
		{"string", "203.0.113.0/24", event.IPv4, "203.0.113.9", true},
		{"string", "203.0.113.0/24", event.IPv4, "198.51.100.9", false},
		{"string", "2001:db8::/32", event.IPv6, "2001:db8::9", true},
		{"string", "203.0.113.9 # an office", event.IPv4, "203.0.113.9", true},
		{"string", "good.test // ours", event.Domain, "good.test", true},
		{"string", "GOOD.test", event.Domain, "good.test", true},
		{"string", "good[.]test", event.Domain, "good.test", true},
		{"string", "2001:DB8::0009", event.IPv6, "2001:db8::9", true},
		{"cidr", "203.0.113.9", event.IPv4, "203.0.113.9", true},
		{"cidr", "203.0.113.0/24 ; office", event.IPv4, "203.0.113.9", true},
		{"hostname", ".good.test", event.Domain, "www.good.test", true},
		{"regex", "/^WWW\\\\.good/i", event.Domain, "www.good.test", true},
		{"substring", "# x", event.URL, "http://a.test/", false},
	} {
		allow := match.NewAllow()
		list := `{"name":"l","type":"` + tt.typ + `","list":["","` + tt.entry + `","not / an entry / of any kind"]}`
		if err := allow.Read(strings.NewReader(list)); err == nil || !errors.Is(err, match.ErrEntry) {
			t.Errorf("%s %q: %v, want the empty entry named", tt.typ, tt.entry, err)
		}
		b := match.NewBuilder(1, 1)
		if err := b.Add(match.Indicator{ID: "indicator--00000000-0000-4000-8000-000000000001", Kind: tt.kind, Value: tt.value}); err != nil {
			t.Fatal(err)
		}
		set := match.NewSet(1, b.Build())
		set.SetAllow(allow)
		line := `{"time":"2024-03-01T10:00:00Z","observable":"` + tt.value + `"}`
		formats, err := event.NewFormats()
		if err != nil {
			t.Fatal(err)
		}
		stats, _, err := match.Run(t.Context(), []match.Source{{Path: "x", Reader: strings.NewReader(line)}}, formats, set, match.Config{Workers: 1})
		if err != nil || (stats.Matched == 0) != tt.dropped {
			t.Errorf("%s %q: %d hits on %s, %v", tt.typ, tt.entry, stats.Matched, tt.value, err)
		}
	}
}

// TestEmptyEventsAreTold counts the events in which nothing was found to look for.
func TestEmptyEventsAreTold(t *testing.T) {
	formats, err := event.NewFormats()
	if err != nil {
		t.Fatal(err)
	}
	lines := `{"time":"2024-03-01T10:00:00Z","address":"203.0.113.9"}` + "\n" + `{"time":"2024-03-01T10:00:00Z","ip":"203.0.113.9"}` + "\n" +
		`{"ts":1709287200.1,"uid":"C1","remote":"203.0.113.9"}` + "\n" + `{"ts":1709287201.1,"uid":"C2"}` + "\n"
	stats, _, err := match.Run(t.Context(), []match.Source{{Path: "x", Reader: strings.NewReader(lines)}}, formats, match.NewSet(1, match.NewBuilder(1, 0).Build()), match.Config{})
	if err != nil || stats.Events != 4 || stats.Empty["short"].Events != 1 || stats.Empty["zeek"].Events != 2 || !strings.Contains(stats.Empty["zeek"].Sample, "C1") {
		t.Errorf("%+v, %v", stats, err)
	}
}

// TestPublishedLists reads what lists as they are published hold besides values of their type.
func TestPublishedLists(t *testing.T) {
	for _, tt := range []struct {
		kind, entry, value string
		of                 event.Kind
	}{
		{"cidr", "198.51.100.0/24", "http://198.51.100.7/x", event.URL},
		{"cidr", "2001:db8::/32", "http://[2001:db8::7]/x", event.URL},
		{"cidr", "198.51.100.7", "198.51.100.7", event.IPv4},
		{"string", "198.51.100.0/24", "198.51.100.7", event.IPv4},
		{"string", "198.51.100.7 # a resolver", "198.51.100.7", event.IPv4},
		{"string", "Good.Example", "good.example", event.Domain},
		{"hostname", "*.good.example", "www.good.example", event.Domain},
		{"hostname", ".good.example", "good.example", event.Domain},
		{"hostname", "good.example", "http://www.good.example/x", event.URL},
		{"hostname", "good.example", "a@good.example", event.Email},
		{"substring", "windowsupdate", "http://download.windowsupdate.test/x", event.URL},
		{"regex", `/\.GOOD\.example$/i`, "www.good.example", event.Domain},
		{"regex", `/^www\..*\.example$/isu`, "www.good.example", event.Domain},
	} {
		a := match.NewAllow()
		list, err := json.Marshal(map[string]any{"name": "l", "type": tt.kind, "list": []any{tt.entry, 64496}})
		if err != nil {
			t.Fatal(err)
		}
		if err := a.Read(bytes.NewReader(list)); err != nil && !errors.Is(err, match.ErrEntry) {
			t.Errorf("%s %s: %v", tt.kind, tt.entry, err)
		}
		if got := match.Holds(a, tt.value, tt.of); got != "l" {
			t.Errorf("%s %s: %s is not held", tt.kind, tt.entry, tt.value)
		}
	}
}
