package ledger_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"marque/ledger"
	"marque/stix"
)

func judgement(t *testing.T, n int, text string) *stix.Object {
	t.Helper()
	o, err := stix.Parse(fmt.Appendf(nil,
		`{"type":"marque-assessment","spec_version":"2.1","id":%q,"created":"2024-10-15T00:00:00.000Z","modified":"2024-10-15T00:00:00.000Z","question":%q}`,
		stix.DerivedID("marque-assessment", fmt.Sprint(n)), text))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func clock() func() time.Time {
	now := time.Date(2024, 10, 16, 0, 0, 0, 0, time.UTC)
	return func() time.Time { now = now.Add(time.Second); return now }
}

func open(t *testing.T, dir string) *ledger.Log {
	t.Helper()
	l, err := ledger.Open(dir, ledger.Config{Origin: "example.org/ledger", Now: clock()})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// fill appends n judgements in batches of different sizes, so that there are several signed heads.
func fill(t *testing.T, dir string, n int) {
	t.Helper()
	l := open(t, dir)
	for i, batch := 0, 1; i < n; batch++ {
		var os []*stix.Object
		for ; len(os) < batch && i < n; i++ {
			os = append(os, judgement(t, i, "who?"))
		}
		if added, err := l.Append(os); err != nil || added != len(os) {
			t.Fatalf("append: %d, %v", added, err)
		}
	}
}

func TestAppendIsIdempotentAndSurvivesReopening(t *testing.T) {
	dir := t.TempDir()
	fill(t, dir, 600) // more than two full tiles
	l := open(t, dir)
	if l.Size() != 600 {
		t.Fatalf("size %d after reopening, want 600", l.Size())
	}
	if added, err := l.Append([]*stix.Object{judgement(t, 7, "who?")}); added != 0 || err != nil {
		t.Errorf("the same judgement again: %d added, %v", added, err)
	}
	if added, err := l.Append([]*stix.Object{judgement(t, 7, "why?")}); added != 1 || err != nil {
		t.Errorf("another version: %d added, %v", added, err)
	}
	v, err := ledger.Verify(dir, nil)
	if err != nil || !v.OK() || v.Entries != 601 || v.Checkpoints < 30 {
		t.Errorf("verify: %+v, %v", v, err)
	}
}

func TestVerifyNamesTheFirstAlteredEntry(t *testing.T) {
	edit := func(path string, f func([][]byte) [][]byte) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			b, err := os.ReadFile(filepath.Join(dir, path))
			if err != nil {
				t.Fatal(err)
			}
			lines := bytes.SplitAfter(b, []byte("\n"))
			if err := os.WriteFile(filepath.Join(dir, path), bytes.Join(f(lines), nil), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	tests := map[string]struct {
		tamper func(*testing.T, string)
		seq    int64
	}{
		"one byte of an entry": {edit("entries.jsonl", func(l [][]byte) [][]byte {
			l[41] = bytes.Replace(l[41], []byte("marque"), []byte("marqve"), 1)
			return l
		}), 41},
		"two entries, the first is named": {edit("entries.jsonl", func(l [][]byte) [][]byte {
			l[50] = bytes.Replace(l[50], []byte("marque"), []byte("marqve"), 1)
			l[12] = bytes.Replace(l[12], []byte("marque"), []byte("marqve"), 1)
			return l
		}), 12},
		"an entry removed": {edit("entries.jsonl", func(l [][]byte) [][]byte {
			return append(l[:20:20], l[21:]...)
		}), 20},
		"entries swapped": {edit("entries.jsonl", func(l [][]byte) [][]byte {
			l[3], l[4] = l[4], l[3]
			return l
		}), 3},
		"cut off at the end": {edit("entries.jsonl", func(l [][]byte) [][]byte { return l[:60] }), 60},
		"one added without a signature": {edit("entries.jsonl", func(l [][]byte) [][]byte {
			return append(l[:len(l)-1], bytes.Replace(l[len(l)-2], []byte(`"seq":99`), []byte(`"seq":100`), 1))
		}), 100},
		"a signed head forged": {edit("checkpoint", func(l [][]byte) [][]byte {
			l[1] = []byte("99\n")
			return l
		}), -1},
		"the history of heads forged": {edit("checkpoints", func(l [][]byte) [][]byte {
			l[1] = []byte("5\n")
			return l
		}), -1},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			fill(t, dir, 100)
			tc.tamper(t, dir)
			v, err := ledger.Verify(dir, nil)
			if err != nil {
				t.Fatal(err)
			}
			if v.OK() || v.First.Seq != tc.seq || !errors.Is(v.Err(), ledger.ErrAltered) {
				t.Errorf("found %+v, want entry %d", v.First, tc.seq)
			}
		})
	}
}

func TestVerifyComparesWithTheStore(t *testing.T) {
	dir := t.TempDir()
	fill(t, dir, 10)
	altered := judgement(t, 6, "something else").ID
	v, err := ledger.Verify(dir, func(id stix.ID, version string) (string, bool, error) {
		for i := range 10 {
			if o := judgement(t, i, "who?"); o.ID == id && id != altered {
				d, err := o.Digest()
				return d, true, err
			}
		}
		return "0000", true, nil
	})
	if err != nil || v.OK() || v.First.Seq != 6 || v.First.ID != altered {
		t.Errorf("verify: %+v, %v; want entry 6", v.First, err)
	}
}

// A kill may end between any two writes. Whatever is left, Open goes on and Verify then finds nothing.
func TestRecoversFromAKillAtEveryStep(t *testing.T) {
	half := func(path string, cut int64) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			p := filepath.Join(dir, path)
			st, err := os.Stat(p)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.Truncate(p, st.Size()-cut); err != nil {
				t.Fatal(err)
			}
		}
	}
	restore := func(path string, b []byte) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			if err := os.WriteFile(filepath.Join(dir, path), b, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	dir := t.TempDir()
	fill(t, dir, 20)
	read := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	head, heads := read("checkpoint"), read("checkpoints")
	if _, err := open(t, dir).Append([]*stix.Object{judgement(t, 20, "a"), judgement(t, 21, "b")}); err != nil {
		t.Fatal(err)
	}
	for name, kill := range map[string][]func(*testing.T, string){
		"while the entry was written":        {restore("checkpoint", head), restore("checkpoints", heads), half("entries.jsonl", 9)},
		"before the tiles":                   {restore("checkpoint", head), restore("checkpoints", heads)},
		"while the history was written":      {restore("checkpoint", head), half("checkpoints", 30)},
		"between history and the checkpoint": {restore("checkpoint", head)},
	} {
		t.Run(name, func(t *testing.T) {
			work := t.TempDir()
			if err := os.CopyFS(work, os.DirFS(dir)); err != nil {
				t.Fatal(err)
			}
			for _, k := range kill {
				k(t, work)
			}
			if _, err := open(t, work).Append([]*stix.Object{judgement(t, 30, "c")}); err != nil {
				t.Fatal(err)
			}
			if v, err := ledger.Verify(work, nil); err != nil || !v.OK() {
				t.Errorf("verify: %+v, %v", v.First, err)
			}
		})
	}
}

