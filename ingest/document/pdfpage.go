package document

import (
	"context"
	"math"
	"strings"

	"github.com/ledongthuc/pdf"
)

// matrix is an affine map as PDF writes it: [a b c d e f] (ISO 32000-1, section 8.3.3).
type matrix [6]float64

var identity = matrix{1, 0, 0, 1, 0, 0}

// times is m applied before n.
func (m matrix) times(n matrix) matrix {
	return matrix{
		m[0]*n[0] + m[1]*n[2], m[0]*n[1] + m[1]*n[3], m[2]*n[0] + m[3]*n[2], m[2]*n[1] + m[3]*n[3],
		m[4]*n[0] + m[5]*n[2] + n[4], m[4]*n[1] + m[5]*n[3] + n[5],
	}
}

// run is a text that was shown at one go: where its baseline begins and ends, and how high it stands, as the page lies.
type run struct {
	x, y, end float64
	size      float64
	turn      int // quarter turns of its direction, so that x grows along it
	text      string
}

// textState is what operators change and q and Q keep (section 9.3).
type textState struct {
	ctm                         matrix
	font                        *pdfFont
	size, spacing, words, scale float64
	leading, rise               float64
}

// Bounds of a page.
const (
	maxOperators = 3_000_000
	maxRuns      = 400_000
	maxForms     = 12 // forms within forms
	maxStates    = 512
)

// pageReader follows the operators of a page, as far as they show text.
type pageReader struct {
	ctx       context.Context //nolint:containedctx // the life of one page
	fonts     map[string]*pdfFont
	runs      []run
	operators int
	pictures  int
}

// draw follows a content stream.
func (p *pageReader) draw(content, resources pdf.Value, ctm matrix, depth int) {
	if kind := content.Kind(); kind != pdf.Stream && kind != pdf.Array || depth > maxForms {
		return
	}
	s := textState{ctm: ctm, scale: 1}
	var kept []textState
	var tm, line matrix
	pdf.Interpret(content, func(stk *pdf.Stack, op string) {
		if p.operators++; p.operators > maxOperators || len(p.runs) > maxRuns {
			panic(errOperators)
		}
		if p.operators%1024 == 0 && p.ctx.Err() != nil {
			panic(p.ctx.Err())
		}
		args := make([]pdf.Value, stk.Len())
		for i := len(args) - 1; i >= 0; i-- {
			args[i] = stk.Pop()
		}
		number := func(i int) float64 {
			if i >= len(args) {
				return 0
			}
			return args[i].Float64()
		}
		six := func() matrix {
			return matrix{number(0), number(1), number(2), number(3), number(4), number(5)}
		}
		next := func(x, y float64) {
			line = matrix{1, 0, 0, 1, x, y}.times(line)
			tm = line
		}
		switch op {
		case "q":
			if len(kept) < maxStates {
				kept = append(kept, s)
			}
		case "Q":
			if n := len(kept) - 1; n >= 0 {
				s, kept = kept[n], kept[:n]
			}
		case "cm":
			s.ctm = six().times(s.ctm)
		case "BT":
			tm, line = identity, identity
		case "Tf":
			if len(args) == 2 {
				s.font, s.size = p.font(resources, args[0].Name()), number(1)
			}
		case "Tc":
			s.spacing = number(0)
		case "Tw":
			s.words = number(0)
		case "Tz":
			s.scale = number(0) / 100
		case "TL":
			s.leading = number(0)
		case "Ts":
			s.rise = number(0)
		case "Tm":
			tm = six()
			line = tm
		case "Td":
			next(number(0), number(1))
		case "TD":
			s.leading = -number(1)
			next(number(0), number(1))
		case "T*":
			next(0, -s.leading)
		case "'", `"`:
			if op == `"` {
				s.words, s.spacing = number(0), number(1)
			}
			next(0, -s.leading)
			fallthrough
		case "Tj":
			if len(args) > 0 {
				p.show(&s, &tm, args[len(args)-1].RawString())
			}
		case "TJ":
			if len(args) > 0 {
				for i := range args[0].Len() {
					if v := args[0].Index(i); v.Kind() == pdf.String {
						p.show(&s, &tm, v.RawString())
					} else {
						tm = matrix{1, 0, 0, 1, -v.Float64() / 1000 * s.size * s.scale, 0}.times(tm)
					}
				}
			}
		case "Do":
			if len(args) > 0 {
				p.object(resources.Key("XObject").Key(args[0].Name()), resources, s.ctm, depth)
			}
		case "BI":
			p.pictures++
		}
	})
}

// object draws a form, and counts a picture.
func (p *pageReader) object(x, resources pdf.Value, ctm matrix, depth int) {
	switch x.Key("Subtype").Name() {
	case "Image":
		p.pictures++
	case "Form":
		if m := x.Key("Matrix"); m.Len() == 6 {
			var form matrix
			for i := range form {
				form[i] = m.Index(i).Float64()
			}
			ctm = form.times(ctm)
		}
		if own := x.Key("Resources"); own.Kind() == pdf.Dict {
			resources = own
		}
		p.draw(x, resources, ctm, depth+1)
	}
}

// font is a font of the resources, made ready once a page.
func (p *pageReader) font(resources pdf.Value, name string) *pdfFont {
	v := resources.Key("Font").Key(name)
	key := v.String() + name
	f := p.fonts[key]
	if f == nil {
		f = newFont(v)
		p.fonts[key] = f
	}
	return f
}

// show notes a string and moves on behind it.
func (p *pageReader) show(s *textState, tm *matrix, raw string) {
	if s.font == nil {
		return
	}
	var text strings.Builder
	width := 0.0
	asBlank := len(raw) <= 3 && s.spacing > 0.2*s.size // Ghostscript shifts letters so where a blank was
	s.font.each(raw, func(glyph string, w float64, isSpace bool) {
		if asBlank && text.Len() > 0 {
			text.WriteByte(' ')
		}
		text.WriteString(glyph)
		w = w*s.size + s.spacing
		if isSpace {
			w += s.words
		}
		width += w * s.scale
	})
	at := matrix{s.size * s.scale, 0, 0, s.size, 0, s.rise}.times(*tm).times(s.ctm)
	*tm = matrix{1, 0, 0, 1, width, 0}.times(*tm)
	if text.Len() == 0 {
		return
	}
	end := matrix{1, 0, 0, 1, 0, s.rise}.times(*tm).times(s.ctm)
	r := run{size: math.Hypot(at[2], at[3]), text: text.String()}
	switch {
	case math.Abs(at[0]) >= math.Abs(at[1]) && at[0] >= 0:
		r.x, r.y, r.end = at[4], at[5], end[4]
	case math.Abs(at[0]) >= math.Abs(at[1]):
		r.x, r.y, r.end, r.turn = -at[4], -at[5], -end[4], 2
	case at[1] > 0:
		r.x, r.y, r.end, r.turn = at[5], -at[4], end[5], 1
	default:
		r.x, r.y, r.end, r.turn = -at[5], at[4], -end[5], 3
	}
	p.runs = append(p.runs, r)
}
