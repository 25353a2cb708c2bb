package main

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"marque/ingest"
	"marque/report"
	"marque/stix"
	"marque/workspace"

	"github.com/spf13/cobra"
)

type ingestOptions struct{ format, tlp, indicators string }

func ingestCommand(a *app) *cobra.Command {
	var o ingestOptions
	c := &cobra.Command{
		Use: "ingest FILE...", Short: "Read reports, feeds and lists into the workspace", Args: cobra.MinimumNArgs(1),
		Long: `Reads files, or standard input as "-". The format is found from the content; gzip, zstd, xz, bzip2 and zip
are unpacked. What cannot be used is set aside in the quarantine with file, place and reason, and the rest goes in; the exit code is then 4. Reading a
file again changes nothing. Formats: ` + strings.Join(workspace.Formats(), ", ") + `.`,
		RunE: func(c *cobra.Command, args []string) error {
			wo := workspace.IngestOptions{Format: o.format, Stdin: a.stdin}
			if o.format != "" && !slices.Contains(workspace.Formats(), o.format) {
				return usageError{fmt.Errorf("--format %q: want one of %s", o.format, strings.Join(workspace.Formats(), ", "))}
			}
			if o.tlp != "" {
				level, err := stix.ParseTLP(o.tlp)
				if err != nil {
					return usageError{err}
				}
				wo.TLP = &level
			}
			switch o.indicators {
			case "":
			case "accept", "candidates":
				accept := o.indicators == "accept"
				wo.Accept = &accept
			default:
				return usageError{fmt.Errorf("--indicators %q: want accept or candidates", o.indicators)}
			}
			return a.opened(func(c *cobra.Command, args []string) error {
				wo.Progress = a.progress()
				results, err := a.w.Ingest(c.Context(), wo, args...)
				a.done()
				return errors.Join(err, a.printIngest(results), setAside(results))
			})(c, args)
		},
	}
	c.AddCommand(taxiiCommand(a), feedCommand(a))
	c.Flags().StringVar(&o.format, "format", "", "the format, where it shall not be found from the content")
	c.Flags().StringVar(&o.indicators, "indicators", "", "accept: what reports give to look for matches at once; candidates: when it is accepted (default from the configuration)")
	c.Flags().StringVar(&o.tlp, "tlp", "", "level of what carries no TLP marking (default from the configuration)")
	return c
}

// setAside tells by the exit code that something went to the quarantine, or was not understood.
func setAside(results []ingest.Result) error {
	if slices.ContainsFunc(results, func(r ingest.Result) bool { return r.Rejected > 0 }) {
		return workspace.ErrSetAside
	}
	if slices.ContainsFunc(results, func(r ingest.Result) bool { return len(r.NotUnderstood()) > 0 }) {
		return workspace.ErrNotUnderstood
	}
	return nil
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

	NotUnderstood map[string]int `json:"not_understood,omitempty"`
	Candidates    int            `json:"indicator_candidates,omitempty"` // of reports, to be accepted
	Accepted      int            `json:"indicators_accepted,omitempty"`
	Expired       int            `json:"indicators_expired,omitempty"` // of those accepted
}

func (a *app) printIngest(results []ingest.Result) error {
	rows := make([]ingestRow, len(results))
	for i, r := range results {
		rows[i] = ingestRow{
			Source: r.Source, Format: r.Format, Objects: r.Objects, Added: r.Added, Updated: r.Updated, Older: r.Older, Unchanged: r.Unchanged,
			Documents: r.Documents, Rejected: r.Rejected, Reasons: r.Reasons, Warnings: r.Warnings, Seconds: r.Elapsed.Seconds(),
			NotUnderstood: r.NotUnderstood(), Candidates: r.Candidates, Accepted: r.Accepted, Expired: r.Expired,
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
		if err := a.print("%s (%.1f s)\n", strings.Join(line, ", "), r.Seconds); err != nil {
			return err
		}
		for _, reason := range slices.Sorted(maps.Keys(r.Reasons)) {
			a.say("  set aside %d: %s", r.Reasons[reason], reason)
		}
		for _, kind := range slices.Sorted(maps.Keys(r.Warnings)) {
			a.say("  note %d: %s", r.Warnings[kind], kind)
		}
	}
	if err := a.printIngestTable(results); err != nil {
		return err
	}
	return a.printGiven(results)
}

// printGiven says what reports gave to look for, and what to do with it.
func (a *app) printGiven(results []ingest.Result) error {
	candidates, accepted, expired := 0, 0, 0
	for _, r := range results {
		candidates, accepted, expired = candidates+r.Candidates, accepted+r.Accepted, expired+r.Expired
	}
	if candidates > 0 {
		a.say("%s to look for; marque indicators list --state candidate shows them, marque indicators accept makes them match", count(candidates, "value"))
	}
	if accepted > 0 {
		a.say("%s to look for accepted, %d of them past their term already; marque indicators list shows them", count(accepted, "value"), expired)
	}
	return nil
}

// printIngestTable sums up what became of the files, where there are several or something of one did not go in.
func (a *app) printIngestTable(results []ingest.Result) error {
	whole := !slices.ContainsFunc(results, func(r ingest.Result) bool { return r.Rejected > 0 || len(r.NotUnderstood()) > 0 })
	if whole && len(results) < 2 {
		return nil
	}
	table := [][]string{{"file", "format", "gave", "set aside", "not understood"}}
	for _, r := range results {
		table = append(table, []string{filepath.Base(r.Source), r.Format, gave(r), most(r.Reasons), most(r.NotUnderstood())})
	}
	p := report.NewPrinter(a.stdout, a.width(), a.colour())
	p.Table(table)
	return p.Err()
}

// gave is what a file gave.
func gave(r ingest.Result) string {
	out := count(r.Objects, "object")
	if n := r.Candidates + r.Accepted; n > 0 {
		out += fmt.Sprintf(", %d to look for", n)
	}
	return out
}

// most is how many there are of all kinds, with the kind that is most frequent.
func most(kinds map[string]int) string {
	total, top := 0, ""
	for _, k := range slices.Sorted(maps.Keys(kinds)) {
		if total += kinds[k]; top == "" || kinds[k] > kinds[top] {
			top = k
		}
	}
	switch {
	case total == 0:
		return "–"
	case len(kinds) == 1:
		return fmt.Sprintf("%d: %s", total, top)
	default:
		return fmt.Sprintf("%d, most: %s", total, top)
	}
}

func quarantineCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "quarantine", Short: "What was set aside, where it stood and why", Args: cobra.NoArgs,
		RunE: a.opened(func(c *cobra.Command, _ []string) error {
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
			for r, err := range a.w.Store().Rejects(c.Context()) {
				if err != nil {
					return err
				}
				rows = append(rows, row{r.Source, r.Importer, r.Place, r.Offset, r.Reason, string(r.Raw), r.Time})
			}
			if a.json {
				return a.printJSON(rows)
			}
			for _, r := range rows {
				if err := a.print("%s, %s: %s\n", r.Source, r.Place, r.Reason); err != nil {
					return err
				}
			}
			a.say("%s set aside", count(len(rows), "record"))
			return nil
		}),
	}
}
