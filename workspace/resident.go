package workspace

import (
	"context"
	"fmt"
	"sync"
)

// maxResident is how many views of one kind are kept: one for each level.
const maxResident = 5

// resident keeps what was made of a view until the store changes. Its zero value is ready; it is safe for concurrent use.
type resident[T any] struct {
	mu   sync.Mutex
	kept map[View]*kept[T]
}

type kept[T any] struct {
	mu    sync.Mutex // held while it is made: who asks meanwhile waits for it
	seq   int64      // of the store that it was made from
	made  bool
	value T
}

// get returns what is kept for a view, made anew where the store has changed since.
func (r *resident[T]) get(ctx context.Context, db Store, v View, make func(context.Context) (T, error)) (T, error) {
	k := r.of(v)
	k.mu.Lock()
	defer k.mu.Unlock()
	seq, err := db.LastSeq(ctx)
	if err != nil {
		return k.value, fmt.Errorf("read store: %w", err)
	}
	if k.made && k.seq == seq {
		return k.value, nil
	}
	value, err := make(ctx)
	if err != nil {
		return value, err
	}
	k.value, k.seq, k.made = value, seq, true // what was stored meanwhile makes the next call make it again
	return value, nil
}

func (r *resident[T]) of(v View) *kept[T] {
	r.mu.Lock()
	defer r.mu.Unlock()
	if k := r.kept[v]; k != nil {
		return k
	}
	if r.kept == nil || len(r.kept) >= maxResident {
		r.kept = map[View]*kept[T]{}
	}
	k := &kept[T]{}
	r.kept[v] = k
	return k
}
