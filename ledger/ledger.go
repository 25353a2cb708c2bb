package ledger

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"marque/internal/durable"
	"marque/internal/lock"
	"marque/stix"
)

// Config is how a log is opened. The zero Config works.
type Config struct {
	// Origin names the instance in checkpoints and in the key; letters, digits, dots, dashes and slashes. Default "marque".
	Origin string
	// Now is the clock; default time.Now.
	Now func() time.Time
	// Random is where a new key comes from; default crypto/rand.
	Random io.Reader
	// Wait is how long to wait for another process that writes; default 10 s.
	Wait time.Duration
	// Heads are heads kept elsewhere. A ledger that does not continue them is not opened for writing, and none is made in its place.
	Heads []KnownHead
	// FS is where the ledger lies; default durable.OS, on which processes lock each other out. Any other is this process's own.
	FS durable.FS
}

func (c Config) withDefaults() Config {
	if c.Origin == "" {
		c.Origin = "marque"
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Random == nil {
		c.Random = rand.Reader
	}
	if c.Wait == 0 {
		c.Wait = 10 * time.Second
	}
	if c.FS == nil {
		c.FS = durable.OS
	}
	return c
}

// Log is an open ledger. It is safe for concurrent use. One that was opened for writing keeps other writers out until it is closed.
type Log struct {
	dir string
	cfg Config

	mu     sync.Mutex
	lock   *lock.Lock // nil where nobody else can be there
	write  bool
	stale  bool // a fault: what the files hold must be read again
	closed bool
	key    signingKey
	state  *state
	latest map[stix.ID]int64
}

const tileHeight = 8

// Open opens the ledger in dir for writing, making it, and a key, where there is none at all. A batch that a kill left on its way is brought
// to its end. Errors: lock.ErrLocked when another process still writes after Config.Wait, ErrNoKey, an AlteredError.
func Open(ctx context.Context, dir string, cfg Config) (*Log, error) {
	l := &Log{dir: dir, cfg: cfg.withDefaults(), write: true}
	if err := l.open(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open ledger %s: %w", dir, err), l.unlock())
	}
	return l, nil
}

func (l *Log) open(ctx context.Context) error {
	if err := durable.MkdirAll(l.cfg.FS, l.dir, 0o755); err != nil {
		return err
	}
	if l.cfg.FS == durable.OS {
		ctx, cancel := context.WithTimeout(ctx, l.cfg.Wait)
		defer cancel()
		var err error
		if l.lock, err = lock.Exclusive(ctx, filepath.Join(l.dir, lockFile)); err != nil {
			return err
		}
	}
	if err := l.load(); err != nil {
		return err
	}
	var found findings
	for _, known := range l.cfg.Heads {
		l.state.checkKnown(known, &found)
	}
	return found.err()
}

// OpenReader opens the ledger in dir as it stands now, for reading alone. It writes nothing, and needs no private key. Errors: fs.ErrNotExist
// where there is no ledger, an AlteredError.
func OpenReader(ctx context.Context, dir string, cfg Config) (*Log, error) {
	l := &Log{dir: dir, cfg: cfg.withDefaults()}
	s, found, err := readState(ctx, l.cfg, dir)
	if err == nil {
		err = found.err()
	}
	if err != nil {
		return nil, fmt.Errorf("read ledger %s: %w", dir, err)
	}
	l.take(s)
	return l, nil
}

// readState reads and examines a ledger. It returns fs.ErrNotExist where there is none.
func readState(ctx context.Context, cfg Config, dir string) (*state, findings, error) {
	c, err := readQuietly(ctx, cfg, dir)
	if err != nil {
		return nil, nil, err
	}
	if c.blank() {
		return nil, nil, fmt.Errorf("no ledger in %s: %w", dir, fs.ErrNotExist)
	}
	s, b, found := examine(c)
	if b != nil {
		if s, err = s.with(b); err != nil {
			return nil, nil, err
		}
	}
	return s, found, nil
}

// readQuietly reads the files as they stood at one moment: it reads them until they are twice the same. It takes no lock, so it does not
// wait for who has the ledger open, and works where nothing can be written.
func readQuietly(ctx context.Context, cfg Config, dir string) (contents, error) {
	c, err := readContents(cfg.FS, dir)
	for err == nil {
		if err := ctx.Err(); err != nil {
			return contents{}, err
		}
		var again contents
		if again, err = readContents(cfg.FS, dir); err == nil && again.equal(c) {
			return c, nil
		}
		c = again
	}
	return contents{}, err
}

// load reads the files, mends what a kill left, and takes the key.
func (l *Log) load() error {
	fsys := l.cfg.FS
	c, err := readContents(fsys, l.dir)
	if err != nil {
		return err
	}
	path := filepath.Join(l.dir, keyFile)
	l.key, err = readKey(fsys, path)
	if errors.Is(err, fs.ErrNotExist) {
		if c.blank() && len(l.cfg.Heads) > 0 {
			return noLedger(l.dir).err()
		}
		if !c.blank() {
			return fmt.Errorf("%w: restore %s from a copy; marque verify goes on without it", ErrNoKey, path)
		}
		if l.key, err = newKey(l.cfg.Random, l.cfg.Origin); err == nil {
			err = durable.WriteFile(fsys, path, []byte(l.key.private+"\n"), 0o600)
		}
	}
	if err != nil {
		return err
	}
	lost := c.pub == nil // it can be told from the private key, if that is the one that signed
	if lost {
		c.pub = []byte(l.key.public + "\n")
	}
	s, b, found := examine(c)
	if err := found.err(); err != nil {
		return err
	}
	if lost {
		if err := durable.WriteFile(fsys, path+pubSuffix, c.pub, 0o644); err != nil {
			return err
		}
	}
	if b != nil {
		s, err = l.resume(s, b)
	} else {
		err = l.dropNextKey()
	}
	if err != nil {
		return err
	}
	if err := l.checkKey(s); err != nil {
		return err
	}
	l.take(s)
	l.stale = false
	return nil
}

// resume brings a batch to its end that a kill or a fault left on its way. It writes everything again: what a sync that failed left may be
// seen and still not be on the disk.
func (l *Log) resume(s *state, b *batch) (*state, error) {
	entries, history := s.bytes()
	steps := []func() error{
		func() error { return l.writePending(b) },
		func() error { return durable.Truncate(l.cfg.FS, filepath.Join(l.dir, entriesFile), entries) },
		func() error { return durable.Truncate(l.cfg.FS, filepath.Join(l.dir, historyFile), history) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return nil, err
		}
	}
	grown, err := l.arrive(s, b)
	if err == nil {
		l.key, err = readKey(l.cfg.FS, filepath.Join(l.dir, keyFile))
	}
	return grown, err
}

// dropNextKey removes the key of a change that a kill cut off before anything named it.
func (l *Log) dropNextKey() error {
	path := filepath.Join(l.dir, keyFile+nextSuffix)
	if _, err := durable.ReadFile(l.cfg.FS, path); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return durable.Remove(l.cfg.FS, path)
}

// checkKey holds the private key against the one that the log names.
func (l *Log) checkKey(s *state) error {
	if l.key.public != s.keys.newest() {
		return fmt.Errorf("%w: %s is not the key that signs this ledger; restore it from a copy", ErrNoKey, filepath.Join(l.dir, keyFile))
	}
	return nil
}

func (l *Log) take(s *state) {
	from := len(s.entries)
	if l.latest == nil || l.stale {
		l.latest, from = map[stix.ID]int64{}, 0
	} else if l.state != nil {
		from = len(l.state.entries)
	}
	for i, e := range s.entries[from:] {
		l.latest[e.ID] = int64(from + i)
	}
	l.state = s
}

// ready is what each method that writes begins with: after a fault it reads the files again.
func (l *Log) ready() error {
	switch {
	case l.closed:
		return ErrClosed
	case !l.write:
		return ErrReadOnly
	case l.stale:
		return l.load()
	}
	return nil
}

// Append enters objects that are not in the ledger yet in exactly this version, signs the new head and returns how many
// were new. When it returns nil, they are durable; after an error they may be in the ledger or not, all of them, and the same call does no
// harm.
func (l *Log) Append(objects []*stix.Object) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.ready(); err != nil {
		return 0, fmt.Errorf("append to ledger: %w", err)
	}
	entries, lines, err := l.fresh(objects)
	if err == nil && len(entries) > 0 {
		err = l.enter(entries, lines, l.key.signer)
	}
	if err != nil {
		return 0, fmt.Errorf("append to ledger: %w", err)
	}
	return len(entries), nil
}

