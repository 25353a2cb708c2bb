package main

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"marque/workspace"
)

func witnessCommand(a *app) *cobra.Command {
	c := &cobra.Command{
		Use: "witness", Short: "Cosign the heads of others' logs, so that nobody can show two histories",
		Long: `A witness remembers the newest head of each log that it watches and cosigns only one that continues it (C2SP tlog-witness). marque serve answers
for it at /witness.`,
	}
	c.AddCommand(witnessInitCommand(a), witnessWatchCommand(a), witnessShowCommand(a))
	return c
}

func witnessInitCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "init NAME", Short: "Make this workspace a witness: NAME is a URL without its scheme, such as witness.example/a", Args: cobra.ExactArgs(1),
		RunE: a.opened(func(_ *cobra.Command, args []string) error {
			if strings.ContainsAny(args[0], "+ \t\n") || args[0] == "" {
				return usageError{errors.New("name of the witness: want no spaces and no plus sign")}
			}
			key, err := a.w.InitWitness(args[0])
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(map[string]string{"key": key})
			}
			return a.print("%s\n", key)
		}),
	}
}

func witnessWatchCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "watch LOG...", Short: "Watch logs, by their verifier keys or members' files; from the server's next start on", Args: cobra.MinimumNArgs(1),
		RunE: a.opened(func(_ *cobra.Command, args []string) error {
			var keys []string
			for _, x := range args {
				if !strings.Contains(x, "+") {
					var m workspace.Member
					if err := readJSON(x, &m); err != nil {
						return err
					}
					x = m.Log
				}
				keys = append(keys, x)
			}
			logs, err := a.w.WatchLogs(keys...)
			if err != nil {
				return err
			}
			return a.printWitness("", logs)
		}),
	}
}

func witnessShowCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "show", Short: "The witness's verifier key, and which logs it watches", Args: cobra.NoArgs,
		RunE: a.opened(func(*cobra.Command, []string) error {
			key, logs, err := a.w.WitnessVerifierKey()
			if err != nil {
				return err
			}
			return a.printWitness(key, logs)
		}),
	}
}

func (a *app) printWitness(key string, logs []string) error {
	if a.json {
		return a.printJSON(struct {
			Key  string   `json:"key,omitempty"`
			Logs []string `json:"logs"`
		}{key, append([]string{}, logs...)})
	}
	if key != "" {
		if err := a.print("%s\n", key); err != nil {
			return err
		}
	}
	for _, l := range logs {
		if err := a.print("watches %s\n", l); err != nil {
			return err
		}
	}
	return nil
}
