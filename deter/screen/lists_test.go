package screen_test

import (
	"compress/gzip"
	"encoding/csv"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"marque/deter/screen"
	"marque/ingest/sanctions"
)

// packed opens a table of a list in MARQUE_DATA.
func packed(t testing.TB, name string) *gzip.Reader {
	t.Helper()
	data := os.Getenv("MARQUE_DATA")
	if data == "" {
		t.Skip("MARQUE_DATA is not set: the lists are not part of the repository")
	}
	f, err := os.Open(filepath.Join(data, "sanctions", filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// bothLists reads OFAC's and the British list.
func bothLists(t testing.TB) []*sanctions.Subject {
	t.Helper()
	var all []*sanctions.Subject
	take := func(list sanctions.Subjects) {
		for s, err := range list {
			if _, ok := errors.AsType[*sanctions.EntryError](err); ok {
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, s)
		}
	}
	take(sanctions.DecodeOFAC(sanctions.OFACFiles{SDN: packed(t, "ofac/sdn.csv.gz"), Alt: packed(t, "ofac/alt.csv.gz"), Add: packed(t, "ofac/add.csv.gz")}))
	take(sanctions.DecodeUK(sanctions.UKFiles{
		Subjects: packed(t, "uk/subjects.csv.gz"), Names: packed(t, "uk/subject_names.csv.gz"), Countries: packed(t, "uk/subject_countries.csv.gz"),
	}))
	return all
}

func index(subjects []*sanctions.Subject) *screen.Index {
	b := screen.NewBuilder()
	for _, s := range subjects {
		b.Add(s)
	}
	return b.Index()
}

// TestOtherWritings asks for names in other writings among those of OFAC's list and their Latin forms.
func TestOtherWritings(t *testing.T) {
	f, err := os.Open(filepath.Join("testdata", "scripts.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	subjects := bothLists(t)
	for _, row := range rows[1:] {
		subjects = append(subjects, subject(row[2], sanctions.Unknown, row[2]))
	}
	ix := index(subjects)
	for _, row := range rows[1:] {
		right := screen.Read(row[2], sanctions.Unknown)
		found := false
		for _, h := range ix.Search(screen.Query{Name: row[1]}, screen.Options{Least: .05}) {
			found = found || h.Subject.ID == row[2] || screen.Compare(right, screen.Read(h.Name.Full, h.Subject.Kind)).Score >= .9
		}
		if !found {
			t.Errorf("%s is not found for %s", row[2], row[1])
		}
	}
}

// BenchmarkSearch asks for British names against both lists, on all processors.
func BenchmarkSearch(b *testing.B) {
	all := bothLists(b)
	ix := index(all)
	var names []string
	for _, s := range all {
		if s.List == sanctions.UK {
			for _, n := range s.Names {
				names = append(names, n.Full)
			}
		}
	}
	workers := runtime.GOMAXPROCS(0)
	b.ResetTimer()
	start := time.Now()
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := w; i < b.N; i += workers {
				ix.Search(screen.Query{Name: names[i*7919%len(names)]}, screen.Options{Limit: 3, Least: .7})
			}
		})
	}
	wg.Wait()
	b.ReportMetric(float64(b.N)/time.Since(start).Seconds(), "names/s")
	b.ReportMetric(float64(ix.Len()), "listed")
}
