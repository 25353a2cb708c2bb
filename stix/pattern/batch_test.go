package pattern_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"marque/stix/pattern"
)

// crowd makes observations of which some have no objects and some more than fit in one batch.
func crowd(r *rand.Rand, n int) []pattern.Observation {
	events := make([]pattern.Observation, n)
	for i := range events {
		events[i] = event(fmt.Sprint(i), i, i, 1, "a")
		objects := []int{0, 1, 2, 3, 40, 600}[r.IntN(6)*r.IntN(6)/5]
		events[i].Objects = make([]pattern.Object, objects)
		for k := range events[i].Objects {
			properties := map[string]any{"a": int64(r.IntN(40)), "b": string("xyz"[r.IntN(3)]), "n": map[string]any{"m": int64(r.IntN(9))}}
			properties["c_ref"] = fmt.Sprint(r.IntN(objects + 1))
			if r.IntN(3) == 0 {
				delete(properties, "b")
			}
			events[i].Objects[k] = pattern.Object{ID: fmt.Sprint(k), Type: []string{"p", "q", "other"}[r.IntN(3)], Properties: properties}
		}
	}
	return events
}

func randomComparison(r *rand.Rand, depth int) string {
	if depth > 0 && r.IntN(3) > 0 {
		parts := make([]string, 2+r.IntN(2))
		for i := range parts {
			parts[i] = randomComparison(r, depth-1)
		}
		return "(" + strings.Join(parts, []string{" AND ", " OR "}[r.IntN(2)]) + ")"
	}
	typ := "pq"[r.IntN(2)]
	switch r.IntN(8) {
	case 0:
		return fmt.Sprintf("%c:a = %d", typ, r.IntN(40))
	case 1:
		return fmt.Sprintf("%c:a > %d", typ, r.IntN(40))
	case 2:
		return fmt.Sprintf("%c:b IN ('x', 'y')", typ)
	case 3:
		return fmt.Sprintf("%c:b != '%c'", typ, "xyz"[r.IntN(3)])
	case 4:
		return fmt.Sprintf("NOT EXISTS %c:b", typ)
	case 5:
		return fmt.Sprintf("%c:n.m = %d", typ, r.IntN(9))
	case 6:
		return fmt.Sprintf("%c:c_ref.b NOT LIKE 'x%%'", typ)
	}
	return fmt.Sprintf("%c:b MATCHES '^[xy]$'", typ)
}

// TestTogetherAsAlone looks at observations together, and at each of their objects alone.
func TestTogetherAsAlone(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	some, none := 0, 0
	for range 60 {
		events := crowd(r, 1+r.IntN(400))
		p := mustParse(t, "["+randomComparison(r, 2)+"]")
		m, err := p.Match(events, pattern.Limits{Bindings: len(events)})
		if err != nil {
			t.Fatal(err)
		}
		together := map[int]bool{}
		for _, b := range m.Bindings {
			together[b[0].Observation] = true
		}
		for i := range events {
			if alone := holdsAlone(t, p, events[i]); together[i] != alone {
				t.Fatalf("%s: observation %d with %d objects: %v together, %v alone", p, i, len(events[i].Objects), together[i], alone)
			}
		}
		some += len(together)
		none += len(events) - len(together)
	}
	if some < 500 || none < 500 {
		t.Fatalf("%d hold and %d do not: the test shows little", some, none)
	}
}

// holdsAlone asks about one object at a time. The others keep their ids, so that references lead to them, but get
// another type.
func holdsAlone(t *testing.T, p *pattern.Pattern, o pattern.Observation) bool {
	t.Helper()
	all := o.Objects
	for k := range all {
		if all[k].Type == "other" {
			continue
		}
		o.Objects = append([]pattern.Object(nil), all...)
		for i := range o.Objects {
			if i != k {
				o.Objects[i].Type = "other"
			}
		}
		m, err := p.Match([]pattern.Observation{o}, pattern.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if m.Matched() {
			return true
		}
	}
	return false
}

// TestManyPaths has more paths than a batch keeps values of for all its objects.
func TestManyPaths(t *testing.T) {
	tests := make([]string, 500)
	properties := map[string]any{}
	for i := range tests {
		tests[i] = fmt.Sprintf("p:k%d = %d", i, i)
		properties[fmt.Sprintf("k%d", i)] = int64(i)
	}
	o := event("o", 0, 0, 1, "a")
	for i := range 100 {
		o.Objects = append(o.Objects, pattern.Object{ID: fmt.Sprint(i), Type: "p", Properties: map[string]any{"k0": int64(0)}})
	}
	o.Objects = append(o.Objects, pattern.Object{ID: "whole", Type: "p", Properties: properties})
	p := mustParse(t, "["+strings.Join(tests, " AND ")+"]")
	if got := answer(p, []pattern.Observation{o}, 0); got != "match" {
		t.Errorf("got %s, want match", got)
	}
	properties["k499"] = int64(0)
	if got := answer(p, []pattern.Observation{o}, 0); got != "none" {
		t.Errorf("got %s, want none", got)
	}
}

// TestPlainRegex holds expressions that are plain text against the engine: a group makes the same expression a regular one.
func TestPlainRegex(t *testing.T) {
	values := []string{"", "a", "ab", "xab", "abx", "xabx", "ab\n", "xab\n", "ab\n\n", "a.b", "a\nb", "A", "\n", "a+b", "é", "ab\nx"}
	var matched int
	for _, re := range []string{"ab", "^ab", "ab$", "^ab$", "", "^", "$", "^$", `a\\.b`, `^a\\.b$`, `a\\+b`, "é$", `\\-`, "a b", "a-b", "^a$"} {
		for _, v := range values {
			o := []pattern.Observation{event("o", 0, 0, 1, v)}
			plain := answer(mustParse(t, "[ev:k MATCHES '"+re+"']"), o, 0)
			group := answer(mustParse(t, "[ev:k MATCHES '(?:"+re+")']"), o, 0)
			if plain != group {
				t.Errorf("%q MATCHES %q: %s as plain text, %s by the engine", v, re, plain, group)
			}
			if plain == "match" {
				matched++
			}
		}
	}
	if matched < 40 {
		t.Fatalf("only %d match: the test shows little", matched)
	}
}

// TestMatchConcurrently shares one pattern, and the memory of searches, between goroutines.
func TestMatchConcurrently(t *testing.T) {
	p := mustParse(t, "([ev:k = 'a'] FOLLOWEDBY [ev:k = 'b']) WITHIN 5 SECONDS")
	var wg sync.WaitGroup
	for n := range 8 {
		wg.Go(func() {
			events := many(2 + 50*n)
			for range 20 {
				m, err := p.Match(events, pattern.Limits{Bindings: 1000})
				if err != nil || len(m.Bindings) != (len(events)+2)/4 {
					t.Errorf("%d observations: %d bindings (%v)", len(events), len(m.Bindings), err)
				}
			}
		})
	}
	wg.Wait()
}
