package validate_test

import (
	"encoding/json"
	"testing"

	"marque/stix/validate"
)

func TestFindingText(t *testing.T) {
	finding := validate.Finding{Severity: validate.Error, Code: "list-empty", Message: "list is empty", Section: "2.12"}
	if got, want := finding.String(), "/: error: list is empty (list-empty, section 2.12)"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestSeverityJSON(t *testing.T) {
	for _, severity := range []validate.Severity{validate.Note, validate.Warning, validate.Error} {
		raw, err := json.Marshal(severity)
		if err != nil {
			t.Fatal(err)
		}
		var again validate.Severity
		if err := json.Unmarshal(raw, &again); err != nil || again != severity {
			t.Errorf("%s became %v, error %v", raw, again, err)
		}
	}
	var severity validate.Severity
	if err := json.Unmarshal([]byte(`"fatal"`), &severity); err == nil {
		t.Error("severity fatal was read")
	}
	if got := validate.Severity(9).String(); got != "severity(9)" {
		t.Errorf("%q", got)
	}
}
