package lake_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"marque/event"
	"marque/lake"
	"marque/match"
)

func open(t testing.TB) *lake.Lake {
	t.Helper()
	l, err := lake.Open(filepath.Join(t.TempDir(), "lake"))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// keep writes lines into the lake as one source.
func keep(t testing.TB, l *lake.Lake, text string) {
	t.Helper()
	f, err := event.NewFormats()
	if err != nil {
		t.Fatal(err)
	}
	stats, _, err := match.Run(t.Context(), []match.Source{{Path: "x", Reader: strings.NewReader(text)}}, f, match.NewSet(l.Seed(), nil), match.Config{Workers: 2, ChunkBytes: 8 << 10, Keep: l})
	if err != nil || len(stats.Bad) > 0 {
		t.Fatal(err, stats.Bad)
	}
}

func rows(t testing.TB, l *lake.Lake) []lake.Row {
	t.Helper()
	list, err := l.Files(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var out []lake.Row
	for _, f := range list {
		r, err := parquet.ReadFile[lake.Row](f.Path)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, r...)
	}
	slices.SortFunc(out, func(a, b lake.Row) int { return int(a.Time-b.Time)*10 + int(a.Part-b.Part) })
	return out
}

func TestRowsHoldTheEvent(t *testing.T) {
	l := open(t)
	keep(t, l, `{"time":"2024-03-01T10:00:00.123456Z","sensor":"s","technique":"T1","sector":"energy","country":"UA","victim":"v","src_ip":"10.0.0.1","dst_ip":"2001:db8::1","domain":"A.example.co.uk","url":"http://b.example/x","md5":"44d88612fea8a8f36de82e1278abb02f","email":"a@b.example"}`+"\n")
	got := rows(t, l)
	for i := range got {
		for _, h := range []*int64{&got[i].SrcIPHash, &got[i].DstIPHash, &got[i].ZoneHash, &got[i].URLHash, &got[i].EmailHash, &got[i].DigestHash} {
			*h = min(max(*h, -1), 1) * *h // keep 0, make the others comparable below
		}
	}
	hash := func(k event.Kind, v string) int64 {
		h := int64(event.Hash(k, []byte(v), l.Seed()))
		return min(max(h, -1), 1) * h
	}
	at := time.Date(2024, 3, 1, 10, 0, 0, 123456000, time.UTC).UnixMicro()
	common := lake.Row{Time: at, Format: "short", Sensor: "s", Technique: "T1", Sector: "energy", Country: "UA", Victim: "v", Digest: []byte{}}
	first, second := common, common
	first.SrcIP, first.SrcIPHash = "10.0.0.1", hash(event.IPv4, "10.0.0.1")
	first.DstIP, first.DstIPHash = "2001:db8::1", hash(event.IPv6, "2001:db8::1")
	first.Domain, first.ZoneHash = "a.example.co.uk", hash(event.Domain, "co.uk")
	first.URL, first.URLHash = "http://b.example/x", hash(event.URL, "http://b.example/x")
	first.Email, first.EmailHash = "a@b.example", hash(event.Email, "a@b.example")
	first.Digest, first.DigestHash = []byte("\x44\xd8\x86\x12\xfe\xa8\xa8\xf3\x6d\xe8\x2e\x12\x78\xab\xb0\x2f"), hash(event.MD5, "44d88612fea8a8f36de82e1278abb02f")
	second.Part = 1 // the URL's host is a second domain
	second.Domain, second.ZoneHash = "b.example", hash(event.Domain, "b.example")
	if d := cmp.Diff([]lake.Row{first, second}, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	list, _ := l.Files(t.Context())
	if len(list) != 1 || !strings.Contains(list[0].Path, "day=2024-03-01"+string(filepath.Separator)+"hour=10") {
		t.Errorf("files %+v", list)
	}
}

// sample writes events over several hours.
func sample(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"time":%d,"sensor":"s%d","src_ip":"10.0.%d.%d","dst_ip":"192.0.2.%d","domain":"h%d.zone%d.example","url":"http://h%d.zone%d.example/p%d","sha256":"%064x"}`+"\n",
			1709287200+i*7, i%3, i/256%256, i%256, i%200, i, i%50, i, i%50, i, i)
	}
	return b.String()
}

var wanted = []match.Indicator{
	{ID: "i1", Kind: event.IPv4, Value: "10.0.1.7", Actor: "A"},
	{ID: "i2", Kind: event.Domain, Value: "zone7.example", Actor: "A"},
	{ID: "i3", Kind: event.URL, Value: "http://h42.zone42.example/p42", Actor: "B"},
	{ID: "i4", Kind: event.SHA256, Value: fmt.Sprintf("%064x", 99), Actor: "B"},
	{ID: "i5", Kind: event.Domain, Value: "h11.zone11.example"},
	{ID: "i6", Kind: event.IPv4, Value: "172.16.0.1"},
	{ID: "i7", Kind: event.SHA256, Value: fmt.Sprintf("%064x", 98), ValidUntil: time.Unix(1, 0)},
	{ID: "i9", Kind: event.Domain, Value: "example"},
	{ID: "i8", Kind: event.SHA256, Value: fmt.Sprintf("%064x", 97), Revoked: true},
}

// live matches the same lines as they flow, which a hunt must agree with.
func live(t testing.TB, text string, list []match.Indicator) *match.Tally {
	t.Helper()
	b := match.NewBuilder(1, 0)
	for _, in := range list {
		if err := b.Add(in); err != nil {
			t.Fatal(err)
		}
	}
	f, err := event.NewFormats()
	if err != nil {
		t.Fatal(err)
	}
	_, tally, err := match.Run(t.Context(), []match.Source{{Reader: strings.NewReader(text)}}, f, match.NewSet(1, b.Build()), match.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return tally
}

func TestHuntAgreesWithLiveMatching(t *testing.T) {
	text := sample(5000)
	l := open(t)
	keep(t, l, text)
	nets := append(slices.Clone(wanted), match.Indicator{ID: "n", Kind: event.CIDR, Value: "10.0.3.0/28", Actor: "C"})
	for _, list := range [][]match.Indicator{wanted, nets} {
		want := live(t, text, list)
		for _, step := range []string{"fresh", "compacted"} {
			if step == "compacted" {
				if _, err := l.Compact(t.Context(), lake.CompactConfig{}); err != nil {
					t.Fatal(err)
				}
			}
			var hits int64
			stats, tally, err := l.Hunt(t.Context(), list, lake.HuntConfig{Hit: func(match.Hit) { hits++ }})
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(want.SightingRows(), tally.SightingRows()); d != "" {
				t.Errorf("%s: (-live +hunt):\n%s", step, d)
			}
			if d := cmp.Diff(want.RollupRows(), tally.RollupRows()); d != "" {
				t.Errorf("%s: (-live +hunt):\n%s", step, d)
			}
			if hits != stats.Hits || stats.Rows != 5000 || stats.Candidates >= 1000 {
				t.Errorf("%s: %d hits told, %+v", step, hits, stats)
			}
		}
	}
	stats, _, err := l.Hunt(t.Context(), []match.Indicator{{ID: "x", Kind: event.MD5, Value: strings.Repeat("0", 32)}}, lake.HuntConfig{})
	if err != nil || stats.Skipped == 0 || stats.Candidates != 0 {
		t.Errorf("filters ruled nothing out: %+v %v", stats, err)
	}
	stats, _, err = l.Hunt(t.Context(), wanted, lake.HuntConfig{Until: time.Unix(1709287200+3600, 0)})
	if err != nil || stats.TotalFiles == 0 || stats.Rows >= 1000 {
		t.Errorf("one hour: %+v %v", stats, err)
	}
}

// TestHuntReadsOtherEncodings looks back in files whose hash columns are compressed, or numbers into a dictionary, as other
// programs and earlier versions write them.
func TestHuntReadsOtherEncodings(t *testing.T) {
	text := sample(3000)
	want := live(t, text, wanted)
	for _, encoding := range []string{"", ",dict"} {
		l := open(t)
		keep(t, l, text)
		list, err := l.Files(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range list {
			rewrite(t, f.Path, encoding)
		}
		_, tally, err := l.Hunt(t.Context(), wanted, lake.HuntConfig{})
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want.SightingRows(), tally.SightingRows()); d != "" {
			t.Errorf("encoding %q (-live +hunt):\n%s", encoding, d)
		}
	}
}

// rewrite writes a file anew with Snappy, and its hash columns in another encoding.
func rewrite(t *testing.T, path, encoding string) {
	t.Helper()
	rows, err := parquet.ReadFile[lake.Row](path)
	if err != nil {
		t.Fatal(err)
	}
	var fields []reflect.StructField
	for f := range reflect.TypeFor[lake.Row]().Fields() {
		f.Tag = reflect.StructTag(strings.Replace(string(f.Tag), ",plain,uncompressed", encoding, 1))
		fields = append(fields, f)
	}
	other := reflect.StructOf(fields)
	var out bytes.Buffer
	w := parquet.NewWriter(&out, parquet.SchemaOf(reflect.New(other).Interface()), parquet.Compression(&parquet.Snappy))
	for _, r := range rows {
		if err := w.Write(reflect.ValueOf(r).Convert(other).Interface()); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestHuntUnderACrowdedZone looks for one name among very many under the same last two labels.
func TestHuntUnderACrowdedZone(t *testing.T) {
	var b strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&b, `{"time":%d,"domain":"a.shop%d.co.uk"}`+"\n", 1709287200+i, i)
	}
	list := []match.Indicator{{ID: "i", Kind: event.Domain, Value: "shop77.co.uk"}, {ID: "j", Kind: event.Domain, Value: "a.shop78.co.uk"}}
	l := open(t)
	keep(t, l, b.String())
	stats, tally, err := l.Hunt(t.Context(), list, lake.HuntConfig{})
	if err != nil || stats.Hits != 2 || stats.Candidates != 2 {
		t.Errorf("%+v %v", stats, err)
	}
	if d := cmp.Diff(live(t, b.String(), list).SightingRows(), tally.SightingRows()); d != "" {
		t.Error(d)
	}
}

// TestHuntRunsPatterns over all hours in the order of the events, whatever order the files are in, and minds the allow-list.
func TestHuntRunsPatterns(t *testing.T) {
	pattern := func(source string) match.Pattern {
		c, err := match.CompilePattern(match.Indicator{ID: source, Actor: "A"}, source)
		if err != nil {
			t.Fatal(err)
		}
		return c.Pattern()
	}
	like := "[domain-name:value LIKE 'x%.example']"
	sequence := "[domain-name:value LIKE 'first%'] FOLLOWEDBY [domain-name:value LIKE 'then%']"
	backwards := "[domain-name:value LIKE 'then%'] FOLLOWEDBY [domain-name:value LIKE 'first%']"
	hour := int64(1709287200)
	text := fmt.Sprintf(`{"time":%d,"domain":"x1.example"}
{"time":%d,"domain":"x2.example"}
{"time":%d,"domain":"then.example"}
{"time":%d,"domain":"first.example"}
`, hour, hour+7200, hour+7200, hour+3600)
	l := open(t)
	keep(t, l, text)
	keep(t, l, strings.ReplaceAll(text, "x2", "other")) // every hour has two files
	allow := match.NewAllow()
	if err := allow.Read(strings.NewReader(`{"name":"known","type":"string","list":["x2.example"]}`)); err != nil {
		t.Fatal(err)
	}
	for _, workers := range []int{1, 4} {
		got := map[string]int{}
		_, tally, err := l.Hunt(t.Context(), nil, lake.HuntConfig{
			Workers: workers, Allow: allow, Patterns: match.NewPatterns(pattern(like), pattern(sequence), pattern(backwards)),
			Hit: func(h match.Hit) { got[h.Indicator+" "+h.Searched+" "+h.Stored]++ },
		})
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]int{
			like + " x1.example domain-name:value LIKE 'x%.example'":  2,
			sequence + " then.example domain-name:value LIKE 'then%'": 2,
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%d workers (-want +got):\n%s", workers, d)
		}
		if len(tally.Sightings) != 2 {
			t.Errorf("%d workers: sightings %v", workers, tally.Sightings)
		}
	}
}

func TestDamagedFileIsNamedAndTheRestSearched(t *testing.T) {
	text := sample(3000)
	damage := map[string]func([]byte) []byte{
		"cut":    func(b []byte) []byte { return b[:len(b)/2] },
		"empty":  func([]byte) []byte { return nil },
		"noise":  func(b []byte) []byte { return bytes.Repeat([]byte{0xAA}, len(b)) },
		"footer": func(b []byte) []byte { copy(b[len(b)-60:], bytes.Repeat([]byte{0xFF}, 40)); return b },
		"pages":  func(b []byte) []byte { copy(b[4:], bytes.Repeat([]byte{0xFF}, len(b)/2)); return b },
	}
	for name, f := range damage {
		l := open(t)
		keep(t, l, text)
		keep(t, l, sample(1)+text) // another source: every hour has files to join
		list, err := l.Files(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		victim := list[len(list)/2].Path
		data, err := os.ReadFile(victim)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(victim, f(data), 0o600); err != nil {
			t.Fatal(err)
		}
		stats, tally, err := l.Hunt(t.Context(), wanted, lake.HuntConfig{})
		if err == nil || !strings.Contains(err.Error(), victim) || len(stats.Broken) != 1 {
			t.Errorf("%s: error %v, broken %v", name, err, stats.Broken)
		}
		if stats.Files != len(list) || len(tally.Sightings) == 0 {
			t.Errorf("%s: %d of %d files, %d sightings", name, stats.Files, len(list), len(tally.Sightings))
		}
		if _, err := l.Compact(t.Context(), lake.CompactConfig{MinFiles: 2}); err == nil {
			t.Errorf("%s: compaction says nothing", name)
		}
		if _, err := os.Stat(victim); err != nil {
			t.Errorf("%s: compaction removed the damaged file", name)
		}
	}
}

func TestCompactKeepsEveryRow(t *testing.T) {
	l := open(t)
	text := sample(4000)
	lines := strings.SplitAfter(text, "\n")
	for i := 0; i < len(lines); i += 500 { // each piece is a source of its own
		keep(t, l, strings.Join(lines[i:min(i+500, len(lines))], ""))
	}
	before, err := l.Stats(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := rows(t, l)
	done, err := l.Compact(t.Context(), lake.CompactConfig{})
	if err != nil {
		t.Fatal(err)
	}
	after, err := l.Stats(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if after.Files >= before.Files || after.Files != after.Hours || after.Rows != 4000 || after.Bytes >= before.Bytes || done.Read == 0 {
		t.Errorf("before %+v, after %+v, %+v", before, after, done)
	}
	if d := cmp.Diff(want, rows(t, l)); d != "" {
		t.Errorf("(-want +got):\n%.2000s", d)
	}
	if again, err := l.Compact(t.Context(), lake.CompactConfig{}); err != nil || again.Read != 0 {
		t.Errorf("again: %+v %v", again, err)
	}
}

// TestCompactionThatWasKilled leaves the joined file beside those it replaces.
func TestCompactionThatWasKilled(t *testing.T) {
	l := open(t)
	keep(t, l, sample(400))
	list, err := l.Files(t.Context())
	if err != nil || len(list) < 2 {
		t.Fatal(list, err)
	}
	saved := map[string][]byte{}
	for _, f := range list {
		if saved[f.Path], err = os.ReadFile(f.Path); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := l.Compact(t.Context(), lake.CompactConfig{}); err != nil {
		t.Fatal(err)
	}
	for p, data := range saved {
		if err := os.WriteFile(p, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	hunt := func() int64 {
		stats, _, err := l.Hunt(t.Context(), wanted[:2], lake.HuntConfig{})
		if err != nil {
			t.Fatal(err)
		}
		return stats.Hits
	}
	want := live(t, sample(400), wanted[:2])
	sum := uint64(0)
	for _, s := range want.Sightings {
		sum += s.Count
	}
	if got := hunt(); got != int64(sum) {
		t.Errorf("%d hits, want %d", got, sum)
	}
	if _, err := l.Compact(t.Context(), lake.CompactConfig{}); err != nil {
		t.Fatal(err)
	}
	if s, err := l.Stats(t.Context()); err != nil || s.Rows != 400 {
		t.Errorf("%+v %v", s, err)
	}
}

func TestSameSourceTwiceIsKeptOnce(t *testing.T) {
	l := open(t)
	keep(t, l, sample(1000))
	keep(t, l, sample(1000))
	if s, err := l.Stats(t.Context()); err != nil || s.Rows != 1000 {
		t.Errorf("%+v %v", s, err)
	}
}

func TestAbortedSegmentLeavesNothing(t *testing.T) {
	l := open(t)
	for _, abort := range []bool{true, false} {
		seg, err := l.Begin(t.Context(), "s", 1)
		if err != nil {
			t.Fatal(err)
		}
		if err := seg.Writer(0).Append(&event.Event{Time: 5}); err != nil {
			t.Fatal(err)
		}
		if err := seg.Writer(0).Flush(); err != nil {
			t.Fatal(err)
		}
		if abort {
			if err := seg.Abort(); err != nil {
				t.Fatal(err)
			}
		} // else: as if killed
		if list, err := l.Files(t.Context()); err != nil || len(list) != 0 {
			t.Errorf("files %v %v", list, err)
		}
	}
	if _, err := l.Begin(t.Context(), "s", 1); err != nil {
		t.Fatal(err)
	}
	left, _ := filepath.Glob(filepath.Join(l.Where(), "*", "*", "*"))
	if len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestRetain(t *testing.T) {
	l := open(t)
	keep(t, l, sample(4000))
	s, err := l.Stats(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	dry, err := l.Retain(t.Context(), lake.RetainConfig{Before: s.First.Add(2 * time.Hour), DryRun: true})
	if err != nil || dry.Files == 0 {
		t.Fatal(dry, err)
	}
	gone, err := l.Retain(t.Context(), lake.RetainConfig{Before: s.First.Add(2 * time.Hour)})
	if err != nil || gone != dry {
		t.Errorf("%+v, dry %+v, %v", gone, dry, err)
	}
	now, err := l.Stats(t.Context())
	if err != nil || !now.First.Equal(s.First.Add(2*time.Hour)) || now.Bytes != s.Bytes-gone.Bytes {
		t.Errorf("%+v %v", now, err)
	}
	if _, err := l.Retain(t.Context(), lake.RetainConfig{Bytes: now.Bytes / 2}); err != nil {
		t.Fatal(err)
	}
	last, err := l.Stats(t.Context())
	if err != nil || last.Bytes > now.Bytes/2 || !last.Last.Equal(now.Last) {
		t.Errorf("%+v %v", last, err)
	}
	if days, _ := os.ReadDir(filepath.Join(l.Where(), s.First.Format("day=2006-01-02"))); len(days) != last.Hours {
		t.Errorf("%d hour folders, %d hours", len(days), last.Hours)
	}
}

func TestOpenRefusesForeignFolders(t *testing.T) {
	dir := t.TempDir()
	os.WriteFile(filepath.Join(dir, "letter.txt"), nil, 0o600)
	if _, err := lake.Open(dir); !errors.Is(err, lake.ErrNotLake) {
		t.Errorf("%v", err)
	}
	l := open(t)
	again, err := lake.Open(l.Where())
	if err != nil || again.Seed() != l.Seed() {
		t.Errorf("seed changed: %v", err)
	}
	os.WriteFile(filepath.Join(l.Where(), "marque-lake.json"), []byte(`{"version":99,"seed":"1"}`), 0o600)
	if _, err := lake.Open(l.Where()); err == nil || !strings.Contains(err.Error(), "version 99") {
		t.Errorf("%v", err)
	}
}

func TestDDL(t *testing.T) {
	l := open(t)
	keep(t, l, sample(10))
	list, err := l.Files(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(list[0].Path)
	if err != nil {
		t.Fatal(err)
	}
	p, err := parquet.OpenFile(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	for _, engine := range lake.Engines() {
		text, err := l.DDL(engine)
		if err != nil || !strings.Contains(text, l.Where()) {
			t.Errorf("%s: %v\n%s", engine, err, text)
		}
		for _, c := range p.Schema().Columns() {
			if (engine == "spark" || engine == "trino") && !strings.Contains(text, "  "+c[0]+" ") {
				t.Errorf("%s: no column %s", engine, c[0])
			}
		}
	}
	if _, err := l.DDL("excel"); err == nil {
		t.Error("excel has a statement")
	}
}

// TestDuckDBReadsTheLake runs where MARQUE_PYTHON names a Python with the duckdb module.
func TestDuckDBReadsTheLake(t *testing.T) {
	python := os.Getenv("MARQUE_PYTHON")
	if python == "" {
		t.Skip("MARQUE_PYTHON is not set: no Python with duckdb to read the lake with")
	}
	l := open(t)
	keep(t, l, sample(1000))
	if _, err := l.Compact(t.Context(), lake.CompactConfig{}); err != nil {
		t.Fatal(err)
	}
	ddl, err := l.DDL("duckdb")
	if err != nil {
		t.Fatal(err)
	}
	script := `import duckdb,sys
c=duckdb.connect(); c.execute(sys.argv[1])
print(c.execute("select count(*), count(distinct domain), min(time)::varchar, max(digest_hex), count(distinct hour), sum((day='2024-03-01')::int) from events where part=0").fetchall())`
	out, err := exec.CommandContext(t.Context(), python, "-c", script, ddl).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	want := fmt.Sprintf("[(1000, 1000, '2024-03-01 10:00:00+00', '%064x', 2, 1000)]\n", 999)
	if string(out) != want {
		t.Errorf("got %s, want %s", out, want)
	}
}
