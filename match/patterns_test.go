package match_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"marque/event"
	"marque/match"
	"marque/stix/pattern"
)

// watch compiles patterns whose ids are their texts.
func watch(t testing.TB, sources ...string) *match.Patterns {
	t.Helper()
	list := make([]match.Pattern, len(sources))
	for i, source := range sources {
		p, err := pattern.Parse(source)
		if err != nil {
			t.Fatalf("%s: %v", source, err)
		}
		program, err := pattern.Compile(p)
		if err != nil {
			t.Fatalf("%s: %v", source, err)
		}
		list[i] = match.Pattern{Indicator: match.Indicator{ID: source, Actor: "A", Sponsor: "S", Labels: []string{"l"}}, Program: program}
	}
	return match.NewPatterns(list...)
}

func hitsOf(t testing.TB, m *match.Matching, line string) []match.Hit {
	t.Helper()
	e, reason := newDecoder(t).Decode([]byte(line))
	if reason != "" {
		t.Fatal(reason)
	}
	return m.Match(e)
}

// TestPatternHitsAreLikeOthers holds hits of patterns against what hits of values have: who, where, when, and why.
func TestPatternHitsAreLikeOthers(t *testing.T) {
	s := match.NewSet(seed, nil)
	like := "[url:value LIKE '%/gate.php' AND url:value MATCHES '^http:']"
	digests := "[file:hashes.MD5 = '" + md5Text + "' AND file:hashes.'SHA-256' != 'x']"
	either := "[domain-name:value LIKE 'c2.%'] OR [email-addr:value LIKE '%@evil.example']"
	s.SetPatterns(watch(t, like, digests, either, "[process:name = 'x']", "[domain-name:value LIKE 'other%']"))
	m := match.NewMatching(s)
	line := `{"time":"2024-03-01T10:00:00Z","sensor":"fw-1","technique":"T1566","sector":"energy","country":"UA","victim":"v",
		"url":["http://a.example/gate.php","http://b.example/gate.php","https://a.example/gate.php"],"md5":"` + md5Text + `","sha256":"` + sha256Text + `","domain":"c2.example","email":"eve@evil.example"}`
	base := match.Hit{
		Actor: "A", Sponsor: "S", Labels: []string{"l"}, By: match.ByPattern, Time: time.Date(2024, 3, 1, 10, 0, 0, 0, time.UTC),
		Format: "short", Sensor: "fw-1", Technique: "T1566", Sector: "energy", Country: "UA", Victim: "v",
	}
	hit := func(id, kind, field, searched, stored string) match.Hit {
		h := base
		h.Indicator, h.Kind, h.Field, h.Searched, h.Stored = id, kind, field, searched, stored
		return h
	}
	want := []match.Hit{
		hit(like, "url", "url", "http://a.example/gate.php", "url:value LIKE '%/gate.php' AND url:value MATCHES '^http:'"),
		hit(like, "url", "url", "http://b.example/gate.php", "url:value LIKE '%/gate.php' AND url:value MATCHES '^http:'"),
		hit(digests, "md5", "md5", md5Text, "file:hashes.MD5 = '"+md5Text+"' AND file:hashes.'SHA-256' != 'x'"),
		hit(either, "domain", "domain", "c2.example", "domain-name:value LIKE 'c2.%'"),
		hit(either, "email", "email", "eve@evil.example", "email-addr:value LIKE '%@evil.example'"),
	}
	if d := cmp.Diff(want, hitsOf(t, m, line)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}

	allow := match.NewAllow()
	if err := allow.Read(strings.NewReader(`{"name":"known","type":"hostname","list":["a.example","c2.example"]}`)); err != nil {
		t.Fatal(err)
	}
	s.SetAllow(allow)
	m = match.NewMatching(s)
	if d := cmp.Diff([]match.Hit{want[1], want[2], want[4]}, hitsOf(t, m, line)); d != "" {
		t.Errorf("with an allow-list (-want +got):\n%s", d)
	}
	if d := cmp.Diff(map[string]uint64{"known": 2}, m.Suppressed()); d != "" {
		t.Errorf("suppressed (-want +got):\n%s", d)
	}
	s.SetAllow(nil)
	s.Withdraw(like, either)
	if got := hitsOf(t, m, line); len(got) != 1 || got[0].Indicator != digests {
		t.Errorf("after two were withdrawn: %+v", got)
	}
}

