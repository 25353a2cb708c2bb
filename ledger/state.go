package ledger

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"marque/internal/durable"
)

// Names in the ledger's folder.
const (
	keyFile     = "key"
	pubSuffix   = ".pub"
	nextSuffix  = ".next"
	entriesFile = "entries.jsonl"
	historyFile = "checkpoints"
	newestFile  = "checkpoint"
	pendingFile = "pending"
	lockFile    = "lock"
)

// contents are the ledger's files as they stand on the disk; nil where one is missing.
type contents struct{ entries, history, newest, pending, pub []byte }

func readContents(fsys durable.FS, dir string) (contents, error) {
	var c contents
	for name, to := range map[string]*[]byte{
		entriesFile: &c.entries, historyFile: &c.history, newestFile: &c.newest, pendingFile: &c.pending, keyFile + pubSuffix: &c.pub,
	} {
		data, err := durable.ReadFile(fsys, filepath.Join(dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return contents{}, err
		}
		*to = append([]byte{}, data...) // not nil: it is there
	}
	return c, nil
}

// blank tells whether there is no ledger at all.
func (c contents) blank() bool {
	return c.entries == nil && c.history == nil && c.newest == nil && c.pending == nil && c.pub == nil
}

func (c contents) equal(d contents) bool {
	same := func(x, y []byte) bool { return bytes.Equal(x, y) && (x == nil) == (y == nil) }
	return same(c.entries, d.entries) && same(c.history, d.history) && same(c.newest, d.newest) && same(c.pending, d.pending) && same(c.pub, d.pub)
}

// state is a ledger as its files tell it.
type state struct {
	entries []Entry // zero where the line is damaged
	lines   [][]byte
	hashes  storedHashes
	heads   []head
	keys    keychain
	proven  int64 // so many entries are what the heads say
}

// tree is the newest signed tree.
func (s *state) tree() tlog.Tree {
	if len(s.heads) == 0 {
		return tlog.Tree{}
	}
	return s.heads[len(s.heads)-1].tree
}

// bytes are the lengths of entries.jsonl and of the history.
func (s *state) bytes() (entries, history int64) {
	for _, l := range s.lines {
		entries += int64(len(l)) + 1
	}
	for _, h := range s.heads {
		history += int64(len(h.note)) + 1
	}
	return entries, history
}

// hash adds the hashes of the lines from one on.
func (s *state) hash(from int) error {
	for n := int64(from); n < int64(len(s.lines)); n++ {
		hs, err := tlog.StoredHashes(n, s.lines[n], &s.hashes)
		if err != nil {
			return fmt.Errorf("hash entry %d: %w", n, err)
		}
		s.hashes = append(s.hashes, hs...)
	}
	return nil
}

// with is the state with a batch behind it. It shares memory with s, which stays as it was.
func (s *state) with(b *batch) (*state, error) {
	out := &state{
		entries: append(slices.Clip(s.entries), b.entries...),
		lines:   append(slices.Clip(s.lines), b.lines...),
		hashes:  slices.Clip(s.hashes),
		heads:   append(slices.Clip(s.heads), b.head),
		keys:    slices.Clip(s.keys),
		proven:  b.head.tree.N,
	}
	if err := out.hash(len(s.lines)); err != nil {
		return nil, err
	}
	for _, e := range b.entries {
		if e.Keys == nil {
			continue
		}
		if e.Keys.Old != out.keys.newest() {
			return nil, errors.New("the change of keys does not begin with the key that signs")
		}
		var err error
		if out.keys, err = out.keys.add(e.Seq+1, e.Keys.New); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// batch is what one call enters: entries, and the head that signs them.
type batch struct {
	entries []Entry
	lines   [][]byte
	head    head
}

// base is how many entries stand before it.
func (b *batch) base() int64 { return b.head.tree.N - int64(len(b.lines)) }

func (b *batch) encodeEntries() []byte { return append(bytes.Join(b.lines, []byte("\n")), '\n') }

func (b *batch) encodeHead() []byte { return append(bytes.Clone(b.head.note), '\n') }

// encode is the form of the file pending: the head as in the history, and the entries as in entries.jsonl.
func (b *batch) encode() []byte { return append(b.encodeHead(), b.encodeEntries()...) }

// parseBatch reads what encode wrote. Who signed it is not asked.
func parseBatch(data []byte) (*batch, error) {
	notes, _ := splitNotes(data)
	if len(notes) == 0 {
		return nil, errors.New("no signed head")
	}
	_, tree, err := parseHead(notes[0])
	if err != nil {
		return nil, err
	}
	lines, rest := wholeLines(data[len(notes[0])+1:])
	if len(rest) > 0 || len(lines) == 0 || int64(len(lines)) > tree.N {
		return nil, fmt.Errorf("%d entries under a head of %d", len(lines), tree.N)
	}
	b := &batch{lines: lines, head: head{tree, notes[0]}}
	for i, line := range lines {
		e, err := parseEntry(line, b.base()+int64(i))
		if err != nil {
			return nil, fmt.Errorf("entry %d: %w", b.base()+int64(i), err)
		}
		b.entries = append(b.entries, e)
	}
	return b, nil
}

// seal signs entries as the next batch.
func (s *state) seal(entries []Entry, lines [][]byte, signers ...note.Signer) (*batch, error) {
	b := &batch{entries: entries, lines: lines}
	grown, err := s.with(b)
	if err != nil {
		return nil, err
	}
	size := int64(len(grown.lines))
	hash, err := tlog.TreeHash(size, &grown.hashes)
	if err != nil {
		return nil, fmt.Errorf("tree of %d entries: %w", size, err)
	}
	b.head, err = signHead(tlog.Tree{N: size, Hash: hash}, signers...)
	return b, err
}

// storedHashes are all hashes of a tree in the order of tlog.StoredHashes.
type storedHashes []tlog.Hash

// ReadHashes implements tlog.HashReader.
func (m *storedHashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, idx := range indexes {
		if idx < 0 || idx >= int64(len(*m)) {
			return nil, fmt.Errorf("hash %d of %d", idx, len(*m))
		}
		out[i] = (*m)[idx]
	}
	return out, nil
}
