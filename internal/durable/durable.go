package durable

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
)

const tmpSuffix = ".tmp"

// ReadFile is os.ReadFile.
func ReadFile(fsys FS, path string) ([]byte, error) {
	f, err := fsys.OpenFile(path, os.O_RDONLY, 0)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(f)
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	return data, nil
}

// WriteFile replaces a file, or makes it.
func WriteFile(fsys FS, path string, data []byte, perm fs.FileMode) error {
	w, err := Create(fsys, path, perm)
	if err != nil {
		return err
	}
	if _, err := io.Copy(w, bytes.NewReader(data)); err != nil {
		return errors.Join(err, w.Abort())
	}
	return w.Commit()
}

// Append adds to the end of a file, or makes it. After an error a part of data may stand there, and even be on the disk: who appends must
// know the length that counts, and [Truncate] to it.
func Append(fsys FS, path string, data []byte, perm fs.FileMode) error {
	f, err := fsys.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, perm)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	return SyncDir(fsys, filepath.Dir(path)) // the file may be new
}

// Truncate cuts a file down to size bytes. A file that does not exist is cut already.
func Truncate(fsys FS, path string, size int64) error {
	f, err := fsys.OpenFile(path, os.O_WRONLY, 0)
	if errors.Is(err, fs.ErrNotExist) && size == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	err = f.Truncate(size)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// Rename gives a file, which must have been synced, another name in the same folder.
func Rename(fsys FS, from, to string) error {
	if err := fsys.Rename(from, to); err != nil {
		return err
	}
	return SyncDir(fsys, filepath.Dir(to))
}

// Remove removes a file. One that does not exist is gone already.
func Remove(fsys FS, path string) error {
	if err := fsys.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return SyncDir(fsys, filepath.Dir(path))
}

// MkdirAll makes a folder and those above it that are missing. Before anything is made in a folder, its own name is on the disk: so the
// name of one that is there may at most await its last sync, from a run that was cut off.
func MkdirAll(fsys FS, path string, perm fs.FileMode) error {
	path = filepath.Clean(path)
	above := filepath.Dir(path)
	if above == path {
		return nil
	}
	if f, err := fsys.OpenFile(path, os.O_RDONLY, 0); err == nil {
		err := errors.Join(f.Close(), SyncDir(fsys, above))
		if errors.Is(err, fs.ErrPermission) {
			return nil // a folder above ours that we may not read is not ours to sync
		}
		return err
	}
	if err := MkdirAll(fsys, above, perm); err != nil {
		return err
	}
	if err := fsys.Mkdir(path, perm); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return SyncDir(fsys, above)
}

// SyncDir brings the names in a folder onto the disk. Windows does so itself, and refuses to be asked.
func SyncDir(fsys FS, path string) error {
	if runtime.GOOS == "windows" && fsys == OS {
		return nil
	}
	d, err := fsys.OpenFile(path, os.O_RDONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// SyncFile brings what was written to a file, by whomever, onto the disk.
func SyncFile(fsys FS, path string) error {
	f, err := fsys.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Writer is a file that takes its place, or replaces what stands there, when it is committed.
type Writer struct {
	fsys      FS
	f         File
	path, tmp string // tmp is empty where path is no regular file and is written in place
	err       error  // the first that Write met
	done      bool
}

// Create begins a file. Commit or Abort must follow.
func Create(fsys FS, path string, perm fs.FileMode) (*Writer, error) {
	for {
		// The name is one that no other run, now or before, has taken: O_EXCL sees to it.
		tmp := fmt.Sprintf("%s.%08x%s", path, rand.Uint32(), tmpSuffix)
		f, err := fsys.OpenFile(tmp, os.O_CREATE|os.O_EXCL|os.O_WRONLY, perm)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		return &Writer{fsys: fsys, f: f, path: path, tmp: tmp}, nil
	}
}

// Write implements io.Writer.
func (w *Writer) Write(p []byte) (int, error) {
	n, err := w.f.Write(p)
	if w.err == nil {
		w.err = err
	}
	return n, err
}

// Commit puts the file in its place. If any write failed, it aborts instead and returns that error.
func (w *Writer) Commit() error {
	if w.done {
		return fs.ErrClosed
	}
	err := w.err
	if err == nil && w.tmp != "" {
		err = w.f.Sync()
	}
	if err != nil {
		return errors.Join(err, w.Abort())
	}
	w.done = true
	if err := w.f.Close(); err != nil || w.tmp == "" {
		return errors.Join(err, w.discard(err))
	}
	if err := w.fsys.Rename(w.tmp, w.path); err != nil {
		return errors.Join(err, w.discard(err))
	}
	return SyncDir(w.fsys, filepath.Dir(w.path))
}

// Abort drops the file. After Commit it does nothing.
func (w *Writer) Abort() error {
	if w.done {
		return nil
	}
	w.done = true
	err := w.f.Close()
	return errors.Join(err, w.discard(fs.ErrClosed))
}

// discard removes the temporary file because of a fault.
func (w *Writer) discard(because error) error {
	if because == nil || w.tmp == "" {
		return nil
	}
	return w.fsys.Remove(w.tmp)
}
