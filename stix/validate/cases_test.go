package validate_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"marque/stix/pattern"
	"marque/stix/validate"
)

// validationCase is one line of testdata/cases: an object and what is found in it.
type validationCase struct {
	name, line string
	object     []byte
	ignore     []string
	want       []string // "severity code path", sorted
}

// readCases reads a file of cases; the format stands in its head.
func readCases(t *testing.T, file string) []validationCase {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	bases := map[string]string{}
	var cases []validationCase
	var ignore []string
	for i, line := range strings.Split(string(text), "\n") {
		where := fmt.Sprintf("%s:%d", filepath.Base(file), i+1)
		switch {
		case line == "" || line[0] == '#':
		case strings.HasPrefix(line, "ignore "):
			ignore = strings.Fields(line)[1:]
		case strings.HasPrefix(line, "base "):
			name, object, _ := strings.Cut(line[len("base "):], " ")
			bases[name] = object
		default:
			parts := strings.SplitN(line, " ::", 4)
			if len(parts) != 4 {
				t.Fatalf("%s: not a case: %s", where, line)
			}
			c := validationCase{name: parts[0], line: where, ignore: ignore, object: patch(t, where, bases[strings.TrimSpace(parts[1])], parts[2])}
			for want := range strings.SplitSeq(parts[3], ";") {
				if want = strings.TrimSpace(want); want != "" {
					c.want = append(c.want, want)
				}
			}
			slices.Sort(c.want)
			cases = append(cases, c)
		}
	}
	return cases
}

// patch sets members of an object; number literals stay as written.
func patch(t *testing.T, where, base, changes string) []byte {
	t.Helper()
	object, set := map[string]json.RawMessage{}, map[string]json.RawMessage{}
	if err := errors.Join(json.Unmarshal([]byte(base), &object), json.Unmarshal([]byte(changes), &set)); err != nil {
		t.Fatalf("%s: %v", where, err)
	}
	for name, value := range set {
		if string(value) == `"@unset"` {
			delete(object, name)
			continue
		}
		object[name] = value
	}
	raw, err := json.Marshal(object)
	if err != nil {
		t.Fatalf("%s: %v", where, err)
	}
	return raw
}

// checkPattern is what the command brings.
func checkPattern(text, version string) []validate.PatternProblem {
	_, found := pattern.Check(text, pattern.Version(version))
	var problems []validate.PatternProblem
	for _, p := range found {
		problems = append(problems, validate.PatternProblem{Warning: p.Warning, Message: p.Message, Section: p.Section})
	}
	return problems
}

func told(findings []validate.Finding) []string {
	var lines []string
	for _, f := range findings {
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s %s %s", f.Severity, f.Code, f.Path)))
	}
	slices.Sort(lines)
	return lines
}

func TestCases(t *testing.T) {
	files, err := filepath.Glob("testdata/cases/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	count := 0
	for _, file := range files {
		for _, c := range readCases(t, file) {
			count++
			t.Run(c.line+" "+c.name, func(t *testing.T) {
				findings := validate.Object(c.object, validate.Options{Pattern: checkPattern, Ignore: c.ignore})
				if diff := cmp.Diff(c.want, told(findings)); diff != "" {
					t.Errorf("%s\n(-want +got)\n%s", c.object, diff)
				}
				for _, f := range findings {
					if f.Section == "" || f.Message == "" {
						t.Errorf("finding without section or message: %+v", f)
					}
				}
			})
		}
	}
	if count < 250 {
		t.Errorf("%d cases, want 250 at least", count)
	}
}

// TestRulesAreTested holds the catalogue and the cases together: no code without a rule, no duplicate rule.
func TestRulesAreTested(t *testing.T) {
	known := map[string]bool{}
	for _, rule := range validate.Rules() {
		if known[rule.Code] || rule.Text == "" || rule.Section == "" {
			t.Errorf("rule %+v: incomplete or twice", rule)
		}
		known[rule.Code] = true
	}
	files, _ := filepath.Glob("testdata/cases/*.txt")
	for _, file := range files {
		for _, c := range readCases(t, file) {
			for _, want := range c.want {
				if code := strings.Fields(want)[1]; !known[code] {
					t.Errorf("%s: code %s is not among the rules", c.line, code)
				}
			}
		}
	}
}
