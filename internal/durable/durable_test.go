package durable_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"marque/internal/durable"
	"marque/internal/durable/durabletest"
)

// steps runs do with each of its steps at fault, on a fresh disk that prepare made, and tells check what became of it.
func steps(t *testing.T, prepare, do func(durable.FS) error, check func(t *testing.T, d *durabletest.FS, acknowledged bool)) {
	t.Helper()
	fresh := durabletest.New()
	if err := prepare(fresh); err != nil {
		t.Fatal(err)
	}
	whole := fresh.Clone()
	if err := do(whole); err != nil {
		t.Fatal(err)
	}
	n := whole.Steps()
	for step := range n + 1 {
		t.Run(fmt.Sprint("error at step ", step), func(t *testing.T) {
			d := fresh.Clone()
			d.FailAt(step, syscall.EIO)
			err := do(d)
			if step < n && !errors.Is(err, syscall.EIO) {
				t.Errorf("step %d failed and the error is %v", step, err)
			}
			d.Restart(durabletest.Nothing)
			check(t, d, err == nil)
		})
		t.Run(fmt.Sprint("error at step ", step, " and again"), func(t *testing.T) {
			d := fresh.Clone()
			d.FailAt(step, syscall.EIO)
			err := do(d)
			if d.Clear(); err != nil {
				err = do(d)
			}
			d.Restart(durabletest.Nothing)
			check(t, d, err == nil)
		})
		for _, keep := range durabletest.Keeps {
			t.Run(fmt.Sprint("crash at step ", step, " keeping ", keep), func(t *testing.T) {
				d := fresh.Clone()
				d.CrashAt(step, keep)
				err := do(d)
				d.Restart(keep)
				check(t, d, err == nil)
			})
		}
	}
}

func TestWriteFileLeavesOldOrNew(t *testing.T) {
	write := func(data string) func(durable.FS) error {
		return func(d durable.FS) error { return durable.WriteFile(d, "/f", []byte(data), 0o600) }
	}
	steps(t, write("the old content"), write("the new"), func(t *testing.T, d *durabletest.FS, acknowledged bool) {
		got, err := durable.ReadFile(d, "/f")
		if s := string(got); err != nil || s != "the new" && (acknowledged || s != "the old content") {
			t.Errorf("acknowledged %v, found %q, %v", acknowledged, s, err)
		}
	})
}

func TestAppendKeepsWhatWasThere(t *testing.T) {
	add := func(length int64, data string) func(durable.FS) error {
		return func(d durable.FS) error {
			if err := durable.Truncate(d, "/f", length); err != nil {
				return err
			}
			return durable.Append(d, "/f", []byte(data), 0o600)
		}
	}
	steps(t, add(0, "one\n"), add(4, "two\n"), func(t *testing.T, d *durabletest.FS, acknowledged bool) {
		got, err := durable.ReadFile(d, "/f")
		if s := string(got); err != nil || !strings.HasPrefix(s, "one\n") || acknowledged && !strings.HasSuffix(s, "two\n") {
			t.Errorf("acknowledged %v, found %q, %v", acknowledged, s, err)
		}
	})
}

func TestFoldersStay(t *testing.T) {
	steps(t, func(durable.FS) error { return nil }, func(d durable.FS) error {
		if err := durable.MkdirAll(d, "/a/b/c", 0o750); err != nil {
			return err
		}
		return durable.WriteFile(d, "/a/b/c/f", []byte("x"), 0o600)
	}, func(t *testing.T, d *durabletest.FS, acknowledged bool) {
		if got, err := durable.ReadFile(d, "/a/b/c/f"); acknowledged && (err != nil || string(got) != "x") {
			t.Errorf("acknowledged, but %q, %v", got, err)
		}
	})
}

func TestRemoveAndTruncateLast(t *testing.T) {
	steps(t, func(d durable.FS) error {
		return errors.Join(durable.WriteFile(d, "/gone", nil, 0o600), durable.WriteFile(d, "/cut", []byte("1234"), 0o600))
	}, func(d durable.FS) error {
		if err := durable.Remove(d, "/gone"); err != nil {
			return err
		}
		return durable.Truncate(d, "/cut", 2)
	}, func(t *testing.T, d *durabletest.FS, acknowledged bool) {
		if !acknowledged {
			return
		}
		if _, err := durable.ReadFile(d, "/gone"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("removed, but %v", err)
		}
		if got, err := durable.ReadFile(d, "/cut"); err != nil || string(got) != "12" {
			t.Errorf("cut, but %q, %v", got, err)
		}
	})
}

