package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"marque/deter/statement"
	"marque/internal/durable"
	"marque/stix"
)

func statementCommand(a *app) *cobra.Command {
	c := &cobra.Command{Use: "statement", Short: "Words that states sign together"}
	c.AddCommand(statementVerifyCommand(a))
	return c
}

// statementChecks are the flags of verify.
type statementChecks struct{ roots, seen, now, tlp string }

func statementVerifyCommand(a *app) *cobra.Command {
	var o statementChecks
	c := &cobra.Command{
		Use: "verify FOLDER", Short: "Check a joint statement offline, from files alone", Args: cobra.ExactArgs(1),
		Long: `Checks the text, the signatures, the directory that binds keys to states, and the proofs that logs hold the statement. --roots FILE
names the keys that sign directories; they come from elsewhere than the folder. --seen FILE remembers heads of logs and the version of
the directory from one time to the next, so that neither can be set back. Prints which states stand behind it now, with reservations
and withdrawals. The exit code is 3 where it does not hold. docs/statements.md has the files.`,
		RunE: func(_ *cobra.Command, args []string) error { return a.verifyStatement(args[0], &o) },
	}
	c.Flags().StringVar(&o.roots, "roots", "", "JSON file with the root keys: {\"keys\": [BASE64], \"threshold\": N}")
	c.Flags().StringVar(&o.seen, "seen", "", "file that remembers what was seen of logs and directory; made where there is none")
	c.Flags().StringVar(&o.now, "now", "", "check as of this day or instant (default: now)")
	c.Flags().StringVar(&o.tlp, "tlp", "clear", "the text may hold nothing above this level")
	return c
}

// remembered is what a reader keeps of earlier checks.
type remembered struct {
	Directory int            `json:"directory"`
	Heads     statement.Seen `json:"heads"`
}

func (a *app) verifyStatement(folder string, o *statementChecks) error {
	if o.roots == "" {
		return usageError{errors.New("--roots FILE is needed: keys that the folder itself brings prove nothing")}
	}
	level, err := stix.ParseTLP(o.tlp)
	if err != nil {
		return usageError{fmt.Errorf("--tlp: %w", err)}
	}
	now, err := parseDay("now", o.now)
	if err != nil {
		return err
	}
	if now.IsZero() {
		now = time.Now().UTC()
	}
	var roots statement.Roots
	if err := readJSON(o.roots, &roots); err != nil {
		return err
	}
	var seen remembered
	if o.seen != "" {
		if err := readJSON(o.seen, &seen); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	dossier, envelope, err := statement.ReadFolder(os.DirFS(folder))
	if err != nil {
		return fmt.Errorf("%s: %w", folder, err)
	}
	if envelope == nil {
		return fmt.Errorf("%s: no directory.json that says which key speaks for which state: %w", folder, errCheck)
	}
	directory, err := statement.OpenDirectory(envelope, roots, seen.Directory)
	if err != nil {
		return fmt.Errorf("%s: %w: %w", folder, err, errCheck)
	}
	policy, err := directory.Policy(level)
	if err != nil {
		return fmt.Errorf("%s: %w: %w", folder, err, errCheck)
	}
	r := statement.Verify(dossier, policy, seen.Heads, now)
	if err := a.printStatement(r); err != nil {
		return err
	}
	if !r.Holds() {
		return fmt.Errorf("the statement does not hold: %w: %w", r.Err(), errCheck)
	}
	if o.seen == "" {
		return nil
	}
	out, err := json.MarshalIndent(remembered{directory.Version, r.Heads(seen.Heads)}, "", "  ")
	if err != nil {
		return err
	}
	return durable.WriteFile(durable.OS, o.seen, append(out, '\n'), 0o644)
}

func (a *app) printStatement(r *statement.Result) error {
	if a.json {
		return a.printJSON(r)
	}
	if r.Text != nil {
		if err := a.print("%s\nas of %s, confidence %s\n", r.Text.Report.Name, r.Attribution.AsOf, r.Attribution.Confidence); err != nil {
			return err
		}
	}
	if err := a.print("%d states stand behind it, %d are asked for: %s\n", len(r.States), r.Threshold, strings.Join(r.States, ", ")); err != nil {
		return err
	}
	rows := [][]string{{"state", "key", "signature", "remarks"}}
	for _, s := range r.Signers {
		remarks := []string{}
		if s.Why != "" {
			remarks = append(remarks, s.Why)
		}
		for _, x := range s.Reservations {
			remarks = append(remarks, fmt.Sprintf("reservation on sentence %d: %s", x.Sentence, x.Text))
		}
		rows = append(rows, []string{s.State, fmt.Sprintf("%.12s", s.KeyID), string(s.Standing), strings.Join(remarks, "; ")})
	}
	if err := a.printTable(rows); err != nil {
		return err
	}
	for _, e := range r.Entered {
		if err := a.print("in the log %s as entry %d of %d, witnessed by %d\n", e.Log, e.Index, e.Tree.N, len(e.Witnesses)); err != nil {
			return err
		}
	}
	for _, n := range r.Notes {
		a.say("note: %s", n)
	}
	return nil
}

func readJSON(path string, into any) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
