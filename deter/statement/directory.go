package statement

import (
	"cmp"
	"crypto/ed25519"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"marque/ledger/witness"
	"marque/stix"
)

// DirectoryType is the type of a directory's payload.
const DirectoryType = "application/vnd.marque.directory+json"

// Directory says which key speaks for which state, which logs and witnesses count, and how many states a statement needs. A key is
// never taken out of it: it gets a last day, or is revoked from a day on.
type Directory struct {
	Type      string         `json:"type"` // "marque-directory"
	Version   int            `json:"version"`
	Issued    string         `json:"issued"` // day
	Threshold int            `json:"threshold"`
	Keys      []DirectoryKey `json:"keys"`
	Logs      []string       `json:"logs"`      // verifier keys; several of one name where a log exchanged its key
	Witnesses []string       `json:"witnesses"` // verifier keys
	Quorum    int            `json:"quorum"`    // of the witnesses
	Skew      int            `json:"skew,omitzero"`
}

// DirectoryKey binds a key to a state. Days are year-month-day; an empty one is no bound.
type DirectoryKey struct {
	ID      string `json:"keyid,omitzero"` // by which signatures name it; its KeyID where it says none
	State   string `json:"state"`
	Public  string `json:"public"`           // 32 bytes in base64
	From    string `json:"from,omitzero"`    // first day on which it is valid
	Until   string `json:"until,omitzero"`   // last day on which it is valid
	Revoked string `json:"revoked,omitzero"` // day from whose beginning on nothing that it signs counts
	Why     string `json:"why,omitzero"`
}

const directoryKind = "marque-directory"

// Roots are the keys that sign directories, known from outside.
type Roots struct {
	Keys      []string `json:"keys"` // 32 bytes in base64
	Threshold int      `json:"threshold"`
}

// Envelope makes the envelope of a directory, for the holders of root keys to sign.
func (d *Directory) Envelope() (*Envelope, error) {
	raw, err := json.Marshal(d)
	if err != nil {
		return nil, fmt.Errorf("directory: %w", err)
	}
	if raw, err = canonicalize(raw); err != nil {
		return nil, fmt.Errorf("directory: %w", err)
	}
	return NewEnvelope(DirectoryType, raw)
}

// OpenDirectory reads a directory that so many root keys signed as the roots ask for. An older version than the one that was seen
// before is refused: it could bring a revoked key back.
func OpenDirectory(e *Envelope, roots Roots, seen int) (*Directory, error) {
	if e.PayloadType != DirectoryType {
		return nil, fmt.Errorf("directory: payload of type %.80q, want %q: %w", e.PayloadType, DirectoryType, ErrForm)
	}
	keys := map[string]Key{}
	for i, s := range roots.Keys {
		public, err := publicKey(s)
		if err != nil {
			return nil, fmt.Errorf("root key %d: %w", i+1, err)
		}
		keys[KeyID(public)] = Key{Public: public}
	}
	if roots.Threshold < 1 || roots.Threshold > len(keys) {
		return nil, fmt.Errorf("roots: threshold %d of %d keys: %w", roots.Threshold, len(keys), ErrForm)
	}
	signed := map[string]bool{}
	for _, c := range check(e, keys) {
		if c.good {
			signed[c.id] = true
		}
	}
	if len(signed) < roots.Threshold {
		return nil, fmt.Errorf("directory: signed by %d root keys, want %d: %w", len(signed), roots.Threshold, ErrSignatures)
	}
	d := &Directory{}
	if err := json.Unmarshal(e.Payload, d); err != nil {
		return nil, fmt.Errorf("directory: %w: %w", err, ErrForm)
	}
	switch {
	case d.Type != directoryKind || d.Version < 1:
		return nil, fmt.Errorf("directory: want type %q and a version from 1: %w", directoryKind, ErrForm)
	case d.Version < seen:
		return nil, fmt.Errorf("directory: version %d, and version %d was seen before: %w", d.Version, seen, witness.ErrRollback)
	}
	return d, nil
}

// Key is a key of a state and the time in which it is valid; a zero time is no bound.
type Key struct {
	State  string
	Public ed25519.PublicKey
	From   time.Time
	Until  time.Time // the first instant at which it is no longer valid
	// Revoked is the instant from which on nothing that it signs counts.
	Revoked time.Time
}

// Policy says what a statement needs in order to hold.
type Policy struct {
	Keys      map[string]Key // by id
	Threshold int            // of states
	Logs      map[string]*witness.Policy
	Level     stix.TLP // above which a text may hold nothing
}

