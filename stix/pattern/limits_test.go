package pattern_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

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

// joined repeats the parts in turn, n in all.
func joined(n int, op string, parts ...string) string {
	all := make([]string, n)
	for i := range all {
		all[i] = parts[i%len(parts)]
	}
	return strings.Join(all, op)
}

// answer is match, none, limit, or another error.
func answer(src *pattern.Pattern, events []pattern.Observation, steps int64) string {
	m, err := src.Match(events, pattern.Limits{Steps: steps})
	switch {
	case errors.Is(err, pattern.ErrLimit):
		return "limit"
	case err != nil:
		return err.Error()
	case m.Matched():
		return "match"
	}
	return "none"
}

// TestWorstCases asks that hard patterns are answered, or given up with ErrLimit, within a number of steps. No clock is
// asked: each step is a bounded piece of work.
func TestWorstCases(t *testing.T) {
	events := many(3000)
	for _, c := range []struct{ src, want string }{
		{joined(40, " FOLLOWEDBY ", "[ev:k = 'a']", "[ev:k = 'b']"), "match"},
		{joined(200, " AND ", "[ev:k = 'a']"), "match"},
		{joined(751, " AND ", "[ev:k = 'a']"), "none"},
		{"(" + joined(30, " FOLLOWEDBY ", "[ev:k = 'a']", "[ev:k = 'b']") + ") WITHIN 57 SECONDS", "match"},
		{"(" + joined(30, " FOLLOWEDBY ", "[ev:k = 'a']", "[ev:k = 'b']") + ") WITHIN 56 SECONDS", "none"},
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
		if got := answer(mustParse(t, c.src), events, 3_000_000); !strings.Contains(c.want, got) {
			t.Errorf("%.60s…: got %s, want %s", c.src, got, c.want)
		}
	}
}

// TestManyObservations is the same over 10,000 observations, with few steps.
func TestManyObservations(t *testing.T) {
	events := many(10_000)
	for _, c := range []struct{ src, want string }{
		{joined(20, " FOLLOWEDBY ", "[ev:k = 'a']", "[ev:k = 'b']"), "match"},
		{joined(2000, " FOLLOWEDBY ", "[ev:k = 'a']"), "limit"},
		{joined(10_000, " AND ", "[ev:k = 'a']"), "limit"},
		{joined(100, " OR ", "([ev:k = 'a'] AND [ev:k = 'z'])"), "none"},
		{joined(100, " OR ", "([ev:k = 'a'] FOLLOWEDBY [ev:k = 'z'])"), "none"},
		{strings.Repeat("(", 400) + "[ev:k = 'a']" + strings.Repeat(" FOLLOWEDBY [ev:k = 'b']) WITHIN 3000 SECONDS", 400), "limit"},
		{"([ev:k = 'a'] FOLLOWEDBY [ev:k = 'b']) REPEATS 2000 TIMES WITHIN 100000 SECONDS", "limit"},
		{"([ev:k = 'a'] AND [ev:k = 'b']) WITHIN 1 SECONDS REPEATS 2500 TIMES", "match"},
		{"([ev:k = 'a'] AND [ev:k = 'b']) WITHIN 1 SECONDS REPEATS 2501 TIMES", "none"},
		{"[ev:k = 'a'] REPEATS 2500 TIMES", "match"},
		{"[" + joined(5000, " OR ", "ev:k = 'y'", "ev:k = 'z'") + "]", "none"},
	} {
		if got := answer(mustParse(t, c.src), events, 1_000_000); got != c.want {
			t.Errorf("%.60s…: got %s, want %s", c.src, got, c.want)
		}
	}
}

// TestTextSteps bounds LIKE and MATCHES by the length of the value and the size of the operand.
func TestTextSteps(t *testing.T) {
	o := event("o", 0, 0, 1, strings.Repeat("ab", 50_000))
	for _, c := range []struct {
		src   string
		steps int64
		want  string
	}{
		{"[ev:k LIKE '%b%b%b%c']", 100_000, "none"},
		{"[ev:k LIKE '%b%b%b%c']", 50_000, "limit"},
		{"[ev:k MATCHES '(a|b|ab)*c']", 200_000, "none"},
		{"[ev:k MATCHES '(a|b|ab)*c']", 50_000, "limit"},
		{"[ev:k MATCHES '(a|b|ab)*c' OR ev:k MATCHES '(a|b|ab)*d' OR ev:k MATCHES '(a|b|ab)*e']", 200_000, "limit"},
		{"[ev:k MATCHES '^ab']", 50_000, "match"},
		{"[ev:k MATCHES 'x{900}y']", 2_000_000, "limit"},
		{"[ev:other MATCHES 'x{900}y']", 1, "none"},
	} {
		if got := answer(mustParse(t, c.src), []pattern.Observation{o}, c.steps); got != c.want {
			t.Errorf("%s with %d steps: got %s, want %s", c.src, c.steps, got, c.want)
		}
	}
	for _, re := range []string{joined(200, "", "x{1000}"), "((x{100}){100}){100}", strings.Repeat("x", 65<<10)} {
		if got := answer(mustParse(t, "[ev:k MATCHES '"+re+"']"), nil, 0); got != "limit" {
			t.Errorf("%.40s: got %s, want limit", re, got)
		}
	}
}

func TestManyTypes(t *testing.T) {
	var tests []string
	for i := range 1001 {
		tests = append(tests, fmt.Sprintf("t%d:a = 1", i))
	}
	for n, want := range map[int]string{1000: "none", 1001: "limit"} {
		if got := answer(mustParse(t, "["+strings.Join(tests[:n], " OR ")+"]"), nil, 0); got != want {
			t.Errorf("%d object types: got %s, want %s", n, got, want)
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
