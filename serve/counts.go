package serve

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// counts is what the server counts of requests, whatever room answered.
type counts struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	inFlight prometheus.Gauge
}

func newCounts() counts {
	return counts{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "marque_http_requests_total", Help: "Requests answered, by the pattern that took them.",
		}, []string{"pattern", "method", "code"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "marque_http_request_seconds", Help: "Time from a request's header to the end of its answer.",
			Buckets: []float64{.001, .005, .025, .1, .5, 2, 10, 60},
		}, []string{"pattern"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{Name: "marque_http_requests_in_flight", Help: "Requests that are being answered."}),
	}
}

// Collectors are what the server counts.
func (s *Server) Collectors() []prometheus.Collector {
	return []prometheus.Collector{s.count.requests, s.count.seconds, s.count.inFlight}
}

// answered counts a request. What a client makes up, such as a path or a method, makes no series of its own.
func (c *counts) answered(r *http.Request, status int, took time.Duration) {
	c.inFlight.Dec()
	pattern, method := r.Pattern, r.Method
	if pattern == "" {
		pattern = "none"
	}
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions:
	default:
		method = "other"
	}
	c.requests.WithLabelValues(pattern, method, strconv.Itoa(status)).Inc()
	c.seconds.WithLabelValues(pattern).Observe(took.Seconds())
}