// Policy is what the directory asks of statements at a level. It returns every problem with the directory at once.
func (d *Directory) Policy(level stix.TLP) (*Policy, error) {
	p := &Policy{Keys: map[string]Key{}, Threshold: d.Threshold, Logs: map[string]*witness.Policy{}, Level: level}
	var problems []error
	states := map[string]bool{}
	for i, k := range d.Keys {
		key, err := k.key()
		if err != nil {
			problems = append(problems, fmt.Errorf("key %d: %w", i+1, err))
			continue
		}
		id := cmp.Or(k.ID, KeyID(key.Public))
		for other, o := range p.Keys {
			if other == id || o.Public.Equal(key.Public) {
				problems = append(problems, fmt.Errorf("key %d: it, or its id, speaks for %s already: one key is of one state", i+1, o.State))
			}
		}
		p.Keys[id], states[key.State] = key, true
	}
	if d.Threshold < 1 || d.Threshold > len(states) {
		problems = append(problems, fmt.Errorf("threshold %d: want 1 to %d, as many as there are states", d.Threshold, len(states)))
	}
	if len(d.Logs) == 0 {
		problems = append(problems, errors.New("no logs"))
	}
	logs := map[string][]string{}
	for _, vkey := range d.Logs {
		origin, _, _ := strings.Cut(vkey, "+")
		logs[origin] = append(logs[origin], vkey)
	}
	for _, origin := range slices.Sorted(maps.Keys(logs)) {
		w, err := witness.NewPolicy(witness.Config{
			Log: logs[origin], Witnesses: d.Witnesses, Quorum: d.Quorum, Skew: time.Duration(d.Skew) * time.Second,
		})
		if err != nil {
			problems = append(problems, err)
			continue
		}
		p.Logs[origin] = w
	}
	if len(problems) > 0 {
		return nil, fmt.Errorf("directory: %w", errors.Join(problems...))
	}
	return p, nil
}

func (k *DirectoryKey) key() (Key, error) {
	out := Key{State: k.State}
	if k.State == "" {
		return out, fmt.Errorf("no state: %w", ErrForm)
	}
	var err error
	if out.Public, err = publicKey(k.Public); err != nil {
		return out, err
	}
	for _, d := range []struct {
		day  string
		into *time.Time
	}{{k.From, &out.From}, {k.Until, &out.Until}, {k.Revoked, &out.Revoked}} {
		if *d.into, err = parseDay(d.day); err != nil {
			return out, err
		}
	}
	if !out.Until.IsZero() {
		out.Until = out.Until.AddDate(0, 0, 1)
	}
	return out, nil
}

func publicKey(s string) (ed25519.PublicKey, error) {
	b, err := decodeBase64(s)
	if err != nil {
		return nil, err
	}
	if len(b) != ed25519.PublicKeySize {
		return nil, fmt.Errorf("public key of %d bytes, want %d: %w", len(b), ed25519.PublicKeySize, ErrForm)
	}
	return b, nil
}

// checked is a signature after it was checked against known keys.
type checked struct {
	id    string // of the key that it is by, or says it is by
	known bool
	good  bool
}

// check checks each signature of an envelope. A key id is a hint: where a signature names a known key, that key must have made it, so
// that no key counts for another; where it names none, every known key is tried.
func check(e *Envelope, keys map[string]Key) []checked {
	message := preAuthentication(e.PayloadType, e.Payload)
	out := make([]checked, len(e.Signatures))
	for i, s := range e.Signatures {
		c := checked{id: s.KeyID}
		if k, ok := keys[s.KeyID]; ok {
			c.known, c.good = true, ed25519.Verify(k.Public, message, s.Sig)
		} else if s.KeyID == "" {
			for id, k := range keys {
				if ed25519.Verify(k.Public, message, s.Sig) {
					c = checked{id: id, known: true, good: true}
				}
			}
		}
		out[i] = c
	}
	return out
}

// at tells why a key does not count at a time; empty where it does.
func (k *Key) at(t time.Time) string {
	switch {
	case !k.Revoked.IsZero() && !t.Before(k.Revoked):
		return "key revoked from " + k.Revoked.Format(time.DateOnly)
	case !k.Until.IsZero() && !t.Before(k.Until):
		return "key valid until " + k.Until.AddDate(0, 0, -1).Format(time.DateOnly)
	case t.Before(k.From):
		return "key valid from " + k.From.Format(time.DateOnly)
	}
	return ""
}
