package main

import (
	"bufio"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"marque/deter/statement"
	"marque/internal/durable"
	"marque/stix"
	"marque/workspace"
)

func statementKeyCommand(a *app) *cobra.Command {
	var state, root string
	c := &cobra.Command{
		Use: "key", Short: "The key by which this workspace signs for a state, as others need it", Args: cobra.NoArgs,
		Long: `Prints the workspace as a member: state, public key, the verifier key of its ledger and of its witness, if it is one. --state XX makes the key
where there is none. With --root FILE it makes a root key in that file instead, for whoever signs directories, and prints its public part.`,
		RunE: func(c *cobra.Command, args []string) error {
			if root != "" {
				return a.rootKey(root)
			}
			return a.opened(func(c *cobra.Command, _ []string) error {
				m, err := a.w.SigningKey(c.Context(), state)
				if err != nil {
					return err
				}
				return a.printJSON(m)
			})(c, args)
		},
	}
	c.Flags().StringVar(&state, "state", "", "the state's code: makes the key where there is none")
	c.Flags().StringVar(&root, "root", "", "make a root key in this file")
	return c
}

// rootKey makes a key that signs directories. A file that is there is not replaced.
func (a *app) rootKey(path string) error {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("make root key: %w", err)
	}
	_, err = fmt.Fprintln(f, base64.StdEncoding.EncodeToString(private.Seed()))
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("make root key: %w", err)
	}
	return a.printJSON(map[string]string{"public": base64.StdEncoding.EncodeToString(public), "keyid": statement.KeyID(public)})
}

