package ledger

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"marque/internal/durable"
)

// signingKey is a private key with the verifier key that belongs to it.
type signingKey struct {
	signer  note.Signer
	public  string // verifier key
	private string
}

func newKey(random io.Reader, origin string) (signingKey, error) {
	private, _, err := note.GenerateKey(random, origin)
	if err != nil {
		return signingKey{}, fmt.Errorf("make key for origin %q: %w", origin, err)
	}
	return parseKey(private)
}

// parseKey reads a private key in the form of package note: PRIVATE+KEY+name+hash+base64(algorithm, seed).
func parseKey(private string) (signingKey, error) {
	private = strings.TrimSpace(private)
	s, err := note.NewSigner(private)
	if err != nil {
		return signingKey{}, errors.New("not a signing key; restore it from a copy") // the cause might show the key
	}
	fields := strings.SplitN(private, "+", 5) // a plus sign in the last is one of base64
	raw, err := base64.StdEncoding.DecodeString(fields[len(fields)-1])
	if err != nil || len(raw) != 1+ed25519.SeedSize {
		return signingKey{}, errors.New("not an Ed25519 key; restore it from a copy")
	}
	public, err := note.NewEd25519VerifierKey(s.Name(), ed25519.NewKeyFromSeed(raw[1:]).Public().(ed25519.PublicKey))
	if err != nil {
		return signingKey{}, err
	}
	return signingKey{s, public, private}, nil
}

// readKey reads a private key; fs.ErrNotExist where there is none.
func readKey(fsys durable.FS, path string) (signingKey, error) {
	data, err := durable.ReadFile(fsys, path)
	if err != nil {
		return signingKey{}, err
	}
	k, err := parseKey(string(data))
	if err != nil {
		return signingKey{}, fmt.Errorf("key %s: %w", path, err)
	}
	return k, nil
}

// keychain is which key signs which heads, oldest first.
type keychain []keyPeriod

// keyPeriod is a key that signs heads of more than after entries.
type keyPeriod struct {
	after    int64
	public   string
	verifier note.Verifier
}

// add puts a key behind the others.
func (c keychain) add(after int64, public string) (keychain, error) {
	v, err := note.NewVerifier(public)
	if err != nil || !strings.HasPrefix(public, fmt.Sprintf("%s+%08x+", v.Name(), v.KeyHash())) {
		return c, fmt.Errorf("%q is not a verifier key", public)
	}
	return append(c, keyPeriod{after, public, v}), nil
}

// signers are who must have signed a head of so many entries: one key, and the next as well where the newest entry names it.
func (c keychain) signers(size int64) []note.Verifier {
	var out []note.Verifier
	for _, p := range c {
		switch {
		case p.after < size:
			out = []note.Verifier{p.verifier}
		case p.after == size:
			out = append(out, p.verifier)
		}
	}
	return out
}

// newest is the verifier key that signs now; empty where none is known.
func (c keychain) newest() string {
	if len(c) == 0 {
		return ""
	}
	return c[len(c)-1].public
}

// publics are the verifier keys, oldest first.
func (c keychain) publics() []string {
	out := make([]string, len(c))
	for i, p := range c {
		out[i] = p.public
	}
	return out
}

// takeKey puts the key that a change names in its place. Done again, it changes nothing.
func takeKey(fsys durable.FS, dir string, change *KeyChange) error {
	path := filepath.Join(dir, keyFile)
	next, err := readKey(fsys, path+nextSuffix)
	switch {
	case err == nil && next.public == change.New:
		if err := durable.Rename(fsys, path+nextSuffix, path); err != nil {
			return err
		}
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	}
	return durable.WriteFile(fsys, path+pubSuffix, []byte(change.New+"\n"), 0o644)
}
