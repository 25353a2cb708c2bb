package api_test

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"marque/serve/api"
	"marque/serve/auth"
	"marque/stix"
	"marque/workspace"
)

// desk is a server over a workspace with the casebook, in which everybody may see TLP:GREEN.
func desk(t testing.TB) (*workspace.Workspace, *api.Room, *httptest.Server) {
	t.Helper()
	w, err := workspace.Open(t.Context(), workspace.Options{
		Dir: t.TempDir(), Config: workspace.DefaultConfig(), Now: func() time.Time { return time.Date(2024, 12, 1, 0, 0, 0, 0, time.UTC) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	if _, err := w.IngestCasebook(t.Context()); err != nil {
		t.Fatal(err)
	}
	level := stix.Green
	users, err := auth.New(auth.Config{Anonymous: &level})
	if err != nil {
		t.Fatal(err)
	}
	room := api.New(w, api.Config{Users: users, Version: "test"})
	s := httptest.NewServer(room)
	t.Cleanup(s.Close)
	return w, room, s
}

func get(t testing.TB, s *httptest.Server, path string, header ...string) (int, http.Header, string) {
	t.Helper()
	return send(t, s, http.MethodGet, path, "", header...)
}

func send(t testing.TB, s *httptest.Server, method, path, body string, header ...string) (int, http.Header, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := s.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, res.Header, string(b)
}

func decode[T any](t testing.TB, body string) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		t.Fatalf("%v in %.300s", err, body)
	}
	return v
}

// TestEveryOperationIsDescribedAndAnswers: each operation of the description has a summary and a tag, and answers to a request that the
// description allows.
func TestEveryOperationIsDescribedAndAnswers(t *testing.T) {
	_, room, s := desk(t)
	ops := decode[api.Page[workspace.Operation]](t, body(t, s, "/v1/operations?q=kyivstar"))
	if len(ops.Items) == 0 {
		t.Fatal("no operation called kyivstar")
	}
	actors := decode[api.Page[workspace.ActorRow]](t, body(t, s, "/v1/actors?q=Seashell+Blizzard"))
	documents := decode[api.Page[workspace.DocumentRow]](t, body(t, s, "/v1/documents?limit=1"))
	if len(actors.Items) == 0 || len(documents.Items) == 0 {
		t.Fatalf("actors %v, documents %v", actors, documents)
	}
	requests := map[string][]string{ // path, body
		"list-operations": {"/v1/operations?state=RU&limit=3"},
		"get-operation":   {"/v1/operations/" + string(ops.Items[0].ID)},
		"suppose":         {"/v1/operations/" + string(ops.Items[0].ID) + "/what-if", `{"priors":{"unknown":0.5}}`},
		"list-actors":     {"/v1/actors?state=RU"},
		"get-actor":       {"/v1/actors/" + string(actors.Items[0].ID)},
		"list-states":     {"/v1/states"},
		"list-claims":     {"/v1/claims?relation=attributed-to"},
		"list-documents":  {"/v1/documents"},
		"list-measures":   {"/v1/measures?kind=sanctions"},
		"get-document":    {"/v1/documents/" + string(documents.Items[0].ID)},
		"search":          {"/v1/search?q=Sandworm"},
		"look-up":         {"/v1/observables", `{"values":["hxxps://example[.]com/a","8.8.8.8","nothing at all"]}`},
		"get-stix":        {"/v1/stix/" + string(ops.Items[0].ID)},
		"list-changes":    {"/v1/changes?limit=5"},
		"get-log":         {"/v1/log"},
		"get-proof":       nil, // TestAProofIsGiven
	}
	for path, item := range room.OpenAPI().Paths {
		for _, o := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
			if o == nil {
				continue
			}
			if o.Summary == "" || len(o.Tags) == 0 {
				t.Errorf("%s: not described", path)
			}
			req, ok := requests[o.OperationID]
			if !ok {
				t.Errorf("%s: no request in this test", o.OperationID)
			}
			switch len(req) {
			case 1:
				if code, _, b := get(t, s, req[0]); code != http.StatusOK || !json.Valid([]byte(b)) {
					t.Errorf("GET %s: %d %.300s", req[0], code, b)
				}
			case 2:
				if code, _, b := send(t, s, http.MethodPost, req[0], req[1]); code != http.StatusOK || !json.Valid([]byte(b)) {
					t.Errorf("POST %s: %d %.300s", req[0], code, b)
				}
			}
		}
	}
	if code, _, b := get(t, s, "/v1/openapi.json"); code != http.StatusOK || !strings.Contains(b, `"openapi":"3.1.0"`) {
		t.Errorf("openapi.json: %d %.200s", code, b)
	}
}

func body(t testing.TB, s *httptest.Server, path string) string {
	t.Helper()
	code, _, b := get(t, s, path)
	if code != http.StatusOK {
		t.Fatalf("GET %s: %d %s", path, code, b)
	}
	return b
}