func readRootKey(path string) (ed25519.PrivateKey, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	seed, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(raw)))
	if err != nil || len(seed) != ed25519.SeedSize {
		return nil, fmt.Errorf("%s: not a root key; marque statement key --root makes one", path) // the cause might show it
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

// directoryOptions are the flags of statement directory.
type directoryOptions struct {
	members, roots, revoke []string
	from, out, rootsOut    string
	threshold, quorum      int
}

func statementDirectoryCommand(a *app) *cobra.Command {
	var o directoryOptions
	c := &cobra.Command{
		Use: "directory", Short: "Which key speaks for which state, signed by root keys", Args: cobra.NoArgs,
		Long: `Makes a directory of members (files that marque statement key printed) and signs it with root keys. --from FILE continues an earlier one: no key is ever
taken out, and --revoke KEYID=DAY has nothing count that it signs from that day on. --roots-out writes the public root keys, which readers get
from elsewhere than the statement.`,
		RunE: func(*cobra.Command, []string) error { return a.makeDirectory(&o) },
	}
	f := c.Flags()
	f.StringArrayVar(&o.members, "member", nil, "file of a member (repeat)")
	f.StringArrayVar(&o.roots, "root", nil, "file of a root key that signs (repeat)")
	f.StringArrayVar(&o.revoke, "revoke", nil, "KEYID=DAY, or @STATE=DAY: what it signs from that day on does not count (repeat)")
	f.StringVar(&o.from, "from", "", "the directory that this one continues")
	f.IntVar(&o.threshold, "threshold", 0, "how many states a statement needs (default: all but one)")
	f.IntVar(&o.quorum, "quorum", 0, "how many witnesses must have cosigned (default: more than half)")
	f.StringVarP(&o.out, "out", "o", "directory.json", "write the directory to this file")
	f.StringVar(&o.rootsOut, "roots-out", "", "write the public root keys to this file")
	return c
}

func (a *app) makeDirectory(o *directoryOptions) error {
	if len(o.roots) == 0 {
		return usageError{errors.New("--root FILE is needed: a directory that nobody signed says nothing")}
	}
	d := &statement.Directory{Type: "marque-directory"}
	if o.from != "" {
		e, err := directoryOf("", o.from)
		if err != nil {
			return err
		}
		if err := json.Unmarshal(e.Payload, d); err != nil {
			return fmt.Errorf("%s: %w", o.from, err)
		}
	}
	d.Version, d.Issued = d.Version+1, a.now().UTC().Format(time.DateOnly)
	for _, path := range o.members {
		var m workspace.Member
		if err := readJSON(path, &m); err != nil {
			return err
		}
		if err := m.AddTo(d); err != nil {
			return err
		}
	}
	for _, r := range o.revoke {
		id, day, _ := strings.Cut(r, "=")
		if err := revoke(d, id, day); err != nil {
			return usageError{err}
		}
	}
	switch {
	case o.threshold > 0:
		d.Threshold = o.threshold
	case d.Threshold == 0:
		d.Threshold = max(1, len(d.Keys)-1)
	}
	switch {
	case o.quorum > 0:
		d.Quorum = o.quorum
	case d.Quorum == 0 && len(d.Witnesses) > 0:
		d.Quorum = len(d.Witnesses)/2 + 1
	}
	if _, err := d.Policy(stix.Red); err != nil {
		return err
	}
	e, err := d.Envelope()
	if err != nil {
		return err
	}
	roots := statement.Roots{Threshold: len(o.roots)}
	for _, path := range o.roots {
		key, err := readRootKey(path)
		if err != nil {
			return err
		}
		if e, err = e.Sign(key); err != nil {
			return err
		}
		public, _ := key.Public().(ed25519.PublicKey)
		roots.Keys = append(roots.Keys, base64.StdEncoding.EncodeToString(public))
	}
	if err := durable.WriteFile(durable.OS, o.out, e.Canonical(), 0o644); err != nil {
		return err
	}
	if o.rootsOut != "" {
		raw, err := json.MarshalIndent(roots, "", "  ")
		if err != nil {
			return err
		}
		if err := durable.WriteFile(durable.OS, o.rootsOut, append(raw, '\n'), 0o644); err != nil {
			return err
		}
	}
	if a.json {
		return a.printJSON(d)
	}
	return a.print("%s: version %d, %d of %d keys' states, %d of %d witnesses\n", o.out, d.Version, d.Threshold, len(d.Keys), d.Quorum, len(d.Witnesses))
}

func revoke(d *statement.Directory, id, day string) error {
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		return fmt.Errorf("--revoke %s=%s: want KEYID=YYYY-MM-DD", id, day)
	}
	for i := range d.Keys {
		if k := &d.Keys[i]; id == "@"+k.State || id != "" && strings.HasPrefix(k.ID, id) {
			k.Revoked = day
			return nil
		}
	}
	return fmt.Errorf("--revoke %s: no key of the directory has this id", id)
}

// draftFlags are the flags of statement draft.
type draftFlags struct {
	workspace.DraftOptions
	to, sentences, tlp string
	reserve            []string
}

func statementDraftCommand(a *app) *cobra.Command {
	var o draftFlags
	c := &cobra.Command{
		Use: "draft OPERATION", Short: "The text of a joint statement on an operation, for states to sign", Args: cobra.ExactArgs(1),
		Long: `Writes statement.json (canonical STIX: the sentences, the operation, the judgement, its measures) and envelope.json (in-toto in DSSE, unsigned) into a
folder. The text is made from what --tlp shows and holds nothing above it; what the judgement rests on stays here, and only its
salted digest is in the statement. --sentences FILE takes your own, one a line.`,
		RunE: func(c *cobra.Command, args []string) error {
			if o.to == "" {
				return usageError{errors.New("--to FOLDER is needed: where the statement is written")}
			}
			var err error
			if o.Level, err = stix.ParseTLP(o.tlp); err != nil {
				return usageError{fmt.Errorf("--tlp: %w", err)}
			}
			if o.Reserve, err = reservations(o.reserve, true); err != nil {
				return usageError{err}
			}
			if o.sentences != "" {
				if o.Sentences, err = linesOf(o.sentences); err != nil {
					return err
				}
			}
			o.Operation = args[0]
			return a.opened(func(c *cobra.Command, _ []string) error { return a.draft(c, &o) })(c, args)
		},
	}
	f := c.Flags()
	f.StringVar(&o.to, "to", "", "folder to write to")
	f.StringVar(&o.Title, "title", "", "title (default: made from the operation's name)")
	f.StringVar(&o.sentences, "sentences", "", "file with the sentences, one a line (default: made from the judgement)")
	f.StringArrayVar(&o.Measures, "measure", nil, "a measure that it announces, by id or a part of its name (repeat)")
	f.StringArrayVar(&o.reserve, "reserve", nil, "STATE:SENTENCE:TEXT that stands in what all sign (repeat)")
	f.StringVar(&o.tlp, "tlp", "clear", "level at which it is published")
	return c
}

