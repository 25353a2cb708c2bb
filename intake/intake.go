package intake

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"marque/internal/lock"
)

// Intake takes events in. Accept works from Open until Close; Run matches what came in.
type Intake struct {
	cfg     Config
	deps    Deps
	journal *Journal
	lock    *lock.Lock
	budget  budget
	counts  counts
	onHits  atomic.Pointer[func()]
	changes changes

	requests sync.Pool // of *request

	boundary boundary
	// swap is held while files of the lake are replaced, and while a look back is noted that will read them.
	swap  sync.Mutex
	hunts chan struct{} // a look back is due

	mu     sync.Mutex
	queue  *queue // nil while it is down
	fault  error  // of the consumer; nil: it works
	closed atomic.Bool

	applied int64 // the store's sequence up to which the set has its indicators; of the consumer's goroutine
}

// Open opens journal and stream in cfg.Dir. Errors: ErrDamaged with the file's name, ErrLocked, ErrSeed.
func Open(ctx context.Context, d Deps, cfg Config) (*Intake, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("intake: %w", err)
	}
	cfg = cfg.withDefaults()
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if d.Lake != nil && d.Lake.Seed() != d.Set.Seed() {
		return nil, fmt.Errorf("intake: %w", ErrSeed)
	}
	if err := os.MkdirAll(cfg.Dir, 0o750); err != nil {
		return nil, fmt.Errorf("intake: %w", err)
	}
	in := &Intake{cfg: cfg, deps: d, hunts: make(chan struct{}, 1), applied: d.Mark}
	in.budget.free.Store(cfg.Memory)
	in.requests.New = func() any { return newRequest(in) }
	var err error
	if in.lock, err = lock.Try(filepath.Join(cfg.Dir, "lock")); err != nil {
		return nil, fmt.Errorf("intake %s: %w", cfg.Dir, err)
	}
	if in.journal, err = OpenJournal(ctx, filepath.Join(cfg.Dir, "journal.db")); err != nil {
		return nil, errors.Join(err, in.lock.Close())
	}
	q, err := openQueue(ctx, cfg, d.Log)
	if err == nil {
		in.queue = q
		err = in.settle(ctx, q)
	}
	if err != nil {
		return nil, errors.Join(err, in.Close())
	}
	return in, nil
}

// Journal returns the journal, for reading.
func (in *Intake) Journal() *Journal { return in.journal }

// NATS returns the URL for NATS clients of the embedded server; empty where it takes none.
func (in *Intake) NATS() string {
	q, err := in.stream()
	if err != nil {
		return ""
	}
	return q.clientURL()
}

// stream returns the queue, or why there is none.
func (in *Intake) stream() (*queue, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.queue == nil {
		if in.fault != nil {
			return nil, in.fault
		}
		return nil, ErrClosed
	}
	return in.queue, nil
}

// settle makes stream and journal agree. A stream that lacks messages, after damage, a power cut or the loss of its folder, is
// read out as far as it can be and replaced, for its server may store what comes next where it cannot be read; what is known to
// be missing is counted and named.
func (in *Intake) settle(ctx context.Context, q *queue) error {
	at, had, err := in.journal.position(ctx, q.id)
	if err != nil {
		return err
	}
	s, err := q.state(ctx)
	if err != nil {
		return err
	}
	if s.LastSeq >= had && (s.Lost == nil || len(s.Lost.Msgs) == 0) {
		return nil
	}
	in.deps.Log.Error("the event stream lacks messages: its files were damaged or removed; it is read out and replaced",
		"stream", q.where(), "ends", s.LastSeq, "had", had, "counted", at)
	if s.LastSeq > at {
		if err := errors.Join(in.consume(ctx, q, s.LastSeq), ctx.Err()); err != nil {
			return err
		}
		if at, _, err = in.journal.position(ctx, q.id); err != nil {
			return err
		}
	}
	if had = max(had, s.LastSeq); had > at {
		e := &entry{stream: q.id, seq: had, counters: map[string]int64{"lost": int64(had - at)}}
		if err := in.commit(ctx, e); err != nil {
			return err
		}
	}
	if err := q.renew(ctx); err != nil {
		return fmt.Errorf("event stream %s: %w", q.where(), err)
	}
	return nil
}

