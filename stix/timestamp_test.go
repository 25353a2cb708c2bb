package stix_test

import (
	"strings"
	"testing"
	"time"

	"marque/stix"
)

func TestTimestamp(t *testing.T) {
	for text, want := range map[string]time.Time{
		"2024-10-15T08:30:00Z":            time.Date(2024, 10, 15, 8, 30, 0, 0, time.UTC),
		"2024-10-15T08:30:00.5Z":          time.Date(2024, 10, 15, 8, 30, 0, 500_000_000, time.UTC),
		"2024-10-15T08:30:00.500Z":        time.Date(2024, 10, 15, 8, 30, 0, 500_000_000, time.UTC),
		"2024-10-15T08:30:00.123456789Z":  time.Date(2024, 10, 15, 8, 30, 0, 123_456_789, time.UTC),
		"2024-10-15T08:30:00.1234567891Z": time.Date(2024, 10, 15, 8, 30, 0, 123_456_789, time.UTC),
		"0001-01-01T00:00:00Z":            {},
		"9999-12-31T23:59:59.999Z":        time.Date(9999, 12, 31, 23, 59, 59, 999_000_000, time.UTC),
		"2016-12-31T23:59:60.5Z":          time.Date(2017, 1, 1, 0, 0, 0, 500_000_000, time.UTC),
		"2024-02-29T00:00:00Z":            time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC),
	} {
		ts, err := stix.ParseTimestamp(text)
		if err != nil || !ts.Time().Equal(want) || ts.String() != text || ts.IsZero() {
			t.Errorf("%s: %v (%q), %v", text, ts.Time(), ts, err)
		}
		if out, err := ts.MarshalText(); err != nil || string(out) != text {
			t.Errorf("%s leaves as %s, %v", text, out, err)
		}
	}
	for _, bad := range []string{
		"", "Z", "2024-10-15", "2024-10-15T08:30:00", "2024-10-15T08:30:00+00:00", "2024-10-15T08:30:00z", "2024-10-15 08:30:00Z",
		"2024-13-15T08:30:00Z", "2023-02-29T00:00:00Z", "2024-10-15T24:00:00Z", "2024-10-15T08:30:00,5Z", "2024-10-15T8:30:00Z",
		"2024-10-15T08:30:00.Z", "24-10-15T08:30:00Z", "2024-10-15T08:30Z", " 2024-10-15T08:30:00Z", "2024-10-15T08:30:00.5 Z", "+2024-10-15T08:30:00Z",
		"2016-12-31T23:59:61Z", "2016-12-31T22:59:60Z", "23:59:60", "T23:59:60Z",
	} {
		if _, err := stix.ParseTimestamp(bad); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}

func TestAt(t *testing.T) {
	berlin := time.FixedZone("", 2*60*60)
	if got := stix.At(time.Date(2024, 10, 15, 10, 30, 0, 123_999_999, berlin)).String(); got != "2024-10-15T08:30:00.123Z" {
		t.Errorf("%s, want UTC in milliseconds", got)
	}
	if !(stix.Timestamp{}).IsZero() {
		t.Error("the zero timestamp is not absent")
	}
}

func TestTimestampSortKey(t *testing.T) {
	// In order; equal instants on one line.
	last := ""
	for _, line := range []string{
		"2023-12-31T23:59:59.9Z 2023-12-31T23:59:59.900Z", "2024-01-01T00:00:00Z 2024-01-01T00:00:00.000Z", "2024-01-01T00:00:00.1Z 2024-01-01T00:00:00.10Z",
		"2024-01-01T00:00:00.123456789Z", "2024-01-01T00:00:00.12345678901Z 2024-01-01T00:00:00.123456789010Z", "2024-01-01T00:00:00.1234567891Z",
	} {
		key := ""
		for text := range strings.FieldsSeq(line) {
			ts, err := stix.ParseTimestamp(text)
			if err != nil {
				t.Fatal(err)
			}
			if key != "" && ts.SortKey() != key {
				t.Errorf("%s has the key %s, want %s", text, ts.SortKey(), key)
			}
			key = ts.SortKey()
		}
		if key <= last {
			t.Errorf("key %s does not sort after %s", key, last)
		}
		last = key
	}
}

func TestTimestampCompare(t *testing.T) {
	order := []string{"2023-12-31T23:59:59.9Z", "2024-01-01T00:00:00.00Z", "2024-01-01T00:00:00Z", "2024-01-01T00:00:00.10Z", "2024-01-01T00:00:00.1Z", "2024-01-01T00:00:00.10000000010Z", "2024-01-01T00:00:00.1000000001Z", "2024-01-01T00:00:00.1000000002Z", "2024-01-01T00:00:01Z"}
	for i, a := range order {
		for j, b := range order {
			x, _ := stix.ParseTimestamp(a)
			y, _ := stix.ParseTimestamp(b)
			want := min(1, max(-1, i-j))
			if got := x.Compare(y); got != want {
				t.Errorf("%s against %s: %d, want %d", a, b, got, want)
			}
		}
	}
}

func TestSameInstants(t *testing.T) {
	for in, want := range map[string]string{
		`{"a":"2024-01-01T00:00:00Z"}`:                                 `{"a":"2024-01-01T00:00:00.000Z"}`,
		`{"a":"2024-01-01T00:00:00.000Z"}`:                             `{"a":"2024-01-01T00:00:00.000Z"}`,
		`{"a":"2024-01-01T00:00:00.5Z","b":"2024-01-01T00:00:00.50Z"}`: `{"a":"2024-01-01T00:00:00.500Z","b":"2024-01-01T00:00:00.500Z"}`,
		`{"a":"2024-01-01T00:00:00.123456Z"}`:                          `{"a":"2024-01-01T00:00:00.123456Z"}`,
		`{"a":"2024-01-01T00:00:00.123000Z"}`:                          `{"a":"2024-01-01T00:00:00.123Z"}`,
		`["2024-01-01T00:00:00.Z"]`:                                    `["2024-01-01T00:00:00.Z"]`,
		`["at 2024-01-01T00:00:00Z"]`:                                  `["at 2024-01-01T00:00:00Z"]`,
		`["\"2024-01-01T00:00:00Z"]`:                                   `["\"2024-01-01T00:00:00Z"]`,
		`["x\"2024-01-01T00:00:00Z\""]`:                                `["x\"2024-01-01T00:00:00Z\""]`,
		`["2024-01-01 00:00:00Z","Z","2024-01-01T00:00:00Z"]`:          `["2024-01-01 00:00:00Z","Z","2024-01-01T00:00:00.000Z"]`,
		`{}`: `{}`,
	} {
		if got := string(stix.SameInstants([]byte(in))); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}
