package extract_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"marque/ingest/prose"
	"marque/ingest/prose/extract"
)

var reader = sync.OnceValues(func() (*extract.Reader, error) {
	g, err := prose.NewGazetteer()
	if err != nil {
		return nil, err
	}
	for kind, names := range map[string][]string{
		prose.Actor: {"Grey Otter", "Sable Fox"}, prose.Malware: {"ASHWORM"}, prose.Company: {"Northwall"},
	} {
		for _, n := range names {
			g.Add(prose.Entity{Name: n, Kind: kind})
		}
	}
	for _, n := range []string{"Ruritania", "Borduria"} {
		g.Add(prose.Entity{Name: n, Kind: prose.State, Country: n})
	}
	g.Add(prose.Entity{Name: "Federal Guard", Kind: prose.Agency, Country: "Borduria"})
	return extract.NewReader(g)
})

func read(t *testing.T, text string) []prose.Claim {
	t.Helper()
	r, err := reader()
	if err != nil {
		t.Fatal(err)
	}
	return r.Trees(prose.Document{Name: "test", Text: text, Published: time.Date(2025, 5, 20, 0, 0, 0, 0, time.UTC)}, &prose.Result{House: prose.Source{Name: "the article", Kind: "article"}})
}

// told is "who: subject | relation | object [stance]".
func told(c prose.Claim) string {
	names := func(refs []prose.Ref) string {
		var list []string
		for _, r := range refs {
			list = append(list, r.Name)
		}
		return strings.Join(list, ", ")
	}
	s := fmt.Sprintf("%s: %s | %s | %s", c.Who.Name, names(c.Subject), c.Relation, names(c.Object))
	if c.Stance != prose.Asserts {
		s += " [" + string(c.Stance) + "]"
	}
	return s
}

// TestWays has ways of saying things with what must come out, and what must not.
func TestWays(t *testing.T) {
	const lead = "What follows was told in the course of the year.\n\n"
	for _, c := range []struct{ way, text, want, never string }{
		{"active", "Grey Otter hacked into the servers of two banks.", "the article: Grey Otter | compromised | servers of two banks", ""},
		{"passive", "The servers of the ministry were hacked by Grey Otter.", "the article: Grey Otter | compromised | servers of the ministry", ""},
		{"perfect", "Grey Otter had hacked the parliament.", "the article: Grey Otter | compromised | parliament", ""},
		{"list of verbs", "Grey Otter broke into the bank and stole documents.", "the article: Grey Otter | stole | documents", ""},
		{"relative clause", "Northwall watched hackers who stole data from hospitals.", "the article: hackers | stole | data", ""},
		{"purpose keeps the doer", "Grey Otter used ASHWORM to steal passwords.", "the article: Grey Otter | stole | passwords", ""},
		{"noun for a deed", "Grey Otter carried out attacks on hospitals.", "the article: Grey Otter | targets | hospitals", ""},
		{"part of a crowd", "Grey Otter assisted in the theft of documents.", "the article: Grey Otter | stole | documents", ""},
		{"they", "Grey Otter broke into the bank. They stole documents.", "the article: Grey Otter | stole | documents", ""},
		{"the group", "Grey Otter broke into the bank. The group stole documents.", "the article: Grey Otter | stole | documents", ""},
		{"a heading speaks", "# Sable Fox\n\nThe group stole documents.\n\n# Grey Otter\n\nThe group hacked a bank.", "the article: Grey Otter | compromised | bank", "the article: Sable Fox | compromised | bank"},
		{"speaker before", "Northwall said that Grey Otter hacked the parliament.", "Northwall: Grey Otter | compromised | parliament", ""},
		{"speaker behind", "Grey Otter hacked the parliament, Northwall said.", "Northwall: Grey Otter | compromised | parliament", ""},
		{"according to", "According to Northwall, Grey Otter hacked the parliament.", "Northwall: Grey Otter | compromised | parliament", ""},
		{"people of a body", "Researchers at Northwall found that Grey Otter hacked the parliament.", "Northwall: Grey Otter | compromised | parliament", ""},
		{"who attributes speaks", "Northwall attributed the attack to Grey Otter.", "Northwall: attack | attributed-to | Grey Otter", ""},
		{"denied finding", "Northwall did not find that Grey Otter stole documents.", "Northwall: Grey Otter | stole | documents [no-evidence]", "Northwall: Grey Otter | stole | documents"},
		{"doubt", "It is unclear whether the hackers attacked the bank.", "the article: hackers | targets | bank [doubts]", "the article: hackers | targets | bank"},
		{"supposed", "If Grey Otter hacked the parliament, nobody noticed.", "", "the article: Grey Otter | compromised | parliament"},
		{"tried", "Grey Otter tried to hack into the servers of the parliament.", "the article: Grey Otter | targets | servers of the parliament", "the article: Grey Otter | compromised | servers of the parliament"},
		{"description", "Grey Otter is a Borduria-linked group.", "the article: Grey Otter | linked-to | Borduria", ""},
		{"unit", "Grey Otter is a unit of the Federal Guard.", "the article: Grey Otter | attributed-to | Federal Guard", ""},
		{"name", "Grey Otter, also tracked as Sable Fox, stole documents.", "the article: Grey Otter | alias-of | Sable Fox", ""},
		{"measure", "Ruritania imposed sanctions on the Federal Guard.", "the article: Ruritania | measure | sanctions of the Federal Guard", ""},
		{"measure without its taker", "Two men were arrested in Borduria.", "the article:  | measure | arrest of Two men", ""},
		{"advice", "Banks should patch their servers.", "the article:  | recommends | Banks should patch their servers", ""},
		{"a verb that does nothing", "Grey Otter took advantage of the holidays.", "", "the article: Grey Otter | stole | advantage"},
		{"an authority is no thief", "The Department of Justice obtained documents.", "", "the article: Department of Justice | stole | documents"},
		{"a question tells nothing", "Did Grey Otter hack the parliament?", "", "the article: Grey Otter | compromised | parliament"},
	} {
		text := c.text
		if !strings.HasPrefix(text, "#") {
			text = lead + text
		}
		var got []string
		for _, cl := range read(t, text) {
			got = append(got, told(cl))
		}
		if c.want != "" && !slices.Contains(got, c.want) {
			t.Errorf("%s: %q\n\twant %s\n\tgot  %s", c.way, c.text, c.want, strings.Join(got, "\n\t     "))
		}
		if c.never != "" && slices.Contains(got, c.never) {
			t.Errorf("%s: %q\n\tmust not tell %s", c.way, c.text, c.never)
		}
	}
}

