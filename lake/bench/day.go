package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"text/tabwriter"
	"time"

	"marque/event"
	"marque/lake"
	"marque/match"
)

// DayConfig says what Day runs.
type DayConfig struct {
	Workload  Workload              // Mixed is ignored: the short form alone
	Workers   int                   // default: GOMAXPROCS
	Lake      string                // folder for a lake of its own, made and removed by the run; empty: events are matched and not kept
	LakeBytes int64                 // the lake's oldest hours go beyond this size; default 16 GiB
	Progress  func(done, total int) // called by one goroutine at a time
}

// DayReport is what Day found. Processor seconds are zero where the system does not tell those of a thread.
type DayReport struct {
	Statement   string   `json:"statement"`
	Workload    Workload `json:"workload"`
	Workers     int      `json:"workers"`
	Lake        bool     `json:"lake"`
	Events      int      `json:"events"` // done; fewer than asked for where the run was interrupted
	Bytes       int64    `json:"bytes"`  // of the events' text
	Took        float64  `json:"seconds"`
	Generating  float64  `json:"generate_processor_seconds"`
	Working     float64  `json:"work_processor_seconds"` // decoding, matching, counting, keeping
	All         float64  `json:"all_processor_seconds"`  // of the process, building the truth's comparison and collecting garbage included
	Matched     int64    `json:"matched"`
	Cells       int      `json:"cells"`     // of roll-ups, summed over segments
	Sightings   int      `json:"sightings"` // likewise
	Segments    int      `json:"segments"`
	Wrong       int      `json:"wrong_segments"` // whose counts differ from the truth
	LakeRemoved int64    `json:"lake_bytes_removed,omitempty"`
	PeakBytes   int64    `json:"peak_bytes"`
}

const (
	blockEvents   = 2048
	segmentEvents = 2048 * blockEvents
)

// Day makes events in memory and runs them, block by block, through decoder, matcher, roll-ups and, where asked for, the lake. Nothing
// is stored first. At the end of each segment its counts are compared with what was generated. An interrupted run reports what it did.
func Day(ctx context.Context, cfg DayConfig) (rep DayReport, err error) {
	cfg.Workload = cfg.Workload.defaults()
	cfg.Workload.Mixed = false
	if cfg.Workers <= 0 {
		cfg.Workers = runtime.GOMAXPROCS(0)
	}
	if cfg.LakeBytes <= 0 {
		cfg.LakeBytes = 16 << 30
	}
	if cfg.Progress == nil {
		cfg.Progress = func(int, int) {}
	}
	d := &day{cfg: cfg, stamps: newStamper(cfg.Workload)}
	d.rep = DayReport{Statement: Statement, Workload: cfg.Workload, Workers: cfg.Workers, Lake: cfg.Lake != ""}
	seed := uint64(1)
	if cfg.Lake != "" {
		if d.lake, err = lake.Open(cfg.Lake); err != nil {
			return rep, fmt.Errorf("bench: %w", err)
		}
		defer func() { err = errors.Join(err, os.RemoveAll(cfg.Lake)) }()
		seed = d.lake.Seed()
	}
	if err := d.load(seed); err != nil {
		return rep, fmt.Errorf("bench: %w", err)
	}
	began, busy := time.Now(), processorTime()
	for first := 0; first < cfg.Workload.Events && ctx.Err() == nil; first += segmentEvents {
		if err := d.segment(ctx, first, min(first+segmentEvents, cfg.Workload.Events)); err != nil {
			return d.rep, fmt.Errorf("bench: %w", err)
		}
	}
	d.rep.Took, d.rep.All = time.Since(began).Seconds(), (processorTime() - busy).Seconds()
	d.rep.PeakBytes = peakMemory()
	return d.rep, ctx.Err()
}

// day is the state of a run.
type day struct {
	cfg     DayConfig
	stamps  *stamper
	lake    *lake.Lake
	set     *match.Set
	formats *event.Formats
	rep     DayReport
}

func (d *day) load(seed uint64) error {
	defer debug.SetGCPercent(debug.SetGCPercent(25))
	table, err := d.cfg.Workload.Table(seed)
	if err != nil {
		return err
	}
	d.set = match.NewSet(seed, table)
	d.formats, err = event.NewFormats()
	return err
}

