package match_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"marque/event"
	"marque/match"
	"marque/stix/pattern"
)

const seed = 42

func indicatorID(n int) string {
	return fmt.Sprintf("indicator--00000000-0000-4000-8000-%012x", n)
}

func build(t testing.TB, list ...match.Indicator) *match.Table {
	t.Helper()
	b := match.NewBuilder(seed, len(list))
	for _, in := range list {
		if err := b.Add(in); err != nil {
			t.Fatal(err)
		}
	}
	return b.Build()
}

// look runs one event through a set and shows indicator, matcher, field, searched and stored value.
func look(t testing.TB, s *match.Set, line string) []string {
	t.Helper()
	e, reason := newDecoder(t).Decode([]byte(line))
	if reason != "" {
		t.Fatal(reason)
	}
	var out []string
	for _, h := range match.NewMatching(s).Match(e) {
		out = append(out, fmt.Sprintf("%s %s %s %s %s", strings.TrimPrefix(h.Indicator, "indicator--00000000-0000-4000-8000-0000000000"), h.By, h.Field, h.Searched, h.Stored))
	}
	return out
}

func TestHitsCarryTheirReason(t *testing.T) {
	s := match.NewSet(0, build(t,
		match.Indicator{ID: indicatorID(1), Kind: event.IPv4, Value: "192.0.2.1", Actor: "A", Sponsor: "S", Labels: []string{"l"}},
		match.Indicator{ID: indicatorID(2), Kind: event.CIDR, Value: "192.0.2.0/24"},
		match.Indicator{ID: indicatorID(3), Kind: event.CIDR, Value: "192.0.0.0/16"},
		match.Indicator{ID: indicatorID(4), Kind: event.Domain, Value: "Evil.example.com"},
		match.Indicator{ID: indicatorID(5), Kind: event.URL, Value: "http://EVIL.example.com/p"},
		match.Indicator{ID: indicatorID(6), Kind: event.SHA256, Value: sha256Text},
		match.Indicator{ID: indicatorID(7), Kind: event.Email, Value: "eve@example.com"},
		match.Indicator{ID: indicatorID(8), Kind: event.Domain, Value: "co.uk"},
		match.Indicator{ID: indicatorID(9), Kind: event.Domain, Value: "github.io"},
		match.Indicator{ID: "odd-id", Kind: event.IPv6, Value: "2001:db8::1"},
		match.Indicator{ID: indicatorID(16), Kind: event.CIDR, Value: "2001:db8::/32"},
		match.Indicator{ID: indicatorID(17), Kind: event.IPv4, Value: "192.0.2.1"},
	))
	tests := []struct {
		in   string
		want []string
	}{
		{`{"time":1,"ip":"192.0.2.1"}`, []string{"01 exact ip 192.0.2.1 192.0.2.1", "11 exact ip 192.0.2.1 192.0.2.1", "02 cidr ip 192.0.2.1 192.0.2.0/24", "03 cidr ip 192.0.2.1 192.0.0.0/16"}},
		{`{"time":1,"ip":"192.0.9.1"}`, []string{"03 cidr ip 192.0.9.1 192.0.0.0/16"}},
		{`{"time":1,"ip":"2001:db8:0::1"}`, []string{"odd-id exact ip 2001:db8::1 2001:db8::1", "10 cidr ip 2001:db8::1 2001:db8::/32"}},
		{`{"time":1,"domain":"a.b.evil.EXAMPLE.com"}`, []string{"04 parent-domain domain a.b.evil.example.com evil.example.com"}},
		{`{"time":1,"domain":"evil.example.com"}`, []string{"04 exact domain evil.example.com evil.example.com"}},
		{`{"time":1,"domain":"notevil.example.com"}`, nil},
		{`{"time":1,"domain":"example.com"}`, nil},
		{`{"time":1,"domain":"bank.co.uk"}`, nil},
		{`{"time":1,"domain":"co.uk"}`, []string{"08 exact domain co.uk co.uk"}},
		{`{"time":1,"domain":"someone.github.io"}`, nil},
		{`{"time":1,"url":"http://evil.example.com/p#x"}`, []string{"05 url url http://evil.example.com/p http://evil.example.com/p", "04 exact url evil.example.com evil.example.com"}},
		{`{"time":1,"hash":"` + strings.ToUpper(sha256Text) + `"}`, []string{"06 exact hash " + sha256Text + " " + sha256Text}},
		{`{"time":1,"email":"Eve <EVE@example.com>"}`, []string{"07 exact email eve@example.com eve@example.com"}},
	}
	for _, tt := range tests {
		if d := cmp.Diff(tt.want, look(t, s, tt.in)); d != "" {
			t.Errorf("%s (-want +got):\n%s", tt.in, d)
		}
	}
}

