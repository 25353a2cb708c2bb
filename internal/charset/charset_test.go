package charset_test

import (
	"testing"
	"unicode/utf8"

	"marque/internal/charset"
)

func TestToUTF8(t *testing.T) {
	for _, c := range []struct{ in, contentType, text, name string }{
		{"plain", "", "plain", "utf-8"},
		{"\xef\xbb\xbfplain", "", "plain", "utf-8"},
		{"\xff\xfeh\x00i\x00", "", "hi", "utf-16le"},
		{"\xfe\xff\x00h\x00i", "", "hi", "utf-16be"},
		{"caf\xe9 \x93x\x94", "", "café “x”", "windows-1252"},
		{"\xcf\xf0\xe8\xe2\xe5\xf2", "text/html; charset=windows-1251", "Привет", "windows-1251"},
	} {
		text, name := charset.ToUTF8([]byte(c.in), c.contentType)
		if string(text) != c.text || name != c.name {
			t.Errorf("%q: %q as %s, want %q as %s", c.in, text, name, c.text, c.name)
		}
	}
}

func FuzzToUTF8(f *testing.F) {
	f.Add([]byte("\xff\xfea"), "")
	f.Add([]byte("<meta charset=utf-16>\x80"), "text/html")
	f.Fuzz(func(t *testing.T, b []byte, contentType string) {
		if text, _ := charset.ToUTF8(b, contentType); !utf8.Valid(text) {
			t.Errorf("%q is no UTF-8", text)
		}
	})
}
