package ledger_test

import (
	"context"
	"errors"
	"io/fs"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"marque/internal/durable"
	"marque/internal/durable/durabletest"
	"marque/ledger"
	"marque/stix"
)

// store is the judgements 0 to n-1, on operations called after Greek letters, as the workspace holds them.
func stored(t *testing.T, n int, change func(*ledger.Judgement)) iter.Seq2[ledger.Judgement, error] {
	t.Helper()
	return func(yield func(ledger.Judgement, error) bool) {
		for i := range n {
			j, err := ledger.JudgementOf(judgement(t, i, "who?"), true)
			j.Name = operation(i)
			j.Date = time.Date(2024, 10, 1+i%28, 0, 0, 0, 0, time.UTC)
			if change != nil {
				change(&j)
			}
			if !yield(j, err) {
				return
			}
		}
	}
}

func operation(i int) string { return "Operation " + strings.Repeat("I", 1+i%5) }

// onDisk makes a ledger of so many entries in memory, in batches of different sizes, and returns the disk and the head after each batch.
func onDisk(t testing.TB, n int) (*durabletest.FS, [][]byte) {
	t.Helper()
	d := durabletest.New()
	l, err := ledger.Open(t.Context(), folder, ledger.Config{Now: clock(), FS: d})
	if err != nil {
		t.Fatal(err)
	}
	var heads [][]byte
	for i, batch := 0, 1; i < n; batch++ {
		var objects []*stix.Object
		for ; len(objects) < batch && i < n; i++ {
			objects = append(objects, judgement(t, i, "who?"))
		}
		if _, err := l.Append(objects); err != nil {
			t.Fatal(err)
		}
		heads = append(heads, l.Head())
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return d, heads
}

func verify(t *testing.T, d *durabletest.FS, o ledger.Options) *ledger.Verification {
	t.Helper()
	o.FS = d
	v, err := ledger.Verify(t.Context(), folder, o)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestEveryFlippedBitIsFound(t *testing.T) {
	d, _ := onDisk(t, 7)
	for name, data := range d.Files() {
		if name == folder+"/key" {
			continue
		}
		for i := range data {
			bad := slices.Clone(data)
			bad[i] ^= 1 << (i % 8)
			if err := durable.WriteFile(d, name, bad, 0o644); err != nil {
				t.Fatal(err)
			}
			if v := verify(t, d, ledger.Options{}); v.OK() {
				t.Fatalf("%s, byte %d (%q for %q): nothing was found", name, i, bad[i], data[i])
			}
		}
		if err := durable.WriteFile(d, name, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if v := verify(t, d, ledger.Options{}); !v.OK() {
		t.Errorf("all is as it was: %v", v.Err())
	}
}

func TestEveryMissingFileIsFound(t *testing.T) {
	d, _ := onDisk(t, 300) // a full tile, and one above it
	missing := 0
	for name := range d.Files() {
		if strings.Contains(name, ".p/") || name == folder+"/key" {
			continue
		}
		less := d.Clone()
		if err := less.Remove(name); err != nil {
			t.Fatal(err)
		}
		if v := verify(t, less, ledger.Options{}); v.OK() {
			t.Errorf("without %s nothing was found", name)
		}
		missing++
	}
	if missing < 5 {
		t.Errorf("%d files were looked at: %v", missing, slices.Sorted(maps.Keys(d.Files())))
	}
	// Whoever publishes tiles may prune partial ones but the newest.
	for name := range d.Files() {
		less := d.Clone()
		if err := less.Remove(name); err != nil {
			t.Fatal(err)
		}
		newest := strings.HasSuffix(name, ".p/44") || strings.HasSuffix(name, ".p/1") && strings.Contains(name, "/8/1/")
		if strings.Contains(name, ".p/") && verify(t, less, ledger.Options{}).OK() == newest {
			t.Errorf("without %s: newest is %v", name, newest)
		}
	}
}

// cutBack gives the ledger the files that it had after fewer batches.
func cutBack(t *testing.T, now, then *durabletest.FS) {
	t.Helper()
	before := then.Files()
	for name := range now.Files() {
		if data, ok := before[name]; ok {
			if err := durable.WriteFile(now, name, data, 0o644); err != nil {
				t.Fatal(err)
			}
		} else if err := now.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
}

func TestACutBackLedgerIsFound(t *testing.T) {
	d, _ := onDisk(t, 6)
	then := d.Clone()
	l, err := ledger.Open(t.Context(), folder, ledger.Config{Now: clock(), FS: d})
	if err != nil {
		t.Fatal(err)
	}
	for i := 6; i < 9; i++ {
		if _, err := l.Append([]*stix.Object{judgement(t, i, "who?")}); err != nil {
			t.Fatal(err)
		}
	}
	newest := l.Head()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	cutBack(t, d, then)

	if v := verify(t, d, ledger.Options{}); !v.OK() {
		t.Errorf("an older ledger is consistent in itself: %v", v.Err())
	}
	v := verify(t, d, ledger.Options{Judgements: stored(t, 9, nil)})
	var named []string
	for _, f := range v.Findings {
		if f.Kind != ledger.KindNotEntered || f.Date.IsZero() || f.ID == "" {
			t.Errorf("found %+v", f)
		}
		named = append(named, f.Name)
	}
	if diff := cmp.Diff([]string{operation(6), operation(7), operation(8)}, named); diff != "" {
		t.Errorf("judgements that the ledger lacks (-want +got):\n%s", diff)
	}
	known := ledger.KnownHead{From: "a letter to an ally", Note: newest}
	v = verify(t, d, ledger.Options{Heads: []ledger.KnownHead{known}})
	if len(v.Findings) != 1 || v.Findings[0].Kind != ledger.KindCutBack || v.Findings[0].Seq != 6 || !strings.Contains(v.Err().Error(), known.From) {
		t.Errorf("against a later head: %+v", v.Findings)
	}

	again, err := ledger.Open(t.Context(), folder, ledger.Config{Now: clock(), FS: d})
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Continues(known); !errors.Is(err, ledger.ErrAltered) {
		t.Errorf("before adding to it: %v", err)
	}
	if _, err := ledger.Open(t.Context(), folder, ledger.Config{FS: d, Heads: []ledger.KnownHead{known}}); !errors.Is(err, ledger.ErrAltered) {
		t.Errorf("it is opened for writing beside a later head: %v", err)
	}
	empty := durabletest.New()
	if _, err := ledger.Open(t.Context(), folder, ledger.Config{FS: empty, Heads: []ledger.KnownHead{known}}); !errors.Is(err, ledger.ErrAltered) {
		t.Errorf("another is made in its place: %v", err)
	}
	if len(empty.Files()) > 0 {
		t.Errorf("and left %v", empty.Files())
	}
	// What is added now makes it as long as it was, and another.
	for i := 20; i < 24; i++ {
		if _, err := again.Append([]*stix.Object{judgement(t, i, "who?")}); err != nil {
			t.Fatal(err)
		}
	}
	v = verify(t, d, ledger.Options{Heads: []ledger.KnownHead{known}})
	if len(v.Findings) != 1 || v.Findings[0].Kind != ledger.KindForked {
		t.Errorf("a ledger that went on from an older head: %+v", v.Findings)
	}
}

func TestAnotherLedgerIsNoContinuation(t *testing.T) {
	_, heads := onDisk(t, 3)
	other, _ := onDisk(t, 3)
	v := verify(t, other, ledger.Options{Heads: []ledger.KnownHead{{From: "a file", Note: heads[len(heads)-1]}}})
	if len(v.Findings) != 1 || v.Findings[0].Kind != ledger.KindForked {
		t.Errorf("found %+v", v.Findings)
	}
	gone := durabletest.New()
	v = verify(t, gone, ledger.Options{Judgements: stored(t, 2, nil)})
	if len(v.Findings) != 3 || v.Findings[0].Kind != ledger.KindMissing || v.Findings[1].Name != operation(0) {
		t.Errorf("no ledger beside two judgements: %+v", v.Findings)
	}
}

func TestAnOlderHeadIsFound(t *testing.T) {
	d, heads := onDisk(t, 6)
	if err := durable.WriteFile(d, folder+"/checkpoint", heads[0], 0o644); err != nil {
		t.Fatal(err)
	}
	v := verify(t, d, ledger.Options{})
	if len(v.Findings) != 1 || !strings.Contains(v.Findings[0].Reason, "older head, of 1 entries; 6 were signed") {
		t.Errorf("found %+v", v.Findings)
	}
	if _, err := ledger.Open(t.Context(), folder, ledger.Config{FS: d}); !errors.Is(err, ledger.ErrAltered) {
		t.Errorf("a ledger that was altered is opened for writing: %v", err)
	}
}

func TestVerifyComparesWithTheStore(t *testing.T) {
	d, _ := onDisk(t, 10)
	v := verify(t, d, ledger.Options{Judgements: stored(t, 10, nil)})
	if !v.OK() {
		t.Fatalf("store and ledger agree: %v", v.Err())
	}
	v = verify(t, d, ledger.Options{Judgements: stored(t, 10, func(j *ledger.Judgement) {
		switch j.ID {
		case judgement(t, 3, "").ID:
			j.Digest = strings.Repeat("0", 64)
		case judgement(t, 6, "").ID:
			j.Version = "2025-01-01T00:00:00.000Z"
		}
	})})
	want := []ledger.Finding{
		{
			Kind: ledger.KindObject, Seq: 3, ID: judgement(t, 3, "").ID, Name: operation(3), Date: time.Date(2024, 10, 4, 0, 0, 0, 0, time.UTC),
			Reason: "the object in the store is not the one that was entered",
		},
		{
			Kind: ledger.KindObject, Seq: 6, ID: judgement(t, 6, "").ID, Name: operation(6), Date: time.Date(2024, 10, 7, 0, 0, 0, 0, time.UTC),
			Reason: "the store no longer holds this version",
		},
		{
			Kind: ledger.KindNotEntered, Seq: -1, ID: judgement(t, 6, "").ID, Name: operation(6), Date: time.Date(2024, 10, 7, 0, 0, 0, 0, time.UTC),
			Reason: "the store holds this judgement, the ledger lacks it",
		},
	}
	if diff := cmp.Diff(want, v.Findings); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

func TestADamagedEntryIsNamedByWhatIsLeft(t *testing.T) {
	for name, damage := range map[string]func(string) string{
		"no longer JSON":         func(s string) string { return strings.Replace(s, `{"seq"`, `("seq"`, 1) },
		"another type in the id": func(s string) string { return strings.Replace(s, "marque-assessment--", "marque-assessmant--", 1) },
		"without its id":         func(s string) string { return s[:40] + s[len(s)-80:] },
		"cut off":                func(s string) string { return s[:len(s)-60] },
	} {
		t.Run(name, func(t *testing.T) {
			d, _ := onDisk(t, 5)
			path := folder + "/entries.jsonl"
			lines := strings.SplitAfter(string(d.Files()[path]), "\n")
			lines[2] = damage(strings.TrimSuffix(lines[2], "\n")) + "\n"
			if err := durable.WriteFile(d, path, []byte(strings.Join(lines, "")), 0o644); err != nil {
				t.Fatal(err)
			}
			v := verify(t, d, ledger.Options{Judgements: stored(t, 5, nil)})
			f := v.Findings[0]
			if f.Seq != 2 || f.Name != operation(2) || f.Date.Format(time.DateOnly) != "2024-10-03" {
				t.Errorf("found %v", v.Findings)
			}
			if i := slices.IndexFunc(v.Findings, func(f ledger.Finding) bool { return f.Kind == ledger.KindNotEntered }); i >= 0 {
				t.Errorf("a damaged entry is an entry: %v", v.Findings[i])
			}
		})
	}
}

func TestReadingChangesNothing(t *testing.T) {
	dir := t.TempDir()
	fill(t, dir, 12)
	if err := os.Remove(filepath.Join(dir, "key")); err != nil {
		t.Fatal(err)
	}
	seal(t, dir)
	before := files(t, dir)
	if v, err := ledger.Verify(t.Context(), dir, ledger.Options{}); err != nil || !v.OK() {
		t.Errorf("verify without a private key: %+v, %v", v, err)
	}
	l, err := ledger.OpenReader(t.Context(), dir, ledger.Config{})
	if err != nil {
		t.Fatal(err)
	}
	p, err := l.Prove(judgement(t, 3, "").ID)
	if err != nil || p.Check(l.Key()) != nil {
		t.Errorf("a proof: %v", err)
	}
	if _, err := l.Append([]*stix.Object{judgement(t, 50, "")}); !errors.Is(err, ledger.ErrReadOnly) {
		t.Errorf("append: %v", err)
	}
	if _, err := l.Rotate(); !errors.Is(err, ledger.ErrReadOnly) {
		t.Errorf("rotate: %v", err)
	}
	if diff := cmp.Diff(before, files(t, dir)); diff != "" {
		t.Errorf("reading changed the folder (-before +after):\n%s", diff)
	}
}

func TestALostKeyIsNeverReplaced(t *testing.T) {
	dir := t.TempDir()
	fill(t, dir, 3)
	if err := os.Remove(filepath.Join(dir, "key")); err != nil {
		t.Fatal(err)
	}
	before := files(t, dir)
	if _, err := ledger.Open(t.Context(), dir, ledger.Config{}); !errors.Is(err, ledger.ErrNoKey) {
		t.Errorf("open: %v", err)
	}
	delete(before, "lock")
	after := files(t, dir)
	delete(after, "lock")
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("a ledger without its key was changed (-before +after):\n%s", diff)
	}
	other := t.TempDir()
	fill(t, other, 1)
	key, err := os.ReadFile(filepath.Join(other, "key"))
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "key"), key, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ledger.Open(t.Context(), dir, ledger.Config{}); !errors.Is(err, ledger.ErrNoKey) {
		t.Errorf("open with the key of another ledger: %v", err)
	}
}

// seal makes a folder one that cannot be written, where the user that runs the test can be kept from that at all.
func seal(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && e.IsDir() {
			t.Cleanup(func() { _ = os.Chmod(path, 0o755) })
			err = os.Chmod(path, 0o555)
		} else if err == nil {
			err = os.Chmod(path, 0o444)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		rel, _ := filepath.Rel(dir, path)
		out[rel] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestRotate(t *testing.T) {
	dir := t.TempDir()
	fill(t, dir, 5)
	l := open(t, dir)
	first := l.Key()
	early, err := l.Prove(judgement(t, 2, "").ID)
	if err != nil {
		t.Fatal(err)
	}
	oldHead := l.Head()
	var keys []string
	for i := range 2 {
		key, err := l.Rotate()
		if err != nil || key == first || key != l.Key() {
			t.Fatalf("rotate: %q, %v", key, err)
		}
		keys = append(keys, key)
		if _, err := l.Append([]*stix.Object{judgement(t, 10+i, "who?")}); err != nil {
			t.Fatal(err)
		}
	}
	late, err := l.Prove(judgement(t, 11, "").ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	v, err := ledger.Verify(t.Context(), dir, ledger.Options{Heads: []ledger.KnownHead{{From: "before", Note: oldHead}}})
	if err != nil || !v.OK() || v.Key != keys[1] || len(v.Keys) != 3 || v.Keys[0] != first {
		t.Errorf("verify: %+v, %v", v, err)
	}
	if err := early.Check(first); err != nil {
		t.Errorf("a proof under the old key: %v", err)
	}
	for _, key := range v.Keys {
		if err := late.Check(key); err != nil {
			t.Errorf("a new proof for one who has %s: %v", key, err)
		}
	}
	other := t.TempDir()
	fill(t, other, 1)
	if err := late.Check(open(t, other).Key()); !errors.Is(err, ledger.ErrProof) {
		t.Errorf("a proof for one who has another ledger's key: %v", err)
	}
	late.Changes = late.Changes[1:]
	if err := late.Check(first); !errors.Is(err, ledger.ErrProof) {
		t.Errorf("a proof with a gap in the chain of keys: %v", err)
	}
	late.Entry.Digest = "0"
	if err := late.Check(keys[1]); !errors.Is(err, ledger.ErrProof) {
		t.Errorf("a proof that tells of another entry than it proves: %v", err)
	}
	if l := open(t, dir); l.Size() != 9 || l.Key() != keys[1] {
		t.Errorf("reopened: %d entries, key %s", l.Size(), l.Key())
	}
}

func TestOpenStopsWithItsContext(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := ledger.Open(ctx, dir, ledger.Config{}); !errors.Is(err, context.Canceled) {
		t.Errorf("open beside a writer: %v", err)
	}
	if v, err := ledger.Verify(t.Context(), dir, ledger.Options{}); err != nil || !v.OK() {
		t.Errorf("verify beside a writer: %+v, %v", v, err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Append([]*stix.Object{judgement(t, 1, "")}); !errors.Is(err, ledger.ErrClosed) {
		t.Errorf("append after close: %v", err)
	}
}