// segment runs some events through all workers and compares what they counted.
func (d *day) segment(ctx context.Context, first, last int) error {
	var keep match.Segment
	if d.lake != nil {
		var err error
		if keep, err = d.lake.Begin(ctx, fmt.Sprintf("day-%012d", first), d.cfg.Workers); err != nil {
			return err
		}
	}
	next := atomic.Int64{}
	next.Store(int64(first))
	workers := make([]*dayWorker, d.cfg.Workers)
	var group sync.WaitGroup
	for i := range workers {
		workers[i] = &dayWorker{tells: i == 0, truth: match.NewTally(), found: match.NewTally()}
		var out match.Writer
		if keep != nil {
			out = keep.Writer(i)
		}
		group.Go(func() {
			workers[i].run(ctx, d, match.NewWorker(d.formats, d.set, match.WorkerConfig{Out: out}), &next, last)
		})
	}
	group.Wait()
	var faults []error
	truth, found := match.NewTally(), match.NewTally()
	for _, w := range workers {
		faults = append(faults, w.err)
		truth.Merge(w.truth)
		found.Merge(w.found)
		d.rep.Generating += w.generating.Seconds()
		d.rep.Working += w.working.Seconds()
		d.rep.Events += int(w.events)
		d.rep.Matched += w.matched
		d.rep.Bytes += w.bytes
	}
	if err := errors.Join(faults...); err != nil {
		if keep != nil {
			err = errors.Join(err, keep.Abort())
		}
		return err
	}
	d.rep.Segments++
	d.rep.Cells += len(found.Rollup)
	d.rep.Sightings += len(found.Sightings)
	if !maps.Equal(truth.Rollup, found.Rollup) || !maps.Equal(truth.Sightings, found.Sightings) {
		d.rep.Wrong++
	}
	return d.keep(ctx, keep)
}

// keep commits a segment of the lake, and lets the oldest hours go.
func (d *day) keep(ctx context.Context, s match.Segment) error {
	if s == nil {
		return nil
	}
	if err := errors.Join(s.Commit(ctx), s.Settle()); err != nil {
		return err
	}
	gone, err := d.lake.Retain(ctx, lake.RetainConfig{Bytes: d.cfg.LakeBytes})
	d.rep.LakeRemoved += gone.Bytes
	return err
}

// dayWorker makes and matches blocks on a thread of its own, whose processor time is told apart.
type dayWorker struct {
	tells                  bool // tells the progress of all
	truth, found           *match.Tally
	generating, working    time.Duration
	events, matched, bytes int64
	err                    error
}

func (w *dayWorker) run(ctx context.Context, d *day, worker *match.Worker, next *atomic.Int64, last int) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var text []byte
	var res match.Result
	for ctx.Err() == nil {
		first := int(next.Add(blockEvents)) - blockEvents
		if first >= last {
			return
		}
		if w.tells {
			d.cfg.Progress(first, d.cfg.Workload.Events)
		}
		at := threadTime()
		text = d.stamps.block(text[:0], first, min(first+blockEvents, last), w.truth)
		made := threadTime()
		if w.err = worker.Do(text, &res); w.err != nil {
			return
		}
		if n := len(res.Bad); n > 0 {
			w.err = fmt.Errorf("%d of the generated events could not be read: %s", n, res.Bad[0].Reason)
			return
		}
		w.found.Merge(res.Tally)
		w.generating, w.working = w.generating+made-at, w.working+threadTime()-made
		w.events, w.matched, w.bytes = w.events+res.Events, w.matched+res.Matched, w.bytes+int64(len(text))
	}
}

// Print writes the report for people.
func (r DayReport) Print(w io.Writer) error {
	what := matchStep
	if r.Lake {
		what = lakeStep
	}
	fmt.Fprintf(w, "%s, made in memory as the run goes\n", r.Statement)
	fmt.Fprintf(w, "%d of %d events of %d bytes, %d indicators, hit rate %.3g, seed %d, %d workers; peak memory %.0f MB\n\n", r.Events, r.Workload.Events,
		r.Bytes/int64(max(r.Events, 1)), r.Workload.Indicators, r.Workload.HitRate, r.Workload.Seed, r.Workers, float64(r.PeakBytes)/1e6)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	rate := func(seconds float64) float64 { return float64(r.Events) / max(seconds, 1e-9) / 1e6 }
	fmt.Fprintln(t, "what\tseconds\tmillion events a second")
	fmt.Fprintf(t, "all of it by the clock, making the events included\t%.1f\t%.2f\n", r.Took, rate(r.Took))
	fmt.Fprintf(t, "processor time of making events\t%.1f\t%.2f\n", r.Generating, rate(r.Generating))
	fmt.Fprintf(t, "processor time of %s\t%.1f\t%.2f\n", what, r.Working, rate(r.Working))
	fmt.Fprintf(t, "processor time of the process\t%.1f\t%.2f\n", r.All, rate(r.All))
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(w, "\n600 million events would take %.1f minutes at this rate by the clock\n", 600/max(rate(r.Took), 1e-9)/60)
	if r.LakeRemoved > 0 {
		fmt.Fprintf(w, "the lake let %.1f GB of its oldest hours go to stay in bounds\n", float64(r.LakeRemoved)/1e9)
	}
	answer := "all are what was generated"
	if r.Wrong > 0 {
		answer = fmt.Sprintf("%d segments DIFFER from what was generated", r.Wrong)
	}
	_, err := fmt.Fprintf(w, "%d events matched; %d roll-up cells and %d sightings in %d segments: %s\n", r.Matched, r.Cells, r.Sightings, r.Segments, answer)
	return err
}
