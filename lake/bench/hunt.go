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
	"strconv"
	"time"

	"marque/event"
	"marque/lake"
	"marque/match"
)

// HuntReport is the outcome of Hunt.
type HuntReport struct {
	Statement  string   `json:"statement"`
	Workload   Workload `json:"workload"` // its indicators are those looked back for
	LakeBytes  int64    `json:"lake_bytes"`
	Candidates int64    `json:"candidates"`
	First      float64  `json:"first_hit_seconds"`
	Marque     Measure  `json:"marque"`
	Duck       *Measure `json:"duckdb,omitempty"`
	Matched    int64    `json:"matched_events"`
	Peer       string   `json:"peer"`
	Agree      *bool    `json:"agree,omitempty"`
	Ratio      float64  `json:"ratio,omitempty"`
	CPURatio   float64  `json:"cpu_ratio,omitempty"`
	Billion    float64  `json:"billion_seconds"` // Marque's time scaled to a billion events: an extrapolation
}

//go:embed duckhunt.py
var duckHuntScript string

// Hunt fills a lake with a workload's events, looks its indicators up in it, and asks DuckDB the same of the same files.
func Hunt(ctx context.Context, cfg Config) (rep HuntReport, err error) {
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
	rep = HuntReport{Statement: Statement, Workload: cfg.Workload}
	cfg.Step("fill the lake")
	l, err := fillLake(ctx, cfg, filepath.Join(dir, "lake"))
	if err != nil {
		return rep, fmt.Errorf("bench: %w", err)
	}
	stats, err := l.Stats(ctx)
	if err != nil {
		return rep, fmt.Errorf("bench: %w", err)
	}
	rep.LakeBytes = stats.Bytes
	cfg.Step("marque: look back")
	if err := huntMarque(ctx, cfg, l, &rep); err != nil {
		return rep, fmt.Errorf("bench: %w", err)
	}
	if cfg.Python == "-" {
		rep.Peer = "duckdb: not asked for"
		return rep, nil
	}
	cfg.Step("duckdb: look back")
	if err := huntDuck(ctx, cfg, l, filepath.Join(dir, "indicators.csv"), &rep); err != nil {
		return rep, fmt.Errorf("bench: %w", err)
	}
	return rep, nil
}

// fillLake writes the events straight into a lake, without a file between.
func fillLake(ctx context.Context, cfg Config, dir string) (*lake.Lake, error) {
	l, err := lake.Open(dir)
	if err != nil {
		return nil, err
	}
	formats, err := event.NewFormats()
	if err != nil {
		return nil, err
	}
	r, w := io.Pipe()
	go func() { _ = w.CloseWithError(cfg.Workload.WriteEvents(ctx, w)) }() // the reader gets the error
	_, _, err = match.Run(ctx, []match.Source{{Path: "generated", Reader: r}}, formats, match.NewSet(l.Seed(), nil), match.Config{Workers: cfg.Workers, Keep: l})
	return l, err
}

func huntMarque(ctx context.Context, cfg Config, l *lake.Lake, rep *HuntReport) error {
	var list []match.Indicator
	if err := cfg.Workload.Each(func(in match.Indicator) error { list = append(list, in); return nil }); err != nil {
		return err
	}
	began, busy := time.Now(), processorTime()
	stats, _, err := l.Hunt(ctx, list, lake.HuntConfig{Workers: cfg.Workers, Hit: func(match.Hit) {
		if rep.First == 0 {
			rep.First = time.Since(began).Seconds()
		}
	}})
	if err != nil {
		return err
	}
	rep.Marque = Measure{"look back", "marque", cfg.Workload.Events, time.Since(began).Seconds(), (processorTime() - busy).Seconds()}
	rep.Candidates, rep.Matched = stats.Candidates, stats.Matched
	rep.Billion = rep.Marque.Took * 1e9 / float64(cfg.Workload.Events)
	return nil
}

func huntDuck(ctx context.Context, cfg Config, l *lake.Lake, csv string, rep *HuntReport) error {
	f, err := os.Create(csv)
	if err != nil {
		return err
	}
	if err := errors.Join(cfg.Workload.WriteIndicators(f), f.Close()); err != nil {
		return err
	}
	ddl, err := l.DDL("duckdb")
	if err != nil {
		return err
	}
	python := cfg.Python
	if python == "" {
		python = "python3"
	}
	var stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, python, "-c", duckHuntScript, ddl, csv, strconv.Itoa(cfg.Workers))
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		rep.Peer = fmt.Sprintf("duckdb: did not run: %v %s", err, bytes.TrimSpace(stderr.Bytes()))
		return ctx.Err()
	}
	var peer struct {
		Missing bool
		Version string
		Matched int64
		Hunt    [2]float64
	}
	if err := json.Unmarshal(out, &peer); err != nil {
		return fmt.Errorf("duckdb: %w", err)
	}
	if peer.Missing {
		rep.Peer = "duckdb: not installed for " + python + " (pip install duckdb)"
		return nil
	}
	agree := peer.Matched == rep.Matched
	rep.Peer, rep.Agree = "duckdb "+peer.Version, &agree
	rep.Duck = &Measure{"look back", "duckdb", cfg.Workload.Events, peer.Hunt[0], peer.Hunt[1]}
	rep.Ratio = rep.Duck.Took / rep.Marque.Took
	if rep.Marque.CPU > 0 {
		rep.CPURatio = rep.Duck.CPU / rep.Marque.CPU
	}
	return nil
}

// Print writes the report for people.
func (r HuntReport) Print(w io.Writer) error {
	fmt.Fprintf(w, "%s\n", r.Statement)
	fmt.Fprintf(w, "%d events in a lake of %.0f MB, %d indicators looked back for, hit rate %.3g, seed %d\n", r.Workload.Events, float64(r.LakeBytes)/1e6, r.Workload.Indicators, r.Workload.HitRate, r.Workload.Seed)
	fmt.Fprintf(w, "marque: %.3f s (%.3f s of processor), first hit after %.3f s, %d candidate rows, %d events matched; a billion events would take %.0f s at this rate\n",
		r.Marque.Took, r.Marque.CPU, r.First, r.Candidates, r.Matched, r.Billion)
	if r.Duck == nil {
		_, err := fmt.Fprintln(w, r.Peer)
		return err
	}
	answer := "the answers DIFFER"
	if *r.Agree {
		answer = "the answers are identical"
	}
	_, err := fmt.Fprintf(w, "%s: %.3f s (%.3f s of processor); %s; marque is %.2f times as fast, %.2f times by processor time\n", r.Peer, r.Duck.Took, r.Duck.CPU, answer, r.Ratio, r.CPURatio)
	return err
}
