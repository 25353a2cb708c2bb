package statement

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Dossier is a statement with everything that is known of it.
type Dossier struct {
	Text        []byte // canonical STIX
	Envelope    []byte // over an Attribution
	Proofs      []*Proof
	Earlier     []Signed // the statement as it was before more states signed: shows since when their signatures exist
	Accessions  []Signed
	Withdrawals []Signed
}

// Signed is a document that was signed after the statement, with proofs that logs hold it.
type Signed struct {
	Envelope []byte
	Proofs   []*Proof
}

// Standing is what became of a signature.
type Standing string

// Standings.
const (
	Counts    Standing = "counts"
	Again     Standing = "signs again"        // another signature of a state that counts already
	Withdrawn Standing = "withdrawn"          // the state took its word back
	NotValid  Standing = "key not valid"      // when the signature is shown to have existed
	Forged    Standing = "signature is wrong" // the key did not make it
	Stranger  Standing = "unknown key"        // of nobody in the directory
)

// Signer is a signature, of the statement or an accession, and what became of it.
type Signer struct {
	State        string // empty for a stranger
	KeyID        string
	Standing     Standing
	Accession    bool
	Why          string // why it does not count
	Reservations []Reservation
}

// TakenBack is the word of a state that it no longer stands behind the statement.
type TakenBack struct {
	State  string
	On     time.Time // day that it names, else when a log shows the withdrawal, else zero
	Reason string
}

// Result is what can be said of a statement.
type Result struct {
	States      []string // that stand behind it now, sorted
	Threshold   int
	Signers     []Signer // in the order of the documents
	Withdrawals []TakenBack
	Attribution Attribution
	Text        *Text
	Digest      string    // of the payload that was signed
	Entered     []Entered // in which logs
	Existed     time.Time // when the signatures are shown to have existed; now, where no witness says
	Problems    []error   // why it does not hold; each wraps a sentinel
	Notes       []string  // what was ignored, and why
}

// Holds tells whether the statement holds.
func (r *Result) Holds() bool { return len(r.Problems) == 0 }

// Err is nil where the statement holds; else it joins the problems.
func (r *Result) Err() error { return errors.Join(r.Problems...) }

// Heads are the trees that were shown, for the reader to remember beside what was seen before.
func (r *Result) Heads(seen Seen) Seen {
	out := Seen{}
	maps.Copy(out, seen)
	for _, e := range r.Entered {
		if e.Tree.N >= out[e.Log].N {
			out[e.Log] = e.Tree
		}
	}
	return out
}

// Verify checks a statement against a policy, with what the reader saw of the logs before, at a time. It asks nobody: everything is in
// the dossier.
func Verify(d *Dossier, p *Policy, seen Seen, now time.Time) *Result {
	v := &verification{Result: &Result{Threshold: p.Threshold, Existed: now}, policy: p, seen: seen, now: now}
	e, err := ParseEnvelope(d.Envelope)
	if err != nil {
		v.problem(err)
		return v.Result
	}
	v.read(e, d.Text)
	v.Entered, v.Existed = v.entered(e, d.Proofs, func(err error) { v.notes = append(v.notes, err) })
	if len(v.Entered) == 0 {
		if len(v.notes) == 0 {
			v.notes = []error{fmt.Errorf("no proof of a log: %w", ErrNotEntered)}
		}
		v.Problems = append(v.Problems, v.notes...)
	} else {
		v.note(v.notes...)
	}
	v.signatures(e, v.Existed, false, v.Attribution.Reservations)
	for _, s := range d.Earlier {
		v.earlier(s)
	}
	for _, s := range d.Accessions {
		v.accession(s)
	}
	for _, s := range d.Withdrawals {
		v.withdrawal(s)
	}
	v.count()
	return v.Result
}

type verification struct {
	*Result
	policy     *Policy
	seen       Seen
	now        time.Time
	textDigest string
	notes      []error
}

func (v *verification) problem(err error) { v.Problems = append(v.Problems, err) }

