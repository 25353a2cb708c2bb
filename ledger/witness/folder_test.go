package witness_test

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"marque/internal/durable"
	"marque/internal/durable/durabletest"
	"marque/internal/lock"
	"marque/ledger/witness"
)

const origin = "log.example/../marque"

// Whatever step fails or is the last, the folder remembers the old head or the new, and what was acknowledged is not forgotten.
func TestAWitnessForgetsNothingAtAFault(t *testing.T) {
	older, newer := newLog(t, "x").add("1").tree(), newLog(t, "x").add("1", "2").tree()
	fresh := durabletest.New()
	keep := func(d durable.FS, head tlog.Tree) error {
		f, err := witness.OpenFolder("/w", d)
		if err != nil {
			return err
		}
		return f.Keep(t.Context(), origin, head)
	}
	if err := keep(fresh, older); err != nil {
		t.Fatal(err)
	}
	whole := fresh.Clone()
	if err := keep(whole, newer); err != nil {
		t.Fatal(err)
	}
	check := func(t *testing.T, d *durabletest.FS, acknowledged bool) {
		t.Helper()
		f, err := witness.OpenFolder("/w", d)
		if err != nil {
			t.Fatal(err)
		}
		got, err := f.Latest(t.Context(), origin)
		if err != nil || (got != newer && (acknowledged || got != older)) {
			t.Errorf("%v, %v", got, err)
		}
	}
	for step := range whole.Steps() + 1 {
		d := fresh.Clone()
		d.FailAt(step, syscall.ENOSPC)
		err := keep(d, newer)
		d.Restart(durabletest.Nothing)
		check(t, d, err == nil)
		for _, k := range durabletest.Keeps {
			d := fresh.Clone()
			d.CrashAt(step, k)
			err := keep(d, newer)
			d.Restart(k)
			check(t, d, err == nil)
		}
	}
}

func TestADamagedFileIsNotForgotten(t *testing.T) {
	dir := t.TempDir()
	f, err := witness.OpenFolder(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := witness.OpenFolder(dir, nil); !errors.Is(err, lock.ErrLocked) {
		t.Errorf("two witnesses in one folder: %v", err)
	}
	if head, err := f.Latest(t.Context(), origin); err != nil || head.N != 0 {
		t.Errorf("a log that was never seen: %v, %v", head, err)
	}
	if err := f.Keep(t.Context(), origin, newLog(t, "x").add("1").tree()); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	for _, damage := range []string{"", "{}", `{"origin":"another","size":1,"root":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}`} {
		if err := os.WriteFile(files[0], []byte(damage), 0o644); err != nil {
			t.Fatal(err)
		}
		if head, err := f.Latest(t.Context(), origin); err == nil {
			t.Errorf("%q was read as %v", damage, head)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := witness.OpenFolder(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
}

// A log that exchanged its key is one log: heads under either key count.
func TestALogMayExchangeItsKey(t *testing.T) {
	old, next := newLog(t, "log.example/marque").add("1"), newLogWithKey(t, "log.example/marque", "another key").add("1", "2")
	p, err := witness.NewPolicy(witness.Config{Log: []string{old.vkey, next.vkey}})
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range []*testLog{old, next} {
		if h, err := p.Open(l.head(), now); err != nil || h.N != l.size {
			t.Errorf("%v, %v", h, err)
		}
	}
	if _, err := policy(t, old, 0).Open(next.head(), now); err == nil {
		t.Error("a key that nobody named")
	}
}
