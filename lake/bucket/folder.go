package bucket

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"marque/internal/durable"
	"marque/internal/lock"
)

// tmpSuffix is behind the names of uploads, lockSuffix behind those of locks. No object has such a name.
const (
	tmpSuffix  = ".tmp"
	lockSuffix = ".lock"
)

// Folder is a bucket in a folder, which is made with the first object. An object is a file: it is written under a temporary name, synced and
// renamed. Folders in which nothing is left go.
func Folder(dir string) Bucket { return folder{dir} }

type folder struct{ dir string }

var _ Locker = folder{}

func (f folder) Where(name string) string { return filepath.Join(f.dir, filepath.FromSlash(name)) }

func (f folder) Create(_ context.Context, name string) (Upload, error) {
	path := f.Where(name)
	for attempt := 0; ; attempt++ {
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			return nil, err
		}
		file, err := os.OpenFile(path+tmpSuffix, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o640)
		if errors.Is(err, fs.ErrNotExist) && attempt < 10 {
			continue // Delete found the folder empty
		}
		if err != nil {
			return nil, err
		}
		return &fileUpload{File: file, path: path}, nil
	}
}

// fileUpload is a file under its temporary name.
type fileUpload struct {
	*os.File
	path   string
	closed bool
	done   bool
}

func (u *fileUpload) Close() error {
	if u.closed {
		return nil
	}
	u.closed = true
	return errors.Join(u.Sync(), u.File.Close())
}

func (u *fileUpload) Abort() error {
	if u.done {
		return nil
	}
	u.done = true
	var err error
	if !u.closed {
		u.closed = true
		err = u.File.Close()
	}
	if rerr := os.Remove(u.path + tmpSuffix); !errors.Is(rerr, fs.ErrNotExist) {
		err = errors.Join(err, rerr)
	}
	return err
}

func (f folder) Commit(_ context.Context, uploads ...Upload) error {
	dirs := map[string]bool{}
	for _, up := range uploads {
		u, ok := up.(*fileUpload)
		if !ok || !u.closed {
			return fmt.Errorf("commit of an upload that is not closed, or not of this bucket: %w", fs.ErrInvalid)
		}
		if err := os.Rename(u.path+tmpSuffix, u.path); err != nil {
			return err
		}
		u.done = true
		for dir := filepath.Dir(u.path); !dirs[dir]; dir = filepath.Dir(dir) {
			dirs[dir] = true
			if dir == filepath.Clean(f.dir) {
				break
			}
		}
	}
	for dir := range dirs {
		if err := durable.SyncDir(durable.OS, dir); err != nil {
			return err
		}
	}
	return nil
}

func (f folder) Open(_ context.Context, name string) (Object, error) {
	file, err := os.Open(f.Where(name))
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = &fs.PathError{Op: "open", Path: file.Name(), Err: fs.ErrNotExist}
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return fileObject{file, info.Size()}, nil
}

type fileObject struct {
	*os.File
	size int64
}

func (o fileObject) Size() int64 { return o.size }

func (f folder) List(ctx context.Context, prefix string) iter.Seq2[Info, error] {
	return func(yield func(Info, error) bool) {
		f.walk(ctx, "", prefix, func(name string, e fs.DirEntry, err error) bool {
			if err != nil {
				return yield(Info{}, err)
			}
			if !strings.HasPrefix(name, prefix) || strings.HasSuffix(name, tmpSuffix) || strings.HasSuffix(name, lockSuffix) || !e.Type().IsRegular() {
				return true
			}
			info, err := e.Info()
			if errors.Is(err, fs.ErrNotExist) {
				return true // deleted meanwhile
			}
			if err != nil {
				return yield(Info{}, err)
			}
			return yield(Info{Name: name, Size: info.Size()}, nil)
		})
	}
}

// walk calls f with every file below a folder that may begin with prefix, by name: a folder stands where its name with a slash does. It ends
// when f says so, or with an error.
func (f folder) walk(ctx context.Context, below, prefix string, call func(name string, e fs.DirEntry, err error) bool) bool {
	entries, err := os.ReadDir(f.Where(below))
	if err = cmp.Or(ctx.Err(), err); err != nil {
		return errors.Is(err, fs.ErrNotExist) || call("", nil, err) && false
	}
	key := func(e fs.DirEntry) string {
		if e.IsDir() {
			return below + e.Name() + "/"
		}
		return below + e.Name()
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return cmp.Compare(key(a), key(b)) })
	for _, e := range entries {
		name := key(e)
		switch {
		case !e.IsDir():
			if !call(name, e, nil) {
				return false
			}
		case strings.HasPrefix(name, prefix) || strings.HasPrefix(prefix, name):
			if !f.walk(ctx, name, prefix, call) {
				return false
			}
		}
	}
	return true
}

func (f folder) Delete(ctx context.Context, names ...string) error {
	var faults []error
	for _, name := range names {
		if err := ctx.Err(); err != nil {
			return errors.Join(append(faults, err)...)
		}
		path := f.Where(name)
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			faults = append(faults, err)
		}
		for dir := filepath.Dir(path); dir != filepath.Clean(f.dir) && os.Remove(dir) == nil; {
			dir = filepath.Dir(dir)
		}
	}
	return errors.Join(faults...)
}

func (f folder) Abandon(ctx context.Context, left func(name string) bool) error {
	var faults []error
	f.walk(ctx, "", "", func(name string, _ fs.DirEntry, err error) bool {
		if name, upload := strings.CutSuffix(name, tmpSuffix); err == nil && upload && left(name) {
			err = os.Remove(f.Where(name) + tmpSuffix)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			faults = append(faults, err)
		}
		return true
	})
	return errors.Join(faults...)
}

// Lock and Share lock a file of the folder, for all processes.
func (f folder) Lock(name string) (io.Closer, error) { return lock.Try(f.Where(name + lockSuffix)) }

func (f folder) Share(ctx context.Context, name string) (io.Closer, error) {
	return lock.Shared(ctx, f.Where(name+".lock"))
}
