package ledger

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"marque/stix"
)

// Verification is what Verify found.
type Verification struct {
	Entries     int64    `json:"entries"`
	Checkpoints int      `json:"checkpoints"`     // signed heads that were checked, each a prefix of the next
	Head        string   `json:"head"`            // hash of the tree, base64
	Key         string   `json:"key"`             // verifier key
	First       *Altered `json:"first,omitempty"` // the first entry that is not what was signed; nil where all is well
	Others      int      `json:"others"`          // further findings
}

// Altered is an entry, or a signed head, that is not what was signed.
type Altered struct {
	Seq    int64   `json:"seq"` // -1 where no single entry can be named
	ID     stix.ID `json:"id,omitempty"`
	Reason string  `json:"reason"`
}

// OK tells whether nothing was found.
func (v *Verification) OK() bool { return v.First == nil }

// Err is nil where all is well, else an error that names the first altered entry and wraps ErrAltered.
func (v *Verification) Err() error {
	if v.First == nil {
		return nil
	}
	if v.First.Seq < 0 {
		return fmt.Errorf("verify ledger: %s: %w", v.First.Reason, ErrAltered)
	}
	return fmt.Errorf("verify ledger: entry %d (%s): %s: %w", v.First.Seq, v.First.ID, v.First.Reason, ErrAltered)
}

func (v *Verification) found(a Altered) {
	if v.First == nil || (a.Seq >= 0 && (v.First.Seq < 0 || a.Seq < v.First.Seq)) {
		if v.First != nil {
			v.Others++
		}
		v.First = &a
		return
	}
	v.Others++
}

// Digester gives the digest of an object's version as it stands in the store now; it reports false where the store has no
// such version.
type Digester func(id stix.ID, version string) (digest string, ok bool, err error)

// Verify checks the ledger in dir without changing it: every signature, that each signed head is a prefix of the next
// (consistency), that every entry is in the newest head (inclusion), that entries and tiles agree, and, where objects is
// given, that the store still holds each object as it was entered.
func Verify(dir string, objects Digester) (*Verification, error) {
	l := &Log{dir: dir, latest: map[stix.ID]int64{}}
	if err := l.loadPublicKey(); err != nil {
		return nil, fmt.Errorf("verify ledger: %w", err)
	}
	lines, _, err := readLines(filepath.Join(dir, "entries.jsonl"))
	if err != nil {
		return nil, fmt.Errorf("verify ledger: %w", err)
	}
	v := &Verification{Entries: int64(len(lines)), Key: l.Key()}
	heads, err := l.heads(v)
	if err != nil {
		return nil, fmt.Errorf("verify ledger: %w", err)
	}
	checkHeads(v, lines, heads)
	l.checkTiles(v, lines)
	return v, checkEntries(v, lines, objects)
}

func (l *Log) loadPublicKey() error {
	if _, err := os.Stat(filepath.Join(l.dir, "key.pub")); err != nil {
		return fmt.Errorf("no ledger in %s: %w", l.dir, err)
	}
	return l.loadKey(Config{})
}

// heads reads every signed head; one whose signature is wrong is a finding.
func (l *Log) heads(v *Verification) ([]tlog.Tree, error) {
	all, err := os.ReadFile(filepath.Join(l.dir, "checkpoints"))
	if err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	var heads []tlog.Tree
	// A note is text, an empty line, signature lines; ours are followed by one more empty line.
	notes, _ := splitNotes(all)
	for i, msg := range notes {
		head, err := openCheckpoint(msg, l.verifier)
		if err != nil {
			v.found(Altered{Seq: -1, Reason: fmt.Sprintf("signed head %d: %v", i, err)})
			continue
		}
		heads = append(heads, head)
	}
	newest, err := l.readCheckpoint()
	if err != nil {
		v.found(Altered{Seq: -1, Reason: err.Error()})
	} else if !slices.Contains(heads, newest) && newest.N > 0 {
		v.found(Altered{Seq: -1, Reason: "the newest checkpoint is not one of the history"})
	}
	v.Checkpoints = len(heads)
	return heads, nil
}

// splitNotes cuts the history into its finished notes and tells how many bytes they take.
func splitNotes(all []byte) (notes [][]byte, whole int) {
	for {
		text, rest, ok := bytes.Cut(all[whole:], []byte("\n\n"))
		if !ok {
			return notes, whole
		}
		sigs, _, ok := bytes.Cut(rest, []byte("\n\n"))
		if !ok {
			return notes, whole
		}
		size := len(text) + 2 + len(sigs)
		notes = append(notes, append(bytes.Clone(all[whole:whole+size]), '\n'))
		whole += size + 2
	}
}

