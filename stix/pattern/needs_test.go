package pattern_test

import (
	"fmt"
	"math/rand/v2"
	"regexp/syntax"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"marque/stix/pattern"
)

// longest prefers long texts.
func longest(text string) int { return len(text) }

func TestNeeds(t *testing.T) {
	for src, want := range map[string][]string{
		`[url:value LIKE '%/gate_.php']`: {"url value /gate"},
		`[url:value LIKE '%']`:           {"url value"},
		`[url:value MATCHES '^https?://[a-z]+\\.Example/Gate[0-9]{1,3}\\.php$']`: {"url value .example/gate"},
		`[url:value MATCHES '(evil|even)[0-9]+']`:                                {"url value even", "url value evil"},
		`[url:value MATCHES '(?i)EV[il]+l\\.exe|bad.*']`:                         {"url value l.exe", "url value bad"},
		`[url:value MATCHES 'a?b*c+d{2}']`:                                       {"url value c"},
		`[url:value MATCHES '[ab]c']`:                                            {"url value ac", "url value bc"},
		`[url:value MATCHES '.*']`:                                               {"url value"},
		`[url:value MATCHES '(?i)\\x{212a}x']`:                                   {"url value kx"},
		`[domain-name:value = 'A.example' AND domain-name:value LIKE '%le']`:     {"domain-name value a.example"},
		`[domain-name:value = 'x' OR url:value NOT LIKE 'y']`:                    {"domain-name value x", "url value"},
		`[NOT EXISTS url:value]`:                                                 {"url"},
		`[url:value IN ()]`:                                                      nil,
		`[file:hashes.'SHA-256' = 'AB'] FOLLOWEDBY [ipv4-addr:value > '1']`:      {"file hashes.'SHA-256' ab", "ipv4-addr value"},
		`[artifact:payload_bin LIKE 'abc']`:                                      {"artifact payload_bin"},
	} {
		var got []string
		for _, n := range compile(t, src).Needs(longest) {
			got = append(got, strings.TrimRight(n.ObjectType+" "+n.Path+" "+n.Text, " "))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", src, diff)
		}
	}
}

// shows tells whether an observation meets one of the needs.
func shows(o *pattern.Observation, needs []pattern.Need) bool {
	return slices.ContainsFunc(needs, func(n pattern.Need) bool {
		return slices.ContainsFunc(o.Objects, func(x pattern.Object) bool {
			if x.Type != n.ObjectType {
				return false
			}
			text, _ := x.Properties[n.Path].(string)
			return n.Text == "" || strings.Contains(string(pattern.AppendFolded(nil, []byte(text))), n.Text)
		})
	})
}

// fragments of values and patterns: letters whose case is odd (k and its sign, s and its long form), characters that NFC joins,
// and bytes that are no UTF-8.
var fragments = []string{"a", "b", "B", "k", "K", "\u212a", "s", "\u017f", "e\u0301", "\u00e9", "\u0301", "\ufffd", "\xff", "\xc3", ".", "/gate", "ab"}

var regexParts = []string{
	"a", "b", "B", "k", "\u212a", "s", "e\u0301", "\u00e9", "\ufffd", `\.`, "/gate", "ab", "[ab]", "[^a]", "[a-k]", "(a|bb)", "(ab|B)?", "a*", "b+", "(?i)", "(?i:S)", "(?-i)",
	"a{2}", "(ab){0,2}", "^", "$", `\b`, ".", "(k|(?i:ab))", `\x{e9}`, `\w`, `\Qa.b\E`,
}

