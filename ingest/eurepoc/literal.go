package eurepoc

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

const maxListDepth = 8

// list reads a list as Python prints it: ['a', "b's", None, ['c']]. Inner lists come out as one group each; a bare value
// among them is a group of its own.
func list(s string) ([][]string, error) {
	s = strings.TrimSpace(s)
	if s == "" || s == "nan" {
		return nil, nil
	}
	p := &literal{s: s}
	groups, err := p.outer()
	if err != nil {
		return nil, fmt.Errorf("list %.60q: %w", s, err)
	}
	return groups, nil
}

// flat is a list without its inner structure.
func flat(s string) ([]string, error) {
	groups, err := list(s)
	var out []string
	for _, g := range groups {
		out = append(out, g...)
	}
	return out, err
}

type literal struct {
	s  string
	at int
}

func (p *literal) space() {
	for p.at < len(p.s) && strings.IndexByte(" \t\r\n", p.s[p.at]) >= 0 {
		p.at++
	}
}

func (p *literal) peek() byte {
	p.space()
	if p.at >= len(p.s) {
		return 0
	}
	return p.s[p.at]
}

func (p *literal) outer() ([][]string, error) {
	if p.peek() != '[' {
		return nil, fmt.Errorf("byte %d: want [", p.at)
	}
	var groups [][]string
	err := p.items(func() error {
		if p.peek() != '[' {
			v, err := p.value()
			groups = append(groups, []string{v})
			return err
		}
		var g []string
		err := p.collect(&g, 1)
		groups = append(groups, g)
		return err
	})
	if err == nil && p.peek() != 0 {
		err = fmt.Errorf("byte %d: text after the list", p.at)
	}
	return groups, err
}

// collect reads a list of any depth into one group.
func (p *literal) collect(into *[]string, depth int) error {
	if depth > maxListDepth {
		return fmt.Errorf("byte %d: nested deeper than %d", p.at, maxListDepth)
	}
	return p.items(func() error {
		if p.peek() == '[' {
			return p.collect(into, depth+1)
		}
		v, err := p.value()
		*into = append(*into, v)
		return err
	})
}

func (p *literal) items(item func() error) error {
	p.at++ // [
	for {
		switch p.peek() {
		case 0:
			return fmt.Errorf("byte %d: list does not end", p.at)
		case ']':
			p.at++
			return nil
		}
		if err := item(); err != nil {
			return err
		}
		switch p.peek() {
		case ',':
			p.at++
		case ']':
		default:
			return fmt.Errorf("byte %d: want , or ]", p.at)
		}
	}
}

// value is a string, or None, nan or a number, which are empty or themselves.
func (p *literal) value() (string, error) {
	if c := p.peek(); c == '\'' || c == '"' {
		return p.quoted(c)
	}
	start := p.at
	for p.at < len(p.s) && strings.IndexByte(",] \t\r\n['\"", p.s[p.at]) < 0 {
		p.at++
	}
	word := p.s[start:p.at]
	switch word {
	case "":
		return "", fmt.Errorf("byte %d: want a value", p.at)
	case "None", "nan":
		return "", nil
	}
	return word, nil
}

func (p *literal) quoted(quote byte) (string, error) {
	start := p.at
	p.at++
	var b strings.Builder
	for p.at < len(p.s) {
		switch c := p.s[p.at]; c {
		case quote:
			p.at++
			return b.String(), nil
		case '\\':
			if err := p.escape(&b); err != nil {
				return "", err
			}
		default:
			b.WriteByte(c)
			p.at++
		}
	}
	return "", fmt.Errorf("byte %d: string does not end", start)
}

func (p *literal) escape(b *strings.Builder) error {
	if p.at+1 >= len(p.s) {
		return fmt.Errorf("byte %d: string does not end", p.at)
	}
	c := p.s[p.at+1]
	if n, ok := map[byte]int{'x': 2, 'u': 4, 'U': 8}[c]; ok {
		if p.at+2+n > len(p.s) {
			return fmt.Errorf("byte %d: short escape", p.at)
		}
		r, err := strconv.ParseUint(p.s[p.at+2:p.at+2+n], 16, 32)
		if err != nil || r > utf8.MaxRune {
			return fmt.Errorf("byte %d: bad escape", p.at)
		}
		b.WriteRune(rune(r))
		p.at += 2 + n
		return nil
	}
	switch c {
	case 'n':
		c = '\n'
	case 't':
		c = '\t'
	case 'r':
		c = '\r'
	}
	b.WriteByte(c)
	p.at += 2
	return nil
}
