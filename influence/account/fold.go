package account

import (
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Limits on one post: what stands behind them is not read. A post of a million characters costs what one of these limits costs.
const (
	maxTextBytes = 16 << 10
	maxWords     = 1024
	maxTags      = 16
	maxLinks     = 8
)

// minWords is how many words a text needs before sharing it means anything: "good morning everybody" is nobody's alone.
const minWords = 4

// minSequence is how many hashtags in a row count as a sequence.
const minSequence = 3

// folded is a post reduced to what it is compared by. Its slices are used again for the next post.
type folded struct {
	words  []uint64 // hashes of the words, in order, without links, mentions and marks of quoting
	tags   []uint64 // hashes of the hashtags, in order
	links  []uint64 // hashes of the addresses
	buf    []byte
	markup *markup
}

// fold reads a text: letters lower case and without accents, words at whatever is neither letter nor digit; a script that
// writes without spaces gives a word for each sign.
func (f *folded) fold(text string) {
	f.words, f.tags, f.links = f.words[:0], f.tags[:0], f.links[:0]
	if len(text) > maxTextBytes {
		text = text[:maxTextBytes]
	}
	for i := 0; i < len(text) && len(f.words) < maxWords; {
		c := text[i]
		switch {
		case c == 'h' && isLink(text[i:]):
			n := strings.IndexFunc(text[i:], unicode.IsSpace)
			if n < 0 {
				n = len(text) - i
			}
			f.link(text[i : i+n])
			i += n
		case c == '@':
			i++
			for i < len(text) && isHandle(text[i]) {
				i++
			}
		case c == '&':
			i += entity(text[i:])
		case c == '#':
			i++
			h, n := f.word(text[i:])
			if n == 0 {
				continue
			}
			if len(f.tags) < maxTags {
				f.tags = append(f.tags, h)
			}
			f.words = append(f.words, h)
			i += n
		default:
			h, n := f.word(text[i:])
			if n == 0 {
				_, size := utf8.DecodeRuneInString(text[i:])
				i += size
				continue
			}
			if n > f.markup.longestQuoting || !f.markup.quoting[h] {
				f.words = append(f.words, h)
			}
			i += n
		}
	}
}

func isLink(s string) bool {
	return strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://")
}

func isHandle(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// entity is the length of a character reference of HTML at the beginning of s (exports keep "&amp;"), or 1.
func entity(s string) int {
	for i := 1; i < len(s) && i < 10; i++ {
		if s[i] == ';' {
			return i + 1
		}
		if s[i] != '#' && !isHandle(s[i]) {
			break
		}
	}
	return 1
}

// lower is an ASCII byte of a word as it is hashed, 0 for what ends a word.
var lower = func() (t [utf8.RuneSelf]byte) {
	for c := range t {
		if isHandle(byte(c)) {
			t[c] = byte(c)
		}
		if c >= 'A' && c <= 'Z' {
			t[c] += 'a' - 'A'
		}
	}
	return t
}()

// word is the hash and the length in bytes of the word at the beginning of s; 0 bytes where none begins there.
func (f *folded) word(s string) (h uint64, n int) {
	h = fnvStart
	for n < len(s) {
		c := s[n]
		if c >= utf8.RuneSelf {
			n = wordLen(s)
			return f.hash(s[:n]), n
		}
		if c = lower[c]; c == 0 {
			break
		}
		h = (h ^ uint64(c)) * fnvPrime
		n++
	}
	return mix(h), n
}

// wordLen is how many bytes the word at the beginning of s has, whatever its script.
func wordLen(s string) int {
	for i, r := range s {
		switch {
		case r < utf8.RuneSelf:
			if lower[r] == 0 {
				return i
			}
		case unspaced(r):
			if i == 0 {
				return utf8.RuneLen(r)
			}
			return i
		case r == utf8.RuneError || !unicode.In(r, unicode.Letter, unicode.Number, unicode.Mark):
			return i
		}
	}
	return len(s)
}

// unspaced says whether the sign belongs to a script that puts no spaces between words.
func unspaced(r rune) bool {
	return r >= 0x0e00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// hash folds a word of any script and hashes it.
func (f *folded) hash(w string) uint64 {
	f.buf = norm.NFKD.AppendString(f.buf[:0], w)
	h := fnvStart
	for i := 0; i < len(f.buf); {
		r, size := utf8.DecodeRune(f.buf[i:])
		i += size
		if !unicode.Is(unicode.Mn, r) {
			h = (h ^ uint64(unicode.ToLower(r))) * fnvPrime
		}
	}
	return mix(h)
}

// tag adds a hashtag that an export lists in a column.
func (f *folded) tag(t string) {
	h := f.hash(strings.TrimPrefix(t, "#"))
	if len(f.tags) < maxTags && !slices.Contains(f.tags, h) {
		f.tags = append(f.tags, h)
	}
}

// link adds an address: what follows "#", the campaign parameters and "www." say nothing on where it leads.
func (f *folded) link(s string) {
	if len(f.links) >= maxLinks {
		return
	}
	h := hashString(f.markup.canonical(s))
	if !slices.Contains(f.links, h) {
		f.links = append(f.links, h)
	}
}

// canonical is the address as it is compared. What is no URL (an id that stands for one) is compared as it is.
func (m *markup) canonical(s string) string {
	s = strings.TrimRight(s, "….,;:!?)\"'")
	rest, ok := strings.CutPrefix(s, "https://")
	if !ok {
		if rest, ok = strings.CutPrefix(s, "http://"); !ok {
			return s
		}
	}
	rest, _, _ = strings.Cut(rest, "#")
	rest, query, _ := strings.Cut(rest, "?")
	host, path, _ := strings.Cut(rest, "/")
	out := strings.TrimPrefix(strings.ToLower(host), "www.") + "/" + strings.TrimSuffix(path, "/")
	if query == "" {
		return out
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		return out + "?" + query
	}
	for k := range values {
		if m.campaign(k) {
			delete(values, k)
		}
	}
	if len(values) > 0 {
		out += "?" + values.Encode()
	}
	return out
}

const (
	fnvStart uint64 = 14695981039346656037
	fnvPrime uint64 = 1099511628211
)

func hashString(s string) uint64 {
	h := fnvStart
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * fnvPrime
	}
	return mix(h)
}

// mix spreads the bits of a hash (the finaliser of splitmix64).
func mix(h uint64) uint64 {
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}
