package intake

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"marque/match"
)

// encodingHeader says how a message is packed; only s2 needs saying.
const encodingHeader = "Content-Encoding"

// consumer is one pass over the stream, from the journal's position to a fault or the end.
type consumer struct {
	in     *Intake
	q      *queue
	at     uint64 // the last message that was taken into a segment
	until  uint64 // the last message to take; 0: there is no last one
	seen   *seenKeys
	msgs   chan jetstream.Msg
	faults chan error // of reading
	commit chan *segment
	free   chan struct{} // holds one token when no segment waits for its commit
	failed chan error    // of committing; closed when the committer has ended
}

// segment is messages that are committed together.
type segment struct {
	open  open
	work  *work
	first uint64 // sequence numbers
	last  uint64
	n     int // messages, repeated ones included
	bytes int64
	keys  []byte
	known int64  // messages that were repeated
	lost  uint64 // messages that the stream should have had
	out   *outcome
}

// consume takes messages in order, a segment at a time. One segment is committed while the next is read. It ends with ctx, with
// a fault, or behind message until, where that is not 0.
func (in *Intake) consume(ctx context.Context, q *queue, until uint64) error {
	c := &consumer{in: in, q: q, until: until, msgs: make(chan jetstream.Msg, 64), faults: make(chan error, 1), commit: make(chan *segment), free: make(chan struct{}, 1), failed: make(chan error, 1)}
	var err error
	if c.at, _, err = in.journal.position(ctx, q.id); err != nil {
		return err
	}
	if c.at == 0 { // a journal that is younger than the stream
		state, err := q.state(ctx)
		if err != nil {
			return err
		}
		c.at = max(state.FirstSeq, 1) - 1
	}
	if c.seen, err = in.journal.seenKeys(ctx, in.cfg.Remember); err != nil {
		return err
	}
	if in.deps.Lake != nil {
		known := func(segment string) bool { return segment < c.lakeName(c.at+1) }
		if err := in.deps.Lake.Sweep(ctx, q.id, known); err != nil {
			return err
		}
	}
	if err := in.arrivals(ctx); err != nil {
		return err
	}
	reader, err := q.messages(ctx, c.at+1)
	if err != nil {
		return err
	}
	in.setFault(nil)
	c.free <- struct{}{}
	stop := make(chan struct{})
	go c.read(reader, stop)
	go c.committer(context.WithoutCancel(ctx))
	err = c.loop(ctx)
	close(stop)
	reader.Stop()
	close(c.commit)
	return errors.Join(err, <-c.failed)
}

// read hands messages to the loop.
func (c *consumer) read(reader jetstream.MessagesContext, stop <-chan struct{}) {
	for {
		m, err := reader.Next()
		if errors.Is(err, nats.ErrTimeout) || errors.Is(err, jetstream.ErrNoHeartbeat) {
			continue // the reader asks again by itself
		}
		if err != nil {
			c.faults <- err
			return
		}
		select {
		case c.msgs <- m:
		case <-stop:
			return
		}
	}
}

// loop cuts segments until ctx ends or something fails.
func (c *consumer) loop(ctx context.Context) error {
	look := time.NewTicker(c.in.cfg.Retry)
	defer look.Stop()
	moved := time.Now()
	for c.until == 0 || c.at < c.until && time.Since(moved) < giveUp {
		select {
		case m := <-c.msgs:
			moved = time.Now()
			if err := c.segment(ctx, m); err != nil {
				return err
			}
		case <-look.C:
			if err := errors.Join(c.q.alive(), c.change(ctx)); err != nil {
				return err
			}
		case err := <-c.faults:
			return fmt.Errorf("read event stream %s: %w", c.q.where(), err)
		case err := <-c.failed:
			return err
		case <-ctx.Done():
			return nil
		}
		if ctx.Err() != nil {
			return nil
		}
	}
	return nil
}

// giveUp is how long a message of a damaged stream may take to come.
const giveUp = 5 * time.Second

// change lets new indicators in, when no segment is under way.
func (c *consumer) change(ctx context.Context) error {
	if c.in.deps.Indicators == nil {
		return nil
	}
	a, err := c.in.arrived(ctx, c.in.applied)
	if err != nil || a.Mark <= c.in.applied {
		return err
	}
	select {
	case <-c.free:
	case err := <-c.failed:
		return err
	}
	defer func() { c.free <- struct{}{} }()
	return c.in.admit(ctx, c.in.applied, &a)
}