// TestPatternsAreInForceAtTheEventsTime as values are: from inclusive, until exclusive, revoked never; likewise each event of a
// pattern that asks for several.
func TestPatternsAreInForceAtTheEventsTime(t *testing.T) {
	compile := func(source string) *pattern.Program {
		p, err := pattern.Parse(source)
		if err != nil {
			t.Fatal(err)
		}
		program, err := pattern.Compile(p)
		if err != nil {
			t.Fatal(err)
		}
		return program
	}
	one, two := compile("[domain-name:value LIKE 'a%']"), compile("[domain-name:value LIKE 'a%'] REPEATS 2 TIMES")
	in := match.Indicator{ID: "i", ValidFrom: time.Unix(100, 0), ValidUntil: time.Unix(200, 0)}
	gone := in
	gone.Revoked = true
	s := match.NewSet(seed, nil)
	s.SetPatterns(match.NewPatterns(match.Pattern{Indicator: in, Program: one}, match.Pattern{Indicator: gone, Program: one}))
	m := match.NewMatching(s)
	for when, want := range map[string]int{"99.999": 0, "100": 1, "199.999": 1, "200": 0} {
		if got := hitsOf(t, m, `{"time":`+when+`,"domain":"a.example"}`); len(got) != want {
			t.Errorf("at %s: %v", when, got)
		}
	}
	s.SetPatterns(match.NewPatterns(match.Pattern{Indicator: in, Program: two}))
	for i, step := range []struct {
		when string
		want int
	}{{"99", 0}, {"150", 0}, {"200", 0}, {"160", 1}} {
		if got := hitsOf(t, m, `{"time":`+step.when+`,"domain":"a.example"}`); len(got) != step.want {
			t.Errorf("step %d at %s: %v", i, step.when, got)
		}
	}
}

// TestAllowedValuesAreNoPartOfAPattern: what is known to be innocent neither begins nor completes a sequence.
func TestAllowedValuesAreNoPartOfAPattern(t *testing.T) {
	s := match.NewSet(seed, nil)
	s.SetPatterns(watch(t, "[domain-name:value LIKE 'a%'] FOLLOWEDBY [domain-name:value LIKE 'b%']"))
	allow := match.NewAllow()
	if err := allow.Read(strings.NewReader(`{"name":"known","type":"string","list":["a-good.example","b-good.example"]}`)); err != nil {
		t.Fatal(err)
	}
	s.SetAllow(allow)
	m := match.NewMatching(s)
	for i, step := range []struct {
		domain string
		want   int
	}{{"a-good.example", 0}, {"b.example", 0}, {"a.example", 0}, {"b-good.example", 0}, {"b.example", 1}} {
		got := hitsOf(t, m, fmt.Sprintf(`{"time":%d,"domain":%q}`, 1000+i, step.domain))
		if len(got) != step.want {
			t.Errorf("%d, %s: %+v", i, step.domain, got)
		}
		if len(got) == 1 && (got[0].Searched != "b.example" || got[0].Stored != "domain-name:value LIKE 'b%'" || got[0].Field != "domain") {
			t.Errorf("reason %+v", got[0])
		}
	}
}

// observed is an event as the plain engine is given it: built from the line and not by the matcher.
func observed(when time.Time, domains, urls []string, md5 string) pattern.Observation {
	o := pattern.Observation{First: when, Last: when.Add(time.Nanosecond), Count: 1}
	add := func(kind string, properties map[string]any) {
		properties["type"] = kind
		o.Objects = append(o.Objects, pattern.Object{ID: fmt.Sprint(len(o.Objects)), Type: kind, Properties: properties})
	}
	for _, d := range domains {
		add("domain-name", map[string]any{"value": d})
	}
	for _, u := range urls {
		add("url", map[string]any{"value": u})
	}
	if md5 != "" {
		add("file", map[string]any{"hashes": map[string]any{"MD5": md5}})
	}
	return o
}