func TestProofsCanBeCheckedByOthers(t *testing.T) {
	dir := t.TempDir()
	fill(t, dir, 300)
	l := open(t, dir)
	p, err := l.Prove(judgement(t, 123, "").ID)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := note.NewVerifier(l.Key())
	if err != nil {
		t.Fatal(err)
	}
	n, err := note.Open([]byte(p.Checkpoint), note.VerifierList(verifier))
	if err != nil {
		t.Fatal(err)
	}
	var size int64
	var hash, origin string
	if _, err := fmt.Sscan(n.Text, &origin, &size, &hash); err != nil {
		t.Fatal(err)
	}
	th, err := tlog.ParseHash(hash)
	if err != nil {
		t.Fatal(err)
	}
	if err := tlog.CheckRecord(p.Hashes, size, th, p.Entry.Seq, tlog.RecordHash([]byte(p.Leaf))); err != nil {
		t.Errorf("proof: %v", err)
	}
	if err := tlog.CheckRecord(p.Hashes, size, th, p.Entry.Seq, tlog.RecordHash([]byte(p.Leaf+" "))); err == nil {
		t.Error("a changed leaf passes the proof")
	}
	if _, err := l.Prove("marque-assessment--00000000-0000-4000-8000-000000000000"); !errors.Is(err, ledger.ErrNoEntry) {
		t.Errorf("proof of an unknown object: %v", err)
	}
}

func TestVerifyWithoutALedgerSaysSo(t *testing.T) {
	if _, err := ledger.Verify(t.TempDir(), nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}
