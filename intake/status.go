package intake

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// counts are of this process; those that must survive it stand in the journal.
type counts struct {
	requests, refused, lines, nanos atomic.Int64
	segments, lookBacks, compacted  atomic.Int64
	pause                           atomic.Int64 // the longest, nanoseconds
	saved                           atomic.Int64 // when the last segment was committed, nanoseconds since 1970
}

func (c *counts) request(a *Answer, err error, took time.Duration) {
	c.requests.Add(1)
	c.nanos.Add(int64(took))
	if err != nil {
		c.refused.Add(1)
		return
	}
	c.lines.Add(a.Lines)
}

// paused notes how long matching rested for new indicators.
func (c *counts) paused(d time.Duration) {
	if longest := c.pause.Load(); int64(d) > longest {
		c.pause.Store(int64(d)) // of one goroutine
	}
}

func (c *counts) committed(*segment) {
	c.segments.Add(1)
	c.saved.Store(time.Now().UnixNano())
}

// Status is how the intake does.
type Status struct {
	Stream   string           `json:"stream"`         // where it lies
	Waiting  uint64           `json:"waiting"`        // messages that are not committed yet
	Backlog  uint64           `json:"backlog_bytes"`  // what they take
	Limit    int64            `json:"backlog_limit"`  // beyond it clients are told to wait
	Memory   int64            `json:"memory_free"`    // for requests
	Counters map[string]int64 `json:"counters"`       // since the journal was made
	LookBack int              `json:"look_backs_due"` // arrivals that have not been looked up yet
	Saved    time.Time        `json:"saved,omitzero"` // the last commit of this process
	Fault    string           `json:"fault,omitempty"`
}

// Status asks stream and journal.
func (in *Intake) Status(ctx context.Context) (Status, error) {
	s := Status{Limit: in.cfg.Backlog, Memory: in.budget.free.Load()}
	if n := in.counts.saved.Load(); n != 0 {
		s.Saved = time.Unix(0, n).UTC()
	}
	in.mu.Lock()
	if in.fault != nil {
		s.Fault = in.fault.Error()
	}
	in.mu.Unlock()
	var err error
	if s.Counters, err = in.journal.Counters(ctx); err != nil {
		return s, err
	}
	if s.LookBack, err = in.journal.lookBacksDue(ctx); err != nil {
		return s, err
	}
	q, err := in.stream()
	if err != nil {
		return s, err
	}
	s.Stream = q.where()
	state, err := q.state(ctx)
	if err != nil {
		return s, err
	}
	at, _, err := in.journal.position(ctx, q.id)
	if err != nil {
		return s, err
	}
	s.Waiting, s.Backlog = state.LastSeq-min(at, state.LastSeq), state.Bytes
	return s, nil
}

func (in *Intake) serveStatus(w http.ResponseWriter, r *http.Request) {
	s, err := in.Status(r.Context())
	if err != nil {
		problem(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(s) // a client that has gone asks again
}

// serveMetrics writes the Prometheus text format.
func (in *Intake) serveMetrics(w http.ResponseWriter, r *http.Request) {
	s, err := in.Status(r.Context())
	if err != nil {
		problem(w, err)
		return
	}
	w.Header().Set("Content-Type", "text/plain; version=0.0.4")
	metric := func(name, kind, help string, v any) {
		fmt.Fprintf(w, "# HELP marque_intake_%s %s\n# TYPE marque_intake_%s %s\nmarque_intake_%s %v\n", name, help, name, kind, name, v)
	}
	metric("requests_total", "counter", "Requests to POST /v1/events.", in.counts.requests.Load())
	metric("refused_requests_total", "counter", "Requests of which nothing was acknowledged.", in.counts.refused.Load())
	metric("request_seconds_total", "counter", "Time spent on requests.", time.Duration(in.counts.nanos.Load()).Seconds())
	metric("acknowledged_lines_total", "counter", "Lines acknowledged over HTTP.", in.counts.lines.Load())
	metric("segments_total", "counter", "Segments committed.", in.counts.segments.Load())
	metric("look_backs_total", "counter", "Look backs done.", in.counts.lookBacks.Load())
	metric("compacted_files_total", "counter", "Files of the lake that were joined into larger ones.", in.counts.compacted.Load())
	metric("longest_pause_seconds", "gauge", "The longest rest of matching while indicators were let in.", time.Duration(in.counts.pause.Load()).Seconds())
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

// diskFault tells a full disk from other faults of the lake.
func diskFault(err error) error {
	if strings.Contains(err.Error(), "no space left") {
		return fmt.Errorf("%w: %w", ErrFull, err)
	}
	return err
}
