package alert

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"
)

// counts is what is counted by sink.
type counts struct {
	alerts  *prometheus.CounterVec
	waiting *prometheus.GaugeVec
	failing *prometheus.GaugeVec
}

func newCounts() counts {
	return counts{
		alerts:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: "marque_alerts_total", Help: "Hits by what became of them at a sink."}, []string{"sink", "result"}),
		waiting: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "marque_alerts_waiting", Help: "Hits that a sink has not passed yet."}, []string{"sink"}),
		failing: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "marque_alerts_failing", Help: "1 while a sink does not take alerts."}, []string{"sink"}),
	}
}

func (c *counts) all() []prometheus.Collector {
	return []prometheus.Collector{c.alerts, c.waiting, c.failing}
}

func (c *counts) begin(sink string) {
	for _, result := range []string{"sent", "left_out", "dead"} {
		c.alerts.WithLabelValues(sink, result)
	}
	c.waiting.WithLabelValues(sink)
	c.failing.WithLabelValues(sink)
}

// at notes how a sink stands.
func (c *counts) at(ctx context.Context, box Outbox, s *runningSink, failing bool) {
	n := 0.0
	if failing {
		n = 1
	}
	c.failing.WithLabelValues(s.Name).Set(n)
	if waiting, err := box.Waiting(ctx, s.at); err == nil {
		c.waiting.WithLabelValues(s.Name).Set(float64(waiting))
	}
}

// passed counts the entries up to one.
func (c *counts) passed(sink string, l *lotOf, sent, buried int, seq int64) {
	out := 0
	for i := range l.entries {
		if l.entries[i].Seq <= seq && l.of[i] < 0 {
			out++
		}
	}
	c.alerts.WithLabelValues(sink, "sent").Add(float64(sent))
	c.alerts.WithLabelValues(sink, "dead").Add(float64(buried))
	c.alerts.WithLabelValues(sink, "left_out").Add(float64(out))
}
