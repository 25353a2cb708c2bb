package stix_test

import (
	"bytes"
	"errors"
	"testing"

	"marque/stix"
)

var seeds = []string{
	tool(""), tool(`,"x":[1.50,null,{"a":"\ud83d\ude00"}],"name":"é"`), tool(`,"modified":"2024-01-01T00:00:00.10Z"`),
	tool(`,"granular_markings":[{"marking_ref":"x","selectors":["a.[0]"]}]`), "null", "[]", "{", "\xff", `{"type":"tool","type":"tool"}`,
}

// FuzzParse: no input panics, and what is accepted keeps its bytes, has a canonical form that means the same, and survives a
// change that changes nothing.
func FuzzParse(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		o, err := stix.Parse(bytes.Clone(raw))
		if err != nil {
			return
		}
		if !bytes.Equal(o.Raw(), bytes.TrimSpace(raw)) {
			t.Fatalf("bytes changed: %q, was %q", o.Raw(), raw)
		}
		canonical, err := o.Canonical()
		if err != nil {
			return // a number beyond float64 has no canonical form
		}
		for name, make := range map[string]func() (*stix.Object, error){
			"canonical form": func() (*stix.Object, error) { return stix.Parse(bytes.Clone(canonical)) },
			"empty change":   func() (*stix.Object, error) { return o.With(nil) },
		} {
			again, err := make()
			if err != nil {
				t.Fatalf("%s of %q: %v", name, raw, err)
			}
			if c, err := again.Canonical(); err != nil || !bytes.Equal(c, canonical) {
				t.Fatalf("%s of %q means something else: %q, %v", name, raw, c, err)
			}
			if again.ID != o.ID || again.Version().Compare(o.Version()) != 0 {
				t.Fatalf("%s of %q has another head", name, raw)
			}
		}
	})
}

// FuzzReadBundle: no input panics, every object arrives once, and what was read and written is read again.
func FuzzReadBundle(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s))
		f.Add([]byte(`{"type":"bundle","objects":[` + s + `,` + tool("") + `]}`))
		f.Add([]byte(`[` + s + `,17]`))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		var good []*stix.Object
		err := stix.ReadBundle(bytes.NewReader(in), func(o *stix.Object) error {
			good = append(good, o)
			return nil
		}, func(b *stix.BadObjectError) error {
			if b.Offset < 0 || b.Offset > int64(len(in)) || !bytes.HasPrefix(in[b.Offset:], b.Raw) {
				t.Fatalf("no bad object %q at byte %d", b.Raw, b.Offset)
			}
			return nil
		})
		if err != nil && !errors.Is(err, stix.ErrSyntax) && !errors.Is(err, stix.ErrNotBundle) && !errors.Is(err, stix.ErrTooLarge) {
			t.Fatalf("error without a sentinel: %v", err)
		}
		var out bytes.Buffer
		w := stix.NewBundleWriter(&out, "bundle--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f")
		for _, o := range good {
			if err := w.Write(o); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		i := 0
		err = stix.ReadBundle(&out, func(o *stix.Object) error {
			if !bytes.Equal(o.Raw(), good[i].Raw()) {
				t.Fatalf("object %d comes back as %q, was %q", i, o.Raw(), good[i].Raw())
			}
			i++
			return nil
		}, func(b *stix.BadObjectError) error { return b })
		if err != nil || i != len(good) {
			t.Fatalf("%d of %d objects come back: %v", i, len(good), err)
		}
	})
}
