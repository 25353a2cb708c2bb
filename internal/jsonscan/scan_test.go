package jsonscan_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"marque/internal/jsonscan"
)

var wanted = []string{"a", "b.c", "b.d.e", "longer_than_eight.x", "longer_than_eight.y", "id.orig_h", "list", "list.v", "ü", "q\"", "a_b_c_d_e"}

func newScanner(t testing.TB) (*jsonscan.Paths, *jsonscan.Scanner) {
	t.Helper()
	p, err := jsonscan.Compile(wanted)
	if err != nil {
		t.Fatal(err)
	}
	return p, jsonscan.New(p)
}

func show(p *jsonscan.Paths, vals []jsonscan.Value) []string {
	var out []string
	for _, v := range vals {
		out = append(out, fmt.Sprintf("%s %d %s", p.Name(int(v.Path)), v.Type, v.Text))
	}
	return out
}

func TestScan(t *testing.T) {
	p, s := newScanner(t)
	tests := []struct {
		in   string
		want []string
	}{
		{`{"a":"1","z":[{"a":2}],"b":{"c":3.5e2,"x":{"c":1},"d":{"e":true}}}`, []string{"a 1 1", "b.c 2 3.5e2", "b.d.e 3 true"}},
		{`{"id.orig_h":"10.0.0.1"}`, []string{"id.orig_h 1 10.0.0.1"}},
		{`{"id":{"orig_h":"10.0.0.1"}}`, []string{"id.orig_h 1 10.0.0.1"}},
		{`{"list":["x",["y"],{"v":"z"},null,{"v":["w"]}]}`, []string{"list 1 x", "list 1 y", "list.v 1 z", "list.v 1 w"}},
		{`{"a":null}`, nil},
		{`{"a":"first","a":"second"}`, []string{"a 1 first", "a 1 second"}},
		{`{"a":"caf\u00e9 \ud83d\ude00"}`, []string{"a 1 café 😀"}},
		{`{"\u0061":"k"}`, []string{"a 1 k"}},
		{`{"ü":"k","q\"":"l"}`, []string{"ü 1 k", `q" 1 l`}},
		{`{"longer_than_eight":{"x":"1","y":"2"},"longer_than_nine":{"x":3}}`, []string{"longer_than_eight.x 1 1", "longer_than_eight.y 1 2"}},
		{" \t\r\n{ \"a\" : [ 1 , 2 ] } ", []string{"a 2 1", "a 2 2"}},
	}
	for _, tt := range tests {
		got, err := s.Scan([]byte(tt.in))
		if err != nil {
			t.Errorf("%s: %v", tt.in, err)
			continue
		}
		if d := cmp.Diff(tt.want, show(p, got)); d != "" {
			t.Errorf("%s (-want +got):\n%s", tt.in, d)
		}
	}
}

func TestRefusals(t *testing.T) {
	_, s := newScanner(t)
	tests := []struct {
		in   string
		want error
	}{
		{``, jsonscan.ErrTruncated},
		{`{`, jsonscan.ErrTruncated},
		{`{"a":"x`, jsonscan.ErrTruncated},
		{`{"a":tr`, jsonscan.ErrTruncated},
		{`{"a":NaN}`, jsonscan.ErrSyntax},
		{`{"a":01}`, jsonscan.ErrSyntax},
		{`{"a":1,}`, jsonscan.ErrSyntax},
		{`{"a":1}{"a":2}`, jsonscan.ErrSyntax},
		{"{\"a\":\"x\ty\"}", jsonscan.ErrSyntax},
		{`{"z":"\x"}`, jsonscan.ErrSyntax},
		{`[1]`, jsonscan.ErrNotObject},
		{`null`, jsonscan.ErrNotObject},
		{`[1`, jsonscan.ErrTruncated},
		{`{"z":` + strings.Repeat("[", 10001) + strings.Repeat("]", 10001) + `}`, jsonscan.ErrDepth},
		{`{"a":` + strings.Repeat("[", 10001) + strings.Repeat("]", 10001) + `}`, jsonscan.ErrDepth},
	}
	for _, tt := range tests {
		if _, err := s.Scan([]byte(tt.in)); !errors.Is(err, tt.want) {
			t.Errorf("%.40s: %v, want %v", tt.in, err, tt.want)
		}
	}
	for _, key := range []string{"a", "z"} {
		deep := `{"` + key + `":` + strings.Repeat("[", 9999) + strings.Repeat("]", 9999) + `}`
		if _, err := s.Scan([]byte(deep)); err != nil {
			t.Errorf("10,000 levels under %s: %v", key, err)
		}
	}
}

