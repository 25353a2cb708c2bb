package ledger

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"marque/stix"
)

// Sentinels.
var (
	// ErrAltered is a log whose entries are not what was signed.
	ErrAltered = errors.New("the ledger was altered")
	// ErrNoEntry is an object that the ledger does not hold.
	ErrNoEntry = errors.New("no entry in the ledger")
)

// Entry is one leaf: what was judged, exactly which version of it, and when it was entered.
type Entry struct {
	Seq     int64     `json:"seq"` // from 0, the leaf's index
	Time    time.Time `json:"time"`
	Type    string    `json:"type"`
	ID      stix.ID   `json:"id"`
	Version string    `json:"version"` // the object's modified
	Digest  string    `json:"digest"`  // SHA-256 of the object's canonical form (RFC 8785), hexadecimal
}

// Config is how a log is opened. The zero Config works.
type Config struct {
	// Origin names the instance in checkpoints and in the key; letters, digits, dots, dashes and slashes. Default "marque".
	Origin string
	// Now is the clock; default time.Now.
	Now func() time.Time
	// Random is where a new key comes from; default crypto/rand.
	Random io.Reader
}

// Log is an open ledger. It is not safe for concurrent use; one process writes it.
type Log struct {
	dir      string
	now      func() time.Time
	signer   note.Signer
	verifier note.Verifier
	entries  []Entry
	lines    [][]byte // the leaves' bytes, as on disk
	tree     tlog.Tree
	latest   map[stix.ID]int64
}

const tileHeight = 8

// Open opens the ledger in dir, making it (and a key) where there is none. Entries that were written but not yet covered by
// a checkpoint are taken in.
func Open(dir string, cfg Config) (*Log, error) {
	if cfg.Origin == "" {
		cfg.Origin = "marque"
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Random == nil {
		cfg.Random = rand.Reader
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("open ledger: %w", err)
	}
	l := &Log{dir: dir, now: cfg.Now, latest: map[stix.ID]int64{}}
	if err := l.loadKey(cfg); err != nil {
		return nil, fmt.Errorf("open ledger: %w", err)
	}
	if err := l.load(); err != nil {
		return nil, fmt.Errorf("open ledger: %w", err)
	}
	return l, nil
}

func (l *Log) loadKey(cfg Config) error {
	path := filepath.Join(l.dir, "key")
	skey, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		s, v, gerr := note.GenerateKey(cfg.Random, cfg.Origin)
		if gerr != nil {
			return fmt.Errorf("make key for origin %q: %w", cfg.Origin, gerr)
		}
		if err := os.WriteFile(path+".pub", []byte(v+"\n"), 0o644); err != nil {
			return err
		}
		if err := writeAtomic(path, []byte(s+"\n"), 0o600); err != nil {
			return err
		}
		skey, err = []byte(s), nil
	}
	if err != nil {
		return err
	}
	if l.signer, err = note.NewSigner(strings.TrimSpace(string(skey))); err != nil {
		return fmt.Errorf("key %s: %w", path, err)
	}
	pub, err := os.ReadFile(path + ".pub")
	if err != nil {
		return err
	}
	if l.verifier, err = note.NewVerifier(strings.TrimSpace(string(pub))); err != nil {
		return fmt.Errorf("key %s.pub: %w", path, err)
	}
	return nil
}

// load reads entries and the checkpoint, and takes in what a kill left uncovered.
func (l *Log) load() error {
	lines, whole, err := readLines(filepath.Join(l.dir, "entries.jsonl"))
	if err != nil {
		return err
	}
	if err := l.recoverHeads(); err != nil {
		return err
	}
	if int64(len(lines)) < l.tree.N {
		return fmt.Errorf("%d entries were signed, %d are there; restore entries.jsonl from a copy: %w", l.tree.N, len(lines), ErrAltered)
	}
	for i, line := range lines {
		var e Entry
		if err := json.Unmarshal(line, &e); err != nil {
			// Verify names it; here it keeps its place so that the others keep theirs.
			e = Entry{Seq: int64(i)}
		}
		l.remember(e, line)
	}
	if err := os.Truncate(filepath.Join(l.dir, "entries.jsonl"), whole); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if int64(len(l.lines)) > l.tree.N {
		return l.cover()
	}
	return nil
}

