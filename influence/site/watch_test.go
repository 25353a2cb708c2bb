package site_test

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"marque/influence/site"
)

const campaign = "Night Heron" // invented

func day(t testing.TB, s string) time.Time {
	t.Helper()
	d, err := time.Parse(time.DateOnly, s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// heron watches an invented campaign against invented papers and one brand list of its own.
func heron(t testing.TB, more ...site.Site) *site.Watch {
	t.Helper()
	w, err := site.NewWatch(site.Config{Brands: []site.Brand{
		{Domain: "seeblick.de", Country: "DE", Kind: "press"},
		{Domain: "abendkurier.de", Country: "DE", Kind: "press"},
		{Domain: "nordwacht.de", Country: "DE", Kind: "press"},
		{Domain: "le-quotidien.fr", Country: "FR", Kind: "press"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	sites := []site.Site{
		{Host: "seeblick.ltd", Registered: day(t, "2023-01-10")},
		{Host: "seeblick.pics", Registered: day(t, "2023-02-01")},
		{Host: "abendkurier.ltd", Registered: day(t, "2023-02-01")},
		{Host: "wahrheit-heute.info", Registered: day(t, "2023-03-05")},
	}
	for _, s := range append(sites, more...) {
		if s.Operation == "" {
			s.Operation = campaign
		}
		if err := w.Add(s); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

func TestLookFindsSuccessors(t *testing.T) {
	w := heron(t)
	for _, c := range []struct {
		host, replaces, imitates string
		kind                     string
	}{
		{"seeblick.top", "seeblick.pics", "seeblick.de", "same label"},
		{"SEEBLICK.TOP.", "seeblick.pics", "seeblick.de", "same label"},
		{"www.seeblick.co.com", "seeblick.pics", "seeblick.de", "same label"},
		{"see-blick.top", "seeblick.pics", "seeblick.de", "respelt"},
		{"seeblickk.top", "seeblick.pics", "seeblick.de", "respelt"},
		{"s33blick.top", "seeblick.pics", "seeblick.de", "look-alike"},
		{"seebl1ck.top", "seeblick.pics", "seeblick.de", "look-alike"},
		{"xn--sebli-0we2b5c.top", "seeblick.pics", "seeblick.de", "look-alike"}, // the e, c and k are Cyrillic
		{"xn--abendkurir-j7a.top", "abendkurier.ltd", "abendkurier.de", "respelt"},
		{"seblick.top", "seeblick.pics", "seeblick.de", "respelt"},
		{"sebelick.top", "seeblick.pics", "seeblick.de", "one edit"}, // neighbours swapped
		{"seeblik.top", "seeblick.pics", "seeblick.de", "one edit"},
		{"abendkuriier-live.top", "", "", ""},
		{"wahrheitheute.net", "wahrheit-heute.info", "", "respelt"},
		{"seeblick-aktuell.top", "seeblick.pics", "seeblick.de", "with another word"},
		{"meinseeblick.top", "seeblick.pics", "seeblick.de", "with letters before or behind"},
		{"seeblick.de.somewhere.top", "seeblick.pics", "seeblick.de", "as sub-domain"},
		{"nordwacht.top", "", "nordwacht.de", "same label"},
		{"lequotidien.top", "", "le-quotidien.fr", "respelt"},
		{"gartenbedarf.top", "", "", ""},
		{"nordwacht.de", "", "", ""},                         // the brand itself
		{"seeblick.ltd", "seeblick.pics", "seeblick.de", ""}, // watched already; its sister is another matter
	} {
		a, found, err := w.Look(site.New{Host: c.host})
		if err != nil {
			t.Errorf("%s: %v", c.host, err)
			continue
		}
		if want := c.replaces != "" || c.imitates != ""; found != want {
			t.Errorf("%s: found %v, want %v (%+v)", c.host, found, want, a.Reasons)
			continue
		}
		if a.Replaces != c.replaces {
			t.Errorf("%s: would replace %q, want %q", c.host, a.Replaces, c.replaces)
		}
		if c.imitates != "" && !slices.Contains(a.Imitates, c.imitates) {
			t.Errorf("%s: imitates %v, want %q", c.host, a.Imitates, c.imitates)
		}
		if found && a.Operation != campaign {
			t.Errorf("%s: operation %q, want %q", c.host, a.Operation, campaign)
		}
		if c.kind != "" && !slices.ContainsFunc(a.Reasons, func(r site.Reason) bool { return r.Kind == c.kind }) {
			t.Errorf("%s: reasons %+v, want one of kind %q", c.host, a.Reasons, c.kind)
		}
		sum := 0.0
		for _, r := range a.Reasons {
			sum += r.Decibans
		}
		if math.Abs(sum-a.Score) > 1e-9 {
			t.Errorf("%s: reasons sum up to %.3f, score %.3f", c.host, sum, a.Score)
		}
	}
}

func TestCloserIsWorthMore(t *testing.T) {
	w := heron(t)
	score := func(host string) float64 {
		a, _, err := w.Look(site.New{Host: host})
		if err != nil {
			t.Fatal(err)
		}
		return a.Score
	}
	order := []string{"seeblick.top", "seeblic.top", "gartenbedarf.top"}
	for i := 1; i < len(order); i++ {
		if score(order[i-1]) <= score(order[i]) {
			t.Errorf("%s has %.1f, not more than %s with %.1f", order[i-1], score(order[i-1]), order[i], score(order[i]))
		}
	}
	// The ending of the real one beside its name says more than another word.
	if score("seeblick-de.top") <= score("seeblick-xy.top") {
		t.Error("seeblick-de does not weigh more than seeblick-xy")
	}
}

func TestOrdinaryWordsWeighLess(t *testing.T) {
	w := heron(t, site.Site{Host: "chicken.ltd"}, site.Site{Host: "qorvatz.ltd"})
	word, _, _ := w.Look(site.New{Host: "chicken.top"})
	made, _, _ := w.Look(site.New{Host: "qorvatz.top"})
	if word.Score >= made.Score-5 {
		t.Errorf("an ordinary word has %.1f, a made one of the same length %.1f decibans", word.Score, made.Score)
	}
}

func TestSeizedComesAgain(t *testing.T) {
	before, _, _ := heron(t).Look(site.New{Host: "wahrheit-heute.net"})
	w := heron(t, site.Site{Host: "wahrheit-heute.info", Seized: day(t, "2023-06-01")})
	if w.Len() != 4 {
		t.Errorf("a notice made %d sites of 4", w.Len())
	}
	after, _, _ := w.Look(site.New{Host: "wahrheit-heute.net"})
	if after.Score <= before.Score {
		t.Errorf("after the seizure %.1f decibans, before %.1f", after.Score, before.Score)
	}
}

func TestFactsAreWeighedByHowCommonTheyAre(t *testing.T) {
	rare, common := site.Fact{Kind: "address", Value: "192.0.2.7"}, site.Fact{Kind: "registrar", Value: "Everybody's Names"}
	w := heron(t, site.Site{Host: "zz-one.top", Facts: []site.Fact{rare, common}}, site.Site{Host: "zz-two.top", Facts: []site.Fact{rare, common}})
	for i := range 1000 {
		f := []site.Fact{common}
		if i%2 == 0 {
			f = nil
		}
		w.Seen(site.New{Host: "x.top", Facts: f})
	}
	a, found, err := w.Look(site.New{Host: "gartenbedarf.top", Facts: []site.Fact{rare, common}})
	if err != nil || !found {
		t.Fatalf("a name on the campaign's address: found %v, %v", found, err)
	}
	weight := map[string]float64{}
	for _, r := range a.Reasons {
		weight[r.Kind] = r.Decibans
	}
	if weight["address"] < 20 || weight["registrar"] > 3 {
		t.Errorf("weights %v: want much for the address, next to nothing for the registrar", weight)
	}
	if a.Operation != campaign {
		t.Errorf("operation %q", a.Operation)
	}
}

func TestOperationsAreKeptApart(t *testing.T) {
	w := heron(t, site.Site{Host: "vecherka.live", Operation: "Grey Tern"})
	a, found, _ := w.Look(site.New{Host: "vecherka.top"})
	if !found || a.Operation != "Grey Tern" || a.Replaces != "vecherka.live" {
		t.Errorf("got %+v", a)
	}
}

func TestRefusedNames(t *testing.T) {
	w := heron(t)
	for host, want := range map[string]error{
		strings.Repeat("a", 10<<20) + ".com": site.ErrTooLong, "": site.ErrNotHost, "localhost": site.ErrNotHost, ".com": site.ErrNotHost,
		"x.": site.ErrNotHost, "...": site.ErrNotHost,
	} {
		if _, found, err := w.Look(site.New{Host: host}); !errors.Is(err, want) || found {
			t.Errorf("%.20q: found %v, error %v, want %v", host, found, err, want)
		}
		if err := w.Add(site.Site{Host: host}); !errors.Is(err, want) {
			t.Errorf("add %.20q: error %v, want %v", host, err, want)
		}
	}
}

func TestThreshold(t *testing.T) {
	scores := []float64{9, 1, 5, 7, 3, 0, 0, 0, 0, 0}
	for share, want := range map[float64]float64{0: 9, .1: 7, .2: 5} {
		if got := site.Threshold(scores, share); got != want {
			t.Errorf("share %v: %v, want %v", share, got, want)
		}
	}
	if scores[0] != 9 {
		t.Error("the scores were sorted in place")
	}
}

func TestEmbeddedBrandsAreSound(t *testing.T) {
	seen := map[string]bool{}
	kinds := []string{"press", "broadcast", "agency", "magazine", "science", "health", "authority", "organisation"}
	for _, b := range site.Brands() {
		n, err := site.Parse(b.Domain)
		if err != nil || n.Label == "" || !slices.Contains(kinds, b.Kind) || len(b.Country) < 2 {
			t.Errorf("%+v: %v", b, err)
		}
		if key := b.Domain + b.Country; seen[key] {
			t.Errorf("%s twice in %s", b.Domain, b.Country)
		} else {
			seen[key] = true
		}
	}
	if len(seen) < 1000 {
		t.Errorf("%d brands", len(seen))
	}
}

func TestLookAllocatesNothingWhereNothingIsFound(t *testing.T) {
	w := heron(t)
	if n := testing.AllocsPerRun(100, func() { _, _, _ = w.Look(site.New{Host: "gartenbedarf.top"}) }); n > 0 {
		t.Errorf("%.0f allocations for an ordinary name", n)
	}
}
