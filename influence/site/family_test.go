package site_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"marque/influence/site"
)

// told is a site with what is known of it: "address 192.0.2.1".
type told map[string][]string

func families(t told) *site.Families {
	f := site.NewFamilies()
	for d, facts := range t {
		f.Tell(d, parsed(facts)...)
	}
	return f
}

func parsed(facts []string) []site.Fact {
	var out []site.Fact
	for _, x := range facts {
		kind, value, _ := strings.Cut(x, " ")
		out = append(out, site.Fact{Kind: kind, Value: value})
	}
	return out
}

func together(t *testing.T, f *site.Families, want bool, a, b string) {
	t.Helper()
	fam, ok := f.Of(a)
	if !ok {
		t.Fatalf("nothing is known of %s", a)
	}
	if got := slices.Contains(fam.Sites, b); got != want {
		t.Errorf("%s and %s in one family: %v, want %v (%v)", a, b, got, want, f.Why(a, b))
	}
}

func TestSharedAddressAndAccountMakeAFamily(t *testing.T) {
	f := families(told{
		"alphaville.example": {"address 192.0.2.1", "tracker UA-1"}, "betatown.example": {"address 192.0.2.1"},
		"gammastadt.example": {"address 192.0.2.9", "tracker UA-1"}, "delta.example": {"address 198.51.100.4"},
	})
	together(t, f, true, "alphaville.example", "betatown.example")
	together(t, f, true, "alphaville.example", "gammastadt.example")
	together(t, f, false, "alphaville.example", "delta.example")
	if n := len(f.All()); n != 2 {
		t.Errorf("%d families, want 2", n)
	}
	why := f.Why("betatown.example", "gammastadt.example")
	if len(why) == 0 || why[0].A != "betatown.example" || why[len(why)-1].B != "gammastadt.example" {
		t.Fatalf("why: %+v", why)
	}
	for i := 1; i < len(why); i++ {
		if why[i-1].B != why[i].A {
			t.Errorf("the chain breaks between %q and %q", why[i-1].B, why[i].A)
		}
	}
	if got := f.Why("alphaville.example", "delta.example"); got != nil {
		t.Errorf("a reason for what is not joined: %v", got)
	}
}

// TestCommodityJoinsNothing: a parking address of many customers with nothing else in common, and a mail service that all have.
func TestCommodityJoinsNothing(t *testing.T) {
	sites := told{}
	for i, l := range madeLabels(300, 4) {
		sites[l+".example"] = []string{"address 203.0.113.1", "mx mail.example", fmt.Sprintf("registrar r%d", i%40), fmt.Sprintf("account a%d", i)}
	}
	f := families(sites)
	if n := len(f.All()); n != len(sites) {
		t.Errorf("%d families of %d unrelated sites", n, len(sites))
	}
	// The address of as many sites that are named alike is the operator's own.
	alike := told{}
	for i, l := range madeLabels(300, 4) {
		alike[strings.ReplaceAll(l, "-", "")+"gazette.example"] = []string{"address 203.0.113.1", fmt.Sprintf("account a%d", i)}
	}
	if n := len(families(alike).All()); n > 30 {
		t.Errorf("%d families of %d sites named alike at one address", n, len(alike))
	}
}

// TestOneStrayBindsNothing: one site that moved does not make one family of two networks.
func TestOneStrayBindsNothing(t *testing.T) {
	sites := told{"stray.example": {"address 192.0.2.1", "address 192.0.2.2", "account stray"}}
	for i := range 30 {
		sites[fmt.Sprintf("one%d.example", i)] = []string{"address 192.0.2.1"}
		sites[fmt.Sprintf("two%d.example", i)] = []string{"address 192.0.2.2"}
	}
	together(t, families(sites), false, "one3.example", "two3.example")
	for i := range 12 { // many that have both addresses do
		sites[fmt.Sprintf("one%d.example", i)] = []string{"address 192.0.2.1", "address 192.0.2.2"}
	}
	together(t, families(sites), true, "one20.example", "two20.example")
}