// TestNeedsAreNecessary holds random LIKE and MATCHES patterns against random values: whatever the plain engine matches shows a
// need, whichever texts are asked for.
func TestNeedsAreNecessary(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	join := func(parts []string, n int) string {
		var b strings.Builder
		for range n {
			b.WriteString(parts[r.IntN(len(parts))])
		}
		return b.String()
	}
	test := func() string {
		switch r.IntN(4) {
		case 0:
			return fmt.Sprintf("ev:k LIKE '%s'", join(append([]string{"%", "%", "_"}, fragments[:12]...), 1+r.IntN(6)))
		case 1:
			return fmt.Sprintf("ev:k = '%s'", join(fragments[:12], 1+r.IntN(3)))
		}
		return fmt.Sprintf("ev:k MATCHES '%s'", strings.ReplaceAll(join(regexParts, 1+r.IntN(6)), `\`, `\\`))
	}
	matched, compiled := 0, 0
	for range 4000 {
		src := "[" + test()
		for range r.IntN(3) {
			src += []string{" AND ", " OR "}[r.IntN(2)] + test()
		}
		p, err := pattern.Parse(src + "]")
		if err != nil {
			t.Fatalf("%s: %v", src, err)
		}
		program, err := pattern.Compile(p)
		if err != nil {
			continue // a repetition of nothing, say
		}
		compiled++
		rarity := longest
		if r.IntN(2) == 0 {
			seed := r.IntN(7)
			rarity = func(text string) int { return 1 + (len(text)*seed+int(text[0]))%5 }
		}
		needs := program.Needs(rarity)
		for range 60 {
			o := event("o", 0, 0, 1, join(fragments, 1+r.IntN(8)))
			m, err := p.Match([]pattern.Observation{o}, pattern.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if !m.Matched() {
				continue
			}
			matched++
			if !shows(&o, needs) {
				t.Fatalf("%s matches %q, which shows none of %+q", src, o.Objects[0].Properties["k"], needs)
			}
		}
	}
	if compiled < 2000 || matched < 10_000 {
		t.Errorf("%d patterns, %d matches: too few to tell", compiled, matched)
	}
}

// TestProbeAgreesWithMatch and names a comparison that holds.
func TestProbeAgreesWithMatch(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	var probe pattern.Probe
	for range 5000 {
		src := randomPattern(r, 2)
		p := mustParse(t, src)
		program, err := pattern.Compile(p)
		if err != nil {
			t.Fatal(err)
		}
		if !program.Alone() {
			continue
		}
		o := randomEvents(r, 1)[0]
		m, err := p.Match([]pattern.Observation{o}, pattern.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		met, err := probe.Met(program, &o, pattern.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if m.Matched() != (len(met) > 0) {
			t.Fatalf("%s on %v: match %v, probe %v", src, o, m.Matched(), met)
		}
	}
}

func TestProbeTellsWhy(t *testing.T) {
	o := pattern.Observation{ID: "o", First: epoch, Last: epoch.Add(time.Second), Count: 1}
	for i := range 600 { // more objects than are looked at together
		o.Objects = append(o.Objects, pattern.Object{ID: fmt.Sprint(i), Type: "url", Properties: map[string]any{"value": fmt.Sprint("http://h/", i)}})
	}
	o.Objects = append(o.Objects, pattern.Object{ID: "x", Type: "domain-name", Properties: map[string]any{"value": "h"}})
	for src, want := range map[string]string{
		`[url:value LIKE '%/599' AND url:value NOT = 'x']`:                                     "0:599 url:value LIKE '%/599' & url:value NOT = 'x'",
		`[url:value = 'y' OR url:value MATCHES '/300$' OR url:value LIKE '%300']`:              "0:300 url:value MATCHES '/300$'",
		`[url:value = 'http://h/7'] FOLLOWEDBY [domain-name:value = 'h']`:                      "0:7 url:value = 'http://h/7'; 1:600 domain-name:value = 'h'",
		`[NOT EXISTS domain-name:other]`:                                                       "0:600 NOT EXISTS domain-name:other",
		`[domain-name:value = 'h'] START t'2025-01-01T00:00:00Z' STOP t'2026-01-01T00:00:00Z'`: "",
	} {
		var probe pattern.Probe
		met, err := probe.Met(compile(t, src), &o, pattern.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, m := range met {
			var tests []string
			for _, test := range m.Tests {
				tests = append(tests, test.String())
			}
			got = append(got, fmt.Sprintf("%d:%d %s", m.Expr, m.Object, strings.Join(tests, " & ")))
		}
		if text := strings.Join(got, "; "); text != want {
			t.Errorf("%s: got %s, want %s", src, text, want)
		}
	}
}

// FuzzNeeds holds any MATCHES pattern against any value.
func FuzzNeeds(f *testing.F) {
	f.Add("^https?://gate[0-9]+", "http://gate7")
	f.Add("(?i)\u017fx", "SX")
	f.Add("a|b*", "\xff")
	f.Fuzz(func(t *testing.T, expression, value string) {
		if _, err := syntax.Parse(expression, syntax.Perl); err != nil || len(expression) > 200 || len(value) > 200 {
			return
		}
		p, err := pattern.Parse("[ev:k MATCHES '" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(expression) + "']")
		if err != nil {
			return
		}
		program, err := pattern.Compile(p)
		if err != nil {
			return
		}
		o := event("o", 0, 0, 1, value)
		m, err := p.Match([]pattern.Observation{o}, pattern.Limits{})
		if err == nil && m.Matched() && !shows(&o, program.Needs(longest)) {
			t.Errorf("%q matches %q, which shows none of %+q", expression, value, program.Needs(longest))
		}
	})
}
