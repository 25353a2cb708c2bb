package bench

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"text/tabwriter"
	"time"

	"marque/event"
	"marque/lake"
	"marque/match"
)

// Config says what Events measures.
type Config struct {
	Workload Workload
	Dir      string // for the workload's files, about 600 bytes an event; removed afterwards. Default: the system's temporary folder
	Workers  int    // default GOMAXPROCS
	Python   string // with the duckdb module; default python3, "-" for none
	Step     func(string)
}

// Measure is one timing.
type Measure struct {
	What   string  `json:"what"`
	Tool   string  `json:"tool"`
	Events int     `json:"events"`
	Took   float64 `json:"seconds"`
	CPU    float64 `json:"cpu_seconds"` // of all cores; 0 where the system does not tell
}

// Rate is in million events a second.
func (m Measure) Rate() float64 { return float64(m.Events) / m.Took / 1e6 }

// Report is the outcome of Events.
type Report struct {
	Statement  string    `json:"statement"`
	Workload   Workload  `json:"workload"`
	FileBytes  int64     `json:"file_bytes"`
	TableBytes int64     `json:"table_bytes"`
	PeakBytes  int64     `json:"peak_bytes"` // of this process, generator and measuring included; 0 where the system does not tell
	Build      float64   `json:"build_seconds"`
	BuildCPU   float64   `json:"build_cpu_seconds"`
	Open       float64   `json:"open_seconds"` // of the prepared table file
	Measures   []Measure `json:"measures"`
	Matched    int64     `json:"matched_events"`
	Cells      int       `json:"rollup_cells"`
	Peer       string    `json:"peer"`                 // DuckDB's version, or why it did not run
	Agree      *bool     `json:"agree,omitempty"`      // whether both found the same
	Ratio      float64   `json:"ratio,omitempty"`      // DuckDB's time by Marque's
	LakeRatio  float64   `json:"lake_ratio,omitempty"` // the same with the lake
	CPURatio   float64   `json:"cpu_ratio,omitempty"`  // processor time instead, which other work on the machine changes less
	CPULake    float64   `json:"cpu_lake_ratio,omitempty"`
}

// What is measured, as reports spell it.
const (
	matchStep = "file → match → roll-up"
	lakeStep  = "file → match → roll-up → lake"
)

//go:embed duck.py
var duckScript string

// Events generates a workload, runs Marque on it and, where it is installed, DuckDB on the same file with the same question,
// compares the answers and returns the rates. The formats are not mixed for DuckDB: with Mixed it is left out.
func Events(ctx context.Context, cfg Config) (rep Report, err error) {
	cfg.Workload = cfg.Workload.defaults()
	if cfg.Workers <= 0 {
		cfg.Workers = runtime.GOMAXPROCS(0)
	}
	if cfg.Step == nil {
		cfg.Step = func(string) {}
	}
	dir, err := os.MkdirTemp(cfg.Dir, "marque-bench-")
	if err != nil {
		return rep, fmt.Errorf("bench: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	b := &bencher{cfg: cfg, dir: dir}
	b.rep = Report{Statement: Statement, Workload: cfg.Workload}
	for _, step := range []func(context.Context) error{b.generate, b.load, b.marque, b.peer} {
		if err := step(ctx); err != nil {
			return b.rep, fmt.Errorf("bench: %w", err)
		}
	}
	b.rep.PeakBytes = peakMemory()
	return b.rep, nil
}

type bencher struct {
	cfg   Config
	dir   string
	rep   Report
	table *match.Table
	lake  *lake.Lake
	tally *match.Tally
}

func (b *bencher) file(name string) string { return filepath.Join(b.dir, name) }

func (b *bencher) generate(ctx context.Context) error {
	b.cfg.Step("generate events")
	f, err := os.Create(b.file("events.jsonl"))
	if err != nil {
		return err
	}
	err = b.cfg.Workload.WriteEvents(ctx, f)
	if info, serr := f.Stat(); serr == nil {
		b.rep.FileBytes = info.Size()
	}
	return errors.Join(err, f.Close())
}

// load builds the table and opens it again from its prepared file, which is what the runs then use.
func (b *bencher) load(context.Context) error {
	b.cfg.Step("build the table")
	l, err := lake.Open(b.file("lake"))
	if err != nil {
		return err
	}
	b.lake = l
	defer debug.SetGCPercent(debug.SetGCPercent(25)) // a large table without pointers: waiting for it to double costs memory only
	began, busy := time.Now(), processorTime()
	built, err := b.cfg.Workload.Table(l.Seed())
	if err != nil {
		return err
	}
	b.rep.Build, b.rep.BuildCPU = time.Since(began).Seconds(), (processorTime() - busy).Seconds()
	b.rep.TableBytes = built.Bytes()
	if err := built.WriteFile(b.file("table")); err != nil {
		return err
	}
	built = nil //nolint:wastedassign // lets the built table go before the mapped one comes
	debug.FreeOSMemory()
	began = time.Now()
	b.table, err = match.OpenTable(b.file("table"))
	b.rep.Open = time.Since(began).Seconds()
	return err
}

func (b *bencher) marque(ctx context.Context) error {
	defer b.table.Close()
	set := match.NewSet(0, b.table)
	for _, what := range []string{matchStep, lakeStep} {
		b.cfg.Step("marque: " + what)
		cfg := match.Config{Workers: b.cfg.Workers}
		if what == lakeStep {
			cfg.Keep = b.lake
		}
		began, busy := time.Now(), processorTime()
		formats, err := event.NewFormats()
		if err != nil {
			return err
		}
		stats, tally, err := match.Run(ctx, []match.Source{{Path: b.file("events.jsonl")}}, formats, set, cfg)
		if err != nil {
			return err
		}
		took := time.Since(began).Seconds()
		if stats.Events != int64(b.cfg.Workload.Events) {
			return fmt.Errorf("read %d events of %d", stats.Events, b.cfg.Workload.Events)
		}
		b.tally, b.rep.Matched, b.rep.Cells = tally, stats.Matched, len(tally.Rollup)
		b.rep.Measures = append(b.rep.Measures, Measure{what, "marque", b.cfg.Workload.Events, took, (processorTime() - busy).Seconds()})
	}
	return nil
}

// peer runs DuckDB, if there is one.
func (b *bencher) peer(ctx context.Context) error {
	python := b.cfg.Python
	switch {
	case python == "-":
		b.rep.Peer = "duckdb: not asked for"
		return nil
	case b.cfg.Workload.Mixed:
		b.rep.Peer = "duckdb: left out, as it reads one format at a time"
		return nil
	case python == "":
		python = "python3"
	}
	b.cfg.Step("duckdb")
	f, err := os.Create(b.file("indicators.csv"))
	if err != nil {
		return err
	}
	if err := errors.Join(b.cfg.Workload.WriteIndicators(f), f.Close()); err != nil {
		return err
	}
	var stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, python, "-c", duckScript, b.file("events.jsonl"), b.file("indicators.csv"), b.file("duck-lake"), b.file("answer"), strconv.Itoa(b.cfg.Workers))
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		b.rep.Peer = fmt.Sprintf("duckdb: did not run: %v %s", err, bytes.TrimSpace(stderr.Bytes()))
		return ctx.Err()
	}
	var peer struct {
		Missing           bool
		Version           string
		Load, Match, Keep [2]float64 // wall clock and processor seconds
	}
	if err := json.Unmarshal(out, &peer); err != nil {
		return fmt.Errorf("duckdb: %w", err)
	}
	if peer.Missing {
		b.rep.Peer = "duckdb: not installed for " + python + " (pip install duckdb)"
		return nil
	}
	b.rep.Peer = "duckdb " + peer.Version
	events := b.cfg.Workload.Events
	b.rep.Measures = append(
		b.rep.Measures,
		Measure{matchStep, "duckdb", events, peer.Match[0], peer.Match[1]},
		Measure{lakeStep, "duckdb", events, peer.Match[0] + peer.Keep[0], peer.Match[1] + peer.Keep[1]},
	)
	m := b.rep.Measures
	b.rep.Ratio, b.rep.LakeRatio = m[2].Took/m[0].Took, m[3].Took/m[1].Took
	if m[0].CPU > 0 && m[1].CPU > 0 {
		b.rep.CPURatio, b.rep.CPULake = m[2].CPU/m[0].CPU, m[3].CPU/m[1].CPU
	}
	return b.compare()
}

