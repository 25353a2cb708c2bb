package witness

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Why a witness refuses.
var (
	// ErrUnknownLog is a head of a log that the witness does not watch.
	ErrUnknownLog = errors.New("the witness does not watch this log")
	// ErrNotSigned is a head without a signature of its log.
	ErrNotSigned = errors.New("the head is not signed by its log")
)

// ConflictError says that the witness remembers another head than the one from which a request starts.
type ConflictError struct {
	Size int64 // of the newest head that the witness cosigned
}

func (e *ConflictError) Error() string {
	return fmt.Sprintf("the witness has cosigned a head of %d entries, and the request does not start from it", e.Size)
}

// State remembers the newest cosigned head of each log.
type State interface {
	// Latest is the newest head; the zero tree where none was cosigned.
	Latest(ctx context.Context, origin string) (tlog.Tree, error)
	// Keep replaces the newest head. When it returns nil, the head MUST be durable.
	Keep(ctx context.Context, origin string, head tlog.Tree) error
}

// Setup is what makes a witness.
type Setup struct {
	Name  string        // a URL without its scheme, such as witness.example/a
	Key   crypto.Signer // Ed25519; used for nothing else
	Logs  []string      // verifier keys of the logs that it watches; several keys of one name are keys of one log
	State State
	Now   func() time.Time // default time.Now
}

// Witness cosigns heads. It is safe for concurrent use; only one Witness may use a State.
type Witness struct {
	name  string
	key   crypto.Signer
	hash  uint32
	logs  map[string][]note.Verifier
	state State
	now   func() time.Time

	mu sync.Mutex // between looking at the newest head and keeping the next
}

// cosignatureType is the type of a timestamped Ed25519 cosignature in keys and key ids.
const cosignatureType = 4

// New makes a witness.
func New(s Setup) (*Witness, error) {
	public, ok := s.Key.Public().(ed25519.PublicKey)
	if !ok {
		return nil, fmt.Errorf("key of witness %s: want Ed25519", s.Name)
	}
	if s.State == nil {
		return nil, fmt.Errorf("witness %s: no state: a witness that forgets is none", s.Name)
	}
	w := &Witness{name: s.Name, key: s.Key, hash: keyHash(s.Name, public), logs: map[string][]note.Verifier{}, state: s.State, now: s.Now}
	if w.now == nil {
		w.now = time.Now
	}
	if _, err := torchwood.NewCosignatureVerifier(w.VerifierKey()); err != nil {
		return nil, fmt.Errorf("witness %q: want a name without spaces and plus signs: %w", s.Name, err)
	}
	for _, vkey := range s.Logs {
		v, err := note.NewVerifier(vkey)
		if err != nil {
			return nil, fmt.Errorf("key of a log %.80q: %w", vkey, err)
		}
		w.logs[v.Name()] = append(w.logs[v.Name()], v)
	}
	return w, nil
}

func keyHash(name string, public ed25519.PublicKey) uint32 {
	sum := sha256.Sum256(append(append([]byte(name+"\n"), cosignatureType), public...))
	return binary.BigEndian.Uint32(sum[:])
}

// VerifierKey is the key by which others check the witness's cosignatures.
func (w *Witness) VerifierKey() string {
	public, _ := w.key.Public().(ed25519.PublicKey)
	return fmt.Sprintf("%s+%08x+%s", w.name, w.hash, base64.StdEncoding.EncodeToString(append([]byte{cosignatureType}, public...)))
}

// Add checks that a head continues what the witness remembers of its log, remembers it, and returns the line of its cosignature. It
// refuses with ErrUnknownLog, ErrNotSigned, ErrRequest, ErrSplitView or a ConflictError.
func (w *Witness) Add(ctx context.Context, r *Request) ([]byte, error) {
	origin, _, _ := strings.Cut(string(r.Checkpoint), "\n")
	keys := w.logs[origin]
	if keys == nil {
		return nil, fmt.Errorf("origin %.80q: %w", origin, ErrUnknownLog)
	}
	n, err := note.Open(r.Checkpoint, note.VerifierList(keys...))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", err, ErrNotSigned)
	}
	c, err := torchwood.ParseCheckpoint(n.Text)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w: %w", err, ErrRequest)
	}
	if r.Old > c.N {
		return nil, fmt.Errorf("old size %d is larger than the head's %d: %w", r.Old, c.N, ErrRequest)
	}
	if c.N == 0 && c.Hash != emptyTree {
		return nil, fmt.Errorf("an empty tree with the hash of another: %w", ErrSplitView)
	}
	if err := w.advance(ctx, origin, r, c.Tree); err != nil {
		return nil, err
	}
	return w.cosign(n.Text)
}

// advance remembers a head that continues the newest one.
func (w *Witness) advance(ctx context.Context, origin string, r *Request, head tlog.Tree) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	latest, err := w.state.Latest(ctx, origin)
	if err != nil {
		return fmt.Errorf("newest head of %s: %w", origin, err)
	}
	if latest.N != r.Old || (latest.N == head.N && latest.N > 0 && latest.Hash != head.Hash) {
		return &ConflictError{Size: latest.N}
	}
	if err := Continues(latest, head, r.Proof); err != nil {
		return err
	}
	if latest == head {
		return nil // cosigned again, with the time of today
	}
	if err := w.state.Keep(ctx, origin, head); err != nil {
		return fmt.Errorf("keep the head of %s: %w", origin, err)
	}
	return nil
}

// cosign signs the text of a head as tlog-cosignature says.
func (w *Witness) cosign(text string) ([]byte, error) {
	at := w.now().Unix()
	if at < 0 {
		return nil, fmt.Errorf("the clock says %d seconds before 1970", -at)
	}
	sig, err := w.key.Sign(rand.Reader, fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s", at, text), crypto.Hash(0))
	if err != nil {
		return nil, fmt.Errorf("cosign: %w", err)
	}
	line := binary.BigEndian.AppendUint32(nil, w.hash)
	line = binary.BigEndian.AppendUint64(line, uint64(at))
	return fmt.Appendf(nil, "\u2014 %s %s\n", w.name, base64.StdEncoding.EncodeToString(append(line, sig...))), nil
}
