package pattern_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"marque/stix/pattern"
)

func mustParse(t testing.TB, src string) *pattern.Pattern {
	t.Helper()
	p, err := pattern.Parse(src)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestParseLimits(t *testing.T) {
	deep := func(n int) string { return strings.Repeat("(", n) + "[a:b = 1]" + strings.Repeat(")", n) }
	if _, err := pattern.Parse(deep(pattern.MaxDepth - 1)); err != nil {
		t.Errorf("nesting within the limit: %v", err)
	}
	for name, src := range map[string]string{
		"observation depth": deep(pattern.MaxDepth + 1),
		"comparison depth":  "[" + strings.Repeat("(", pattern.MaxDepth+1),
		"length":            strings.Repeat(" ", pattern.MaxLength+1),
	} {
		if _, err := pattern.Parse(src); !errors.Is(err, pattern.ErrLimit) {
			t.Errorf("%s: got %v, want ErrLimit", name, err)
		}
	}
}

func many(n int) []pattern.Observation {
	events := make([]pattern.Observation, n)
	for i := range events {
		events[i] = event(fmt.Sprint(i), i, i, 1, string("abcd"[i%4]))
	}
	return events
}

// TestWorstCases asks that hard patterns over many observations are answered, or given up with ErrLimit, in time.
func TestWorstCases(t *testing.T) {
	join := func(n int, op string, parts ...string) string {
		all := make([]string, n)
		for i := range all {
			all[i] = parts[i%len(parts)]
		}
		return strings.Join(all, op)
	}
	events := many(3000)
	for _, c := range []struct{ src, want string }{
		{join(40, " FOLLOWEDBY ", "[ev:k = 'a']", "[ev:k = 'b']"), "match"},
		{join(200, " AND ", "[ev:k = 'a']"), "match"},
		{join(751, " AND ", "[ev:k = 'a']"), "none"},
		{"(" + join(30, " FOLLOWEDBY ", "[ev:k = 'a']", "[ev:k = 'b']") + ") WITHIN 57 SECONDS", "match"},
		{"(" + join(30, " FOLLOWEDBY ", "[ev:k = 'a']", "[ev:k = 'b']") + ") WITHIN 56 SECONDS", "none"},
		{"[ev:k = 'a'] REPEATS 750 TIMES", "match"},
		{"[ev:k = 'a'] REPEATS 751 TIMES", "none"},
		{"[ev:k = 'a'] REPEATS 700 TIMES WITHIN 2796 SECONDS", "match"},
		{"[ev:k = 'a'] REPEATS 700 TIMES WITHIN 2795 SECONDS", "none"},
		{"([ev:k = 'b'] FOLLOWEDBY [ev:k = 'a']) REPEATS 200 TIMES", "match"},
		{"([ev:k = 'b'] FOLLOWEDBY [ev:k = 'a']) WITHIN 2 SECONDS", "none"},
		{"([ev:k = 'b'] FOLLOWEDBY [ev:k = 'a']) WITHIN 2 SECONDS REPEATS 2 TIMES", "none"},
		{"([ev:k = 'b'] FOLLOWEDBY [ev:k = 'a']) REPEATS 750 TIMES", "none or limit"},
		{strings.Repeat("(", 12) + "[ev:k = 'd']" + strings.Repeat(" FOLLOWEDBY [ev:k = 'a']) WITHIN 1 SECONDS", 12), "none or limit"},
		{"(([ev:k = 'a'] OR [ev:k = 'z'] REPEATS 2 TIMES) FOLLOWEDBY [ev:k = 'd']) REPEATS 999999999999 TIMES", "none"},
	} {
		p := mustParse(t, c.src)
		begin := time.Now()
		m, err := p.Match(events, pattern.Limits{Steps: 3_000_000})
		got := map[bool]string{true: "match", false: "none"}[m.Matched()]
		if err != nil {
			got = "limit"
			if !errors.Is(err, pattern.ErrLimit) {
				got = err.Error()
			}
		}
		if !strings.Contains(c.want, got) {
			t.Errorf("%.60s…: got %s, want %s", c.src, got, c.want)
		}
		if took := time.Since(begin); took > 10*time.Second {
			t.Errorf("%.60s…: took %v", c.src, took)
		} else {
			t.Logf("%.60s…: %s in %v", c.src, got, took)
		}
	}
}

func TestHugeCounts(t *testing.T) {
	events := []pattern.Observation{event("o", 0, 0, 1<<62, "a"), event("p", 1, 1, 1<<62, "b")}
	for src, want := range map[string]bool{
		"[ev:k = 'a'] REPEATS 4611686018427387904 TIMES":                                    true,
		"[ev:k = 'a'] REPEATS 4611686018427387905 TIMES":                                    false,
		"([ev:k = 'a'] AND [ev:k = 'b']) REPEATS 1000000000 TIMES REPEATS 1000000000 TIMES": true,
	} {
		m, err := mustParse(t, src).Match(events, pattern.Limits{})
		if err != nil || m.Matched() != want {
			t.Errorf("%s: got %v, %v, want %v", src, m.Matched(), err, want)
		}
	}
	_, err := mustParse(t, "([ev:k = 'a'] FOLLOWEDBY [ev:k = 'b']) REPEATS 1000000000 TIMES").Match(events, pattern.Limits{})
	if !errors.Is(err, pattern.ErrLimit) {
		t.Errorf("a billion ordered pairs: got %v, want ErrLimit", err)
	}
}

// TestPathLimit lets references fan out: each [*] multiplies the values by the length of the list.
func TestPathLimit(t *testing.T) {
	o := pattern.Observation{First: epoch, Last: epoch, Count: 1}
	var refs []any
	for i := range 30 {
		refs = append(refs, fmt.Sprint(i))
	}
	for i := range 30 {
		o.Objects = append(o.Objects, pattern.Object{ID: fmt.Sprint(i), Type: "p", Properties: map[string]any{"knows_refs": refs}})
	}
	p := mustParse(t, "[p:"+strings.Repeat("knows_refs[*].", 8)+"name = 'x']")
	if _, err := p.Match([]pattern.Observation{o}, pattern.Limits{Steps: 1_000_000}); !errors.Is(err, pattern.ErrLimit) {
		t.Errorf("got %v, want ErrLimit", err)
	}
}

func TestBadObservations(t *testing.T) {
	p := mustParse(t, "[ev:k = 'a']")
	for name, o := range map[string]pattern.Observation{
		"count 0":  event("o", 0, 0, 0, "a"),
		"backward": event("o", 5, 0, 1, "a"),
	} {
		if _, err := p.Match([]pattern.Observation{o}, pattern.Limits{}); !errors.Is(err, pattern.ErrData) {
			t.Errorf("%s: got %v, want ErrData", name, err)
		}
	}
	const times = `"first_observed":"2024-01-01T00:00:00Z","last_observed":"2024-01-01T00:00:00Z"`
	for name, raw := range map[string]string{
		"no JSON":              `{"type":`,
		"a number":             `5`,
		"no times":             `{"type":"observed-data","number_observed":1,"objects":{}}`,
		"offset in time":       `{"type":"observed-data","number_observed":1,"first_observed":"2024-01-01T00:00:00+00:00","last_observed":"2024-01-01T00:00:00Z","objects":{}}`,
		"no count":             `{"type":"observed-data",` + times + `,"objects":{}}`,
		"count as text":        `{"type":"observed-data","number_observed":"1",` + times + `,"objects":{}}`,
		"count 0":              `{"type":"observed-data","number_observed":0,` + times + `,"objects":{}}`,
		"neither objects kind": `{"type":"observed-data","number_observed":1,` + times + `}`,
	} {
		if _, err := pattern.ObservationsFromBundle([]byte(raw)); !errors.Is(err, pattern.ErrData) {
			t.Errorf("%s: got %v, want ErrData", name, err)
		}
	}
	if _, err := pattern.ObservationsFromBundle([]byte(strings.Repeat("[", 5000) + strings.Repeat("]", 5000))); !errors.Is(err, pattern.ErrLimit) {
		t.Errorf("deep JSON: got %v, want ErrLimit", err)
	}
	for key, value := range map[string]string{"x_hex": "abc", "x_bin": "!!!"} {
		o := event("o", 0, 0, 1, "a")
		o.Objects[0].Properties[key] = value
		if _, err := mustParse(t, "[ev:"+key+" = h'00']").Match([]pattern.Observation{o}, pattern.Limits{}); !errors.Is(err, pattern.ErrData) {
			t.Errorf("%s: got %v, want ErrData", key, err)
		}
	}
}

func TestUnsupportedRegex(t *testing.T) {
	for _, re := range []string{"(?=a)", "(?!a)", "(?<=a)b", "(?<!a)b", `(a)\\1`, "(?>a)", "a++", "(?|a)", "(?R)", "(?P=n)", `\\K`, "(?x) a", "(*FAIL)"} {
		p := mustParse(t, "[ev:k MATCHES '"+re+"']")
		if _, err := p.Match(nil, pattern.Limits{}); !errors.Is(err, pattern.ErrUnsupported) {
			t.Errorf("%s: got %v, want ErrUnsupported", re, err)
		}
	}
}
