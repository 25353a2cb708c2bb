package site_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"marque/influence/site"
)

// FuzzLook: no host name makes it panic, hang or find a name that was not asked for.
func FuzzLook(f *testing.F) {
	for _, s := range []string{
		"seeblick.top", "www.xn--xn--xn--seeblick-abc.top", "xn--.com", "xn--99999999999.com", "xn--0000h.co.com", "a..b", "..", "-.-", "www.",
		strings.Repeat("a-", 31) + "a.com", strings.Repeat("l1i", 21) + ".com", strings.Repeat("x.", 126) + "com",
		"ｓｅｅｂｌｉｃｋ.top", "ſeeblick.ﬁ",
		"\xff\xfe.com", "seeblick\u200d.com", strings.Repeat("rnvv", 15) + ".com", "co.com", "com.co", "bild.de.example.co.uk",
	} {
		f.Add(s)
	}
	w := heron(f)
	f.Fuzz(func(t *testing.T, host string) {
		n, err := site.Parse(host)
		if err == nil {
			if n.Label == "" || n.Ending == "" || len(n.Host) > 253 {
				t.Errorf("%q: %+v", host, n)
			}
			if !strings.HasSuffix(n.Host, n.Registered()) || !strings.HasSuffix(n.Registered(), n.Ending) {
				t.Errorf("%q: registered %q", host, n.Registered())
			}
			if again, err := site.Parse(n.Host); utf8.ValidString(host) && err == nil && again.Host != n.Host && !strings.HasPrefix(n.Host, "www.") {
				t.Errorf("%q: %q read again is %q", host, n.Host, again.Host)
			}
		}
		a, found, lookErr := w.Look(site.New{Host: host})
		if (err == nil) != (lookErr == nil) {
			t.Errorf("%q: parse says %v, look says %v", host, err, lookErr)
		}
		if found && (a.Name.Host != n.Host || len(a.Reasons) == 0) {
			t.Errorf("%q: %+v", host, a)
		}
		own, err := site.NewWatch(site.Config{Brands: []site.Brand{}})
		if err != nil {
			t.Fatal(err)
		}
		if own.Add(site.Site{Host: host, Operation: "x"}) == nil {
			if _, err := own.Next("x", day(t, "2024-01-01"), 3); err != nil {
				t.Errorf("%q: %v", host, err)
			}
		}
	})
}

// FuzzFamilies: whatever sites are told of, each is in one family, and the family is found by each of its sites.
func FuzzFamilies(f *testing.F) {
	f.Add("a.example|ip|1\nb.example|ip|1\nc.example|net|1")
	f.Add("|ip|\n|0|0\n.|12|\xff")
	f.Fuzz(func(t *testing.T, text string) {
		fam := site.NewFamilies()
		for line := range strings.Lines(text) {
			p := strings.SplitN(strings.TrimSuffix(line, "\n"), "|", 3)
			if len(p) == 3 {
				fam.Tell(p[0], site.Fact{Kind: p[1], Value: p[2]})
			}
		}
		n := 0
		for _, x := range fam.All() {
			n += len(x.Sites)
			for _, s := range x.Sites {
				if got, ok := fam.Of(s); !ok || got.Name != x.Name {
					t.Errorf("%q is in %q and in %q", s, x.Name, got.Name)
				}
			}
		}
		if n != fam.Len() {
			t.Errorf("%d sites in families, %d told of", n, fam.Len())
		}
	})
}