func (l *Log) remember(e Entry, line []byte) {
	l.entries = append(l.entries, e)
	l.lines = append(l.lines, line)
	l.latest[e.ID] = int64(len(l.entries) - 1)
}

// Append enters objects that are not in the ledger yet in exactly this version, signs the new head and returns how many
// were new. When it returns, they are durable.
func (l *Log) Append(objects []*stix.Object) (int, error) {
	var out bytes.Buffer
	added := 0
	for _, o := range objects {
		digest, err := o.Digest()
		if err != nil {
			return 0, fmt.Errorf("append to ledger: %w", err)
		}
		if i, ok := l.latest[o.ID]; ok && l.entries[i].Digest == digest {
			continue
		}
		e := Entry{
			Seq: int64(len(l.entries)), Time: l.now().UTC().Truncate(time.Millisecond), Type: o.Type, ID: o.ID,
			Version: o.Version().String(), Digest: digest,
		}
		line, err := json.Marshal(e)
		if err != nil {
			return 0, fmt.Errorf("append to ledger: %w", err)
		}
		out.Write(line)
		out.WriteByte('\n')
		l.remember(e, line)
		added++
	}
	if added == 0 {
		return 0, nil
	}
	if err := appendSync(filepath.Join(l.dir, "entries.jsonl"), out.Bytes()); err != nil {
		return 0, fmt.Errorf("append to ledger: %w", err)
	}
	if err := l.cover(); err != nil {
		return 0, fmt.Errorf("append to ledger: %w", err)
	}
	return added, nil
}

// cover writes the tiles of all entries beyond the tree and signs the new head.
func (l *Log) cover() error {
	fresh := map[int64]tlog.Hash{}
	old := tlog.TileHashReader(l.tree, tiles{l.dir})
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(indexes))
		for i, idx := range indexes {
			h, ok := fresh[idx]
			if !ok {
				hs, err := old.ReadHashes([]int64{idx})
				if err != nil {
					return nil, err
				}
				h = hs[0]
			}
			out[i] = h
		}
		return out, nil
	})
	size := int64(len(l.lines))
	for n := l.tree.N; n < size; n++ {
		hashes, err := tlog.StoredHashes(n, l.lines[n], reader)
		if err != nil {
			return fmt.Errorf("hash entry %d: %w", n, err)
		}
		for i, h := range hashes {
			fresh[tlog.StoredHashIndex(0, n)+int64(i)] = h
		}
	}
	for _, t := range tlog.NewTiles(tileHeight, l.tree.N, size) {
		data, err := tlog.ReadTileData(t, reader)
		if err != nil {
			return fmt.Errorf("tile %s: %w", t.Path(), err)
		}
		path := filepath.Join(l.dir, filepath.FromSlash(t.Path()))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := writeAtomic(path, data, 0o644); err != nil {
			return err
		}
	}
	hash, err := tlog.TreeHash(size, reader)
	if err != nil {
		return fmt.Errorf("tree of %d entries: %w", size, err)
	}
	return l.sign(tlog.Tree{N: size, Hash: hash})
}

func (l *Log) sign(t tlog.Tree) error {
	text := fmt.Sprintf("%s\n%d\n%s\n", l.signer.Name(), t.N, base64.StdEncoding.EncodeToString(t.Hash[:]))
	msg, err := note.Sign(&note.Note{Text: text}, l.signer)
	if err != nil {
		return fmt.Errorf("sign checkpoint: %w", err)
	}
	if err := appendSync(filepath.Join(l.dir, "checkpoints"), append(msg, '\n')); err != nil {
		return err
	}
	if err := writeAtomic(filepath.Join(l.dir, "checkpoint"), msg, 0o644); err != nil {
		return err
	}
	l.tree = t
	return nil
}

