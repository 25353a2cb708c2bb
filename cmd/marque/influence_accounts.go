package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"marque/influence/account"
	"marque/influence/event"
	"marque/influence/media"
	"marque/workspace"
)

func influenceAccountsCommand(a *app) *cobra.Command {
	var o workspace.CoordinationOptions
	var first int
	c := &cobra.Command{
		Use: "accounts POSTS...", Short: "Which accounts act together, with whom, and which cannot be decided", Args: cobra.MinimumNArgs(1),
		Long: `Reads posts (CSV, TSV, JSON; the exports that docs/influence-accounts.md lists) and says which accounts post the same things together, again and
again, with the same others. The threshold is what the same accounts reach when each one's calendar is moved: what chance brings. Coordinated does
not say by whom, nor that anything is false. --of NAME tells an account's partners with what they shared.`,
		RunE: func(c *cobra.Command, args []string) error {
			if o.Window <= 0 || o.Window > 24*time.Hour {
				return usageError{fmt.Errorf("--window %s: want above zero and at most a day", o.Window)}
			}
			o.Posts = args
			r, err := workspace.Coordination(c.Context(), o)
			if err != nil {
				return err
			}
			a.sayPosts(r.Read)
			if a.json {
				return a.printJSON(r)
			}
			return a.printCoordination(r, first)
		},
	}
	f := c.Flags()
	f.DurationVar(&o.Window, "window", time.Minute, "how far apart two posts may be to count as together")
	f.StringVar(&o.Mapping, "mapping", "", "file with mappings for exports of another form (YAML)")
	f.StringVar(&o.Of, "of", "", "an account whose partners are asked for")
	f.IntVar(&first, "first", 20, "how many accounts and networks to print (--json has all)")
	return c
}

func (a *app) printCoordination(r *workspace.CoordinationResult, first int) error {
	if r.Asked != nil {
		return a.printPartners(r)
	}
	if r.Undecidable != "" {
		return a.print("undecidable: %s\n", r.Undecidable)
	}
	rows := [][]string{{"account", "score", "posts", "verdict", "why"}}
	for _, j := range r.Accounts[:min(first, len(r.Accounts))] {
		rows = append(rows, []string{j.Account, fmt.Sprintf("%.2f", j.Score.Score), strconv.Itoa(j.Posts), string(j.Verdict), j.Reason})
	}
	if len(rows) > 1 {
		if err := a.printTable(rows); err != nil {
			return err
		}
	}
	for i, n := range r.Networks[:min(first, len(r.Networks))] {
		if err := a.printNetwork(i+1, n); err != nil {
			return err
		}
	}
	return a.print("%s: %d coordinated, %d undecided, %d not shown; score above %.2f, which %g of %s pass by chance\n",
		count(r.Stats.Posts, "post"), r.Verdicts[account.Coordinated], r.Verdicts[account.Undecided], r.Verdicts[account.NotShown],
		r.Threshold.Value, r.Threshold.Share, count(r.Threshold.Accounts, "account"))
}

func (a *app) printNetwork(number int, n workspace.NetworkCard) error {
	undecided := ""
	if !n.Decided {
		undecided = "; undecided: " + n.Reason
	}
	err := a.print("network %d: %s, %s from %s to %s%s\n", number, count(len(n.Accounts), "account"), count(n.Card.Posts, "post"),
		n.Card.First.Format("2006-01-02"), n.Card.Last.Format("2006-01-02"), undecided)
	for _, line := range []struct {
		what   string
		counts []account.Count
	}{{"languages", n.Card.Languages}, {"addresses", n.Card.Mentions}, {"hashtags", n.Card.Hashtags}, {"sites", n.Card.Sites}, {"phrases", n.Card.Phrases}} {
		if len(line.counts) > 0 && err == nil {
			err = a.print("    %s: %s\n", line.what, told(line.counts))
		}
	}
	return err
}

// told tells the commonest values.
func told(counts []account.Count) string {
	var out []string
	for _, c := range counts[:min(5, len(counts))] {
		out = append(out, fmt.Sprintf("%s (%d)", c.Value, c.Times))
	}
	return strings.Join(out, ", ")
}

