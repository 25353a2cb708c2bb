package jsonscan

// skip validates the value that begins at i and returns the index behind it; depth is the number of containers already open.
func (s *Scanner) skip(i, depth int) (int, status) {
	if i >= len(s.data) {
		return i, badEnd
	}
	switch s.data[i] {
	case '{', '[':
		return s.skipContainer(i, depth)
	}
	return s.skipScalar(i)
}

// skipScalar validates a string, number or literal.
func (s *Scanner) skipScalar(i int) (int, status) {
	if s.data[i] == '"' {
		end, st := s.skipString(i + 1)
		if s.learning && st == ok {
			s.mark(i+1, end-1, -1, skipText)
		}
		return end, st
	}
	end, st := s.scalar(i)
	if s.learning && st == ok {
		s.markScalar(i, end, -1)
	}
	return end, st
}

// skipContainer validates an object or array without recursion, keeping one bit per open container.
func (s *Scanner) skipContainer(i, depth int) (int, status) {
	open := 0
	for {
		i = s.space(i)
		if i >= len(s.data) {
			return i, badEnd
		}
		var st status
		switch c := s.data[i]; c {
		case '{', '[':
			if depth+open >= maxDepth {
				return i, badDepth
			}
			empty := false
			s.push(open, c == '{')
			open++
			if i, empty, st = s.opened(i+1, c); st != ok {
				return i, st
			}
			if !empty {
				continue
			}
			open--
		default:
			i, st = s.skipScalar(i)
		}
		if st != ok {
			return i, st
		}
		if i, open, st = s.closed(i, open); st != ok || open == 0 {
			return i, st
		}
	}
}

func (s *Scanner) push(level int, object bool) {
	bit := uint64(1) << (level & 63)
	s.stack[level>>6] &^= bit
	if object {
		s.stack[level>>6] |= bit
	}
}

func (s *Scanner) inObject(level int) bool { return s.stack[level>>6]>>(level&63)&1 == 1 }

// opened reads what follows an opening brace or bracket: its end, or in an object the first key.
func (s *Scanner) opened(i int, c byte) (int, bool, status) {
	i = s.space(i)
	if i < len(s.data) && s.data[i] == c+2 {
		return i + 1, true, ok
	}
	if c == '[' {
		return i, false, ok
	}
	i, st := s.skipKey(i)
	return i, false, st
}

// closed reads what follows a value: closing marks, and a comma (with a key in an object) before the next value.
func (s *Scanner) closed(i, open int) (int, int, status) {
	for open > 0 {
		i = s.space(i)
		if i >= len(s.data) {
			return i, open, badEnd
		}
		object := s.inObject(open - 1)
		switch c := s.data[i]; {
		case c == ',' && object:
			i, st := s.skipKey(s.space(i + 1))
			return i, open, st
		case c == ',':
			return i + 1, open, ok
		case c == '}' && object, c == ']' && !object:
			open--
			i++
		default:
			return i, open, badSyntax
		}
	}
	return i, 0, ok
}

// skipKey validates a key and its colon.
func (s *Scanner) skipKey(i int) (int, status) {
	if i >= len(s.data) {
		return i, badEnd
	}
	if s.data[i] != '"' {
		return i, badSyntax
	}
	i, st := s.skipString(i + 1)
	if st != ok {
		return i, st
	}
	i = s.space(i)
	if i >= len(s.data) {
		return i, badEnd
	}
	if s.data[i] != ':' {
		return i, badSyntax
	}
	return i + 1, ok
}

// skipString validates a string whose opening quote stands before i.
func (s *Scanner) skipString(i int) (int, status) {
	d := s.data
	for {
		i = s.index.next(i)
		if i >= len(d) {
			return i, badEnd
		}
		switch c := d[i]; {
		case c == '"':
			return i + 1, ok
		case c == '\\':
			n, st := s.escape(i + 1)
			if st != ok {
				return n, st
			}
			i = n
		case c < 0x20:
			return i, badSyntax
		default:
			i = behindWide(d, i)
		}
	}
}

// escape validates what follows a backslash.
func (s *Scanner) escape(i int) (int, status) {
	if i >= len(s.data) {
		return i, badEnd
	}
	switch s.data[i] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 1, ok
	case 'u':
		for k := 1; k <= 4; k++ {
			if i+k >= len(s.data) {
				return i + k, badEnd
			}
			c := s.data[i+k] | 0x20
			if (c < '0' || c > '9' || s.data[i+k] != c) && (c < 'a' || c > 'f') {
				return i + k, badSyntax
			}
		}
		return i + 5, ok
	}
	return i, badSyntax
}

// scalar validates a number or one of the three literals.
func (s *Scanner) scalar(i int) (int, status) {
	if i >= len(s.data) {
		return i, badEnd
	}
	switch s.data[i] {
	case 't':
		return s.literal(i, "true")
	case 'f':
		return s.literal(i, "false")
	case 'n':
		return s.literal(i, "null")
	}
	return s.number(i)
}

func (s *Scanner) literal(i int, word string) (int, status) {
	rest := s.data[i:]
	if len(rest) >= len(word) {
		if string(rest[:len(word)]) == word {
			return i + len(word), ok
		}
		return i, badSyntax
	}
	if string(rest) == word[:len(rest)] {
		return i, badEnd
	}
	return i, badSyntax
}

// number validates -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)? (RFC 8259, section 6).
func (s *Scanner) number(i int) (int, status) {
	d := s.data
	if d[i] == '-' {
		i++
		if i >= len(d) {
			return i, badEnd
		}
	}
	if d[i] == '0' {
		i++
	} else {
		n, st := s.digits(i)
		if st != ok {
			return n, st
		}
		i = n
	}
	if i < len(d) && d[i] == '.' {
		n, st := s.digits(i + 1)
		if st != ok {
			return n, st
		}
		i = n
	}
	if i < len(d) && d[i]|0x20 == 'e' {
		i++
		if i < len(d) && (d[i] == '+' || d[i] == '-') {
			i++
		}
		return s.digits(i)
	}
	return i, ok
}

// digits reads one or more digits.
func (s *Scanner) digits(i int) (int, status) {
	start := i
	for i < len(s.data) && s.data[i]-'0' <= 9 {
		i++
	}
	if i > start {
		return i, ok
	}
	if i >= len(s.data) {
		return i, badEnd
	}
	return i, badSyntax
}