// TestPatternsAgreeWithThePlainEngine runs random lists of patterns over random events. Each pattern hits exactly the events that
// the plain engine matches, one by one or (patterns of several events) at the moment that the plain engine first matches all of
// them so far.
func TestPatternsAgreeWithThePlainEngine(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	words := []string{"gate", "a", "ab", "x1", "evil", "k", "gate1", "co"}
	word := func() string { return words[r.IntN(len(words))] }
	comparison := func() string {
		object := []string{"domain-name:value", "url:value"}[r.IntN(2)]
		switch r.IntN(8) {
		case 0:
			return fmt.Sprintf("%s NOT LIKE '%%%s%%'", object, word())
		case 1:
			return fmt.Sprintf("%s MATCHES '(?i)%s[0-9]?\\\\.%s'", object, strings.ToUpper(word()), word())
		case 2:
			return fmt.Sprintf("%s MATCHES '(%s|%s)%s*'", object, word(), word(), word())
		case 3:
			return fmt.Sprintf("file:hashes.MD5 %s '%s'", []string{"=", "!=", "LIKE"}[r.IntN(3)], md5Text)
		case 4:
			return "EXISTS " + object
		case 5:
			return "NOT EXISTS url:other"
		case 6:
			return fmt.Sprintf("%s LIKE '_%s%%'", object, word())
		}
		return fmt.Sprintf("%s LIKE '%%%s%%%s%%'", object, word(), word())
	}
	var single func(depth int) string
	single = func(depth int) string {
		if depth > 0 && r.IntN(2) == 0 {
			return "(" + single(depth-1) + []string{" AND ", " OR "}[r.IntN(2)] + single(depth-1) + ")"
		}
		return comparison()
	}
	total := 0
	for range 60 {
		var sources []string
		var plain []*pattern.Pattern
		for range 25 {
			source := "[" + single(2) + "]"
			for range r.IntN(4) / 2 {
				source += []string{" OR ", " FOLLOWEDBY ", " AND "}[r.IntN(3)] + "[" + single(1) + "]"
			}
			if slices.Contains(sources, source) {
				continue
			}
			p, err := pattern.Parse(source)
			if err != nil {
				t.Fatal(err)
			}
			sources, plain = append(sources, source), append(plain, p)
		}
		s := match.NewSet(seed, nil)
		s.SetPatterns(watch(t, sources...))
		m := match.NewMatching(s)
		var history []pattern.Observation
		done := map[string]bool{} // patterns of several events: hits after the first depend on what the first used up
		for i := range 12 {
			domains, urls, md5 := []string{word() + word() + "." + word()}, []string(nil), ""
			line := fmt.Sprintf(`{"time":%d,"domain":%q`, 1000+i, domains[0])
			if r.IntN(2) == 0 {
				host := "h.test"
				urls = []string{"http://" + host + "/" + strings.ToUpper(word()) + word()}
				domains = append(domains, host) // the host of a URL counts as a domain
				line += fmt.Sprintf(`,"url":%q`, urls[0])
			}
			if r.IntN(3) == 0 {
				md5 = md5Text
				line += `,"md5":"` + md5 + `"`
			}
			o := observed(time.Unix(int64(1000+i), 0).UTC(), domains, urls, md5)
			history = append(history, o)
			got := map[string]bool{}
			for _, h := range hitsOf(t, m, line+"}") {
				got[h.Indicator] = true
				if h.Field == "" || h.Searched == "" || h.Stored == "" {
					t.Fatalf("a hit without its reason: %+v", h)
				}
			}
			for k, p := range plain {
				program, err := pattern.Compile(p)
				if err != nil {
					t.Fatal(err)
				}
				look := history
				if program.Alone() {
					look = history[i:]
				} else if done[sources[k]] {
					continue
				}
				res, err := p.Match(look, pattern.Limits{})
				if err != nil {
					t.Fatal(err)
				}
				done[sources[k]] = res.Matched()
				if res.Matched() {
					total++
				}
				if res.Matched() != got[sources[k]] {
					t.Fatalf("%s on %s: plain engine %v, matcher %v", sources[k], line, res.Matched(), got[sources[k]])
				}
			}
		}
	}
	if total < 500 {
		t.Errorf("%d matches: too few to tell", total)
	}
}

