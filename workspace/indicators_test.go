package workspace_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"marque/store"
	"marque/workspace"
)

const reportOfIndicators = "Copper Finch raids port\n2024-03-12\n\nThe group Copper Finch broke into the network of a Ruritanian port authority in February 2024, investigators said.\n" +
	"The loader calls evil-a[.]example and hxxps://evil-b[.]example/gate. More on https://www.example.org/about/the/ministry in the words of the ministry itself.\n\n" +
	"Indicators\n\n198.51.100.7\nba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n"

func indicatorsIn(t *testing.T, level string) *workspace.Workspace {
	t.Helper()
	dir := t.TempDir()
	w, err := workspace.Open(context.Background(), workspace.Options{
		Dir: filepath.Join(dir, "w"), Config: workspace.DefaultConfig(), Now: func() time.Time { return time.Date(2024, 4, 1, 12, 0, 0, 0, time.UTC) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	file := filepath.Join(dir, "report.txt")
	if err := os.WriteFile(file, []byte(level+reportOfIndicators), 0o600); err != nil {
		t.Fatal(err)
	}
	results, err := w.Ingest(context.Background(), workspace.IngestOptions{}, file)
	if err != nil {
		t.Fatal(err)
	}
	if results[0].Candidates != 4 {
		t.Errorf("%d candidates, want 4", results[0].Candidates)
	}
	return w
}

func values(rows []*workspace.IndicatorRow) string {
	var out []string
	for _, r := range rows {
		end, _, _ := strings.Cut(r.ValidUntil, "T")
		out = append(out, strings.TrimSpace(r.State+" "+r.Kind+" "+r.Value+" "+end))
	}
	return strings.Join(out, "\n")
}

func list(t *testing.T, w *workspace.Workspace, f workspace.IndicatorFilter) []*workspace.IndicatorRow {
	t.Helper()
	rows, err := w.Indicators(context.Background(), f)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestReportsGiveCandidatesThatMatchWhenAccepted(t *testing.T) {
	ctx := context.Background()
	w := indicatorsIn(t, "")
	rows := list(t, w, workspace.IndicatorFilter{})
	want := "candidate domain evil-a.example\ncandidate ipv4 198.51.100.7\ncandidate sha256 ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\ncandidate url https://evil-b.example/gate"
	if got := values(rows); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	events := filepath.Join(t.TempDir(), "events.ndjson")
	if err := os.WriteFile(events, []byte(`{"time":"2024-03-20T10:00:00Z","dst_ip":"198.51.100.7","domain":"x.evil-a.example"}`+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Match(ctx, workspace.MatchOptions{}, events); !errors.Is(err, workspace.ErrNoIndicators) {
		t.Errorf("candidates match: %v", err)
	}
	accepted, err := w.AcceptIndicators(ctx, rows, nil)
	if err != nil {
		t.Fatal(err)
	}
	want = "active domain evil-a.example 2025-03-12\nactive ipv4 198.51.100.7 2024-06-10\nactive sha256 ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\nactive url https://evil-b.example/gate 2024-09-08"
	if got := values(accepted); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	res, err := w.Match(ctx, workspace.MatchOptions{}, events)
	if err != nil || res.Stats.Matched != 1 || len(res.Sightings) != 2 {
		t.Fatalf("%+v, %v", res, err)
	}
	if rows = list(t, w, workspace.IndicatorFilter{Report: "copper", Kind: "ip"}); len(rows) != 1 || rows[0].Reports[0].Name != "Copper Finch raids port" {
		t.Errorf("%+v: an indicator does not know its report", rows)
	}
	if rows, err = w.PickIndicators(ctx, []string{"198.51.100[.]7"}); err != nil {
		t.Fatal(err)
	}
	end := time.Date(2024, 3, 15, 0, 0, 0, 0, time.UTC)
	if rows, err = w.ExtendIndicators(ctx, rows, &end); err != nil || rows[0].State != workspace.IndicatorExpired {
		t.Errorf("%s %v", values(rows), err)
	}
	if res, err = w.Match(ctx, workspace.MatchOptions{}, events); err != nil || len(res.Sightings) != 1 {
		t.Errorf("an event after the end meets the indicator: %+v %v", res, err)
	}
	if rows, err = w.PickIndicators(ctx, []string{"evil-a.example"}); err != nil {
		t.Fatal(err)
	}
	if _, err = w.RevokeIndicators(ctx, rows); err != nil {
		t.Fatal(err)
	}
	if rows = list(t, w, workspace.IndicatorFilter{State: workspace.IndicatorRevoked}); values(rows) != "revoked domain evil-a.example 2025-03-12" {
		t.Errorf("%s", values(rows))
	}
	if _, err = w.ExtendIndicators(ctx, rows, nil); !errors.Is(err, workspace.ErrRevoked) {
		t.Errorf("a revoked indicator is changed: %v", err)
	}
}

func TestRejectedCandidatesStayAway(t *testing.T) {
	ctx := context.Background()
	w := indicatorsIn(t, "")
	rows, err := w.PickIndicators(ctx, []string{"evil-a.example"})
	if err != nil {
		t.Fatal(err)
	}
	if n, err := w.RejectIndicators(ctx, rows); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	file := filepath.Join(t.TempDir(), "again.txt")
	if err := os.WriteFile(file, []byte(reportOfIndicators), 0o600); err != nil {
		t.Fatal(err)
	}
	accept := true
	results, err := w.Ingest(ctx, workspace.IngestOptions{Accept: &accept}, file)
	if err != nil {
		t.Fatal(err)
	}
	if rows := list(t, w, workspace.IndicatorFilter{Text: "evil-a"}); len(rows) != 0 {
		t.Errorf("a rejected candidate is back: %s", values(rows))
	}
	if results[0].Accepted != 3 || results[0].Candidates != 0 {
		t.Errorf("%+v", results[0])
	}
}

// TestIndicatorsAreAsSecretAsTheirReport: what a RED report gives to look for does not leave at a lower level once it is accepted.
func TestIndicatorsAreAsSecretAsTheirReport(t *testing.T) {
	ctx := context.Background()
	w := indicatorsIn(t, "TLP:RED\n\n")
	if _, err := w.AcceptIndicators(ctx, list(t, w, workspace.IndicatorFilter{}), nil); err != nil {
		t.Fatal(err)
	}
	for rec, err := range w.Reader(workspace.View{}).Find(ctx, store.Query{Types: []string{"indicator"}}) {
		t.Errorf("%v %v is seen at CLEAR", rec, err)
	}
}

func TestForeignIndicatorsAreNotChanged(t *testing.T) {
	ctx := context.Background()
	w := indicatorsIn(t, "")
	file := filepath.Join(t.TempDir(), "labs.json")
	err := os.WriteFile(file, []byte(`[{"type":"identity","spec_version":"2.1","id":"identity--00000000-0000-4000-8000-000000000002","created":"2024-01-01T00:00:00Z","modified":"2024-01-01T00:00:00Z","name":"Example Labs"},
{"type":"indicator","spec_version":"2.1","id":"indicator--00000000-0000-4000-8000-000000000003","created_by_ref":"identity--00000000-0000-4000-8000-000000000002","created":"2024-01-01T00:00:00Z","modified":"2024-01-01T00:00:00Z","pattern":"[ipv4-addr:value = '198.51.100.7']","pattern_type":"stix","valid_from":"2024-01-01T00:00:00Z"}]`), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Ingest(ctx, workspace.IngestOptions{}, file); err != nil {
		t.Fatal(err)
	}
	rows := list(t, w, workspace.IndicatorFilter{Kind: "ip"})
	if len(rows) != 1 || rows[0].CreatedBy != "Example Labs" || len(rows[0].Reports) != 1 {
		t.Fatalf("%s: want the known indicator in the candidate's place, with the report that names it", values(rows))
	}
	if _, err := w.RevokeIndicators(ctx, rows); !errors.Is(err, workspace.ErrForeignIndicator) || !strings.Contains(err.Error(), "Example Labs") {
		t.Errorf("%v", err)
	}
}

func TestIndicatorsConfig(t *testing.T) {
	c := workspace.IndicatorsConfig{ExpiryDays: map[string]int{"ipv4": 3, "url": -1}}
	if err := c.Validate(); err == nil || !strings.Contains(err.Error(), "ipv4") || !strings.Contains(err.Error(), "-1") {
		t.Errorf("%v", err)
	}
}

// TestSameTextInAnotherFile: a report that was saved anew is known, not refused.
func TestSameTextInAnotherFile(t *testing.T) {
	w := indicatorsIn(t, "")
	file := filepath.Join(t.TempDir(), "again.txt")
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(reportOfIndicators, "\n", "\r\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	results, err := w.Ingest(context.Background(), workspace.IngestOptions{}, file)
	if err != nil || len(results) != 1 || results[0].Rejected != 0 || results[0].Documents != 1 || results[0].Candidates != 4 {
		t.Errorf("%+v, %v", results, err)
	}
}
