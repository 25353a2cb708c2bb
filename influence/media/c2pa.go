package media

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"fmt"
	"hash"
	"slices"
	"strings"
	"time"

	"github.com/fxamacker/cbor/v2"
)

// Presence says whether a file has content credentials.
type Presence string

// The three answers.
const (
	Present    Presence = "yes"
	Absent     Presence = "no"
	Unreadable Presence = "unreadable"
)

// State is what checking came to, trust apart.
type State string

// Valid means that nothing in the manifest or the picture was changed after the signature. It does not mean that what it says is true, nor
// that the signer is who he seems to be.
const (
	Valid   State = "Valid"
	Invalid State = "Invalid"
)

// NotAssessed is what is said of trust: there is no list of signers that could be the judge's.
const NotAssessed = "not assessed"

// Codes of failures (C2PA 2.1, 15.2).
const (
	CodeUntrusted          = "signingCredential.untrusted"
	CodeExpired            = "signingCredential.expired"
	CodeSignatureMissing   = "claimSignature.missing"
	CodeSignatureMismatch  = "claimSignature.mismatch"
	CodeAlgorithm          = "algorithm.unsupported"
	CodeAssertionMissing   = "assertion.missing"
	CodeAssertionMismatch  = "assertion.hashedURI.mismatch"
	CodeAssertionUndeclare = "assertion.undeclared"
	CodeDataHash           = "assertion.dataHash.mismatch"
	CodeNoBinding          = "claim.hardBindings.missing"
	CodeIngredient         = "ingredient.hashedURI.mismatch"
)

// Action is one thing that the manifest says was done to the picture.
type Action struct {
	Name   string `json:"name"`             // c2pa.created, c2pa.edited …
	Source string `json:"source,omitempty"` // IPTC's digital source type, such as trainedAlgorithmicMedia
	Agent  string `json:"agent,omitempty"`  // the software that did it
}

// Credentials are what a file's manifest store says, and whether it holds together.
type Credentials struct {
	Present Presence `json:"present"`
	// Reason says why what is there cannot be read.
	Reason string `json:"reason,omitempty"`
	State  State  `json:"state,omitempty"`
	// Failures are the codes of what does not hold, in alphabetical order. That the signer is on no list is one of them always and
	// makes nothing invalid.
	Failures []string `json:"failures,omitempty"`
	// Trust is NotAssessed.
	Trust string `json:"trust,omitempty"`
	// Issuer is the organisation in the signer's certificate, as the certificate says.
	Issuer string `json:"issuer,omitempty"`
	// Signed is when a time stamp says that it was signed; zero without one.
	Signed time.Time `json:"signed,omitzero"`
	// Generator is the software that made the claim.
	Generator string   `json:"generator,omitempty"`
	Title     string   `json:"title,omitempty"`
	Actions   []Action `json:"actions,omitempty"`
	// Manifests is how many are in the store, the active one and those of what it was made from.
	Manifests int `json:"manifests,omitempty"`
	// Ingredients is how many the active manifest names.
	Ingredients int `json:"ingredients,omitempty"`
}

// claim is what a manifest says, in both versions (C2PA 2.1, 10.2).
type claim struct {
	Title         string          `cbor:"dc:title"`
	Generator     string          `cbor:"claim_generator"`
	GeneratorInfo cbor.RawMessage `cbor:"claim_generator_info"`
	Signature     string          `cbor:"signature"`
	Assertions    []hashedURI     `cbor:"assertions"`
	Created       []hashedURI     `cbor:"created_assertions"`
	Gathered      []hashedURI     `cbor:"gathered_assertions"`
	Redacted      []string        `cbor:"redacted_assertions"`
	Algorithm     string          `cbor:"alg"`
}

// hashedURI points to a box and says what its hash is.
type hashedURI struct {
	URL       string `cbor:"url"`
	Algorithm string `cbor:"alg"`
	Hash      []byte `cbor:"hash"`
}

// Labels of boxes and assertions.
const (
	labelAssertions = "c2pa.assertions"
	labelSignature  = "c2pa.signature"
	labelClaim      = "c2pa.claim"
	labelDataHash   = "c2pa.hash.data"
	labelBoxHash    = "c2pa.hash.boxes"
	labelActions    = "c2pa.actions"
	labelIngredient = "c2pa.ingredient"
)

