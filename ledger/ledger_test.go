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

func judgement(t testing.TB, n int, text string) *stix.Object {
	t.Helper()
	o, err := parseJudgement(n, text)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func parseJudgement(n int, text string) (*stix.Object, error) {
	return stix.Parse(fmt.Appendf(nil,
		`{"type":"marque-assessment","spec_version":"2.1","id":%q,"created":"2024-10-15T00:00:00.000Z","modified":"2024-10-15T00:00:00.000Z","question":%q}`,
		stix.DerivedID("marque-assessment", fmt.Sprint(n)), text))
}

func clock() func() time.Time {
	now := time.Date(2024, 10, 16, 0, 0, 0, 0, time.UTC)
	return func() time.Time { now = now.Add(time.Second); return now }
}

func open(t *testing.T, dir string) *ledger.Log {
	t.Helper()
	l, err := ledger.Open(t.Context(), dir, ledger.Config{Origin: "example.org/ledger", Now: clock()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
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
	if err := l.Close(); err != nil {
		t.Fatal(err)
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
	v, err := ledger.Verify(t.Context(), dir, ledger.Options{})
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
			v, err := ledger.Verify(t.Context(), dir, ledger.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if v.OK() || v.Findings[0].Seq != tc.seq || !errors.Is(v.Err(), ledger.ErrAltered) {
				t.Errorf("found %+v, want entry %d", v.Findings, tc.seq)
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
	if _, err := ledger.Verify(t.Context(), t.TempDir(), ledger.Options{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}
