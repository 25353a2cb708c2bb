// Package seal makes the places at which pages go on, for all rooms: a sequence of the store, sealed. What lies between two sequences may be
// above the reader's level, so that a reader who can count them would learn how much there is.
//
// In: a sequence. Out: a word of 22 letters; and back, or [ErrForeign]. The key is kept in the store, so that words stay valid.
package seal

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"

	"marque/store"
)

// ErrForeign is a word that this server did not give.
var ErrForeign = errors.New("not a value that this server gave")

// Store keeps the key.
type Store = store.Marks

// Seal seals and opens. It is safe for concurrent use.
type Seal struct {
	store Store

	mu    sync.Mutex
	block cipher.Block
}

// New makes a Seal with the key of a store.
func New(st Store) *Seal { return &Seal{store: st} }

// nextKey is the mark under which the key is kept.
const nextKey = "taxii next key"

// Seal is the word for a sequence: one block, half of which is a check.
func (n *Seal) Seal(ctx context.Context, seq int64) (string, error) {
	block, err := n.cipher(ctx)
	if err != nil {
		return "", err
	}
	var b [aes.BlockSize]byte
	binary.BigEndian.PutUint64(b[:], uint64(seq))
	block.Encrypt(b[:], b[:])
	return base64.RawURLEncoding.EncodeToString(b[:]), nil
}

// Open is the sequence of a word.
func (n *Seal) Open(ctx context.Context, next string) (int64, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(next)
	if err != nil || len(raw) != aes.BlockSize {
		return 0, ErrForeign
	}
	block, err := n.cipher(ctx)
	if err != nil {
		return 0, err
	}
	block.Decrypt(raw, raw)
	seq := int64(binary.BigEndian.Uint64(raw))
	if seq < 0 || binary.BigEndian.Uint64(raw[8:]) != 0 {
		return 0, ErrForeign
	}
	return seq, nil
}

// cipher has the store's key, which is drawn when the first one is needed. A store that cannot be written has one for as long as the
// server runs.
func (n *Seal) cipher(ctx context.Context) (cipher.Block, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.block != nil {
		return n.block, nil
	}
	kept, err := n.store.GetMark(ctx, nextKey)
	if errors.Is(err, store.ErrNotFound) {
		kept = base64.StdEncoding.EncodeToString(newKey())
		if err = n.store.PutMark(ctx, nextKey, kept); err == nil {
			kept, err = n.store.GetMark(ctx, nextKey) // of two servers that draw one at once, the later key counts for both
		}
		if errors.Is(err, store.ErrReadOnly) {
			err = nil
		}
	}
	if err != nil {
		return nil, fmt.Errorf("key of next: %w", err)
	}
	key, err := base64.StdEncoding.DecodeString(kept)
	if err == nil {
		n.block, err = aes.NewCipher(key)
	}
	if err != nil {
		return nil, fmt.Errorf("key of next: mark %q: %w", nextKey, err)
	}
	return n.block, nil
}

func newKey() []byte {
	key := make([]byte, 16)
	_, _ = rand.Read(key) // never fails, see crypto/rand
	return key
}
