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
	c.AddCommand(
		statementKeyCommand(a), statementDirectoryCommand(a), statementDraftCommand(a), statementSignCommand(a), statementCosignCommand(a),
		statementWithdrawCommand(a), statementPublishCommand(a), statementVerifyCommand(a),
	)
	return c
}

// statementChecks are the flags of verify.
type statementChecks struct{ roots, seen, now, tlp, directory string }

func (o *statementChecks) register(c *cobra.Command) {
	c.Flags().StringVar(&o.roots, "roots", "", "JSON file with the root keys: {\"keys\": [BASE64], \"threshold\": N}")
	c.Flags().StringVar(&o.now, "now", "", "check as of this day or instant (default: now)")
	c.Flags().StringVar(&o.tlp, "tlp", "clear", "the text may hold nothing above this level")
	c.Flags().StringVar(&o.directory, "directory", "", "the signed directory (default: directory.json in the folder)")
}

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
	o.register(c)
	c.Flags().StringVar(&o.seen, "seen", "", "file that remembers what was seen of logs and directory; made where there is none")
	return c
}

// remembered is what a reader keeps of earlier checks.
type remembered struct {
	Directory int            `json:"directory"`
	Heads     statement.Seen `json:"heads"`
}

func (a *app) verifyStatement(folder string, o *statementChecks) error {
	p, err := a.policy(folder, o)
	if err != nil {
		return err
	}
	dossier, _, err := statement.ReadFolder(os.DirFS(folder))
	if err != nil {
		return fmt.Errorf("%s: %w", folder, err)
	}
	r := statement.Verify(dossier, p.Policy, p.seen.Heads, p.now)
	if err := a.printStatement(r); err != nil {
		return err
	}
	if !r.Holds() {
		return fmt.Errorf("the statement does not hold: %w: %w", r.Err(), errCheck)
	}
	if o.seen == "" {
		return nil
	}
	out, err := json.MarshalIndent(remembered{p.version, r.Heads(p.seen.Heads)}, "", "  ")
	if err != nil {
		return err
	}
	return durable.WriteFile(durable.OS, o.seen, append(out, '\n'), 0o644)
}

// openedPolicy is what a directory asks, opened with the root keys.
type openedPolicy struct {
	*statement.Policy
	envelope *statement.Envelope
	version  int
	seen     remembered
	now      time.Time
}

// policy opens the directory of a folder, or the one that is named, with the root keys.
func (a *app) policy(folder string, o *statementChecks) (*openedPolicy, error) {
	if o.roots == "" {
		return nil, usageError{errors.New("--roots FILE is needed: keys that the folder itself brings prove nothing")}
	}
	level, err := stix.ParseTLP(o.tlp)
	if err != nil {
		return nil, usageError{fmt.Errorf("--tlp: %w", err)}
	}
	out := &openedPolicy{}
	if out.now, err = parseDay("now", o.now); err != nil {
		return nil, err
	}
	if out.now.IsZero() {
		out.now = a.now().UTC()
	}
	var roots statement.Roots
	if err := readJSON(o.roots, &roots); err != nil {
		return nil, err
	}
	if o.seen != "" {
		if err := readJSON(o.seen, &out.seen); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	if out.envelope, err = directoryOf(folder, o.directory); err != nil {
		return nil, err
	}
	directory, err := statement.OpenDirectory(out.envelope, roots, out.seen.Directory)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %w", folder, err, errCheck)
	}
	out.version = directory.Version
	if out.Policy, err = directory.Policy(level); err != nil {
		return nil, fmt.Errorf("%s: %w: %w", folder, err, errCheck)
	}
	return out, nil
}

// directoryOf reads the directory that is named, else the folder's own.
func directoryOf(folder, path string) (*statement.Envelope, error) {
	if path != "" {
		raw, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		e, err := statement.ParseEnvelope(raw)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		return e, nil
	}
	_, e, err := statement.ReadFolder(os.DirFS(folder))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", folder, err)
	}
	if e == nil {
		return nil, fmt.Errorf("%s: no directory.json that says which key speaks for which state: %w", folder, errCheck)
	}
	return e, nil
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
