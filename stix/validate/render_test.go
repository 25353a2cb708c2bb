package validate_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"marque/stix/validate"
)

var update = flag.Bool("update", false, "write the golden files")

func rendered(t *testing.T) []validate.File {
	t.Helper()
	input := bundleHead + `,"objects":[` + addressJSON + `,` + identity(`"J"`, `"J\u001b[31m","labels":[],"x_acme\u001b":1`) + `]}`
	file := validate.File{Name: "feeds/of the day.json"}
	var err error
	file.Summary, err = validate.Bundle(strings.NewReader(input), validate.Options{}, func(f validate.Finding) { file.Findings = append(file.Findings, f) })
	if err != nil {
		t.Fatal(err)
	}
	clean := validate.File{Name: "clean.json", Summary: validate.Summary{Version: "2.1", Objects: 1}}
	return []validate.File{file, clean}
}

func writeText(b *bytes.Buffer, files []validate.File, limit int) error {
	for _, file := range files {
		text := validate.Text{W: b, Name: file.Name, Limit: limit}
		for _, f := range file.Findings {
			text.Finding(f)
		}
		if err := text.Close(file.Summary); err != nil {
			return err
		}
	}
	return nil
}

func TestRender(t *testing.T) {
	files := rendered(t)
	for name, write := range map[string]func(*bytes.Buffer) error{
		"findings.txt":   func(b *bytes.Buffer) error { return writeText(b, files, 0) },
		"findings.json":  func(b *bytes.Buffer) error { return validate.WriteJSON(b, files) },
		"findings.sarif": func(b *bytes.Buffer) error { return validate.WriteSARIF(b, "1.0.0", files) },
	} {
		var got bytes.Buffer
		if err := write(&got); err != nil {
			t.Fatal(err)
		}
		golden := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(golden, got.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got.String()); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
		if strings.Contains(got.String(), "\x1b") {
			t.Errorf("%s passes an escape sequence on to the terminal", name)
		}
	}
}

func TestRenderTextLimit(t *testing.T) {
	file := validate.File{Name: "a.json", Summary: validate.Summary{Version: "2.1"}}
	for range 5 {
		file.Findings = append(file.Findings, validate.Finding{Severity: validate.Warning, Code: "custom-property", Message: "m", Section: "11.1"})
	}
	var got bytes.Buffer
	if err := writeText(&got, []validate.File{file}, 2); err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(got.String(), "\n"); lines != 4 || !strings.Contains(got.String(), "3 more custom-property") {
		t.Errorf("%d lines:\n%s", lines, got.String())
	}
}

// TestSARIFShape checks what services refuse a log without: the version, and rules that results point to.
func TestSARIFShape(t *testing.T) {
	var out bytes.Buffer
	if err := validate.WriteSARIF(&out, "", rendered(t)); err != nil {
		t.Fatal(err)
	}
	var log struct {
		Version string
		Runs    []struct {
			Tool struct {
				Driver struct {
					Name  string
					Rules []struct{ ID string }
				}
			}
			Results []struct {
				RuleID    string
				RuleIndex int
				Level     string
			}
		}
	}
	if err := json.Unmarshal(out.Bytes(), &log); err != nil {
		t.Fatal(err)
	}
	if log.Version != "2.1.0" || len(log.Runs) != 1 || len(log.Runs[0].Results) == 0 {
		t.Fatalf("log %+v", log)
	}
	rules := log.Runs[0].Tool.Driver.Rules
	for _, r := range log.Runs[0].Results {
		if rules[r.RuleIndex].ID != r.RuleID {
			t.Errorf("result %+v points to rule %s", r, rules[r.RuleIndex].ID)
		}
	}
}