// remember notes what the stream has, so that a loss is known for one.
func (in *Intake) remember(ctx context.Context, q *queue) error {
	at, had, err := in.journal.position(ctx, q.id)
	if last := q.last.Load(); err == nil && last > had {
		err = in.commit(ctx, &entry{stream: q.id, seq: at, had: last})
	}
	return err
}

// Run matches what comes in, until ctx ends; then it commits what it has begun and returns. What still waits in the stream
// is matched by the next Run. A fault does not end it: it rests, and goes on where the journal stands.
func (in *Intake) Run(ctx context.Context) error {
	var group sync.WaitGroup
	defer group.Wait()
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	group.Go(func() { in.lookBack(inner) })
	group.Go(func() { in.tendLake(inner) })
	for ctx.Err() == nil {
		err := in.pass(ctx)
		if ctx.Err() != nil {
			if errors.Is(err, ctx.Err()) {
				return nil
			}
			return err
		}
		if err != nil {
			in.deps.Log.Error("events wait: they could not be matched", "error", err)
		}
		in.setFault(err)
		if err := rest(ctx, in.cfg.Retry); err != nil {
			return nil //nolint:nilerr // ending is no fault
		}
	}
	return nil
}

// pass opens the stream again if it is down, and consumes it.
func (in *Intake) pass(ctx context.Context) error {
	q, err := in.revive(ctx)
	if err != nil {
		return err
	}
	return in.consume(ctx, q, 0)
}

// revive replaces a queue whose storage gave up, as that of the embedded server does when the disk is full.
func (in *Intake) revive(ctx context.Context) (*queue, error) {
	q, err := in.stream()
	if err == nil && (q.server == nil || q.server.JetStreamEnabled()) {
		return q, nil
	}
	if errors.Is(err, ErrClosed) || in.closed.Load() {
		return nil, ErrClosed
	}
	if err := in.room(); err != nil {
		return nil, err
	}
	in.mu.Lock()
	in.queue = nil
	in.mu.Unlock()
	if q != nil {
		if err := q.close(); err != nil {
			return nil, err
		}
	}
	fresh, err := openQueue(ctx, in.cfg, in.deps.Log)
	if err != nil {
		return nil, err
	}
	if err := in.settle(ctx, fresh); err != nil {
		return nil, errors.Join(err, fresh.close())
	}
	in.mu.Lock()
	in.queue = fresh
	in.mu.Unlock()
	return fresh, nil
}

func (in *Intake) setFault(err error) {
	in.mu.Lock()
	in.fault = err
	in.mu.Unlock()
	in.changes.tell()
}

// room reports ErrFull when the disk has less room than is to be left alone.
func (in *Intake) room() error {
	free, err := in.cfg.free(in.cfg.Dir)
	if err != nil {
		return fmt.Errorf("intake: %w", err)
	}
	if free < in.cfg.MinFree {
		return fmt.Errorf("%w: %d bytes are free where %s lies, %d are left alone", ErrFull, free, in.cfg.Dir, in.cfg.MinFree)
	}
	return nil
}

// Stop makes Accept refuse what comes; what is under way is finished.
func (in *Intake) Stop() { in.closed.Store(true) }

// Close ends the stream's server and closes the journal. Run and all requests must have ended.
func (in *Intake) Close() error {
	in.Stop()
	in.mu.Lock()
	q := in.queue
	in.queue = nil
	in.mu.Unlock()
	var faults []error
	if q != nil {
		faults = append(faults, in.remember(context.Background(), q), q.close())
	}
	return errors.Join(append(faults, in.journal.Close(), in.lock.Close())...)
}

// rest waits, or returns the context's error.
func rest(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// OnHits has f called when hits were put into the outbox. It is set before Run, and must not block.
func (in *Intake) OnHits(f func()) { in.onHits.Store(&f) }

func (in *Intake) toTell(hits int) {
	if f := in.onHits.Load(); f != nil && hits > 0 {
		(*f)()
	}
}

// budget is the memory that requests may still take.
type budget struct{ free atomic.Int64 }

func (b *budget) take(n int64) bool {
	if b.free.Add(-n) >= 0 {
		return true
	}
	b.free.Add(n)
	return false
}

func (b *budget) give(n int64) { b.free.Add(n) }
