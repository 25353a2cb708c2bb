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
