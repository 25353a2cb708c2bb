// Package charset turns text of unknown encoding into UTF-8.
//
// In come bytes; out comes UTF-8 and the name of the encoding that they were taken for: a byte order mark decides, then
// validity as UTF-8, then the WHATWG detection that browsers use (declared in a meta element, else windows-1252).
package charset

import (
	"bufio"
	"bytes"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// ToUTF8 decodes text. contentType is the value of an HTTP header or empty. It never fails: what does not decode becomes
// U+FFFD.
func ToUTF8(b []byte, contentType string) (text []byte, name string) {
	switch {
	case bytes.HasPrefix(b, []byte("\xef\xbb\xbf")):
		return bytes.ToValidUTF8(b[3:], []byte("\ufffd")), "utf-8"
	case bytes.HasPrefix(b, []byte("\xff\xfe")):
		return decode(b, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)), "utf-16le"
	case bytes.HasPrefix(b, []byte("\xfe\xff")):
		return decode(b, unicode.UTF16(unicode.BigEndian, unicode.UseBOM)), "utf-16be"
	case utf8.Valid(b):
		return b, "utf-8"
	}
	if enc, name := utf16WithoutMark(b); enc != nil {
		return decode(b, enc), name
	}
	enc, name, _ := charset.DetermineEncoding(b[:min(len(b), 1024)], contentType)
	if strings.EqualFold(name, "utf-8") {
		return bytes.ToValidUTF8(b, []byte("\ufffd")), "utf-8"
	}
	return decode(b, enc), name
}

// UTF16 is the encoding of text that begins with head, where that is UTF-16, with a byte order mark or by its zero bytes; else nil.
func UTF16(head []byte) encoding.Encoding {
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	}
	enc, _ := utf16WithoutMark(head)
	return enc
}

// Reader reads text in UTF-8 or UTF-16 as UTF-8, without its byte order mark.
func Reader(r *bufio.Reader) io.Reader {
	head, _ := r.Peek(256) // what is wrong with it comes again when it is read
	if enc := UTF16(head); enc != nil {
		return transform.NewReader(r, enc.NewDecoder())
	}
	if bytes.HasPrefix(head, []byte("\xef\xbb\xbf")) {
		_, _ = r.Discard(3) // it was peeked at
	}
	return r
}

func decode(b []byte, enc encoding.Encoding) []byte {
	out, err := enc.NewDecoder().Bytes(b)
	if err != nil {
		return bytes.ToValidUTF8(b, []byte("\ufffd"))
	}
	return out
}

// utf16WithoutMark guesses UTF-16 by the zero bytes that Latin text has on every other place.
func utf16WithoutMark(b []byte) (encoding.Encoding, string) {
	head := b[:min(len(b), 512)]
	var zeros [2]int
	for i, c := range head {
		if c == 0 {
			zeros[i%2]++
		}
	}
	quarter := len(head) / 4
	switch {
	case quarter > 0 && zeros[1] > quarter && zeros[0] < quarter/8+1:
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), "utf-16le"
	case quarter > 0 && zeros[0] > quarter && zeros[1] < quarter/8+1:
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), "utf-16be"
	}
	return nil, ""
}
