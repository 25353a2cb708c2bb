//go:build unix || windows

package lock_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"marque/internal/lock"
)

// With MARQUE_LOCK the test binary is the other process: it holds the lock until its standard input ends.
func TestMain(m *testing.M) {
	path := os.Getenv("MARQUE_LOCK")
	if path == "" {
		os.Exit(m.Run())
	}
	l, err := lock.Try(path)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("held")
	_, _ = io.Copy(io.Discard, os.Stdin)
	if err := l.Close(); err != nil {
		os.Exit(1)
	}
}

func TestLocksExcludeEachOther(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	a, err := lock.Shared(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	b, err := lock.Shared(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lock.Try(path); !errors.Is(err, lock.ErrLocked) {
		t.Errorf("exclusive beside shared: %v", err)
	}
	if err := errors.Join(a.Close(), b.Close()); err != nil {
		t.Fatal(err)
	}
	c, err := lock.Try(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lock.Try(path); !errors.Is(err, lock.ErrLocked) {
		t.Errorf("exclusive twice: %v", err)
	}
	over, cancel := context.WithCancelCause(t.Context())
	stop := errors.New("no more time")
	cancel(stop)
	if _, err := lock.Shared(over, path); !errors.Is(err, lock.ErrLocked) || !errors.Is(err, stop) {
		t.Errorf("shared beside exclusive: %v", err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestTheErrorSaysWhoHoldsTheLockAndWaitingEndsWithThem(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	other := exec.CommandContext(t.Context(), os.Args[0], "keeper", "of\x1b[31m", "the=lock")
	other.Env = append(os.Environ(), "MARQUE_LOCK="+path)
	in, err := other.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := other.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "held\n" {
		t.Fatalf("the other process says %q, %v", line, err)
	}

	_, err = lock.Try(path)
	var h *lock.HeldError
	if !errors.As(err, &h) || h.Holder.PID != other.Process.Pid || h.Holder.Since.IsZero() {
		t.Fatalf("%v, want one that names process %d", err, other.Process.Pid)
	}
	if text := err.Error(); !strings.Contains(text, "keeper of [31m the=lock") || strings.Contains(text, "\x1b") {
		t.Errorf("the message is %q, want the command without control characters", text)
	}

	got := make(chan error, 1)
	go func() {
		l, err := lock.Exclusive(t.Context(), path)
		if err == nil {
			err = l.Close()
		}
		got <- err
	}()
	if err := in.Close(); err != nil {
		t.Fatal(err)
	}
	if err := other.Wait(); err != nil {
		t.Fatal(err)
	}
	if err := <-got; err != nil {
		t.Errorf("who waited got %v", err)
	}
	if left, err := os.ReadFile(path); err != nil || len(left) != 0 {
		t.Errorf("a lock that nobody holds names %q, %v", left, err)
	}
}

func TestAFolderThatCannotBeWrittenIsLockedForReading(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	if err := os.WriteFile(path, nil, 0o440); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Dir(path), 0o550); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(filepath.Dir(path), 0o750) })
	l, err := lock.Shared(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}
