package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"marque/influence/site"
	"marque/influence/sitelist"
	"marque/stix"
	"marque/workspace"
)

func influenceCommand(a *app) *cobra.Command {
	c := &cobra.Command{
		Use: "influence", Short: "Sites, accounts and media: what comes back after a seizure, who acts together, who works on whom",
		Long: `Looks new names up against known sites, says which names are likely next and what replaced what, gathers the sites of one operator
and the accounts that act together, and asks who works on whom, when. Lists are names one a line or tables whose columns tell what they
are (docs/influence.md); defanged values are read as they were. A line that cannot be used is counted and told with file and line.`,
	}
	c.AddCommand(
		influenceWatchCommand(a), influenceSuccessorsCommand(a), influencePredictCommand(a), influenceReplacementsCommand(a), influenceFamiliesCommand(a),
		influenceAccountsCommand(a), influenceSidesCommand(a), influenceEventsCommand(a), influenceMediaCommand(a),
	)
	return c
}

// siteFlags are the flags of every command that asks about known sites.
type siteFlags struct {
	known, notices []string
	operation, of  string
	view           viewFlags
}

func (s *siteFlags) register(c *cobra.Command) {
	f := c.Flags()
	f.StringArrayVar(&s.known, "known", nil, "list of known sites (repeat; default: what marque influence watch keeps)")
	f.StringArrayVar(&s.notices, "notice", nil, "list of what was seized, with the date (repeat)")
	f.StringVar(&s.operation, "operation", "", "whose all of the known sites are (default: what the lists say)")
	s.view.register(c, false)
	f.StringVar(&s.view.asOf, "as-of", "", "leave out what was registered or seized on this day or later")
}

func (s *siteFlags) options() (workspace.SitesOptions, error) {
	view, err := s.view.view()
	return workspace.SitesOptions{Known: s.known, Notices: s.notices, Operation: s.operation, AsOf: view.AsOf, View: workspace.View{Level: view.Level}}, err
}

func influenceWatchCommand(a *app) *cobra.Command {
	var operation, tlp string
	c := &cobra.Command{
		Use: "watch FILE...", Short: "Keep lists of sites in the workspace, each with the operation it belongs to", Args: cobra.MinimumNArgs(1),
		RunE: a.opened(func(c *cobra.Command, args []string) error {
			level := stix.Clear
			if tlp != "" {
				var err error
				if level, err = stix.ParseTLP(tlp); err != nil {
					return usageError{fmt.Errorf("--tlp: %w", err)}
				}
			}
			res, err := a.w.WatchSites(c.Context(), operation, level, args...)
			if err != nil {
				return err
			}
			a.sayUnusable(res.Unusable, res.Bad, res.Passed)
			if a.json {
				return a.printJSON(res)
			}
			return a.print("watching %s of %s; %s new\n", count(res.Sites, "site"), strings.Join(slices.Sorted(maps.Keys(res.Operations)), ", "), count(res.Added, "object"))
		}),
	}
	c.Flags().StringVar(&operation, "operation", "", "the operation that the sites belong to (default: what the lists say, else the list's name)")
	c.Flags().StringVar(&tlp, "tlp", "", "level of the lists: clear, green, amber, amber+strict, red (default: the workspace's)")
	return c
}

// leastScore is the bound without ordinary names to read it off: a hundred times as often among successors as among ordinary names.
const leastScore = 20