// check holds a text against the slow path and against encoding/json.
func check(t *testing.T, p *jsonscan.Paths, s, other *jsonscan.Scanner, in []byte) {
	t.Helper()
	valid := json.Valid(in) && bytes.HasPrefix(bytes.TrimLeft(in, " \t\r\n"), []byte("{"))
	fast, err := s.Scan(in)
	if (err == nil) != valid {
		t.Fatalf("%q: encoding/json says valid=%v, the scanner %v", in, valid, err)
	}
	first := fmt.Sprint(show(p, fast))
	s.Awake()
	if again, e := s.Scan(in); !errors.Is(e, err) || fmt.Sprint(show(p, again)) != first {
		t.Fatalf("%q: first %v %v, again %v %v", in, first, err, show(p, again), e)
	}
	s.Awake()
	fast, _ = s.Scan(in)
	slow, slowErr := other.ScanSlow(in)
	if !errors.Is(slowErr, err) {
		t.Fatalf("%q: fast path %v, slow path %v", in, err, slowErr)
	}
	if err != nil {
		return
	}
	got := show(p, fast)
	if d := cmp.Diff(got, show(p, slow)); d != "" {
		t.Fatalf("%q: fast and slow differ:\n%s", in, d)
	}
	if d := cmp.Diff(reference(t, p, in), got); d != "" {
		t.Fatalf("%q: encoding/json and scanner differ (-want +got):\n%s", in, d)
	}
}

// reference reads the text token by token with encoding/json.
func reference(t *testing.T, p *jsonscan.Paths, in []byte) []string {
	t.Helper()
	index := map[string]int{}
	for i, w := range wanted {
		index[w] = i
	}
	prefixes := map[string]bool{}
	for _, w := range wanted {
		for i, c := range w {
			if c == '.' {
				prefixes[w[:i]] = true
			}
		}
	}
	dec := json.NewDecoder(bytes.NewReader(in))
	dec.UseNumber()
	var out []string
	var value func(path string, live bool)
	value = func(path string, live bool) {
		tok, err := dec.Token()
		if err != nil {
			t.Fatal(err)
		}
		_, leaf := index[path]
		leaf = leaf && live
		switch v := tok.(type) {
		case json.Delim:
			for dec.More() {
				if v == '[' {
					value(path, live)
					continue
				}
				k, _ := dec.Token()
				key := k.(string)
				next := key
				if path != "" {
					next = path + "." + key
				}
				_, known := index[next]
				nested := live && (known || prefixes[next])
				if strings.Contains(key, ".") && (path != "" || !known) {
					nested = false
				}
				value(next, nested)
			}
			dec.Token()
		case string:
			if leaf {
				out = append(out, fmt.Sprintf("%s %d %s", path, jsonscan.String, v))
			}
		case json.Number:
			if leaf {
				out = append(out, fmt.Sprintf("%s %d %s", path, jsonscan.Number, v))
			}
		case bool:
			if leaf {
				out = append(out, fmt.Sprintf("%s %d %v", path, jsonscan.Bool, v))
			}
		}
	}
	value("", true)
	return out
}

