package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"marque/claim"
	"marque/report"
	"marque/workspace"
)

func claimCommand(a *app) *cobra.Command {
	c := &cobra.Command{Use: "claim", Short: "Enter, correct and withdraw claims by hand, signed; nothing is overwritten"}
	c.AddCommand(claimAddCommand(a), claimEditCommand(a), claimWithdrawCommand(a), claimUndoCommand(a))
	return c
}

func claimAddCommand(a *app) *cobra.Command {
	var n workspace.NewClaim
	var by signedFlags
	c := &cobra.Command{
		Use: "add SUBJECT RELATION OBJECT", Short: "Enter who says what of whom", Args: cobra.ExactArgs(3),
		Long: `Enters a statement: marque claim add kyivstar attributed-to Sandworm --who "Security Service of Ukraine" --quote "…" --reason "…".
Subject and object are ids, records (eurepoc:1065), or names of what the workspace knows; relations stand in docs/claims.md. Without
--who it is your own word. It is accepted at once, signed, and taken back by marque claim undo.`,
		Example: `  marque claim add kyivstar attributed-to Sandworm --who "Security Service of Ukraine" --reason "statement of 4 January"`,
		RunE: a.opened(func(c *cobra.Command, args []string) error {
			n.Subject, n.Relation, n.Object, n.Signed = args[0], claim.Relation(args[1]), args[2], by.signed()
			row, err := a.w.AddClaim(c.Context(), n)
			if err != nil {
				return asked(err)
			}
			if a.json {
				return a.printJSON(row)
			}
			return a.printClaims([]*workspace.ClaimRow{row})
		}),
	}
	by.register(c)
	c.Flags().StringVar(&n.Who, "who", "", "the source that says it (default: you)")
	c.Flags().StringVar(&n.Document, "document", "", "the document that it stands in (id or part of its name)")
	c.Flags().StringVar(&n.Quote, "quote", "", "its words")
	c.Flags().StringVar(&n.Stance, "stance", "", "asserts (default), doubts, denies, no-evidence or no-comment")
	c.Flags().StringVar(&n.Hedge, "hedge", "", "the word of doubt in it, such as likely")
	c.Flags().StringVar(&n.Note, "note", "", "a remark")
	c.Flags().StringVar(&n.Grade, "grade", "", "Admiralty grade, such as B2 (default: A2 for your own word, else F6)")
	return c
}

// asked is an error of the command line where a person's word lacks its reason.
func asked(err error) error {
	if errors.Is(err, workspace.ErrReason) {
		return usageError{fmt.Errorf("--reason: %w", err)}
	}
	return err
}

// onClaims is a command that changes claims, named by their ids or what these begin with.
func onClaims(a *app, c *cobra.Command, done string, change func(context.Context, []*workspace.ClaimRow) (workspace.Changed, error)) *cobra.Command {
	c.Args = cobra.MinimumNArgs(1)
	c.RunE = a.opened(func(c *cobra.Command, args []string) error {
		rows, err := a.w.PickClaims(c.Context(), workspace.Owner(), args, false)
		if err != nil {
			return err
		}
		changed, err := change(c.Context(), rows)
		if err != nil {
			return asked(err)
		}
		if a.json {
			return a.printJSON(changed)
		}
		return a.print("%s %s; marque claim undo takes it back\n", count(len(changed.Claims), "claim"), done)
	})
	return c
}

func claimEditCommand(a *app) *cobra.Command {
	var e workspace.ClaimEdit
	var by signedFlags
	c := onClaims(a, &cobra.Command{
		Use: "edit CLAIM...", Short: "Correct stance, hedge, speaker, note or grade of claims",
		Long: "Makes a new version of each claim, signed with who changed it and why; the old one stays. A dash empties a field.",
	}, "changed", func(ctx context.Context, rows []*workspace.ClaimRow) (workspace.Changed, error) {
		e.Signed = by.signed()
		return a.w.EditClaims(ctx, rows, e)
	})
	by.register(c)
	c.Flags().StringVar(&e.Stance, "stance", "", "asserts, doubts, denies, no-evidence or no-comment")
	c.Flags().StringVar(&e.Hedge, "hedge", "", "the word of doubt in it")
	c.Flags().StringVar(&e.Speaker, "speaker", "", "who says it, in words")
	c.Flags().StringVar(&e.Note, "note", "", "a remark")
	c.Flags().StringVar(&e.Grade, "grade", "", "Admiralty grade, such as B2")
	return c
}

func claimWithdrawCommand(a *app) *cobra.Command {
	var by signedFlags
	c := onClaims(a, &cobra.Command{
		Use: "withdraw CLAIM...", Short: "Let claims no longer count; they stay on record",
	}, "withdrawn", func(ctx context.Context, rows []*workspace.ClaimRow) (workspace.Changed, error) {
		s := by.signed()
		if s.Reason == "" {
			return workspace.Changed{}, workspace.ErrReason
		}
		return a.w.Review(ctx, rows, claim.Rejected, s)
	})
	by.register(c)
	return c
}

