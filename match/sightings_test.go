package match_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"marque/match"
	"marque/stix"
	"marque/store"
	"marque/store/sqlite"
)

// sightingsOf runs files against one indicator and stores what they add up to, as one run of the program does.
type sightingsOf struct {
	db  *sqlite.DB
	set *match.Set
}

func openSightings(t *testing.T) *sightingsOf {
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "store.db"), sqlite.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return &sightingsOf{db, evilSet(t)}
}

func (s *sightingsOf) put(t *testing.T, accounts ...match.Account) int {
	t.Helper()
	objects, err := match.Sightings(t.Context(), s.db.View(store.Owner()), accounts...)
	if err != nil {
		t.Fatal(err)
	}
	res, err := s.db.Put(t.Context(), store.Provenance{Source: "test", Importer: "test", Time: time.Unix(2e9, 0)}, objects)
	if err != nil {
		t.Fatal(err)
	}
	if len(res.Refused) > 0 {
		t.Errorf("refused %+v", res.Refused)
	}
	return res.Stored()
}

// account is what a file counts.
func (s *sightingsOf) account(t *testing.T, file io.Reader) match.Account {
	t.Helper()
	var point match.Checkpoint
	_, tally, err := match.Run(t.Context(), []match.Source{{Path: "x", Reader: file}}, formats(t), s.set, match.Config{
		Workers: 2, SegmentBytes: 1000, ChunkBytes: 4096, Commit: func(p match.Checkpoint, _ *match.Tally) error { point = p; return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return match.Account{Origin: match.Origin{Beginning: point.Beginning}, Rows: tally.SightingRows()}
}

// counts are the counts in the store, by hour, with first and last seen.
func (s *sightingsOf) counts(t *testing.T) []string {
	t.Helper()
	var out []string
	for rec, err := range s.db.View(store.Owner()).Find(t.Context(), store.Query{Types: []string{"sighting"}}) {
		if err != nil {
			t.Fatal(err)
		}
		var v stix.Sighting
		if err := rec.Decode(&v); err != nil {
			t.Fatal(err)
		}
		out = append(out, fmt.Sprintf("%d from %s to %s", *v.Count, v.FirstSeen.Time().Format("15:04:05"), v.LastSeen.Time().Format("15:04:05.000")))
	}
	return out
}

// log is lines of one hour, from a second on.
func log(from, n int, host string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"time":%d,"sensor":"fw","domain":"%s%d.evil.example"}`+"\n", 1709287200+from+i, host, from+i)
	}
	return b.String()
}

// TestSightingsAddUp: another file, and what was appended to one, adds to the count of sensor and hour; the same file again, packed
// or not, in one run or in two, changes nothing.
func TestSightingsAddUp(t *testing.T) {
	s := openSightings(t)
	packed := func(text string) io.Reader {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		_, _ = w.Write([]byte(text))
		_ = w.Close()
		return &b
	}
	first, second, long := log(0, 5, "a"), log(100, 7, "b"), log(0, 2000, "a") // long is larger than what files are told by
	for _, step := range []struct {
		name   string
		files  []io.Reader
		stored int
		want   string
	}{
		{"a file", []io.Reader{strings.NewReader(first)}, 1, "5 from 10:00:00 to 10:00:04.001"},
		{"the same", []io.Reader{strings.NewReader(first)}, 0, "5 from 10:00:00 to 10:00:04.001"},
		{"another", []io.Reader{strings.NewReader(second)}, 1, "12 from 10:00:00 to 10:01:46.001"},
		{"both again", []io.Reader{strings.NewReader(second), strings.NewReader(first)}, 0, "12 from 10:00:00 to 10:01:46.001"},
		{"the first, grown", []io.Reader{strings.NewReader(log(0, 9, "a"))}, 1, "16 from 10:00:00 to 10:01:46.001"},
		{"grown past what it is told by", []io.Reader{strings.NewReader(long)}, 1, "2007 from 10:00:00 to 10:33:19.001"},
		{"packed meanwhile", []io.Reader{packed(long), packed(second)}, 0, "2007 from 10:00:00 to 10:33:19.001"},
	} {
		var accounts []match.Account
		for _, f := range step.files {
			accounts = append(accounts, s.account(t, f))
		}
		if n := s.put(t, accounts...); n != step.stored {
			t.Errorf("%s: %d stored, want %d", step.name, n, step.stored)
		}
		if d := cmp.Diff([]string{step.want}, s.counts(t)); d != "" {
			t.Errorf("%s (-want +got):\n%s", step.name, d)
		}
	}
}

// TestSightingsOfOneRunAreThoseOfSeveral: files in one run add up as they do one by one.
func TestSightingsOfOneRunAreThoseOfSeveral(t *testing.T) {
	files := []string{log(0, 5, "a"), log(50, 6, "b"), log(90, 8, "c")}
	together, apart := openSightings(t), openSightings(t)
	var accounts []match.Account
	for _, f := range files {
		accounts = append(accounts, together.account(t, strings.NewReader(f)))
		apart.put(t, apart.account(t, strings.NewReader(f)))
	}
	together.put(t, accounts...)
	if d := cmp.Diff(apart.counts(t), together.counts(t)); d != "" {
		t.Errorf("(-apart +together):\n%s", d)
	}
}

// TestTheLakeMayHoldWhatFilesHold: of what a look back and all files counted, the larger count holds, in any order.
func TestTheLakeMayHoldWhatFilesHold(t *testing.T) {
	s := openSightings(t)
	lake := func(n int) match.Account {
		a := s.account(t, strings.NewReader(log(0, n, "l")))
		return match.Account{Origin: match.Origin{Lake: true}, Rows: a.Rows}
	}
	file := func(from, n int) match.Account { return s.account(t, strings.NewReader(log(from, n, "f"))) }
	for i, step := range []struct {
		account match.Account
		want    string
	}{{lake(5), "5"}, {file(0, 3), "5"}, {lake(5), "5"}, {file(100, 4), "7"}, {lake(8), "8"}, {file(200, 2), "9"}} {
		s.put(t, step.account)
		got, _, _ := strings.Cut(s.counts(t)[0], " ")
		if got != step.want {
			t.Errorf("step %d: %s, want %s", i, got, step.want)
		}
	}
}

// failing is a store that cannot be read.
type failing struct{ store.Reader }

func (failing) Get(context.Context, stix.ID) (*store.Record, error) { return nil, io.ErrClosedPipe }

func TestSightingsNameWhatCouldNotBeRead(t *testing.T) {
	s := openSightings(t)
	_, err := match.Sightings(t.Context(), failing{}, s.account(t, strings.NewReader(log(0, 1, "a"))))
	if err == nil || !strings.Contains(err.Error(), indicatorID(1)) {
		t.Errorf("got %v", err)
	}
}
