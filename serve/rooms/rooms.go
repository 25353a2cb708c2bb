// Package rooms is the server of a workspace as it runs: every room of serve that the configuration names, put together, looked after and
// brought up to a new configuration without an interruption.
//
// In: an open workspace, the sections of its configuration that are about serving, a logger. Out: requests answered until the context ends.
//
// Invariants:
//   - [House.Reload] takes all of a new configuration or, where something in it is wrong, nothing of it (TestReload).
//   - A token or password that a new configuration does not know is refused from the next request on.
package rooms

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"sync"

	"marque/serve"
	"marque/serve/api"
	"marque/serve/auth"
	"marque/serve/events"
	"marque/serve/health"
	"marque/serve/taxii"
	"marque/serve/web"
	"marque/workspace"
)

// Config is what the configuration of a workspace says of serving.
type Config struct {
	Serve serve.Config `yaml:"serve"`
	Auth  auth.Config  `yaml:"auth"`
	Taxii taxii.Config `yaml:"taxii"`
}

// Validate returns every problem at once, each under the name of its section.
func (c Config) Validate() error {
	var errs []error
	for _, s := range []struct {
		name string
		err  error
	}{{"serve", c.Serve.Validate()}, {"auth", c.Auth.Validate()}, {"taxii", c.Taxii.Validate()}} {
		if s.err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", s.name, s.err))
		}
	}
	return errors.Join(errs...)
}

// House is the server with its rooms. It is safe for concurrent use.
type House struct {
	w     *workspace.Workspace
	log   *slog.Logger
	users *auth.Authenticator
	serve *serve.Server

	sessions *auth.Sessions
	api      *api.Room
	web      *web.Room

	in     *workspace.Intake // nil: no events are taken in
	events *events.Room
	health *health.Room

	witness    *witnessRoom // nil: the workspace is no witness
	endWitness func() error

	mu    sync.Mutex
	taxii *taxii.Server
	own   workspace.Config
}

// Open puts the rooms together. Close ends what Open started.
func Open(ctx context.Context, w *workspace.Workspace, cfg Config, version string, log *slog.Logger) (*House, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	h := &House{w: w, log: log, own: w.Config}
	var err error
	if h.users, err = auth.New(cfg.Auth); err != nil {
		return nil, fmt.Errorf("configuration: auth: %w", err)
	}
	if h.serve, err = serve.New(cfg.Serve, log); err != nil {
		return nil, fmt.Errorf("configuration: serve: %w", err)
	}
	h.sessions = auth.NewSessions(h.users, nil)
	h.api = api.New(w, api.Config{Users: h.sessions, Log: log, Version: version})
	if h.web, err = web.New(w, web.Config{Sessions: h.sessions, Log: log, Version: version}); err != nil {
		return nil, err
	}
	if w.Config.Events.Enabled {
		if h.in, err = w.StartIntake(ctx, log); err != nil {
			return nil, err
		}
		h.events = events.New(h.in, events.Config{Users: h.users, Log: log})
	}
	if err := h.openWitness(); err != nil {
		return nil, errors.Join(err, h.Close())
	}
	if h.taxii, err = taxii.New(w.Store(), h.users, log, cfg.Taxii); err != nil {
		return nil, fmt.Errorf("configuration: taxii: %w", errors.Join(err, h.Close()))
	}
	if err := h.open(version); err != nil {
		return nil, errors.Join(err, h.Close())
	}
	return h, nil
}

func (h *House) open(version string) error {
	parts := []health.Part{{Name: "store", Check: h.w.Ready}}
	collect := slices.Concat(h.serve.Collectors(), h.users.Collectors(), h.taxii.Collectors())
	if h.in != nil {
		parts = append(parts, health.Part{Name: "intake", Check: h.intakeReady})
		collect = append(append(collect, h.events), h.in.Alerts.Collectors()...)
	}
	cfg := h.serve.Config()
	var err error
	h.health, err = health.New(health.Config{
		Version: version, Parts: parts, Collect: collect, Users: h.users, Readers: cfg.Metrics, BehindProxy: cfg.BehindProxy, Log: h.log,
	})
	if err != nil {
		return err
	}
	h.mount()
	return nil
}

// mount puts the rooms into the server.
func (h *House) mount() {
	rooms := []serve.Room{h.health, h.taxii, h.api, h.web}
	if h.events != nil {
		rooms = append(rooms, h.events)
	}
	if h.witness != nil {
		rooms = append(rooms, h.witness)
	}
	h.serve.Mount(rooms...)
}

// intakeReady says why events are not matched now.
func (h *House) intakeReady(ctx context.Context) error {
	s, err := h.in.Status(ctx)
	if err == nil && s.Fault != "" {
		err = errors.New(s.Fault)
	}
	return err
}

// Reload takes a new configuration: at once, for all requests from now on. It returns the settings that differ and that only a restart can
// change.
func (h *House) Reload(cfg Config, own workspace.Config) (restart []string, err error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	tx, err := h.taxii.With(cfg.Taxii)
	if err != nil {
		return nil, fmt.Errorf("configuration: taxii: %w", err)
	}
	if restart, err = h.serve.Reload(cfg.Serve); err != nil {
		return nil, fmt.Errorf("configuration: serve: %w", err)
	}
	if err := h.users.Reload(cfg.Auth); err != nil { // validated above
		return nil, fmt.Errorf("configuration: auth: %w", err)
	}
	h.sessions.EndAll() // who may still come in signs in again, with the rights of now
	h.health.SetReaders(h.serve.Config().Metrics)
	h.taxii = tx
	h.mount()
	return append(restart, needRestart(h.own, own)...), nil
}

// needRestart names the settings of the workspace itself that differ. They are in use by what runs, such as the intake.
func needRestart(was, now workspace.Config) (names []string) {
	a, b := reflect.ValueOf(was), reflect.ValueOf(now)
	for i := range a.NumField() {
		if !reflect.DeepEqual(a.Field(i).Interface(), b.Field(i).Interface()) {
			names = append(names, a.Type().Field(i).Tag.Get("yaml"))
		}
	}
	return names
}

// Run serves until ctx ends, and tells ready the address.
func (h *House) Run(ctx context.Context, ready func(url string)) error {
	return h.serve.Run(ctx, ready)
}

// Events tells whether events are taken in.
func (h *House) Events() bool { return h.in != nil }

// Close ends the intake and the witness. Run must have ended.
func (h *House) Close() error {
	var errs []error
	if h.in != nil {
		errs = append(errs, h.in.Stop())
	}
	if h.endWitness != nil {
		errs = append(errs, h.endWitness())
	}
	return errors.Join(errs...)
}
