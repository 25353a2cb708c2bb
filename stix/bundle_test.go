package stix_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"marque/stix"
)

// read reads a bundle and says in short what came: a name per good object, "!offset" per bad one.
func read(r io.Reader) (got []string, err error) {
	err = stix.ReadBundle(r, func(o *stix.Object) error {
		got = append(got, o.Name)
		return nil
	}, func(b *stix.BadObjectError) error {
		got = append(got, fmt.Sprintf("!%d@%d", b.Index, b.Offset))
		return nil
	})
	return got, err
}

func named(name string) string { return tool(`,"name":"` + name + `"`) }

func TestReadBundle(t *testing.T) {
	a, b := named("a"), named("b")
	for name, c := range map[string]struct {
		in   string
		want string
		err  error
	}{
		"bundle":                 {`{"type":"bundle","id":"bundle--1","objects":[` + a + `,` + b + `]}`, "a b", nil},
		"objects first":          {`{"objects":[` + a + `],"spec_version":"2.0","x":{"objects":[1]},"type":"bundle"}`, "a", nil},
		"spaces":                 {" \n{ \"objects\" : [ \n" + a + " , " + b + "\t] }\n\n", "a b", nil},
		"without objects":        {`{"type":"bundle","id":"bundle--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"}`, "", nil},
		"no object":              {`{"type":"bundle","objects":[]}`, "", nil},
		"objects is no list":     {`{"type":"bundle","id":"bundle--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","objects":null}`, "", nil},
		"objects without colon":  {`{"objects"0`, "", stix.ErrSyntax},
		"list":                   {`[` + a + `,` + b + `]`, "a b", nil},
		"empty list":             {`[]`, "", nil},
		"a single object":        {a, "a", nil},
		"bad ones are passed by": {`[` + a + `,17,{"type":"tool"},` + b + `,{"type":"tool","type":"tool"},` + a + `]`, "a !1@78 !2@81 b !4@174 a", nil},
		"not UTF-8 in one":       {"[" + tool(",\"name\":\"\xff\"") + "," + b + "]", "!0@1 b", nil},
		"empty":                  {"", "", stix.ErrNotBundle},
		"a string":               {`"x"`, "", stix.ErrNotBundle},
		"a table":                {"name,date\na,b\n", "", stix.ErrNotBundle},
		"neither":                {`{"hello":"world"}`, "", stix.ErrNotBundle},
		"cut off":                {`{"type":"bundle","objects":[` + a + `,` + b[:40], "a", stix.ErrSyntax},
		"cut off at the end":     {`{"type":"bundle","objects":[` + a + `]`, "a", stix.ErrSyntax},
		"broken":                 {`[` + a + `,{"type" "tool"},` + b + `]`, "a !1@78 b", nil},
		"wrong brackets":         {`[` + a + `,{"type":[}],` + b + `]`, "a", stix.ErrSyntax},
		"two bundles":            {`{"objects":[` + a + `]}{"objects":[` + b + `]}`, "a", stix.ErrSyntax},
		"lines of objects":       {a + "\n" + b, "a", stix.ErrSyntax},
		"rubbish after it":       {`[` + a + `]x`, "a", stix.ErrSyntax},
	} {
		for how, r := range map[string]io.Reader{"": strings.NewReader(c.in), ", byte by byte": iotestOneByte{strings.NewReader(c.in)}} {
			got, err := read(r)
			if strings.Join(got, " ") != c.want || !errors.Is(err, c.err) {
				t.Errorf("%s%s: %q, %v, want %q, %v", name, how, got, err, c.want, c.err)
			}
		}
	}
}

type iotestOneByte struct{ r io.Reader }

func (o iotestOneByte) Read(p []byte) (int, error) { return o.r.Read(p[:min(1, len(p))]) }

