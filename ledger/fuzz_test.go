package ledger_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"strings"
	"testing"

	"marque/internal/durable"
	"marque/internal/durable/durabletest"
	"marque/ledger"
	"marque/stix"
)

// fuzzFile puts anything into one file of a ledger. Whatever it is, Verify and Open say what they think of it and do not panic, no write follows
// from reading, and only what was signed is taken for good.
func fuzzFile(f *testing.F, name string, good func(disk map[string][]byte, data []byte) bool) {
	whole := durabletest.New()
	l, err := ledger.Open(f.Context(), folder, ledger.Config{Now: clock(), FS: whole})
	if err != nil {
		f.Fatal(err)
	}
	for i := range 3 {
		o, err := parseJudgement(i, "who?")
		if err != nil {
			f.Fatal(err)
		}
		if _, err := l.Append([]*stix.Object{o}); err != nil {
			f.Fatal(err)
		}
		f.Add(whole.Files()[folder+"/"+name])
	}
	if _, err := l.Rotate(); err != nil {
		f.Fatal(err)
	}
	disk := whole.Files()
	f.Add(disk[folder+"/"+name])
	f.Add([]byte(nil))
	f.Fuzz(func(t *testing.T, data []byte) {
		d := whole.Clone()
		if err := durable.WriteFile(d, folder+"/"+name, data, 0o644); err != nil {
			t.Fatal(err)
		}
		d.Clear()
		v, err := ledger.Verify(t.Context(), folder, ledger.Options{FS: d, Judgements: stored(t, 3, nil)})
		if err != nil {
			t.Fatal(err)
		}
		if v.OK() && !good(disk, data) {
			t.Errorf("%q passes for %s", data, name)
		}
		for _, found := range v.Findings {
			if found.Reason == "" || found.Kind == "" {
				t.Errorf("a finding without a reason: %+v", found)
			}
		}
		if _, err := ledger.OpenReader(t.Context(), folder, ledger.Config{FS: d}); err != nil && !errors.Is(err, ledger.ErrAltered) && !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("open for reading: %v", err)
		}
		if n := d.Steps(); n != 0 {
			t.Errorf("reading took %d steps that change the disk", n)
		}
		if l, err := ledger.Open(t.Context(), folder, ledger.Config{FS: d}); (err == nil) != v.OK() && tileless(v) {
			t.Errorf("verify found %v, open %v", v.Findings, err)
		} else if err == nil {
			_ = l.Close()
		}
	})
}

// tileless tells whether nothing was found in tiles and the store, which Open does not look at.
func tileless(v *ledger.Verification) bool {
	for _, f := range v.Findings {
		if f.Kind == ledger.KindTile || f.Kind == ledger.KindObject || f.Kind == ledger.KindNotEntered {
			return false
		}
	}
	return true
}

func same(name string) func(map[string][]byte, []byte) bool {
	return func(disk map[string][]byte, data []byte) bool { return string(disk[folder+"/"+name]) == string(data) }
}

func FuzzEntries(f *testing.F)    { fuzzFile(f, "entries.jsonl", same("entries.jsonl")) }
func FuzzCheckpoint(f *testing.F) { fuzzFile(f, "checkpoint", same("checkpoint")) }
func FuzzTile(f *testing.F)       { fuzzFile(f, "tile/8/0/000.p/4", same("tile/8/0/000.p/4")) }
func FuzzVerifierKey(f *testing.F) {
	fuzzFile(f, "key.pub", same("key.pub"))
}

// A head may be left out of the history: those around it say the same.
func FuzzCheckpoints(f *testing.F) {
	fuzzFile(f, "checkpoints", func(disk map[string][]byte, data []byte) bool {
		history := string(disk[folder+"/checkpoints"])
		for note := range strings.SplitAfterSeq(string(data), "\n\n") {
			if !strings.Contains(history, note) {
				return false
			}
		}
		return true
	})
}

// A batch that has arrived may still lie there; one that continues the log needs the key.
func FuzzPending(f *testing.F) {
	fuzzFile(f, "pending", func(_ map[string][]byte, data []byte) bool {
		return strings.Contains(string(data), `"type":"marque-ledger-key"`)
	})
}

// A proof comes from others. What holds tells of an entry that the ledger has.
func FuzzProof(f *testing.F) {
	d, _ := onDisk(f, 5)
	l, err := ledger.Open(f.Context(), folder, ledger.Config{Now: clock(), FS: d})
	if err != nil {
		f.Fatal(err)
	}
	first := l.Key()
	if _, err := l.Rotate(); err != nil {
		f.Fatal(err)
	}
	leaves := map[string]bool{}
	for n := range 5 {
		p, err := l.Prove(judgement(f, n, "").ID)
		if err != nil {
			f.Fatal(err)
		}
		leaves[p.Leaf] = true
		data, err := json.Marshal(p)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var p ledger.Proof
		if json.Unmarshal(data, &p) != nil {
			return
		}
		if err := p.Check(first); err == nil && !leaves[p.Leaf] {
			t.Errorf("%s passes for a proof", data)
		}
	})
}
