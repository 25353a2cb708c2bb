// Package health tells how the process does: GET /healthz, /readyz and /metrics, for whoever looks after it.
//
// In: checks of the parts that have to work, and collectors of what they count. Out: /healthz is 200 as long as the process answers at all;
// /readyz is 200 when every part works, and 503 with the names of those that do not; /metrics is everything that is counted, in Prometheus's
// text format or OpenMetrics. docs/operating.md lists the names (TestEveryMetricIsDocumented).
//
// Invariants:
//   - /healthz and /readyz need no credentials and tell no more than the names of parts; why one does not work is in the log, once.
//   - /metrics is read from this machine, or by users whom the configuration names.
package health

import (
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"marque/serve/auth"
	"marque/serve/problem"
)

// Part is something that has to work. Check says why it does not.
type Part struct {
	Name  string
	Check func(context.Context) error
}

// Users tells who sends a request.
type Users interface {
	Authenticate(*http.Request) (auth.User, error)
}

// Config is how the room is set up. Without Users, /metrics is read from this machine only.
type Config struct {
	Version string
	Parts   []Part
	Collect []prometheus.Collector
	Users   Users
	Readers []string // of /metrics from elsewhere: users and groups
	// BehindProxy says that a request from this machine may be one from elsewhere.
	BehindProxy bool
	Log         *slog.Logger
}

// Room answers for the health of the process. It is safe for concurrent use.
type Room struct {
	cfg      Config
	registry *prometheus.Registry
	mux      *http.ServeMux

	mu      sync.Mutex
	readers []string          // of /metrics
	ill     map[string]string // parts that did not work when they were last looked at, and why
}

// checkTime is how long all checks together may take.
const checkTime = 5 * time.Second

// New makes the room.
func New(cfg Config) (*Room, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	r := &Room{cfg: cfg, registry: prometheus.NewRegistry(), mux: http.NewServeMux(), readers: cfg.Readers, ill: map[string]string{}}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "marque_build_info", Help: "1, by the version that runs.", ConstLabels: prometheus.Labels{"version": cfg.Version},
	})
	build.Set(1)
	all := append([]prometheus.Collector{build, parts{r}, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{})}, cfg.Collect...)
	for _, c := range all {
		if err := r.registry.Register(c); err != nil {
			return nil, err
		}
	}
	handler := promhttp.HandlerFor(r.registry, promhttp.HandlerOpts{
		ErrorLog: slog.NewLogLogger(cfg.Log.Handler(), slog.LevelError), ErrorHandling: promhttp.ContinueOnError, MaxRequestsInFlight: 4, EnableOpenMetrics: true,
	})
	r.mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	r.mux.HandleFunc("GET /readyz", r.ready)
	r.mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, q *http.Request) {
		if err := r.mayRead(q); err != nil {
			problem.Write(w, q, cfg.Log, err)
			return
		}
		handler.ServeHTTP(w, q)
	})
	return r, nil
}

// SetReaders replaces those who may read /metrics from elsewhere.
func (r *Room) SetReaders(list []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.readers = list
}

// Patterns are what the room answers to.
func (r *Room) Patterns() []string { return []string{"/healthz", "/readyz", "/metrics"} }

func (r *Room) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	r.mux.ServeHTTP(w, q)
}

// mayRead tells whether a request may read what is counted.
func (r *Room) mayRead(q *http.Request) error {
	host, _, _ := net.SplitHostPort(q.RemoteAddr)
	if ip := net.ParseIP(host); ip != nil && ip.IsLoopback() && !r.cfg.BehindProxy {
		return nil
	}
	if r.cfg.Users == nil {
		return auth.ErrNoCredentials
	}
	u, err := r.cfg.Users.Authenticate(q)
	r.mu.Lock()
	readers := r.readers
	r.mu.Unlock()
	if err == nil && !u.In(readers) {
		err = problem.New(http.StatusForbidden, "not-a-reader", "The user is not among serve: metrics of the configuration.")
	}
	return err
}

// readiness is what /readyz answers.
type readiness struct {
	Ready bool            `json:"ready"`
	Parts map[string]bool `json:"parts"`
}

func (r *Room) ready(w http.ResponseWriter, q *http.Request) {
	out := r.look(q.Context())
	w.Header().Set("Content-Type", "application/json")
	if !out.Ready {
		w.Header().Set("Retry-After", "5")
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_ = json.NewEncoder(w).Encode(out) // who has gone asks again
}

// look runs all checks at once, and logs what changed.
func (r *Room) look(ctx context.Context) readiness {
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	errs := make([]error, len(r.cfg.Parts))
	var checks sync.WaitGroup
	for i, p := range r.cfg.Parts {
		checks.Go(func() { errs[i] = p.Check(ctx) })
	}
	checks.Wait()
	out := readiness{Ready: true, Parts: map[string]bool{}}
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, p := range r.cfg.Parts {
		why, was := r.ill[p.Name]
		switch err := errs[i]; {
		case err != nil && (!was || why != err.Error()):
			r.cfg.Log.Error("a part does not work", "part", p.Name, "error", err)
			r.ill[p.Name] = err.Error()
		case err == nil && was:
			r.cfg.Log.Info("a part works again", "part", p.Name)
			delete(r.ill, p.Name)
		}
		out.Parts[p.Name] = errs[i] == nil
		out.Ready = out.Ready && errs[i] == nil
	}
	return out
}

// parts counts which parts work.
type parts struct{ r *Room }

var partReady = prometheus.NewDesc("marque_ready", "1 while a part works.", []string{"part"}, nil)

// Describe and Collect implement prometheus.Collector.
func (p parts) Describe(to chan<- *prometheus.Desc) { to <- partReady }

// Collect looks at all parts.
func (p parts) Collect(to chan<- prometheus.Metric) {
	for name, works := range p.r.look(context.Background()).Parts {
		v := 0.0
		if works {
			v = 1
		}
		to <- prometheus.MustNewConstMetric(partReady, prometheus.GaugeValue, v, name)
	}
}
