//go:build unix

package bench_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"marque/match"
)

// somePatterns are LIKE and MATCHES patterns, of the forms that indicators have.
func somePatterns(b *testing.B, n int) *match.Patterns {
	b.Helper()
	forms := []string{
		"[url:value LIKE '%%/gate%d.php']", "[domain-name:value LIKE 'c2-%d.%%']", "[url:value MATCHES '^https?://[a-z]+\\\\.evil%d\\\\.example/[0-9]+$']",
		"[domain-name:value MATCHES '(?i)^(cdn|img)%d\\\\.bad']", "[url:value LIKE 'http://%%/panel/%d/%%' AND url:value MATCHES '[?&]id=[0-9a-f]{8}']",
	}
	var list []match.Pattern
	for i := range n {
		source := fmt.Sprintf(forms[i%len(forms)], i)
		c, err := match.CompilePattern(match.Indicator{ID: source}, source)
		if err != nil {
			b.Fatal(err)
		}
		list = append(list, c.Pattern())
	}
	return match.NewPatterns(list...)
}

// BenchmarkPatterns is what patterns cost events, as a ratio to none, in one run: lines to counts, the two in turns, the least of
// the rounds.
func BenchmarkPatterns(b *testing.B) {
	data, set, f := load(b, false)
	events := bytes.Count(data, []byte{'\n'})
	for _, n := range []int{1000, 10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			patterns := somePatterns(b, n)
			w := match.NewWorker(f, set, match.WorkerConfig{})
			var r match.Result
			once := func(p *match.Patterns) time.Duration {
				set.SetPatterns(p)
				began := cpu()
				if err := w.Do(data, &r); err != nil {
					b.Fatal(err)
				}
				r.Settle()
				return cpu() - began
			}
			least := [2]time.Duration{once(nil), once(patterns)}
			for b.Loop() {
				for i, p := range []*match.Patterns{nil, patterns} {
					least[i] = min(least[i], once(p))
				}
			}
			for i, what := range []string{"none-ns/event", "patterns-ns/event"} {
				b.ReportMetric(float64(least[i].Nanoseconds())/float64(events), what)
			}
			b.ReportMetric(float64(least[1])/float64(least[0]), "x-none")
		})
	}
	set.SetPatterns(nil)
}