func influenceSuccessorsCommand(a *app) *cobra.Command {
	var s siteFlags
	var o workspace.SuccessorsOptions
	c := &cobra.Command{
		Use: "successors --names FILE", Short: "Which new names come in place of known sites, with the reasons", Args: cobra.NoArgs,
		Long: `Looks each new name up against the known sites and the media, authorities and organisations that are worth imitating. A name that scores more
than the bound is told with its reasons in decibans: ten times the logarithm of how much oftener successors look so than ordinary names.
The bound is --least, or it is read off ordinary names that --ordinary lists, so that --share of them would be told; never off the names
that are asked about.`,
		RunE: a.opened(func(c *cobra.Command, _ []string) (err error) {
			if len(o.Names) == 0 {
				return usageError{errors.New("--names FILE is needed: the new names; see marque influence successors --help")}
			}
			if o.Share <= 0 || o.Share >= 1 {
				return usageError{fmt.Errorf("--share %g: want a share such as 0.0002", o.Share)}
			}
			if o.SitesOptions, err = s.options(); err != nil {
				return err
			}
			res, err := a.w.Successors(c.Context(), o)
			if err != nil {
				return err
			}
			return a.printSuccessors(res, o.Keep)
		}),
	}
	s.register(c)
	f := c.Flags()
	f.StringArrayVar(&o.Names, "names", nil, "list of new names (repeat)")
	f.Float64Var(&o.Least, "least", leastScore, "tell names that score more than so many decibans")
	f.StringArrayVar(&o.Ordinary, "ordinary", nil, "list of ordinary new names that the bound is read off (repeat)")
	f.Float64Var(&o.Share, "share", 0.0002, "share of the ordinary names that may be told")
	f.BoolVar(&o.Keep, "keep", false, "keep what is found as successor-of relationships, as secret as the watched site")
	return c
}

func (a *app) printSuccessors(res *workspace.SuccessorsResult, kept bool) error {
	a.sayWatched(res.Watched)
	a.sayUnusable(res.Unusable, res.Bad, 0)
	if a.json {
		return a.printJSON(res)
	}
	for _, s := range res.Alerts {
		if err := a.print("%s  %.0f dB  %s\n", s.Name, s.Score, s.Operation); err != nil {
			return err
		}
		if s.Replaces != "" {
			if err := a.print("    would replace %s\n", s.Replaces); err != nil {
				return err
			}
		}
		if len(s.Imitates) > 0 {
			if err := a.print("    would be taken for %s\n", strings.Join(s.Imitates, ", ")); err != nil {
				return err
			}
		}
		for _, r := range s.Reasons {
			if err := a.print("    %+5.1f  %s\n", r.Decibans, r.Text); err != nil {
				return err
			}
		}
	}
	if res.Known > 0 {
		a.say("%s watched already", count(res.Known, "name"))
	}
	bound := "given"
	if res.Ordinary > 0 {
		bound = fmt.Sprintf("read off %s", count(res.Ordinary, "ordinary name"))
	}
	if err := a.print("%d of %s look like successors; bound %.1f dB, %s\n", len(res.Alerts), count(res.Names, "new name"), res.Least, bound); err != nil {
		return err
	}
	if kept {
		return a.print("%s kept\n", count(res.Kept, "new object"))
	}
	return nil
}

// predictFormats write a forecast for those who act on it.
var predictFormats = map[string]func(io.Writer, *workspace.Prediction) error{
	"csv":   func(w io.Writer, p *workspace.Prediction) error { return site.WriteCSV(w, p.Names) },
	"block": func(w io.Writer, p *workspace.Prediction) error { return site.WriteBlockList(w, p.Names) },
	"rpz": func(w io.Writer, p *workspace.Prediction) error {
		serial, _ := strconv.ParseUint(p.AsOf.Format("20060102")+"00", 10, 32) // a day's first version, as zones are numbered
		return site.WriteRPZ(w, "predicted.rpz.", uint32(serial), p.Names)
	},
}

func influencePredictCommand(a *app) *cobra.Command {
	var s siteFlags
	var format, out string
	var n int
	c := &cobra.Command{
		Use: "predict", Short: "Which names an operation is likely to register next", Args: cobra.NoArgs,
		Long: `Names what an operation is most likely to register next, each with its probability and the reasons: labels that it had, half of all chances
for those on a notice, and media of the countries that it works on, times the endings that it used. --format csv is a table, block a list
for filters, rpz a response policy zone.`,
		RunE: a.opened(func(c *cobra.Command, _ []string) error {
			write, ok := predictFormats[format]
			if !ok && format != "list" {
				return usageError{fmt.Errorf("--format %q: want list, %s", format, strings.Join(slices.Sorted(maps.Keys(predictFormats)), ", "))}
			}
			if n < 1 || n > 1_000_000 {
				return usageError{fmt.Errorf("--first %d: want 1 to 1000000", n)}
			}
			o, err := s.options()
			if err != nil {
				return err
			}
			p, err := a.w.Predict(c.Context(), o, s.of, n)
			if err != nil {
				return err
			}
			a.sayWatched(p.Watched)
			switch {
			case a.json:
				return a.printJSON(p)
			case ok:
				return a.writeTo(out, func(w io.Writer) error { return write(w, p) })
			}
			return a.printForecast(p)
		}),
	}
	s.register(c)
	f := c.Flags()
	f.StringVar(&s.of, "of", "", "the operation, where the lists have several")
	f.IntVar(&n, "first", 20, "how many names")
	f.StringVar(&format, "format", "list", "list, csv, block or rpz")
	f.StringVar(&out, "out", "", "file to write to (csv, block, rpz; default: standard output)")
	return c
}