// ReadCredentials reads and checks the content credentials of a JPEG. now is the time at which a certificate without time stamp must be
// valid. There is no error: what cannot be read is Unreadable, with the reason.
func ReadCredentials(jpeg []byte, now time.Time) Credentials {
	parts, broken := segments(jpeg)
	store, err := findStore(parts)
	switch {
	case errors.Is(err, errNoStore) && broken != nil:
		return Credentials{Present: Unreadable, Reason: broken.Error()}
	case errors.Is(err, errNoStore):
		return Credentials{Present: Absent}
	case err != nil:
		return Credentials{Present: Unreadable, Reason: err.Error()}
	}
	c := checker{jpeg: jpeg, parts: parts, store: store, now: now}
	c.out = Credentials{Present: Present, State: Valid, Trust: NotAssessed, Manifests: len(store.boxes), Failures: []string{CodeUntrusted}}
	if err := c.check(); err != nil {
		return Credentials{Present: Unreadable, Reason: err.Error()}
	}
	slices.Sort(c.out.Failures)
	c.out.Failures = slices.Compact(c.out.Failures)
	return c.out
}

// checker checks one store.
type checker struct {
	jpeg  []byte
	parts []segment
	store box
	now   time.Time
	out   Credentials
}

// fail notes what does not hold.
func (c *checker) fail(code string) {
	c.out.Failures = append(c.out.Failures, code)
	c.out.State = Invalid
}

// check goes through the active manifest, which is the last one. An error says that it cannot be read.
func (c *checker) check() error {
	if len(c.store.boxes) == 0 {
		return errors.New("manifest store without a manifest")
	}
	active := &c.store.boxes[len(c.store.boxes)-1]
	raw, said, err := readClaim(active)
	if err != nil {
		return err
	}
	c.out.Title, c.out.Generator = said.Title, said.generator()
	assertions, err := c.assertions(active, said)
	if err != nil {
		return err
	}
	if err := c.contents(assertions, said); err != nil {
		return err
	}
	if err := c.binding(active, assertions, said, 0); err != nil {
		return err
	}
	return c.signature(active, raw)
}

// readClaim finds the claim of a manifest and its bytes, which are what is signed.
func readClaim(manifest *box) (raw []byte, said claim, err error) {
	for i := range manifest.boxes {
		if b := &manifest.boxes[i]; b.label == labelClaim || strings.HasPrefix(b.label, labelClaim+".v") {
			if raw != nil {
				return nil, said, errors.New("more than one claim box detected")
			}
			if raw = b.data("cbor"); raw == nil {
				return nil, said, errors.New("claim is not CBOR")
			}
		}
	}
	if raw == nil {
		return nil, said, errors.New("claim missing")
	}
	if err := decoding.Unmarshal(raw, &said); err != nil {
		return nil, said, fmt.Errorf("claim: %w", err)
	}
	return raw, said, nil
}

// generator is the software that made the claim: a line in version 1, an object or a list of them later.
func (c *claim) generator() string {
	if c.Generator != "" {
		return c.Generator
	}
	type info struct {
		Name string `cbor:"name"`
	}
	var one info
	if decoding.Unmarshal(c.GeneratorInfo, &one) == nil && one.Name != "" {
		return one.Name
	}
	var many []info
	if decoding.Unmarshal(c.GeneratorInfo, &many) == nil && len(many) > 0 {
		return many[0].Name
	}
	return ""
}

// assertions holds what the claim points to against its hash, and gives the boxes that are there.
func (c *checker) assertions(manifest *box, said claim) ([]*box, error) {
	store := manifest.child(labelAssertions)
	if store == nil {
		return nil, errors.New("manifest without assertions")
	}
	var out []*box
	declared := map[string]bool{}
	for _, u := range slices.Concat(said.Assertions, said.Created, said.Gathered) {
		label := u.URL[strings.LastIndexByte(u.URL, '/')+1:]
		declared[label] = true
		b := store.child(label)
		if b == nil {
			if !slices.ContainsFunc(said.Redacted, func(r string) bool { return strings.HasSuffix(r, "/"+label) }) {
				c.fail(CodeAssertionMissing)
			}
			continue
		}
		out = append(out, b)
		same, err := matches(u, said.Algorithm, b.content)
		if err != nil {
			return nil, err
		}
		if !same {
			if old, _ := matches(u, said.Algorithm, b.firstData()); old {
				return nil, errors.New("prerelease content detected") // before 1.0 only what stands in the box was hashed
			}
			c.fail(CodeAssertionMismatch)
		}
	}
	for i := range store.boxes {
		if !declared[store.boxes[i].label] {
			c.fail(CodeAssertionUndeclare)
		}
	}
	return out, nil
}

