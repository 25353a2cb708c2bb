package ledger

import (
	"encoding/json"
	"fmt"
	"path/filepath"

	"marque/internal/durable"
)

// Rotate makes a new key and lets the old one sign an entry that names it. The head over that entry is signed by both; later heads by the new
// key alone. The old private key is gone then; proofs and heads that it signed hold. It returns the new verifier key.
func (l *Log) Rotate() (string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	public, err := l.rotate()
	if err != nil {
		return "", fmt.Errorf("rotate key of ledger: %w", err)
	}
	return public, nil
}

func (l *Log) rotate() (string, error) {
	if err := l.ready(); err != nil {
		return "", err
	}
	next, err := newKey(l.cfg.Random, l.key.signer.Name())
	if err != nil {
		return "", err
	}
	e := l.entry(0, TypeKeyChange)
	e.Keys = &KeyChange{Old: l.key.public, New: next.public}
	line, err := json.Marshal(e)
	if err != nil {
		return "", err
	}
	// The key is on the disk before anything names it. Without the entry nobody will: the next change writes over it.
	if err := durable.WriteFile(l.cfg.FS, filepath.Join(l.dir, keyFile+nextSuffix), []byte(next.private+"\n"), 0o600); err != nil {
		return "", err
	}
	if err := l.enter([]Entry{e}, [][]byte{line}, l.key.signer, next.signer); err != nil {
		return "", err
	}
	l.key = next
	return next.public, nil
}