func claimUndoCommand(a *app) *cobra.Command {
	var by signedFlags
	c := onClaims(a, &cobra.Command{
		Use: "undo CLAIM...", Short: "Take the last change of claims back",
		Long: "The version before the last becomes the newest again, whoever made the change and by whatever command; a claim that was added by hand is rejected. Once more brings it back.",
	}, "as before", func(ctx context.Context, rows []*workspace.ClaimRow) (workspace.Changed, error) {
		return a.w.UndoClaims(ctx, rows, by.signed())
	})
	by.register(c)
	return c
}

func evidenceCommand(a *app) *cobra.Command {
	c := &cobra.Command{Use: "evidence", Short: "What a judgement rests on, and how it is graded"}
	var view viewFlags
	list := &cobra.Command{
		Use: "list OPERATION", Short: "The pieces of evidence of an operation, by what they weigh, with the claims behind them", Args: cobra.ExactArgs(1),
		RunE: a.opened(func(c *cobra.Command, args []string) error {
			v, err := view.view()
			if err != nil {
				return err
			}
			x, err := a.w.Assessed(c.Context(), v, args[0])
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(x.Evidence)
			}
			rows := [][]string{{"", "dB", "evidence", "grade", "claims"}}
			for _, e := range x.Evidence {
				var ids []string
				for _, id := range e.Claims {
					ids = append(ids, short(id))
				}
				rows = append(rows, []string{fmt.Sprint(e.Number), fmt.Sprintf("%+.1f", e.Decibans), e.Text, e.Grade, strings.Join(ids, " ")})
			}
			p := report.NewPrinter(a.stdout, a.width(), a.colour())
			p.Heading(x.Operation.Names[0] + ": " + x.Operation.Leading)
			p.Table(rows)
			p.Dim("dB: decibans for the leading answer. marque evidence grade CLAIM B2, marque claim withdraw CLAIM, marque assess --reject NUMBER")
			return p.Err()
		}),
	}
	view.register(list, true)
	var by signedFlags
	var to string
	grade := onClaims(a, &cobra.Command{
		Use: "grade CLAIM... --to B2", Short: "Give claims another Admiralty grade",
	}, "graded", func(ctx context.Context, rows []*workspace.ClaimRow) (workspace.Changed, error) {
		return a.w.Grade(ctx, rows, to, by.signed())
	})
	by.register(grade)
	grade.Flags().StringVar(&to, "to", "", "reliability A to F and credibility 1 to 6, such as B2")
	c.AddCommand(list, grade)
	return c
}

func noteCommand(a *app) *cobra.Command {
	c := &cobra.Command{Use: "note", Short: "Remarks on operations, actors and anything else; they weigh nothing"}
	var by signedFlags
	add := &cobra.Command{
		Use: "add NAME TEXT", Short: "Keep a remark, signed", Args: cobra.ExactArgs(2),
		RunE: a.opened(func(c *cobra.Command, args []string) error {
			n, err := a.w.Note(c.Context(), args[0], args[1], by.signed().By)
			if err != nil {
				return err
			}
			return a.printNotes([]workspace.Note{*n})
		}),
	}
	add.Flags().StringVar(&by.by, "by", "", "who says so (default: who runs this)")
	var view viewFlags
	list := &cobra.Command{
		Use: "list [NAME]", Short: "The remarks, on one thing or on everything", Args: cobra.MaximumNArgs(1),
		RunE: a.opened(func(c *cobra.Command, args []string) error {
			v, err := view.view()
			if err != nil {
				return err
			}
			notes, err := a.w.NotesOn(c.Context(), v, strings.Join(args, ""))
			if err != nil {
				return err
			}
			return a.printNotes(notes)
		}),
	}
	view.register(list, false)
	var undone signedFlags
	withdraw := &cobra.Command{
		Use: "withdraw NOTE", Short: "Take a remark back; it stays on record", Args: cobra.ExactArgs(1),
		RunE: a.opened(func(c *cobra.Command, args []string) error {
			n, err := a.w.UndoNote(c.Context(), args[0], undone.signed())
			if err != nil {
				return err
			}
			return a.printNotes([]workspace.Note{*n})
		}),
	}
	undone.register(withdraw)
	c.AddCommand(add, list, withdraw)
	return c
}

func (a *app) printNotes(notes []workspace.Note) error {
	if a.json {
		return a.printJSON(notes)
	}
	p := report.NewPrinter(a.stdout, a.width(), a.colour())
	for _, n := range notes {
		p.Line(fmt.Sprintf("%s, %s on %s: %s", n.Date, n.By, strings.Join(n.On, ", "), n.Text), short(string(n.ID)))
	}
	if len(notes) == 0 {
		p.Dim("no notes; marque note add NAME TEXT keeps one")
	}
	return p.Err()
}
