package workspace

import (
	"context"
	"errors"

	"marque/claim"
	"marque/ledger"
	"marque/stix"
	"marque/store"
)

// Verify checks the ledger: every signature and the chain of keys, that each signed head continues the one before, that every entry is in
// the newest head, every tile, that the store holds each object as it was entered and no judgement that the ledger lacks, and that the ledger
// continues the heads that the store and others remember. It writes nothing.
func (w *Workspace) Verify(ctx context.Context, heads ...ledger.KnownHead) (*ledger.Verification, error) {
	known, err := ledger.Known(ctx, w.db)
	if err != nil {
		return nil, err
	}
	return ledger.Verify(ctx, w.path("ledger"), ledger.Options{
		Heads: append(known, heads...),
		Judgements: ledger.Stored(ctx, w.Reader(Owner()), func(r *store.Record) bool {
			return r.Type == claim.TypeAssessment && r.Provenance.Importer == judge
		}),
	})
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
