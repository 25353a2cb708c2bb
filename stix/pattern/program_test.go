package pattern_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"marque/stix/pattern"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite golden files")

func compile(t testing.TB, src string) *pattern.Program {
	t.Helper()
	program, err := pattern.Compile(mustParse(t, src))
	if err != nil {
		t.Fatal(err)
	}
	return program
}

func TestLookups(t *testing.T) {
	for _, c := range []struct{ src, want string }{
		{"[domain-name:value = 'cdn.example']", "domain-name value = 'cdn.example'"},
		{"[ipv4-addr:value ISSUBSET '192.0.2.0/24']", "ipv4-addr value ISSUBSET '192.0.2.0/24'"},
		{"([url:value IN ('a', 'b')])", "url value = 'a'; url value = 'b'"},
		{"[file:hashes.'SHA-256' = 'x' OR (file:hashes.MD5 = 'y')]", "file hashes.'SHA-256' = 'x'; file hashes.MD5 = 'y'"},
		{"[a:b = 1] OR ([c:d[*].e = h'00'] OR [f:g = true])", "a b = 1; c d[*].e = h'00'; f g = true"},
		{"[network-traffic:dst_ref.value = '192.0.2.1']", "network-traffic dst_ref.value = '192.0.2.1'"},
		{"[a:b IN ()]", ""},
		{"[a:b != 1]", "no"},
		{"[a:b NOT = 1]", "no"},
		{"[a:b NOT IN (1)]", "no"},
		{"[a:b > 1]", "no"},
		{"[a:b LIKE 'x']", "no"},
		{"[a:b MATCHES 'x']", "no"},
		{"[a:b ISSUPERSET '192.0.2.1']", "no"},
		{"[EXISTS a:b]", "no"},
		{"[a:b = t'2024-01-01T00:00:00Z']", "no"},
		{"[a:b = 1 AND a:c = 2]", "no"},
		{"[a:b = 1] AND [a:c = 2]", "no"},
		{"[a:b = 1] FOLLOWEDBY [a:c = 2]", "no"},
		{"[a:b = 1] REPEATS 2 TIMES", "no"},
		{"[a:b = 1] OR [a:b > 5]", "no"},
	} {
		lookups, ok := compile(t, c.src).Lookups()
		got := "no"
		if ok {
			var parts []string
			for _, l := range lookups {
				parts = append(parts, fmt.Sprintf("%s %s %s %s", l.ObjectType, l.Path, l.Op, l.Value))
			}
			got = strings.Join(parts, "; ")
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", c.src, got, c.want)
		}
	}
	types := compile(t, "[b:x = 1 OR a:x = 1] FOLLOWEDBY [c-d:e = 1]").ObjectTypes()
	if diff := cmp.Diff([]string{"a", "b", "c-d"}, types); diff != "" {
		t.Error(diff)
	}
	if _, err := pattern.Compile(mustParse(t, "[a:b = 1] WITHIN 0 SECONDS")); !errors.Is(err, pattern.ErrPattern) {
		t.Errorf("got %v, want ErrPattern", err)
	}
}

