//go:build unix

package filelock_test

import (
	"errors"
	"path/filepath"
	"testing"

	"marque/internal/filelock"
)

func TestLocksExcludeEachOther(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	a, err := filelock.Shared(path)
	if err != nil {
		t.Fatal(err)
	}
	b, err := filelock.Shared(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := filelock.Exclusive(path); !errors.Is(err, filelock.ErrLocked) {
		t.Errorf("exclusive beside shared: %v", err)
	}
	if err := errors.Join(a.Close(), b.Close()); err != nil {
		t.Fatal(err)
	}
	c, err := filelock.Exclusive(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := filelock.Exclusive(path); !errors.Is(err, filelock.ErrLocked) {
		t.Errorf("exclusive twice: %v", err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
}