func (a *app) draft(c *cobra.Command, o *draftFlags) error {
	sentences, err := a.w.Draft(c.Context(), o.to, o.DraftOptions)
	if err != nil {
		return err
	}
	if a.json {
		return a.printJSON(map[string]any{"folder": o.to, "sentences": sentences})
	}
	for i, s := range sentences {
		if err := a.print("%d  %s\n", i+1, s); err != nil {
			return err
		}
	}
	a.say("wrote %s; marque statement sign %s signs it", o.to, o.to)
	return nil
}

func linesOf(path string) (out []string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if s := strings.TrimSpace(lines.Text()); s != "" {
			out = append(out, s)
		}
	}
	return out, lines.Err()
}

// reservations reads SENTENCE:TEXT, or STATE:SENTENCE:TEXT.
func reservations(texts []string, withState bool) ([]statement.Reservation, error) {
	var out []statement.Reservation
	for _, t := range texts {
		r, rest := statement.Reservation{}, t
		if withState {
			r.State, rest, _ = strings.Cut(rest, ":")
		}
		number, text, ok := strings.Cut(rest, ":")
		n, err := strconv.Atoi(strings.TrimSpace(number))
		if !ok || err != nil || strings.TrimSpace(text) == "" {
			return nil, fmt.Errorf("--reserve %q: want the number of a sentence (0: the whole), a colon, and what is not shared", t)
		}
		r.Sentence, r.Text = n, strings.TrimSpace(text)
		out = append(out, r)
	}
	return out, nil
}

// signFlags are what sign, cosign and withdraw share.
type signFlags struct {
	workspace.SignOptions
	witnesses, reserve []string
}

func (o *signFlags) register(c *cobra.Command) {
	c.Flags().StringArrayVar(&o.witnesses, "witness", nil, "URL=KEY of a witness that cosigns the ledger's head; KEY may be a member's file (repeat)")
	c.Flags().BoolVar(&o.AllowPrivate, "allow-private", false, "witnesses may answer on this machine or in a private network")
}

func (o *signFlags) read() (err error) {
	for _, x := range o.witnesses {
		url, key, ok := strings.Cut(x, "=")
		if !ok {
			return usageError{fmt.Errorf("--witness %q: want URL=KEY", x)}
		}
		if !strings.Contains(key, "+") {
			var m workspace.Member
			if err := readJSON(key, &m); err != nil {
				return err
			}
			if key = m.Witness; key == "" {
				return usageError{fmt.Errorf("--witness %q: %s is no witness", x, m.State)}
			}
		}
		o.Witnesses = append(o.Witnesses, workspace.WitnessAt{URL: url, Key: key})
	}
	if o.Reserve, err = reservations(o.reserve, false); err != nil {
		return usageError{err}
	}
	return nil
}

