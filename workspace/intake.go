package workspace

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"marque/alert"
	"marque/intake"
	"marque/match"
	"marque/stix"
)

// Intake is the event intake at work, beside a server.
type Intake struct {
	*intake.Intake
	Alerts *alert.Runner
	wait   sync.WaitGroup
	end    context.CancelFunc
	errs   chan error
}

func (w *Workspace) intakeDir() string {
	return cmp.Or(w.Config.Events.Intake.Dir, filepath.Join(w.Dir, "intake"))
}

// RestIntake makes sure that no intake needs the lake's files as they are, until release is called.
func (w *Workspace) RestIntake(ctx context.Context) (release func() error, err error) {
	release, err = intake.Rest(ctx, w.intakeDir())
	switch {
	case errors.Is(err, intake.ErrLocked):
		err = fmt.Errorf("marque serve is running, which looks after the lake by itself: %w", err)
	case errors.Is(err, intake.ErrLookBack):
		err = fmt.Errorf("marque serve has to finish it first, and looks after the lake by itself: %w", err)
	}
	return release, err
}

// tags says for each indicator which actor it points to, as the store has it now.
func (w *Workspace) tags(ctx context.Context) (map[stix.ID]match.Tag, error) {
	s, err := w.Snapshot(ctx, Owner())
	if err != nil {
		return nil, err
	}
	return actorTags(s.Graph), nil
}

// StartIntake opens the intake on the workspace's lake and indicators and begins to match.
func (w *Workspace) StartIntake(ctx context.Context, log *slog.Logger) (*Intake, error) {
	cfg := w.Config.Events.Intake
	cfg.Dir = w.intakeDir()
	l, err := w.Lake()
	if err != nil {
		return nil, err
	}
	formats, err := w.formats()
	if err != nil {
		return nil, err
	}
	set, known, err := w.indicatorSet(ctx, l.Seed(), nil)
	if err != nil {
		return nil, err
	}
	d := intake.Deps{Formats: formats, Set: set, Patterns: set.Patterns(), Mark: known.mark, Lake: l, Log: log}
	if w.Config.Events.Hunt != "off" {
		d.Indicators = intake.FromStore{
			Reader: w.Reader(Owner()), Tags: w.tags,
			Unusable: func(id stix.ID, err error) { log.Warn("indicator not usable", "id", id, "error", err) },
		}
	}
	in, err := intake.Open(ctx, d, cfg)
	if err != nil {
		return nil, fmt.Errorf("open intake: %w", err)
	}
	alerts, err := alert.Open(ctx, w.Config.Alerts, alert.Deps{Outbox: in.Journal(), Dossiers: w.Dossiers(), Notice: noticed(log), Now: w.now})
	if err != nil {
		return nil, errors.Join(err, in.Close())
	}
	in.OnHits(alerts.Wake)
	inner, cancel := context.WithCancel(context.WithoutCancel(ctx))
	r := &Intake{Intake: in, Alerts: alerts, end: cancel, errs: make(chan error, 1)}
	r.wait.Go(func() {
		if err := alerts.Run(inner); err != nil {
			log.Error("alerts ended", "error", err)
		}
	})
	r.wait.Go(func() { r.errs <- in.Run(inner) })
	for _, dir := range w.Config.Events.Follow {
		r.wait.Go(func() { in.Follow(inner, dir) })
	}
	r.wait.Go(func() { w.bringSightings(inner, in, log) })
	return r, nil
}

// noticed logs what happens to sinks.
func noticed(log *slog.Logger) func(alert.Notice) {
	return func(n alert.Notice) {
		if n.Err == nil {
			log.Info(string(n.What), "sink", n.Sink)
			return
		}
		log.Error(string(n.What), "sink", n.Sink, "alerts", n.Alerts, "error", n.Err)
	}
}

// sightingsEvery is how often the intake's counts go to the store as sightings, at most: only where there are new ones.
const sightingsEvery = 10 * time.Second

func (w *Workspace) bringSightings(ctx context.Context, in *intake.Intake, log *slog.Logger) {
	tick := time.NewTicker(sightingsEvery)
	defer tick.Stop()
	keep := func(ctx context.Context, objects []*stix.Object) (int, error) {
		return w.putSightings(ctx, "events", objects)
	}
	for {
		last, changed := ctx.Err() != nil, in.Changed()
		if _, err := intake.PutSightings(context.WithoutCancel(ctx), in.Journal(), w.Reader(Owner()), w.db, keep); err != nil {
			log.Error("sightings not stored, tried again later", "error", err)
		} else if !last {
			select {
			case <-changed:
			case <-ctx.Done():
			}
		}
		if last {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
	}
}

// Stop ends the intake: no new events, what was begun is committed, then all is closed.
func (r *Intake) Stop() error {
	r.Intake.Stop()
	r.end()
	r.wait.Wait()
	err := <-r.errs
	if errors.Is(err, context.Canceled) {
		err = nil
	}
	return errors.Join(err, r.Close())
}
