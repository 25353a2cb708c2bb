package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"marque/ingest"
	"marque/stix"
)

func ingestCommand(a *app) *cobra.Command {
	var format, tlp string
	c := &cobra.Command{
		Use: "ingest FILE...", Short: "Read reports, feeds and lists into the workspace", Args: cobra.MinimumNArgs(1),
		Long: `Reads files, or standard input as "-". The format is found from the content; gzip and zstd are unpacked. What cannot be
used is set aside in the quarantine with file, place and reason, and the rest goes in; the exit code is then 4. Reading a
file again changes nothing. Formats: ` + strings.Join(a.registry(context.Background()).Names(), ", ") + `.`,
		RunE: func(c *cobra.Command, args []string) error {
			if err := a.open(c.Context()); err != nil {
				return err
			}
			cfg := ingest.Config{Format: format, TLP: a.cfg.TLP, Now: a.now}
			if tlp != "" {
				level, err := stix.ParseTLP(tlp)
				if err != nil {
					return usageError{err}
				}
				cfg.TLP = level
			}
			results, err := a.ingest(c.Context(), cfg, args)
			if perr := a.printIngest(results); err == nil {
				err = perr
			}
			if err == nil {
				err = setAside(results)
			}
			return err
		},
	}
	c.AddCommand(taxiiCommand(a), feedCommand(a))
	c.Flags().StringVar(&format, "format", "", "the format, where it shall not be found from the content")
	c.Flags().StringVar(&tlp, "tlp", "", "level of what carries no TLP marking (default from the configuration)")
	return c
}

// setAside tells by the exit code that something went to the quarantine.
func setAside(results []ingest.Result) error {
	if slices.ContainsFunc(results, func(r ingest.Result) bool { return r.Rejected > 0 }) {
		return errSetAside
	}
	return nil
}

// ingest reads the files in turn. A file that cannot be read does not stop the others.
func (a *app) ingest(ctx context.Context, cfg ingest.Config, paths []string) ([]ingest.Result, error) {
	var results []ingest.Result
	var errs []error
	for _, path := range paths {
		bar := a.bar(path)
		cfg.Progress = func(p ingest.Progress) { bar.to(p.Read, p.Size) }
		p := ingest.New(a.db, a.registry(ctx), cfg)
		var res ingest.Result
		var err error
		if path == "-" {
			res, err = p.Stream(ctx, path, a.stdin)
		} else {
			res, err = p.File(ctx, path)
		}
		bar.done()
		if err != nil {
			errs = append(errs, err)
			if ctx.Err() != nil {
				break
			}
			if res.Format == "" {
				continue
			}
		}
		results = append(results, res)
	}
	return results, errors.Join(errs...)
}

type ingestRow struct {
	Source    string         `json:"source"`
	Format    string         `json:"format"`
	Objects   int            `json:"objects"`
	Added     int            `json:"added"`
	Updated   int            `json:"updated"`
	Older     int            `json:"older"`
	Unchanged int            `json:"unchanged"`
	Documents int            `json:"documents"`
	Rejected  int            `json:"rejected"`
	Reasons   map[string]int `json:"reasons,omitempty"`
	Warnings  map[string]int `json:"warnings,omitempty"`
	Seconds   float64        `json:"seconds"`
}

func (a *app) printIngest(results []ingest.Result) error {
	rows := make([]ingestRow, len(results))
	for i, r := range results {
		rows[i] = ingestRow{
			Source: r.Source, Format: r.Format, Objects: r.Objects, Added: r.Added, Updated: r.Updated, Older: r.Older, Unchanged: r.Unchanged,
			Documents: r.Documents, Rejected: r.Rejected, Reasons: r.Reasons, Warnings: r.Warnings, Seconds: r.Elapsed.Seconds(),
		}
	}
	if a.json {
		return a.printJSON(rows)
	}
	for _, r := range rows {
		line := []string{fmt.Sprintf("%s: %s, %d objects", r.Source, r.Format, r.Objects)}
		for _, part := range []struct {
			n    int
			what string
		}{{r.Added, "new"}, {r.Updated, "updated"}, {r.Older, "older versions"}, {r.Unchanged, "known"}, {r.Rejected, "set aside"}} {
			if part.n > 0 {
				line = append(line, fmt.Sprintf("%d %s", part.n, part.what))
			}
		}
		if _, err := fmt.Fprintf(a.stdout, "%s (%.1f s)\n", strings.Join(line, ", "), r.Seconds); err != nil {
			return err
		}
		for reason, n := range r.Reasons {
			a.say("  set aside %d: %s", n, reason)
		}
		for kind, n := range r.Warnings {
			a.say("  note %d: %s", n, kind)
		}
	}
	return nil
}

// bar is a progress bar on a terminal and nothing elsewhere.
type bar struct{ p *progressbar.ProgressBar }

func (a *app) bar(what string) *bar {
	if a.quiet || a.json || !term.IsTerminal(int(a.stderr.Fd())) {
		return &bar{}
	}
	return &bar{progressbar.NewOptions64(-1, progressbar.OptionSetWriter(a.stderr), progressbar.OptionSetDescription(what),
		progressbar.OptionShowBytes(true), progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionSetWidth(30), progressbar.OptionSetElapsedTime(true))}
}

func (b *bar) to(read, size int64) {
	if b.p == nil {
		return
	}
	if size > 0 && b.p.GetMax64() != size {
		b.p.ChangeMax64(size)
	}
	_ = b.p.Set64(read) // a bar that cannot be drawn must not stop the work
}

func (b *bar) done() {
	if b.p != nil {
		_ = b.p.Finish()
	}
}

func quarantineCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "quarantine", Short: "What was set aside, where it stood and why", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := a.open(c.Context()); err != nil {
				return err
			}
			type row struct {
				Source   string    `json:"source"`
				Importer string    `json:"importer"`
				Place    string    `json:"place"`
				Offset   int64     `json:"offset"`
				Reason   string    `json:"reason"`
				Raw      string    `json:"raw"`
				Time     time.Time `json:"time"`
			}
			rows := []row{}
			for r, err := range a.db.Rejects(c.Context()) {
				if err != nil {
					return err
				}
				rows = append(rows, row{r.Source, r.Importer, r.Place, r.Offset, r.Reason, string(r.Raw), r.Time})
			}
			if a.json {
				return a.printJSON(rows)
			}
			for _, r := range rows {
				if _, err := fmt.Fprintf(a.stdout, "%s, %s: %s\n", r.Source, r.Place, r.Reason); err != nil {
					return err
				}
			}
			a.say("%d records set aside", len(rows))
			return nil
		},
	}
}

// expand turns folders into the files in them, for commands that take both.
func expand(paths []string) ([]string, error) {
	var out []string
	for _, p := range paths {
		info, err := os.Stat(p)
		if p == "-" || err != nil || !info.IsDir() {
			out = append(out, p) // a missing file is reported by who reads it
			continue
		}
		entries, err := os.ReadDir(p)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", p, err)
		}
		for _, e := range entries {
			if e.Type().IsRegular() && !strings.HasPrefix(e.Name(), ".") {
				out = append(out, p+string(os.PathSeparator)+e.Name())
			}
		}
	}
	return out, nil
}
