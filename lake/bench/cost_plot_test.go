package bench

import (
	"bytes"
	"fmt"
	"io"
	"math"
)

// Size of one panel, in pixels, and of the margins around it.
const (
	panelWidth, panelHeight = 360.0, 220.0
	marginLeft, marginTop   = 60.0, 40.0
)

// SVG draws the curves: sizes on a logarithmic axis, nanoseconds of processor time on a linear one that begins at zero.
func (c Costs) SVG(w io.Writer) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" font-family="sans-serif" font-size="12" fill="none" stroke="#888">`+"\n",
		2*(panelWidth+marginLeft)+30, panelHeight+marginTop+60)
	b.WriteString(`<rect width="100%" height="100%" fill="#fff" stroke="none"/>` + "\n")
	panel(&b, marginLeft, "decode and match one event", "indicators", c.Match)
	panel(&b, 2*marginLeft+panelWidth+10, "look back over one row, 10,000 indicators", "rows in the lake", c.Hunt)
	b.WriteString("</svg>\n")
	_, err := w.Write(b.Bytes())
	return err
}

func panel(b *bytes.Buffer, left float64, title, axis string, points []Cost) {
	if len(points) == 0 {
		return
	}
	top := 0.0
	for _, p := range points {
		top = max(top, p.Nanos)
	}
	unit := math.Pow(10, math.Floor(math.Log10(top)))
	if top/unit < 3 {
		unit /= 2
	}
	top = math.Ceil(top/unit*1.05) * unit
	low, high := math.Log10(points[0].Size), math.Log10(points[len(points)-1].Size)
	x := func(size float64) float64 { return left + (math.Log10(size)-low)/max(high-low, 1e-9)*panelWidth }
	y := func(nanos float64) float64 { return marginTop + panelHeight*(1-nanos/top) }
	label := func(px, py float64, anchor, text string) {
		fmt.Fprintf(b, `<text x="%.1f" y="%.1f" text-anchor="%s" fill="#333" stroke="none">%s</text>`+"\n", px, py, anchor, text)
	}
	label(left, marginTop-16, "start", title)
	label(left+panelWidth/2, marginTop+panelHeight+40, "middle", axis)
	for v := 0.0; v <= top+unit/2; v += unit {
		fmt.Fprintf(b, `<path d="M%.1f %.1fh%.0f" stroke="#ddd"/>`+"\n", left, y(v), panelWidth)
		label(left-6, y(v)+4, "end", fmt.Sprintf("%.4g ns", v))
	}
	var line bytes.Buffer
	for i, p := range points {
		fmt.Fprintf(&line, "%c%.1f %.1f", "ML"[min(i, 1)], x(p.Size), y(p.Nanos))
		fmt.Fprintf(b, `<circle cx="%.1f" cy="%.1f" r="3" fill="#225ea8" stroke="none"><title>%.0f: %.3g ns</title></circle>`+"\n", x(p.Size), y(p.Nanos), p.Size, p.Nanos)
		label(x(p.Size), marginTop+panelHeight+18, "middle", short10(p.Size))
	}
	fmt.Fprintf(b, `<path d="%s" stroke="#225ea8" stroke-width="2"/>`+"\n", line.String())
}

// short10 writes 1000 as 1 k and 3000000 as 3 M.
func short10(n float64) string {
	switch {
	case n >= 1e6:
		return fmt.Sprintf("%g M", n/1e6)
	case n >= 1e3:
		return fmt.Sprintf("%g k", n/1e3)
	}
	return fmt.Sprintf("%g", n)
}