func feed(t testing.TB, s *pattern.State, o pattern.Observation) []pattern.Binding {
	t.Helper()
	b, err := s.Feed(o)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestStateReportsEachOnce(t *testing.T) {
	s := compile(t, "[ev:k = 'a'] REPEATS 3 TIMES WITHIN 10 SECONDS").NewState(pattern.Limits{})
	reports := 0
	for i := range 12 {
		for _, b := range feed(t, s, event(fmt.Sprint(i), i, i, 1, "a")) {
			reports++
			want := fmt.Sprintf("0=%d 0=%d 0=%d", i-2, i-1, i)
			if bindingText(b) != want {
				t.Errorf("got %s, want %s", bindingText(b), want)
			}
		}
	}
	if reports != 4 || s.Len() != 0 {
		t.Errorf("got %d reports and %d left, want 4 and 0", reports, s.Len())
	}
}

// TestStateMemory feeds long streams and asks that little is kept.
func TestStateMemory(t *testing.T) {
	for _, c := range []struct {
		src   string
		most  int
		drops bool
	}{
		{"[ev:k = 'z']", 0, false},
		{"[ev:k = 'a']", 0, false},
		{"([ev:k = 'a'] AND [ev:k = 'z']) WITHIN 60 SECONDS", 61, false},
		{"([ev:k = 'a'] FOLLOWEDBY [ev:k = 'z']) WITHIN 60 SECONDS OR [ev:k = 'y']", 61, false},
		{"([ev:k = 'a'] AND [ev:k = 'z']) WITHIN 60 SECONDS FOLLOWEDBY [ev:k = 'y']", 61, false},
		{"([ev:k = 'a'] AND [ev:k = 'z']) START t'2024-05-01T00:00:00Z' STOP t'2024-05-01T00:00:30Z'", 30, false},
		{"[ev:k = 'a'] AND [ev:k = 'z']", 200, true},
	} {
		s := compile(t, c.src).NewState(pattern.Limits{Observations: 200})
		most := 0
		for i := range 1000 {
			feed(t, s, event(fmt.Sprint(i), i, i, 1, "a"))
			most = max(most, s.Len())
		}
		if most > c.most || (s.Dropped() > 0) != c.drops {
			t.Errorf("%s: kept up to %d and dropped %d, want up to %d", c.src, most, s.Dropped(), c.most)
		}
	}
}

// TestStateKeepsCompleteGroups feeds a pair that is complete, lets its window pass, and then what follows it.
func TestStateKeepsCompleteGroups(t *testing.T) {
	s := compile(t, "([ev:k = 'a'] AND [ev:k = 'b']) WITHIN 5 SECONDS FOLLOWEDBY [ev:k = 'c']").NewState(pattern.Limits{})
	feed(t, s, event("a", 0, 0, 1, "a"))
	feed(t, s, event("b", 3, 3, 1, "b"))
	feed(t, s, event("late a", 500, 500, 1, "a"))
	got := feed(t, s, event("c", 1000, 1000, 1, "c"))
	if len(got) != 1 || bindingText(got[0]) != "0=a 1=b 2=c" {
		t.Errorf("got %v", got)
	}
}

func TestStateLateness(t *testing.T) {
	for lateness, want := range map[time.Duration]int{0: 0, 30 * time.Second: 1} {
		s := compile(t, "([ev:k = 'a'] AND [ev:k = 'b']) WITHIN 5 SECONDS").NewState(pattern.Limits{Lateness: lateness})
		feed(t, s, event("a", 0, 0, 1, "a"))
		feed(t, s, event("other", 20, 20, 1, "a"))
		if got := feed(t, s, event("late", 1, 1, 1, "b")); len(got) != want {
			t.Errorf("lateness %v: got %d bindings, want %d", lateness, len(got), want)
		}
	}
}

func TestStateSkipsBadData(t *testing.T) {
	s := compile(t, "[ev:k = 'a'] AND [ev:k = 'b']").NewState(pattern.Limits{})
	feed(t, s, event("a", 0, 0, 1, "a"))
	if _, err := s.Feed(event("bad", 1, 1, 0, "b")); !errors.Is(err, pattern.ErrData) {
		t.Fatalf("got %v, want ErrData", err)
	}
	if got := feed(t, s, event("b", 2, 2, 1, "b")); len(got) != 1 || bindingText(got[0]) != "0=a 1=b" {
		t.Errorf("got %v", got)
	}
}

func TestDisjointBindings(t *testing.T) {
	m, err := mustParse(t, "[ev:k = 'a'] AND [ev:k = 'b']").Match([]pattern.Observation{
		event("a1", 0, 0, 1, "a"), event("b1", 1, 1, 1, "b"), event("a2", 2, 2, 1, "a"), event("b2", 3, 3, 2, "b"),
	}, pattern.Limits{Bindings: 10})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, b := range m.Bindings {
		got = append(got, bindingText(b))
	}
	if diff := cmp.Diff([]string{"0=a1 1=b1", "0=a2 1=b2"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestVersion20(t *testing.T) {
	const src = "[ev:k = 'a'] START '2024-05-01T00:00:00Z' STOP '2024-05-02T00:00:00Z'"
	if _, err := pattern.Parse(src); err == nil {
		t.Error("2.1 takes no string after START")
	}
	p, err := pattern.ParseVersion(src, pattern.V20)
	if err != nil {
		t.Fatal(err)
	}
	m, err := p.Match([]pattern.Observation{event("a", 0, 0, 1, "a")}, pattern.Limits{})
	if err != nil || !m.Matched() {
		t.Errorf("got %v, %v", m, err)
	}
	if _, err := pattern.ParseVersion("[EXISTS ev:k]", pattern.V20); err == nil {
		t.Error("2.0 has no EXISTS")
	}
	bad, err := pattern.ParseVersion("[ev:k = 'a'] START 'yesterday' STOP 'today'", pattern.V20)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := bad.Match(nil, pattern.Limits{}); !errors.Is(err, pattern.ErrPattern) {
		t.Errorf("got %v, want ErrPattern", err)
	}
}

func TestCheck(t *testing.T) {
	for _, c := range []struct{ src, want string }{
		{"[file:hashes.MD5 = '79a5bb1b0b3d4f2f9f6d7f8c5f5d2a31']", ""},
		{"[file:hashes.MD5 = '79a5bb1b']", "1:20: error: '79a5bb1b' is not a valid MD5 hash (STIX 2.1, section 10.6)"},
		{"[file:hashes.'SHA-256' IN ('zz')]", "error: 'zz' is not a valid SHA-256 hash"},
		{"[file:hashes.'sha-1' != 'f']", "not a valid sha-1 hash"},
		{"[file:hashes.'SHA3-512' = 'f']", "not a valid SHA3-512 hash"},
		{"[file:hashes.SSDEEP = '3:AbC/+x:Yz']", ""},
		{"[file:hashes.SSDEEP = '3 4']", "not a valid SSDEEP hash"},
		{"[file:hashes.TLSH = 'anything']", ""},
		{"[file:hashes.MD5 LIKE 'ab%']", ""},
		{"[file:hashes[*] = 'ab']", ""},
		{"[acme:key = 1] WITHIN 1 SECONDS WITHIN 2 SECONDS", "error: duplicate qualifier WITHIN"},
		{"[acme:key = 1] REPEATS 1 TIMES WITHIN 9 SECONDS REPEATS 2 TIMES", "error: duplicate qualifier REPEATS"},
		{"[acme:key = 1] START t'2024-01-01T00:00:00Z' STOP t'2024-02-01T00:00:00Z' START t'2024-01-01T00:00:00Z' STOP t'2024-02-01T00:00:00Z'", "duplicate qualifier START"},
		{"([acme:key = 1]) WITHIN 1 SECONDS WITHIN 2 SECONDS", ""},
		{"([acme:key = 1] REPEATS 2 TIMES) REPEATS 2 TIMES", ""},
		{"[acme:key = 1] REPEATS 2 TIMES WITHIN 2 SECONDS", ""},
		{"[acme:key = 1 AND other:key = 1]", "1:1: warning: no object can match"},
		{"[acme:key = 1 AND (other:key = 1 OR acme:own = 1)]", ""},
		{"[acme:key = 1 OR other:key = 1]", ""},
		{"[acme:key = 1] START t'2024-02-01T00:00:00Z' STOP t'2024-01-01T00:00:00Z'", "warning: no observation can match"},
		{"[acme:key = t'2024-02-30T00:00:00Z']", "warning: this matcher cannot run the pattern"},
		{"[acme:key MATCHES '(?=x)']", "warning: this matcher cannot run the pattern"},
		{"[acme:key[-1] = 1]", "warning: a negative list index"},
		{"[ab:key = 1]", `1:2: warning: no object can match: "ab" is no name of a type`},
		{"[FILE:name = 'a']", `no object can match: "FILE" is no name of a type`},
		{"[file:n = 'a']", `no object can match: "n" is no name of a property`},
		{"[file:id = 'a']", ""},
		{"[a:b = x]", "1:8: error: expected a literal"},
		{"", "1:1: error: expected [ or ("},
	} {
		_, problems := pattern.Check(c.src, pattern.V21)
		got := ""
		if len(problems) > 0 {
			got = problems[0].String()
		}
		if c.want == "" && got != "" || !strings.Contains(got, c.want) || len(problems) > 1 {
			t.Errorf("%s: got %q, want %q", c.src, problems, c.want)
		}
	}
}

// TestCheckEditions has what is an error in one edition only.
func TestCheckEditions(t *testing.T) {
	for _, c := range []struct {
		src        string
		is20, is21 bool // valid
	}{
		{"[a:b = 1] WITHIN 1 SECONDS WITHIN 2 SECONDS", true, false},
		{"[EXISTS:b = 1]", true, false},
		{"[a:EXISTS.b = 1]", true, false},
		{"[EXISTS a:b]", false, true},
		{"[a:b = 1] START '2024-01-01T00:00:00Z' STOP '2024-01-02T00:00:00Z'", true, false},
		{"[a:b = 1] START t'2024-01-01T00:00:00Z' STOP t'2024-01-02T00:00:00Z'", true, true},
	} {
		for v, want := range map[pattern.Version]bool{pattern.V20: c.is20, pattern.V21: c.is21} {
			_, problems := pattern.Check(c.src, v)
			valid := !slices.ContainsFunc(problems, func(p pattern.Problem) bool { return !p.Warning })
			if valid != want {
				t.Errorf("%s in %s: got %v, want valid %v", c.src, v, problems, want)
			}
		}
	}
}

func TestNormalize(t *testing.T) {
	for _, c := range []struct{ a, b string }{
		{"[a:b = 1]", "(([(a:b == 1)]))"},
		{"[a:b = 1 OR a:c = 2]", "[a:c = 2 OR (a:b = 1 OR a:c = 2)]"},
		{"[a:b = 1 AND a:c = 2]", "[(a:c = 2) AND a:b NOT != 1]"},
		{"[a:b IN (1, 2)]", "[a:b IN (2, 1, 2)]"},
		{"[a:b != 'x']", "[a:b NOT IN ('x')]"},
		{"[a:b = 1] OR [c:d = 1]", "[c:d = 1] OR ([a:b = 1] OR [c:d = 1])"},
		{"[a:b = 1] AND [a:b = 1]", "([a:b = 1] AND [a:b = 1])"},
		{"[a:b = 1] FOLLOWEDBY [a:c = 1] FOLLOWEDBY [a:d = 1]", "([a:b = 1] FOLLOWEDBY [a:c = 1]) FOLLOWEDBY [a:d = 1]"},
		{"[a:b = 1] AND [c:d = 1] OR [e:f = 1]", "[e:f = 1] OR ([c:d = 1] AND [a:b = 1])"},
	} {
		a, b := mustParse(t, c.a).Normalize(), mustParse(t, c.b).Normalize()
		if a.String() != b.String() {
			t.Errorf("%s gives %s, %s gives %s", c.a, a, c.b, b)
		}
		if again := mustParse(t, a.String()); cmp.Diff(a, again, sameTree) != "" {
			t.Errorf("%s does not parse to the same tree", a)
		}
	}
	for _, c := range []struct{ a, b string }{
		{"[a:b = 1] AND [a:b = 1]", "[a:b = 1]"},
		{"[a:b = 1] FOLLOWEDBY ([a:c = 1] FOLLOWEDBY [a:d = 1])", "[a:b = 1] FOLLOWEDBY [a:c = 1] FOLLOWEDBY [a:d = 1]"},
		{"([a:b = 1] AND [a:c = 1]) WITHIN 5 SECONDS", "[a:b = 1] AND [a:c = 1] WITHIN 5 SECONDS"},
	} {
		if mustParse(t, c.a).Normalize().String() == mustParse(t, c.b).Normalize().String() {
			t.Errorf("%s and %s are not the same", c.a, c.b)
		}
	}
}

func TestExplain(t *testing.T) {
	var b strings.Builder
	for _, src := range lines(t, "explain.txt") {
		fmt.Fprintf(&b, "%s\n\n%s\n", src, mustParse(t, src).Explain())
	}
	const golden = "testdata/explain.golden"
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Error(diff)
	}
}
