// Package events is the intake of events over HTTP: POST /v1/events, GET /v1/events/status, GET /v1/events/metrics.
//
// In: requests from users of the group [Sensors]. Out: answers once the lines are durable, problems (RFC 9457) otherwise, and metrics in
// Prometheus's text format.
//
// Invariants:
//   - Nothing is taken from who is not let in (TestOnlySensorsAreLetIn).
//   - What is not answered with 202 was not acknowledged (package intake: TestKilled, TestBackPressure).
//
// Status codes follow RFC 9110 and 6585; the header Idempotency-Key is that of draft-ietf-httpapi-idempotency-key-header, Prefer
// that of RFC 7240.
package events

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"marque/intake"
	"marque/serve/auth"
	"marque/serve/problem"
)

// Sensors is the group of users that may send events.
const Sensors = "sensors"

// Intake is what takes the events in.
type Intake interface {
	Accept(ctx context.Context, body io.Reader, o intake.AcceptOptions) (*intake.Answer, error)
	Status(ctx context.Context) (intake.Status, error)
	Work() intake.Work
	MaxBody() int64
}

var _ Intake = (*intake.Intake)(nil)

// Config is how the room is set up. Without Users everybody is let in, which is for tests and for a server that asks before.
type Config struct {
	Users *auth.Authenticator
	Log   *slog.Logger
}

// Room serves the intake. It is safe for concurrent use.
type Room struct {
	in  Intake
	cfg Config
	mux *http.ServeMux

	requests, refused, lines, nanos atomic.Int64
}

// New makes the room.
func New(in Intake, cfg Config) *Room {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	r := &Room{in: in, cfg: cfg, mux: http.NewServeMux()}
	r.mux.HandleFunc("POST /v1/events", r.post)
	r.mux.HandleFunc("GET /v1/events/status", r.status)
	r.mux.HandleFunc("GET /v1/events/metrics", r.metrics)
	return r
}

// Patterns are what the room answers to.
func (m *Room) Patterns() []string { return []string{"/v1/events", "/v1/events/"} }

// ServeHTTP answers those who are let in.
func (m *Room) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if m.cfg.Users != nil {
		u, err := m.cfg.Users.Authenticate(r)
		if err == nil && !slices.Contains(u.Groups, Sensors) {
			err = problem.New(http.StatusForbidden, "not-a-sensor", "The user is not in the group %s.", Sensors)
		}
		if err != nil {
			problem.Write(w, r, m.cfg.Log, err)
			return
		}
	}
	m.mux.ServeHTTP(w, r)
}

func (m *Room) post(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	o := intake.AcceptOptions{
		Key: r.Header.Get("Idempotency-Key"), Encoding: r.Header.Get("Content-Encoding"), Minimal: r.Header.Get("Prefer") == "return=minimal",
	}
	answer, err := m.in.Accept(r.Context(), http.MaxBytesReader(w, r.Body, m.in.MaxBody()), o)
	m.requests.Add(1)
	m.nanos.Add(int64(time.Since(began)))
	if err != nil {
		m.refused.Add(1)
		problem.Write(w, r, m.cfg.Log, err)
		return
	}
	m.lines.Add(answer.Lines)
	if o.Minimal {
		w.Header().Set("Preference-Applied", "return=minimal")
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	_ = json.NewEncoder(w).Encode(answer) // a client that has gone asks again
}

func (m *Room) status(w http.ResponseWriter, r *http.Request) {
	s, err := m.in.Status(r.Context())
	if err != nil {
		problem.Write(w, r, m.cfg.Log, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(s) // a client that has gone asks again
}

// metrics writes the Prometheus text format.
func (m *Room) metrics(w http.ResponseWriter, r *http.Request) {
	s, err := m.in.Status(r.Context())
	if err != nil {
		problem.Write(w, r, m.cfg.Log, err)
		return
	}
	w.Header().Set("Content-Type", "text/plain; version=0.0.4")
	metric := func(name, kind, help string, v any) {
		fmt.Fprintf(w, "# HELP marque_intake_%s %s\n# TYPE marque_intake_%s %s\nmarque_intake_%s %v\n", name, help, name, kind, name, v)
	}
	work := m.in.Work()
	metric("requests_total", "counter", "Requests to POST /v1/events.", m.requests.Load())
	metric("refused_requests_total", "counter", "Requests of which nothing was acknowledged.", m.refused.Load())
	metric("request_seconds_total", "counter", "Time spent on requests.", time.Duration(m.nanos.Load()).Seconds())
	metric("acknowledged_lines_total", "counter", "Lines acknowledged over HTTP.", m.lines.Load())
	metric("segments_total", "counter", "Segments committed.", work.Segments)
	metric("look_backs_total", "counter", "Look backs done.", work.LookBacks)
	metric("compacted_files_total", "counter", "Files of the lake that were joined into larger ones.", work.Compacted)
	metric("longest_pause_seconds", "gauge", "The longest rest of matching while indicators were let in.", work.LongestPause.Seconds())
	metric("look_backs_due", "gauge", "Arrivals of indicators that were not looked up in the past yet.", s.LookBack)
	metric("waiting_messages", "gauge", "Messages that are not committed yet.", s.Waiting)
	metric("backlog_bytes", "gauge", "Bytes of the event stream.", s.Backlog)
	metric("backlog_limit_bytes", "gauge", "Bytes at which clients are told to wait.", s.Limit)
	metric("memory_free_bytes", "gauge", "Memory that requests may still take.", s.Memory)
	fault := 0
	if s.Fault != "" {
		fault = 1
	}
	metric("fault", "gauge", "1 while events cannot be matched.", fault)
	fmt.Fprint(w, "# HELP marque_intake_counted_total Counts of the journal since it was made.\n# TYPE marque_intake_counted_total counter\n")
	for _, name := range slices.Sorted(maps.Keys(s.Counters)) {
		what, reason, _ := strings.Cut(name, ":")
		fmt.Fprintf(w, "marque_intake_counted_total{what=%q,reason=%q} %d\n", what, reason, s.Counters[name])
	}
}
