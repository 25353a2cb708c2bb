package bucket

import (
	"context"
	"io"
	"sync"

	"marque/internal/lock"
)

// Locks are locks within this process. The zero value is ready.
type Locks struct {
	mu   sync.Mutex
	held map[string]*held
}

// held is a lock that somebody has.
type held struct {
	shared int // by how many; 0: by one alone
	free   chan struct{}
}

// Lock implements Locker.
func (l *Locks) Lock(name string) (io.Closer, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held[name] != nil {
		return nil, lock.ErrLocked
	}
	return l.take(name, 0), nil
}

// Share implements Locker.
func (l *Locks) Share(ctx context.Context, name string) (io.Closer, error) {
	for {
		l.mu.Lock()
		h := l.held[name]
		if h == nil || h.shared > 0 {
			defer l.mu.Unlock()
			if h != nil {
				h.shared++
				return release(func() { l.release(name) }), nil
			}
			return l.take(name, 1), nil
		}
		l.mu.Unlock()
		select {
		case <-h.free:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (l *Locks) take(name string, shared int) io.Closer {
	if l.held == nil {
		l.held = map[string]*held{}
	}
	l.held[name] = &held{shared: shared, free: make(chan struct{})}
	return release(func() { l.release(name) })
}

func (l *Locks) release(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if h := l.held[name]; h.shared > 1 {
		h.shared--
	} else {
		delete(l.held, name)
		close(h.free)
	}
}

// release is a lock that is given back once.
type release func()

func (r release) Close() error {
	r()
	return nil
}
