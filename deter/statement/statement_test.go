package statement_test

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"marque/deter/statement"
	"marque/ledger/witness"
	"marque/stix"
)

var signedOn = time.Date(2024, 9, 5, 12, 40, 0, 0, time.UTC)

// key is an Ed25519 key that a word stands for.
func key(word string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte("test key " + word))
	return ed25519.NewKeyFromSeed(seed[:])
}

func public(word string) string {
	return base64.StdEncoding.EncodeToString(key(word).Public().(ed25519.PublicKey))
}

func object(t testing.TB, raw string) *stix.Object {
	t.Helper()
	o, err := stix.Parse([]byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func draft(t testing.TB) *statement.Draft {
	t.Helper()
	return &statement.Draft{
		Title:     "An invented operation against an invented ministry",
		Sentences: []string{"A service of Ruritania broke into the ministry.", "It did so on the orders of its government.", "We ask it to stop."},
		Published: signedOn,
		Objects: []*stix.Object{object(t, `{"type":"campaign","spec_version":"2.1","id":"campaign--5f0c1f6e-0000-4000-8000-000000000004",`+
			`"created":"2024-09-01T00:00:00.000Z","modified":"2024-09-01T00:00:00.000Z","name":"Invented"}`)},
		Attribution: statement.Attribution{AsOf: "2024-09-05", Confidence: "high", Responsible: "a service of Ruritania"},
	}
}

// log is a log in memory whose leaves are envelopes.
type log struct {
	signer note.Signer
	vkey   string
	leaves [][]byte
	hashes []tlog.Hash
}

func newLog(t testing.TB) *log {
	t.Helper()
	skey, vkey, err := note.GenerateKey(strings.NewReader(strings.Repeat("k", 64)), "log.example/marque")
	if err != nil {
		t.Fatal(err)
	}
	s, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	return &log{signer: s, vkey: vkey}
}

func (l *log) ReadHashes(at []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(at))
	for i, k := range at {
		out[i] = l.hashes[k]
	}
	return out, nil
}

func (l *log) add(t testing.TB, leaf []byte) {
	t.Helper()
	hs, err := tlog.StoredHashes(int64(len(l.leaves)), leaf, l)
	if err != nil {
		t.Fatal(err)
	}
	l.leaves, l.hashes = append(l.leaves, leaf), append(l.hashes, hs...)
}

// enter adds an envelope and proves it under a head that two witnesses cosigned at a time.
func (l *log) enter(t testing.TB, e *statement.Envelope, at time.Time) *statement.Proof {
	t.Helper()
	l.add(t, []byte("something else"))
	l.add(t, e.Canonical())
	n := int64(len(l.leaves))
	root, err := tlog.TreeHash(n, l)
	if err != nil {
		t.Fatal(err)
	}
	cp, err := note.Sign(&note.Note{Text: fmt.Sprintf("log.example/marque\n%d\n%s\n", n, root)}, l.signer)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"witness.example/a", "witness.example/b"} {
		w := newWitness(t, name, at, l.vkey)
		line, err := w.Add(t.Context(), &witness.Request{Checkpoint: cp})
		if err != nil {
			t.Fatal(err)
		}
		cp = append(cp, line...)
	}
	p := &statement.Proof{Index: n - 1, Checkpoint: cp}
	if p.Hashes, err = tlog.ProveRecord(n, n-1, l); err != nil {
		t.Fatal(err)
	}
	return p
}

