package graph_test

import (
	"testing"
	"time"

	"marque/graph"
)

func TestCitationDate(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"Doe, J. (2019, May 15). Title. Retrieved June 1, 2020.", "2019-05-15"},
		{"Doe, J. (2019, September). Title.", "2019-09-28"},
		{"Doe, J. (2019, Sept. 3). Title.", "2019-09-03"},
		{"Doe, J. (2019,\u00a0June\u00a07). Title.", "2019-06-07"},
		{"Doe, J. (2019, May 31). Title.", "2019-05-28"},
		{"Doe, J. (2019, May 0). Title.", "2019-05-01"},
		{"Doe, J. (2019). Title.", "2019-12-28"},
		{"Doe, J. (2019, Xyz 1). Title (2020).", "2020-12-28"},
		{"Doe, J. (n.d.). Title. Retrieved June 1, 2020.", ""},
		{"Doe, J. (0000). Title.", ""},
		{"Doe, J. (0001, Jan 1). Title.", ""},
		{"", ""},
	} {
		got := ""
		if d, ok := graph.CitationDate(c.text); ok {
			got = d.Format(time.DateOnly)
		}
		if got != c.want {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
		}
	}
}

func FuzzCitationDate(f *testing.F) {
	for _, s := range []string{"(2019, May 15)", "(2019)", "(0000, Jan 0)", "(9999, December 99)", "(2019, Ma", "(0001,Jan0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, ok := graph.CitationDate(s)
		if ok != !d.IsZero() {
			t.Fatalf("%q: %v but %v", s, d, ok)
		}
		if !ok {
			return
		}
		again, ok := graph.CitationDate(d.Format("(2006, January 2)"))
		if !ok || !again.Equal(d) {
			t.Fatalf("%q: %v reads back as %v", s, d, again)
		}
	})
}