func (a *app) printPartners(r *workspace.CoordinationResult) error {
	if err := a.print("%s: %s: %s\n", r.Asked.Account, r.Asked.Verdict, r.Asked.Reason); err != nil {
		return err
	}
	for _, p := range r.Partners {
		if err := a.print("%s  strength %.2f, %s on %s, first %d times, second %d\n", p.Account, p.Strength, count(p.Times, "time"), count(p.Days, "day"), p.Ahead, p.Behind); err != nil {
			return err
		}
		for _, e := range p.Examples {
			if err := a.print("    %s at %s and %s: %s\n", e.Kind, e.At.Format(time.DateTime), e.PartnerAt.Format(time.DateTime), strings.Join(strings.Fields(e.Text), " ")); err != nil {
				return err
			}
		}
	}
	return nil
}

func (a *app) sayPosts(r workspace.PostsRead) {
	for _, b := range r.Bad {
		a.say("%s", b)
	}
	if r.Rejected > 0 {
		a.say("%s could not be used", count(r.Rejected, "row"))
	}
}

func influenceSidesCommand(a *app) *cobra.Command {
	var camps, mapping string
	var between []string
	var least int
	c := &cobra.Command{
		Use: "sides POSTS... --camps FILE", Short: "Which accounts of opposite camps share texts of their own", Args: cobra.MinimumNArgs(1),
		Long: `Pairs of accounts of different camps that share texts of their own within a day, beside what is left when each calendar is moved: what is found
means as much as it stands above that. --camps is a table with the columns account and camp (or category).`,
		RunE: func(c *cobra.Command, args []string) error {
			if camps == "" {
				return usageError{errors.New("--camps FILE is needed: which account is of which camp; see marque influence sides --help")}
			}
			if least < 1 {
				return usageError{fmt.Errorf("--least %d: want 1 or more", least)}
			}
			r, err := workspace.Sides(c.Context(), args, mapping, camps, between, least)
			if err != nil {
				return err
			}
			a.sayPosts(r.Read)
			if a.json {
				return a.printJSON(r)
			}
			rows := [][]string{{"account", "camp", "account", "camp", "texts", "days", "for example"}}
			for _, p := range r.Pairs[:min(20, len(r.Pairs))] {
				example := ""
				if len(p.Examples) > 0 {
					example = strings.Join(strings.Fields(p.Examples[0].Text), " ")
				}
				rows = append(rows, []string{p.A, p.CampA, p.B, p.CampB, strconv.Itoa(p.Things), strconv.Itoa(p.Days), example})
			}
			if len(rows) > 1 {
				if err := a.printTable(rows); err != nil {
					return err
				}
			}
			return a.print("%s across camps, %s; with moved calendars %v: about %.2f of them come by chance\n",
				count(len(r.Pairs), "pair"), count(r.Accounts, "account"), r.Moved, r.Share)
		},
	}
	f := c.Flags()
	f.StringVar(&camps, "camps", "", "table of accounts and camps (CSV or TSV)")
	f.StringSliceVar(&between, "between", nil, "only these camps: A,B (default: all)")
	f.IntVar(&least, "least", 2, "how many different texts a pair must share")
	f.StringVar(&mapping, "mapping", "", "file with mappings for exports of another form (YAML)")
	return c
}

func influenceEventsCommand(a *app) *cobra.Command {
	var view viewFlags
	var calendar string
	var o event.Options
	c := &cobra.Command{
		Use: "events", Short: "Who works on whom, and whether more falls before elections", Args: cobra.NoArgs,
		Long: `Counts the workspace's operations by sponsor and target, as claimed, and finds sponsors that meet on targets. --calendar FILE (CSV with country and
date) tests whether more falls before its events than when they are moved. That no rise can be shown is an answer; it does not say that there is none.`,
		RunE: a.opened(func(c *cobra.Command, _ []string) error {
			if o.Days < 1 || o.Within < 1 {
				return usageError{errors.New("--days, --within: want 1 or more")}
			}
			s, err := a.snapshot(c.Context(), view)
			if err != nil {
				return err
			}
			r, err := s.Occasions(calendar, o)
			if err != nil {
				return err
			}
			if r.Unread != "" {
				a.say("%s: %s", calendar, r.Unread)
			}
			if a.json {
				return a.printJSON(r)
			}
			return a.printOccasions(r)
		}),
	}
	view.register(c, true)
	f := c.Flags()
	f.StringVar(&calendar, "calendar", "", "events by country and date (CSV)")
	f.IntVar(&o.Days, "days", 90, "how many days before an event count")
	f.IntVar(&o.Within, "within", 180, "how many days apart two sponsors may be to meet on a target")
	return c
}

