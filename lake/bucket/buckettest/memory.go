package buckettest

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"

	"marque/lake/bucket"
)

// Memory is a bucket that lasts as long as the process.
func Memory() bucket.Bucket {
	return &memory{objects: map[string][]byte{}, uploads: map[*memoryUpload]bool{}}
}

type memory struct {
	bucket.Locks
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

func (m *memory) Create(ctx context.Context, name string) (bucket.Upload, error) {
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

func (m *memory) Commit(ctx context.Context, uploads ...bucket.Upload) error {
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

func (m *memory) Open(ctx context.Context, name string) (bucket.Object, error) {
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

func (m *memory) List(ctx context.Context, prefix string) iter.Seq2[bucket.Info, error] {
	m.mu.Lock()
	objects := maps.Clone(m.objects)
	m.mu.Unlock()
	return func(yield func(bucket.Info, error) bool) {
		for _, name := range slices.Sorted(maps.Keys(objects)) {
			if err := ctx.Err(); err != nil {
				yield(bucket.Info{}, err)
				return
			}
			if strings.HasPrefix(name, prefix) && !yield(bucket.Info{Name: name, Size: int64(len(objects[name]))}, nil) {
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
