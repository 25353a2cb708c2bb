package witness

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"golang.org/x/mod/sumdb/tlog"

	"marque/internal/durable"
	"marque/internal/lock"
)

// Folder is a State in a folder: a file for each log, replaced as a whole. A file that cannot be read is an error and never the same as
// none, because a witness that forgets could be shown another history.
type Folder struct {
	dir  string
	fsys durable.FS
	lock *lock.Lock // nil where nobody else can be there
}

var _ State = (*Folder)(nil)

// kept is the file of a log.
type kept struct {
	Origin string    `json:"origin"`
	Size   int64     `json:"size"`
	Root   tlog.Hash `json:"root"`
}

// OpenFolder opens a folder, making it where there is none; a file system of nil is durable.OS. On that, one process uses it at a time,
// and another one gets lock.ErrLocked at once; any other file system is this process's own.
func OpenFolder(dir string, fsys durable.FS) (*Folder, error) {
	if fsys == nil {
		fsys = durable.OS
	}
	if err := durable.MkdirAll(fsys, dir, 0o755); err != nil {
		return nil, fmt.Errorf("open witness %s: %w", dir, err)
	}
	f := &Folder{dir: dir, fsys: fsys}
	if fsys == durable.OS {
		var err error
		if f.lock, err = lock.Try(filepath.Join(dir, "lock")); err != nil {
			return nil, fmt.Errorf("open witness %s: %w", dir, err)
		}
	}
	return f, nil
}

// Close lets another process use the folder.
func (f *Folder) Close() error {
	if f.lock == nil {
		return nil
	}
	return f.lock.Close()
}

// path is the file of a log; an origin may hold anything, so its name is a digest.
func (f *Folder) path(origin string) string {
	sum := sha256.Sum256([]byte(origin))
	return filepath.Join(f.dir, hex.EncodeToString(sum[:])+".json")
}

// Latest reads the newest head.
func (f *Folder) Latest(_ context.Context, origin string) (tlog.Tree, error) {
	path := f.path(origin)
	raw, err := durable.ReadFile(f.fsys, path)
	if errors.Is(err, fs.ErrNotExist) {
		return tlog.Tree{}, nil
	}
	if err != nil {
		return tlog.Tree{}, err
	}
	var k kept
	if err := json.Unmarshal(raw, &k); err != nil {
		return tlog.Tree{}, fmt.Errorf("%s: %w; restore it from a copy, do not remove it", path, err)
	}
	if k.Origin != origin || k.Size < 0 {
		return tlog.Tree{}, fmt.Errorf("%s: head of %q with %d entries, want one of %q; restore it from a copy, do not remove it", path, k.Origin, k.Size, origin)
	}
	return tlog.Tree{N: k.Size, Hash: k.Root}, nil
}

// Keep replaces the newest head durably.
func (f *Folder) Keep(_ context.Context, origin string, head tlog.Tree) error {
	raw, err := json.Marshal(kept{origin, head.N, head.Hash})
	if err != nil {
		return err
	}
	return durable.WriteFile(f.fsys, f.path(origin), append(raw, '\n'), 0o644)
}
