package pattern_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"marque/stix/pattern"
)

// peer parses and matches each pattern with stix2-matcher and prints the processor seconds of the quickest rounds.
const peer = `
import json, sys, time
from stix2matcher.matcher import match
at = ["2024-05-01T00:%02d:%02dZ" % (i // 60, i % 60) for i in range(100)]
observed = [{"type": "observed-data", "id": str(i), "number_observed": 1, "first_observed": t, "last_observed": t,
             "objects": {"0": {"type": "ev", "k": "abcd"[i % 4]}}} for i, t in enumerate(at)]
def round(pattern):
    start = time.process_time()
    assert match(pattern, observed)[0]
    return time.process_time() - start
print(json.dumps([min(round(p) for _ in range(50)) for p in json.loads(sys.argv[1])]))
`

// BenchmarkPeer measures stix2-matcher and this package on the same patterns and observations in one run, and reports how many times as
// fast this package is. It needs a Python with stix2-matcher, named by MARQUE_PEERS.
func BenchmarkPeer(b *testing.B) {
	python := os.Getenv("MARQUE_PEERS")
	if python == "" {
		b.Skip("MARQUE_PEERS is unset: it names a Python that has stix2-matcher")
	}
	patterns, err := json.Marshal(benchPatterns)
	if err != nil {
		b.Fatal(err)
	}
	out, err := exec.CommandContext(b.Context(), python, "-c", peer, string(patterns)).Output()
	if err != nil {
		b.Fatal(err)
	}
	var theirs []float64
	if err := json.Unmarshal(out, &theirs); err != nil || len(theirs) != len(benchPatterns) {
		b.Fatalf("%s: %v", out, err)
	}
	events := many(100)
	for i, src := range benchPatterns {
		b.Run(strconv.Itoa(i), func(b *testing.B) {
			for b.Loop() {
				ours := time.Duration(1<<63 - 1) // the quickest of many rounds, as with the peer
				for range 2000 {
					start := time.Now()
					p, err := pattern.Parse(src)
					if err != nil {
						b.Fatal(err)
					}
					if m, err := p.Match(events, pattern.Limits{}); err != nil || !m.Matched() {
						b.Fatal(m, err)
					}
					ours = min(ours, time.Since(start))
				}
				b.ReportMetric(theirs[i]/ours.Seconds(), "times")
				b.ReportMetric(float64(ours.Nanoseconds()), "ns/match")
			}
		})
	}
}
