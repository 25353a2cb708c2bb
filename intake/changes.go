package intake

import (
	"context"
	"sync"
)

// changes tells whoever waits that something changed. The zero value is ready.
type changes struct {
	mu   sync.Mutex
	next chan struct{}
}

// wait returns a channel that is closed at the next change.
func (c *changes) wait() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.next == nil {
		c.next = make(chan struct{})
	}
	return c.next
}

func (c *changes) tell() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.next != nil {
		close(c.next)
		c.next = nil
	}
}

// Changed returns a channel that is closed when the next counts are durable, when the stream has room again, and when a fault comes or goes.
// Who waits for something takes the channel first and looks then.
func (in *Intake) Changed() <-chan struct{} { return in.changes.wait() }

// commit makes an entry of the journal durable and tells so.
func (in *Intake) commit(ctx context.Context, e *entry) error {
	defer in.changes.tell()
	return in.journal.commit(ctx, e)
}
