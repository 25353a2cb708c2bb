package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"math"
	"net/url"
	"strings"

	"marque/internal/plain"
	"marque/stix"
)

//go:embed assets/brief.html
var page string

// HTML writes the brief as one self-contained file: no script, no font, no picture from elsewhere. It reads without
// JavaScript, follows the reader's light or dark theme, and prints.
func HTML(w io.Writer, b *Brief) error {
	t, err := template.New("brief").Funcs(template.FuncMap{
		"window":  func() string { return b.window() },
		"refs":    referenceLinks,
		"percent": percent,
		"strip":   plain.Line,
		"join":    strings.Join,
		"lines":   func(a Analyst) []string { return a.lines() },
		"bar":     func(p float64) string { return fmt.Sprintf("%.1f%%", 100*p) },
		"db":      func(f float64) string { return fmt.Sprintf("%+.1f", f) },
		"inc":     func(i int) int { return i + 1 },
		"trend":   func() template.HTML { return trendChart(b.Trend) },
		"matrix":  func() template.HTML { return matrixChart(b.Matrix) },
		"link":    safeLink,
		"colour":  func() string { return colours[b.Level] },
		"day":     func() string { return day(b.Generated.Time()) },
	}).Parse(page)
	if err != nil {
		return fmt.Errorf("brief as HTML: %w", err)
	}
	if err := t.Execute(w, b); err != nil {
		return fmt.Errorf("brief as HTML: %w", err)
	}
	return nil
}

// colours are those of TLP 2.0 (FIRST), on black.
var colours = map[stix.TLP]string{stix.Clear: "clear", stix.Green: "green", stix.Amber: "amber", stix.AmberStrict: "amber", stix.Red: "red"}

// referenceLinks are the numbers as links to the list of references.
func referenceLinks(ns []int) template.HTML {
	var b strings.Builder
	for i, n := range ns {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, `<a href="#ref-%d">%d</a>`, n, n)
	}
	if b.Len() == 0 {
		return ""
	}
	return template.HTML(`<sup class="ref">[` + b.String() + `]</sup>`) //nolint:gosec // numbers only
}

// safeLink is an address that may be linked: http and https.
func safeLink(s string) string {
	u, err := url.Parse(s)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") {
		return ""
	}
	return u.String()
}

// trendChart draws bars for operations and, within them, the part with a state and a criminal side, with the share above.
func trendChart(qs []Quarter) template.HTML {
	if len(qs) == 0 {
		return ""
	}
	const height, base, left = 220.0, 180.0, 36.0
	step := math.Max(18, math.Min(64, 820/float64(len(qs))))
	width := left + step*float64(len(qs)) + 10
	most := 1
	for _, q := range qs {
		most = max(most, q.Operations)
	}
	scale := (base - 30) / float64(most)
	every := int(math.Ceil(44 / step))
	var b strings.Builder
	fmt.Fprintf(&b, `<svg viewBox="0 0 %.0f %.0f" role="img" aria-label="Operations by quarter, and the share with both a state and a criminal side">`, width, height)
	fmt.Fprintf(&b, `<line x1="%.0f" y1="%.0f" x2="%.0f" y2="%.0f" class="axis"/><text x="%.0f" y="%.0f" class="tick" text-anchor="end">%d</text>`,
		left, base, width, base, left-4, base-float64(most)*scale+4, most)
	for i, q := range qs {
		x := left + step*float64(i) + step*0.15
		w := step * 0.7
		fmt.Fprintf(&b, `<g><title>%s: %s</title>`, template.HTMLEscapeString(q.Label), template.HTMLEscapeString(q.caption()))
		fmt.Fprintf(&b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" class="all"/>`, x, base-float64(q.Operations)*scale, w, float64(q.Operations)*scale)
		fmt.Fprintf(&b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" class="both"/>`, x, base-float64(q.Blurred)*scale, w, float64(q.Blurred)*scale)
		if q.Operations > 0 && step >= 34 {
			fmt.Fprintf(&b, `<text x="%.1f" y="%.1f" class="tick" text-anchor="middle">%s</text>`, x+w/2, base-float64(q.Operations)*scale-5, percent(q.Share))
		}
		b.WriteString(`</g>`)
		if i%every == 0 {
			fmt.Fprintf(&b, `<text x="%.1f" y="%.0f" class="tick" text-anchor="middle">%s</text>`, x+w/2, base+16, template.HTMLEscapeString(q.Label))
		}
	}
	fmt.Fprintf(&b, `<rect x="%.0f" y="%.0f" width="10" height="10" class="all"/><text x="%.0f" y="%.0f" class="tick">operations</text>`, left, height-14, left+14, height-5)
	fmt.Fprintf(&b, `<rect x="%.0f" y="%.0f" width="10" height="10" class="both"/><text x="%.0f" y="%.0f" class="tick">with a state and a criminal side</text></svg>`, left+96, height-14, left+110, height-5)
	return template.HTML(b.String()) //nolint:gosec // text is escaped above
}

// matrixChart draws sponsor × target as a heat map with the counts written in.
func matrixChart(m Matrix) template.HTML {
	if len(m.Sponsors) == 0 {
		return ""
	}
	const left, top, cell, row = 190.0, 96.0, 62.0, 30.0
	width, height := left+cell*float64(len(m.Targets))+10, top+row*float64(len(m.Sponsors))+6
	most := 1
	for _, cells := range m.Cells {
		for _, n := range cells {
			most = max(most, n)
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg viewBox="0 0 %.0f %.0f" role="img" aria-label="Attributed operations by sponsor and target">`, width, height)
	for j, t := range m.Targets {
		x := left + cell*float64(j) + cell/2
		fmt.Fprintf(&b, `<text transform="translate(%.1f %.1f) rotate(-35)" class="label">%s</text>`, x-6, top-8, template.HTMLEscapeString(t))
	}
	for i, s := range m.Sponsors {
		y := top + row*float64(i)
		fmt.Fprintf(&b, `<text x="%.1f" y="%.1f" class="label" text-anchor="end">%s</text>`, left-8, y+20, template.HTMLEscapeString(s))
		for j, n := range m.Cells[i] {
			x := left + cell*float64(j)
			fmt.Fprintf(&b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" class="cell" style="fill-opacity:%.2f"/>`, x+1, y+1, cell-2, row-2, 0.06+0.85*math.Sqrt(float64(n)/float64(most)))
			if n > 0 {
				class := "count"
				if 2*n > most {
					class = "count strong"
				}
				fmt.Fprintf(&b, `<text x="%.1f" y="%.1f" class="%s" text-anchor="middle">%d</text>`, x+cell/2, y+20, class, n)
			}
		}
	}
	b.WriteString(`</svg>`)
	return template.HTML(b.String()) //nolint:gosec // text is escaped above
}
