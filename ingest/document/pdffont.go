package document

import (
	_ "embed"
	"encoding/hex"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/ledongthuc/pdf"
)

//go:embed data/widths.txt
var standardText string

// standard are the widths of the fonts that files need not carry, from space to tilde.
var standard = func() map[string][]float64 {
	out := map[string][]float64{}
	for line := range strings.Lines(standardText) {
		fields := strings.Fields(line)
		if fields[0] == "#" {
			continue
		}
		for _, f := range fields[1:] {
			w, err := strconv.ParseFloat(f, 64)
			if err != nil {
				return nil // the embedded file is covered by a test
			}
			out[fields[0]] = append(out[fields[0]], w)
		}
	}
	return out
}()

// pdfFont turns codes into text, and knows how wide they are.
type pdfFont struct {
	wide    bool // codes of two bytes
	unicode map[int]string
	encoder pdf.TextEncoding
	widths  map[int]float64 // in thousandths
	other   float64         // width of all others
	scale   float64         // of one width
}

func newFont(v pdf.Value) *pdfFont {
	f := &pdfFont{scale: 1.0 / 1000, other: 500, widths: map[int]float64{}}
	if cmap := v.Key("ToUnicode"); cmap.Kind() == pdf.Stream {
		f.unicode = readToUnicode(cmap)
	}
	if v.Key("Subtype").Name() == "Type0" {
		f.wide = true
		f.composite(v.Key("DescendantFonts").Index(0))
	} else {
		f.simple(v)
	}
	if v.Key("Subtype").Name() == "Type3" {
		if a := v.Key("FontMatrix").Index(0).Float64(); a != 0 {
			f.scale = a
		}
	}
	whole := &pdf.Font{V: v}
	f.encoder = whole.Encoder()
	return f
}

// simple reads the widths of a font of one byte a code.
func (f *pdfFont) simple(v pdf.Value) {
	first, list := int(v.Key("FirstChar").Int64()), v.Key("Widths")
	for i := range min(list.Len(), 256) {
		f.widths[first+i] = list.Index(i).Float64()
	}
	if list.Len() > 0 {
		f.other = v.Key("FontDescriptor").Key("MissingWidth").Float64()
		return
	}
	name := v.Key("BaseFont").Name()
	known := standard["Helvetica"]
	switch {
	case strings.Contains(name, "Times"):
		known = standard["Times"]
	case strings.Contains(name, "Courier"):
		known, f.other = standard["Courier"], 600
	}
	for i, w := range known {
		if strings.Contains(name, "Bold") && !strings.Contains(name, "Courier") {
			w *= 1.06
		}
		f.widths[' '+i] = w
	}
}

// composite reads the widths of a font of two bytes a code (section 9.7.4.3): "c [w …]" and "first last w".
func (f *pdfFont) composite(v pdf.Value) {
	f.other = 1000
	if dw := v.Key("DW"); !dw.IsNull() {
		f.other = dw.Float64()
	}
	list := v.Key("W")
	for i := 0; i+1 < list.Len(); {
		first := int(list.Index(i).Int64())
		if inner := list.Index(i + 1); inner.Kind() == pdf.Array {
			for n := range min(inner.Len(), 1<<16) {
				f.widths[first+n] = inner.Index(n).Float64()
			}
			i += 2
			continue
		}
		last, w := int(list.Index(i+1).Int64()), list.Index(i+2).Float64()
		for c := first; c <= min(last, first+1<<16); c++ {
			f.widths[c] = w
		}
		i += 3
	}
}

// each yields what the codes of a string show, with their widths as parts of the size.
func (f *pdfFont) each(raw string, yield func(glyph string, width float64, isSpace bool)) {
	n := 1
	if f.wide {
		n = 2
	}
	for ; len(raw) >= n; raw = raw[n:] {
		code := int(raw[0])
		if f.wide {
			code = code<<8 | int(raw[1])
		}
		glyph, known := f.unicode[code]
		if !known && len(f.unicode) == 0 || !known && !f.wide {
			glyph = f.encoder.Decode(raw[:n])
		}
		w, has := f.widths[code]
		if !has {
			w = f.other
		}
		yield(plainGlyph(glyph), w*f.scale, !f.wide && code == ' ')
	}
}

// plainGlyph drops what is no text: controls, and the sign for what is not known.
func plainGlyph(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == 0xfffd {
			return -1
		}
		return r
	}, s)
}

// maxMapped bounds a map from codes to text.
const maxMapped = 1 << 16

// maxCMap bounds the text of such a map.
const maxCMap = 4 << 20

// token is one of a map: a string of hex digits, a bracket or a word.
var token = regexp.MustCompile(`<([0-9a-fA-F\s]*)>|[\[\]]|[a-z]+`)

// readToUnicode reads a font's map from codes to text (section 9.10.3): of its PostScript only the lists of pairs and ranges.
func readToUnicode(cmap pdf.Value) map[int]string {
	in := cmap.Reader()
	defer func() { _ = in.Close() }() // nothing is written to it
	text, _ := io.ReadAll(io.LimitReader(in, maxCMap))
	out := map[int]string{}
	put := func(code int, text string) {
		if len(out) < maxMapped {
			out[code] = text
		}
	}
	var list []string
	for _, m := range token.FindAllSubmatch(text, -1) {
		switch word := string(m[0]); {
		case word[0] == '<':
			raw, _ := hex.DecodeString(strings.Join(strings.Fields(string(m[1])), ""))
			list = append(list, string(raw))
		case word == "[" || word == "]":
			list = append(list, word)
		case word == "endbfchar":
			for ; len(list) >= 2; list = list[2:] {
				put(codeOf(list[0]), utf16Text(list[1], 0))
			}
			list = nil
		case word == "endbfrange":
			ranges(list, put)
			list = nil
		default:
			list = nil
		}
	}
	return out
}

// ranges reads "first last text" and "first last [text …]".
func ranges(list []string, put func(code int, text string)) {
	for len(list) >= 3 {
		low, high := codeOf(list[0]), codeOf(list[1])
		if list[2] != "[" {
			for i := 0; i <= min(high-low, maxMapped); i++ {
				put(low+i, utf16Text(list[2], i))
			}
			list = list[3:]
			continue
		}
		for list = list[3:]; len(list) > 0 && list[0] != "]"; list = list[1:] {
			put(low, utf16Text(list[0], 0))
			low++
		}
		list = list[min(1, len(list)):]
	}
}

// codeOf is the number that the bytes of a code are.
func codeOf(s string) int {
	n := 0
	for i := range min(len(s), 4) {
		n = n<<8 | int(s[i])
	}
	return n
}

// utf16Text is text in UTF-16, its last unit raised by add.
func utf16Text(s string, add int) string {
	var units []uint16
	for ; len(s) >= 2; s = s[2:] {
		units = append(units, uint16(s[0])<<8|uint16(s[1]))
	}
	if len(units) == 0 {
		return ""
	}
	units[len(units)-1] += uint16(add)
	return string(utf16.Decode(units))
}