func TestReadBundleStops(t *testing.T) {
	in := `[` + named("a") + `,17,` + named("b") + `]`
	stop := errors.New("stop")
	keep := func(*stix.Object) error { return nil }
	pass := func(*stix.BadObjectError) error { return nil }
	if err := stix.ReadBundle(strings.NewReader(in), func(*stix.Object) error { return stop }, pass); !errors.Is(err, stop) {
		t.Errorf("error of each: %v", err)
	}
	if err := stix.ReadBundle(strings.NewReader(in), keep, func(b *stix.BadObjectError) error {
		if !errors.Is(b, stix.ErrNotObject) || string(b.Raw) != "17" || !strings.Contains(b.Error(), "object 1 at byte") {
			t.Errorf("bad object %v", b)
		}
		return stop
	}); !errors.Is(err, stop) {
		t.Errorf("error of bad: %v", err)
	}
	broken := errors.New("unplugged")
	r := io.MultiReader(strings.NewReader(in[:100]), failing{broken})
	if err := stix.ReadBundle(r, keep, pass); !errors.Is(err, broken) {
		t.Errorf("error of the reader: %v, want it wrapped", err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// objects is an endless or long bundle that is made while it is read.
type objects struct {
	left int64
	buf  bytes.Buffer
	one  string
	open bool
}

func (g *objects) Read(p []byte) (int, error) {
	for g.buf.Len() < len(p) && g.left > 0 {
		if !g.open {
			g.buf.WriteString(`{"type":"bundle","objects":[`)
			g.open = true
		} else {
			g.buf.WriteByte(',')
		}
		g.buf.WriteString(g.one)
		if g.left -= int64(len(g.one)); g.left <= 0 {
			g.buf.WriteString("]}")
		}
	}
	return g.buf.Read(p)
}

func TestReadBundleMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 200 MB")
	}
	one := tool(`,"description":"` + strings.Repeat("x", 4000) + `"`)
	const size = 200 << 20
	n, peak := 0, uint64(0)
	err := stix.ReadBundle(&objects{left: size, one: one}, func(*stix.Object) error {
		if n++; n%2000 == 0 {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			peak = max(peak, m.HeapSys-m.HeapReleased)
		}
		return nil
	}, func(b *stix.BadObjectError) error { return b })
	if want := (size + len(one) - 1) / len(one); err != nil || n != want {
		t.Errorf("%d objects, %v, want %d", n, err, want)
	}
	if peak > 64<<20 {
		t.Errorf("%d MB of memory for a bundle of %d MB", peak>>20, size>>20)
	}
}

// TestReadBundleHostile: one value without an end must end in an error, with what came before it kept.
func TestReadBundleHostile(t *testing.T) {
	if testing.Short() {
		t.Skip("reads more than the largest object")
	}
	a := named("a")
	for name, r := range map[string]io.Reader{
		"string": io.MultiReader(strings.NewReader(`{"objects":[`+a+`,{"x":"`), endless('y')),
		"spaces": io.MultiReader(strings.NewReader(`[`+a+`,`), endless(' ')),
		"member": io.MultiReader(strings.NewReader(`{"objects":[`+a+`],"x":"`), endless('y')),
		"end":    io.MultiReader(strings.NewReader(`[`+a+`]`), endless(' ')),
	} {
		got, err := read(r)
		if !errors.Is(err, stix.ErrTooLarge) || strings.Join(got, " ") != "a" {
			t.Errorf("%s: %q, %v, want the first object and ErrTooLarge", name, got, err)
		}
	}
	got, err := read(strings.NewReader(`[` + a + `,{"x":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `},` + a + `]`))
	if err != nil || len(got) != 3 || !strings.HasPrefix(got[1], "!1@") {
		t.Errorf("deep nesting: %q, %v", got, err)
	}
	if _, err = read(endless('[')); !errors.Is(err, stix.ErrTooLarge) {
		t.Errorf("endless nesting: %v, want ErrTooLarge", err)
	}
	big := `{"type":"note","id":"note--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","content":"` + strings.Repeat("x", stix.MaxObjectBytes) + `"}`
	if got, err = read(strings.NewReader(`[` + a + `,` + big + `,` + a + `]`)); err != nil || len(got) != 3 || !strings.HasPrefix(got[1], "!1@") {
		t.Errorf("an object over the limit: %d read, %v; want the two beside it", len(got), err)
	}
}

type endless byte

func (e endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(e)
	}
	return len(p), nil
}

func TestBundleWriter(t *testing.T) {
	for _, n := range []int{0, 1, 3} {
		var out bytes.Buffer
		w := stix.NewBundleWriter(&out, "bundle--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f")
		var want []string
		for i := range n {
			name := fmt.Sprint("n", i)
			want = append(want, name)
			if err := w.Write(parse(t, named(name))); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		got, err := read(bytes.NewReader(out.Bytes()))
		if err != nil || strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("%d objects: %q, %v", n, got, err)
		}
		if !strings.HasPrefix(out.String(), `{"type":"bundle","id":"bundle--8e2e2d2b-`) {
			t.Errorf("%.80s", out.String())
		}
	}
	w := stix.NewBundleWriter(failWriter{}, "bundle--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f")
	_ = w.Write(parse(t, named("a")))
	if err := w.Close(); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("a full disk: %v", err)
	}
}

type failWriter struct{}

func (failWriter) Write([]byte) (int, error) { return 0, io.ErrShortWrite }
