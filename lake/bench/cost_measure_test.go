package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"time"

	"marque/event"
	"marque/lake"
	"marque/match"
)

// Cost is what one more event or row costs when there is so much of something.
type Cost struct {
	Size  float64 // indicators, or rows in the lake
	Nanos float64 // of processor time, the least of several runs
}

// Costs are two curves: of matching an event as indicators grow, and of looking back over a row as the lake grows.
type Costs struct {
	Match []Cost
	Hunt  []Cost
}

// CostConfig says what MeasureCosts measures.
type CostConfig struct {
	Indicators []int
	Rows       []int  // multiples of Unit
	Unit       int    // rows that are written; the lake grows by copies of them
	Copies     int    // that are files of their own; beyond them files are linked, not copied
	Dir        string // for the lake, about 230 bytes a row
	Step       func(string)
}

// costRuns is how often each point is measured.
const costRuns = 7

// MeasureCosts measures both curves.
func MeasureCosts(ctx context.Context, cfg CostConfig) (c Costs, err error) {
	for _, n := range cfg.Indicators {
		cfg.Step(fmt.Sprintf("%d indicators", n))
		y, err := matchCost(ctx, n)
		if err != nil {
			return c, err
		}
		c.Match = append(c.Match, Cost{float64(n), y})
	}
	dir, err := os.MkdirTemp(cfg.Dir, "marque-cost-")
	if err != nil {
		return c, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	grown, err := newGrowing(ctx, dir, cfg)
	if err != nil {
		return c, err
	}
	for _, n := range cfg.Rows {
		cfg.Step(fmt.Sprintf("%d rows", n))
		if err := grown.to(n / cfg.Unit); err != nil {
			return c, err
		}
		y, err := grown.huntCost(ctx)
		if err != nil {
			return c, err
		}
		c.Hunt = append(c.Hunt, Cost{float64(n), y})
	}
	return c, nil
}

// matchCost decodes and matches events in memory.
func matchCost(ctx context.Context, indicators int) (float64, error) {
	w := Workload{Seed: 1, Events: 50_000, Indicators: indicators}
	var text bytes.Buffer
	if err := w.WriteEvents(ctx, &text); err != nil {
		return 0, err
	}
	defer debug.SetGCPercent(debug.SetGCPercent(25))
	table, err := w.Table(1)
	if err != nil {
		return 0, err
	}
	formats, err := event.NewFormats()
	if err != nil {
		return 0, err
	}
	worker := match.NewWorker(formats, match.NewSet(1, table), match.WorkerConfig{})
	var r match.Result
	runtime.GC()
	least := math.Inf(1)
	for range costRuns {
		began := processorTime()
		for range 4 {
			if err := worker.Do(text.Bytes(), &r); err != nil {
				return 0, err
			}
		}
		least = min(least, float64((processorTime()-began).Nanoseconds())/float64(4*w.Events))
	}
	return least, nil
}

// growing is a lake that grows by copies of its first rows.
type growing struct {
	lake   *lake.Lake
	files  []lake.File
	list   []match.Indicator
	copies int // that are files of their own
	unit   int
	have   int // units of rows
}

func newGrowing(ctx context.Context, dir string, cfg CostConfig) (*growing, error) {
	w := Workload{Seed: 1, Events: cfg.Unit, Indicators: 10_000, HitRate: 1e-6, Hours: 1}
	l, err := fillLake(ctx, Config{Workload: w, Workers: 1}, filepath.Join(dir, "lake"))
	if err != nil {
		return nil, err
	}
	g := &growing{lake: l, copies: cfg.Copies, unit: cfg.Unit, have: 1}
	if g.files, err = l.Files(ctx); err != nil {
		return nil, err
	}
	return g, w.Each(func(in match.Indicator) error { g.list = append(g.list, in); return nil })
}

// to grows the lake to n units.
func (g *growing) to(n int) error {
	for ; g.have < n; g.have++ {
		hour := start.AddDate(0, 0, 1).Add(time.Duration(g.have) * time.Hour)
		dir := filepath.Join(g.lake.Where(), hour.Format("day=2006-01-02"), hour.Format("hour=15"))
		if err := os.MkdirAll(dir, 0o750); err != nil {
			return err
		}
		for _, f := range g.files {
			from, to := f.Path, filepath.Join(dir, filepath.Base(f.Path))
			if g.have < g.copies {
				if err := copyFile(from, to); err != nil {
					return err
				}
				continue
			}
			if g.copies > 1 { // link the copies in turn, so that the processor's cache does not hold them
				old := start.AddDate(0, 0, 1).Add(time.Duration(1+g.have%(g.copies-1)) * time.Hour)
				from = filepath.Join(g.lake.Where(), old.Format("day=2006-01-02"), old.Format("hour=15"), filepath.Base(f.Path))
			}
			if err := os.Link(from, to); err != nil {
				return err
			}
		}
	}
	return nil
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	out, err := os.Create(to)
	if err == nil {
		_, err = io.Copy(out, in)
		err = errors.Join(err, out.Close())
	}
	return errors.Join(err, in.Close())
}

func (g *growing) huntCost(ctx context.Context) (float64, error) {
	least := math.Inf(1)
	for range costRuns {
		began := processorTime()
		stats, _, err := g.lake.Hunt(ctx, g.list, lake.HuntConfig{Workers: 1})
		if err != nil {
			return 0, err
		}
		if stats.Rows != int64(g.have)*int64(g.unit) {
			return 0, fmt.Errorf("searched %d rows of %d", stats.Rows, g.have*g.unit)
		}
		least = min(least, float64((processorTime()-began).Nanoseconds())/float64(stats.Rows))
	}
	return least, nil
}