// randomJSON writes a value that meets the wanted keys often, with odd spacing, escapes, numbers and bytes.
func randomJSON(r *rand.Rand, b *bytes.Buffer, depth int) {
	pick := func(s ...string) string { return s[r.IntN(len(s))] }
	space := func() { b.WriteString(pick("", "", "", " ", "\t ", "\r\n")) }
	space()
	switch n := r.IntN(10); {
	case depth == 0 || n < 4 && depth > 0:
		b.WriteByte('{')
		for i, m := 0, r.IntN(5); i < m; i++ {
			if i > 0 {
				b.WriteByte(',')
			}
			space()
			b.WriteString(pick(`"a"`, `"b"`, `"c"`, `"d"`, `"e"`, `"id.orig_h"`, `"list"`, `"v"`, `"\u0061"`, `"ü"`, `"longer_than_eight"`, `"x"`, `"zz.top"`, `"a_b_c_d_e"`, `""`))
			space()
			b.WriteByte(':')
			if depth < 6 {
				randomJSON(r, b, depth+1)
			} else {
				b.WriteString("0")
			}
			space()
		}
		b.WriteByte('}')
	case n < 6 && depth < 6:
		b.WriteByte('[')
		for i, m := 0, r.IntN(4); i < m; i++ {
			if i > 0 {
				b.WriteByte(',')
			}
			randomJSON(r, b, depth+1)
		}
		space()
		b.WriteByte(']')
	default:
		b.WriteString(pick(`"plain text"`, `"esc\"aped\\"`, `"\ud83d\ude00"`, `"\ud800"`, "\"\xff\xfe\"", `"ü"`, `-0`, `1e400`, `12.50E-3`, `0`, `true`, `false`, `null`, `"a long string of more than sixteen bytes"`, `""`))
	}
	space()
}

const damage = "{}[]\",:\\\x00 0eE.-+tfn\x80"

func TestRandomJSONAgrees(t *testing.T) {
	p, s := newScanner(t)
	_, other := newScanner(t)
	r := rand.New(rand.NewPCG(7, 7))
	var b bytes.Buffer
	for range 20000 {
		b.Reset()
		randomJSON(r, &b, 0)
		check(t, p, s, other, b.Bytes())
		// The same text, damaged: cut, or one byte changed.
		in := bytes.Clone(b.Bytes())
		if r.IntN(2) == 0 {
			in = in[:r.IntN(len(in)+1)]
		} else {
			in[r.IntN(len(in))] = damage[r.IntN(len(damage))]
		}
		check(t, p, s, other, in)
	}
}

