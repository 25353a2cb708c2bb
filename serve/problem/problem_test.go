package problem_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"marque/intake"
	"marque/serve/auth"
	"marque/serve/problem"
	"marque/store"
)

// answer is what a client reads.
func answer(t *testing.T, err error) (*http.Response, problem.Problem, string) {
	t.Helper()
	var log bytes.Buffer
	w := httptest.NewRecorder()
	problem.Write(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v1/x", nil), slog.New(slog.NewTextHandler(&log, nil)), err)
	var p problem.Problem
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
		t.Fatal(err)
	}
	return w.Result(), p, log.String()
}

func TestTable(t *testing.T) {
	for _, tt := range []struct {
		err    error
		status int
		retry  string
	}{
		{auth.ErrNoCredentials, 401, ""},
		{auth.ErrBadCredentials, 401, ""},
		{auth.ErrSlowDown, 429, "10"},
		{store.ErrFull, 503, "10"},
		{intake.ErrKey, 400, ""},
		{intake.ErrTooLarge, 413, ""},
		{fmt.Errorf("%w: %w", intake.ErrBody, &http.MaxBytesError{Limit: 7}), 413, ""},
		{intake.ErrEncoding, 415, ""},
		{intake.ErrBody, 400, ""},
		{intake.ErrBusy, 429, "2"},
		{intake.ErrFull, 507, ""},
		{intake.ErrClosed, 503, "2"},
		{intake.ErrDown, 503, "2"},
		{problem.New(404, "not-found", "nothing is there"), 404, ""},
		{errors.New("anything else"), 500, ""},
	} {
		res, p, _ := answer(t, fmt.Errorf("around it: %w", tt.err)) //nolint:bodyclose // a recorder has nothing to close
		if res.StatusCode != tt.status || p.Status != tt.status || p.Title != http.StatusText(tt.status) || p.Code == "" || p.Detail == "" || res.Header.Get("Retry-After") != tt.retry {
			t.Errorf("%v: status %d, %+v, retry %q", tt.err, res.StatusCode, p, res.Header.Get("Retry-After"))
		}
		if kind := res.Header.Get("Content-Type"); kind != "application/problem+json" {
			t.Errorf("%v: %s", tt.err, kind)
		}
		if (res.Header.Get("WWW-Authenticate") != "") != (tt.status == 401) {
			t.Errorf("%v: challenge %q", tt.err, res.Header.Get("WWW-Authenticate"))
		}
	}
}

func TestInternalErrorsAreNotTold(t *testing.T) {
	_, p, log := answer(t, errors.New("secret of /var/lib")) //nolint:bodyclose // as above
	if strings.Contains(p.Detail, "secret") || p.ErrorID == "" || !strings.Contains(log, p.ErrorID) || !strings.Contains(log, "secret of /var/lib") {
		t.Errorf("%+v, log %q", p, log)
	}
	if _, p, log = answer(t, intake.ErrBusy); p.ErrorID != "" || log != "" { //nolint:bodyclose // as above
		t.Errorf("a client's wait is no fault: %+v, log %q", p, log)
	}
}
