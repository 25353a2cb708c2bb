package lake_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"marque/event"
	"marque/lake"
	"marque/match"
)

// segment writes events under a name and commits them; they are not settled yet.
func segment(t *testing.T, l *lake.Lake, name string, victims ...string) match.Segment {
	t.Helper()
	s, err := l.Begin(t.Context(), name, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range victims {
		e := event.Event{Time: time.Date(2024, 3, 1, 10, 0, 0, 0, time.UTC).UnixNano(), Format: "short", Victim: []byte(v)}
		if err := s.Writer(0).Append(&e); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

func victims(t *testing.T, l *lake.Lake) map[string]int {
	t.Helper()
	out := map[string]int{}
	for _, r := range rows(t, l) {
		out[r.Victim]++
	}
	return out
}

// TestCompactLeavesWhatMayBeBegunAgain is the life of a segment whose keeper was killed before it kept the counts.
func TestCompactLeavesWhatMayBeBegunAgain(t *testing.T) {
	l := open(t)
	for i := range 3 {
		if err := segment(t, l, fmt.Sprintf("x-%d", i), fmt.Sprint("settled ", i)).Settle(); err != nil {
			t.Fatal(err)
		}
	}
	segment(t, l, "x-3", "cut off", "half")
	done, err := l.Compact(t.Context(), lake.CompactConfig{})
	if err != nil || done.Read != 3 {
		t.Fatalf("%+v %v", done, err)
	}
	again, err := lake.Open(l.Where()) // another process goes on
	if err != nil {
		t.Fatal(err)
	}
	if done, err := again.Compact(t.Context(), lake.CompactConfig{}); err != nil || done.Read != 0 {
		t.Fatalf("%+v %v", done, err)
	}
	if err := segment(t, again, "x-3", "cut off", "whole").Settle(); err != nil {
		t.Fatal(err)
	}
	want := map[string]int{"settled 0": 1, "settled 1": 1, "settled 2": 1, "cut off": 1, "whole": 1}
	if d := cmp.Diff(want, victims(t, again)); d != "" {
		t.Error(d)
	}
	if done, err := again.Compact(t.Context(), lake.CompactConfig{}); err != nil || done.Read != 2 {
		t.Fatalf("%+v %v", done, err)
	}
	if d := cmp.Diff(want, victims(t, again)); d != "" {
		t.Error(d)
	}
}

// TestSweepSettlesWhatIsKnown is the start of a keeper that was killed after it kept the counts and before it said so.
func TestSweepSettlesWhatIsKnown(t *testing.T) {
	l := open(t)
	segment(t, l, "x-1", "known")
	segment(t, l, "x-2", "known too")
	segment(t, l, "x-3", "unknown")
	segment(t, l, "y-1", "of another")
	if err := l.Sweep(t.Context(), "x", func(s string) bool { return s < "x-3" }); err != nil {
		t.Fatal(err)
	}
	if done, err := l.Compact(t.Context(), lake.CompactConfig{}); err != nil || done.Read != 2 {
		t.Fatalf("%+v %v", done, err)
	}
	if d := cmp.Diff(map[string]int{"known": 1, "known too": 1, "of another": 1}, victims(t, l)); d != "" {
		t.Error(d)
	}
}

func TestAbortLeavesNothingPending(t *testing.T) {
	l := open(t)
	s, err := l.Begin(t.Context(), "x-1", 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Abort(); err != nil {
		t.Fatal(err)
	}
	left, err := filepath.Glob(filepath.Join(l.Where(), "pending", "*"))
	if err != nil || len(left) != 0 {
		t.Error(left, err)
	}
}

// TestFilesStayWhileTheyAreRead takes files away in the middle of a look back.
func TestFilesStayWhileTheyAreRead(t *testing.T) {
	l := open(t)
	keep(t, l, sample(2000))
	keep(t, l, sample(1)+sample(2000))
	var compact, retain error
	tried := false
	_, tally, err := l.Hunt(t.Context(), wanted, lake.HuntConfig{Workers: 1, Hit: func(match.Hit) {
		if !tried {
			tried = true
			_, compact = l.Compact(t.Context(), lake.CompactConfig{})
			_, retain = l.Retain(t.Context(), lake.RetainConfig{Bytes: 1})
		}
	}})
	if err != nil || len(tally.Sightings) == 0 {
		t.Fatal(err)
	}
	if !errors.Is(compact, lake.ErrBusy) || !errors.Is(retain, lake.ErrBusy) {
		t.Errorf("compact %v, retain %v", compact, retain)
	}
	inner := error(nil)
	_, err = l.Compact(t.Context(), lake.CompactConfig{Progress: func(int, int) { _, inner = l.Retain(t.Context(), lake.RetainConfig{Bytes: 1}) }})
	if err != nil || !errors.Is(inner, lake.ErrLocked) {
		t.Errorf("compact %v, retain meanwhile %v", err, inner)
	}
	if left, _ := filepath.Glob(filepath.Join(l.Where(), "day=*", "hour=*", "*.tmp")); len(left) != 0 {
		t.Error(left)
	}
}

// TestCompactFinishesAfterAKill leaves half a file and replaced files behind.
func TestCompactFinishesAfterAKill(t *testing.T) {
	l := open(t)
	for i := range 2 {
		if err := segment(t, l, fmt.Sprintf("x-%d", i), fmt.Sprint(i)).Settle(); err != nil {
			t.Fatal(err)
		}
	}
	before, err := l.Files(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	held := map[string][]byte{}
	for _, f := range before {
		if held[f.Path], err = os.ReadFile(f.Path); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := l.Compact(t.Context(), lake.CompactConfig{}); err != nil {
		t.Fatal(err)
	}
	for path, data := range held { // as if killed before they were removed
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	half := filepath.Join(filepath.Dir(before[0].Path), "c-0123456789abcdef.parquet.tmp")
	if err := os.WriteFile(half, []byte("PAR1"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Compact(t.Context(), lake.CompactConfig{}); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(map[string]int{"0": 1, "1": 1}, victims(t, l)); d != "" {
		t.Error(d)
	}
	if _, err := os.Stat(half); !errors.Is(err, os.ErrNotExist) {
		t.Error("half a file is left")
	}
}

// TestGroupsOfAllShapes writes what the writer treats apart: many different words, long ones, hours in disorder, rows beyond one group.
func TestGroupsOfAllShapes(t *testing.T) {
	l := open(t)
	s, err := l.Begin(t.Context(), "x", 1)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int{}
	for i := range 50_000 {
		victim := fmt.Sprint("v", i%20_000)
		switch {
		case i%7 == 0:
			victim = strings.Repeat("long", i%5+3) + fmt.Sprint(i%300)
		case i%11 == 0:
			victim = "0123456789abcdef"[:i%17]
		case i%13 == 0:
			victim = "\x00"[:i%2]
		}
		want[victim]++
		hour := 0
		if i > 40_000 {
			hour = i * 7919 % 40
		}
		e := event.Event{Time: firstDay.Add(time.Duration(hour)*time.Hour).UnixNano() + int64(i), Format: []string{"short", "eve"}[i%2], Victim: []byte(victim)}
		if err := s.Writer(0).Append(&e); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(s.Commit(t.Context()), s.Settle()); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, victims(t, l)); d != "" {
		t.Errorf("(-want +got):\n%.1000s", d)
	}
	if _, err := l.Compact(t.Context(), lake.CompactConfig{}); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, victims(t, l)); d != "" {
		t.Errorf("compacted (-want +got):\n%.1000s", d)
	}
}

var firstDay = time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC)
