package validate_test

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"marque/stix/validate"
)

// attack opens the ATT&CK bundle. Its objects have neither spec_version nor is_family.
func attack(tb testing.TB) io.Reader {
	tb.Helper()
	data := os.Getenv("MARQUE_DATA")
	if data == "" {
		tb.Skip("MARQUE_DATA is unset: no ATT&CK bundle to check")
	}
	files, _ := filepath.Glob(filepath.Join(data, "attack", "*.json.gz"))
	if len(files) == 0 {
		tb.Skip("MARQUE_DATA has no ATT&CK bundle")
	}
	file, err := os.Open(files[0])
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { file.Close() })
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		tb.Fatal(err)
	}
	return unzipped
}

// TestAttack checks that the findings in a large, well-kept bundle are only those that it deserves.
func TestAttack(t *testing.T) {
	errors := map[string]int{}
	summary, err := validate.Bundle(attack(t), validate.Options{Resolve: true}, func(f validate.Finding) {
		if f.Severity == validate.Error {
			errors[f.Code+": "+f.Message]++
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int{
		"property-required: property spec_version is missing": summary.Objects,
		"property-required: property is_family is missing":    summary.Types["malware"],
	}
	if diff := cmp.Diff(want, errors); diff != "" {
		t.Errorf("errors (-want +got)\n%s", diff)
	}
	for code := range summary.Codes {
		switch code {
		case "property-required", "custom-object", "custom-property", "external-reference-hashes", "relationship-type":
		default:
			t.Errorf("%d findings %s", summary.Codes[code], code)
		}
	}
}

// TestAttackLifted checks the same bundle as what it is without those properties: STIX 2.0.
func TestAttackLifted(t *testing.T) {
	summary, err := validate.Bundle(attack(t), validate.Options{Version: "2.0"}, func(f validate.Finding) {
		if f.Severity == validate.Error {
			t.Error(f)
		}
	})
	if err != nil || summary.Errors != 0 || summary.Objects < 10_000 {
		t.Errorf("%d objects, %d errors, %v", summary.Objects, summary.Errors, err)
	}
}
