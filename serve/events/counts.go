package events

import (
	"context"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("marque_intake_"+name, help, labels, nil)
}

// What the room tells of the intake.
var (
	requests     = desc("requests_total", "Requests to POST /v1/events.")
	refused      = desc("refused_requests_total", "Requests of which nothing was acknowledged.")
	seconds      = desc("request_seconds_total", "Time spent on requests.")
	lines        = desc("acknowledged_lines_total", "Lines acknowledged over HTTP.")
	segments     = desc("segments_total", "Segments committed.")
	lookBacks    = desc("look_backs_total", "Look backs done.")
	compacted    = desc("compacted_files_total", "Files of the lake that were joined into larger ones.")
	longestPause = desc("longest_pause_seconds", "The longest rest of matching while indicators were let in.")
	lookBacksDue = desc("look_backs_due", "Arrivals of indicators that were not looked up in the past yet.")
	waiting      = desc("waiting_messages", "Messages that are not committed yet.")
	backlog      = desc("backlog_bytes", "Bytes of the event stream.")
	backlogLimit = desc("backlog_limit_bytes", "Bytes at which clients are told to wait.")
	memoryFree   = desc("memory_free_bytes", "Memory that requests may still take.")
	fault        = desc("fault", "1 while events cannot be matched.")
	counted      = desc("counted_total", "Counts of the journal since it was made.", "what", "reason")
)

// Describe implements prometheus.Collector.
func (m *Room) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		requests, refused, seconds, lines, segments, lookBacks, compacted, longestPause, lookBacksDue, waiting, backlog, backlogLimit, memoryFree, fault, counted,
	} {
		to <- d
	}
}

// statusTime is how long the intake may take to tell how it does.
const statusTime = 5 * time.Second

// Collect implements prometheus.Collector. What the intake cannot tell now is left out, and the fault is 1.
func (m *Room) Collect(to chan<- prometheus.Metric) {
	counter := func(d *prometheus.Desc, v float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, v, labels...)
	}
	gauge := func(d *prometheus.Desc, v float64) { to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v) }
	counter(requests, float64(m.requests.Load()))
	counter(refused, float64(m.refused.Load()))
	counter(seconds, time.Duration(m.nanos.Load()).Seconds())
	counter(lines, float64(m.lines.Load()))
	work := m.in.Work()
	counter(segments, float64(work.Segments))
	counter(lookBacks, float64(work.LookBacks))
	counter(compacted, float64(work.Compacted))
	gauge(longestPause, work.LongestPause.Seconds())
	ctx, cancel := context.WithTimeout(context.Background(), statusTime)
	defer cancel()
	s, err := m.in.Status(ctx)
	if err != nil || s.Fault != "" {
		gauge(fault, 1)
	} else {
		gauge(fault, 0)
	}
	if err != nil {
		return
	}
	gauge(lookBacksDue, float64(s.LookBack))
	gauge(waiting, float64(s.Waiting))
	gauge(backlog, float64(s.Backlog))
	gauge(backlogLimit, float64(s.Limit))
	gauge(memoryFree, float64(s.Memory))
	for name, n := range s.Counters {
		what, reason, _ := strings.Cut(name, ":")
		counter(counted, float64(n), what, reason)
	}
}
