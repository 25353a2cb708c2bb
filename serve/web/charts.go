package web

import (
	"fmt"
	"math"

	"marque/report"
)

// trend is the blurred line by quarter, laid out: the table beside it has the same numbers.
type trend struct {
	Bars          []trendBar
	Width, Height float64
	Most          int
	Quarters      []report.Quarter
}

type trendBar struct {
	X, W, Y, H, YBoth, HBoth float64
	Label, Caption           string
	Tick                     bool
}

// The chart's measures in its own units: it is drawn for 720 and scales.
const (
	trendWidth  = 720.0
	trendHeight = 180.0
	trendBase   = 150.0
	trendTop    = 14.0
)

// shownQuarters is how many quarters a chart shows: the newest.
const shownQuarters = 60

func trendOf(qs []report.Quarter) trend {
	qs = qs[max(0, len(qs)-shownQuarters):]
	t := trend{Width: trendWidth, Height: trendHeight, Most: 1, Quarters: qs}
	for _, q := range qs {
		t.Most = max(t.Most, q.Operations)
	}
	if len(qs) == 0 {
		return t
	}
	step := trendWidth / float64(len(qs))
	every := int(math.Ceil(70 / step))
	for i, q := range qs {
		h := func(n int) float64 { return float64(n) * (trendBase - trendTop) / float64(t.Most) }
		t.Bars = append(t.Bars, trendBar{
			X: step*float64(i) + step*.12, W: step * .76, H: h(q.Operations), Y: trendBase - h(q.Operations), HBoth: h(q.Blurred), YBoth: trendBase - h(q.Blurred),
			Label: q.Label, Caption: fmt.Sprintf("%s: %s, %d with a state and a criminal side", q.Label, plural(q.Operations, "operation", "operations"), q.Blurred),
			Tick: i%every == 0,
		})
	}
	return t
}

// matrix is sponsor × target as a table whose cells are shaded in five steps.
type matrix struct {
	report.Matrix
	Rows []matrixRow
}

type matrixRow struct {
	Sponsor string
	Cells   []matrixCell
}

type matrixCell struct {
	Count, Shade int // Shade: 0 to 4
}

func matrixOf(m report.Matrix) matrix {
	out := matrix{Matrix: m}
	most := 1
	for _, cells := range m.Cells {
		for _, n := range cells {
			most = max(most, n)
		}
	}
	for i, s := range m.Sponsors {
		row := matrixRow{Sponsor: s}
		for _, n := range m.Cells[i] {
			c := matrixCell{Count: n}
			if n > 0 {
				c.Shade = 1 + int(math.Round(3*math.Sqrt(float64(n)/float64(most))))
			}
			row.Cells = append(row.Cells, c)
		}
		out.Rows = append(out.Rows, row)
	}
	return out
}
