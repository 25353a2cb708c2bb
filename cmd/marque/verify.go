package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"marque/ledger"
	"marque/stix"
)

func verifyCommand(a *app) *cobra.Command {
	var proof, head string
	c := &cobra.Command{
		Use: "verify", Short: "Prove that no judgement was altered since it was signed", Args: cobra.NoArgs,
		Long: `Checks the ledger of assessments and measures: every signature and the chain of keys, that each signed head continues the one
before (consistency), that every entry is in the newest head (inclusion), every tile, that the store still holds each object as
it was entered, that the ledger lacks no judgement of the store, and that every object of the store still has the digest that it
was stored with. What is found is named with operation and date, and the exit
code is 3. Nothing is written, and no private key is needed. --head FILE compares with a copy of ledger/checkpoint that was kept
elsewhere: nothing else shows that ledger and store were set back together. With --proof OBJECT it prints a proof for others.`,
		RunE: a.opened(func(c *cobra.Command, _ []string) error {
			if proof != "" {
				p, err := a.w.Prove(c.Context(), stix.ID(proof))
				if err != nil {
					return err
				}
				return a.printJSON(p)
			}
			return a.verify(c.Context(), head)
		}),
	}
	c.Flags().StringVar(&proof, "proof", "", "print the proof of inclusion of this object as JSON")
	c.Flags().StringVar(&head, "head", "", "a signed head that was kept elsewhere, which the ledger must continue")
	return c
}

func (a *app) verify(ctx context.Context, headFile string) error {
	var heads []ledger.KnownHead
	if headFile != "" {
		msg, err := os.ReadFile(headFile)
		if err != nil {
			return fmt.Errorf("--head: %w", err)
		}
		heads = append(heads, ledger.KnownHead{From: headFile, Note: msg})
	}
	v, err := a.w.Verify(ctx, heads...)
	if err != nil {
		return err
	}
	if a.json {
		return errors.Join(a.printJSON(v), v.Err())
	}
	if !v.OK() {
		for _, f := range v.Findings {
			if err := a.print("%s\n", f); err != nil {
				return err
			}
		}
		for _, d := range v.Damaged {
			if err := a.print("%s\n", d); err != nil {
				return err
			}
		}
		return v.Err()
	}
	return a.print("%s, %s: nothing was altered\nhead %s\nkey  %s\n",
		count(v.Entries, "judgement"), count(v.Checkpoints, "signed head"), v.Head, v.Key)
}
