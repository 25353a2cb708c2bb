package intake

import "sync"

// boundary lies between segments. While a segment is open, from its first event to its commit, indicators do not change; while they
// change, no segment is open. It owns the lock for both.
type boundary struct{ mu sync.RWMutex }

// open is a segment that is not committed yet. It may be handed on to another goroutine, which then ends it.
type open struct{ b *boundary }

// begin opens a segment. It waits while indicators change.
func (b *boundary) begin() open {
	b.mu.RLock()
	return open{b}
}

// end closes a segment, which was committed or given up. It is called once.
func (o open) end() { o.b.mu.RUnlock() }

// pause calls f between segments: it waits for those that are open, and no other one opens meanwhile.
func (b *boundary) pause(f func() error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return f()
}
