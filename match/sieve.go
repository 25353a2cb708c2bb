package match

import (
	_ "embed"
	"encoding/binary"
	"math"
	"math/bits"
	"strings"
	"unicode/utf8"

	"marque/stix/pattern"
)

// A sieve tells which patterns a value may meet, by texts that it must contain (pattern.Need). Of a text of seven bytes or more, four
// neighbouring windows of four bytes are known, so that looking at every fourth place of a value is enough to come across one of
// them; shorter texts are looked for at every place. A look costs a multiplication and two bits of a filter that the processor
// keeps near; what passes is held against the whole text. So a value costs about the same for ten patterns and for ten thousand,
// as long as it has nothing in common with them. (Multi-pattern search by windows: S. Wu, U. Manber, "A Fast Algorithm for
// Multi-pattern Searching", 1994.)
type sieve struct {
	always []uint32 // patterns that any value may meet
	long   windows  // of four bytes, at every fourth place
	middle windows  // of four bytes
	short  windows  // of two
}

// windows is one table of windows. The zero value has none.
type windows struct {
	filter []uint64
	shift  uint
	texts  map[uint32][]windowed
}

// windowed is a text that is looked for by one of its windows.
type windowed struct {
	text    string // folded
	at      int    // where the window begins
	pattern uint32
}

const (
	window      = 4
	shortWindow = 2
	stride      = 4
	longText    = window + stride - 1
)

// caseBits are set in windows of texts and of values, so that ASCII letters meet in either case; what else meets is told apart
// when the whole text is compared.
const caseBits = 0x20202020

func longAt(b string, i int) uint32 {
	return uint32(b[i]) | uint32(b[i+1])<<8 | uint32(b[i+2])<<16 | uint32(b[i+3])<<24 | caseBits
}

func shortAt(b string, i int) uint32 {
	return (uint32(b[i]) | uint32(b[i+1])<<8 | caseBits) & 0xffff
}

// spread hashes a window (Fibonacci hashing; D. Knuth, The Art of Computer Programming, volume 3, section 6.4).
func spread(w uint32) uint64 { return uint64(w) * 0x9E3779B97F4A7C15 }

// twoBits picks two of the 64 bits of a filter word.
func twoBits(h uint64) uint64 { return 1<<(h>>20&63) | 1<<(h>>26&63) }

//go:embed common.txt
var commonTexts string

// commonWindow is how many patterns a window of common text counts for.
const commonWindow = 1 << 16

// rarity weighs texts by how many patterns of a table ask for the same.
type rarity struct {
	patterns map[uint32]int // by window of four bytes
}

func newRarity() *rarity {
	r := &rarity{patterns: map[uint32]int{}}
	for line := range strings.Lines(commonTexts) {
		if text := strings.TrimSpace(line); !strings.HasPrefix(text, "#") {
			for i := 0; i+window <= len(text); i++ {
				r.patterns[longAt(text, i)] = commonWindow
			}
		}
	}
	return r
}

// count takes notice of all texts that a pattern asks for. Windows that one text has twice count twice, which does no harm.
func (r *rarity) count(p *pattern.Program) {
	p.Needs(func(text string) int {
		for i := 0; i+window <= len(text); i++ {
			r.patterns[longAt(text, i)]++
		}
		return 1
	})
}

// of is the rarity of a text: that of its rarest windows. Texts that are looked for at every place come after those that are not.
func (r *rarity) of(text string) int {
	switch {
	case len(text) < shortWindow:
		return 1
	case len(text) < window:
		return 1 + len(text)
	case len(text) < longText:
		_, n := r.rarest(text, 1)
		return window + commonWindow/(1+min(n, commonWindow))
	}
	_, n := r.rarest(text, stride)
	return window + 2*commonWindow/(1+min(n, commonWindow))
}

// rarest returns where the rarest run of neighbouring windows in a text begins, and how many patterns have one of them.
func (r *rarity) rarest(text string, run int) (at, patterns int) {
	patterns = math.MaxInt
	for i := 0; i+run+window-1 <= len(text); i++ {
		n := 0
		for j := range run {
			n += r.patterns[longAt(text, i+j)]
		}
		if n < patterns {
			at, patterns = i, n
		}
	}
	return at, patterns
}