func FuzzScan(f *testing.F) {
	f.Add([]byte(`{"a":"1","b":{"c":[1,2,{"c":"\u00e9"}]}}`))
	f.Add([]byte(`{"id.orig_h":"::1","list":[{"v":1e5},null]}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		p, s := newScanner(t)
		_, other := newScanner(t)
		check(t, p, s, other, in)
	})
}

// TestShapesAreMetAgain replaces the values of a text and expects its shape, and no other text to be taken for it.
func TestShapesAreMetAgain(t *testing.T) {
	p, s := newScanner(t)
	base := `{"a":"1", "z":[{"a":2}],"b":{"c":3.5e2,"x":{"c":null},"d":{"e":true}},"longer_than_eight":{"x":null}}`
	if _, err := s.Scan([]byte(base)); err != nil || s.Shape() != nil {
		t.Fatal(err, s.Shape())
	}
	if _, err := s.Scan([]byte(base)); err != nil || s.Shape() == nil {
		t.Fatal(err, s.Shape())
	}
	shape := s.Shape()
	tests := []struct {
		old, new string
		same     bool
		want     error
	}{
		{`"1"`, `"another value, longer than before"`, true, nil},
		{`"1"`, `"größer"`, true, nil},
		{`"1"`, `""`, true, nil},
		{`3.5e2`, `-0`, true, nil},
		{`2`, `12345678901234567890`, true, nil},
		{`{"c":null}`, `{"c":true}`, true, nil}, // not wanted: any word
		{`"e":true`, `"e":false`, true, nil},
		{`"1"`, `"\u0031"`, false, nil},
		{`"1"`, `"\""`, false, nil},
		{`"1"`, `1`, false, nil},
		{`"e":true`, `"e":null`, false, nil},
		{`{"x":null}`, `{"x":true}`, false, nil},
		{`"1", `, `"1",`, false, nil},
		{`3.5e2`, `3.5e`, false, jsonscan.ErrSyntax},
		{`3.5e2`, `03`, false, jsonscan.ErrSyntax},
		{`true`, `trueish`, false, jsonscan.ErrSyntax},
		{`"e":true`, `"e":falsy`, false, jsonscan.ErrSyntax},
		{`"1"`, "\"\t\"", false, jsonscan.ErrSyntax},
		{`null}}`, `null}} `, false, nil},
		{`null}}`, `null}}}`, false, jsonscan.ErrSyntax},
		{`null}}`, `null}`, false, jsonscan.ErrTruncated},
	}
	for _, tt := range tests {
		in := []byte(strings.Replace(base, tt.old, tt.new, 1))
		s.Awake()
		vals, err := s.Scan(in)
		if !errors.Is(err, tt.want) || (s.Shape() == shape) != tt.same {
			t.Errorf("%s: error %v, same shape %v", in, err, s.Shape() == shape)
		}
		_, other := newScanner(t)
		if want, _ := other.ScanSlow(in); !cmp.Equal(show(p, want), show(p, vals)) {
			t.Errorf("%s: %v, want %v", in, show(p, vals), show(p, want))
		}
	}
}

// TestManyShapes reads texts that never look alike, and then ones that do.
func TestManyShapes(t *testing.T) {
	p, s := newScanner(t)
	for i := range 200_000 {
		in := fmt.Appendf(nil, `{"k%d":{"n%d":[%d]},"a":"%d"}`, i, i%7, i, i)
		if got, err := s.Scan(in); err != nil || show(p, got)[0] != fmt.Sprintf("a 1 %d", i) {
			t.Fatal(i, show(p, got), err)
		}
	}
	for i := range 40_000 {
		if _, err := s.Scan(fmt.Appendf(nil, `{"a":"%d"}`, i)); err != nil {
			t.Fatal(err)
		}
	}
	if s.Shape() == nil {
		t.Error("the scanner learns no more")
	}
}

func TestScanAllocatesNothing(t *testing.T) {
	_, s := newScanner(t)
	in := []byte(`{"a":"1","z":[{"a":2}],"b":{"c":3.5e2,"x":{"c":1},"d":{"e":true}}}`)
	if n := testing.AllocsPerRun(100, func() { s.Scan(in) }); n != 0 {
		t.Errorf("%v allocations per text", n)
	}
}

func TestCompileRefuses(t *testing.T) {
	for _, paths := range [][]string{{""}, {"a..b"}} {
		if _, err := jsonscan.Compile(paths); err == nil {
			t.Errorf("%q compiled", paths)
		}
	}
}

// event is a line in Marque's short form with ten wanted fields.
const event = `{"time":"2024-03-01T00:00:00.000000Z","sensor":"sensor-7","technique":"T1566.001","sector":"government","country":"UA","victim":"org-512","dst_ip":"203.0.113.77","domain":"www.d3kx91jw2k7.com","url":"https://www.d3kx91jw2k7.com/files/2893711021/index.php?id=7","sha256":"275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f","proto":"tcp","src_port":51234,"dst_port":443,"bytes_in":104857,"user_agent":"Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101","tls":{"version":"1.3"},"allowed":true}`

func benchmarkScan(b *testing.B, scan func(*jsonscan.Scanner, []byte) ([]jsonscan.Value, error)) {
	p, err := jsonscan.Compile([]string{"time", "sensor", "technique", "sector", "country", "victim", "dst_ip", "domain", "url", "sha256"})
	if err != nil {
		b.Fatal(err)
	}
	s := jsonscan.New(p)
	in := []byte(event)
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		if vals, err := scan(s, in); err != nil || len(vals) != 10 {
			b.Fatal(vals, err)
		}
	}
}

func BenchmarkScan(b *testing.B)        { benchmarkScan(b, (*jsonscan.Scanner).Scan) }
func BenchmarkScanGrammar(b *testing.B) { benchmarkScan(b, (*jsonscan.Scanner).ScanGrammar) }
func BenchmarkScanSlow(b *testing.B)    { benchmarkScan(b, (*jsonscan.Scanner).ScanSlow) }
