package prose_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"marque/ingest/prose"
)

var update = flag.Bool("update", false, "write the golden files anew")

func reader(t testing.TB) *prose.Reader {
	t.Helper()
	r, err := prose.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func read(t testing.TB, text string) prose.Result {
	t.Helper()
	return reader(t).Read(prose.Document{Name: "test", Text: text})
}

func names(refs []prose.Ref) string {
	out := make([]string, len(refs))
	for i, r := range refs {
		out[i] = r.Name
	}
	return strings.Join(out, " + ")
}

func line(c prose.Claim) string {
	who := c.Who.Name
	if c.Who.Affiliation != "" {
		who += " @ " + c.Who.Affiliation
	}
	s := fmt.Sprintf("%s | %s | %s | %s | %s", who, names(c.Subject), c.Relation, names(c.Object), c.Stance)
	if c.Count.N > 0 {
		s += fmt.Sprintf(" | %s%d %s", c.Count.Op, c.Count.N, c.Count.Unit)
	}
	if c.Hedge != "" {
		s += " | ~" + c.Hedge
	}
	if !c.When.From.IsZero() {
		s += " | " + c.When.From.Format(time.DateOnly)
	}
	return s
}

// TestArticles compares the claims of the development articles with their goldens, which show changes, and with
// expected.yaml, which was written by reading the articles.
func TestArticles(t *testing.T) {
	raw, err := os.ReadFile("testdata/expected.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var expected map[string][]string
	if err := yaml.Unmarshal(raw, &expected); err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob("testdata/*.txt")
	if len(files) < 10 {
		t.Fatalf("%d articles", len(files))
	}
	r := reader(t)
	for _, f := range files {
		name := strings.TrimSuffix(filepath.Base(f), ".txt")
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			res := r.Read(prose.Document{Name: name, Text: string(text)})
			var lines []string
			for _, c := range res.Claims {
				lines = append(lines, line(c))
				if string(text[c.Start:c.End]) != c.Quote {
					t.Errorf("quote is not in the text: %s", c.Quote)
				}
			}
			for _, want := range expected[name] {
				if !told(lines, want) {
					t.Errorf("not told: %s", want)
				}
			}
			golden(t, "testdata/"+name+".golden", strings.Join(lines, "\n")+"\n")
		})
	}
}

// told finds a line that holds every part of want ("who | subject | relation | object | stance"), part by part.
func told(lines []string, want string) bool {
	parts := strings.Split(want, "|")
	for _, l := range lines {
		have := strings.Split(l, " | ")
		ok := true
		for i, p := range parts {
			ok = ok && i < len(have) && strings.Contains(strings.ToLower(have[i]), strings.ToLower(strings.TrimSpace(p)))
		}
		if ok {
			return true
		}
	}
	return false
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("claims differ (-want +got):\n%s", d)
	}
}

func TestSentences(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"passive", "The ministry was breached by APT29.", "the article | APT29 | compromised | ministry | asserts"},
		{"relative clause", "ESET tracked a gang that hacked 12 Polish hospitals.", "ESET | gang | compromised | Polish hospitals | asserts | =12 hospitals"},
		{"coordination", "Both Russia and Iran have created fake news websites.", "the article | Russia + Iran | created | fake news websites | asserts"},
		{"state by its capital", "Moscow relied on ransomware gangs, Mandiant said.", "Mandiant | Russia | uses | ransomware gangs | asserts"},
		{"negation", "The hackers did not steal customer data, the company said.", "company | hackers | stole | customer data | denies"},
		{"no evidence", "There is no evidence that Russia hacked the election commission.", "the article | Russia | compromised | election commission | no-evidence"},
		{"denial", "Iran denied that it hacked the campaign.", "Iran | Iran | compromised | campaign | denies"},
		{"hedge", "The gang likely operated on behalf of the GRU, Microsoft said.", "Microsoft | gang | on-behalf-of | Main Intelligence Directorate (GRU) | asserts | ~likely"},
		{"condition", "If Russia hacked the grid, lights would go out.", ""},
		{"wish", "The hackers could steal passwords.", ""},
		{"no comment", "The Iranian embassy declined to comment.", "Iran | Iran | response |  | no-comment"},
		{"cve", "APT41 exploited CVE-2021-44228.", "the article | APT41 | exploited | CVE-2021-44228 | asserts"},
		{"page furniture", "Subscribe now as hackers breached banks.", ""},
		{"volume", "Google says its users face more than 100 million such attacks a day.", "Google |  | volume | attacks a day | asserts | >100000000 attacks a day"},
		{"sanctions", "The Treasury Department sanctioned two Russian nationals.", "the article | U.S. Treasury | measure | sanctions on Russian nationals | asserts | =2 nationals"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, c := range read(t, tt.text).Claims {
				got = append(got, line(c))
			}
			if tt.want == "" && len(got) > 0 || tt.want != "" && !strings.Contains(strings.Join(got, "\n")+"\n", tt.want+"\n") {
				t.Errorf("claims of %q:\n%s\nwant %q", tt.text, strings.Join(got, "\n"), tt.want)
			}
		})
	}
}

