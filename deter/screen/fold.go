package screen

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Limits on what is read of a name. What comes after is not compared; [Name.Cut] says so.
const (
	MaxName  = 1000 // characters
	MaxWords = 48
)

// special are the letters that decomposition leaves whole, and Arabic letters that one writes for another.
var special = map[rune]string{
	'ß': "ss", 'ø': "o", 'ł': "l", 'æ': "ae", 'œ': "oe", 'đ': "d", 'ð': "d", 'þ': "th", 'ı': "i", 'ħ': "h", 'ŋ': "n", 'ə': "a",
	'ى': "ي", 'ی': "ي", 'ې': "ي", 'ک': "ك", 'ة': "ه", 'أ': "ا", 'إ': "ا", 'آ': "ا", 'ٱ': "ا", 'ۀ': "ه", 'ہ': "ه", 'ھ': "ه", 'ۃ': "ه",
	'ـ': "",
}

// joins are marks inside a word that are dropped: apostrophes and what stands for ayn and hamza.
func joins(r rune) bool {
	switch r {
	case '\'', '’', '‘', '`', '´', 'ʻ', 'ʼ', 'ʿ', 'ʾ', '′':
		return true
	}
	return false
}

// foldWords lowers, takes off accents and marks, and splits at what is neither letter nor digit. Controls, among them those that turn
// the direction of writing, are dropped without splitting.
func foldWords(s string) []string {
	var out []string
	var b strings.Builder
	end := func() {
		if b.Len() > 0 {
			out = append(out, b.String())
			b.Reset()
		}
	}
	ascii := true
	for i := range len(s) {
		if s[i] >= 0x80 {
			ascii = false
			break
		}
	}
	if !ascii {
		s = norm.NFKC.String(s)
	}
	for _, r := range s {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			b.WriteByte(byte(r))
		case r >= 'A' && r <= 'Z':
			b.WriteByte(byte(r) + 'a' - 'A')
		case joins(r):
		case r < 0x80:
			if r >= ' ' || r == '\t' || r == '\n' || r == '\r' {
				end()
			}
		case unicode.Is(unicode.Cf, r), unicode.Is(unicode.Cc, r):
		default:
			if !foldRune(&b, unicode.ToLower(r)) {
				end()
			}
		}
	}
	end()
	return out
}

// foldRune writes a letter without its accents, and says whether it was one.
func foldRune(b *strings.Builder, r rune) bool {
	if t, ok := special[r]; ok {
		b.WriteString(t)
		return true
	}
	if !unicode.IsLetter(r) && !unicode.IsNumber(r) {
		return unicode.IsMark(r) && keepMark(b, r)
	}
	// Kana is one set of letters; Hangul stays composed; й and ї are letters, not letters with an accent.
	switch {
	case r >= 0x3041 && r <= 0x3096:
		b.WriteRune(r + 0x60)
		return true
	case r >= 0x3000, r >= 0x400 && r < 0x530:
		b.WriteRune(r)
		return true
	}
	for _, d := range norm.NFD.String(string(r)) {
		if !unicode.Is(unicode.Mn, d) {
			if t, ok := special[d]; ok {
				b.WriteString(t)
			} else {
				b.WriteRune(d)
			}
		}
	}
	return true
}

// keepMark keeps the vowel signs of Indic and South-East Asian writings, without which words fall together; others are dropped.
func keepMark(b *strings.Builder, r rune) bool {
	if r >= 0x900 && r < 0x1100 || r >= 0x1780 && r < 0x1800 {
		b.WriteRune(r)
	}
	return true
}
