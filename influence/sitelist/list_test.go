package sitelist_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"marque/influence/site"
	"marque/influence/sitelist"
	"marque/ingest/ingesttest"
)

func day(s string) time.Time {
	d, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return d
}

func TestForms(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []site.Site
	}{
		{"one a line", "# watched, by hand\nseeblick.top\nhxxps://www.seeblick[.]ltd/x # two\n\n0.0.0.0 hafen.example\n*.kran.example\n", []site.Site{
			{Host: "seeblick.top"}, {Host: "seeblick.ltd"}, {Host: "hafen.example"}, {Host: "kran.example"},
		}},
		{"a notice", "date,domain,family,by,source\n2024-09-04,seeblick.ltd,Harbour,US,court\n", []site.Site{
			{Host: "seeblick.ltd", Operation: "Harbour", Seized: day("2024-09-04")},
		}},
		{"own columns in any case", "\xef\xbb\xbfDomain,Registered,Campaign,Registrar,IP\nseeblick[.]ltd,3/5/2024,Harbour,\"Names, Inc.\",\"192.0.2.7,198.51.100.1\"\n", []site.Site{
			{Host: "seeblick.ltd", Operation: "Harbour", Registered: day("2024-03-05"), Facts: []site.Fact{
				{Kind: "registrar", Value: "Names, Inc."},
				{Kind: "ip", Value: "192.0.2.7"},
				{Kind: "ip", Value: "198.51.100.1"},
				{Kind: "net", Value: "192.0.2.0/24"},
				{Kind: "net", Value: "198.51.100.0/24"},
			}},
		}},
		{"one fact a row", "domain,kind,value\na.example,ip,192.0.2.7\na.example,ns,n.example\n", []site.Site{
			{Host: "a.example", Facts: []site.Fact{{Kind: "ip", Value: "192.0.2.7"}, {Kind: "ns", Value: "n.example"}}},
		}},
		{"Meta's", "Tactic,Technique,Procedure,Indicator,Comments\n0,0.6,0.6.2 x,seeblick[.]ltd,Registration date: 4 July 2024\n0,0.9,0.9.4 y,https://x[.]com/a,\n", []site.Site{
			{Host: "seeblick.ltd", Operation: "list", Registered: day("2024-07-04")},
		}},
	} {
		var l sitelist.List
		if err := l.Add("list", []byte(c.text)); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if diff := cmp.Diff(c.want, l.Sites); diff != "" || l.Unusable > 0 {
			t.Errorf("%s: %s %v", c.name, diff, l.Bad)
		}
	}
}

func TestUnusableLinesAreToldWithFileAndLine(t *testing.T) {
	var l sitelist.List
	if err := l.Add("plain.txt", []byte("good.example\nnot a name at all\nlocalhost\n")); err != nil {
		t.Fatal(err)
	}
	if err := l.Add("dated.csv", []byte("domain,registered\ngood2.example,yesterday\n")); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, b := range l.Bad {
		place, _, _ := strings.Cut(b.Error(), ":")
		got = append(got, place)
	}
	if diff := cmp.Diff([]string{"plain.txt, line 2", "plain.txt, line 3", "dated.csv, line 2"}, got); diff != "" || len(l.Sites) != 2 {
		t.Errorf("%s, sites %v", diff, l.Sites)
	}
	if err := l.Add("other.csv", []byte("a,b\n1,2\n")); !errors.Is(err, sitelist.ErrColumns) {
		t.Errorf("unknown columns: %v", err)
	}
}

// TestPublishedLists reads the lists that others publish; each has as many sites as its publisher says.
func TestPublishedLists(t *testing.T) {
	for _, c := range []struct {
		path         string
		sites, dated int
	}{
		{"meta-threat-research/Doppelganger_published_2024-08-20.csv.gz", 198, 197},
		{"domains/sites-of-concern.csv.gz", 7121, 0},
		{"domains/newly-registered-sample.txt.gz", 35047, 0},
		{"measures/seized-domains.csv", 32, 0},
		{"massmove/sites.csv.gz", 1511, 0},
		{"massmove/DomainNameData_-_2020-03-20.csv.gz", 831, 830},
		{"massmove/operators.csv.gz", 748, 0},
	} {
		l, err := sitelist.Read(t.Context(), ingesttest.Data(t, filepath.FromSlash(c.path)))
		if err != nil {
			t.Errorf("%s: %v", c.path, err)
			continue
		}
		dated := 0
		for _, s := range l.Sites {
			if !s.Registered.IsZero() {
				dated++
			}
		}
		if len(l.Sites) != c.sites || dated != c.dated {
			t.Errorf("%s: %d sites, %d dated, want %d, %d; %d unusable, %v", c.path, len(l.Sites), dated, c.sites, c.dated, l.Unusable, l.Bad[:min(3, len(l.Bad))])
		}
	}
}

func FuzzAdd(f *testing.F) {
	f.Add("domain,registered\na.example,2024-01-01\n")
	f.Add("date,domain,by\n2024-01-01,hxxp://a[.]example,US\n")
	f.Add("a.example\nb.example # x\n")
	f.Fuzz(func(t *testing.T, s string) {
		var l sitelist.List
		_ = l.Add("f", []byte(s))
		for _, s := range l.Sites {
			if _, err := site.Parse(s.Host); err != nil {
				t.Errorf("%q is no host: %v", s.Host, err)
			}
		}
	})
}