func (v *verification) note(errs ...error) {
	for _, err := range errs {
		v.Notes = append(v.Notes, err.Error())
	}
}

// read reads what the statement says, and compares the text with what was signed.
func (v *verification) read(e *Envelope, text []byte) {
	v.Digest, v.textDigest = e.PayloadDigest(), digest(text)
	signed, err := readPayload(e, AttributionPredicate, &v.Attribution)
	switch {
	case err != nil:
		v.problem(err)
	case signed != v.textDigest:
		v.problem(fmt.Errorf("text: its SHA-256 is %s, %.64q was signed: %w", v.textDigest, signed, ErrDigest))
	}
	if v.Text, err = readText(text, v.policy.Level); err != nil {
		v.problem(err)
		return
	}
	if err := checkReservations(v.Attribution.Reservations, len(v.Text.Sentences)); err != nil {
		v.problem(err)
	}
}

// entered checks proofs of an envelope and tells since when it is shown to exist: from the earliest word of a quorum of witnesses, else
// now. What does not prove anything goes to failed.
func (v *verification) entered(e *Envelope, proofs []*Proof, failed func(error)) (in []Entered, existed time.Time) {
	existed = v.now
	for _, p := range proofs {
		at, err := p.verify(e, v.policy.Logs, v.seen, v.now)
		if err != nil {
			failed(err)
			continue
		}
		in = append(in, *at)
		if !at.Witnessed.IsZero() && at.Witnessed.Before(existed) {
			existed = at.Witnessed
		}
	}
	return in, existed
}

// signatures takes up the signatures of an envelope that existed at a time.
func (v *verification) signatures(e *Envelope, existed time.Time, accession bool, reservations []Reservation) {
	for _, c := range check(e, v.policy.Keys) {
		s := Signer{KeyID: c.id, Accession: accession, Standing: Stranger}
		if key, ok := v.policy.Keys[c.id]; ok {
			s.State = key.State
			switch why := key.at(existed); {
			case !c.good:
				s.Standing = Forged
			case why != "":
				s.Standing, s.Why = NotValid, why
			default:
				s.Standing = Counts
			}
			for _, r := range reservations {
				if r.State == s.State {
					s.Reservations = append(s.Reservations, r)
				}
			}
		}
		v.Signers = append(v.Signers, s)
	}
}

// earlier takes up the signatures of the same payload in an earlier envelope, which a log may have entered before a key was revoked.
func (v *verification) earlier(s Signed) {
	e, err := ParseEnvelope(s.Envelope)
	if err != nil {
		v.note(fmt.Errorf("earlier envelope: %w", err))
		return
	}
	if e.PayloadType != PayloadType || e.PayloadDigest() != v.Digest {
		v.note(errors.New("earlier envelope: of another statement"))
		return
	}
	_, existed := v.entered(e, s.Proofs, func(err error) { v.note(fmt.Errorf("earlier envelope: %w", err)) })
	v.signatures(e, existed, false, v.Attribution.Reservations)
}

// later reads a document that was signed after the statement and is on it.
func (v *verification) later(what string, s Signed, predicateType string, predicate any) (e *Envelope, existed time.Time, ok bool) {
	e, err := ParseEnvelope(s.Envelope)
	if err != nil {
		v.note(fmt.Errorf("%s: %w", what, err))
		return nil, v.now, false
	}
	signed, err := readPayload(e, predicateType, predicate)
	if err != nil {
		v.note(fmt.Errorf("%s: %w", what, err))
		return nil, v.now, false
	}
	if signed != v.textDigest {
		v.note(fmt.Errorf("%s: of another text", what))
		return nil, v.now, false
	}
	in, existed := v.entered(e, s.Proofs, func(err error) { v.note(fmt.Errorf("%s: %w", what, err)) })
	if len(in) == 0 {
		v.note(fmt.Errorf("%s: no log shows when it existed; taken as of now", what))
	}
	return e, existed, true
}

