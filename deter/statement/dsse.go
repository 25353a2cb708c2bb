package statement

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Sentinels: why a document is refused, or a statement does not hold.
var (
	// ErrForm is a document that is not in its form.
	ErrForm = errors.New("not in the form that is asked for")
	// ErrDigest is a text that is not the one that was signed.
	ErrDigest = errors.New("not the text that was signed")
	// ErrRestricted is a text that holds what may not be published.
	ErrRestricted = errors.New("holds what may not be published")
	// ErrSignatures is a statement behind which too few states stand.
	ErrSignatures = errors.New("too few states stand behind it")
	// ErrNotEntered is a statement that is not shown to be in a log.
	ErrNotEntered = errors.New("not shown to be in a log")
)

// PayloadType is the type of all payloads but that of a directory.
const PayloadType = "application/vnd.in-toto+json"

// Limits of what is read.
const (
	maxDocument   = 4 << 20
	maxSignatures = 256
)

// Envelope is a DSSE envelope: a payload, what it is, and signatures over both. It does not change.
type Envelope struct {
	PayloadType string
	Payload     []byte
	Signatures  []Signature

	canonical []byte
}

// Signature is one signature. Its key id is a hint and proves nothing.
type Signature struct {
	KeyID string
	Sig   []byte
}

// wire is an envelope as JSON.
type wire struct {
	Payload     string          `json:"payload"`
	PayloadType string          `json:"payloadType"`
	Signatures  []wireSignature `json:"signatures"`
}

type wireSignature struct {
	KeyID string `json:"keyid,omitzero"`
	Sig   string `json:"sig"`
}

// NewEnvelope is an envelope that nobody has signed yet.
func NewEnvelope(payloadType string, payload []byte) (*Envelope, error) {
	return newEnvelope(payloadType, payload, nil)
}

func newEnvelope(payloadType string, payload []byte, signatures []Signature) (*Envelope, error) {
	w := wire{Payload: base64.StdEncoding.EncodeToString(payload), PayloadType: payloadType, Signatures: []wireSignature{}}
	for _, s := range signatures {
		w.Signatures = append(w.Signatures, wireSignature{s.KeyID, base64.StdEncoding.EncodeToString(s.Sig)})
	}
	raw, err := json.Marshal(w)
	if err != nil {
		return nil, fmt.Errorf("envelope: %w", err)
	}
	return ParseEnvelope(raw)
}

// ParseEnvelope reads an envelope. Members that DSSE does not know are kept in its canonical form. Errors wrap ErrForm.
func ParseEnvelope(raw []byte) (*Envelope, error) {
	canonical, err := canonicalize(raw)
	if err != nil {
		return nil, fmt.Errorf("envelope: %w", err)
	}
	var w wire
	if err := json.Unmarshal(canonical, &w); err != nil {
		return nil, fmt.Errorf("envelope: %w: %w", err, ErrForm)
	}
	if len(w.Signatures) > maxSignatures {
		return nil, fmt.Errorf("envelope: %d signatures, at most %d: %w", len(w.Signatures), maxSignatures, ErrForm)
	}
	e := &Envelope{PayloadType: w.PayloadType, canonical: canonical}
	if e.Payload, err = decodeBase64(w.Payload); err != nil {
		return nil, fmt.Errorf("envelope: payload: %w", err)
	}
	for i, s := range w.Signatures {
		sig, err := decodeBase64(s.Sig)
		if err != nil {
			return nil, fmt.Errorf("envelope: signature %d: %w", i+1, err)
		}
		e.Signatures = append(e.Signatures, Signature{s.KeyID, sig})
	}
	return e, nil
}

// Canonical is the envelope in the form of RFC 8785: what a log enters. The caller must not change it.
func (e *Envelope) Canonical() []byte { return e.canonical }

// PayloadDigest is the SHA-256 of the payload in hexadecimal: the name of what is signed.
func (e *Envelope) PayloadDigest() string { return digest(e.Payload) }

// Sign is the envelope with one more signature. Signing again with the same key changes nothing.
func (e *Envelope) Sign(key crypto.Signer) (*Envelope, error) {
	public, ok := key.Public().(ed25519.PublicKey)
	if !ok {
		return nil, errors.New("sign statement: want an Ed25519 key")
	}
	sig, err := key.Sign(rand.Reader, preAuthentication(e.PayloadType, e.Payload), crypto.Hash(0))
	if err != nil {
		return nil, fmt.Errorf("sign statement: %w", err)
	}
	id := KeyID(public)
	signatures := make([]Signature, 0, len(e.Signatures)+1)
	for _, s := range e.Signatures {
		if s.KeyID != id {
			signatures = append(signatures, s)
		}
	}
	return newEnvelope(e.PayloadType, e.Payload, append(signatures, Signature{id, sig}))
}

// KeyID is the id of a key: the SHA-256 of its 32 bytes in hexadecimal.
func KeyID(public ed25519.PublicKey) string { return digest(public) }

// preAuthentication is what is signed (DSSE 1.0, PAE): the type belongs to it.
func preAuthentication(payloadType string, payload []byte) []byte {
	return append(fmt.Appendf(nil, "DSSEv1 %d %s %d ", len(payloadType), payloadType, len(payload)), payload...)
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// canonicalize is the form of RFC 8785. It refuses two members of one name, bad UTF-8, and what follows the value.
func canonicalize(raw []byte) ([]byte, error) {
	if len(raw) > maxDocument {
		return nil, fmt.Errorf("%d bytes, at most %d: %w", len(raw), maxDocument, ErrForm)
	}
	v := jsontext.Value(raw).Clone()
	if err := v.Canonicalize(); err != nil {
		return nil, fmt.Errorf("%w: %w", err, ErrForm)
	}
	return v, nil
}

// decodeBase64 reads standard or URL-safe base64 with padding, as DSSE allows, and no other spelling of the same bytes.
func decodeBase64(s string) ([]byte, error) {
	enc := base64.StdEncoding
	if strings.ContainsAny(s, "-_") {
		enc = base64.URLEncoding
	}
	b, err := enc.Strict().DecodeString(s)
	if err != nil || strings.ContainsAny(s, "\r\n") {
		return nil, fmt.Errorf("%.40q is not base64: %w", s, ErrForm)
	}
	return b, nil
}
