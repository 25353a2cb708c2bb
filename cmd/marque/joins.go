package main

import (
	"context"
	"errors"
	"os/user"

	"github.com/spf13/cobra"

	"marque/claim"
	"marque/graph"
	"marque/workspace"
)

type wordOptions struct {
	signedFlags
	part, undo bool
}

// signedFlags say who enters something and why.
type signedFlags struct{ reason, by string }

func (o *signedFlags) register(c *cobra.Command) {
	c.Flags().StringVar(&o.reason, "reason", "", "why; kept with the word and signed in the ledger")
	c.Flags().StringVar(&o.by, "by", "", "who says so (default: who runs this)")
}

// signed is who says so and why.
func (o *signedFlags) signed() workspace.Signed {
	s := workspace.Signed{By: o.by, Reason: o.reason}
	if s.By == "" {
		if u, err := user.Current(); err == nil {
			s.By = u.Username
		}
	}
	return s
}

func (o *wordOptions) register(c *cobra.Command) {
	o.signedFlags.register(c)
	c.Flags().BoolVar(&o.undo, "undo", false, "withdraw what was said of the two; what was computed counts again")
}

// word is what the flags and arguments say.
func (o *wordOptions) word(args []string) workspace.Word {
	by := o.signed()
	return workspace.Word{A: args[0], B: args[1], Part: o.part, Reason: by.Reason, By: by.By}
}

const recordHelp = `A record is named by its list and number (eurepoc:1065, cfr:530, attack:C0027, casebook:kyivstar), by its id, or by its own name where
only one has it. marque operations --json lists the records of each operation.`

func joinCommand(a *app) *cobra.Command {
	var o wordOptions
	var open bool
	c := &cobra.Command{
		Use: "join RECORD RECORD", Short: "Say that two records tell of one operation", Args: cobra.MaximumNArgs(2),
		Long: `Says that two records tell of one operation, or with --part the first of a part of the second. A person's word overrules what was
computed and is kept as a claim with its reason; marque split says the opposite, --undo withdraws it. Nothing is overwritten.
Without records, --open lists the pairs that may be one and wait for a person.

` + recordHelp,
		RunE: a.opened(func(c *cobra.Command, args []string) error {
			switch {
			case open && len(args) == 0:
				return a.printOpenJoins(c.Context())
			case open || len(args) != 2:
				return usageError{errors.New("name two records, or --open to see which pairs wait")}
			case o.undo:
				return a.said(a.w.Unsay(c.Context(), o.word(args)))
			}
			return a.said(a.w.Join(c.Context(), o.word(args)))
		}),
	}
	o.register(c)
	c.Flags().BoolVar(&o.part, "part", false, "the first tells of a part of the second")
	c.Flags().BoolVar(&open, "open", false, "list the pairs that wait for a person")
	return c
}

func splitCommand(a *app) *cobra.Command {
	var o wordOptions
	c := &cobra.Command{
		Use: "split RECORD RECORD", Short: "Say that two records tell of two operations", Args: cobra.ExactArgs(2),
		Long: `Says that two records tell of two operations: they are not joined, neither by what was computed nor by way of a third. The word is kept
as a claim with its reason; marque join says the opposite, --undo withdraws it.

` + recordHelp,
		RunE: a.opened(func(c *cobra.Command, args []string) error {
			if o.undo {
				return a.said(a.w.Unsay(c.Context(), o.word(args)))
			}
			return a.said(a.w.Split(c.Context(), o.word(args)))
		}),
	}
	o.register(c)
	return c
}

// said prints what a word changed.
func (a *app) said(s workspace.Said, err error) error {
	if errors.Is(err, workspace.ErrReason) {
		return usageError{errors.New("--reason: " + err.Error())}
	}
	if err != nil {
		return err
	}
	if a.json {
		return a.printJSON(map[string]any{"a": s.A, "b": s.B, "relation": s.Relation, "withdrawn": s.Withdrawn})
	}
	what := map[claim.Relation]string{
		graph.SameOperation: "tell of one operation", graph.NotSame: "tell of two operations", graph.PartOf: "tell of a part and its whole", "": "stand as they are computed",
	}
	if err := a.print("%s (%s %s) and %s (%s %s) %s\n", s.A.Name, s.A.Source, s.A.Record, s.B.Name, s.B.Source, s.B.Record, what[s.Relation]); err != nil {
		return err
	}
	if s.Withdrawn > 0 {
		return a.print("%s withdrawn; it stays on record\n", count(s.Withdrawn, "earlier word"))
	}
	return nil
}

func (a *app) printOpenJoins(ctx context.Context) error {
	s, err := a.w.Snapshot(ctx, workspace.Owner())
	if err != nil {
		return err
	}
	open := s.Unsettled()
	if a.json {
		return a.printJSON(open)
	}
	for _, l := range open {
		if err := a.print("%3.0f %%  %s:%s  %s\n       %s:%s  %s\n", 100*l.Probability, l.A.Source, l.A.Record, l.A.Name, l.B.Source, l.B.Record, l.B.Name); err != nil {
			return err
		}
		for _, why := range l.Why {
			if err := a.print("       · %s\n", why); err != nil {
				return err
			}
		}
	}
	return a.print("%s that may be one operation; marque join or marque split settles it\n", count(len(open), "pair"))
}