// checkHeads recomputes the tree from the entries and compares it with every signed head. The first head that differs
// bounds the altered entries from above, the last that agrees from below: with one entry a head it names the entry.
func checkHeads(v *Verification, lines [][]byte, heads []tlog.Tree) {
	hashes := memoryHashes{}
	at := int64(0)
	for _, head := range heads {
		if head.N > int64(len(lines)) {
			v.found(Altered{Seq: int64(len(lines)), Reason: fmt.Sprintf("missing: %d entries were signed, %d are there", head.N, len(lines))})
			return
		}
		from := at
		for ; at < head.N; at++ {
			hs, err := tlog.StoredHashes(at, lines[at], &hashes)
			if err != nil {
				v.found(Altered{Seq: at, Reason: err.Error()})
				return
			}
			hashes = append(hashes, hs...)
		}
		hash, err := tlog.TreeHash(head.N, &hashes)
		if err != nil || hash != head.Hash {
			v.found(Altered{Seq: -1, Reason: fmt.Sprintf("entries %d to %d are not what was signed as the head of %d entries", from, head.N-1, head.N)})
			return
		}
		v.Head = hash.String()
	}
	if int64(len(lines)) > at {
		v.found(Altered{Seq: at, Reason: "not covered by a signed head"})
	}
}

// checkTiles compares each entry with its leaf hash in the tiles: that names an altered entry exactly.
func (l *Log) checkTiles(v *Verification, lines [][]byte) {
	for n, line := range lines {
		tile := tlog.TileForIndex(tileHeight, tlog.StoredHashIndex(0, int64(n)))
		data, err := tiles{l.dir}.read(tile)
		if err != nil {
			v.found(Altered{Seq: int64(n), ID: entryID(line), Reason: fmt.Sprintf("leaf hash: %v", err)})
			return
		}
		at := (n % (1 << tileHeight)) * tlog.HashSize
		want := tlog.RecordHash(line)
		if !bytes.Equal(data[at:at+tlog.HashSize], want[:]) {
			v.found(Altered{Seq: int64(n), ID: entryID(line), Reason: "the entry does not have the hash that was recorded"})
		}
	}
}

func entryID(line []byte) stix.ID {
	var e Entry
	_ = json.Unmarshal(line, &e) // an entry that does not parse has no id to name
	return e.ID
}

func checkEntries(v *Verification, lines [][]byte, objects Digester) error {
	for n, line := range lines {
		var e Entry
		if err := json.Unmarshal(line, &e); err != nil || e.Seq != int64(n) {
			v.found(Altered{Seq: int64(n), ID: e.ID, Reason: "the line is not the entry that belongs here"})
			continue
		}
		if objects == nil {
			continue
		}
		digest, ok, err := objects(e.ID, e.Version)
		switch {
		case err != nil:
			return fmt.Errorf("verify ledger: entry %d (%s): %w", n, e.ID, err)
		case !ok:
			v.found(Altered{Seq: e.Seq, ID: e.ID, Reason: "the store no longer holds this version"})
		case digest != e.Digest:
			v.found(Altered{Seq: e.Seq, ID: e.ID, Reason: "the object in the store is not the one that was entered"})
		}
	}
	return nil
}

// memoryHashes is a tlog.HashReader over all stored hashes in order.
type memoryHashes []tlog.Hash

// ReadHashes implements tlog.HashReader.
func (m *memoryHashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, idx := range indexes {
		if idx < 0 || idx >= int64(len(*m)) {
			return nil, fmt.Errorf("hash %d of %d", idx, len(*m))
		}
		out[i] = (*m)[idx]
	}
	return out, nil
}

// Proof shows that an entry is in a signed head; it can be checked by anyone who has the verifier key.
type Proof struct {
	Entry      Entry            `json:"entry"`
	Leaf       string           `json:"leaf"` // the bytes that were hashed
	Hashes     tlog.RecordProof `json:"hashes"`
	Checkpoint string           `json:"checkpoint"` // the signed note
}

// Prove gives the proof of inclusion for the latest entry of an object.
func (l *Log) Prove(id stix.ID) (*Proof, error) {
	n, ok := l.latest[id]
	if !ok {
		return nil, fmt.Errorf("prove %s: %w", id, ErrNoEntry)
	}
	hashes, err := tlog.ProveRecord(l.tree.N, n, tlog.TileHashReader(l.tree, tiles{l.dir}))
	if err != nil {
		return nil, fmt.Errorf("prove %s: %w", id, err)
	}
	msg, err := os.ReadFile(filepath.Join(l.dir, "checkpoint"))
	if err != nil {
		return nil, fmt.Errorf("prove %s: %w", id, err)
	}
	return &Proof{Entry: l.entries[n], Leaf: string(l.lines[n]), Hashes: hashes, Checkpoint: string(msg)}, nil
}
