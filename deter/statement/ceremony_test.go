package statement_test

import (
	"bytes"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"marque/deter/statement"
	"marque/ledger"
	"marque/ledger/witness"
	"marque/stix"
)

// keyholder is an instance of a state: its signing key and its own ledger.
type keyholder struct {
	state string
	dir   string
	log   *ledger.Log
}

func newKeyholder(t *testing.T, state string, clock *time.Time) *keyholder {
	t.Helper()
	k := &keyholder{state: state, dir: t.TempDir()}
	var err error
	k.log, err = ledger.Open(t.Context(), k.dir, ledger.Config{Origin: strings.ToLower(state) + ".example/marque", Now: func() time.Time { return *clock }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = k.log.Close() })
	return k
}

// enter puts an envelope into the keyholder's ledger, has the head cosigned, and proves it.
func (k *keyholder) enter(t *testing.T, e *statement.Envelope, witnesses []*witness.Client) *statement.Proof {
	t.Helper()
	carrier, err := statement.Carrier(e)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.log.Append([]*stix.Object{carrier}); err != nil {
		t.Fatal(err)
	}
	fsys := os.DirFS(k.dir)
	head := k.log.Head()
	policy, err := witness.NewPolicy(witness.Config{Log: []string{k.log.Key()}})
	if err != nil {
		t.Fatal(err)
	}
	opened, err := policy.Open(head, signedOn)
	if err != nil {
		t.Fatal(err)
	}
	cosigned, err := witness.Collect(t.Context(), head, witnesses, witness.ProverOf(witness.Tiles(fsys, opened.Tree)))
	if err != nil {
		t.Fatal(err)
	}
	p, err := statement.Prove(fsys, cosigned, e)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// publish writes files, as one would hand them over on a stick.
func publish(t *testing.T, d *statement.Dossier, directory *statement.Envelope) string {
	t.Helper()
	dir := t.TempDir()
	for name, data := range d.Files(directory) {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// fifth is somebody who has the root keys and the files, and nothing else.
func fifth(t *testing.T, dir string, roots statement.Roots, seen statement.Seen, now time.Time) (*statement.Result, error) {
	t.Helper()
	d, directory, err := statement.ReadFolder(os.DirFS(dir))
	if err != nil {
		return nil, err
	}
	opened, err := statement.OpenDirectory(directory, roots, 0)
	if err != nil {
		return nil, err
	}
	policy, err := opened.Policy(stix.Clear)
	if err != nil {
		return nil, err
	}
	return statement.Verify(d, policy, seen, now), nil
}

// Four keyholders: one drafts and signs, one cosigns, one accedes with a reservation, one signs and withdraws a year later; a key is
// revoked meanwhile. A fifth checks each stage offline.
func TestCeremonyOfFourKeyholders(t *testing.T) {
	clock := signedOn
	holders := map[string]*keyholder{}
	for _, s := range []string{"US", "GB", "DE", "EE"} {
		holders[s] = newKeyholder(t, s, &clock)
	}
	dir := directory(t, nil)
	var witnesses []*witness.Client
	var logs []string
	for _, s := range []string{"US", "GB", "DE", "EE"} {
		logs = append(logs, holders[s].log.Key())
	}
	for _, name := range []string{"witness.example/a", "witness.example/b"} {
		state, err := witness.OpenFolder(t.TempDir(), nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = state.Close() })
		w, err := witness.New(witness.Setup{Name: name, Key: key(name), Logs: logs, State: state, Now: func() time.Time { return clock }})
		if err != nil {
			t.Fatal(err)
		}
		server := httptest.NewServer(w.Handler(nil))
		t.Cleanup(server.Close)
		c, err := witness.NewClient(server.URL, w.VerifierKey(), server.Client())
		if err != nil {
			t.Fatal(err)
		}
		witnesses, dir.Witnesses = append(witnesses, c), append(dir.Witnesses, w.VerifierKey())
	}
	dir.Logs, dir.Threshold = logs, 3
	roots := statement.Roots{Keys: []string{public("root 1"), public("root 2"), public("root 3")}, Threshold: 2}
	book := func() *statement.Envelope {
		e, err := dir.Envelope()
		if err != nil {
			t.Fatal(err)
		}
		return signed(t, e, "root 1", "root 2")
	}

	// The first day: a draft, two signatures, each in its signer's ledger.
	text, e := build(t, draft(t), "US", "GB")
	d := &statement.Dossier{Text: text, Envelope: e.Canonical(), Proofs: []*statement.Proof{
		holders["US"].enter(t, e, witnesses), holders["GB"].enter(t, e, witnesses),
	}}
	r, err := fifth(t, publish(t, d, book()), roots, nil, clock)
	if err != nil || r.Holds() || states(r) != "GB US" {
		t.Fatalf("two of the three that are asked for: %v, %v", r, err)
	}

	// A week later Germany signs, and Estonia accedes with a reservation.
	clock = signedOn.AddDate(0, 0, 7)
	d.Earlier = []statement.Signed{{Envelope: d.Envelope, Proofs: d.Proofs}}
	e = signed(t, e, "DE")
	d.Envelope, d.Proofs = e.Canonical(), []*statement.Proof{holders["DE"].enter(t, e, witnesses)}
	reservation := statement.Reservation{State: "EE", Sentence: 2, Text: "Estonia does not say on whose orders."}
	a, err := statement.Accede(text, e, statement.Accession{On: "2024-09-12", Reservations: []statement.Reservation{reservation}})
	if err != nil {
		t.Fatal(err)
	}
	a = signed(t, a, "EE")
	d.Accessions = []statement.Signed{{Envelope: a.Canonical(), Proofs: []*statement.Proof{holders["EE"].enter(t, a, witnesses)}}}
	folder := publish(t, d, book())
	r, err = fifth(t, folder, roots, nil, clock)
	if err != nil || !r.Holds() || states(r) != "DE EE GB US" || len(r.Notes) > 0 {
		t.Fatalf("%q: %v, %v, %v", states(r), err, r.Err(), r.Notes)
	}
	reserved := 0
	for _, s := range r.Signers {
		for _, got := range s.Reservations {
			if got == reservation && s.State == "EE" {
				reserved++
			}
		}
	}
	if reserved != 1 {
		t.Errorf("the reservation is shown %d times", reserved)
	}
	seen := r.Heads(nil)

	// A year later Germany withdraws, and the American key was stolen and revoked half a year before.
	clock = signedOn.AddDate(1, 0, 7)
	dir.Version, dir.Keys[0].Revoked, dir.Keys[0].Why = 2, "2025-03-01", "stolen"
	w, err := statement.Withdraw(text, e, statement.Withdrawal{On: "2025-09-12", Reason: "new evidence"})
	if err != nil {
		t.Fatal(err)
	}
	w = signed(t, w, "DE", "US") // the thief withdraws for the United States
	d.Withdrawals = []statement.Signed{{Envelope: w.Canonical(), Proofs: []*statement.Proof{holders["DE"].enter(t, w, witnesses)}}}
	last := publish(t, d, book())
	r, err = fifth(t, last, roots, seen, clock)
	if err != nil || !r.Holds() || states(r) != "EE GB US" {
		t.Fatalf("%q: %v, %v, %v", states(r), err, r.Err(), r.Notes)
	}
	if len(r.Withdrawals) != 1 || r.Withdrawals[0].State != "DE" || r.Withdrawals[0].On.Format("2006-01-02") != "2025-09-12" {
		t.Errorf("withdrawals: %+v", r.Withdrawals)
	}
	if before, err := fifth(t, last, roots, seen, signedOn.AddDate(0, 6, 0)); err != nil || states(before) != "DE EE GB US" {
		t.Errorf("half a year before, when the withdrawal was not yet in effect: %q, %v", states(before), err)
	}
	tamper(t, last, roots, seen, clock)
}

// tamper changes one byte of each file at many places. Nothing that then still holds says anything but what was signed.
func tamper(t *testing.T, dir string, roots statement.Roots, seen statement.Seen, now time.Time) {
	t.Helper()
	honest, err := fifth(t, dir, roots, seen, now)
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	err = filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil || len(paths) < 8 {
		t.Fatalf("%d files, %v", len(paths), err)
	}
	for _, path := range paths {
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for at := 0; at < len(whole); at += 1 + len(whole)/15 {
			changed := bytes.Clone(whole)
			changed[at] ^= 1
			if err := os.WriteFile(path, changed, 0o644); err != nil {
				t.Fatal(err)
			}
			r, err := fifth(t, dir, roots, seen, now)
			if err != nil || !r.Holds() {
				continue
			}
			for _, s := range r.States {
				if !strings.Contains("DE EE GB US", s) {
					t.Errorf("%s, byte %d: %s stands behind it", path, at, s)
				}
			}
			if r.Digest != honest.Digest || r.Text.Report.Name != honest.Text.Report.Name {
				t.Errorf("%s, byte %d: another statement holds", path, at)
			}
		}
		if err := os.WriteFile(path, whole, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
