package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"testing"
	"time"

	"marque/ledger"
	"marque/stix"
)

// With MARQUE_LEDGER the test binary is another process, which writes to that ledger as writers do.
func TestMain(m *testing.M) {
	dir := os.Getenv("MARQUE_LEDGER")
	if dir == "" {
		os.Exit(m.Run())
	}
	first, err := strconv.Atoi(os.Getenv("MARQUE_FIRST"))
	if err == nil {
		err = write(dir, first)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// What each writer enters.
const (
	writersEach = 3
	opensEach   = 6
	appendsEach = 2
)

// write has three writers open the ledger again and again.
func write(dir string, first int) error {
	var group sync.WaitGroup
	faults := make([]error, writersEach)
	for w := range writersEach {
		group.Go(func() { faults[w] = writer(dir, first+w*opensEach*appendsEach) })
	}
	group.Wait()
	return errors.Join(faults...)
}

func writer(dir string, next int) error {
	for range opensEach {
		l, err := ledger.Open(context.Background(), dir, ledger.Config{Wait: time.Minute})
		if err != nil {
			return err
		}
		for range appendsEach {
			o, err := parseJudgement(next, "who?")
			next++
			if err == nil {
				_, err = l.Append([]*stix.Object{o})
			}
			if err != nil {
				return errors.Join(err, l.Close())
			}
		}
		if err := l.Close(); err != nil {
			return err
		}
	}
	return nil
}

func TestTwoProcessesWithSixWriters(t *testing.T) {
	dir := t.TempDir()
	const each = writersEach * opensEach * appendsEach
	var group sync.WaitGroup
	for p := range 2 {
		group.Go(func() {
			other := exec.CommandContext(t.Context(), os.Args[0])
			other.Env = append(os.Environ(), "MARQUE_LEDGER="+dir, fmt.Sprint("MARQUE_FIRST=", p*each))
			if out, err := other.CombinedOutput(); err != nil {
				t.Errorf("process %d: %v\n%s", p, err, out)
			}
		})
	}
	stop := make(chan struct{})
	var reader sync.WaitGroup
	reader.Go(func() { // and one who verifies all the while
		for {
			v, err := ledger.Verify(t.Context(), dir, ledger.Options{})
			if err == nil && !v.OK() || err != nil && !errors.Is(err, os.ErrNotExist) {
				t.Errorf("verify while others write: %+v, %v", v, err)
				return
			}
			select {
			case <-stop:
				return
			default:
			}
		}
	})
	group.Wait()
	close(stop)
	reader.Wait()
	v, err := ledger.Verify(t.Context(), dir, ledger.Options{Judgements: stored(t, 2*each, nil)})
	if err != nil || !v.OK() || v.Entries != 2*each {
		t.Errorf("verify: %d entries of %d, %+v, %v", v.Entries, 2*each, v.Findings, err)
	}
}