func TestValidityRevocationAndRefusal(t *testing.T) {
	at := func(s int64) time.Time { return time.Unix(s, 0) }
	b := match.NewBuilder(seed, 0)
	for _, in := range []match.Indicator{
		{ID: indicatorID(1), Kind: event.IPv4, Value: "192.0.2.1", ValidFrom: at(100), ValidUntil: at(200)},
		{ID: indicatorID(2), Kind: event.IPv4, Value: "192.0.2.1", Revoked: true},
		{ID: indicatorID(3), Kind: event.IPv4, Value: "nonsense"},
		{ID: indicatorID(4), Kind: event.IPv4, Value: "192.0.2.1", ValidFrom: at(100), ValidUntil: at(100)},
	} {
		if err := b.Add(in); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := b.Skipped(), (match.Skipped{Revoked: 1, Invalid: 1, Empty: 1}); got != want {
		t.Errorf("skipped %+v, want %+v", got, want)
	}
	s := match.NewSet(0, b.Build())
	for when, want := range map[string]int{"99.999": 0, "100": 1, "199.999": 1, "200": 0} {
		if got := look(t, s, `{"time":`+when+`,"ip":"192.0.2.1"}`); len(got) != want {
			t.Errorf("at %s: %v", when, got)
		}
	}
}

func TestAllowLists(t *testing.T) {
	s := match.NewSet(0, build(t,
		match.Indicator{ID: indicatorID(1), Kind: event.IPv4, Value: "192.0.2.1"},
		match.Indicator{ID: indicatorID(2), Kind: event.Domain, Value: "cdn.example"},
		match.Indicator{ID: indicatorID(3), Kind: event.CIDR, Value: "198.51.100.0/24"},
		match.Indicator{ID: indicatorID(4), Kind: event.MD5, Value: md5Text},
		match.Indicator{ID: indicatorID(5), Kind: event.Domain, Value: "evil.example"},
	))
	a := match.NewAllow()
	for _, list := range []string{
		`{"name":"nets","type":"cidr","list":["192.0.2.0/24","198.51.100.7"]}`,
		`{"name":"hosts","type":"hostname","list":["cdn.example"]}`,
		`{"name":"strings","type":"string","list":["` + strings.ToUpper(md5Text) + `"]}`,
	} {
		if err := a.Read(strings.NewReader(list)); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.Read(strings.NewReader(`{"name":"bad","type":"cidr","list":["x","203.0.113.0/24"]}`)); err == nil || !strings.Contains(err.Error(), `"x"`) {
		t.Errorf("bad entry: %v", err)
	}
	s.SetAllow(a)
	for _, line := range []string{
		`{"time":1,"ip":"192.0.2.1"}`, `{"time":1,"domain":"a.cdn.example"}`, `{"time":1,"ip":"198.51.100.7"}`, `{"time":1,"md5":"` + md5Text + `"}`,
	} {
		if got := look(t, s, line); got != nil {
			t.Errorf("%s: %v", line, got)
		}
	}
	for _, line := range []string{`{"time":1,"ip":"198.51.100.8"}`, `{"time":1,"domain":"a.evil.example"}`} {
		if got := look(t, s, line); len(got) != 1 {
			t.Errorf("%s: %v", line, got)
		}
	}
	s.SetAllow(nil)
	if got := look(t, s, `{"time":1,"ip":"192.0.2.1"}`); len(got) != 1 {
		t.Errorf("without lists: %v", got)
	}
}

func TestTableFile(t *testing.T) {
	var list []match.Indicator
	for i := range 5000 {
		list = append(list, match.Indicator{ID: indicatorID(i), Kind: event.Domain, Value: fmt.Sprintf("d%d.example", i%4000), Actor: fmt.Sprint(i % 7), Labels: []string{"x"}})
	}
	list = append(list, match.Indicator{ID: "odd", Kind: event.CIDR, Value: "10.0.0.0/8"}, match.Indicator{ID: "odd2", Kind: event.CIDR, Value: "10.0.0.0/8"})
	path := filepath.Join(t.TempDir(), "t.table")
	table := build(t, list...)
	if err := table.WriteFile(path); err != nil {
		t.Fatal(err)
	}
	opened, err := match.OpenTable(path)
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	if opened.Len() != len(list) || opened.Seed() != seed {
		t.Errorf("len %d, seed %d", opened.Len(), opened.Seed())
	}
	a, b := match.NewSet(0, table), match.NewSet(0, opened)
	for _, line := range []string{`{"time":1,"domain":"x.d17.example"}`, `{"time":1,"domain":"d3999.example"}`, `{"time":1,"ip":"10.9.9.9"}`, `{"time":1,"domain":"d4000.example"}`} {
		if d := cmp.Diff(look(t, a, line), look(t, b, line)); d != "" {
			t.Errorf("%s: built and opened differ:\n%s", line, d)
		}
	}
	if got := look(t, b, `{"time":1,"ip":"10.9.9.9"}`); len(got) != 2 {
		t.Errorf("CIDR chain: %v", got)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, damage := range []func([]byte) []byte{
		func(d []byte) []byte { d[len(d)/2] ^= 1; return d },
		func(d []byte) []byte { return d[:len(d)-9] },
		func(d []byte) []byte { d[0] = 'X'; return d },
		func([]byte) []byte { return nil },
	} {
		if err := os.WriteFile(path+"2", damage(append([]byte(nil), data...)), 0o600); err != nil {
			t.Fatal(err)
		}
		if tbl, err := match.OpenTable(path + "2"); err == nil {
			t.Errorf("damaged file opened: %d values", tbl.Len())
		}
	}
}

// TestSetAgreesWithModel adds and withdraws at random and compares with a map.
func TestSetAgreesWithModel(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	s := match.NewSet(seed, nil)
	dec, m := newDecoder(t), match.NewMatching(s)
	model := map[string]string{} // id → value
	value := func(n int) string { return fmt.Sprintf("10.0.%d.%d", n/256, n%256) }
	for step := range 300 {
		if r.IntN(3) > 0 {
			var list []match.Indicator
			for range 1 + r.IntN(20) {
				id, v := indicatorID(r.IntN(200)), value(r.IntN(300))
				for _, in := range list {
					if in.ID == id {
						id = ""
					}
				}
				if id != "" {
					list = append(list, match.Indicator{ID: id, Kind: event.IPv4, Value: v})
					model[id] = v
				}
			}
			if _, err := s.Add(list); err != nil {
				t.Fatal(err)
			}
		} else {
			for range 1 + r.IntN(10) {
				id := indicatorID(r.IntN(200))
				s.Withdraw(id)
				delete(model, id)
			}
		}
		if step%10 != 0 {
			continue
		}
		for n := range 300 {
			want := map[string]bool{}
			for id, v := range model {
				if v == value(n) {
					want[id] = true
				}
			}
			e, reason := dec.Decode([]byte(`{"time":1,"ip":"` + value(n) + `"}`))
			if reason != "" {
				t.Fatal(reason)
			}
			got := map[string]bool{}
			for _, h := range m.Match(e) {
				got[h.Indicator] = true
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Fatalf("step %d, %s (-want +got):\n%s", step, value(n), d)
			}
		}
	}
}

// TestSetNeverPauses matches in the middle of writes, while their locks are held, and while another goroutine adds, replaces and
// withdraws: what is in force throughout is met by every single match, and a value that is replaced by itself never by none.
func TestSetNeverPauses(t *testing.T) {
	const writes = 200
	replaced := match.Indicator{ID: indicatorID(2), Kind: event.Domain, Value: "replaced.example"}
	s := match.NewSet(0, build(t, match.Indicator{ID: indicatorID(1), Kind: event.IPv4, Value: "192.0.2.1"}, replaced))
	patterns := watch(t, "[domain-name:value LIKE 'repl%']")
	s.SetPatterns(patterns)
	e, reason := newDecoder(t).Decode([]byte(`{"time":1,"ip":"192.0.2.1","domain":"replaced.example"}`))
	if reason != "" {
		t.Fatal(reason)
	}
	m := match.NewMatching(s)
	look := func() {
		by := map[string]int{}
		for _, h := range m.Match(e) {
			by[h.Indicator]++
		}
		if by[indicatorID(1)] != 1 || by["[domain-name:value LIKE 'repl%']"] != 1 || by[indicatorID(2)] < 1 {
			t.Fatalf("hits %v", by)
		}
	}
	s.Writing(func() { patterns.Writing(look) })
	var writer sync.WaitGroup
	writer.Go(func() {
		for n := range writes {
			list := []match.Indicator{replaced}
			for i := range 100 {
				list = append(list, match.Indicator{ID: indicatorID(n*1000 + 100 + i), Kind: event.Domain, Value: fmt.Sprintf("d%d-%d.example", n%20, i)})
			}
			if _, err := s.Add(list); err != nil {
				panic(err)
			}
			patterns.Add(match.Pattern{Indicator: match.Indicator{ID: "passing"}, Program: passing})
			s.Withdraw(list[1].ID, "passing")
		}
	})
	for range writes {
		look()
		runtime.Gosched()
	}
	writer.Wait()
	look()
	if n := patterns.Len(); n != 1 {
		t.Errorf("%d patterns in force", n)
	}
}

func TestMissAllocatesNothing(t *testing.T) {
	s := match.NewSet(0, build(t, match.Indicator{ID: indicatorID(1), Kind: event.IPv4, Value: "192.0.2.1"}, match.Indicator{ID: indicatorID(2), Kind: event.CIDR, Value: "198.51.100.0/24"}))
	d, m := newDecoder(t), match.NewMatching(s)
	line := []byte(`{"time":"2024-03-01T10:00:00Z","ip":["203.0.113.7"],"domain":"a.b.example.com","url":"http://example.com/x","sha256":"` + sha256Text + `"}`)
	if n := testing.AllocsPerRun(100, func() {
		e, reason := d.Decode(line)
		if reason != "" || len(m.Match(e)) != 0 {
			t.Fatal(reason)
		}
	}); n != 0 {
		t.Errorf("%v allocations per event", n)
	}
}

func randomTally(r *rand.Rand) *match.Tally {
	t := match.NewTally()
	for range r.IntN(10) {
		hits := make([]match.Hit, r.IntN(4))
		for i := range hits {
			hits[i] = match.Hit{Indicator: fmt.Sprint(r.IntN(3)), Actor: fmt.Sprint(r.IntN(2)), Sensor: fmt.Sprint(r.IntN(2)), Time: time.Unix(int64(r.IntN(8000)), 0)}
		}
		t.Count(hits)
	}
	return t
}

func merged(list ...*match.Tally) *match.Tally {
	t := match.NewTally()
	for _, o := range list {
		t.Merge(o)
	}
	return t
}

func TestMergeIsAssociativeAndCommutative(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 500 {
		a, b, c := randomTally(r), randomTally(r), randomTally(r)
		want := merged(a, b, c)
		for _, got := range []*match.Tally{merged(c, b, a), merged(a, merged(b, c)), merged(merged(b, a), c), merged(a, match.NewTally(), b, c)} {
			if d := cmp.Diff(want, got); d != "" {
				t.Fatalf("(-want +got):\n%s", d)
			}
		}
	}
}

func TestCountOncePerEvent(t *testing.T) {
	for _, n := range []int{3, 100} { // both ways of comparing
		var hits []match.Hit
		for i := range n {
			hits = append(hits, match.Hit{Indicator: fmt.Sprint(i % 2), Actor: "A", Sponsor: "S", Time: time.Unix(3601, 5)})
		}
		tally := match.NewTally()
		tally.Count(hits)
		if d := cmp.Diff([]match.RollupRow{{RollupKey: match.RollupKey{Hour: 3600, Actor: "A", Sponsor: "S"}, Events: 1}}, tally.RollupRows()); d != "" {
			t.Errorf("%d hits (-want +got):\n%s", n, d)
		}
		if rows := tally.SightingRows(); len(rows) != 2 || rows[0].Count != 1 || rows[1].Count != 1 {
			t.Errorf("%d hits: %+v", n, rows)
		}
	}
	if got := match.Hour(-1); got != -3600 {
		t.Errorf("hour before 1970: %d", got)
	}
}

// TestPreparedIndicators are in force from Put on, and nothing is lost by joining tables at any time.
func TestPreparedIndicators(t *testing.T) {
	s := match.NewSet(1, nil)
	if err := s.Merge(); err != nil {
		t.Fatal(err)
	}
	hits := func() int {
		e := event.Event{Observables: []event.Observable{{Kind: event.Domain, Value: []byte("a.example")}}}
		return len(match.NewMatching(s).Match(&e))
	}
	a, err := s.Prepare([]match.Indicator{{ID: "indicator--00000000-0000-4000-8000-000000000001", Kind: event.Domain, Value: "a.example"}})
	if err != nil || hits() != 0 {
		t.Fatalf("%v, %d hits before it is put in force", err, hits())
	}
	s.Put(a)
	if n := hits(); n != 1 {
		t.Errorf("%d hits", n)
	}
	none, err := s.Prepare(nil)
	if err != nil {
		t.Fatal(err)
	}
	s.Put(none)
	if err := s.Merge(); err != nil || hits() != 1 || s.Len() != 1 {
		t.Errorf("%v, %d hits, %d indicators", err, hits(), s.Len())
	}
}

func newDecoder(t testing.TB) *event.Decoder {
	t.Helper()
	f, err := event.NewFormats()
	if err != nil {
		t.Fatal(err)
	}
	return event.NewDecoder(f)
}

// passing is a pattern that no event of the tests meets.
var passing = func() *pattern.Program {
	p, err := pattern.Parse("[domain-name:value LIKE 'passing%']")
	if err != nil {
		panic(err)
	}
	program, err := pattern.Compile(p)
	if err != nil {
		panic(err)
	}
	return program
}()

const (
	md5Text    = "44d88612fea8a8f36de82e1278abb02f"
	sha256Text = "275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f"
)
