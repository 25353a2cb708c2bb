package join_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"marque/graph/join"
)

func day(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

// world is an invented library of operations in three lists, with the traps that joining must not fall into.
func world() []join.Record {
	bear := []join.Actor{{Names: []string{"Marsh Heron", "APT-X9"}}}
	return []join.Record{
		// one operation in three lists, of which one only has the day on which it was told
		{ID: "a1", Source: "a", Names: []string{"Quillfall"}, Text: "Wiper malware called Quillfall erased the dispatch servers of the Veldmark ferry company.", First: day("2019-03-02"), Last: day("2019-03-04"), Countries: []string{"NO"}, Kinds: []string{"wiper"}, Actors: bear, States: []string{"RU"}, Documents: []string{"https://lab.example/blog/quillfall-wiper-hits-ferry-dispatch"}},
		{ID: "b1", Source: "b", Names: []string{"Erasing of ferry dispatch servers"}, Text: "Quillfall, a wiper, erased dispatch servers at Veldmark, which runs ferries.", First: day("2019-04-11"), Countries: []string{"NO"}, Kinds: []string{"wiper"}, Actors: bear, States: []string{"RU"}, Documents: []string{"https://lab.example/blog/quillfall-wiper-hits-ferry-dispatch", "https://news.example/2019/04/ferries"}},
		{ID: "c1", Source: "c", Names: []string{"Quillfall"}, Text: "A campaign that erased servers of Norwegian ferries with the Quillfall wiper.", First: day("2019-03-01"), Last: day("2019-03-31"), Actors: bear},
		// a series: the same victim a year later
		{ID: "a2", Source: "a", Names: []string{"Veldmark ferries again 2020"}, Text: "A year later the ticket shop of the Veldmark ferry company was flooded.", First: day("2020-03-05"), Last: day("2020-03-06"), Countries: []string{"NO"}, Kinds: []string{"ddos"}, Actors: bear, States: []string{"RU"}},
		// retaliation: sides exchanged
		{ID: "b2", Source: "b", Names: []string{"Erasing of Russian dispatch servers"}, Text: "In answer to the erasing of Norwegian ferries, servers of a Russian harbour were erased.", First: day("2019-05-02"), Countries: []string{"RU"}, Kinds: []string{"wiper"}, States: []string{"NO"}},
		// the same actor's next campaign
		{ID: "b3", Source: "b", Names: []string{"Targeting of fisheries ministry"}, Text: "Marsh Heron read mail of a fisheries ministry.", First: day("2019-09-09"), Countries: []string{"IS"}, Kinds: []string{"espionage"}, Actors: bear, States: []string{"RU"}},
		// one advisory on two actors of two states, in one list
		{ID: "a3", Source: "a", Names: []string{"Phishing of lighthouse keepers by Marsh Heron"}, Text: "An advisory on phishing of lighthouse keepers and pilots in Britain.", First: day("2021-01-01"), Countries: []string{"GB"}, Kinds: []string{"espionage"}, Actors: bear, States: []string{"RU"}, Documents: []string{"https://agency.example/news/phishing-of-lighthouse-keepers"}},
		{ID: "a4", Source: "a", Names: []string{"Phishing of lighthouse keepers by Salt Egret"}, Text: "An advisory on phishing of lighthouse keepers and pilots in Britain.", First: day("2021-01-01"), Countries: []string{"GB"}, Kinds: []string{"espionage"}, Actors: []join.Actor{{Names: []string{"Salt Egret"}}}, States: []string{"IR"}, Documents: []string{"https://agency.example/news/phishing-of-lighthouse-keepers"}},
	}
}

// crowd is world among records that have nothing to do with it.
func crowd() []join.Record {
	rs := world()
	r := rand.New(rand.NewPCG(1, 2))
	syllables := strings.Fields("bar cun dof gil hap jor kem lun mip nar pol quv ras sil tun vex wob yar zim fen")
	word := func() string {
		return syllables[r.IntN(20)] + syllables[r.IntN(20)] + syllables[r.IntN(20)]
	}
	for i := range 300 {
		var text []string
		for range 12 {
			text = append(text, word())
		}
		rs = append(rs, join.Record{
			ID: fmt.Sprintf("z%03d", i), Source: string("abc"[i%3]), Names: []string{"Targeting of " + word()}, Text: strings.Join(text, " "),
			First: day("2015-01-01").AddDate(0, 0, i*7), Countries: []string{[]string{"US", "DE", "JP", "NO"}[i%4]}, States: []string{[]string{"CN", "RU", "KP"}[i%3]},
		})
	}
	return rs
}

func ids(c join.Cluster) []string {
	var out []string
	for _, m := range c.Members {
		out = append(out, m.ID)
	}
	slices.Sort(out)
	return out
}

func clusters(r join.Result) [][]string {
	var out [][]string
	for _, c := range r.Clusters {
		out = append(out, ids(c))
	}
	return out
}

func TestRecordsOfOneOperationAreJoinedAndLookAlikesAreNot(t *testing.T) {
	found := join.Find(crowd(), nil)
	if diff := cmp.Diff([][]string{{"a1", "b1", "c1"}}, clusters(found)); diff != "" {
		t.Error(diff)
	}
	for _, m := range found.Clusters[0].Members[1:] {
		if m.Probability < join.Joined || len(m.Why) == 0 {
			t.Errorf("%s was joined with %.2f for %q", m.ID, m.Probability, m.Why)
		}
	}
}

func TestTheOrderOfRecordsDoesNotMatter(t *testing.T) {
	rs := crowd()
	ds := []join.Decision{{A: "a1", B: "a2", Kind: join.Same, Why: "as a test", At: day("2024-01-01")}, {A: "c1", B: "b1", Kind: join.NotSame, At: day("2024-01-02")}}
	want := join.Find(rs, ds)
	for seed := range uint64(5) {
		r := rand.New(rand.NewPCG(seed, 7))
		r.Shuffle(len(rs), func(i, k int) { rs[i], rs[k] = rs[k], rs[i] })
		r.Shuffle(len(ds), func(i, k int) { ds[i], ds[k] = ds[k], ds[i] })
		if diff := cmp.Diff(want, join.Find(rs, ds), cmp.AllowUnexported(join.Link{})); diff != "" {
			t.Fatal(diff)
		}
	}
}

func TestAPersonsWordOverrulesTheWeights(t *testing.T) {
	rs := crowd()
	split := join.Decision{A: "a1", B: "b1", Kind: join.NotSame, Why: "two ferries", At: day("2024-01-01")}
	for _, c := range join.Find(rs, []join.Decision{split}).Clusters {
		if in := ids(c); slices.Contains(in, "a1") && slices.Contains(in, "b1") {
			t.Errorf("held apart, and joined by way of a third: %v", in)
		}
	}
	joined := join.Decision{A: "a3", B: "a4", Kind: join.Same, Why: "one crew", At: day("2024-01-01")}
	if got := clusters(join.Find(rs, []join.Decision{joined})); !slices.ContainsFunc(got, func(c []string) bool { return slices.Equal(c, []string{"a3", "a4"}) }) {
		t.Errorf("a person joined a3 and a4, and they are apart: %v", got)
	}
	again := join.Decision{A: "b1", B: "a1", Kind: join.Same, Why: "one ferry after all", At: day("2024-02-01")}
	if got := clusters(join.Find(rs, []join.Decision{again, split})); !slices.ContainsFunc(got, func(c []string) bool { return slices.Contains(c, "a1") && slices.Contains(c, "b1") }) {
		t.Errorf("the later word does not count: %v", got)
	}
	part := join.Decision{A: "b3", B: "a1", Kind: join.Part, Why: "one crew, one order", At: day("2024-01-01")}
	for _, c := range join.Find(rs, []join.Decision{part}).Clusters {
		for _, m := range c.Members {
			if m.Part != (m.ID == "b3") {
				t.Errorf("%s is a part: %v", m.ID, m.Part)
			}
		}
	}
}

func FuzzFind(f *testing.F) {
	f.Add("Quillfall", "a wiper", "https://lab.example/x?y=z", int64(1))
	f.Fuzz(func(t *testing.T, name, text, page string, at int64) {
		rs := append(world(), join.Record{ID: "f", Source: "a", Names: []string{name, text}, Text: text, Documents: []string{page}, First: time.Unix(at%1e10, 0), Victims: []string{name}})
		for _, c := range join.Find(rs, nil).Clusters {
			for _, m := range c.Members {
				if !(m.Probability >= 0 && m.Probability <= 1) {
					t.Fatalf("probability %v", m.Probability)
				}
			}
		}
	})
}
