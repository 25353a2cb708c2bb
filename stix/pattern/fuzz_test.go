package pattern_test

import (
	"errors"
	"testing"

	"marque/stix/pattern"

	"github.com/google/go-cmp/cmp"
)

func FuzzParse(f *testing.F) {
	for _, name := range []string{"valid.txt", "invalid.txt"} {
		for _, line := range lines(f, name) {
			f.Add(expand(line))
		}
	}
	f.Fuzz(func(t *testing.T, src string) {
		_, problems := pattern.Check(src, pattern.V21)
		p, err := pattern.Parse(src)
		if err != nil {
			var se *pattern.SyntaxError
			if !errors.As(err, &se) && !errors.Is(err, pattern.ErrLimit) {
				t.Fatalf("unknown kind of error %v", err)
			}
			if se != nil && (se.Offset < 0 || se.Offset > len(src)) {
				t.Fatalf("offset %d outside of %d bytes", se.Offset, len(src))
			}
			if len(problems) == 0 {
				t.Fatal("Check sees no problem where Parse does")
			}
			return
		}
		again, err := pattern.Parse(p.String())
		if err != nil {
			t.Fatalf("%q printed as %q: %v", src, p, err)
		}
		if diff := cmp.Diff(p, again, sameTree); diff != "" {
			t.Fatalf("%q printed as %q is another tree:\n%s", src, p, diff)
		}
		n := p.Normalize()
		if again := n.Normalize(); again.String() != n.String() {
			t.Fatalf("%q normalizes to %q and then to %q", src, n, again)
		}
		if p.Explain() == "" {
			t.Fatal("no explanation")
		}
	})
}

func FuzzMatch(f *testing.F) {
	const sdo = `{"type":"observed-data","id":"o","number_observed":2,"first_observed":"2024-01-01T00:00:00Z",` +
		`"last_observed":"2024-01-01T00:00:09Z","objects":{"0":{"type":"a","b":1,"c_ref":"0","d_refs":["0"],"e_hex":"00","f":["x"]}}}`
	for _, src := range []string{
		"[a:b = 1]", "[a:c_ref.d_refs[*].b > 0 AND a:f[*] LIKE '_'] REPEATS 2 TIMES", "([a:b = 1] FOLLOWEDBY [a:b < 2]) WITHIN 5 SECONDS",
		"[a:e_hex MATCHES '\\\\x00'] OR [a:f[0] IN ('x', 'y')] START t'2024-01-01T00:00:00Z' STOP t'2024-01-01T00:00:05Z'",
		"([a:b = 1] OR [a:b ISSUBSET '10.0.0.0/8']) REPEATS 3 TIMES AND [NOT EXISTS a:z]",
	} {
		f.Add(src, sdo+sdo)
		f.Add(src, `{"type":"bundle","objects":[`+sdo+`]}`)
	}
	f.Fuzz(func(t *testing.T, src, data string) {
		p, err := pattern.Parse(src)
		if err != nil {
			return
		}
		observations, err := pattern.ObservationsFromBundle([]byte(data))
		if err != nil || len(observations) > 20 {
			return
		}
		limits := pattern.Limits{Steps: 100_000}
		m, err := p.Match(observations, limits)
		n, errN := p.Normalize().Match(observations, limits)
		if err == nil && errN == nil && m.Matched() != n.Matched() {
			t.Fatalf("%q: %v, normalized to %q: %v", src, m.Matched(), p.Normalize(), n.Matched())
		}
		if m.Matched() {
			again, err := p.Match(only(observations, m.Bindings[0]), pattern.Limits{Steps: 1_000_000})
			if err != nil || !again.Matched() {
				t.Fatalf("%q: binding %v does not satisfy the pattern (%v)", src, m.Bindings[0], err)
			}
		}
		program, err := pattern.Compile(p)
		if err != nil {
			return
		}
		state := program.NewState(limits)
		for _, o := range observations {
			if _, err := state.Feed(o); err != nil && !errors.Is(err, pattern.ErrData) && !errors.Is(err, pattern.ErrLimit) {
				t.Fatalf("%q: %v", src, err)
			}
		}
	})
}
