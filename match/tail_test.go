package match_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"marque/match"
)

// TestTail: what is added is read, over rotations of every kind, and what stood there before is not.
func TestTail(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.log")
	write := func(flag int, text string) {
		t.Helper()
		f, err := os.OpenFile(path, flag|os.O_WRONLY|os.O_CREATE, 0o600)
		if err == nil {
			_, err = f.WriteString(text)
		}
		if err := errors.Join(err, f.Close()); err != nil {
			t.Fatal(err)
		}
	}
	rename := func() {
		if err := os.Rename(path, path+".1"); err != nil {
			t.Fatal(err)
		}
	}
	write(os.O_TRUNC, "before\n")
	steps := []func(){
		func() { write(os.O_APPEND, "one\ntw") },
		func() { write(os.O_APPEND, "o\n") },
		func() { rename(); write(os.O_EXCL, "three\n") },
		func() { rename() },
		func() {}, // no file for a while
		func() { write(os.O_EXCL, "four\nno end") },
		func() { rename(); write(os.O_EXCL, "five\n") },
		func() { write(os.O_TRUNC, "six\n") }, // copied and cut
		func() { write(os.O_APPEND, "") },
	}
	tail, err := match.OpenTail(t.Context(), path, func(context.Context) error {
		if len(steps) == 0 {
			return context.Canceled
		}
		steps[0]()
		steps = steps[1:]
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(tail)
	if want := "one\ntwo\nthree\nfour\nno end\nfive\nsix\n"; err != nil || string(got) != want {
		t.Errorf("%v: %q, want %q", err, got, want)
	}
}