func TestApartHolds(t *testing.T) {
	sites := told{}
	for i := range 20 {
		sites[fmt.Sprintf("site%d.example", i)] = []string{"address 192.0.2.1", "tracker UA-1"}
	}
	f := families(sites)
	together(t, f, true, "site3.example", "site7.example")
	f.Apart("site7.example", "site3.example")
	together(t, f, false, "site3.example", "site7.example")
	together(t, f, false, "site7.example", "site3.example")
	f.Tell("site3.example", site.Fact{Kind: "account", Value: "same"})
	f.Tell("site7.example", site.Fact{Kind: "account", Value: "same"})
	together(t, f, false, "site3.example", "site7.example")
	if fam, _ := f.Of("site3.example"); len(fam.Sites) < 2 {
		if fam, _ = f.Of("site7.example"); len(fam.Sites) < 2 {
			t.Error("neither is in a family any more")
		}
	}
}

func TestValuesThatStandForNone(t *testing.T) {
	f := families(told{
		"one.example": {"account 0", "registrant REDACTED FOR PRIVACY", "address "},
		"two.example": {"account 0", "address ", "registrant REDACTED FOR PRIVACY"},
	})
	together(t, f, false, "one.example", "two.example")
}

// TestStreamEqualsBatch: whatever the order, and in however many pieces, the families are the same.
func TestStreamEqualsBatch(t *testing.T) {
	words := []string{"guide", "review", "herald", "star", ""}
	rapid.Check(t, func(t *rapid.T) {
		type piece struct {
			domain string
			fact   site.Fact
		}
		n := rapid.IntRange(2, 150).Draw(t, "sites")
		seed := rapid.Uint64().Draw(t, "seed")
		r := rand.New(rand.NewPCG(seed, 2))
		pool := max(2, n/rapid.IntRange(2, 30).Draw(t, "crowding"))
		var pieces []piece
		var labels []string
		for i, l := range madeLabels(n, seed) {
			d := fmt.Sprintf("%s%s%d.example", l, words[r.IntN(len(words))], i)
			if i%2 == 0 {
				d = fmt.Sprintf("%d%s%s.example", i, l, words[r.IntN(len(words))])
			}
			labels = append(labels, d)
			for _, kind := range []string{"address", "ip2020", "account", "net", "registrar", "mx", "issuer"} {
				if r.IntN(3) > 0 {
					pieces = append(pieces, piece{d, site.Fact{Kind: kind, Value: fmt.Sprint(r.IntN(pool))}})
				}
			}
		}
		apart := [][2]string{}
		for range rapid.IntRange(0, 3).Draw(t, "apart") {
			apart = append(apart, [2]string{labels[r.IntN(n)], labels[r.IntN(n)]})
		}
		batch := map[string][]site.Fact{}
		for _, p := range pieces {
			batch[p.domain] = append(batch[p.domain], p.fact)
		}
		whole := site.NewFamilies()
		for _, d := range slices.Sorted(func(yield func(string) bool) {
			for d := range batch {
				if !yield(d) {
					return
				}
			}
		}) {
			whole.Tell(d, batch[d]...)
		}
		for _, a := range apart {
			whole.Apart(a[0], a[1])
		}
		stream := site.NewFamilies()
		for i, k := range r.Perm(len(pieces)) {
			stream.Tell(pieces[k].domain, pieces[k].fact)
			if i%(1+len(pieces)/3) == 0 { // whoever asks in between changes nothing
				stream.All()
				for _, a := range apart {
					stream.Apart(a[1], a[0])
				}
			}
		}
		for _, a := range apart {
			stream.Apart(a[0], a[1])
		}
		if d := cmp.Diff(whole.All(), stream.All()); d != "" {
			t.Fatalf("(-batch +stream)\n%s", d)
		}
		for _, a := range apart {
			if a[0] == a[1] {
				continue
			}
			if fam, ok := stream.Of(a[0]); ok && slices.Contains(fam.Sites, a[1]) {
				t.Fatalf("%s and %s are in one family though a person said no", a[0], a[1])
			}
		}
	})
}