// TestPagesAreTheListInParts: pages put together are the list that NDJSON and CSV give whole.
func TestPagesAreTheListInParts(t *testing.T) {
	_, _, s := desk(t)
	var paged []string
	next := ""
	for {
		page := decode[api.Page[workspace.Operation]](t, body(t, s, "/v1/operations?limit=7&cursor="+url.QueryEscape(next)))
		for _, o := range page.Items {
			paged = append(paged, string(o.ID))
		}
		if next = page.Next; next == "" {
			if page.Total != len(paged) {
				t.Errorf("%d in pages, total %d", len(paged), page.Total)
			}
			break
		}
	}
	_, _, all := get(t, s, "/v1/operations", "Accept", "application/x-ndjson")
	var whole []string
	for line := range strings.Lines(all) {
		whole = append(whole, string(decode[workspace.Operation](t, line).ID))
	}
	_, _, text := get(t, s, "/v1/operations", "Accept", "text/csv")
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || len(rows) != len(whole)+1 || rows[0][0] != "id" || rows[1][0] != whole[0] {
		t.Errorf("CSV: %v, %d rows of %d", err, len(rows), len(whole)+1)
	}
	if strings.Join(paged, " ") != strings.Join(whole, " ") || len(whole) < 20 {
		t.Errorf("pages give %d, NDJSON %d", len(paged), len(whole))
	}
	if code, _, b := get(t, s, "/v1/claims?cursor="+url.QueryEscape("AAAA")); code != http.StatusBadRequest || !strings.Contains(b, "urn:marque:problem:cursor") {
		t.Errorf("forged cursor: %d %s", code, b)
	}
}

// TestWhatIf: without the source that says most, the judgement is another; what cannot be supposed is refused with the place.
func TestWhatIf(t *testing.T) {
	_, _, s := desk(t)
	op := decode[api.Page[workspace.Operation]](t, body(t, s, "/v1/operations?q=kyivstar")).Items[0].ID
	judged := decode[api.Judged](t, body(t, s, "/v1/operations/"+string(op)))
	root := ""
	for _, e := range judged.Judgement.Evidence {
		if e.Kind == "attribution" {
			root = string(e.RootRef)
		}
	}
	code, _, b := send(t, s, http.MethodPost, "/v1/operations/"+string(op)+"/what-if", `{"without":["`+root+`"]}`)
	if code != http.StatusOK {
		t.Fatalf("%d %s", code, b)
	}
	what := decode[workspace.WhatIf](t, b)
	if what.Supposed.Roots >= what.Stands.Roots || what.Stands.Roots != judged.Judgement.Roots {
		t.Errorf("%d roots, without one %d", what.Stands.Roots, what.Supposed.Roots)
	}
	for _, bad := range []string{`{"without":["report--nothing"]}`, `{"grades":{"x":"Z9"}}`, `{"priors":{"unknown":1.5}}`, `{"surprise":1}`} {
		if code, _, b := send(t, s, http.MethodPost, "/v1/operations/"+string(op)+"/what-if", bad); code != http.StatusUnprocessableEntity || !strings.Contains(b, `"detail"`) {
			t.Errorf("%s: %d %s", bad, code, b)
		}
	}
}

func TestRefusals(t *testing.T) {
	_, _, s := desk(t)
	for path, want := range map[string]int{
		"/v1/operations/campaign--00000000-0000-4000-8000-000000000000": http.StatusNotFound,
		"/v1/actors/nobody":            http.StatusNotFound,
		"/v1/documents/nothing":        http.StatusNotFound,
		"/v1/stix/nothing":             http.StatusNotFound,
		"/v1/operations?limit=0":       http.StatusUnprocessableEntity,
		"/v1/operations?colour=red":    http.StatusUnprocessableEntity,
		"/v1/operations?tlp=red":       http.StatusUnprocessableEntity,
		"/v1/operations?as_of=tuesday": http.StatusUnprocessableEntity,
		"/v1/search":                   http.StatusUnprocessableEntity,
		"/v1/nowhere":                  http.StatusNotFound,
	} {
		code, h, b := get(t, s, path)
		if code != want || h.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d %s %s", path, code, h.Get("Content-Type"), b)
		}
		for _, key := range []string{`"type"`, `"title"`, `"status"`, `"detail"`} {
			if !strings.Contains(b, key) {
				t.Errorf("%s: no %s in %s", path, key, b)
			}
		}
	}
}

func TestNotChangedSince(t *testing.T) {
	_, _, s := desk(t)
	_, h, _ := get(t, s, "/v1/states")
	tag := h.Get("ETag")
	if code, _, b := get(t, s, "/v1/states", "If-None-Match", tag); tag == "" || code != http.StatusNotModified || b != "" {
		t.Errorf("ETag %q: %d %q", tag, code, b)
	}
}

// TestStreamGoesOn: a stream of changes sends what was there, and then what is stored while it is open.
func TestStreamGoesOn(t *testing.T) {
	w, _, s := desk(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/v1/changes", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "text/event-stream")
	res, err := s.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var stored bool
	for sc := bufio.NewScanner(res.Body); sc.Scan(); {
		data, ok := strings.CutPrefix(sc.Text(), "data: ")
		if !ok {
			continue
		}
		change := decode[api.Change](t, data)
		if change.Level > stix.Green {
			t.Fatalf("a change of %v", change.Level)
		}
		if change.ID == "identity--11111111-1111-4111-8111-111111111111" {
			return
		}
		if !stored {
			stored = true
			o, err := stix.New(stix.Identity{Name: "Somebody", Common: stix.NewCommon("identity--11111111-1111-4111-8111-111111111111", stix.At(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)), "")})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.Keep(t.Context(), "test", []workspace.Conclusion{{Object: o}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Error("the stream ended")
}