// compare holds DuckDB's roll-up against Marque's.
func (b *bencher) compare() error {
	theirs, err := os.ReadFile(b.file("answer"))
	if err != nil {
		return err
	}
	found := map[match.RollupKey]uint64{}
	dec := json.NewDecoder(bytes.NewReader(theirs))
	for {
		var row [7]any
		if err := dec.Decode(&row); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return fmt.Errorf("duckdb's answer: %w", err)
		}
		text := func(i int) string { s, _ := row[i].(string); return s }
		hour, _ := row[0].(float64)
		n, _ := row[6].(float64)
		found[match.RollupKey{Hour: int64(hour), Actor: text(1), Sponsor: text(2), Technique: text(3), Sector: text(4), Country: text(5)}] = uint64(n)
	}
	agree := len(found) == len(b.tally.Rollup)
	for k, n := range b.tally.Rollup {
		agree = agree && found[k] == n
	}
	b.rep.Agree = &agree
	return nil
}

// Print writes the report for people.
func (r Report) Print(w io.Writer) error {
	fmt.Fprintf(w, "%s\n", r.Statement)
	fmt.Fprintf(w, "%d events of %d bytes, %d indicators, hit rate %.3g, seed %d\n", r.Workload.Events, r.FileBytes/int64(max(r.Workload.Events, 1)), r.Workload.Indicators, r.Workload.HitRate, r.Workload.Seed)
	fmt.Fprintf(w, "table: %.0f MB, built in %.2f s (%.2f s of processor, generating the indicators included), prepared file opened in %.3f s; peak memory %.0f MB\n\n", float64(r.TableBytes)/1e6, r.Build, r.BuildCPU, r.Open, float64(r.PeakBytes)/1e6)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "step\ttool\tseconds\tmillion events/s\tprocessor seconds\tmillion events per processor second")
	for _, m := range r.Measures {
		fmt.Fprintf(t, "%s\t%s\t%.2f\t%.2f\t%.2f\t%.2f\n", m.What, m.Tool, m.Took, m.Rate(), m.CPU, float64(m.Events)/max(m.CPU, 1e-9)/1e6)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(w, "\n%d events matched, %d roll-up cells; peer: %s\n", r.Matched, r.Cells, r.Peer)
	if r.Agree != nil {
		answer := "the answers DIFFER"
		if *r.Agree {
			answer = "the answers are identical"
		}
		fmt.Fprintf(w, "%s; marque is %.2f times as fast, %.2f times with the lake; by processor time %.2f and %.2f times\n", answer, r.Ratio, r.LakeRatio, r.CPURatio, r.CPULake)
	}
	return nil
}
