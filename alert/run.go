package alert

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"marque/intake"
	"marque/internal/durable"
)

// Deps are what a runner works with.
type Deps struct {
	Outbox   Outbox
	Dossiers Dossiers
	Notice   func(Notice)     // what an operator should know; may be nil
	FS       durable.FS       // nil: that of the machine
	Now      func() time.Time // nil: time.Now
	// Rest waits; nil: as long as it is told, or until the context ends.
	Rest func(context.Context, time.Duration) error
}

// What is something that happened to a sink.
type What string

// What can happen: alerts wait for a sink that does not take them, it takes them again, some went to the dead letters.
const (
	Waits     What = "alerts wait: the sink does not take them"
	Recovered What = "the sink takes alerts again"
	Buried    What = "alerts went to the dead letters"
)

// Notice is something that an operator should know of.
type Notice struct {
	Sink   string
	What   What
	Alerts int // that were buried
	Err    error
}

// Runner takes hits from the outbox to the sinks, each at its own pace.
type Runner struct {
	deps  Deps
	sinks []*runningSink
	count counts
}

const (
	// patience is how long an alert is tried before it goes to the dead letters.
	patience = 24 * time.Hour
	// firstRest and longestRest are between two tries, doubling.
	firstRest   = time.Second
	longestRest = 10 * time.Minute
	// poll is how often the outbox is looked at without being told of hits.
	poll = 5 * time.Second
	// lot is how many entries are taken at a time; mails, of which there are few, tell of more.
	lot     = 200
	mailLot = 2000
)

// target is where alerts go.
type target interface {
	// send takes alerts in their order and returns how many of them are where they belong, beyond doubt. ErrRefused: the one after these
	// will never be taken.
	send(ctx context.Context, list []Alert) (int, error)
	close() error
}

// ErrRefused is an alert that a sink will not take, however often it is tried.
var ErrRefused = errors.New("refused for good")

type runningSink struct {
	Sink
	target target
	box    string // the outbox's identity
	at     int64  // the last entry behind it
	wake   chan struct{}
}

// Open prepares the sinks. No sink needs to be reachable yet.
func Open(ctx context.Context, cfg Config, d Deps) (*Runner, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("alerts: %w", err)
	}
	if d.Notice == nil {
		d.Notice = func(Notice) {}
	}
	if d.FS == nil {
		d.FS = durable.OS
	}
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Rest == nil {
		d.Rest = rest
	}
	names := make([]string, len(cfg.Sinks))
	for i, s := range cfg.Sinks {
		names[i] = s.Name
	}
	box, at, err := d.Outbox.Enrol(ctx, names)
	if err != nil {
		return nil, fmt.Errorf("alerts: %w", err)
	}
	r := &Runner{deps: d, count: newCounts()}
	for _, s := range cfg.Sinks {
		t, err := newTarget(s, d, box)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("alerts: sink %s: %w", s.Name, err), r.close())
		}
		r.sinks = append(r.sinks, &runningSink{Sink: s, target: t, box: box, at: at[s.Name], wake: make(chan struct{}, 1)})
		r.count.begin(s.Name)
	}
	return r, nil
}

func newTarget(s Sink, d Deps, box string) (target, error) {
	switch s.Kind {
	case File:
		return newFile(s, d.FS, box), nil
	case Syslog:
		return newSyslog(s, d.Now)
	case Webhook:
		return newWebhook(s, d.Now)
	case NATS:
		return newNATS(s), nil
	case Mail:
		return newMail(s, d.Now)
	}
	return nil, fmt.Errorf("kind %q is not known", s.Kind) // Validate has looked
}

// Wake tells that there are hits in the outbox.
func (r *Runner) Wake() {
	for _, s := range r.sinks {
		select {
		case s.wake <- struct{}{}:
		default:
		}
	}
}

// Collectors are what is counted by sink.
func (r *Runner) Collectors() []prometheus.Collector { return r.count.all() }

// Run delivers until ctx ends. What was not delivered by then waits for the next Run.
func (r *Runner) Run(ctx context.Context) error {
	var group sync.WaitGroup
	for _, s := range r.sinks {
		group.Go(func() { r.deliver(ctx, s) })
	}
	group.Wait()
	return r.close()
}

func (r *Runner) close() error {
	var errs []error
	for _, s := range r.sinks {
		errs = append(errs, s.target.close())
	}
	return errors.Join(errs...)
}

// deliver brings one sink's alerts to it, one lot after the other.
func (r *Runner) deliver(ctx context.Context, s *runningSink) {
	pause := firstRest
	failing := false
	for ctx.Err() == nil {
		moved, err := r.pass(ctx, s)
		r.count.at(ctx, r.deps.Outbox, s, err != nil)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			if !failing {
				r.deps.Notice(Notice{Sink: s.Name, What: Waits, Err: err})
			}
			failing = true
			if r.deps.Rest(ctx, pause) != nil {
				return
			}
			pause = min(2*pause, longestRest)
			continue
		case failing:
			r.deps.Notice(Notice{Sink: s.Name, What: Recovered})
		}
		failing, pause = false, firstRest
		wait := time.Duration(0)
		if !moved {
			wait = poll
		} else if s.Kind == Mail {
			wait = s.Every
			if wait == 0 {
				wait = DefaultEvery
			}
		}
		if !r.wait(ctx, s, wait, !moved) {
			return
		}
	}
}

