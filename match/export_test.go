package match

import "marque/event"

// Writing calls f in the middle of a write.
func (s *Set) Writing(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

// Writing calls f in the middle of a write.
func (p *Patterns) Writing(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f()
}

// Holds is the list that holds a value.
func Holds(a *Allow, value string, kind event.Kind) string { return a.Holds(value, kind) }
