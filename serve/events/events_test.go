package events_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"marque/intake"
	"marque/serve/auth"
	"marque/serve/events"
)

// taken is an intake that takes whatever comes, or says why not.
type taken struct {
	bodies []string
	last   intake.AcceptOptions
	err    error
}

func (x *taken) Accept(_ context.Context, body io.Reader, o intake.AcceptOptions) (*intake.Answer, error) {
	data, err := io.ReadAll(body)
	if err = errors.Join(err, x.err); err != nil {
		return nil, err
	}
	x.bodies, x.last = append(x.bodies, string(data)), o
	return &intake.Answer{Lines: int64(strings.Count(string(data), "\n"))}, nil
}

func (x *taken) Status(context.Context) (intake.Status, error) {
	return intake.Status{Waiting: 7, Fault: "the disk", Counters: map[string]int64{"events": 3, "bad:syntax": 2}}, x.err
}
func (x *taken) Work() intake.Work { return intake.Work{Segments: 5} }
func (x *taken) MaxBody() int64    { return 100 }

func ask(t *testing.T, h http.Handler, method, path, body string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestOnlySensorsAreLetIn(t *testing.T) {
	good, goodHash := auth.NewToken()
	other, otherHash := auth.NewToken()
	users, err := auth.New(auth.Config{Users: []auth.Account{
		{Name: "fw", TokenHashes: []string{goodHash}, Groups: []string{events.Sensors}}, {Name: "reader", TokenHashes: []string{otherHash}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	in := &taken{}
	room := events.New(in, events.Config{Users: users})
	for _, tt := range []struct {
		header []string
		status int
	}{
		{nil, 401}, {[]string{"Authorization", "Bearer x"}, 401}, {[]string{"Authorization", "Bearer " + other}, 403}, {[]string{"Authorization", "Bearer " + good}, 202},
	} {
		for _, path := range []string{"/v1/events", "/v1/events/status", "/v1/events/metrics"} {
			method, want := http.MethodPost, tt.status
			if path != "/v1/events" {
				method = http.MethodGet
				if want == 202 {
					want = 200
				}
			}
			w := ask(t, room, method, path, "{}\n", tt.header...)
			if w.Code != want || w.Code >= 400 && w.Header().Get("Content-Type") != "application/problem+json" {
				t.Errorf("%s %v: %d %s %s", path, tt.header, w.Code, w.Header(), w.Body)
			}
		}
	}
	if len(in.bodies) != 1 {
		t.Errorf("taken %q", in.bodies)
	}
}

func TestRequestsReachTheIntake(t *testing.T) {
	in := &taken{}
	room := events.New(in, events.Config{})
	w := ask(t, room, http.MethodPost, "/v1/events", "{}\n{}\n", "Idempotency-Key", "k", "Content-Encoding", "gzip", "Prefer", "return=minimal")
	var a intake.Answer
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil || w.Code != http.StatusAccepted || a.Lines != 2 || w.Header().Get("Preference-Applied") != "return=minimal" {
		t.Errorf("%d %s %v", w.Code, w.Body, err)
	}
	if want := (intake.AcceptOptions{Key: "k", Encoding: "gzip", Minimal: true}); in.last != want {
		t.Errorf("options %+v", in.last)
	}
	if w := ask(t, room, http.MethodPost, "/v1/events", strings.Repeat("x", 101)); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("a body that is too large: %d", w.Code)
	}
	in.err = intake.ErrBusy
	if w := ask(t, room, http.MethodPost, "/v1/events", "{}"); w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "" {
		t.Errorf("busy: %d %v", w.Code, w.Header())
	}
	in.err = nil
	body := ask(t, room, http.MethodGet, "/v1/events/metrics", "").Body.String()
	for _, want := range []string{
		"marque_intake_requests_total 3\n", "marque_intake_refused_requests_total 2\n", "marque_intake_acknowledged_lines_total 2\n", "marque_intake_segments_total 5\n",
		"marque_intake_waiting_messages 7\n", "marque_intake_fault 1\n", `marque_intake_counted_total{reason="syntax",what="bad"} 2`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("metrics lack %q:\n%s", want, body)
		}
	}
}
