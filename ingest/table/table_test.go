package table_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"marque/ingest"
	"marque/ingest/table"
)

func rows(t *testing.T, csv string) []string {
	t.Helper()
	tab, err := table.Open([]byte(csv), "a", "b")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	err = tab.Each(func(r *table.Row) error {
		s := fmt.Sprintf("%d@%d+%d %s|%s", r.Number, r.Line, r.Offset, r.Get("a"), r.Get("b"))
		if r.Err != nil {
			s = fmt.Sprintf("%d@%d bad", r.Number, r.Line)
		}
		out = append(out, s)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestRows(t *testing.T) {
	for _, c := range []struct {
		name, csv string
		want      []string
	}{
		{"plain", "a,b\n1,2\n3,4\n", []string{"1@2+4 1|2", "2@3+8 3|4"}},
		{"columns in another order, spaces, no line end", "x, b ,a\n9,2, 1", []string{"1@2+8 1|2"}},
		{"byte order mark, CRLF, blank line", "\xef\xbb\xbfa,b\r\n1,2\r\n\r\n3,4\r\n", []string{"1@2+5 1|2", "2@4+12 3|4"}},
		{"quotes over lines", "a,b\n\"1\n1\",\"2,\"\"2\"\"\"\n3,4\n", []string{"1@2+4 1\n1|2,\"2\"", "2@4+20 3|4"}},
		{"too few and too many fields", "a,b\n1\n1,2,3\n5,6\n", []string{"1@2 bad", "2@3 bad", "3@4+12 5|6"}},
		{"a quote that never closes costs one row", "a,b\n\"1,2\n3,4\n5,6\n", []string{"1@2 bad", "2@3+9 3|4", "3@4+13 5|6"}},
		{"two lost quotes cost their two rows", "a,b\n\"1,2\n3,4\n\"5,6\n7,8\n", []string{"1@2 bad", "2@3+9 3|4", "3@4 bad", "4@5+18 7|8"}},
		{"UTF-16", "\xff\xfea\x00,\x00b\x00\n\x001\x00,\x002\x00\n\x00", []string{"1@2+4 1|2"}},
		{"windows-1252", "a,b\ncaf\xe9,\x93x\x94\n", []string{"1@2+4 café|“x”"}},
	} {
		if diff := cmp.Diff(c.want, rows(t, c.csv)); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

func TestHeaderLacksColumns(t *testing.T) {
	_, err := table.Open([]byte("a,c\n1,2\n"), "a", "b")
	if !errors.Is(err, ingest.ErrMalformed) || !strings.Contains(err.Error(), "b") {
		t.Errorf("error %v", err)
	}
}

func TestManyBadRowsAreNoTable(t *testing.T) {
	tab, err := table.Open([]byte("a,b\n"+strings.Repeat("\"\n", 20_000)), "a", "b")
	if err != nil {
		t.Fatal(err)
	}
	if err := tab.Each(func(*table.Row) error { return nil }); !errors.Is(err, ingest.ErrMalformed) {
		t.Errorf("error %v", err)
	}
}

func FuzzTable(f *testing.F) {
	f.Add([]byte("a,b\n1,2\n\"x,3\n"))
	f.Add([]byte("\xff\xfea\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		tab, err := table.Open(b)
		if err != nil {
			return
		}
		last := int64(-1)
		_ = tab.Each(func(r *table.Row) error {
			if r.Offset <= last {
				t.Errorf("row %d at %d after %d", r.Number, r.Offset, last)
			}
			last = r.Offset
			return nil
		})
	})
}

// TestShortTables holds that two lines are a table where they look like one and like nothing else.
func TestShortTables(t *testing.T) {
	for text, want := range map[string]bool{
		"foo,bar,baz\n1,2,3\n": true, "ioc\ttype\tnote\nevil.example\tdomain\tx\n": true, "a;b;c\n1;2;3": true,
		"Paris, London, Rome\nMadrid, Berlin, Oslo\n": false, "one line, two commas, here\n": false, "Dear all,\nthis is it,\n": false,
	} {
		if got := table.Looks([]byte(text)); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}
