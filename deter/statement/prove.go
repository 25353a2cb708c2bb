package statement

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"filippo.io/torchwood"
	"github.com/go-json-experiment/json"
	"golang.org/x/mod/sumdb/tlog"

	"marque/ledger/witness"
)

// Prove makes the proof that a ledger holds an envelope, entered as its [Carrier], under a checkpoint of that ledger with whatever
// cosignatures it has. In goes the ledger's folder, or a copy of it.
func Prove(ledger fs.FS, checkpoint []byte, e *Envelope) (*Proof, error) {
	text, _, _ := strings.Cut(string(checkpoint), "\n\n")
	head, err := torchwood.ParseCheckpoint(text + "\n")
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w: %w", err, ErrForm)
	}
	carrier, err := Carrier(e)
	if err != nil {
		return nil, err
	}
	want, err := carrier.Digest()
	if err != nil {
		return nil, err
	}
	p := &Proof{Checkpoint: checkpoint}
	if p.Entry, p.Index, err = findEntry(ledger, want, head.N); err != nil {
		return nil, err
	}
	if p.Hashes, err = tlog.ProveRecord(head.N, p.Index, witness.Tiles(ledger, head.Tree)); err != nil {
		return nil, fmt.Errorf("prove entry %d of %d: %w", p.Index, head.N, err)
	}
	return p, nil
}

// findEntry finds the first of the covered entries that has a digest.
func findEntry(ledger fs.FS, want string, covered int64) (line []byte, index int64, err error) {
	const name = "entries.jsonl"
	f, err := ledger.Open(name)
	if err != nil {
		return nil, 0, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	r := bufio.NewScanner(f)
	r.Buffer(nil, maxDocument)
	for ; index < covered && r.Scan(); index++ {
		if !bytes.Contains(r.Bytes(), []byte(want)) {
			continue
		}
		var entry struct {
			Digest string `json:"digest"`
		}
		if err := json.Unmarshal(r.Bytes(), &entry); err == nil && entry.Digest == want {
			return bytes.Clone(r.Bytes()), index, nil
		}
	}
	if err := r.Err(); err != nil {
		return nil, 0, fmt.Errorf("%s: %w", name, err)
	}
	return nil, 0, fmt.Errorf("%s: no entry of this envelope among the %d that are signed: %w", name, covered, ErrNotEntered)
}
