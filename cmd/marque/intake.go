package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"marque/graph"
	"marque/intake"
	"marque/match"
	"marque/serve/auth"
	"marque/stix"
	"marque/store"
)

// eventsConfig are the settings of the event intake of marque serve.
type eventsConfig struct {
	// Enabled starts the intake.
	Enabled bool `yaml:"enabled"`
	// Follow are folders whose event files are read as they grow.
	Follow []string `yaml:"follow"`
	// Hunt is auto (the default): indicators that arrive are looked up in the lake; off: they are not.
	Hunt string `yaml:"hunt"`
	// Intake is the rest: where the stream lies, how durable an acknowledgement is, NATS.
	Intake intake.Config `yaml:",inline"`
}

func (c eventsConfig) validate() error {
	if c.Hunt != "" && c.Hunt != "auto" && c.Hunt != "off" {
		return fmt.Errorf("hunt %q: want auto or off", c.Hunt)
	}
	if !c.Enabled {
		return nil
	}
	in := c.Intake
	in.Dir = cmp.Or(in.Dir, "intake") // the default is made when it is opened
	return in.Validate()
}

// sensors is the group of users that may send events.
const sensors = "sensors"

// running is the intake at work beside the server.
type running struct {
	in   *intake.Intake
	wait sync.WaitGroup
	end  context.CancelFunc
	errs chan error
}

func (a *app) intakeDir() string {
	return cmp.Or(a.cfg.Events.Intake.Dir, filepath.Join(a.home, "intake"))
}

// restIntake makes sure that no intake needs the lake's files as they are, until release is called.
func (a *app) restIntake(ctx context.Context) (release func() error, err error) {
	release, err = intake.Rest(ctx, a.intakeDir())
	switch {
	case errors.Is(err, intake.ErrLocked):
		err = fmt.Errorf("marque serve is running, which looks after the lake by itself: %w", err)
	case errors.Is(err, intake.ErrLookBack):
		err = fmt.Errorf("marque serve has to finish it first, and looks after the lake by itself: %w", err)
	}
	return release, err
}

// tags says for each indicator which actor it points to, as the store has it now.
func (a *app) tags(ctx context.Context) (map[stix.ID]match.Tag, error) {
	g, err := graph.Load(ctx, a.reader(), graph.Options{})
	if err != nil {
		return nil, err
	}
	return actorTags(g), nil
}

// startIntake opens the intake on the workspace's lake and indicators and begins to match.
func (a *app) startIntake(ctx context.Context, log *slog.Logger) (*running, error) {
	cfg := a.cfg.Events.Intake
	cfg.Dir = a.intakeDir()
	l, err := a.openLake()
	if err != nil {
		return nil, err
	}
	formats, err := a.formats()
	if err != nil {
		return nil, err
	}
	set, known, err := a.indicatorSet(ctx, l.Seed())
	if err != nil {
		return nil, err
	}
	set.SetWatchers(known.watcher)
	d := intake.Deps{Formats: formats, Set: set, Patterns: known.watcher, Mark: known.mark, Lake: l, Log: log}
	if a.cfg.Events.Hunt != "off" {
		d.Indicators = intake.FromStore{
			Reader: a.reader(), Tags: a.tags,
			Unusable: func(id stix.ID, err error) { log.Warn("indicator not usable", "id", id, "err", err) },
		}
	}
	in, err := intake.Open(ctx, d, cfg)
	if err != nil {
		return nil, fmt.Errorf("open intake: %w", err)
	}
	inner, cancel := context.WithCancel(context.WithoutCancel(ctx))
	r := &running{in: in, end: cancel, errs: make(chan error, 1)}
	r.wait.Go(func() { r.errs <- in.Run(inner) })
	for _, dir := range a.cfg.Events.Follow {
		r.wait.Go(func() { in.Follow(inner, dir) })
	}
	r.wait.Go(func() { a.bringSightings(inner, in, log) })
	return r, nil
}

// sightingsEvery is how often the intake's counts go to the store as sightings.
const sightingsEvery = 10 * time.Second

func (a *app) bringSightings(ctx context.Context, in *intake.Intake, log *slog.Logger) {
	tick := time.NewTicker(sightingsEvery)
	defer tick.Stop()
	for {
		last := false
		select {
		case <-tick.C:
		case <-ctx.Done():
			last = true
		}
		p := store.Provenance{Importer: "events", Source: "intake", Time: a.now().UTC(), TLP: a.cfg.TLP}
		if _, err := intake.PutSightings(context.WithoutCancel(ctx), in.Journal(), a.db, a.db, p); err != nil {
			log.Error("sightings not stored, tried again later", "err", err)
		}
		if last {
			return
		}
	}
}

// stop ends the intake: no new events, what was begun is committed, then all is closed.
func (r *running) stop() error {
	r.in.Stop()
	r.end()
	r.wait.Wait()
	err := <-r.errs
	if errors.Is(err, context.Canceled) {
		err = nil
	}
	return errors.Join(err, r.in.Close())
}

// onlySensors lets only users of the group sensors in.
func onlySensors(users *auth.Authenticator, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		u, err := users.Authenticate(r)
		switch {
		case errors.Is(err, auth.ErrNoCredentials), errors.Is(err, auth.ErrBadCredentials):
			w.Header().Set("WWW-Authenticate", `Basic realm="marque"`)
			http.Error(w, "credentials of a user in the group "+sensors+" are needed", http.StatusUnauthorized)
		case err != nil:
			http.Error(w, "try again", http.StatusServiceUnavailable)
		case !slices.Contains(u.Groups, sensors):
			http.Error(w, "the user is not in the group "+sensors, http.StatusForbidden)
		default:
			next.ServeHTTP(w, r)
		}
	})
}