func (a *app) printForecast(p *workspace.Prediction) error {
	rows := [][]string{{"name", "probability", "replaces", "imitates", "why"}}
	for _, f := range p.Names {
		rows = append(rows, []string{f.Name, fmt.Sprintf("%.4f", f.Probability), f.Replaces, f.Imitates, strings.Join(f.Reasons, "; ")})
	}
	if err := a.printTable(rows); err != nil {
		return err
	}
	return a.print("of %s, as of %s: the probability is that of its next site having this name\n", p.Operation, p.AsOf.Format("2006-01-02"))
}

func influenceReplacementsCommand(a *app) *cobra.Command {
	var s siteFlags
	c := &cobra.Command{
		Use: "replacements", Short: "What replaced what, after how many days, and what of the seized was not replaced", Args: cobra.NoArgs,
		RunE: a.opened(func(c *cobra.Command, _ []string) error {
			o, err := s.options()
			if err != nil {
				return err
			}
			r, err := a.w.Replacements(c.Context(), o, s.of)
			if err != nil {
				return err
			}
			a.sayWatched(r.Watched)
			if a.json {
				return a.printJSON(r)
			}
			return a.printReplaced(r)
		}),
	}
	s.register(c)
	c.Flags().StringVar(&s.of, "of", "", "the operation, where the lists have several")
	return c
}

func (a *app) printReplaced(r *workspace.Replaced) error {
	rows := [][]string{{"new", "replaces", "days after its registration", "how"}}
	for _, x := range r.Replacements {
		rows = append(rows, []string{x.New, x.Old, strconv.Itoa(x.Days), x.Relation.String()})
	}
	if len(r.Replacements) > 0 {
		if err := a.printTable(rows); err != nil {
			return err
		}
	}
	rows = [][]string{{"seized", "on", "successor", "days"}}
	for _, f := range r.Seized {
		successor, days := "none by "+r.Until.Format("2006-01-02"), "–"
		if f.Successor != "" {
			successor, days = f.Successor, strconv.Itoa(f.Days)
		}
		rows = append(rows, []string{f.Host, f.Seized.Format("2006-01-02"), successor, days})
	}
	if len(r.Seized) > 0 {
		if err := a.printTable(rows); err != nil {
			return err
		}
	}
	if err := a.printSurvival("labels that came again", r.All); err != nil {
		return err
	}
	return a.printSurvival("seized sites that were replaced", r.AfterSeizure)
}

// printSurvival prints a Kaplan-Meier table: the share that is replaced after so many days, with its interval.
func (a *app) printSurvival(what string, s site.Survival) error {
	if s.Spells == 0 {
		return a.print("%s: none to count\n", what)
	}
	rows := [][]string{{what + ", after days", "at risk", "replaced", "share replaced (95 %)"}}
	for _, x := range s.Steps {
		rows = append(rows, []string{
			strconv.Itoa(x.Days), strconv.Itoa(x.AtRisk), strconv.Itoa(x.Replaced), fmt.Sprintf("%.2f (%.2f–%.2f)", 1-x.Standing, 1-x.High, 1-x.Low),
		})
	}
	if len(s.Steps) > 0 {
		if err := a.printTable(rows); err != nil {
			return err
		}
	}
	return a.print("%s: %d of %d\n", what, s.Replaced, s.Spells)
}