// fresh makes entries of the objects that are not in the ledger.
func (l *Log) fresh(objects []*stix.Object) (entries []Entry, lines [][]byte, err error) {
	digests := map[stix.ID]string{} // of this batch
	for _, o := range objects {
		digest, err := o.Digest()
		if err != nil {
			return nil, nil, err
		}
		if i, ok := l.latest[o.ID]; digests[o.ID] == digest || digests[o.ID] == "" && ok && l.state.entries[i].Digest == digest {
			continue
		}
		digests[o.ID] = digest
		e := l.entry(len(entries), o.Type)
		e.ID, e.Version, e.Digest = o.ID, o.Version().String(), digest
		line, err := json.Marshal(e)
		if err != nil {
			return nil, nil, err
		}
		entries, lines = append(entries, e), append(lines, line)
	}
	return entries, lines, nil
}

// entry begins the entry that is i-th behind the last.
func (l *Log) entry(i int, typ string) Entry {
	return Entry{Seq: int64(len(l.state.entries) + i), Time: l.cfg.Now().UTC().Truncate(time.Millisecond), Type: typ}
}

// enter signs entries, writes them and then knows them.
func (l *Log) enter(entries []Entry, lines [][]byte, signers ...note.Signer) error {
	b, err := l.state.seal(entries, lines, signers...)
	if err != nil {
		return err
	}
	l.stale = true // until it has arrived
	if err := l.writePending(b); err != nil {
		return err
	}
	s, err := l.arrive(l.state, b)
	if err != nil {
		return err
	}
	l.stale = false
	l.take(s)
	return nil
}