func newWitness(t testing.TB, name string, at time.Time, logs ...string) *witness.Witness {
	t.Helper()
	w, err := witness.New(witness.Setup{Name: name, Key: key(name), Logs: logs, State: memory{}, Now: func() time.Time { return at }})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func directory(t testing.TB, l *log) *statement.Directory {
	t.Helper()
	d := &statement.Directory{Type: "marque-directory", Version: 1, Threshold: 2, Quorum: 2}
	if l != nil {
		d.Logs = []string{l.vkey}
		for _, name := range []string{"witness.example/a", "witness.example/b"} {
			d.Witnesses = append(d.Witnesses, newWitness(t, name, signedOn).VerifierKey())
		}
	}
	for _, s := range []string{"US", "GB", "DE", "EE"} {
		d.Keys = append(d.Keys, statement.DirectoryKey{State: s, Public: public(s)})
	}
	return d
}

func policy(t testing.TB, d *statement.Directory) *statement.Policy {
	t.Helper()
	p, err := d.Policy(stix.Clear)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func signed(t testing.TB, e *statement.Envelope, by ...string) *statement.Envelope {
	t.Helper()
	for _, who := range by {
		var err error
		if e, err = e.Sign(key(who)); err != nil {
			t.Fatal(err)
		}
	}
	return e
}

// build makes a draft's text and its envelope, signed.
func build(t testing.TB, d *statement.Draft, by ...string) ([]byte, *statement.Envelope) {
	t.Helper()
	text, e, err := d.Build()
	if err != nil {
		t.Fatal(err)
	}
	return text, signed(t, e, by...)
}

func states(r *statement.Result) string { return strings.Join(r.States, " ") }

func TestStatesStandBehindAStatement(t *testing.T) {
	l := newLog(t)
	text, e := build(t, draft(t), "US", "GB", "stranger")
	d := &statement.Dossier{Text: text, Envelope: e.Canonical(), Proofs: []*statement.Proof{l.enter(t, e, signedOn)}}
	r := statement.Verify(d, policy(t, directory(t, l)), nil, signedOn.Add(time.Hour))
	if !r.Holds() || states(r) != "GB US" || !r.Existed.Equal(signedOn) || len(r.Text.Sentences) != 3 {
		t.Errorf("holds %v, states %q, existed %s: %v", r.Holds(), states(r), r.Existed, r.Err())
	}
	if r.Signers[2].Standing != statement.Stranger || r.Signers[2].State != "" {
		t.Errorf("a stranger is %+v", r.Signers[2])
	}
	if seen := r.Heads(statement.Seen{"log.example/marque": {N: 1}}); seen["log.example/marque"].N != 2 {
		t.Errorf("remembered %v", seen)
	}
}

func TestThresholdCountsStatesNotKeys(t *testing.T) {
	l := newLog(t)
	text, e := build(t, draft(t), "US", "US, another office")
	dir := directory(t, l)
	dir.Keys = append(dir.Keys, statement.DirectoryKey{State: "US", Public: public("US, another office")})
	d := &statement.Dossier{Text: text, Envelope: e.Canonical(), Proofs: []*statement.Proof{l.enter(t, e, signedOn)}}
	r := statement.Verify(d, policy(t, dir), nil, signedOn)
	if r.Holds() || !errors.Is(r.Err(), statement.ErrSignatures) || states(r) != "US" || r.Signers[1].Standing != statement.Again {
		t.Errorf("two keys of one state: %q, %+v", states(r), r.Signers)
	}
}

// A key that is revoked counts for what a log shows to be older, and for nothing else, whatever date a signer writes.
func TestRevocationCountsFromItsDay(t *testing.T) {
	for _, c := range []struct {
		name, from, until, revoked string
		entered                    time.Time
		want                       string
	}{
		{"revoked later", "", "", "2024-09-06", signedOn, "GB US"},
		{"revoked on the day", "", "", "2024-09-05", signedOn, "GB"},
		{"revoked before", "", "", "2024-08-01", signedOn, "GB"},
		{"signed before and entered after the revocation", "", "", "2024-09-06", signedOn.AddDate(0, 1, 0), "GB"},
		{"last day", "", "2024-09-05", "", signedOn, "GB US"},
		{"after the last day", "", "2024-09-04", "", signedOn, "GB"},
		{"before the first day", "2024-09-06", "", "", signedOn, "GB"},
	} {
		l := newLog(t)
		text, e := build(t, draft(t), "US", "GB")
		dir := directory(t, l)
		dir.Keys[0].From, dir.Keys[0].Until, dir.Keys[0].Revoked = c.from, c.until, c.revoked
		d := &statement.Dossier{Text: text, Envelope: e.Canonical(), Proofs: []*statement.Proof{l.enter(t, e, c.entered)}}
		r := statement.Verify(d, policy(t, dir), nil, signedOn.AddDate(1, 0, 0))
		if states(r) != c.want {
			t.Errorf("%s: %q, want %q (%+v)", c.name, states(r), c.want, r.Signers)
		}
	}
}

// An earlier envelope in a log keeps signatures alive whose key was revoked before more states signed.
func TestEarlierEnvelopeShowsOlderSignatures(t *testing.T) {
	l := newLog(t)
	text, early := build(t, draft(t), "US", "GB")
	first := l.enter(t, early, signedOn)
	late := signed(t, early, "DE")
	dir := directory(t, l)
	dir.Keys[0].Revoked = "2024-10-01"
	d := &statement.Dossier{Text: text, Envelope: late.Canonical(), Proofs: []*statement.Proof{l.enter(t, late, signedOn.AddDate(0, 6, 0))}}
	if r := statement.Verify(d, policy(t, dir), nil, signedOn.AddDate(1, 0, 0)); states(r) != "DE GB" {
		t.Errorf("without the earlier one: %q", states(r))
	}
	d.Earlier = []statement.Signed{{Envelope: early.Canonical(), Proofs: []*statement.Proof{first}}}
	if r := statement.Verify(d, policy(t, dir), nil, signedOn.AddDate(1, 0, 0)); states(r) != "DE GB US" || !r.Holds() {
		t.Errorf("with the earlier one: %q, %v", states(r), r.Err())
	}
}

func TestAccessionCarriesItsReservation(t *testing.T) {
	l := newLog(t)
	text, e := build(t, draft(t), "US")
	a, err := statement.Accede(text, e, statement.Accession{Reservations: []statement.Reservation{
		{State: "EE", Sentence: 2, Text: "Estonia does not say on whose orders."}, {State: "US", Sentence: 1, Text: "not Estonia's to say"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	a = signed(t, a, "EE")
	d := &statement.Dossier{
		Text: text, Envelope: e.Canonical(), Proofs: []*statement.Proof{l.enter(t, e, signedOn)},
		Accessions: []statement.Signed{{Envelope: a.Canonical()}},
	}
	r := statement.Verify(d, policy(t, directory(t, l)), nil, signedOn)
	if !r.Holds() || states(r) != "EE US" {
		t.Fatalf("%q: %v, %v", states(r), r.Err(), r.Notes)
	}
	if s := r.Signers[1]; !s.Accession || len(s.Reservations) != 1 || s.Reservations[0].Sentence != 2 {
		t.Errorf("the accession: %+v", s)
	}
	if len(r.Signers[0].Reservations) != 0 {
		t.Errorf("another state's words became a reservation of the United States: %+v", r.Signers[0])
	}
	// The same accession does not fit another statement on the same text.
	other := draft(t)
	other.Confidence = "low"
	_, e2 := build(t, other, "US")
	d.Envelope, d.Proofs = e2.Canonical(), []*statement.Proof{l.enter(t, e2, signedOn)}
	if r := statement.Verify(d, policy(t, directory(t, l)), nil, signedOn); states(r) != "US" || r.Holds() {
		t.Errorf("an accession was replayed: %q", states(r))
	}
}

func TestWithdrawalTakesBackOnlyOnesOwnWord(t *testing.T) {
	l := newLog(t)
	text, e := build(t, draft(t), "US", "GB", "DE")
	_, unsigned := build(t, draft(t))
	proofs := []*statement.Proof{l.enter(t, e, signedOn)}
	other := draft(t)
	other.Confidence = "low"
	_, another := build(t, other, "US")
	withdraw := func(of *statement.Envelope, on string, by ...string) []statement.Signed {
		w, err := statement.Withdraw(text, of, statement.Withdrawal{On: on, Reason: "new evidence"})
		if err != nil {
			t.Fatal(err)
		}
		return []statement.Signed{{Envelope: signed(t, w, by...).Canonical()}}
	}
	for _, c := range []struct {
		name        string
		withdrawals []statement.Signed
		want        string
	}{
		{"one", withdraw(e, "2025-09-05", "DE"), "GB US"},
		{"two", withdraw(e, "", "DE", "GB"), "US"},
		{"by a stranger", withdraw(e, "", "stranger"), "DE GB US"},
		{"by a state that never signed", withdraw(e, "", "EE"), "DE GB US"},
		{"of another statement", withdraw(another, "", "DE"), "DE GB US"},
		{"of the same statement before anybody signed", withdraw(unsigned, "", "DE"), "GB US"},
		{"in the future", withdraw(e, "2026-12-01", "DE"), "DE GB US"},
		{"not signed", withdraw(e, ""), "DE GB US"},
		{"an attribution in its place", []statement.Signed{{Envelope: e.Canonical()}}, "DE GB US"},
		{"garbage", []statement.Signed{{Envelope: []byte("{")}}, "DE GB US"},
	} {
		d := &statement.Dossier{Text: text, Envelope: e.Canonical(), Proofs: proofs, Withdrawals: c.withdrawals}
		r := statement.Verify(d, policy(t, directory(t, l)), nil, signedOn.AddDate(1, 1, 0))
		if states(r) != c.want || r.Holds() != (len(r.States) >= 2) {
			t.Errorf("%s: %q, want %q", c.name, states(r), c.want)
		}
		if c.want == "DE GB US" && len(r.Notes) == 0 {
			t.Errorf("%s: ignored without a word", c.name)
		}
		if len(r.Signers) != 3 {
			t.Errorf("%s: %d signers are shown of 3", c.name, len(r.Signers))
		}
	}
}

func TestTextHoldsNothingAboveItsLevel(t *testing.T) {
	const red, own = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1", "marking-definition--5f0c1f6e-0000-4000-8000-00000000000a"
	head := `{"type":"note","spec_version":"2.1","id":"note--5f0c1f6e-0000-4000-8000-00000000000b","created":"2024-09-01T00:00:00.000Z",` +
		`"modified":"2024-09-01T00:00:00.000Z","content":"x","object_refs":["campaign--5f0c1f6e-0000-4000-8000-000000000004"]`
	marking := `{"type":"marking-definition","spec_version":"2.1","id":"` + own + `","created":"2024-09-01T00:00:00.000Z",`
	for _, c := range []struct {
		name    string
		objects []string
		want    error
	}{
		{"unmarked", []string{head + "}"}, nil},
		{"RED", []string{head + `,"object_marking_refs":["` + red + `"]}`}, statement.ErrRestricted},
		{"a part is RED", []string{head + `,"granular_markings":[{"marking_ref":"` + red + `","selectors":["content"]}]}`}, statement.ErrRestricted},
		{"a marking that nobody knows", []string{head + `,"object_marking_refs":["` + own + `"]}`}, statement.ErrRestricted},
		{"RED under another id", []string{head + `,"object_marking_refs":["` + own + `"]}`, marking + `"definition_type":"tlp","definition":{"tlp":"red"}}`}, statement.ErrRestricted},
		{"a copyright", []string{head + `,"object_marking_refs":["` + own + `"]}`, marking + `"definition_type":"statement","definition":{"statement":"© X"}}`}, nil},
	} {
		d := draft(t)
		for _, o := range c.objects {
			d.Objects = append(d.Objects, object(t, o))
		}
		if _, _, err := d.Build(); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

func TestDraftNamesAllItsProblems(t *testing.T) {
	d := draft(t)
	d.Title, d.Sentences, d.AsOf = "", []string{"a\nb"}, "yesterday"
	d.Reservations = []statement.Reservation{{State: "EE", Sentence: 2}}
	_, _, err := d.Build()
	for _, want := range []string{"no title", "sentence 1", "as of", "reservation 1"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not among the problems: %v", want, err)
		}
	}
}

func TestDraftIsTheSameEveryTime(t *testing.T) {
	text, e := build(t, draft(t))
	again, f := build(t, draft(t))
	if string(text) != string(again) || e.PayloadDigest() != f.PayloadDigest() {
		t.Error("the same draft gave two texts")
	}
	var any map[string]any
	if err := json.Unmarshal(e.Payload, &any); err != nil || any["_type"] != "https://in-toto.io/Statement/v1" {
		t.Errorf("payload %s", e.Payload)
	}
}

func TestEvidenceIsSealed(t *testing.T) {
	objects := draft(t).Objects
	ev, err := statement.NewEvidence(objects, strings.NewReader(strings.Repeat("r", 32)))
	if err != nil {
		t.Fatal(err)
	}
	seal, err := ev.Seal()
	if err != nil || seal.Items != 1 {
		t.Fatal(seal, err)
	}
	other, err := statement.NewEvidence(objects, strings.NewReader(strings.Repeat("s", 32)))
	if err != nil {
		t.Fatal(err)
	}
	if s, err := other.Seal(); err != nil || s.SHA256 == seal.SHA256 {
		t.Error("the digest of the evidence can be guessed")
	}
	d := draft(t)
	d.Evidence = seal
	if text, e := build(t, d); strings.Contains(string(text), ev.Items[0].SHA256) || !strings.Contains(string(e.Payload), seal.SHA256) {
		t.Error("the seal belongs in the payload, the evidence nowhere")
	}
}

func TestDirectory(t *testing.T) {
	d := directory(t, newLog(t))
	roots := statement.Roots{Keys: []string{public("root 1"), public("root 2"), public("root 3")}, Threshold: 2}
	e, err := d.Envelope()
	if err != nil {
		t.Fatal(err)
	}
	good := signed(t, e, "root 1", "root 3")
	if got, err := statement.OpenDirectory(good, roots, 1); err != nil || len(got.Keys) != 4 {
		t.Errorf("%+v, %v", got, err)
	}
	d.Version = 2
	next, err := d.Envelope()
	if err != nil {
		t.Fatal(err)
	}
	replayed, err := statement.NewEnvelope("application/vnd.in-toto+json", good.Payload)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		e    *statement.Envelope
		seen int
		want error
	}{
		{"one root", signed(t, e, "root 1"), 0, statement.ErrSignatures},
		{"one root and a stranger", signed(t, e, "root 1", "US"), 0, statement.ErrSignatures},
		{"older than seen", good, 2, witness.ErrRollback},
		{"newer", signed(t, next, "root 1", "root 2"), 1, nil},
		{"another type", signed(t, replayed, "root 1", "root 2"), 0, statement.ErrForm},
	} {
		if _, err := statement.OpenDirectory(c.e, roots, c.seen); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

func TestDirectoryNamesAllItsProblems(t *testing.T) {
	d := directory(t, nil)
	d.Keys = append(d.Keys, statement.DirectoryKey{State: "FR", Public: public("US")}, statement.DirectoryKey{Public: "AAAA"})
	d.Threshold = 9
	_, err := d.Policy(stix.Clear)
	for _, want := range []string{"one key is of one state", "no state", "threshold 9", "no logs"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not among the problems: %v", want, err)
		}
	}
}