func TestOutputReplacesOnlyByTheWhole(t *testing.T) {
	dir := t.TempDir()
	path, link := filepath.Join(dir, "brief.html"), filepath.Join(dir, "link")
	if err := os.WriteFile(path, []byte("good"), 0o604); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("brief.html", link); err != nil {
		t.Skip("no links here: ", err)
	}
	broken := errors.New("no more paper")
	err := durable.Output(link, 0o600, func(w io.Writer) error {
		if _, err := w.Write(bytes.Repeat([]byte("half"), 1<<16)); err != nil {
			return err
		}
		return broken
	})
	if got, rerr := os.ReadFile(path); !errors.Is(err, broken) || rerr != nil || string(got) != "good" {
		t.Errorf("after a fault (%v) the file holds %.20q, %v", err, got, rerr)
	}
	if err := durable.Output(link, 0o600, func(w io.Writer) error { _, err := io.WriteString(w, "better"); return err }); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	info, serr := os.Stat(path)
	if err := errors.Join(err, serr); err != nil || string(got) != "better" || info.Mode().Perm() != 0o604 {
		t.Errorf("the file holds %q with %v, %v", got, info.Mode(), err)
	}
	if target, err := os.Readlink(link); err != nil || target != "brief.html" {
		t.Errorf("the link became %q, %v", target, err)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 2 {
		t.Errorf("left in the folder: %v, %v", left, err)
	}
	if err := durable.Output(dir, 0o600, func(io.Writer) error { return nil }); err == nil {
		t.Error("a folder was taken for a file")
	}
}

func TestOutputWritesStraightToWhatIsNoFile(t *testing.T) {
	if err := durable.Output(os.DevNull, 0o600, func(w io.Writer) error { _, err := io.WriteString(w, "x"); return err }); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(os.DevNull); err != nil || info.Mode().IsRegular() {
		t.Errorf("%s is %v now, %v", os.DevNull, info.Mode(), err)
	}
}

func TestAWriterThatFailedOnceNeverCommits(t *testing.T) {
	d := durabletest.New()
	w, err := durable.Create(d, "/f", 0o600)
	if err != nil {
		t.Fatal(err)
	}
	d.FailAt(0, syscall.ENOSPC)
	_, err = w.Write([]byte("lost"))
	if _, err2 := w.Write([]byte("kept")); err == nil || err2 != nil {
		t.Fatal(err, err2)
	}
	if err := w.Commit(); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("commit: %v", err)
	}
	if files := d.Files(); len(files) != 0 {
		t.Errorf("left: %v", files)
	}
	if err := w.Commit(); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("a second commit: %v", err)
	}
}

// A sync that failed may have marked the bytes as clean: to sync them again says nothing. WriteFile writes them again.
func TestAFailedSyncIsNotMendedByAnother(t *testing.T) {
	d := durabletest.New()
	if err := durable.Append(d, "/f", []byte("1"), 0o600); err != nil {
		t.Fatal(err)
	}
	d.FailAt(1, syscall.EIO) // write, sync
	if err := durable.Append(d, "/f", []byte("2"), 0o600); !errors.Is(err, syscall.EIO) {
		t.Fatal(err)
	}
	if err := durable.SyncFile(d, "/f"); err != nil {
		t.Fatal(err)
	}
	lost := d.Clone()
	lost.Restart(durabletest.Nothing)
	if got, _ := durable.ReadFile(lost, "/f"); !slices.Equal(got, []byte("1")) {
		t.Errorf("the model gives %q, want the loss that a real disk may give", got)
	}
	if err := durable.WriteFile(d, "/f", []byte("12"), 0o600); err != nil {
		t.Fatal(err)
	}
	d.Restart(durabletest.Nothing)
	if got, _ := durable.ReadFile(d, "/f"); !slices.Equal(got, []byte("12")) {
		t.Errorf("after WriteFile: %q", got)
	}
}
