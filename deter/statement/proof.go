package statement

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"

	"filippo.io/torchwood"
	"github.com/go-json-experiment/json"
	"golang.org/x/mod/sumdb/tlog"

	"marque/ledger/witness"
	"marque/stix"
)

// Proof shows that a log holds an envelope.
type Proof struct {
	// Entry is the leaf where the log enters what it holds by its digest, as Marque's ledger does: JSON with the member digest, which
	// is that of the envelope's [Carrier]. Nil: the leaf is the envelope in canonical form.
	Entry      []byte
	Index      int64
	Hashes     tlog.RecordProof
	Checkpoint []byte
}

// Bytes is the proof as a file (C2SP tlog-proof).
func (p *Proof) Bytes() []byte {
	if p.Entry != nil {
		return torchwood.FormatProofWithExtraData(p.Index, p.Entry, p.Hashes, p.Checkpoint)
	}
	return torchwood.FormatProof(p.Index, p.Hashes, p.Checkpoint)
}

const (
	proofHeader = "c2sp.org/tlog-proof@v1"
	maxHashes   = 63 // no tree is deeper
)

// ParseProof reads a file (C2SP tlog-proof). The bytes of the checkpoint are taken as they are, because signatures are on bytes.
// Errors wrap ErrForm.
func ParseProof(data []byte) (*Proof, error) {
	if len(data) > maxDocument {
		return nil, fmt.Errorf("proof: %d bytes, at most %d: %w", len(data), maxDocument, ErrForm)
	}
	head, checkpoint, ok := strings.Cut(string(data), "\n\n")
	lines := strings.Split(head, "\n")
	if !ok || lines[0] != proofHeader {
		return nil, fmt.Errorf("proof: want %s, an index, hashes, an empty line and a checkpoint: %w", proofHeader, ErrForm)
	}
	p := &Proof{Checkpoint: []byte(checkpoint)}
	var err error
	rest := lines[1:]
	if len(rest) > 0 && strings.HasPrefix(rest[0], "extra ") {
		if p.Entry, err = decodeBase64(rest[0][len("extra "):]); err != nil {
			return nil, fmt.Errorf("proof: extra: %w", err)
		}
		rest = rest[1:]
	}
	if len(rest) == 0 || len(rest) > 1+maxHashes {
		return nil, fmt.Errorf("proof: want an index and at most %d hashes: %w", maxHashes, ErrForm)
	}
	index, ok := strings.CutPrefix(rest[0], "index ")
	if p.Index, err = strconv.ParseInt(index, 10, 64); !ok || err != nil || p.Index < 0 || strconv.FormatInt(p.Index, 10) != index {
		return nil, fmt.Errorf("proof: %.40q: want index and a whole number: %w", rest[0], ErrForm)
	}
	for i, line := range rest[1:] {
		h, err := decodeBase64(line)
		if err != nil || len(h) != tlog.HashSize {
			return nil, fmt.Errorf("proof: hash %d: want %d bytes in base64: %w", i+1, tlog.HashSize, ErrForm)
		}
		p.Hashes = append(p.Hashes, tlog.Hash(h))
	}
	return p, nil
}

// Carrier is an envelope as a STIX artifact: what a store keeps and a ledger enters. The same envelope always gives the same object.
func Carrier(e *Envelope) (*stix.Object, error) {
	content := base64.StdEncoding.EncodeToString(e.Canonical())
	id, _ := stix.ObservableID("artifact", map[string]any{"payload_bin": content})
	return stix.New(map[string]any{
		"type": "artifact", "spec_version": "2.1", "id": id, "mime_type": "application/vnd.dsse.envelope.v1+json", "payload_bin": content,
	})
}

// Entered is where a log holds an envelope.
type Entered struct {
	Log       string
	Index     int64
	Tree      tlog.Tree
	Witnesses []witness.Cosignature
	// Witnessed is when a quorum of witnesses had seen it; zero where the policy asks for none.
	Witnessed time.Time
}

// Seen are the newest trees that the reader saw of each log, by origin.
type Seen map[string]tlog.Tree

// verify checks a proof that a trusted log holds an envelope, and that the log was not rolled back since it was seen.
func (p *Proof) verify(e *Envelope, logs map[string]*witness.Policy, seen Seen, now time.Time) (*Entered, error) {
	origin, _, _ := strings.Cut(string(p.Checkpoint), "\n")
	policy, ok := logs[origin]
	if !ok {
		return nil, fmt.Errorf("log %.80q is none of those that count: %w", origin, ErrNotEntered)
	}
	head, err := policy.Open(p.Checkpoint, now)
	if err != nil {
		return nil, fmt.Errorf("log %s: %w: %w", origin, err, ErrNotEntered)
	}
	if err := seen.check(head); err != nil {
		return nil, fmt.Errorf("log %s: %w: %w", origin, err, ErrNotEntered)
	}
	leaf, err := p.leaf(e)
	if err != nil {
		return nil, fmt.Errorf("log %s: %w", origin, err)
	}
	if p.Index < 0 || p.Index >= head.N {
		return nil, fmt.Errorf("log %s: entry %d of %d: %w", origin, p.Index, head.N, ErrNotEntered)
	}
	if err := tlog.CheckRecord(p.Hashes, head.N, head.Hash, p.Index, tlog.RecordHash(leaf)); err != nil {
		return nil, fmt.Errorf("log %s: entry %d is not this envelope: %w: %w", origin, p.Index, err, ErrNotEntered)
	}
	return &Entered{Log: origin, Index: p.Index, Tree: head.Tree, Witnesses: head.Cosigned, Witnessed: head.Witnessed}, nil
}

// leaf is the log's leaf for an envelope.
func (p *Proof) leaf(e *Envelope) ([]byte, error) {
	if p.Entry == nil {
		return e.Canonical(), nil
	}
	var entry struct {
		Digest string `json:"digest"`
	}
	if err := json.Unmarshal(p.Entry, &entry); err != nil {
		return nil, fmt.Errorf("entry: %w: %w", err, ErrForm)
	}
	carrier, err := Carrier(e)
	if err != nil {
		return nil, err
	}
	want, err := carrier.Digest()
	if err != nil {
		return nil, err
	}
	if entry.Digest != want {
		return nil, fmt.Errorf("entry of another object: digest %.64q, want %s: %w", entry.Digest, want, ErrNotEntered)
	}
	return p.Entry, nil
}

// check compares a head with what was seen before. That a larger tree continues it is the witnesses' word; without one it needs a
// proof, which files do not carry.
func (s Seen) check(head *witness.Head) error {
	before, ok := s[head.Origin]
	if !ok {
		return nil
	}
	if head.N > before.N {
		if head.Witnessed.IsZero() {
			return fmt.Errorf("it grew from %d to %d entries, and no witness says that it continues", before.N, head.N)
		}
		return nil
	}
	return witness.Continues(before, head.Tree, nil)
}