// recoverHeads takes the last signed head of the history as the tree. A kill may have left half a note behind it, or the
// newest checkpoint one head behind: both are mended.
func (l *Log) recoverHeads() error {
	path := filepath.Join(l.dir, "checkpoints")
	all, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	notes, whole := splitNotes(all)
	if whole < len(all) {
		if err := os.Truncate(path, int64(whole)); err != nil {
			return err
		}
	}
	if len(notes) == 0 {
		return nil
	}
	last := notes[len(notes)-1]
	if l.tree, err = openCheckpoint(last, l.verifier); err != nil {
		return err
	}
	if newest, err := l.readCheckpoint(); err == nil && newest == l.tree {
		return nil
	}
	return writeAtomic(filepath.Join(l.dir, "checkpoint"), last, 0o644)
}

func (l *Log) readCheckpoint() (tlog.Tree, error) {
	msg, err := os.ReadFile(filepath.Join(l.dir, "checkpoint"))
	if errors.Is(err, os.ErrNotExist) {
		return tlog.Tree{}, nil
	}
	if err != nil {
		return tlog.Tree{}, err
	}
	return openCheckpoint(msg, l.verifier)
}

// openCheckpoint checks the signature and reads origin, size and hash.
func openCheckpoint(msg []byte, v note.Verifier) (tlog.Tree, error) {
	n, err := note.Open(msg, note.VerifierList(v))
	if err != nil {
		return tlog.Tree{}, fmt.Errorf("checkpoint: signature of %s: %w: %w", v.Name(), err, ErrAltered)
	}
	parts := strings.Split(n.Text, "\n")
	if len(parts) < 4 || parts[0] != v.Name() {
		return tlog.Tree{}, fmt.Errorf("checkpoint: want origin %s, size and hash: %w", v.Name(), ErrAltered)
	}
	size, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil || size < 0 {
		return tlog.Tree{}, fmt.Errorf("checkpoint: size %q: %w", parts[1], ErrAltered)
	}
	hash, err := tlog.ParseHash(parts[2])
	if err != nil {
		return tlog.Tree{}, fmt.Errorf("checkpoint: hash %q: %w", parts[2], ErrAltered)
	}
	return tlog.Tree{N: size, Hash: hash}, nil
}

// Size is how many entries the ledger holds.
func (l *Log) Size() int64 { return int64(len(l.entries)) }

// Entries are all entries, oldest first. The caller must not change them.
func (l *Log) Entries() []Entry { return l.entries }

// Key is the verifier key of the instance, the one that allies need to check its checkpoints.
func (l *Log) Key() string {
	b, err := os.ReadFile(filepath.Join(l.dir, "key.pub"))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

// readLines splits a file into its finished lines and tells how many bytes they take.
func readLines(path string) (lines [][]byte, whole int64, err error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	r := bufio.NewReader(f)
	for {
		line, err := r.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return lines, whole, nil
		}
		if err != nil {
			return nil, 0, err
		}
		whole += int64(len(line))
		lines = append(lines, bytes.TrimSuffix(line, []byte("\n")))
	}
}

func appendSync(path string, data []byte) (err error) {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := f.Write(data); err != nil {
		return err
	}
	return f.Sync()
}

func writeAtomic(path string, data []byte, mode os.FileMode) error {
	tmp := path + ".tmp"
	f, err := os.OpenFile(tmp, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	if _, err := f.Write(data); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(tmp, path)
}

// tiles reads hash tiles from disk for tlog. A tile that grew since is read from its wider file.
type tiles struct{ dir string }

func (tiles) Height() int { return tileHeight }

func (t tiles) ReadTiles(ts []tlog.Tile) ([][]byte, error) {
	out := make([][]byte, len(ts))
	for i, tile := range ts {
		data, err := t.read(tile)
		if err != nil {
			return nil, fmt.Errorf("tile %s: %w", tile.Path(), err)
		}
		out[i] = data
	}
	return out, nil
}

func (t tiles) read(tile tlog.Tile) ([]byte, error) {
	want := tile.W * tlog.HashSize
	for w := tile.W; w <= 1<<tileHeight; w++ {
		tile.W = w
		data, err := os.ReadFile(filepath.Join(t.dir, filepath.FromSlash(tile.Path())))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if len(data) < want {
			return nil, fmt.Errorf("%d bytes, want %d: %w", len(data), want, ErrAltered)
		}
		return data[:want], nil
	}
	return nil, fmt.Errorf("missing: %w", ErrAltered)
}

func (tiles) SaveTiles([]tlog.Tile, [][]byte) {}