func TestQualifiers(t *testing.T) {
	claims := read(t, "What follows was told in the course of the year.\n\nIn March 2024 Grey Otter may have stolen more than 120 documents.")
	at := slices.IndexFunc(claims, func(c prose.Claim) bool { return c.Relation == "stole" })
	if at < 0 {
		t.Fatalf("nothing stolen in %d claims", len(claims))
	}
	c := claims[at]
	if c.Hedge != "may" {
		t.Errorf("hedge %q", c.Hedge)
	}
	if diff := cmp.Diff(prose.Count{Op: ">", N: 120, Unit: "documents"}, c.Count); diff != "" {
		t.Error(diff)
	}
	if got := c.When.From.Format(time.DateOnly); got != "2024-03-01" {
		t.Errorf("when %s", got)
	}
	if c.Trust <= 0 || c.Trust > 1 {
		t.Errorf("trust %v", c.Trust)
	}
}

// TestHostile reads texts that are made to take long. They are read in a time that grows with their length, and what is told stands in them.
func TestHostile(t *testing.T) {
	for what, text := range map[string]string{
		"a sentence of many words": strings.Repeat("Grey Otter stole documents and ", 4000),
		"brackets":                 strings.Repeat("(", 100_000),
		"quotes":                   strings.Repeat("\" Northwall said ", 10_000),
		"no spaces":                strings.Repeat("a", 200_000),
		"commas":                   "Grey Otter hacked " + strings.Repeat("banks, ", 10_000),
		"headings":                 strings.Repeat("# Grey Otter\n", 5000),
		"invalid bytes":            "Grey Otter hacked \xff\xfe the parliament.\x00",
	} {
		t.Run(what, func(t *testing.T) { verbatim(t, text) })
	}
}

func verbatim(t *testing.T, text string) {
	t.Helper()
	r, err := reader()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range r.Read(prose.Document{Name: "x", Text: text}).Claims {
		if c.Start < 0 || c.End > len(text) || c.Start > c.End || text[c.Start:c.End] != c.Quote {
			t.Fatalf("quote %q does not stand at %d", c.Quote, c.Start)
		}
	}
}

// TestOtherLanguage reads a text that is not English: it says so, and tells its traces and no claims.
func TestOtherLanguage(t *testing.T) {
	r, err := reader()
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Repeat("Die Gruppe APT28 hat das Ministerium angegriffen und Dokumente gestohlen, die sie auf einer Seite veröffentlicht hat. Der Server 203.0.113[.]7 war für die Gruppe im Einsatz. ", 4)
	res := r.Read(prose.Document{Name: "x", Text: text})
	if len(res.Claims) > 0 || len(res.Observables) == 0 || len(res.Mentions) == 0 {
		t.Errorf("%d claims, %d observables, %d names", len(res.Claims), len(res.Observables), len(res.Mentions))
	}
	if !slices.ContainsFunc(res.Warnings, func(w string) bool { return strings.HasPrefix(w, "language: the text is German") }) {
		t.Errorf("warnings %q", res.Warnings)
	}
}

func TestSameAgain(t *testing.T) {
	const text = "Grey Otter, tracked as Sable Fox, hacked the parliament of Ruritania, Northwall said. It stole documents. Ruritania expelled ten envoys."
	first := read(t, text)
	for range 3 {
		if diff := cmp.Diff(first, read(t, text)); diff != "" {
			t.Fatal(diff)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add("Grey Otter hacked the parliament, Northwall said.")
	f.Add("# Heading\n\n* the group, which Northwall calls X, \"stole\" 1,000,000 files (in May)\n* and more:\n|a|b|")
	f.Add("According to\n\nUnit 26165 of the GRU (GRU) attributed to")
	f.Fuzz(func(t *testing.T, text string) { verbatim(t, text) })
}