// add has the sieve look for a text on behalf of a pattern.
func (s *sieve) add(text string, number uint32, r *rarity) {
	switch {
	case len(text) < shortWindow:
		if n := len(s.always); n == 0 || s.always[n-1] != number {
			s.always = append(s.always, number)
		}
	case len(text) < window:
		s.short.add(shortAt(text, 0), windowed{text, 0, number})
	case len(text) < longText:
		at, _ := r.rarest(text, 1)
		s.middle.add(longAt(text, at), windowed{text, at, number})
	default:
		at, _ := r.rarest(text, stride)
		for i := at; i < at+stride; i++ {
			s.long.add(longAt(text, i), windowed{text, i, number})
		}
	}
}

func (w *windows) add(key uint32, t windowed) {
	if w.texts == nil {
		w.texts = map[uint32][]windowed{}
	}
	w.texts[key] = append(w.texts[key], t)
}

// build makes the filters.
func (s *sieve) build() {
	s.long.build()
	s.middle.build()
	s.short.build()
}

// build makes the filter: a word for each window, between 512 bytes and 512 KiB.
func (w *windows) build() {
	if len(w.texts) == 0 {
		return
	}
	log := min(max(bits.Len(uint(len(w.texts))), 6), 16)
	w.shift = uint(64 - log)
	w.filter = make([]uint64, 1<<log)
	for key := range w.texts {
		h := spread(key)
		w.filter[h>>w.shift] |= twoBits(h)
	}
}

// empty reports whether there is nothing to look for.
func (s *sieve) empty() bool {
	return s.always == nil && s.long.filter == nil && s.middle.filter == nil && s.short.filter == nil
}

// sift appends the patterns that a value may meet, some of them more than once. Folded is memory for values that are not ASCII.
func (s *sieve) sift(list []uint32, value []byte, folded *[]byte) []uint32 {
	list = append(list, s.always...)
	if !ascii(value) {
		*folded = pattern.AppendFolded((*folded)[:0], value)
		value = *folded
	}
	list = s.long.scan(list, value, stride)
	list = s.middle.scan(list, value, 1)
	return s.short.scanShort(list, value)
}

// scan looks for windows of four bytes at every step of the value.
func (w *windows) scan(list []uint32, value []byte, step int) []uint32 {
	filter, shift := w.filter, w.shift&63
	if filter == nil {
		return list
	}
	for i := 0; i+window <= len(value); i += step {
		key := binary.LittleEndian.Uint32(value[i:]) | caseBits
		h := spread(key)
		if mask := twoBits(h); filter[h>>shift]&mask == mask {
			list = w.compare(list, value, i, key)
		}
	}
	return list
}

// scanShort looks for windows of two bytes.
func (w *windows) scanShort(list []uint32, value []byte) []uint32 {
	if w.filter == nil {
		return list
	}
	for i := 0; i+shortWindow <= len(value); i++ {
		key := uint32(binary.LittleEndian.Uint16(value[i:])) | caseBits&0xffff
		h := spread(key)
		if mask := twoBits(h); w.filter[h>>(w.shift&63)]&mask == mask {
			list = w.compare(list, value, i, key)
		}
	}
	return list
}

// compare appends the patterns whose text stands around a window of the value.
func (w *windows) compare(list []uint32, value []byte, at int, key uint32) []uint32 {
	for _, t := range w.texts[key] {
		from := at - t.at
		if from >= 0 && from+len(t.text) <= len(value) && equalFolded(value[from:from+len(t.text)], t.text) {
			list = append(list, t.pattern)
		}
	}
	return list
}

// equalFolded compares a value, in which ASCII may be in upper case, with a folded text of the same length.
func equalFolded(value []byte, text string) bool {
	for i, c := range value {
		if c-'A' < 26 {
			c += 'a' - 'A'
		}
		if c != text[i] {
			return false
		}
	}
	return true
}

func ascii(b []byte) bool {
	for ; len(b) >= 8; b = b[8:] {
		if binary.LittleEndian.Uint64(b)&0x8080808080808080 != 0 {
			return false
		}
	}
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
