// Command marque shows who stands behind a cyber or influence operation, why, how close a state stands to it, on what
// evidence and how surely, who denies it, and what it has cost them. Run `marque help` for its commands, `marque demo` to see
// the whole of it on data that it brings along.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"marque/internal/plain"

	"github.com/spf13/cobra"
)

// version is set by the linker at release.
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // whoever asks twice does not wait for the work at hand to end
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is the whole program but for the process around it.
func run(ctx context.Context, args []string, stdin *os.File, stdout, stderr *os.File) int {
	a := newApp(&untilDone{ctx: ctx, from: stdin}, stdout, stderr)
	root := rootCommand(a)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	a.tellDamage()
	if cerr := a.close(); err == nil {
		err = cerr
	}
	a.done()
	if err != nil {
		if interrupted(ctx, err) {
			err = errInterrupted
		}
		fmt.Fprintln(stderr, plain.Text("marque: "+explain(err)))
	}
	return exitCode(err)
}

const rootHelp = `Marque shows who stands behind a cyber or influence operation, why, how close a state stands to it, on what
evidence and how surely, who denies it, and what it has cost them.

  marque demo                      the whole way on data that Marque brings along
  marque ingest FILE...            read reports, STIX, MISP galaxies, EuRepoC, CFR
  marque claims                    who says what of whom, with the quote
  marque match EVENTS              events against indicators
  marque attribute OPERATION       competing hypotheses, weighed evidence
  marque report --from 2023-07-01 --to 2024-06-30

Everything is kept in one folder, the workspace: --home, else $MARQUE_HOME, else marque in the user's data directory.

Exit codes:
  0    done
  1    an error; standard error says what, where and what to do
  2    the command line is not right
  3    the check failed: invalid STIX, an altered ledger, a damaged store, a pattern that does not parse
  4    done, but some input was set aside in the quarantine
  130  interrupted; what was acknowledged is kept, and the same command goes on from there`

func rootCommand(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:           "marque",
		Short:         "Who stands behind an operation, on what evidence, and what it has cost them",
		Long:          rootHelp,
		SilenceErrors: true,
		SilenceUsage:  true,
		Version:       version,
	}
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usageError{fmt.Errorf("%w; see %s --help", err, c.CommandPath())}
	})
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	flags := root.PersistentFlags()
	flags.StringVar(&a.home, "home", "", "folder of the workspace (default $MARQUE_HOME, else the user's data directory)")
	flags.BoolVar(&a.json, "json", false, "print JSON for machines")
	flags.BoolVar(&a.quiet, "quiet", false, "no progress")
	root.AddCommand(
		demoCommand(a), initCommand(a), ingestCommand(a), claimsCommand(a), claimCommand(a), evidenceCommand(a), noteCommand(a), reviewCommand(a), indicatorsCommand(a), matchCommand(a),
		operationsCommand(a), joinCommand(a), splitCommand(a), attributeCommand(a), assessCommand(a), diffCommand(a), watchCommand(a), searchCommand(a), timelineCommand(a), actorCommand(a), nexusCommand(a), deterCommand(a), measuresCommand(a), statementCommand(a), witnessCommand(a), reportCommand(a), graphCommand(a), verifyCommand(a), ledgerCommand(a), quarantineCommand(a), stixCommand(a), patternCommand(a), huntCommand(a), lakeCommand(a), benchCommand(a), exportCommand(a), screenCommand(a), nominateCommand(a), influenceCommand(a), serveCommand(a), userCommand(a), configCommand(a), versionCommand(a),
	)
	a.asUsage(root)
	return root
}

// asUsage marks every complaint about arguments as one of the command line, so that it exits with 2. A command that only has others
// below it complains of those that it does not know.
func (a *app) asUsage(c *cobra.Command) {
	if c.HasSubCommands() && c.RunE == nil {
		c.Args = cobra.ArbitraryArgs
		c.RunE = func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return a.help(c)
			}
			return usageError{fmt.Errorf("unknown command %q for %q%s; see %s --help", args[0], c.CommandPath(), meant(c, args[0]), c.CommandPath())}
		}
	} else if check := c.Args; check != nil {
		c.Args = func(c *cobra.Command, args []string) error {
			if err := check(c, args); err != nil {
				return usageError{fmt.Errorf("%w; see %s --help", err, c.CommandPath())}
			}
			return nil
		}
	}
	for _, sub := range c.Commands() {
		a.asUsage(sub)
	}
}

// help tells what stands below a command.
func (a *app) help(c *cobra.Command) error {
	if !a.json {
		return c.Help()
	}
	type command struct {
		Command string `json:"command"`
		Short   string `json:"short"`
	}
	var below []command
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			below = append(below, command{sub.CommandPath(), sub.Short})
		}
	}
	return a.printJSON(struct {
		command
		Commands []command `json:"commands"`
	}{command{c.CommandPath(), c.Short}, below})
}

// meant offers the commands that a slip of the finger may have meant.
func meant(c *cobra.Command, name string) string {
	c.SuggestionsMinimumDistance = 2 // letters
	if near := c.SuggestionsFor(name); len(near) > 0 {
		return "; did you mean " + strings.Join(near, ", ") + "?"
	}
	return ""
}

func versionCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if a.json {
				return a.printJSON(map[string]string{"version": version})
			}
			_, err := fmt.Fprintln(a.stdout, "marque "+version)
			return err
		},
	}
}
