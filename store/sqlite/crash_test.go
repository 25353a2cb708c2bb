package sqlite_test

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"marque/stix"
	"marque/store"
	"marque/store/sqlite"
	"marque/store/storetest"
)

var kills = flag.Int("kills", 25, "how often TestKill kills the writing process")

// childVar tells the test binary that it is a child process: what to do, and with which file.
const childVar = "MARQUE_SQLITE_TEST_CHILD"

func TestMain(m *testing.M) {
	if what, path, ok := strings.Cut(os.Getenv(childVar), "="); ok {
		if err := child(what, path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func startChild(t *testing.T, what, path string) (*exec.Cmd, *bufio.Reader) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), childVar+"="+what+"="+path)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := cmd.StdinPipe(); err != nil { // stays open as long as this process lives
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, bufio.NewReader(out)
}

const batchOf = 40

// batchFrom is what a child stores as its n-th batch: one source and batchOf objects with derived ids.
func batchFrom(run string, n int) (store.Provenance, []*stix.Object, error) {
	p := store.Provenance{Source: fmt.Sprintf("%s/%d", run, n), Importer: "crash/1"}
	objects := make([]*stix.Object, batchOf)
	for i := range objects {
		o, err := stix.New(stix.Tool{
			Common: stix.NewCommon(stix.DerivedID("tool", run, fmt.Sprint(n), fmt.Sprint(i)), stix.At(provenanceTime), storetest.Vendor),
			Name:   fmt.Sprintf("tool %s %d %d", run, n, i), Description: strings.Repeat("padding ", 50),
		})
		if err != nil {
			return p, nil, err
		}
		objects[i] = o
	}
	return p, objects, nil
}

// child writes batches for ever and acknowledges each on standard output once Put has returned.
func child(what, path string) error {
	ctx := context.Background()
	switch verb, run, _ := strings.Cut(what, ":"); verb {
	case "write":
		db, err := sqlite.Open(ctx, path, sqlite.Config{})
		if err != nil {
			return err
		}
		for n := 0; ; n++ {
			p, objects, err := batchFrom(run, n)
			if err != nil {
				return err
			}
			if _, err := db.Put(ctx, p, objects); err != nil {
				return err
			}
			fmt.Println(n)
		}
	case "lock": // holds the write lock until its standard input ends
		db, err := sql.Open("sqlite", "file:"+path+"?_txlock=immediate")
		if err != nil {
			return err
		}
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer tx.Rollback()
		fmt.Println("locked")
		_, err = io.Copy(io.Discard, os.Stdin)
		return err
	}
	return errors.New("unknown child")
}

// TestKill kills a writing process at a random byte of its acknowledgements, again and again, and looks at what is left.
func TestKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	rnd := rand.New(rand.NewPCG(1, 2))
	acknowledged := map[string]int{} // run → batches
	for k := range *kills {
		run := fmt.Sprintf("r%d", k)
		cmd, out := startChild(t, "write:"+run, path)
		stop := rnd.IntN(60) // bytes: from "before the first acknowledgement" to some twenty batches
		for range stop {
			b, err := out.ReadByte()
			if err != nil {
				t.Fatalf("child ended by itself: %v", err)
			}
			if b == '\n' {
				acknowledged[run]++
			}
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		for { // what it had acknowledged before it died counts
			line, err := out.ReadString('\n')
			if err != nil {
				break
			}
			if strings.HasSuffix(line, "\n") {
				acknowledged[run]++
			}
		}
		_ = cmd.Wait()
		checkAfterKill(t, path, acknowledged)
		if t.Failed() {
			t.Fatalf("after kill %d", k+1)
		}
	}
	total := 0
	for _, n := range acknowledged {
		total += n
	}
	t.Logf("%d kills, %d batches acknowledged, none lost, none half", *kills, total)
}

func checkAfterKill(t *testing.T, path string, acknowledged map[string]int) {
	t.Helper()
	db, err := sqlite.Open(t.Context(), path, sqlite.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	perBatch := map[string]int{}
	last := int64(0)
	for rec, err := range db.View(store.Owner()).Find(t.Context(), store.Query{AllVersions: true}) {
		if err != nil {
			t.Fatal(err)
		}
		if rec.Seq != last+1 {
			t.Errorf("sequence %d after %d", rec.Seq, last)
		}
		last = rec.Seq
		perBatch[rec.Provenance.Source]++
	}
	for source, n := range perBatch {
		if n != batchOf {
			t.Errorf("batch %s has %d of %d objects", source, n, batchOf)
		}
	}
	for run, n := range acknowledged {
		for i := range n {
			if perBatch[fmt.Sprintf("%s/%d", run, i)] == 0 {
				t.Errorf("batch %s/%d was acknowledged and is lost", run, i)
			}
		}
	}
	found, err := db.View(store.Owner()).Search(t.Context(), "padding", 0)
	if err != nil || len(found) != int(last) {
		t.Errorf("full text finds %d of %d: %v", len(found), last, err)
	}
	integrity(t, path)
}

// integrity asks SQLite and its full-text index whether the file is whole.
func integrity(t *testing.T, path string) {
	t.Helper()
	raw, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	var verdict string
	if err := raw.QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
		t.Errorf("integrity check: %s, %v", verdict, err)
	}
	if _, err := raw.ExecContext(t.Context(), "INSERT INTO words (words) VALUES ('integrity-check')"); err != nil {
		t.Errorf("integrity of the full-text index: %v", err)
	}
}
