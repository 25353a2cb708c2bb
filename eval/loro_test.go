package eval_test

import (
	"cmp"
	"flag"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"marque/attribute/profile"
	"marque/eval"
	"marque/workspace"
)

var updateLORO = flag.Bool("update-loro", false, "write the figures to docs/quality.md and docs/reliability.svg")

const sharedBundle = "attack/enterprise-attack-reports-before-2023.json.gz"

// loroBundle reads MARQUE_ATTACK_BUNDLE, else the bundle under MARQUE_DATA, into a workspace of its own, together with MISP's and
// Microsoft's names, which say what countries the actors work for; as the program does.
func loroBundle(t *testing.T) (s *workspace.Snapshot, shared bool) {
	t.Helper()
	data := os.Getenv("MARQUE_DATA")
	if data == "" {
		t.Skip("MARQUE_DATA is unset: it names the folder with attack/, misp-galaxy/ and microsoft/")
	}
	own := os.Getenv("MARQUE_ATTACK_BUNDLE")
	return eval.World(t, cmp.Or(own, filepath.Join(data, sharedBundle)), filepath.Join(data, "misp-galaxy", "threat-actor.json.gz"),
		filepath.Join(data, "microsoft", "MicrosoftMapping.json")), own == ""
}

func year(t *testing.T, name string, otherwise int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// TestLORO measures "leave one report out, in time" and fails when a figure falls under its gate. Another bundle and
// other years: MARQUE_ATTACK_BUNDLE, MARQUE_LORO_FROM, MARQUE_LORO_TO.
func TestLORO(t *testing.T) {
	s, shared := loroBundle(t)
	from, to := year(t, "MARQUE_LORO_FROM", 0), year(t, "MARQUE_LORO_TO", math.MaxInt)
	l, err := eval.Measure(s.Corpus, s.Graph.Sponsors(), from, to)
	if err != nil {
		t.Fatal(err)
	}
	if l.Known == 0 || l.Novel == 0 {
		t.Fatalf("%d known and %d novel queries: nothing to measure", l.Known, l.Novel)
	}
	for _, g := range l.Groups {
		for _, f := range g.Figures {
			t.Logf("%s: %s %.3f [%.3f, %.3f] N=%d baseline %.3f gate %.2f", g.Title, f.Name, f.Value, f.Low, f.High, f.N, f.Baseline, f.Gate)
			if !f.Passes() {
				t.Errorf("%s: %s is %.3f, gate %.3f", g.Title, f.Name, f.Value, f.Gate)
			}
		}
	}
	if shared && from == 0 && to == math.MaxInt {
		later(t, l.Ahead)
		sameProtocol(t, l)
		if *updateLORO {
			writeQuality(t, l)
		}
	}
	quick(t, l.Judged)
}

// later holds the gates on all years after those that the weights were fitted on; on each pair of years, which is small, no
// figure may collapse.
func later(t *testing.T, periods []eval.Period) {
	t.Helper()
	for n, p := range periods {
		o := p.At(profile.DefaultThreshold)
		t.Logf("%+v", p)
		top1, precision, open, right := .43, .75, .85, .15
		if n < len(periods)-1 {
			top1, precision, open, right = .37, .70, .75, .15
		}
		if p.Top1 < top1 || o.Precision < precision || o.Open < open || o.Right < right {
			t.Errorf("%d to %d: top-1 %.3f, precision %.3f, novel left open %.3f, named right %.3f", p.From, p.To, p.Top1, o.Precision, o.Open, o.Right)
		}
	}
}

// sameProtocol holds the numbers that the protocol's definition gives on the shared bundle.
func sameProtocol(t *testing.T, l eval.LORO) {
	t.Helper()
	if l.Known != 300 || l.Novel != 103 {
		t.Errorf("%d known and %d novel queries, the protocol has 300 and 103", l.Known, l.Novel)
	}
	for n, want := range [][]float64{{.370, .462}, {.223, .327}, {.287, .403}} {
		for k, f := range l.Groups[n].Figures[:2] {
			if math.Abs(f.Baseline-want[k]) > .0005 {
				t.Errorf("%s: baseline %s %.4f, the protocol has %.3f", l.Groups[n].Title, f.Name, f.Baseline, want[k])
			}
		}
	}
}

// quick holds the time of one judgement and the memory of the whole.
func quick(t *testing.T, judged []eval.Outcome) {
	t.Helper()
	took := make([]time.Duration, len(judged))
	for n, o := range judged {
		took[n] = o.Took
	}
	slices.Sort(took)
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m) // what is held now: other tests of this process have asked the system for more
	median := took[len(took)/2]
	t.Logf("one judgement: median %v, 99th percentile %v; %d MB held", median, took[len(took)*99/100], m.HeapAlloc>>20)
	if median > 20*time.Millisecond {
		t.Errorf("one judgement takes %v, at most 20 ms", median)
	}
	if m.HeapAlloc > 300<<20 {
		t.Errorf("%d MB held, at most 300", m.HeapAlloc>>20)
	}
}

// TestLOROWeights refits the weights on the development queries: the defaults are what the data says, to rounding.
func TestLOROWeights(t *testing.T) {
	s, shared := loroBundle(t)
	c := s.Corpus
	if !shared {
		t.Skip("the weights were fitted on the bundle under MARQUE_DATA")
	}
	x, err := profile.New(c, profile.Config{})
	if err != nil {
		t.Fatal(err)
	}
	run := eval.Run{Corpus: c, Index: x, Mode: eval.Both, Queries: eval.LOROQueries(c, 0, math.MaxInt)}
	got, err := run.Fit(eval.LOROQuery.Development)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", got)
	want := profile.DefaultWeights()
	for _, w := range []struct {
		name      string
		got, want float64
	}{
		{"Technique", got.Technique, want.Technique},
		{"Software", got.Software, want.Software},
		{"Rarest", got.Rarest, want.Rarest},
		{"Activity", got.Activity, want.Activity},
		{"Link", got.Link, want.Link},
		{"Alike", got.Alike, want.Alike},
		{"UnknownBias", got.UnknownBias, want.UnknownBias},
		{"UnknownRate", got.UnknownRate, want.UnknownRate},
		{"UnknownKnown", got.UnknownKnown, want.UnknownKnown},
	} {
		if math.Abs(w.got-w.want) > .0006 {
			t.Errorf("%s: default %.3f, fitted %.4f", w.name, w.want, w.got)
		}
	}
}

var loroSection = regexp.MustCompile(`(?s)<!-- loro:begin -->.*?<!-- loro:end -->\n`)

// writeQuality replaces this measurement's section and leaves the others' alone.
func writeQuality(t *testing.T, l eval.LORO) {
	t.Helper()
	path := filepath.Join("..", "docs", "quality.md")
	section := "<!-- loro:begin -->\n" + l.Markdown() + "<!-- loro:end -->\n"
	old, err := os.ReadFile(path)
	text := string(old)
	switch {
	case os.IsNotExist(err):
		text = "# Quality, measured\n\n" + section
	case err != nil:
		t.Fatal(err)
	case loroSection.MatchString(text):
		text = loroSection.ReplaceAllLiteralString(text, section)
	default:
		text = strings.TrimRight(text, "\n") + "\n\n" + section
	}
	for file, content := range map[string]string{path: text, filepath.Join("..", "docs", "reliability.svg"): l.Diagram()} {
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
