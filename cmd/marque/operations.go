package main

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"marque/workspace"
)

func operationsCommand(a *app) *cobra.Command {
	var view viewFlags
	c := &cobra.Command{
		Use: "operations", Short: "List the operations, each once however many sources tell of it, with who stands behind it", Args: cobra.NoArgs,
		Long: `Lists the joined operations: when, whom it hit, who stands behind it and how surely, and in how many sources it is told.
With --json each is a line of JSON that docs/operations.md describes: its records in each source, the hypotheses, denials and
measures.`,
		RunE: a.opened(func(c *cobra.Command, _ []string) error {
			v, err := view.view()
			if err != nil {
				return err
			}
			ops, err := a.w.Operations(c.Context(), v, a.progress())
			if err != nil {
				return err
			}
			a.done()
			if !a.json {
				return a.printOperations(ops)
			}
			for i := range ops {
				if err := a.printLine(&ops[i]); err != nil {
					return err
				}
			}
			return nil
		}),
	}
	view.register(c, true)
	return c
}

// printOperations prints a table, the latest first.
func (a *app) printOperations(ops []workspace.Operation) error {
	ops = slices.Clone(ops)
	slices.SortStableFunc(ops, func(x, y workspace.Operation) int { return strings.Compare(y.First.Date, x.First.Date) })
	var b strings.Builder
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "begun\toperation\tvictims\twho\tprobability\tsources")
	for i := range ops {
		op := &ops[i]
		p := ""
		if op.Named {
			p = op.Hypotheses[0].Word
		}
		when := op.First.Date
		if when == "" {
			when = "unknown"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%d\n", when, clipped(op.Names[0], 48), clipped(strings.Join(op.Countries, " "), 14), clipped(op.Leading, 28), p, len(op.Members))
	}
	if err := t.Flush(); err != nil {
		return fmt.Errorf("print operations: %w", err)
	}
	return a.print("%s", b.String())
}

// clipped is a text of at most so many letters.
func clipped(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n-1]) + "…"
}