// writePending is the moment from which a batch counts.
func (l *Log) writePending(b *batch) error {
	return durable.WriteFile(l.cfg.FS, filepath.Join(l.dir, pendingFile), b.encode(), 0o644)
}

// arrive copies a batch from pending to where it belongs. Each step can be done again.
func (l *Log) arrive(s *state, b *batch) (*state, error) {
	fsys := l.cfg.FS
	grown, err := s.with(b)
	if err != nil {
		return nil, err
	}
	if err := durable.Append(fsys, filepath.Join(l.dir, entriesFile), b.encodeEntries(), 0o644); err != nil {
		return nil, err
	}
	for _, t := range tlog.NewTiles(tileHeight, s.tree().N, b.head.tree.N) {
		if err := writeTile(fsys, l.dir, t, &grown.hashes); err != nil {
			return nil, err
		}
	}
	if err := durable.Append(fsys, filepath.Join(l.dir, historyFile), b.encodeHead(), 0o644); err != nil {
		return nil, err
	}
	if err := durable.WriteFile(fsys, filepath.Join(l.dir, newestFile), b.head.note, 0o644); err != nil {
		return nil, err
	}
	for _, e := range b.entries {
		if e.Keys != nil {
			if err := takeKey(fsys, l.dir, e.Keys); err != nil {
				return nil, err
			}
		}
	}
	return grown, durable.Remove(fsys, filepath.Join(l.dir, pendingFile))
}

// Close lets other writers in. What was appended is durable already.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	return l.unlock()
}

func (l *Log) unlock() error {
	if l.lock == nil {
		return nil
	}
	held := l.lock
	l.lock = nil
	return held.Close()
}

// Size is how many entries the ledger holds.
func (l *Log) Size() int64 { return int64(len(l.Entries())) }

// Entries are all entries, oldest first. The caller must not change them.
func (l *Log) Entries() []Entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.state.entries
}

// Key is the verifier key of the instance, the one that allies need to check its checkpoints.
func (l *Log) Key() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.state.keys.newest()
}

// Head is the newest signed head, as in the file checkpoint; nil where nothing was signed yet. A copy of it kept elsewhere shows later whether
// the ledger was cut back (Options.Heads, Log.Continues).
func (l *Log) Head() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := len(l.state.heads); n > 0 {
		return l.state.heads[n-1].note
	}
	return nil
}

// noLedger is the finding where there must be a ledger.
func noLedger(dir string) *findings {
	var found findings
	found.add(KindMissing, -1, "there is no ledger in %s; restore it from a copy", dir)
	return &found
}

// Continues checks that the ledger holds everything that a head kept elsewhere is of. Whoever is about to add to a ledger asks first: to add to one
// that was cut back would cover the traces. It returns an AlteredError, or nil.
func (l *Log) Continues(known KnownHead) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var found findings
	l.state.checkKnown(known, &found)
	return found.err()
}
