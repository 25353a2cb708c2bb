package site

import "fmt"

// MeasureRates counts how many of a million of the new names stand in each relation to one of the labels by chance, by the label's kind and
// length, and writes them as data/rates.txt has them. Neighbouring lengths lend one another: a cell stands for what it and the two beside it
// have, the middle one counted twice.
func MeasureRates(labels, fresh []string) string {
	x := newIndex(len(labels))
	var many [classes][maxRate + 2]float64
	for _, l := range labels {
		n, err := Parse(l)
		if err != nil {
			continue
		}
		var p probe
		p.set(n)
		if _, ok := x.add(n.Label, &p.sp, &p.folded); ok {
			many[commonLabels[n.Label]][bucket([]byte(n.Label))]++
		}
	}
	var hits [relations][classes][maxRate + 2]float64
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
			l := x.label(m.id)
			hits[m.relation][commonLabels[string(l)]][bucket(l)]++
		}
	}
	out := ""
	for r := range relations - 1 {
		for c := range classes {
			out += relationKeys[r] + " " + classNames[c]
			for l := 1; l <= maxRate; l++ {
				h, m := hits[r][c], many[c]
				out += fmt.Sprintf(" %.3g", (h[l-1]+2*h[l]+h[l+1]+.5)/(m[l-1]+2*m[l]+m[l+1]+2)/names*1e6)
			}
			out += "\n"
		}
	}
	return out
}
