package main

import (
	"errors"

	"github.com/spf13/cobra"

	"marque/stix"
)

func verifyCommand(a *app) *cobra.Command {
	var proof string
	c := &cobra.Command{
		Use: "verify", Short: "Prove that no judgement was altered since it was signed", Args: cobra.NoArgs,
		Long: `Checks the ledger of assessments and measures: every signature, that each signed head continues the one before
(consistency), that every entry is in the newest head (inclusion), and that the store still holds each object as it was
entered. The first altered entry is named, and the exit code is 3. With --proof OBJECT it prints a proof for others.`,
		RunE: a.opened(func(c *cobra.Command, _ []string) error {
			if proof != "" {
				p, err := a.w.Prove(stix.ID(proof))
				if err != nil {
					return err
				}
				return a.printJSON(p)
			}
			v, err := a.w.Verify(c.Context())
			if err != nil {
				return err
			}
			if a.json {
				return errors.Join(a.printJSON(v), v.Err())
			}
			if err := v.Err(); err != nil {
				return err
			}
			err = a.print("%s, %s: nothing was altered\nhead %s\nkey  %s\n",
				count(v.Entries, "judgement"), count(v.Checkpoints, "signed head"), v.Head, v.Key)
			return err
		}),
	}
	c.Flags().StringVar(&proof, "proof", "", "print the proof of inclusion of this object as JSON")
	return c
}