func influenceFamiliesCommand(a *app) *cobra.Command {
	var why []string
	var apart []string
	c := &cobra.Command{
		Use: "families FILE...", Short: "Which sites have one operator, and why", Args: cobra.MinimumNArgs(1),
		Long: `Gathers sites by what they share: addresses, accounts, trackers, providers, words in their names. What many unrelated sites share joins nothing.
--why A,B tells the chain of ties between two sites; --apart A,B keeps two apart whatever they share, because a person looked.`,
		RunE: func(c *cobra.Command, args []string) error {
			pairs, err := hostPairs("apart", apart)
			if err != nil {
				return err
			}
			asked, err := hostPairs("why", why)
			if err != nil {
				return err
			}
			if len(asked) > 1 {
				return usageError{errors.New("--why: want one pair of sites")}
			}
			return a.families(c.Context(), args, pairs, append(asked, [2]string{})[0])
		},
	}
	c.Flags().StringArrayVar(&why, "why", nil, "tell why two sites are in one family: A,B")
	c.Flags().StringArrayVar(&apart, "apart", nil, "two sites that are not the same, as a person says: A,B (repeat)")
	return c
}

// hostPairs reads pairs of sites, A,B.
func hostPairs(flag string, texts []string) (out [][2]string, err error) {
	for _, text := range texts {
		x, y, ok := strings.Cut(text, ",")
		x, y = sitelist.Host(strings.ToLower(x)), sitelist.Host(strings.ToLower(y))
		if !ok || x == "" || y == "" {
			return nil, usageError{fmt.Errorf("--%s %q: want two sites with a comma between", flag, text)}
		}
		out = append(out, [2]string{x, y})
	}
	return out, nil
}

func (a *app) families(ctx context.Context, lists []string, apart [][2]string, why [2]string) error {
	res, err := workspace.Families(ctx, lists, apart, why)
	if err != nil {
		return err
	}
	a.sayUnusable(res.Unusable, res.Bad, 0)
	if a.json {
		return a.printJSON(res)
	}
	if why[0] != "" {
		return a.printTies(why, res.Why)
	}
	rows, alone := [][]string{{"family", "sites", "among them"}}, 0
	for _, f := range res.Families {
		if len(f.Sites) < 2 {
			alone++
			continue
		}
		shown := f.Sites[:min(6, len(f.Sites))]
		rows = append(rows, []string{f.Name, strconv.Itoa(len(f.Sites)), strings.Join(shown, ", ")})
	}
	if len(rows) > 1 {
		if err := a.printTable(rows); err != nil {
			return err
		}
	}
	return a.print("%s in %s, %d alone; of %d nothing is known but the name\n", count(res.Sites, "site"), families(len(rows)-1), alone, res.Bare)
}

// families counts families, whose plural count does not know.
func families(n int) string {
	if n == 1 {
		return "1 family"
	}
	return strconv.Itoa(n) + " families"
}

func (a *app) printTies(asked [2]string, ties []site.Tie) error {
	if len(ties) == 0 {
		return a.print("%s and %s are not in one family\n", asked[0], asked[1])
	}
	rows := [][]string{{"from", "to", "joined by"}}
	for _, t := range ties {
		rows = append(rows, []string{t.A, t.B, t.Why})
	}
	return a.printTable(rows)
}

// sayWatched tells what could not be read of the lists of known sites.
func (a *app) sayWatched(w *workspace.Watched) {
	a.sayUnusable(w.Unusable, w.Bad, w.Passed)
	a.say("%s known, of %s", count(w.Sites, "site"), strings.Join(slices.Sorted(maps.Keys(w.Operations)), ", "))
}

// toldLines is how many unusable lines are told one by one.
const toldLines = 10

// sayUnusable tells the lines that could not be used.
func (a *app) sayUnusable(n int, bad []*sitelist.LineError, redirects int) {
	for _, b := range bad[:min(toldLines, len(bad))] {
		a.say("%v", b)
	}
	if n > 0 {
		a.say("%s could not be used", count(n, "line"))
	}
	if redirects > 0 {
		a.say("%s to sites passed over: names of one use", count(redirects, "redirect"))
	}
}
