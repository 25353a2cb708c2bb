package workspace

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"marque/internal/durable"
	"marque/ledger/witness"
)

// WitnessKey is what a witness is: its name, its key, and the logs that it watches.
type WitnessKey struct {
	Name string   `json:"name"`
	Seed []byte   `json:"seed"`
	Logs []string `json:"logs"` // verifier keys
}

// ErrNoWitness says that the workspace is no witness.
var ErrNoWitness = errors.New("this workspace is no witness; marque witness init NAME makes it one")

func (w *Workspace) witnessFile() string { return w.path("witness", "key.json") }

func (w *Workspace) witnessKey() (*WitnessKey, error) {
	raw, err := os.ReadFile(w.witnessFile())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNoWitness
	}
	if err != nil {
		return nil, fmt.Errorf("witness: %w", err)
	}
	k := &WitnessKey{}
	if err := json.Unmarshal(raw, k); err != nil || len(k.Seed) != ed25519.SeedSize {
		return nil, fmt.Errorf("witness: %s is damaged; restore it from a copy", w.witnessFile()) // the cause might show the key
	}
	return k, nil
}

func (w *Workspace) writeSecret(path string, v any) error {
	raw, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return errors.Join(durable.MkdirAll(durable.OS, w.path("witness"), 0o750), durable.MkdirAll(durable.OS, w.path("statement"), 0o750),
		durable.WriteFile(durable.OS, path, append(raw, '\n'), 0o600))
}

// InitWitness makes the workspace a witness of a name, a URL without its scheme, and returns its verifier key. A witness keeps its key: one that is
// there is not replaced.
func (w *Workspace) InitWitness(name string) (string, error) {
	if k, err := w.witnessKey(); err == nil {
		return "", fmt.Errorf("witness: there is one already, %s; a witness keeps its name and key", k.Name)
	} else if !errors.Is(err, ErrNoWitness) {
		return "", err
	}
	k := &WitnessKey{Name: name, Seed: make([]byte, ed25519.SeedSize)}
	if _, err := rand.Read(k.Seed); err != nil {
		return "", fmt.Errorf("witness: %w", err)
	}
	made, err := k.witness(nil, w)
	if err != nil {
		return "", err
	}
	return made.VerifierKey(), w.writeSecret(w.witnessFile(), k)
}

func (k *WitnessKey) witness(state witness.State, w *Workspace) (*witness.Witness, error) {
	if state == nil {
		state = unheld{}
	}
	return witness.New(witness.Setup{Name: k.Name, Key: ed25519.NewKeyFromSeed(k.Seed), Logs: k.Logs, State: state, Now: w.now})
}

// WatchLogs has the witness watch logs, by their verifier keys, from its next start on. It returns all that it watches.
func (w *Workspace) WatchLogs(vkeys ...string) ([]string, error) {
	k, err := w.witnessKey()
	if err != nil {
		return nil, err
	}
	for _, v := range vkeys {
		if !slices.Contains(k.Logs, v) {
			k.Logs = append(k.Logs, v)
		}
	}
	if _, err := k.witness(nil, w); err != nil {
		return nil, err
	}
	return k.Logs, w.writeSecret(w.witnessFile(), k)
}

// WitnessVerifierKey is the key by which others check the witness, and the logs that it watches.
func (w *Workspace) WitnessVerifierKey() (vkey string, logs []string, err error) {
	k, err := w.witnessKey()
	if err != nil {
		return "", nil, err
	}
	made, err := k.witness(nil, w)
	if err != nil {
		return "", nil, err
	}
	return made.VerifierKey(), k.Logs, nil
}

// Witness is the witness at work, and what ends it: one process at a time remembers heads. It is ErrNoWitness where the workspace is
// none.
func (w *Workspace) Witness() (*witness.Witness, func() error, error) {
	k, err := w.witnessKey()
	if err != nil {
		return nil, nil, err
	}
	state, err := witness.OpenFolder(w.path("witness", "heads"), nil)
	if err != nil {
		return nil, nil, err
	}
	made, err := k.witness(state, w)
	if err != nil {
		return nil, nil, errors.Join(err, state.Close())
	}
	return made, state.Close, nil
}

// unheld is the state of a witness that is asked for its key only.
type unheld struct{}

func (unheld) Latest(context.Context, string) (tlog.Tree, error) { return tlog.Tree{}, ErrNoWitness }
func (unheld) Keep(context.Context, string, tlog.Tree) error     { return ErrNoWitness }
