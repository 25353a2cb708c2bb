package report

import (
	"fmt"
	"html/template"
	"math"
	"strings"
)

// Kinds of charts.
const (
	Bars  = "bars"  // a bar for each label; a second series stands within the first
	Stack = "stack" // the series of a label one on another
	Heat  = "heat"  // a series is a row, a column each of Columns
)

// Chart is a drawing of a table's numbers. The table stands beside it, so it says nothing that the table does not.
type Chart struct {
	Kind    string   `json:"kind"`
	Labels  []string `json:"labels"`
	Columns []string `json:"columns,omitempty"`
	Series  []Series `json:"series"`
}

// Series are the values of one thing, in the order of the labels.
type Series struct {
	Name   string    `json:"name"`
	Values []float64 `json:"values"`
}

// chartLabels is how many labels a chart shows: its table has all.
const chartLabels = 16

// SVG draws the chart; nothing where there is nothing to draw.
func (c *Chart) SVG(caption string) template.HTML {
	if c == nil || len(c.Labels) == 0 {
		return ""
	}
	var b strings.Builder
	switch c.Kind {
	case Heat:
		c.heat(&b, caption)
	default:
		c.bars(&b, caption)
	}
	return template.HTML(b.String()) //nolint:gosec // text is escaped where it is written
}

// bars draws horizontal bars: labels are names, which need room.
func (c *Chart) bars(b *strings.Builder, caption string) {
	const left, row, width, right = 150.0, 24.0, 520.0, 44.0
	n := min(len(c.Labels), chartLabels)
	legend := 0.0
	if len(c.Series) > 1 {
		legend = 22
	}
	height := row*float64(n) + 8 + legend
	most := 1.0
	for i := range n {
		most = max(most, c.extent(i))
	}
	scale := (width - left - right) / most
	fmt.Fprintf(b, `<svg viewBox="0 0 %.0f %.0f" role="img" aria-label="%s">`, width, height, template.HTMLEscapeString(caption))
	for i := range n {
		y := row * float64(i)
		fmt.Fprintf(b, `<text x="%.1f" y="%.1f" class="label" text-anchor="end">%s</text>`, left-8, y+16, template.HTMLEscapeString(cut(c.Labels[i], 22)))
		x := left
		for k, s := range c.Series {
			w := s.Values[i] * scale
			inset := 0.0
			if c.Kind == Bars && k > 0 {
				inset = 4
			}
			fmt.Fprintf(b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" class="s%d"><title>%s: %s %g</title></rect>`, x, y+3+inset, w, row-6-2*inset, k,
				template.HTMLEscapeString(c.Labels[i]), template.HTMLEscapeString(s.Name), s.Values[i])
			if c.Kind == Stack {
				x += w
			}
		}
		fmt.Fprintf(b, `<text x="%.1f" y="%.1f" class="tick">%g</text>`, left+c.extent(i)*scale+5, y+16, c.extent(i))
	}
	if legend > 0 {
		x := left
		for k, s := range c.Series {
			fmt.Fprintf(b, `<rect x="%.1f" y="%.1f" width="10" height="10" class="s%d"/><text x="%.1f" y="%.1f" class="tick">%s</text>`, x, height-14, k, x+14, height-5,
				template.HTMLEscapeString(s.Name))
			x += 30 + 6*float64(len(s.Name))
		}
	}
	b.WriteString(`</svg>`)
}

// extent is how far the bar of a label reaches.
func (c *Chart) extent(i int) (sum float64) {
	for k, s := range c.Series {
		if c.Kind == Stack || k == 0 {
			sum += s.Values[i]
		}
	}
	return sum
}

// heat draws rows by columns with the counts written in.
func (c *Chart) heat(b *strings.Builder, caption string) {
	const left, top, row = 130.0, 92.0, 28.0
	cell := min(62, 560/float64(max(1, len(c.Columns))))
	n := min(len(c.Labels), chartLabels)
	most := 1.0
	for _, s := range c.Series[:n] {
		for _, v := range s.Values {
			most = max(most, v)
		}
	}
	fmt.Fprintf(b, `<svg viewBox="0 0 %.0f %.0f" role="img" aria-label="%s">`, left+cell*float64(len(c.Columns))+40, top+row*float64(n)+6, template.HTMLEscapeString(caption))
	for j, t := range c.Columns {
		fmt.Fprintf(b, `<text transform="translate(%.1f %.1f) rotate(-40)" class="label">%s</text>`, left+cell*float64(j)+cell/2-4, top-8, template.HTMLEscapeString(cut(t, 16)))
	}
	for i := range n {
		y := top + row*float64(i)
		fmt.Fprintf(b, `<text x="%.1f" y="%.1f" class="label" text-anchor="end">%s</text>`, left-8, y+18, template.HTMLEscapeString(cut(c.Labels[i], 20)))
		for j, v := range c.Series[i].Values {
			x := left + cell*float64(j)
			fmt.Fprintf(b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" class="cell" style="fill-opacity:%.2f"/>`, x+1, y+1, cell-2, row-2, 0.06+0.85*math.Sqrt(v/most))
			if v > 0 {
				class := "count"
				if 2*v > most {
					class = "count strong"
				}
				fmt.Fprintf(b, `<text x="%.1f" y="%.1f" class="%s" text-anchor="middle">%g</text>`, x+cell/2, y+18, class, v)
			}
		}
	}
	b.WriteString(`</svg>`)
}

// cut shortens a label.
func cut(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n-1]) + "…"
}