// wait rests between two lots; early, until there are hits. It is false when ctx has ended.
func (r *Runner) wait(ctx context.Context, s *runningSink, d time.Duration, early bool) bool {
	if d == 0 {
		return ctx.Err() == nil
	}
	if !early {
		return r.deps.Rest(ctx, d) == nil
	}
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-s.wake:
			cancel()
		case <-inner.Done():
		}
	}()
	_ = r.deps.Rest(inner, d) // woken or not, it looks again
	return ctx.Err() == nil
}

// lotOf is a lot of entries and what of them goes to a sink.
type lotOf struct {
	entries []intake.Outgoing
	chosen  []Alert
	told    []intake.Told
	of      []int // by entry: index into chosen, -1 where it does not go there
}

// pass brings the next lot to a sink, and moves its position behind what it took.
func (r *Runner) pass(ctx context.Context, s *runningSink) (moved bool, err error) {
	size := lot
	if s.Kind == Mail {
		size = mailLot
	}
	l, err := r.next(ctx, s, size)
	if err != nil || len(l.entries) == 0 {
		return false, err
	}
	sent, err := 0, error(nil)
	if len(l.chosen) > 0 {
		sent, err = s.target.send(ctx, l.chosen)
	}
	if ctx.Err() != nil && sent == 0 {
		return false, ctx.Err()
	}
	buried, err := r.bury(s, l, sent, err)
	done := sent + len(buried)
	seq := l.entries[len(l.entries)-1].Seq
	if done < len(l.chosen) {
		seq = l.chosen[done].Seq - 1
	}
	if seq > s.at {
		// What was sent is noted even when the process is told to end.
		if aerr := r.deps.Outbox.Advance(context.WithoutCancel(ctx), s.Name, seq, l.told[:min(done, len(l.told))], buried); aerr != nil {
			return false, errors.Join(err, aerr)
		}
		s.at = seq
		r.count.passed(s.Name, l, sent, len(buried), seq)
	}
	return seq > l.entries[0].Seq-1, err
}

// bury takes the alerts that a sink will not have any more: the one that it refused, or all that were tried for a day. The error is
// what holds up the others.
func (r *Runner) bury(s *runningSink, l *lotOf, sent int, err error) ([]intake.Dead, error) {
	if err == nil || sent >= len(l.chosen) {
		return nil, err
	}
	now := r.deps.Now()
	dead := func(a *Alert) intake.Dead {
		text, jerr := json.Marshal(a)
		if jerr != nil {
			text = []byte(jerr.Error()) // unreachable: an alert is plain data
		}
		return intake.Dead{Sink: s.Name, At: now, Reason: err.Error(), Seq: a.Seq, Alert: text}
	}
	if errors.Is(err, ErrRefused) {
		r.deps.Notice(Notice{Sink: s.Name, What: Buried, Alerts: 1, Err: err})
		return []intake.Dead{dead(&l.chosen[sent])}, nil
	}
	var buried []intake.Dead
	for i := range l.entries {
		n := l.of[i]
		if n < sent {
			continue
		}
		if now.Sub(l.entries[i].At) < patience {
			break
		}
		buried = append(buried, dead(&l.chosen[n]))
	}
	if len(buried) > 0 {
		r.deps.Notice(Notice{Sink: s.Name, What: Buried, Alerts: len(buried), Err: err})
	}
	return buried, err
}

// next reads a lot and chooses what of it goes to the sink.
func (r *Runner) next(ctx context.Context, s *runningSink, size int) (*lotOf, error) {
	l := new(lotOf)
	var err error
	if l.entries, err = r.deps.Outbox.Pending(ctx, s.at, size); err != nil {
		return nil, err
	}
	l.of = make([]int, len(l.entries))
	var keys []intake.Told
	for i := range l.entries {
		l.of[i] = -1
		d, known, err := r.deps.Dossiers.Dossier(ctx, l.entries[i].Hit.Indicator, s.TLP)
		if err != nil {
			return nil, err
		}
		if !known || d.TLP > s.TLP {
			continue
		}
		a := New(s.box, &l.entries[i], &d)
		if !s.Only.takes(&a) {
			continue
		}
		l.of[i] = len(l.chosen)
		l.chosen = append(l.chosen, a)
		keys = append(keys, first(&a))
	}
	if !s.Only.FirstPerDay || len(keys) == 0 {
		return l, nil
	}
	known, err := r.deps.Outbox.Told(ctx, s.Name, keys)
	if err != nil {
		return nil, err
	}
	all := l.chosen
	l.chosen = nil
	for i, n := range l.of {
		if n < 0 {
			continue
		}
		if l.of[i] = -1; known[keys[n]] {
			continue
		}
		known[keys[n]] = true
		l.of[i] = len(l.chosen)
		l.chosen = append(l.chosen, all[n])
		l.told = append(l.told, keys[n])
	}
	return l, nil
}

// rest waits, or returns the context's error.
func rest(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
