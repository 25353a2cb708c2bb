package bucket

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"

	"marque/internal/lock"
)

// Memory is a bucket that lasts as long as the process.
func Memory() Bucket {
	return &memory{objects: map[string][]byte{}, uploads: map[*memoryUpload]bool{}}
}

type memory struct {
	Locks
	mu      sync.Mutex
	objects map[string][]byte
	uploads map[*memoryUpload]bool
}

type memoryUpload struct {
	bytes.Buffer
	in     *memory
	name   string
	closed bool
}

func (m *memory) Where(name string) string { return "memory:" + name }

func (m *memory) Create(ctx context.Context, name string) (Upload, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	u := &memoryUpload{in: m, name: name}
	m.uploads[u] = true
	return u, ctx.Err()
}

func (*memoryUpload) Sync() error { return nil }

func (u *memoryUpload) Close() error {
	u.closed = true
	return nil
}

func (u *memoryUpload) Abort() error {
	u.in.mu.Lock()
	defer u.in.mu.Unlock()
	delete(u.in.uploads, u)
	return nil
}

func (m *memory) Commit(ctx context.Context, uploads ...Upload) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, up := range uploads {
		u, ok := up.(*memoryUpload)
		if !ok || !u.closed || !m.uploads[u] {
			return fmt.Errorf("commit of an upload that is not closed, or not of this bucket: %w", fs.ErrInvalid)
		}
		delete(m.uploads, u)
		m.objects[u.name] = u.Bytes()
	}
	return ctx.Err()
}

func (m *memory) Open(ctx context.Context, name string) (Object, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	data, ok := m.objects[name]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: m.Where(name), Err: fs.ErrNotExist}
	}
	return memoryObject{bytes.NewReader(data)}, ctx.Err()
}

type memoryObject struct{ *bytes.Reader }

func (memoryObject) Close() error { return nil }

func (m *memory) List(ctx context.Context, prefix string) iter.Seq2[Info, error] {
	m.mu.Lock()
	objects := maps.Clone(m.objects)
	m.mu.Unlock()
	return func(yield func(Info, error) bool) {
		for _, name := range slices.Sorted(maps.Keys(objects)) {
			if err := ctx.Err(); err != nil {
				yield(Info{}, err)
				return
			}
			if strings.HasPrefix(name, prefix) && !yield(Info{Name: name, Size: int64(len(objects[name]))}, nil) {
				return
			}
		}
	}
}

func (m *memory) Delete(ctx context.Context, names ...string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, name := range names {
		delete(m.objects, name)
	}
	return ctx.Err()
}

func (m *memory) Abandon(ctx context.Context, left func(name string) bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	maps.DeleteFunc(m.uploads, func(u *memoryUpload, _ bool) bool { return left(u.name) })
	return ctx.Err()
}

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
