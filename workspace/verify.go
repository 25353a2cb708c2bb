package workspace

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"marque/claim"
	"marque/ledger"
	"marque/stix"
	"marque/store"
)

// Verification is what Verify found.
type Verification struct {
	*ledger.Verification
	// Damaged are the objects of the store whose bytes are not those that were stored.
	Damaged []store.Damage `json:"damaged"`
}

// OK tells whether nothing was found.
func (v *Verification) OK() bool { return v.Verification.OK() && len(v.Damaged) == 0 }

// Err is nil where all is well, else ledger.ErrAltered, store.ErrDamaged or both.
func (v *Verification) Err() error {
	if len(v.Damaged) == 0 {
		return v.Verification.Err()
	}
	return errors.Join(v.Verification.Err(), fmt.Errorf("%w: %d of its records", store.ErrDamaged, len(v.Damaged)))
}

// Damaged are the objects that were passed over so far because their bytes are not those that were stored.
func (w *Workspace) Damaged() []store.Damage { return w.db.Damaged() }

// Verify reads every object of the store, and checks the ledger: every signature and the chain of keys, that each signed head continues the one before, that every entry is in
// the newest head, every tile, that the store holds each object as it was entered and no judgement that the ledger lacks, and that the ledger
// continues the heads that the store and others remember. It writes nothing.
func (w *Workspace) Verify(ctx context.Context, heads ...ledger.KnownHead) (*Verification, error) {
	known, err := ledger.Known(ctx, w.db)
	if err != nil {
		return nil, err
	}
	books, err := ledger.Verify(ctx, w.path("ledger"), ledger.Options{
		Heads: append(known, heads...),
		Judgements: ledger.Stored(ctx, w.Reader(Owner()), func(r *store.Record) bool {
			return r.Type == claim.TypeAssessment && r.Provenance.Importer == judge || r.Provenance.Importer == person || r.Provenance.Importer == signer
		}, person, signer),
	})
	if err != nil {
		return nil, err
	}
	damaged, err := w.db.Check(ctx)
	if err != nil {
		return nil, err
	}
	return &Verification{books, damaged}, nil
}

// Prove is the proof that a judgement or measure is in the ledger, for others.
func (w *Workspace) Prove(ctx context.Context, id stix.ID) (*ledger.Proof, error) {
	l, err := w.Ledger(ctx)
	if err != nil {
		return nil, err
	}
	return l.Prove(id)
}

// RotateKey makes a new key that signs judgements, named by an entry that the old one signs, and returns its verifier key.
func (w *Workspace) RotateKey(ctx context.Context) (key string, err error) {
	err = w.books(ctx, func(l *ledger.Log) error {
		if key, err = l.Rotate(); err != nil {
			return err
		}
		return l.Remember(ctx, w.db)
	})
	return key, err
}

// Ledger reads the log of signed judgements as it stands now.
func (w *Workspace) Ledger(ctx context.Context) (*ledger.Log, error) {
	return ledger.OpenReader(ctx, w.path("ledger"), ledger.Config{})
}

// books opens the ledger for writing as long as f runs: for so long others that write to it wait.
func (w *Workspace) books(ctx context.Context, f func(*ledger.Log) error) error {
	known, err := ledger.Known(ctx, w.db)
	if err != nil {
		return err
	}
	l, err := ledger.Open(ctx, w.path("ledger"), ledger.Config{Origin: w.Config.Name, Now: w.now, Heads: known})
	if err != nil {
		return err
	}
	return errors.Join(f(l), l.Close())
}

// SignedLog is the ledger as it stands, with the entries of what a view shows. Its size counts all.
type SignedLog struct {
	Size    int64          `json:"size"`
	Key     string         `json:"key"`  // verifier key of the instance
	Head    string         `json:"head"` // newest signed head (C2SP tlog-checkpoint)
	Entries []ledger.Entry `json:"entries"`
}

// SignedLog reads the ledger for who looks from a view. A workspace without judgements has an empty one.
func (w *Workspace) SignedLog(ctx context.Context, v View) (*SignedLog, error) {
	l, err := w.Ledger(ctx)
	if errors.Is(err, fs.ErrNotExist) {
		return &SignedLog{Entries: []ledger.Entry{}}, nil
	}
	if err != nil {
		return nil, err
	}
	out := &SignedLog{Size: l.Size(), Key: l.Key(), Head: string(l.Head()), Entries: []ledger.Entry{}}
	r := w.Reader(v)
	for _, e := range l.Entries() {
		if e.ID != "" {
			if _, err := r.Get(ctx, e.ID); errors.Is(err, store.ErrNotFound) {
				continue
			} else if err != nil {
				return nil, fmt.Errorf("read ledger: %w", err)
			}
		}
		out.Entries = append(out.Entries, e)
	}
	return out, nil
}
