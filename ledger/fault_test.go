package ledger_test

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"
	"testing"

	"marque/internal/durable/durabletest"
	"marque/ledger"
	"marque/stix"
)

const folder = "/workspace/ledger"

// story is what a program does with a ledger: it makes one, enters judgements, exchanges the key and goes on. Each step may fail.
type story struct {
	t    *testing.T
	disk *durabletest.FS
	held []stix.ID // acknowledged
}

func (s *story) config() ledger.Config { return ledger.Config{Now: clock(), FS: s.disk} }

// batches are what the story enters, call by call; none is a change of the key.
var batches = [][]int{{0, 1, 2}, {3}, nil, {4, 5}}

func (s *story) tell() error {
	l, err := ledger.Open(s.t.Context(), folder, s.config())
	if err != nil {
		return err
	}
	return errors.Join(s.enter(l), l.Close())
}

func (s *story) enter(l *ledger.Log) error {
	for _, b := range batches {
		if b == nil {
			if _, err := l.Rotate(); err != nil {
				return err
			}
			continue
		}
		var objects []*stix.Object
		for _, n := range b {
			objects = append(objects, judgement(s.t, n, "who?"))
		}
		if _, err := l.Append(objects); err != nil {
			return err
		}
		for _, o := range objects {
			s.held = append(s.held, o.ID)
		}
	}
	return nil
}

// verify checks that the ledger is whole and holds all that was acknowledged.
func (s *story) verify(when string) {
	s.t.Helper()
	v, err := ledger.Verify(s.t.Context(), folder, ledger.Options{FS: s.disk})
	if errors.Is(err, fs.ErrNotExist) && len(s.held) == 0 {
		return
	}
	if err != nil || !v.OK() {
		s.t.Fatalf("%s: %+v, %v", when, v, err)
	}
	l, err := ledger.OpenReader(s.t.Context(), folder, s.config())
	if err != nil {
		s.t.Fatalf("%s: %v", when, err)
	}
	for _, id := range s.held {
		if p, err := l.Prove(id); err != nil || p.Check(v.Keys[0]) != nil {
			s.t.Fatalf("%s: %s was acknowledged: %v", when, id, err)
		}
	}
}

func TestEveryFaultLeavesALedgerThatVerifies(t *testing.T) {
	whole := &story{t: t, disk: durabletest.New()}
	if err := whole.tell(); err != nil {
		t.Fatal(err)
	}
	steps := whole.disk.Steps()
	if steps < 100 {
		t.Fatalf("the story has %d steps: it writes less than a ledger must", steps)
	}
	for step := range steps {
		for name, plan := range map[string]func(*durabletest.FS){
			"an error":    func(d *durabletest.FS) { d.FailAt(step, syscall.EIO) },
			"a full disk": func(d *durabletest.FS) { d.FailFrom(step, syscall.ENOSPC) },
		} {
			t.Run(fmt.Sprint(name, " at step ", step), func(t *testing.T) { goesOnAfterAFault(t, plan) })
		}
		for _, keep := range durabletest.Keeps {
			t.Run(fmt.Sprint("a kill at step ", step, " that keeps ", keep), func(t *testing.T) { survivesAKill(t, step, keep) })
		}
	}
}

// The process lives on: the same log takes what comes when the fault is over.
func goesOnAfterAFault(t *testing.T, plan func(*durabletest.FS)) {
	t.Parallel()
	s := &story{t: t, disk: durabletest.New()}
	plan(s.disk)
	l, err := ledger.Open(t.Context(), folder, s.config())
	if err == nil {
		err = s.enter(l)
	}
	s.verify("at once")
	s.disk.Clear()
	if l == nil {
		if l, err = ledger.Open(t.Context(), folder, s.config()); err != nil {
			t.Fatalf("the fault is over: %v", err)
		}
		s.held = nil
	}
	if err != nil || len(s.held) < 6 {
		if err := s.enter(l); err != nil {
			t.Fatalf("the fault is over: %v", err)
		}
	}
	s.verify("when the fault is over")
	s.disk.Restart(durabletest.Nothing)
	s.verify("after a kill that lost all that was not synced")
}

// The process is killed, and perhaps killed again while it mends what the first kill left.
func survivesAKill(t *testing.T, step int, keep durabletest.Keep) {
	t.Parallel()
	s := &story{t: t, disk: durabletest.New()}
	s.disk.CrashAt(step, keep)
	if err := s.tell(); err == nil {
		t.Fatal("the machine lost power and the program did not see it")
	}
	s.disk.Restart(keep)
	s.verify("after the kill")
	for again := 0; keep == durabletest.Nothing; again++ {
		twice := &story{t: t, disk: s.disk.Clone()}
		twice.disk.CrashAt(again, keep)
		l, err := ledger.Open(t.Context(), folder, twice.config())
		twice.disk.Restart(keep)
		if l, err := ledger.OpenReader(t.Context(), folder, twice.config()); err == nil && int(l.Size()) < len(s.held) || err != nil && len(s.held) > 0 {
			t.Fatalf("after a second kill, at step %d: %v", again, err)
		}
		if err == nil {
			_ = l.Close()
			break
		}
	}
	if err := s.tell(); err != nil {
		t.Fatalf("after the kill: %v", err)
	}
	s.verify("when all was entered again")
}

// A fault, and then a kill while the same process mends it: what the fault left visible need not be on the disk.
func TestAKillWhileAFaultIsMended(t *testing.T) {
	whole := &story{t: t, disk: durabletest.New()}
	if err := whole.tell(); err != nil {
		t.Fatal(err)
	}
	const mending = 20 // steps from the beginning of the mending
	for step := range whole.disk.Steps() {
		for kill := 0; kill < mending; kill += 1 + step%2 {
			s := &story{t: t, disk: durabletest.New()}
			s.disk.FailAt(step, syscall.EIO)
			l, err := ledger.Open(t.Context(), folder, s.config())
			if err != nil {
				break
			}
			if s.enter(l) == nil {
				break
			}
			s.disk.CrashAt(kill, durabletest.Nothing)
			again := &story{t: t, disk: s.disk, held: s.held}
			_ = again.enter(l)
			s.disk.Restart(durabletest.Nothing)
			v, err := ledger.Verify(t.Context(), folder, ledger.Options{FS: s.disk})
			if err != nil && len(again.held) > 0 || err == nil && (!v.OK() || int(v.Entries) < len(s.held)) {
				t.Fatalf("a fault at step %d, a kill %d steps on: %+v, %v", step, kill, v, err)
			}
		}
	}
}
