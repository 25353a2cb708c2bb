package durable

import (
	"bufio"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Output writes what a user asked to have in a file: all of it is there in the end, or what stood there before. A link is followed to the
// file it names, an existing file keeps its permissions, and what is no regular file (/dev/stdout, a pipe) is written straight.
func Output(path string, perm fs.FileMode, write func(io.Writer) error) error {
	w, err := output(path, perm)
	if err != nil {
		return err
	}
	b := bufio.NewWriterSize(w, 64<<10)
	if err := write(b); err != nil {
		return errors.Join(err, w.Abort())
	}
	if err := b.Flush(); err != nil {
		return errors.Join(err, w.Abort())
	}
	return w.Commit()
}

func output(path string, perm fs.FileMode) (*Writer, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Create(OS, path, perm)
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, &fs.PathError{Op: "write", Path: path, Err: errors.New("is a folder; name a file")}
	case !info.Mode().IsRegular():
		f, err := OS.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return nil, err
		}
		return &Writer{fsys: OS, f: f, path: path}, nil
	}
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil, err
	}
	w, err := Create(OS, target, info.Mode().Perm())
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(w.tmp, info.Mode().Perm()); err != nil { // the umask may have taken some
		return nil, errors.Join(err, w.Abort())
	}
	return w, nil
}
