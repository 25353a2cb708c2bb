package intake

import (
	"context"
	"crypto/sha256"
)

// keySize is what is kept of a message's identity: the beginning of its SHA-256.
const keySize = 16

type key [keySize]byte

func keyOf(id string) key {
	sum := sha256.Sum256([]byte(id))
	return key(sum[:keySize])
}

// seenKeys knows the identities of the last messages. JetStream's own window goes by the clock, and is forgotten with the
// messages that were committed; this one is not.
type seenKeys struct {
	known map[key]struct{}
	order []key // a ring
	next  int
}

func (j *Journal) seenKeys(ctx context.Context, size int) (*seenKeys, error) {
	m := &seenKeys{known: map[key]struct{}{}, order: make([]key, 0, min(size, 4096))}
	err := j.seen(ctx, func(keys []byte) {
		for ; len(keys) >= keySize; keys = keys[keySize:] {
			m.add(key(keys[:keySize]), size)
		}
	})
	return m, err
}

// add remembers a key and forgets the oldest beyond size. It reports false for a key that is known.
func (m *seenKeys) add(k key, size int) bool {
	if _, ok := m.known[k]; ok {
		return false
	}
	m.known[k] = struct{}{}
	if len(m.order) < size {
		m.order = append(m.order, k)
		return true
	}
	delete(m.known, m.order[m.next])
	m.order[m.next] = k
	m.next = (m.next + 1) % size
	return true
}
