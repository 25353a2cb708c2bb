package api_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"marque/stix"
	"marque/workspace"
)

// secrets is a bundle about an operation that some know more about than others: what is AMBER has SECRET in it.
const secrets = `{"type":"bundle","id":"bundle--11111111-1111-4111-8111-111111111110","objects":[
{"type":"identity","spec_version":"2.1","id":"identity--11111111-1111-4111-8111-111111111111","created":"2024-01-01T00:00:00.000Z","modified":"2024-01-01T00:00:00.000Z","name":"A House"},
{"type":"campaign","spec_version":"2.1","id":"campaign--11111111-1111-4111-8111-111111111112","created":"2024-01-01T00:00:00.000Z","modified":"2024-01-01T00:00:00.000Z","name":"Open Affair","created_by_ref":"identity--11111111-1111-4111-8111-111111111111"},
{"type":"campaign","spec_version":"2.1","id":"campaign--11111111-1111-4111-8111-111111111113","created":"2024-01-01T00:00:00.000Z","modified":"2024-01-01T00:00:00.000Z","name":"SECRET Affair","object_marking_refs":[%[1]q]},
{"type":"intrusion-set","spec_version":"2.1","id":"intrusion-set--11111111-1111-4111-8111-111111111114","created":"2024-01-01T00:00:00.000Z","modified":"2024-01-01T00:00:00.000Z","name":"SECRET Bear","object_marking_refs":[%[1]q]},
{"type":"report","spec_version":"2.1","id":"report--11111111-1111-4111-8111-111111111115","created":"2024-01-01T00:00:00.000Z","modified":"2024-01-01T00:00:00.000Z","published":"2024-01-01T00:00:00Z","name":"SECRET findings","object_refs":["campaign--11111111-1111-4111-8111-111111111112"],"object_marking_refs":[%[1]q]},
{"type":"indicator","spec_version":"2.1","id":"indicator--11111111-1111-4111-8111-111111111116","created":"2024-01-01T00:00:00.000Z","modified":"2024-01-01T00:00:00.000Z","name":"SECRET host","pattern":"[domain-name:value = 'secret-host.example']","pattern_type":"stix","valid_from":"2024-01-01T00:00:00Z","object_marking_refs":[%[1]q]},
{"type":"relationship","spec_version":"2.1","id":"relationship--11111111-1111-4111-8111-111111111117","created":"2024-01-01T00:00:00.000Z","modified":"2024-01-01T00:00:00.000Z","relationship_type":"attributed-to","source_ref":"campaign--11111111-1111-4111-8111-111111111112","target_ref":"intrusion-set--11111111-1111-4111-8111-111111111114","object_marking_refs":[%[1]q]},
{"type":"relationship","spec_version":"2.1","id":"relationship--11111111-1111-4111-8111-111111111118","created":"2024-01-01T00:00:00.000Z","modified":"2024-01-01T00:00:00.000Z","relationship_type":"indicates","source_ref":"indicator--11111111-1111-4111-8111-111111111116","target_ref":"intrusion-set--11111111-1111-4111-8111-111111111114","object_marking_refs":[%[1]q]}
]}`

// TestNothingAboveTheReadersLevel: with and without what is above the reader's level, every route gives the same bytes.
func TestNothingAboveTheReadersLevel(t *testing.T) {
	for _, level := range []stix.TLP{stix.Amber, stix.AmberStrict, stix.Red} {
		t.Run(level.String(), func(t *testing.T) {
			without, _, plain := desk(t)
			with, _, s := desk(t)
			marking := string(level.MarkingID())
			both := fmt.Sprintf(secrets, marking)
			open := strings.Join(keepOpen(strings.Split(both, "\n"), marking), "\n")
			ingest(t, without, open)
			ingest(t, with, both)
			for _, path := range routes {
				code, h, body := get(t, s, path)
				wantCode, wantHeader, want := get(t, plain, path)
				if strings.Contains(body, "SECRET") && !strings.Contains(path, "SECRET") {
					t.Errorf("GET %s tells a secret: %.300s", path, body)
				}
				sealed := sealedPlace.MatchString(body) // each store seals with a key of its own
				body, want = sealedPlace.ReplaceAllString(body, ""), sealedPlace.ReplaceAllString(want, "")
				if code != wantCode || !sealed && h.Get("ETag") != wantHeader.Get("ETag") || body != want {
					t.Errorf("GET %s: %d and %d, %.200q and %.200q", path, code, wantCode, body, want)
				}
			}
			asks := `{"values":["secret-host.example"]}`
			_, _, body := send(t, s, http.MethodPost, "/v1/observables", asks)
			if _, _, want := send(t, plain, http.MethodPost, "/v1/observables", asks); body != want || !strings.Contains(body, `"unknown"`) {
				t.Errorf("looked up: %s and %s", body, want)
			}
		})
	}
}

var sealedPlace = regexp.MustCompile(`"after":"[A-Za-z0-9_-]{22}",`)

// keepOpen leaves the lines that carry no marking, and a bundle that is one.
func keepOpen(lines []string, marking string) []string {
	var out []string
	for _, l := range lines {
		if !strings.Contains(l, marking) {
			out = append(out, l)
		}
	}
	out[len(out)-2] = strings.TrimSuffix(out[len(out)-2], ",")
	return out
}

var routes = []string{
	"/v1/operations?limit=1000", "/v1/operations?q=SECRET", "/v1/operations?actor=SECRET", "/v1/operations/campaign--11111111-1111-4111-8111-111111111112",
	"/v1/operations/campaign--11111111-1111-4111-8111-111111111113", "/v1/actors?limit=1000", "/v1/actors?q=SECRET+Bear",
	"/v1/actors/intrusion-set--11111111-1111-4111-8111-111111111114", "/v1/states", "/v1/claims?limit=1000", "/v1/changes?limit=1000", "/v1/measures?limit=1000", "/v1/documents?limit=1000",
	"/v1/documents/report--11111111-1111-4111-8111-111111111115", "/v1/search?q=SECRET", "/v1/search?q=Open+Affair",
	"/v1/stix/indicator--11111111-1111-4111-8111-111111111116", "/v1/stix/campaign--11111111-1111-4111-8111-111111111112",
	"/v1/log", "/v1/log/campaign--11111111-1111-4111-8111-111111111113",
}

func ingest(t testing.TB, w *workspace.Workspace, bundle string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bundle.json")
	if err := os.WriteFile(path, []byte(bundle), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Ingest(t.Context(), workspace.IngestOptions{}, path); err != nil {
		t.Fatal(err)
	}
}

// FuzzRequests: no path, query or body makes the server answer that it could not.
func FuzzRequests(f *testing.F) {
	_, _, s := desk(f)
	for _, path := range routes {
		f.Add("GET", strings.TrimPrefix(path, "/v1/"), "")
	}
	f.Add("POST", "operations/x/what-if", `{"without":[""],"grades":{"":"A"},"priors":{"":1e309}}`)
	f.Add("POST", "observables", `{"values":["[.]","::ffff:1.2.3.4","http://[::1","`+strings.Repeat("a.", 300)+`"]}`)
	f.Fuzz(func(t *testing.T, method, path, body string) {
		if method != http.MethodPost {
			method, body = http.MethodGet, ""
		}
		if _, err := http.NewRequestWithContext(t.Context(), method, s.URL+"/v1/"+path, nil); err != nil {
			return
		}
		if code, _, b := send(t, s, method, "/v1/"+path, body); code >= 500 {
			t.Errorf("%s %q %q: %d %s", method, path, body, code, b)
		}
	})
}
