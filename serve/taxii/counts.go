package taxii

import "github.com/prometheus/client_golang/prometheus"

// counts is what a server counts.
type counts struct {
	posted *prometheus.CounterVec
	served prometheus.Counter
	cut    prometheus.Counter
}

func newCounts() counts {
	c := counts{
		posted: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "marque_taxii_posted_objects_total", Help: "Objects that writers posted."}, []string{"result"}),
		served: prometheus.NewCounter(prometheus.CounterOpts{Name: "marque_taxii_served_records_total", Help: "Objects, manifest entries and versions served."}),
		cut:    prometheus.NewCounter(prometheus.CounterOpts{Name: "marque_taxii_cut_pages_total", Help: "Pages whose connection was ended because they could not be finished."}),
	}
	for _, result := range []string{"taken", "failed"} {
		c.posted.WithLabelValues(result)
	}
	return c
}

// Collectors are what the server counts.
func (s *Server) Collectors() []prometheus.Collector {
	return []prometheus.Collector{s.count.posted, s.count.served, s.count.cut}
}
