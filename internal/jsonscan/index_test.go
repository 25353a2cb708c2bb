package jsonscan_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"marque/internal/jsonscan"
)

// checkIndex holds both forms of the index, and the search in it, against the definition.
func checkIndex(t *testing.T, block []byte) {
	t.Helper()
	unusual := func(c byte) bool { return c == '"' || c == '\\' || c < 0x20 || c > 0x7F }
	whole := block[:len(block)/64*64]
	want := make([]byte, len(whole)/8)
	for i, c := range whole {
		if unusual(c) {
			want[i/8] |= 1 << (i % 8)
		}
	}
	for name, mark := range map[string]func(dst, src []byte){"vectors": jsonscan.MarkUnusual, "words": jsonscan.MarkWords} {
		got := bytes.Repeat([]byte{0xAA}, len(want))
		mark(got, whole)
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("%q: %s (-want +got):\n%s", block, name, d)
		}
	}
	_, s := newScanner(t)
	s.Begin(block)
	next := len(block)
	for i := len(block); i >= 0; i-- {
		if i < len(block) && unusual(block[i]) {
			next = i
		}
		if got := s.Next(i); got != next {
			t.Fatalf("%q: the next place from %d is %d, want %d", block, i, got, next)
		}
	}
}

// checkLines reads the lines of a block one after the other and holds each against the slow path.
func checkLines(t *testing.T, p *jsonscan.Paths, s, other *jsonscan.Scanner, block []byte) {
	t.Helper()
	s.Begin(block)
	for start := 0; start < len(block); {
		stop := len(block)
		if n := bytes.IndexByte(block[start:], '\n'); n >= 0 {
			stop = start + n
		}
		line := bytes.TrimSuffix(block[start:stop], []byte("\r"))
		s.Awake()
		vals, end := s.Follow(start)
		var err error
		if end < 0 {
			vals, err = s.Read(start, start+len(line))
		} else if end != start+len(line) {
			t.Fatalf("%q: the line from %d ends at %d, not %d", block, start, start+len(line), end)
		}
		got := show(p, vals)
		want, wantErr := other.ScanSlow(line)
		if !errors.Is(wantErr, err) || !cmp.Equal(show(p, want), got) {
			t.Fatalf("%q: line %q: %v %v, slow path %v %v", block, line, got, err, show(p, want), wantErr)
		}
		start = stop + 1
	}
}

func TestIndex(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		block := make([]byte, r.IntN(400))
		for i := range block {
			block[i] = "abcdefgh !#[]^~\x7f\"\\\x1f\x00\n\x80\xff\xa2\xdc\x9f"[r.IntN(26)>>r.IntN(3)]
		}
		checkIndex(t, block)
	}
}

func TestLinesAgree(t *testing.T) {
	p, s := newScanner(t)
	_, other := newScanner(t)
	r := rand.New(rand.NewPCG(9, 9))
	var b bytes.Buffer
	for range 500 {
		b.Reset()
		var text bytes.Buffer
		for range 20 {
			if text.Len() == 0 || r.IntN(3) == 0 {
				text.Reset()
				randomJSON(r, &text, 0)
			}
			b.Write(bytes.ReplaceAll(text.Bytes(), []byte("1"), []byte{byte('0' + r.IntN(10))}))
			b.WriteString([]string{"\n", "\r\n", "\n\n", "\r", "}\n"}[min(r.IntN(20), 4)%5])
		}
		in := b.Bytes()
		if r.IntN(3) == 0 {
			in[r.IntN(len(in))] = damage[r.IntN(len(damage))]
		}
		checkLines(t, p, s, other, in[:len(in)-r.IntN(3)])
	}
}

// TestNoLineEndsWithinAShape reads a text of two lines by itself and then as the lines of a block.
func TestNoLineEndsWithinAShape(t *testing.T) {
	p, s := newScanner(t)
	_, other := newScanner(t)
	text := []byte("{\n\"a\":\"1\"}\n{\"a\":\"2\"}")
	for range 2 {
		s.Awake()
		if _, err := s.Scan(text[:len("{\n\"a\":\"1\"}")]); err != nil {
			t.Fatal(err)
		}
	}
	checkLines(t, p, s, other, text)
}

func FuzzLines(f *testing.F) {
	f.Add([]byte(`{"a":"1","b":{"c":[1,2,{"c":"\u00e9"}]}}`))
	f.Add([]byte("{\"a\":1}\n{\"a\":22}\r\n{\"a\":true}\n{\"a\":\"long enough for two words\"}"))
	p, s := newScanner(f)
	_, other := newScanner(f)
	f.Fuzz(func(t *testing.T, in []byte) {
		checkIndex(t, in)
		checkLines(t, p, s, other, bytes.Join([][]byte{in, in, in}, []byte("\n")))
	})
}