// manyPatterns are LIKE and MATCHES patterns whose texts are in no event of the tests.
func manyPatterns(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = []string{
			"[url:value LIKE '%%/gate%d.php']", "[domain-name:value LIKE 'c2-%d.%%']", "[url:value MATCHES '^https?://[a-z]+\\\\.evil%d\\\\.example/[0-9]+$']",
			"[domain-name:value MATCHES '(?i)^(cdn|img)%d\\\\.bad']", "[email-addr:value LIKE '%%@mail%d.example']",
		}[i%5]
		list[i] = fmt.Sprintf(list[i], i)
	}
	return list
}

func TestPatternMissAllocatesNothing(t *testing.T) {
	s := match.NewSet(seed, build(t, match.Indicator{ID: indicatorID(1), Kind: event.IPv4, Value: "192.0.2.1"}))
	s.SetPatterns(watch(t, append(manyPatterns(1000), "[domain-name:value LIKE 'a-gate%'] FOLLOWEDBY [url:value LIKE '%evil']")...))
	d, m := newDecoder(t), match.NewMatching(s)
	line := []byte(`{"time":"2024-03-01T10:00:00Z","ip":["203.0.113.7"],"domain":"a.b.example.com","url":"http://www.example.com/gates/index.php?x=1","email":"someone@mail.example","sha256":"` + sha256Text + `"}`)
	if n := testing.AllocsPerRun(100, func() {
		e, reason := d.Decode(line)
		if reason != "" || len(m.Match(e)) != 0 {
			t.Fatal(reason)
		}
	}); n != 0 {
		t.Errorf("%v allocations per event", n)
	}
}

// TestPatternsOfSeveralEventsSeeThemInOrder whatever the number of workers, and their hits stand where their events stand.
func TestPatternsOfSeveralEventsSeeThemInOrder(t *testing.T) {
	var b strings.Builder
	for i := range 4000 {
		fmt.Fprintf(&b, `{"time":%d,"sensor":"s%d","domain":"%s%d.example"}`+"\n", 1709287200+i, i%3, []string{"begin", "end", "other"}[i%3], i)
	}
	sequence := "([domain-name:value LIKE 'begin%'] FOLLOWEDBY [domain-name:value LIKE 'end%']) WITHIN 3 SECONDS"
	alone := "[domain-name:value LIKE 'end%']"
	type outcome struct {
		lines []int64
		tally *match.Tally
		n     int64
	}
	run := func(workers, chunk int) outcome {
		s := match.NewSet(seed, build(t, match.Indicator{ID: indicatorID(1), Kind: event.Domain, Value: "end1.example", Actor: "A", Sponsor: "S"}))
		s.SetPatterns(watch(t, sequence, alone))
		var out outcome
		stats, tally, err := match.Run(t.Context(), []match.Source{{Path: "x", Reader: strings.NewReader(b.String())}}, formats(t), s,
			match.Config{Workers: workers, ChunkBytes: chunk, Hit: func(h match.Hit) { out.lines = append(out.lines, h.Line) }})
		if err != nil {
			t.Fatal(err)
		}
		out.tally, out.n = tally, stats.Matched
		return out
	}
	want := run(1, 1<<20)
	// The first event of the three is met by the sequence, the pattern and the value.
	if want.n != 1333 || len(want.lines) != 2*1333+1 || !slices.IsSorted(want.lines) || want.lines[2] != 2 {
		t.Errorf("%d events matched, %d hits, first lines %v", want.n, len(want.lines), want.lines[:4])
	}
	rollup := uint64(0)
	for _, n := range want.tally.Rollup {
		rollup += n
	}
	if rollup != 1333 { // an event counts once for its actor, however many hits it has
		t.Errorf("roll-up of %d events", rollup)
	}
	for _, workers := range []int{2, 5} {
		got := run(workers, 4096)
		if d := cmp.Diff(want.lines, got.lines); d != "" {
			t.Errorf("%d workers: lines (-want +got):\n%s", workers, d)
		}
		if d := cmp.Diff(want.tally, got.tally); d != "" {
			t.Errorf("%d workers: counts (-want +got):\n%s", workers, d)
		}
	}
}
