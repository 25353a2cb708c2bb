package jsonscan

// ScanSlow answers like Scan, by the slow path alone.
func (s *Scanner) ScanSlow(text []byte) ([]Value, error) {
	s.Begin(text)
	s.vals = s.vals[:0]
	i := s.space(0)
	if i >= len(text) {
		return nil, ErrTruncated
	}
	if text[i] != '{' {
		return nil, s.notObject(i)
	}
	return s.slow(i)
}

// Awake keeps the scanner trying shapes, whatever it met before.
func (s *Scanner) Awake() { s.shapes.rest, s.shapes.window, s.shapes.met = 0, 0, 0 }

// ScanGrammar answers like Scan, without its memory of shapes.
func (s *Scanner) ScanGrammar(text []byte) ([]Value, error) {
	s.Begin(text)
	s.learning = false
	return s.Read(0, len(text))
}

// MarkUnusual and MarkWords are the index in its fastest and in its portable form.
func MarkUnusual(dst, src []byte) { markUnusual(dst, src) }

// MarkWords is tested against MarkUnusual.
func MarkWords(dst, src []byte) { markWords(dst, src) }

// Next returns the first place from i on of the block that is a quote, a backslash, a control character or above 0x7F.
func (s *Scanner) Next(i int) int { return s.index.next(i) }