// segment collects messages until it is full, old, or the end has come, and hands it to the committer.
func (c *consumer) segment(ctx context.Context, m jetstream.Msg) error {
	opened := c.in.boundary.begin()
	s, err := c.begin(ctx)
	if err != nil {
		opened.end()
		return err
	}
	s.open = opened
	if err := c.fill(ctx, s, m); err != nil {
		opened.end()
		return errors.Join(err, s.work.abort())
	}
	s.out, err = s.work.finish(0, false)
	if err == nil {
		select {
		case <-c.free:
			c.commit <- s // the committer ends it and gives the token back
			return nil
		case err = <-c.failed:
		}
	}
	opened.end()
	if s.work.keep != nil {
		err = errors.Join(err, s.work.keep.Abort())
	}
	return err
}

func (c *consumer) begin(ctx context.Context) (*segment, error) {
	var keep match.Segment
	if c.in.deps.Lake != nil {
		var err error
		if keep, err = c.in.deps.Lake.Begin(ctx, c.lakeName(c.at+1), c.in.cfg.Workers); err != nil {
			return nil, err
		}
	}
	return &segment{work: newWork(c.in.deps, c.in.cfg, keep, c.in.journal.telling.Load()), first: c.at + 1}, nil
}

// lakeName is that of the segment which begins with a message: the same whenever it is done again.
func (c *consumer) lakeName(first uint64) string { return fmt.Sprintf("%s-%020d", c.q.id, first) }

func (c *consumer) fill(ctx context.Context, s *segment, m jetstream.Msg) error {
	end := time.NewTimer(c.in.cfg.Segment)
	defer end.Stop()
	for {
		if err := c.take(s, m); err != nil {
			return err
		}
		if s.bytes >= c.in.cfg.SegmentBytes || s.work.full() {
			return nil
		}
		select {
		case m = <-c.msgs:
		case err := <-c.faults:
			return fmt.Errorf("read event stream %s: %w", c.q.where(), err)
		case <-end.C:
			return nil
		case <-ctx.Done():
			return nil
		}
	}
}

// take puts a message into the segment unless it was seen before.
func (c *consumer) take(s *segment, m jetstream.Msg) error {
	meta, err := m.Metadata()
	if err != nil {
		return fmt.Errorf("read event stream %s: %w", c.q.where(), err)
	}
	seq := meta.Sequence.Stream
	if seq <= c.at {
		return nil // delivered again
	}
	if seq > c.at+1 {
		s.lost += seq - c.at - 1
		c.in.deps.Log.Error("the event stream lacks messages: its files were damaged", "stream", c.q.where(), "first", c.at+1, "last", seq-1)
	}
	c.at, s.last = seq, seq
	if id := m.Headers().Get(nats.MsgIdHdr); id != "" {
		k := keyOf(id)
		if !c.seen.add(k, c.in.cfg.Remember) {
			s.known++
			return nil
		}
		s.keys = append(s.keys, k[:]...)
	}
	data := m.Data()
	s.bytes += int64(len(data)) * 4 // about what it unpacks to
	s.work.in <- piece{number: s.n, name: fmt.Sprintf("%s %s/%d", m.Subject(), c.q.id, seq), packed: packing(m.Headers().Get(encodingHeader)), data: data}
	s.n++
	return nil
}

// committer commits segments one after the other. After a fault it commits nothing more.
func (c *consumer) committer(ctx context.Context) {
	defer close(c.failed)
	for s := range c.commit {
		err := c.in.save(ctx, s.work.keep, &entry{
			stream: c.q.id, seq: s.last, had: c.q.last.Load(), keys: s.keys, remember: c.in.cfg.Remember, tally: s.out.tally, reason: Live,
			counters: s.counters(), bad: s.out.bad, hits: s.out.hits,
		})
		s.open.end()
		if err != nil {
			c.failed <- err
			return
		}
		c.free <- struct{}{}
		c.in.counts.committed(s)
		if err := c.q.forget(ctx, s.last); err != nil { // the next one catches up
			c.in.deps.Log.Warn("committed events were not removed from the stream", "stream", c.q.where(), "error", err)
		}
		c.in.changes.tell()
	}
}

func (s *segment) counters() map[string]int64 {
	s.out.counters["messages"] += int64(s.n)
	s.out.counters["repeated"] += s.known
	s.out.counters["lost"] += int64(s.lost)
	return s.out.counters
}

// save makes a segment durable: first the lake, then the journal. What dies in between is done again from the journal's
// position and replaces the lake's files.
func (in *Intake) save(ctx context.Context, keep match.Segment, e *entry) error {
	if keep != nil {
		if err := keep.Commit(ctx); err != nil {
			return diskFault(err)
		}
	}
	e.at = in.cfg.now()
	if err := in.commit(ctx, e); err != nil {
		return err
	}
	in.toTell(len(e.hits))
	if keep != nil {
		if err := keep.Settle(); err != nil { // the next start does it
			in.deps.Log.Warn("segment stays out of compaction until the next start", "error", err)
		}
	}
	return nil
}
