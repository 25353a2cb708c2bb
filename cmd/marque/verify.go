package main

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"marque/ledger"
	"marque/stix"
	"marque/store"
)

func verifyCommand(a *app) *cobra.Command {
	var proof string
	c := &cobra.Command{
		Use: "verify", Short: "Prove that no judgement was altered since it was signed", Args: cobra.NoArgs,
		Long: `Checks the ledger of assessments and measures: every signature, that each signed head continues the one before
(consistency), that every entry is in the newest head (inclusion), and that the store still holds each object as it was
entered. The first altered entry is named, and the exit code is 3. With --proof OBJECT it prints a proof for others.`,
		RunE: func(c *cobra.Command, _ []string) error {
			ctx := c.Context()
			if err := a.open(ctx); err != nil {
				return err
			}
			if proof != "" {
				l, err := a.judgements()
				if err != nil {
					return err
				}
				p, err := l.Prove(stix.ID(proof))
				if err != nil {
					return err
				}
				return a.printJSON(p)
			}
			r := a.reader()
			v, err := ledger.Verify(filepath.Join(a.home, "ledger"), func(id stix.ID, version string) (string, bool, error) {
				versions, err := r.Versions(ctx, id)
				if errors.Is(err, store.ErrNotFound) {
					return "", false, nil
				}
				if err != nil {
					return "", false, err
				}
				for _, rec := range versions {
					if rec.Version().String() == version {
						d, err := rec.Digest()
						return d, true, err
					}
				}
				return "", false, nil
			})
			if err != nil {
				return err
			}
			if a.json {
				if err := a.printJSON(v); err != nil {
					return err
				}
				return v.Err()
			}
			if err := v.Err(); err != nil {
				return err
			}
			_, err = fmt.Fprintf(a.stdout, "%d judgements, %d signed heads: nothing was altered\nhead %s\nkey  %s\n", v.Entries, v.Checkpoints, v.Head, v.Key)
			return err
		},
	}
	c.Flags().StringVar(&proof, "proof", "", "print the proof of inclusion of this object as JSON")
	return c
}
