//go:build unix

package peers_test

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"marque/influence/account"
)

// TestCoordinationBesideToolkit runs coordination-network-toolkit and Marque on the same file in one run: who posts the same text within a
// minute. Marque must know the pairs that the toolkit finds, and take less of the processor for all kinds of evidence than it takes for texts alone.
func TestCoordinationBesideToolkit(t *testing.T) {
	data := os.Getenv("MARQUE_DATA")
	if data == "" {
		t.Skip("MARQUE_DATA is not set: it names the folder with posts/")
	}
	posts := postsOf(t, filepath.Join(data, "posts", "ira-posts-2016-2017.tsv.gz"))
	var in bytes.Buffer
	w := csv.NewWriter(&in)
	if err := w.Write(strings.Split("message_id,user_id,username,repost_id,reply_id,message,timestamp,urls", ",")); err != nil {
		t.Fatal(err)
	}
	for i, p := range posts {
		if err := w.Write([]string{strconv.Itoa(i), p.Account, p.Account, "", "", p.Text, strconv.FormatInt(p.Time.Unix(), 10), ""}); err != nil {
			t.Fatal(err)
		}
	}
	w.Flush()
	var theirs struct {
		Seconds float64
		Pairs   [][3]any
	}
	if err := json.Unmarshal(python(t, &in, "coordination_pairs.py", "60"), &theirs); err != nil {
		t.Fatal(err)
	}
	start := processorTime(t)
	if _, err := account.Run(t.Context(), slices.Values(posts), account.Config{}, ""); err != nil {
		t.Fatal(err)
	}
	took := processorTime(t) - start
	ours, err := account.Run(t.Context(), slices.Values(posts), account.Config{Kinds: []account.Kind{account.Text}, Common: true}, "")
	if err != nil {
		t.Fatal(err)
	}
	known, strong := 0, 0
	for _, p := range theirs.Pairs {
		if times := p[2].(float64); times < 2 { // one text may be too short to count
			continue
		}
		strong++
		if slices.ContainsFunc(ours.Partners(p[0].(string)), func(q account.Partner) bool { return q.Account == p[1] }) {
			known++
		}
	}
	t.Logf("%d posts: toolkit %.1f s, %d pairs, %d with two messages or more; Marque %.2f s for all kinds, knows %d of these (%.1f times as fast)",
		len(posts), theirs.Seconds, len(theirs.Pairs), strong, took.Seconds(), known, theirs.Seconds/took.Seconds())
	if strong == 0 || float64(known) < 0.95*float64(strong) {
		t.Errorf("%d of %d pairs known, want 95 %%", known, strong)
	}
	if took.Seconds() > theirs.Seconds {
		t.Errorf("Marque took %v, the toolkit %.1f s", took, theirs.Seconds)
	}
}

// processorTime is what this process has used.
func processorTime(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func postsOf(t *testing.T, path string) []account.Post {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	known, err := account.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	r, err := account.NewReader(z, known)
	if err != nil {
		t.Fatal(err)
	}
	posts := slices.Collect(r.Posts())
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	return posts
}
