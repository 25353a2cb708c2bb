package bench_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"strings"
	"testing"

	"marque/lake/bench"
)

var update = flag.Bool("update", false, "measure for some minutes and draw docs/events-cost.svg anew; needs 7 GB in the temporary folder")

func TestCosts(t *testing.T) {
	cfg := bench.CostConfig{Indicators: []int{1000, 10_000}, Unit: 20_000, Rows: []int{20_000, 60_000}, Copies: 2, Dir: t.TempDir(), Step: func(s string) { t.Log(s) }}
	if *update {
		cfg.Unit, cfg.Copies = 1_000_000, 28
		cfg.Indicators, cfg.Rows = []int{1000, 10_000, 100_000, 1_000_000, 10_000_000}, []int{1_000_000, 3_000_000, 10_000_000, 30_000_000, 100_000_000}
	}
	c, err := bench.MeasureCosts(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range append(c.Match, c.Hunt...) {
		if p.Nanos <= 0 {
			t.Errorf("%+v", c)
		}
	}
	var svg bytes.Buffer
	if err := c.SVG(&svg); err != nil {
		t.Fatal(err)
	}
	checkSVG(t, svg.String(), len(c.Match)+len(c.Hunt))
	if *update {
		t.Logf("%+v", c)
		if err := os.WriteFile("../../docs/events-cost.svg", svg.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// checkSVG reads the drawing as XML and counts its points.
func checkSVG(t *testing.T, svg string, points int) {
	t.Helper()
	dec := xml.NewDecoder(strings.NewReader(svg))
	circles := 0
	for {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if el, ok := tok.(xml.StartElement); ok && el.Name.Local == "circle" {
			circles++
		}
	}
	if circles != points {
		t.Errorf("%d points drawn, want %d", circles, points)
	}
}