// firstData is the first payload.
func (b *box) firstData() []byte {
	if len(b.payloads) == 0 {
		return nil
	}
	return b.payloads[0].data
}

// matches says whether content has the hash that is told of it. The algorithm is the URI's or the claim's; without one that is known
// nothing can be said.
func matches(u hashedURI, algorithm string, content ...[]byte) (bool, error) {
	if u.Algorithm != "" {
		algorithm = u.Algorithm
	}
	h, err := hasher(algorithm)
	if err != nil {
		return false, err
	}
	for _, c := range content {
		h.Write(c)
	}
	return bytes.Equal(h.Sum(nil), u.Hash), nil
}

// hasher is the hash with a name (C2PA 2.1, 13.1).
func hasher(name string) (hash.Hash, error) {
	switch name {
	case "sha256":
		return sha256.New(), nil
	case "sha384":
		return sha512.New384(), nil
	case "sha512":
		return sha512.New(), nil
	}
	return nil, errors.New("unknown algorithm")
}

// contents reads what the assertions say: actions and ingredients.
func (c *checker) contents(assertions []*box, said claim) error {
	for _, a := range assertions {
		switch name := base(a.label); {
		case strings.HasPrefix(name, labelActions):
			if err := c.actions(a.data("cbor")); err != nil {
				return fmt.Errorf("%s: %w", a.label, err)
			}
		case strings.HasPrefix(name, labelIngredient):
			c.out.Ingredients++
			if err := c.ingredient(a.data("cbor"), said); err != nil {
				return fmt.Errorf("%s: %w", a.label, err)
			}
		}
	}
	return nil
}

// base is a label without the number that tells assertions of one kind apart.
func base(label string) string {
	name, _, _ := strings.Cut(label, "__")
	return name
}

// actions reads an assertion of actions, in both versions.
func (c *checker) actions(data []byte) error {
	var said struct {
		Actions []struct {
			Name   string          `cbor:"action"`
			Source string          `cbor:"digitalSourceType"`
			Agent  cbor.RawMessage `cbor:"softwareAgent"`
		} `cbor:"actions"`
	}
	if err := decoding.Unmarshal(data, &said); err != nil {
		return err
	}
	for _, a := range said.Actions {
		info := claim{GeneratorInfo: a.Agent}
		if decoding.Unmarshal(a.Agent, &info.Generator) != nil {
			info.Generator = ""
		}
		c.out.Actions = append(c.out.Actions, Action{Name: a.Name, Source: a.Source[strings.LastIndexByte(a.Source, '/')+1:], Agent: info.generator()})
	}
	return nil
}

// ingredient holds the manifest of an ingredient against its hash.
func (c *checker) ingredient(data []byte, said claim) error {
	var in struct {
		Manifest *hashedURI `cbor:"c2pa_manifest"`
		Active   *hashedURI `cbor:"activeManifest"`
	}
	if err := decoding.Unmarshal(data, &in); err != nil {
		return err
	}
	u := in.Active
	if u == nil {
		u = in.Manifest
	}
	if u == nil {
		return nil
	}
	m := c.store.child(u.URL[strings.LastIndexByte(u.URL, '/')+1:])
	if m == nil {
		c.fail(CodeIngredient)
		return nil
	}
	same, err := matches(*u, said.Algorithm, m.content)
	if err == nil && !same {
		c.fail(CodeIngredient)
	}
	return err
}

// signature checks the signature over the claim and tells who made it.
func (c *checker) signature(manifest *box, claimed []byte) error {
	b := manifest.child(labelSignature)
	if b == nil {
		c.fail(CodeSignatureMissing)
		return nil
	}
	s, err := readSignature(b.data("cbor"))
	if err != nil {
		return err
	}
	cert, err := s.certificate()
	if err != nil {
		return err
	}
	if len(cert.Subject.Organization) > 0 {
		c.out.Issuer = cert.Subject.Organization[0]
	}
	c.out.Signed = s.stamped
	at := s.stamped
	if at.IsZero() {
		at = c.now
	}
	if at.Before(cert.NotBefore) || at.After(cert.NotAfter) {
		c.fail(CodeExpired)
	}
	switch err := s.verify(claimed, cert.PublicKey); {
	case errors.Is(err, errAlgorithm):
		c.fail(CodeAlgorithm)
	case err != nil:
		c.fail(CodeSignatureMismatch)
	}
	return nil
}
