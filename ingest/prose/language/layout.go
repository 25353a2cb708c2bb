package language

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Split cuts a text into blocks, sentences and tokens without tagging it. It reads plain text and the marks of Markdown.
// It is linear in the length of the text.
func Split(source string) *Text {
	t := &Text{Source: source}
	l := layout{t: t, section: -1, lead: -1}
	for at := 0; at < len(source); {
		end := strings.IndexByte(source[at:], '\n')
		next := at + end + 1
		if end < 0 {
			end, next = len(source)-at, len(source)
		}
		l.line(at, at+end, next)
		at = next
	}
	l.flush()
	return t
}

// layout gathers lines into blocks.
type layout struct {
	t       *Text
	open    Block // being gathered
	lines   int   // in it
	section int
	lead    int
	fenced  bool
	buf     []span
}

// line takes the line source[from:to]; the following one begins at next.
func (l *layout) line(from, to, next int) {
	src := l.t.Source
	body := strings.TrimSpace(src[from:to])
	start := from + strings.Index(src[from:to], body)
	end := start + len(body)
	if strings.HasPrefix(body, "```") || strings.HasPrefix(body, "~~~") {
		l.flush()
		l.fenced = !l.fenced
		return
	}
	if l.fenced {
		l.add(Code, 0, start, end)
		return
	}
	if body == "" {
		l.flush()
		return
	}
	switch shape, level, skip := shapeOf(body, start-from); shape {
	case Heading, Row:
		l.flush()
		l.add(shape, level, start+skip, end)
		l.flush()
	case Item:
		l.flush()
		l.add(shape, level, start+skip, end)
	case Quote:
		if l.lines > 0 && l.open.Shape != Quote {
			l.flush()
		}
		l.add(Quote, 0, start+skip, end)
	default:
		if l.lines == 0 && title(body) && blank(src, next) {
			l.add(Heading, 7, start, end)
			l.flush()
			return
		}
		if l.lines > 0 && (l.open.Shape == Paragraph || l.open.Shape == Item || l.open.Shape == Quote) {
			l.open.End = end
			l.lines++
			return
		}
		l.add(Paragraph, 0, start, end)
	}
}

// shapeOf reads the mark at the beginning of a line and returns how many bytes it takes.
func shapeOf(body string, indent int) (Shape, int, int) {
	switch body[0] {
	case '#':
		n := len(body) - len(strings.TrimLeft(body, "#"))
		if n <= 6 && n < len(body) && body[n] == ' ' {
			return Heading, n, n + 1
		}
	case '>':
		return Quote, 0, len(body) - len(strings.TrimLeft(body, "> "))
	case '|':
		return Row, 0, 1
	}
	r, n := utf8.DecodeRuneInString(body)
	level := min(indent/2, 8)
	if strings.ContainsRune("-*+•◦▪‣·–●○■", r) && len(body) > n && body[n] == ' ' {
		return Item, level, n + 1
	}
	k := figures(body)
	if k == 0 && unicode.IsLower(r) && n == 1 {
		k = 1
	}
	if k > 0 && k <= 2 && len(body) > k+1 && (body[k] == '.' || body[k] == ')') && body[k+1] == ' ' {
		return Item, level, k + 2
	}
	return Paragraph, 0, 0
}

// title says whether a line that stands alone reads as a heading: short, without the end of a sentence.
func title(body string) bool {
	if len(body) > 120 || strings.ContainsAny(body[len(body)-1:], ".:;,?!|") {
		return false
	}
	r, _ := utf8.DecodeRuneInString(body)
	return strings.Count(body, " ") < 14 && (unicode.IsUpper(r) || unicode.IsDigit(r))
}

// blank says whether nothing but space stands in the line that begins at i.
func blank(src string, i int) bool {
	for ; i < len(src) && src[i] != '\n'; i++ {
		if src[i] != ' ' && src[i] != '\t' && src[i] != '\r' {
			return false
		}
	}
	return true
}

func (l *layout) add(shape Shape, level, start, end int) {
	if l.lines > 0 {
		l.open.End = end
	} else {
		l.open = Block{Shape: shape, Level: level, Start: start, End: end}
	}
	l.lines++
}

// flush closes the block, cuts it into sentences and notes what it stands under.
func (l *layout) flush() {
	if l.lines == 0 {
		return
	}
	b := l.open
	l.lines = 0
	b.First, b.Section, b.Lead = len(l.t.Sentences), l.section, -1
	id := len(l.t.Blocks)
	if b.Shape != Code {
		l.buf = tokens(l.t.Source, b.Start, b.End, l.buf[:0])
		l.t.sentences(id, unmarked(l.t.Source, l.buf))
	}
	b.Last = len(l.t.Sentences)
	switch b.Shape {
	case Heading:
		l.section, l.lead = id, -1
	case Item:
		b.Lead = l.lead
	default:
		l.lead = -1
		if strings.HasSuffix(strings.TrimRight(l.t.Source[b.Start:b.End], " *_"), ":") {
			l.lead = id
		}
	}
	l.t.Blocks = append(l.t.Blocks, b)
}

// unmarked drops the marks of Markdown: emphasis, code and the targets of links.
func unmarked(src string, list []span) []span {
	kept := list[:0]
	for i := 0; i < len(list); i++ {
		s := list[i]
		text := src[s.start:s.end]
		if s.kind != Mark {
			kept = append(kept, s)
			continue
		}
		next := i+1 < len(list) && list[i+1].glued
		switch text[0] {
		case '*', '`', '~':
			if s.glued || next {
				continue
			}
		case '_':
			if s.glued != next {
				continue
			}
		case ']':
			if next && src[list[i+1].start] == '(' {
				if to := linkEnd(src, list, i+1); to > 0 {
					kept = unbracket(src, kept)
					i = to
					continue
				}
			}
		}
		kept = append(kept, s)
	}
	return kept
}

// linkEnd is the index of the bracket that closes a link's target; 0 where none does.
func linkEnd(src string, list []span, open int) int {
	for i := open + 1; i < len(list) && i < open+8; i++ {
		if list[i].kind == Mark && src[list[i].start] == ')' {
			return i
		}
		if i > open+1 && !list[i].glued && src[list[i].start] != '"' {
			return 0
		}
	}
	return 0
}

// unbracket drops the bracket that opened the link's words.
func unbracket(src string, kept []span) []span {
	for i := len(kept) - 1; i >= 0 && i > len(kept)-24; i-- {
		if kept[i].kind == Mark && src[kept[i].start] == '[' {
			return append(kept[:i], kept[i+1:]...)
		}
	}
	return kept
}