func (a *app) printOccasions(r *workspace.OccasionsResult) error {
	rows := [][]string{{"sponsor", "target", "operations", "first", "last"}}
	for _, m := range r.Matrix {
		rows = append(rows, []string{
			workspace.CountryName(m.Sponsor), workspace.CountryName(m.Target), strconv.Itoa(m.Count), m.First.Format("2006-01-02"), m.Last.Format("2006-01-02"),
		})
	}
	if len(r.Matrix) > 0 {
		if err := a.printTable(rows); err != nil {
			return err
		}
	}
	for _, e := range r.Around {
		if err := a.print("%s\n", e.Says()); err != nil {
			return err
		}
	}
	for _, m := range r.Convergence {
		if err := a.print("%s\n", m.Says()); err != nil {
			return err
		}
	}
	return a.print("%s by a sponsor on a target on a day; %s left out that lack one of these\n", count(r.Activities, "act"), count(r.Left, "operation"))
}

func influenceMediaCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "media FILE...", Short: "What pictures, sounds and films say of themselves", Args: cobra.MinimumNArgs(1),
		Long: `Metadata, what of it names a generator, content credentials (C2PA, in JPEG) and whether they hold together, and which of the pictures look
alike. It never says that something is fake: what a file says can be written and taken out by anybody, and that it says nothing proves nothing.`,
		RunE: a.opened(func(c *cobra.Command, args []string) error {
			paths, err := expand(args)
			if err != nil {
				return err
			}
			files, err := a.w.Media(c.Context(), paths)
			if err != nil {
				return err
			}
			if a.json {
				err = a.printJSON(files)
			} else {
				err = a.printMedia(files)
			}
			unread := 0
			for _, f := range files {
				if f.Error != "" {
					unread++
				}
			}
			if err == nil && unread > 0 {
				err = fmt.Errorf("%s could not be read", count(unread, "file"))
			}
			return err
		}),
	}
}

func (a *app) printMedia(files []workspace.MediaFile) error {
	var b strings.Builder
	for _, f := range files {
		if f.Error != "" {
			fmt.Fprintf(&b, "%s: not read: %s\n", f.File, f.Error)
			continue
		}
		fmt.Fprintf(&b, "%s: %s, content credentials: %s\n", f.File, f.Report.Format, credentials(f.Report.Credentials))
		for _, s := range f.Report.Statements {
			fmt.Fprintf(&b, "    says %s (%s: %s)\n", s.Says, s.Where, s.Value)
		}
		for _, t := range f.Report.Tags {
			fmt.Fprintf(&b, "    %s %s: %s\n", t.Source, t.Name, t.Value)
		}
		for _, p := range f.Report.Problems {
			fmt.Fprintf(&b, "    could not be read: %s\n", p)
		}
		for _, u := range f.Alike {
			fmt.Fprintf(&b, "    looks like %s (%d of 64 bits differ)\n", u.Name, u.Distance)
		}
	}
	return a.print("%s%s\n", b.String(), media.Note)
}

// credentials tells content credentials in a line.
func credentials(c media.Credentials) string {
	if c.Present == "" {
		return "not looked for in this format"
	}
	parts := []string{string(c.Present)}
	for _, p := range []struct{ what, value string }{
		{"", c.Reason},
		{"", string(c.State)},
		{"what does not hold ", strings.Join(c.Failures, " ")},
		{"issuer as the certificate says ", c.Issuer},
		{"generator ", c.Generator},
		{"trust ", c.Trust},
	} {
		if p.value != "" {
			parts = append(parts, p.what+p.value)
		}
	}
	return strings.Join(parts, "; ")
}