// signing makes a command that signs something in a folder.
func (a *app) signing(c *cobra.Command, o *signFlags, sign func(*workspace.Workspace, *cobra.Command, string) (*workspace.Entered, error)) *cobra.Command {
	c.Args = cobra.ExactArgs(1)
	c.RunE = func(c *cobra.Command, args []string) error {
		if err := o.read(); err != nil {
			return err
		}
		return a.opened(func(c *cobra.Command, args []string) error {
			done, err := sign(a.w, c, args[0])
			if err != nil {
				return err
			}
			for _, f := range done.Failed {
				a.say("not cosigned: %s", f)
			}
			if a.json {
				return a.printJSON(done)
			}
			return a.print("%s: entry %d of %s, witnesses: %d\n", done.State, done.Entry, done.Log, done.Cosigned)
		})(c, args)
	}
	o.register(c)
	return c
}

func statementSignCommand(a *app) *cobra.Command {
	var o signFlags
	c := &cobra.Command{
		Use: "sign FOLDER", Short: "Sign a statement for this workspace's state, and enter it in the ledger",
		Long: `Signs the envelope, enters it in this workspace's ledger, has the ledger's head cosigned by witnesses, and writes the proof into the folder. What others
signed before is kept as an earlier envelope with its proofs, so that it is known since when they stand behind it.`,
	}
	return a.signing(c, &o, func(w *workspace.Workspace, c *cobra.Command, folder string) (*workspace.Entered, error) {
		return w.Sign(c.Context(), folder, o.SignOptions)
	})
}

func statementCosignCommand(a *app) *cobra.Command {
	var o signFlags
	c := &cobra.Command{
		Use: "cosign FOLDER", Short: "Accede to a statement that others signed, with reservations on sentences",
		Long: `Signs an accession: the statement as it is, and which sentences this state does not share. The reservation is in what is signed; who
takes it away takes the signature away.`,
	}
	c.Flags().StringArrayVar(&o.reserve, "reserve", nil, "SENTENCE:TEXT, 0 for the whole (repeat)")
	return a.signing(c, &o, func(w *workspace.Workspace, c *cobra.Command, folder string) (*workspace.Entered, error) {
		return w.Cosign(c.Context(), folder, o.SignOptions)
	})
}

func statementWithdrawCommand(a *app) *cobra.Command {
	var o signFlags
	c := &cobra.Command{
		Use: "withdraw FOLDER", Short: "Take this state's word back from a day on; nothing is deleted",
	}
	c.Flags().StringVar(&o.On, "on", "", "day from which on (default: when a witness saw it)")
	c.Flags().StringVar(&o.Reason, "reason", "", "why")
	return a.signing(c, &o, func(w *workspace.Workspace, c *cobra.Command, folder string) (*workspace.Entered, error) {
		if _, err := parseDay("on", o.On); err != nil {
			return nil, err
		}
		return w.WithdrawWord(c.Context(), folder, o.SignOptions)
	})
}

func statementPublishCommand(a *app) *cobra.Command {
	var o statementChecks
	var to string
	c := &cobra.Command{
		Use: "publish FOLDER", Short: "Check a statement and write exactly what belongs to it into another folder", Args: cobra.ExactArgs(1),
		Long: "Writes text, envelope, proofs, accessions, withdrawals and the directory into a folder that readers get, and nothing else. One that does not\n" +
			"hold is refused, with exit code 3.",
		RunE: func(_ *cobra.Command, args []string) error {
			if to == "" {
				return usageError{errors.New("--to FOLDER is needed: where it is published")}
			}
			p, err := a.policy(args[0], &o)
			if err != nil {
				return err
			}
			r, err := workspace.Publish(args[0], to, p.envelope, p.Policy, p.now)
			if err != nil {
				return err
			}
			if err := a.printStatement(r); err != nil {
				return err
			}
			if !r.Holds() {
				return fmt.Errorf("nothing is published, for the statement does not hold: %w: %w", r.Err(), errCheck)
			}
			return nil
		},
	}
	o.register(c)
	c.Flags().StringVar(&to, "to", "", "folder to write to")
	return c
}
