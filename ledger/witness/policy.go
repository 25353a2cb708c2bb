package witness

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Sentinels.
var (
	// ErrHead is a head that is malformed, or not signed as the policy asks.
	ErrHead = errors.New("head of the log is not as asked for")
	// ErrRollback is a head of a tree that is smaller than one that was seen before.
	ErrRollback = errors.New("the log was rolled back")
	// ErrSplitView is a head that contradicts another one: the log shows two histories.
	ErrSplitView = errors.New("the log shows two histories")
)

// DefaultSkew is how far a witness's clock may be ahead.
const DefaultSkew = 5 * time.Minute

// Config is a policy as it is written down.
type Config struct {
	Log       []string // verifier keys of the log, whose name is its origin; several where it exchanged its key
	Witnesses []string // verifier keys of the witnesses (type 4)
	Quorum    int      // of the witnesses that must have cosigned; 0 asks for none
	Skew      time.Duration
}

// Policy says whose signatures a head needs. It does not change and is safe for concurrent use.
type Policy struct {
	origin    string
	log       []note.Verifier
	witnesses []note.Verifier
	quorum    int
	skew      time.Duration
}

// NewPolicy checks a policy and returns every problem with it at once.
func NewPolicy(c Config) (*Policy, error) {
	p := &Policy{quorum: c.Quorum, skew: c.Skew}
	if p.skew == 0 {
		p.skew = DefaultSkew
	}
	var problems []error
	if len(c.Log) == 0 {
		problems = append(problems, errors.New("no key of the log"))
	}
	for _, vkey := range c.Log {
		v, err := note.NewVerifier(vkey)
		switch {
		case err != nil:
			problems = append(problems, fmt.Errorf("key of the log %.80q: %w", vkey, err))
			continue
		case p.origin != "" && v.Name() != p.origin:
			problems = append(problems, fmt.Errorf("keys of two logs: %s and %s", p.origin, v.Name()))
		}
		p.origin, p.log = v.Name(), append(p.log, v)
	}
	var keys []string
	for _, vkey := range c.Witnesses {
		v, err := torchwood.NewCosignatureVerifier(vkey)
		if err != nil {
			problems = append(problems, fmt.Errorf("key of a witness %.80q: %w", vkey, err))
			continue
		}
		_, rest, _ := strings.Cut(vkey, "+")
		_, key, _ := strings.Cut(rest, "+")
		if slices.Contains(keys, key) {
			problems = append(problems, fmt.Errorf("witness %s has the key of another one: one key is one witness", v.Name()))
		}
		keys = append(keys, key)
		p.witnesses = append(p.witnesses, v)
	}
	if c.Quorum < 0 || c.Quorum > len(c.Witnesses) {
		problems = append(problems, fmt.Errorf("quorum of %d: want 0 to %d, as many as there are witnesses", c.Quorum, len(c.Witnesses)))
	}
	if c.Skew < 0 {
		problems = append(problems, fmt.Errorf("skew of %s: want none below zero", c.Skew))
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	return p, nil
}

// Cosignature is the word of a witness: at that time this was the newest head it had seen of the log.
type Cosignature struct {
	Witness string
	At      time.Time
}

// Head is a head of a log whose signatures are as the policy asks.
type Head struct {
	Origin string
	tlog.Tree
	Cosigned []Cosignature // by time, each witness once
	// Witnessed is when so many witnesses as the policy asks for had seen the head: whatever the tree holds existed by then. Zero
	// where the policy asks for none.
	Witnessed time.Time
}

// Open checks a checkpoint: the log's signature and origin, and the cosignatures of a quorum of witnesses. Errors wrap ErrHead.
func (p *Policy) Open(checkpoint []byte, now time.Time) (*Head, error) {
	n, err := note.Open(checkpoint, note.VerifierList(slices.Concat(p.log, p.witnesses)...))
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w: %w", err, ErrHead)
	}
	c, err := torchwood.ParseCheckpoint(n.Text)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: want origin, size and hash: %w: %w", err, ErrHead)
	}
	if c.Origin != p.origin {
		return nil, fmt.Errorf("checkpoint: origin %.80q, want %q: %w", c.Origin, p.origin, ErrHead)
	}
	if c.N == 0 && c.Hash != emptyTree {
		return nil, fmt.Errorf("checkpoint: an empty tree with the hash of another: %w", ErrHead)
	}
	h := &Head{Origin: c.Origin, Tree: c.Tree}
	signed := false
	var early []string
	for _, s := range n.Sigs {
		if slices.ContainsFunc(p.log, func(v note.Verifier) bool { return s.Name == v.Name() && s.Hash == v.KeyHash() }) {
			signed = true
			continue
		}
		seconds, err := torchwood.CosignatureTimestamp(s)
		if err != nil {
			return nil, fmt.Errorf("checkpoint: cosignature of %s: %w: %w", s.Name, err, ErrHead)
		}
		at := time.Unix(seconds, 0).UTC()
		if at.After(now.Add(p.skew)) {
			early = append(early, s.Name)
			continue
		}
		h.Cosigned = append(h.Cosigned, Cosignature{s.Name, at})
	}
	switch {
	case !signed:
		return nil, fmt.Errorf("checkpoint: not signed by the log %s: %w", p.origin, ErrHead)
	case len(h.Cosigned) < p.quorum:
		more := ""
		if len(early) > 0 {
			more = fmt.Sprintf(" (not counted, because they are from the future: %s)", strings.Join(early, ", "))
		}
		return nil, fmt.Errorf("checkpoint: cosigned by %d witnesses, want %d%s: %w", len(h.Cosigned), p.quorum, more, ErrHead)
	}
	slices.SortStableFunc(h.Cosigned, func(a, b Cosignature) int { return a.At.Compare(b.At) })
	if p.quorum > 0 {
		h.Witnessed = h.Cosigned[p.quorum-1].At
	}
	return h, nil
}

// emptyTree is the hash of a tree without leaves (RFC 6962, section 2.1).
var emptyTree = tlog.Hash(sha256.Sum256(nil))

// Continues tells whether a tree continues an older one, by a consistency proof (RFC 6962, section 2.1.2). Trees of the same size need
// an empty proof. Errors wrap ErrRollback or ErrSplitView.
func Continues(older, newer tlog.Tree, proof tlog.TreeProof) error {
	switch {
	case newer.N < older.N:
		return fmt.Errorf("%d entries where %d had been seen: %w", newer.N, older.N, ErrRollback)
	case newer.N == older.N && newer.Hash != older.Hash:
		return fmt.Errorf("two trees of %d entries: %w", newer.N, ErrSplitView)
	case older.N == 0, newer.N == older.N:
		if len(proof) > 0 {
			return fmt.Errorf("a proof of %d hashes where none is needed: %w", len(proof), ErrSplitView)
		}
		return nil
	}
	if err := tlog.CheckTree(proof, newer.N, newer.Hash, older.N, older.Hash); err != nil {
		return fmt.Errorf("%d entries do not continue the %d that had been seen: %w: %w", newer.N, older.N, err, ErrSplitView)
	}
	return nil
}