func TestObservables(t *testing.T) {
	res := read(t, "C2: hxxps://evil[.]example[.]com/a?b=c, 198.51.100[.]7 and 2001:db8:1:2::5; mail to ops[@]bad[.]ru. Hash d41d8cd98f00b204e9800998ecf8427e. See CVE-2024-1234 and T1566.001 on update.example.org.")
	got := map[string]string{}
	for _, o := range res.Observables {
		got[o.Value] = o.Type
	}
	want := map[string]string{
		"https://evil.example.com/a?b=c": "url", "198.51.100.7": "ipv4-addr", "2001:db8:1:2::5": "ipv6-addr", "ops@bad.ru": "email-addr",
		"d41d8cd98f00b204e9800998ecf8427e": "md5", "update.example.org": "domain-name",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("observables (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]string{"CVE-2024-1234"}, res.CVEs); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"T1566.001"}, res.ATTACKIDs); d != "" {
		t.Error(d)
	}
}

func TestRetelling(t *testing.T) {
	a := read(t, "Russia uses gangs, according to a report published by Mandiant in April 2024. In the report, Mandiant called for sanctions.")
	b := read(t, "In an April 10, 2024 report, Mandiant said Russia relies on criminal gangs.")
	c := read(t, "In a March 2021 report, Mandiant said Russia relies on criminal gangs.")
	if len(a.Retells) != 1 || len(b.Retells) != 1 || len(c.Retells) != 1 || a.Retells[0].Publisher != "Mandiant" {
		t.Fatalf("retells: %+v %+v %+v", a.Retells, b.Retells, c.Retells)
	}
}

func TestSimilarity(t *testing.T) {
	text := "Hackers tied to Iran broke into the control systems of dozens of water utilities last month, officials said on Thursday."
	if s := prose.Similarity(text, strings.ToUpper(text)); s != 1 {
		t.Errorf("case counts: %v", s)
	}
	if s := prose.Similarity(text, text+" More follows later today."); s < 0.7 || s >= 1 {
		t.Errorf("a copy with a tail: %v", s)
	}
	if s := prose.Similarity(text, "Iran's operators entered the machines of many water companies, it was said."); s > 0.05 {
		t.Errorf("other words: %v", s)
	}
	if s := prose.Similarity("", text); s != 0 {
		t.Errorf("empty: %v", s)
	}
}

func TestGazetteerAdd(t *testing.T) {
	g, err := prose.NewGazetteer()
	if err != nil {
		t.Fatal(err)
	}
	g.Add(prose.Entity{Name: "Crimson Otter", Kind: prose.Actor, Country: "Ruritania", Aliases: []string{"G-77"}})
	r, err := prose.NewReader(g)
	if err != nil {
		t.Fatal(err)
	}
	res := r.Read(prose.Document{Name: "x", Text: "Crimson Otter hacked a bank in Peru."})
	if len(res.Claims) != 1 || res.Claims[0].Subject[0].Country != "Ruritania" {
		t.Errorf("claims: %+v", res.Claims)
	}
	if e, ok := g.Lookup("G-77"); !ok || e.Name != "Crimson Otter" {
		t.Errorf("lookup: %+v %v", e, ok)
	}
}

// large are megabytes of prose and of hostile runs.
func large(t testing.TB) map[string]string {
	t.Helper()
	article, err := os.ReadFile("testdata/eset-wiper.txt")
	if err != nil {
		t.Fatal(err)
	}
	return map[string]string{
		"prose":       strings.Repeat(string(article)+"\n\n", (5<<20)/len(article)),
		"one line":    strings.Repeat("hackers breached ", 100_000),
		"commas":      strings.Repeat("Russia, ", 200_000),
		"quotes":      strings.Repeat("“”\"", 300_000),
		"dots":        strings.Repeat("a.", 500_000),
		"no spaces":   strings.Repeat("x", 2<<20),
		"newlines":    strings.Repeat("\n", 2<<20),
		"invalid":     strings.Repeat("\xff\xfe hackers breached \xc3", 50_000),
		"parentheses": strings.Repeat("(", 1<<20),
	}
}

// TestLarge: what is allocated to read megabytes grows as they do. BenchmarkLarge tells the time.
func TestLarge(t *testing.T) {
	if testing.Short() {
		t.Skip("reads megabytes")
	}
	for name, text := range large(t) {
		t.Run(name, func(t *testing.T) {
			var before, between, after runtime.MemStats
			runtime.ReadMemStats(&before)
			read(t, text[:len(text)/16])
			runtime.ReadMemStats(&between)
			res := read(t, text)
			runtime.ReadMemStats(&after)
			part, whole := between.TotalAlloc-before.TotalAlloc, after.TotalAlloc-between.TotalAlloc
			t.Logf("%d bytes, %d claims, %d MB allocated; a sixteenth %d MB", len(text), len(res.Claims), whole>>20, part>>20)
			if whole > 24*part+8<<20 { // linear is 16 times, quadratic 256 times; the rest is for what is made once
				t.Errorf("%d bytes took %d bytes of memory, a sixteenth of them %d: not linear", len(text), whole, part)
			}
		})
	}
}

// BenchmarkLarge reads the same; ns/op of the whole over those of a sixteenth are 16 where the time is linear.
func BenchmarkLarge(b *testing.B) {
	for name, text := range large(b) {
		for _, part := range []int{16, 1} {
			b.Run(fmt.Sprintf("%s/one of %d", name, part), func(b *testing.B) {
				b.SetBytes(int64(len(text) / part))
				for b.Loop() {
					read(b, text[:len(text)/part])
				}
			})
		}
	}
}

func TestDeterministic(t *testing.T) {
	text, err := os.ReadFile("testdata/ncsc-sanction.txt")
	if err != nil {
		t.Fatal(err)
	}
	first := read(t, string(text))
	if d := cmp.Diff(first, read(t, string(text))); d != "" {
		t.Errorf("two readings differ:\n%s", d)
	}
	ids := map[string]bool{}
	for _, c := range first.Claims {
		if ids[c.ID] {
			t.Errorf("id %s twice", c.ID)
		}
		ids[c.ID] = true
		if c.Why == "" || c.Rule == "" {
			t.Errorf("claim without a reason: %+v", c)
		}
	}
}

// FuzzRead holds the reader to its invariants on any text.
func FuzzRead(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.txt")
	for _, file := range files {
		if raw, err := os.ReadFile(file); err == nil {
			f.Add(string(raw))
		}
	}
	f.Add("“The Kremlin’s hackers,” he said, “hacked” NATO’s U.S. sites in Sept. 2024\r\n\r\n— and ‘Iran’ denied it.")
	r := reader(f)
	f.Fuzz(func(t *testing.T, text string) {
		res := r.Read(prose.Document{Name: "f", Text: text})
		for _, c := range res.Claims {
			if c.Start < 0 || c.End > len(text) || c.Start >= c.End || text[c.Start:c.End] != c.Quote {
				t.Fatalf("quote [%d:%d] of %d bytes is not in the text", c.Start, c.End, len(text))
			}
			if utf8.ValidString(text) && !utf8.ValidString(c.Quote) {
				t.Fatalf("quote cuts a letter: %q", c.Quote)
			}
		}
		for _, o := range res.Observables {
			if o.Start < 0 || o.End > len(text) || text[o.Start:o.End] != o.Text {
				t.Fatalf("observable %q is not at [%d:%d]", o.Text, o.Start, o.End)
			}
		}
	})
}
