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
	"io"
	"log/slog"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

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
	own := prometheus.NewRegistry()
	own.MustRegister(r) // its names are its own: nothing else is in the registry
	r.mux.Handle("GET /v1/events/metrics", promhttp.HandlerFor(own, promhttp.HandlerOpts{}))
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
