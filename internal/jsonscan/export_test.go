package jsonscan

// ScanSlow answers like Scan, by the slow path alone.
func (s *Scanner) ScanSlow(text []byte) ([]Value, error) {
	s.data, s.vals = text, s.vals[:0]
	i := s.space(0)
	if i >= len(text) {
		return nil, ErrTruncated
	}
	if text[i] != '{' {
		return nil, s.notObject(i)
	}
	return s.slow(i)
}