// accession takes up a signature that came with reservations of its own.
func (v *verification) accession(s Signed) {
	var a Accession
	e, existed, ok := v.later("accession", s, AccessionPredicate, &a)
	if !ok {
		return
	}
	sentences := 0
	if v.Text != nil {
		sentences = len(v.Text.Sentences)
	}
	if err := checkReservations(a.Reservations, sentences); err != nil {
		v.note(fmt.Errorf("accession: %w", err))
		return
	}
	if a.Signs != v.Digest {
		v.note(errors.New("accession: to another statement on this text"))
		return
	}
	v.signatures(e, existed, true, a.Reservations)
}

// withdrawal takes back the word of the states that signed it, and of no other.
func (v *verification) withdrawal(s Signed) {
	var w Withdrawal
	e, existed, ok := v.later("withdrawal", s, WithdrawalPredicate, &w)
	if !ok {
		return
	}
	if w.Withdraws != v.Digest {
		v.note(errors.New("withdrawal: of another statement on this text"))
		return
	}
	on, err := parseDay(w.On)
	if err != nil {
		// Its date is unreadable, its will is not.
		v.note(fmt.Errorf("withdrawal: %w; taken as of now", err))
	}
	if on.After(v.now) {
		v.note(fmt.Errorf("withdrawal: takes effect on %s", w.On))
		return
	}
	if on.IsZero() && existed.Before(v.now) {
		on = existed
	}
	for _, c := range check(e, v.policy.Keys) {
		key, known := v.policy.Keys[c.id]
		switch {
		case !known || !c.good:
			v.note(fmt.Errorf("withdrawal: signature of key %.16q is of no signer", c.id))
		case key.at(existed) != "":
			v.note(fmt.Errorf("withdrawal: %s: %s", key.State, key.at(existed)))
		case slices.ContainsFunc(v.Withdrawals, func(t TakenBack) bool { return t.State == key.State }):
		case !slices.ContainsFunc(v.Signers, func(s Signer) bool { return s.State == key.State && s.Standing == Counts }):
			v.note(fmt.Errorf("withdrawal: %s has not signed", key.State))
		default:
			v.Withdrawals = append(v.Withdrawals, TakenBack{key.State, on, w.Reason})
		}
	}
}

// count finds the states that stand behind the statement.
func (v *verification) count() {
	for i := range v.Signers {
		s := &v.Signers[i]
		if s.Standing != Counts {
			continue
		}
		at := slices.IndexFunc(v.Withdrawals, func(t TakenBack) bool { return t.State == s.State })
		switch {
		case at >= 0:
			s.Standing, s.Why = Withdrawn, v.Withdrawals[at].Reason
		case slices.Contains(v.States, s.State):
			s.Standing = Again
		default:
			v.States = append(v.States, s.State)
		}
	}
	slices.Sort(v.States)
	slices.SortStableFunc(v.Withdrawals, func(a, b TakenBack) int {
		return cmp.Or(a.On.Compare(b.On), cmp.Compare(a.State, b.State))
	})
	if len(v.States) < v.Threshold {
		v.problem(fmt.Errorf("%d states stand behind it %v, want %d: %w", len(v.States), v.States, v.Threshold, ErrSignatures))
	}
}

// Accede is the envelope of an accession, for the state to sign.
func Accede(text []byte, statement *Envelope, a Accession) (*Envelope, error) {
	a.Signs = statement.PayloadDigest()
	if a.Reservations == nil {
		a.Reservations = []Reservation{}
	}
	return later(text, AccessionPredicate, a)
}

// Withdraw is the envelope of a withdrawal, for the states that withdraw to sign.
func Withdraw(text []byte, statement *Envelope, w Withdrawal) (*Envelope, error) {
	w.Withdraws = statement.PayloadDigest()
	return later(text, WithdrawalPredicate, w)
}

func later(text []byte, predicateType string, predicate any) (*Envelope, error) {
	p, err := payload(text, predicateType, predicate)
	if err != nil {
		return nil, err
	}
	return NewEnvelope(PayloadType, p)
}
