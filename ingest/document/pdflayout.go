package document

import (
	"bytes"
	"math"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Distances, in parts of the size of the letters.
const (
	onLine    = 0.4  // how far a baseline may lie off that of its line
	wordGap   = 0.13 // from where a gap is a blank
	cellGap   = 1.6  // from where a gap parts columns
	paragraph = 1.9  // from where the next line is another paragraph
	slack     = 0.5  // how much less room than its right edge a column may have
)

// textLine is a line of a page.
type textLine struct {
	text            strings.Builder
	x, y, end, size float64
	turn            int
	isRow           bool // columns with gaps between them
}

// layout writes the runs of a page as text, in the order in which they were shown, which is that of reading more often than that of places
// is: columns stay apart. Runs on one baseline are a line, with blanks where gaps are; lines that fill their column go on in the next.
func layout(runs []run) string {
	lines := linesOf(runs)
	right := map[[2]int]float64{} // by turn and left edge
	for _, l := range lines {
		k := l.column()
		right[k] = max(right[k], l.end)
	}
	var out []byte
	for i, l := range lines {
		text := strings.TrimRight(l.text.String(), " ")
		join := ""
		if i > 0 {
			join = between(lines[i-1], l, right[lines[i-1].column()])
		}
		switch {
		case join != " ":
		case isBrokenAddress(out):
			join = ""
		case isBroken(out, text):
			out, join = out[:len(out)-1], ""
		}
		out = append(append(out, join...), text...)
	}
	return strings.TrimSpace(string(out))
}

// column tells lines apart by their left edge, roughly.
func (l *textLine) column() [2]int { return [2]int{l.turn, int(math.Round(l.x / 12))} }

// linesOf puts runs together to lines.
func linesOf(runs []run) (lines []*textLine) {
	var last *textLine
	var before run
	for _, r := range runs {
		if math.IsNaN(r.x) || math.IsNaN(r.y) || r.size == 0 {
			continue
		}
		if r.end < r.x {
			r.end = r.x
		}
		size := max(r.size, before.size)
		if last != nil && r.text == before.text && math.Abs(r.x-before.x) < 0.1*size && math.Abs(r.y-before.y) < 0.1*size {
			continue // printed twice, to look bold
		}
		onSame := last != nil && r.turn == last.turn && math.Abs(r.y-last.y) <= onLine*max(r.size, last.size) && r.x > last.end-size
		if !onSame {
			if strings.TrimSpace(r.text) == "" {
				continue
			}
			last = &textLine{x: r.x, y: r.y, size: r.size, turn: r.turn}
			lines = append(lines, last)
		} else if gap := r.x - last.end; gap > wordGap*min(r.size, last.size) {
			last.blank()
			if gap > cellGap*last.size {
				last.isRow = true
				last.text.WriteByte(' ')
			}
		}
		if strings.TrimSpace(r.text) == "" {
			last.blank()
		} else {
			last.text.WriteString(r.text)
		}
		last.end, last.size = max(last.end, r.end), max(last.size, r.size)
		before = r
	}
	return lines
}

// blank writes a blank where none is.
func (l *textLine) blank() {
	if s := l.text.String(); s != "" && s[len(s)-1] != ' ' {
		l.text.WriteByte(' ')
	}
}

// first is how much room the first word of a line takes, with a blank before it.
func (l *textLine) first() float64 {
	text := strings.TrimSpace(l.text.String())
	n := strings.IndexByte(text, ' ')
	if n < 0 {
		n = len(text)
	}
	return (l.end-l.x)*float64(n)/float64(max(1, len(text))) + 0.25*l.size
}

// isWord tells whether a line is one word: two such lines are a list.
func (l *textLine) isWord() bool { return !strings.Contains(strings.TrimSpace(l.text.String()), " ") }

// digits is what a broken digest ends or begins with.
var digits = regexp.MustCompile(`(?:^|[^0-9a-zA-Z])[0-9a-fA-F]{8,}$`)

// tail is the end of a line, as much as a digest takes.
func tail(s string) string {
	s = strings.TrimRight(s, " ")
	return s[max(0, len(s)-140):]
}

// between is what stands between two lines: a blank where the sentence goes on, else one line end, or two between paragraphs.
func between(a, b *textLine, right float64) string {
	down, size := a.y-b.y, max(a.size, b.size)
	switch {
	case a.turn != b.turn || down <= 0 || down > paragraph*size || b.size > 1.15*a.size || a.size > 1.15*b.size:
		return "\n\n"
	case a.isRow || b.isRow, a.isWord() && b.isWord(), math.Abs(a.x-b.x) > 1.5*size, a.end+b.first() < right-slack*size, digits.MatchString(tail(a.text.String())):
		return "\n"
	}
	if last, _ := utf8.DecodeLastRuneInString(a.text.String()); last == ':' {
		return "\n"
	}
	return " "
}

// address is a word at a line's end that is an address as far as it goes, broken where addresses may be.
var address = regexp.MustCompile(`(?:^|\s)\S*(?:://|\[\.\]|\(\.\))\S*[-/_?=&%]$`)

// isBrokenAddress tells whether text ends within an address.
func isBrokenAddress(before []byte) bool { return address.Match(before[max(0, len(before)-200):]) }

// isBroken tells whether text goes on with a word that a hyphen breaks: between two small letters it was put in for that.
func isBroken(before []byte, text string) bool {
	head, ok := bytes.CutSuffix(before, []byte("-"))
	if !ok {
		return false
	}
	last, _ := utf8.DecodeLastRune(head)
	first, _ := utf8.DecodeRuneInString(text)
	return unicode.IsLower(last) && unicode.IsLower(first)
}
