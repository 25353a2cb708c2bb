package main

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func rows(t *testing.T, path string) [][]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// questions are four accounts that post the same five minutes apart on five days, and one that does not, the latest first.
func questions() string {
	var lines []string
	for day := range 5 {
		for i, a := range []string{"a", "b", "c", `d"x`} {
			lines = append(lines, fmt.Sprintf("%s\t2024-03-%02dT10:%02d:00\t\t%d plums were burnt in v%d by %d men", a, 10+day, 5*i, day, day, day))
		}
		lines = append(lines, fmt.Sprintf("e\t2024-03-%02dT10:00:00\tR\tnobody else writes number %d of these", 10+day, day))
	}
	out := "account\tpublished\tpost_type\ttext\n"
	for i := range lines {
		out += lines[len(lines)-1-i] + "\n"
	}
	return out
}

func TestCoordinationAccounts(t *testing.T) {
	t.Setenv("MARQUE_WINDOW", "")
	dir := t.TempDir()
	pool, answers := filepath.Join(dir, "pool.tsv"), filepath.Join(dir, "answers.csv")
	write(t, pool, questions())
	for window, found := range map[string]bool{"": false, "60": false, "1200\n": true} {
		if window != "" {
			write(t, filepath.Join(dir, "window.txt"), window)
		}
		if err := run(t.Context(), []string{"coordination", "accounts", pool, answers}); err != nil {
			t.Fatal(err)
		}
		got := map[string]float64{}
		for _, r := range rows(t, answers)[1:] {
			v, err := strconv.ParseFloat(r[1], 64)
			if err != nil {
				t.Fatal(err)
			}
			got[r[0]] = v
		}
		if len(got) != 5 || got["e"] != 0 || (got["a"] > 1) != found || (got[`d"x`] > 1) != found {
			t.Errorf("window %q: %v, want the four found: %v", window, got, found)
		}
		if err := os.Remove(filepath.Join(dir, "window.txt")); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	t.Setenv("MARQUE_WINDOW", "soon")
	if err := run(t.Context(), []string{"coordination", "accounts", pool, answers}); err == nil || !strings.Contains(err.Error(), "soon") {
		t.Errorf("a window that is no number: %v", err)
	}
}

func TestC2PACheck(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "plain.jpg"), "\xff\xd8\xff\xda\x00\x02")
	write(t, filepath.Join(dir, "broken.JPG"), "\xff\xd8\xff")
	write(t, filepath.Join(dir, "notes.txt"), "no picture")
	answers := filepath.Join(t.TempDir(), "answers.csv")
	if err := run(t.Context(), []string{"c2pa", "check", dir, answers}); err != nil {
		t.Fatal(err)
	}
	got := rows(t, answers)
	if len(got) != 3 || got[1][0] != "broken.JPG" || got[1][1] != "unreadable" || !strings.HasPrefix(got[1][3], "Other: ") || got[2][1] != "no" {
		t.Errorf("answers %q", got)
	}
}
