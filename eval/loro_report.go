package eval

import (
	"fmt"
	"math"
	"strings"
)

// Markdown is the section of docs/quality.md.
func (l LORO) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, `## Who: leave one report out, in time

Every ATT&CK report that supports exactly one group with at least five features is a query: %d of groups that
earlier reports describe, and %d of *novel* ones, which must not be pinned on anybody. Only reports dated before the query are used,
for profiles, document frequencies and base rates. The baseline (rarity-weighted overlap with each group's set of features; for
countries the most frequent one, for the calibration error what perfect calibration shows by chance on as many queries) is computed in the same run. Intervals are 95 %% bootstrap intervals over queries.

What was tuned on what: the nine weights and the constants of `+"`attribute/profile`"+` were chosen on the *development* queries only
(before 2020, actors whose id's FNV-1a hash is not divisible by 4), by maximum likelihood and 5-fold cross-validation over actors. The columns
*2020 on* and *other actors* (hash divisible by 4, all years) are held out: they were seen while the model grew and decided nothing. The
first columns are over all queries, the development ones included. The probability that a name needs (55 %%) is ICD 203's lower bound of
"likely".

The later years are measured with `+"`MARQUE_ATTACK_BUNDLE=BUNDLE.json.gz MARQUE_LORO_FROM=2023 go test -run LORO -v ./eval`"+`.

`, l.Known, l.Novel)
	for _, g := range l.Groups {
		fmt.Fprintf(&b, "### %s\n\n| figure | value | 95 %% interval | N | baseline | gate | stretch | development | 2020 on | other actors |\n|---|---|---|---|---|---|---|---|---|---|\n", g.Title)
		for _, f := range g.Figures {
			bound := "≥ "
			if f.AtMost {
				bound = "≤ "
			}
			fmt.Fprintf(&b, "| %s | **%s** | %s–%s | %d | %s | %s | %s | %s | %s | %s |\n", f.Name, figure("", f.Value), figure("", f.Low), figure("", f.High), f.N,
				figure("", f.Baseline), figure(bound, f.Gate), figure(bound, f.Stretch), f.Development, f.LaterYears, f.OtherActors)
		}
		b.WriteString("\n")
	}
	b.WriteString(l.aheadMarkdown())
	b.WriteString("![Reliability of the likeliest hypothesis](reliability.svg)\n")
	return b.String()
}

func (p Part) String() string {
	if p.N == 0 {
		return "–"
	}
	return fmt.Sprintf("%.3f (%d)", p.Value, p.N)
}

func figure(bound string, f float64) string {
	if math.IsNaN(f) {
		return "–"
	}
	return fmt.Sprintf("%s%.3f", bound, f)
}

// Diagram is the reliability diagram as SVG: how often the likeliest hypothesis was right, by its probability.
// The area of a dot is its number of queries.
func (l LORO) Diagram() string {
	const side, left, top = 300.0, 50.0, 20.0
	var b strings.Builder
	x := func(p float64) float64 { return left + p*side }
	y := func(p float64) float64 { return top + (1-p)*side }
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="380" height="380" viewBox="0 0 380 380" font-family="sans-serif" font-size="12" role="img">
<title>Reliability of the likeliest hypothesis</title>
<rect width="380" height="380" fill="white"/>
<rect x="%g" y="%g" width="%g" height="%g" fill="none" stroke="#888"/>
<line x1="%g" y1="%g" x2="%g" y2="%g" stroke="#888" stroke-dasharray="4"/>
`, left, top, side, side, x(0), y(0), x(1), y(1))
	for n := 0; n <= 10; n += 2 {
		p := float64(n) / 10
		fmt.Fprintf(&b, "<text x=\"%g\" y=\"%g\" text-anchor=\"middle\">%.1f</text><text x=\"%g\" y=\"%g\" text-anchor=\"end\">%.1f</text>\n",
			x(p), y(0)+16, p, left-6, y(p)+4, p)
	}
	for _, bin := range l.Bins {
		if bin.N > 0 {
			fmt.Fprintf(&b, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\" fill=\"#2563eb\" fill-opacity=\".7\"><title>%d queries: stated %.2f, right %.2f</title></circle>\n",
				x(bin.Confidence), y(bin.Accuracy), 1.2*math.Sqrt(float64(bin.N)), bin.N, bin.Confidence, bin.Accuracy)
		}
	}
	fmt.Fprintf(&b, "<text x=\"%g\" y=\"%g\" text-anchor=\"middle\">probability of the likeliest hypothesis</text>\n", x(.5), y(0)+36)
	fmt.Fprintf(&b, "<text transform=\"translate(14 %g) rotate(-90)\" text-anchor=\"middle\">share that was right</text>\n</svg>\n", y(.5))
	return b.String()
}
