package ledger

import (
	"encoding/json"
	"fmt"
	"slices"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"marque/stix"
)

// Proof shows that an entry is in a signed head; it can be checked by anyone who has the verifier key.
type Proof struct {
	Entry      Entry            `json:"entry"`
	Leaf       string           `json:"leaf"` // the bytes that were hashed
	Hashes     tlog.RecordProof `json:"hashes"`
	Checkpoint string           `json:"checkpoint"` // the signed note
	// Changes are the changes of keys, oldest first, each proven by a head that the old key signed: who has an early key comes by them
	// to the one that signs now.
	Changes []Proof `json:"changes,omitempty"`
}

// Prove gives the proof of inclusion for the latest entry of an object.
func (l *Log) Prove(id stix.ID) (*Proof, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n, ok := l.latest[id]
	if !ok || id == "" {
		return nil, fmt.Errorf("prove %s: %w", id, ErrNoEntry)
	}
	p, err := l.state.prove(n, l.state.heads[len(l.state.heads)-1])
	if err != nil {
		return nil, fmt.Errorf("prove %s: %w", id, err)
	}
	for _, e := range l.state.entries {
		if e.Keys == nil {
			continue
		}
		at := slices.IndexFunc(l.state.heads, func(h head) bool { return h.tree.N == e.Seq+1 })
		change, err := l.state.prove(e.Seq, l.state.heads[at])
		if err != nil {
			return nil, fmt.Errorf("prove change of keys at entry %d: %w", e.Seq, err)
		}
		p.Changes = append(p.Changes, *change)
	}
	return p, nil
}

func (s *state) prove(n int64, h head) (*Proof, error) {
	hashes, err := tlog.ProveRecord(h.tree.N, n, &s.hashes)
	if err != nil {
		return nil, err
	}
	return &Proof{Entry: s.entries[n], Leaf: string(s.lines[n]), Hashes: hashes, Checkpoint: string(h.note)}, nil
}

// Check tells whether the proof holds for one who trusts these verifier keys: the leaf is in a tree whose head one of them has signed, or a key
// that they name. Errors wrap ErrProof.
func (p *Proof) Check(keys ...string) error {
	var trusted []note.Verifier
	trust := func(key string) error {
		v, err := note.NewVerifier(key)
		if err != nil {
			return fmt.Errorf("%q is not a verifier key: %w", key, ErrProof)
		}
		trusted = append(trusted, v)
		return nil
	}
	for _, key := range keys {
		if err := trust(key); err != nil {
			return err
		}
	}
	for i := range p.Changes {
		change := &p.Changes[i]
		e, err := change.holds(trusted)
		if err != nil || e.Keys == nil {
			continue // whom a key names that is not trusted is nobody
		}
		if err := trust(e.Keys.New); err != nil {
			return err
		}
	}
	_, err := p.holds(trusted)
	return err
}

// holds checks the proof alone, and returns the entry that it proves.
func (p *Proof) holds(trusted []note.Verifier) (Entry, error) {
	var h head
	var err error
	for _, v := range trusted {
		if h, err = openHead([]byte(p.Checkpoint), false, v); err == nil {
			break
		}
	}
	if err != nil || h.note == nil {
		return Entry{}, fmt.Errorf("the checkpoint is signed by none of the keys: %w", ErrProof)
	}
	var e Entry
	if err := json.Unmarshal([]byte(p.Leaf), &e); err != nil {
		return Entry{}, fmt.Errorf("the leaf is not an entry: %w", ErrProof)
	}
	if err := tlog.CheckRecord(p.Hashes, h.tree.N, h.tree.Hash, e.Seq, tlog.RecordHash([]byte(p.Leaf))); err != nil {
		return Entry{}, fmt.Errorf("entry %d is not in the tree of the checkpoint: %w", e.Seq, ErrProof)
	}
	want, err := json.Marshal(p.Entry)
	if err != nil || string(want) != p.Leaf {
		return Entry{}, fmt.Errorf("entry %d is told as something else than its leaf: %w", e.Seq, ErrProof)
	}
	return e, nil
}
