package pattern_test

import (
	"bufio"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"marque/stix/pattern"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var codePoint = regexp.MustCompile(`«U\+([0-9A-F]{4})»`)

// expand puts code points in the place of «U+00A0» and the like.
func expand(s string) string {
	return codePoint.ReplaceAllStringFunc(s, func(m string) string {
		n, _ := strconv.ParseUint(codePoint.FindStringSubmatch(m)[1], 16, 32)
		return string(rune(n))
	})
}

func lines(t testing.TB, name string) []string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	sc := bufio.NewScanner(strings.NewReader(string(raw)))
	for sc.Scan() {
		if line := sc.Text(); line != "" && !strings.HasPrefix(line, "# ") {
			out = append(out, line)
		}
	}
	return out
}

// sameTree compares patterns by what they say, not by where they say it.
var sameTree = cmp.Options{
	cmpopts.IgnoreUnexported(pattern.Pattern{}),
	cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".Offset" }, cmp.Ignore()),
}

func TestValid(t *testing.T) {
	cases := lines(t, "valid.txt")
	for _, src := range cases {
		src = expand(src)
		p, err := pattern.Parse(src)
		if err != nil {
			t.Errorf("%q: %v", src, err)
			continue
		}
		again, err := pattern.Parse(p.String())
		if err != nil {
			t.Errorf("%q printed as %q: %v", src, p, err)
			continue
		}
		if diff := cmp.Diff(p, again, sameTree); diff != "" {
			t.Errorf("%q printed as %q is another tree:\n%s", src, p, diff)
		}
		if p.Explain() == "" {
			t.Errorf("%q has no explanation", src)
		}
	}
	t.Logf("%d cases", len(cases))
}

func TestInvalid(t *testing.T) {
	all := lines(t, "invalid.txt")
	if len(all)%2 != 0 {
		t.Fatalf("%d lines do not pair up", len(all))
	}
	for i := 0; i < len(all); i += 2 {
		src, mark := expand(all[i]), all[i+1]
		before, want, ok := strings.Cut(mark, "^ ")
		if !ok {
			t.Fatalf("%q has no caret below it", src)
		}
		// The caret counts characters of the text as it is parsed.
		offset := len(string([]rune(src)[:utf8.RuneCountInString(before)]))
		_, err := pattern.Parse(src)
		var se *pattern.SyntaxError
		if !errors.As(err, &se) {
			t.Errorf("%q: got %v, want a syntax error", src, err)
			continue
		}
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %q, want it to hold %q", src, err, want)
		}
		lastLine := src[strings.LastIndexByte(src[:offset], '\n')+1 : offset]
		line, column := 1+strings.Count(src[:offset], "\n"), 1+utf8.RuneCountInString(lastLine)
		if se.Offset != offset || se.Line != line || se.Column != column {
			t.Errorf("%q: got %q at byte %d, want byte %d, line %d, column %d", src, err, se.Offset, offset, line, column)
		}
	}
	t.Logf("%d cases", len(all)/2)
}

// bindingText writes a binding as the data files do: expression=observation, and how often if more than once.
func bindingText(b pattern.Binding) string {
	var parts []string
	for _, x := range b {
		part := strconv.Itoa(x.Expr) + "=" + x.ID
		if x.Count > 1 {
			part += "*" + strconv.FormatInt(x.Count, 10)
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, " ")
}

func TestMatch(t *testing.T) {
	files, err := filepath.Glob("testdata/match/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no match vectors", err)
	}
	total := 0
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			_, rest, _ := strings.Cut(string(raw), "== observations\n")
			data, cases, _ := strings.Cut(rest, "== cases\n")
			observations, err := pattern.ObservationsFromBundle([]byte(data))
			if err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(cases) {
				verb, src, _ := strings.Cut(strings.TrimSuffix(expand(line), "\n"), " ")
				total++
				checkMatch(t, observations, verb, src)
			}
		})
	}
	t.Logf("%d cases", total)
}

func checkMatch(t *testing.T, observations []pattern.Observation, verb, src string) {
	t.Helper()
	var bound string
	if verb == "binds" {
		bound, src, _ = strings.Cut(src, " | ")
	}
	p, err := pattern.Parse(src)
	if err != nil {
		t.Errorf("%s: %v", src, err)
		return
	}
	for _, q := range []*pattern.Pattern{p, p.Normalize()} {
		m, err := q.Match(observations, pattern.Limits{})
		got := "none"
		switch {
		case err != nil:
			got = "error"
		case m.Matched():
			got = "match"
		}
		want := strings.Replace(verb, "binds", "match", 1)
		if got != want {
			t.Errorf("%s: got %s (%v), want %s", q, got, err, want)
		}
		if verb == "binds" && q == p && m.Matched() && bindingText(m.Bindings[0]) != bound {
			t.Errorf("%s: got binding %s, want %s", src, bindingText(m.Bindings[0]), bound)
		}
	}
}
