package site

import "fmt"

// MeasureRates counts how many of a million of the new names stand in each relation to one of the labels by chance, by the label's length,
// and writes them as data/rates.txt has them.
func MeasureRates(labels, fresh []string) string {
	x := newIndex(len(labels))
	var many [maxRate + 1]float64
	for _, l := range labels {
		n, err := Parse(l)
		if err != nil {
			continue
		}
		var p probe
		p.set(n)
		if _, ok := x.add(n.Label, &p.sp, &p.folded); ok {
			many[bucket([]byte(n.Label))]++
		}
	}
	var hits [relations][maxRate + 1]float64
	names := 0.0
	for _, f := range fresh {
		n, err := Parse(f)
		if err != nil {
			continue
		}
		names++
		var p probe
		p.set(n)
		for _, m := range p.in(x, nil) {
			hits[m.relation][bucket(x.label(m.id))]++
		}
	}
	out := ""
	for r := range relations - 1 {
		out += relationKeys[r]
		for l := 1; l <= maxRate; l++ {
			out += fmt.Sprintf(" %.3g", (hits[r][l]+.2)/(many[l]+1)/names*1e6)
		}
		out += "\n"
	}
	return out
}
