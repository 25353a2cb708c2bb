package workspace

import (
	"context"
	"errors"

	"marque/ledger"
	"marque/stix"
	"marque/store"
)

// Verify checks the ledger: every signature, that each signed head continues the one before, that every entry is in the newest head,
// and that the store still holds each object as it was entered. It writes nothing.
func (w *Workspace) Verify(ctx context.Context) (*ledger.Verification, error) {
	r := w.Reader(Owner())
	return ledger.Verify(w.path("ledger"), func(id stix.ID, version string) (string, bool, error) {
		versions, err := r.Versions(ctx, id)
		if errors.Is(err, store.ErrNotFound) {
			return "", false, nil
		}
		if err != nil {
			return "", false, err
		}
		for _, rec := range versions {
			if rec.Version().String() == version {
				d, err := rec.Digest()
				return d, true, err
			}
		}
		return "", false, nil
	})
}

// Prove is the proof that a judgement or measure is in the ledger, for others.
func (w *Workspace) Prove(id stix.ID) (*ledger.Proof, error) {
	l, err := w.Ledger()
	if err != nil {
		return nil, err
	}
	return l.Prove(id)
}
