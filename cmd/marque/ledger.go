package main

import (
	"github.com/spf13/cobra"
)

func ledgerCommand(a *app) *cobra.Command {
	c := &cobra.Command{Use: "ledger", Short: "The signed log of judgements, and its key"}
	c.AddCommand(&cobra.Command{
		Use: "rotate", Short: "Make a new signing key, named by an entry that the old one signs", Args: cobra.NoArgs,
		Long: `Makes a new signing key. The old one signs an entry that names it, and is gone then; what it signed holds. Allies who have the
old verifier key come to the new one by any proof that is made from now on (marque verify --proof).`,
		RunE: a.opened(func(c *cobra.Command, _ []string) error {
			key, err := a.w.RotateKey(c.Context())
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(map[string]string{"key": key})
			}
			return a.print("%s\n", key)
		}),
	})
	return c
}
