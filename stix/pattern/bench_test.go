package pattern_test

import (
	"fmt"
	"testing"

	"marque/stix/pattern"
)

// benchPatterns are of the kinds that feeds hold.
var benchPatterns = []string{
	"[ev:k = 'a']",
	"[ev:k IN ('x', 'y', 'z') OR ev:k LIKE 'c%' AND ev:k MATCHES '^c$']",
	"([ev:k = 'a'] FOLLOWEDBY [ev:k = 'b']) WITHIN 5 SECONDS",
	"[ev:k != 'a'] REPEATS 4 TIMES WITHIN 10 SECONDS",
	"[ev:k = 'a'] AND [ev:k = 'b'] AND [ev:k = 'c']",
}

func BenchmarkParse(b *testing.B) {
	for range b.N {
		for _, src := range benchPatterns {
			if _, err := pattern.Parse(src); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkMatch parses and matches each of the patterns on 100 observations, as the reference matcher's match does.
func BenchmarkMatch(b *testing.B) {
	events := many(100)
	for i, src := range benchPatterns {
		b.Run(fmt.Sprint(i), func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				p, err := pattern.Parse(src)
				if err != nil {
					b.Fatal(err)
				}
				if m, err := p.Match(events, pattern.Limits{}); err != nil || !m.Matched() {
					b.Fatal(m, err)
				}
			}
		})
	}
}

func BenchmarkStateFeed(b *testing.B) {
	program, err := pattern.Compile(mustParse(b, "[ev:k = 'a'] REPEATS 20 TIMES WITHIN 60 SECONDS"))
	if err != nil {
		b.Fatal(err)
	}
	events := many(10_000)
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		if i%len(events) == 0 {
			b.StopTimer()
			state := program.NewState(pattern.Limits{})
			b.StartTimer()
			for k := 0; k < len(events) && i+k < b.N; k++ {
				if _, err := state.Feed(events[k]); err != nil {
					b.Fatal(err)
				}
			}
		}
	}
}
