package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"

	"github.com/spf13/cobra"

	"marque/serve"
	"marque/serve/auth"
	"marque/serve/rooms"
	"marque/workspace"
)

func serveCommand(a *app) *cobra.Command {
	var listen string
	c := &cobra.Command{
		Use: "serve", Short: "Serve the workspace: pages, API, TAXII 2.1, and the intake of events", Args: cobra.NoArgs,
		Long: `Serves pages for a browser, the API under /v1 (docs/api.md) and TAXII 2.1 on 127.0.0.1 until interrupted. Who is let in, up to which TLP level, and which collections there are
stands in the configuration (sections serve, auth and taxii; docs/taxii.md). Without any user nobody is let in. /healthz, /readyz and
/metrics tell how it does; on SIGHUP it reads its configuration again (docs/operating.md).

With events.enabled, POST /v1/events takes events from users in the group sensors and acknowledges them when they are durable;
events.follow names folders whose files are read as they grow; indicators that arrive are looked up in the past
(docs/events.md). A workspace that is a witness (marque witness init) cosigns heads of logs at /witness (docs/statements.md).`,
		RunE: a.opened(func(c *cobra.Command, _ []string) error {
			cfg := a.cfg.Rooms
			cfg.Serve.Listen = cmp.Or(listen, cfg.Serve.Listen)
			if err := cfg.Serve.Validate(); err != nil {
				return usageError{fmt.Errorf("serve: %w", err)}
			}
			return a.serve(c.Context(), cfg)
		}),
	}
	c.Flags().StringVar(&listen, "listen", "", "host:port (default "+serve.DefaultListen+")")
	return c
}

// serve runs the server with the rooms that the configuration names, until the context ends.
func (a *app) serve(ctx context.Context, cfg rooms.Config) error {
	log := slog.New(slog.NewTextHandler(a.stderr, nil))
	if len(cfg.Auth.Users) == 0 && cfg.Auth.Anonymous == nil {
		a.say("no users are configured, so nobody is let in; marque user token NAME prints what belongs into %s", workspace.ConfigFile)
	}
	house, err := rooms.Open(ctx, a.w, cfg, version, log)
	if err != nil {
		return err
	}
	again := make(chan os.Signal, 1)
	signal.Notify(again, syscall.SIGHUP)
	defer signal.Stop(again)
	ctx, cancel := context.WithCancel(ctx)
	var reading sync.WaitGroup
	reading.Go(func() { a.reread(ctx, house, cfg.Serve.Listen, again, log) })
	err = house.Run(ctx, func(url string) {
		offers := url + "/ (pages), " + url + "/v1/ (API), " + url + "/taxii2/"
		if house.Events() {
			offers += ", " + url + "/v1/events"
		}
		if house.Witness() {
			offers += " and " + url + "/witness"
		}
		fmt.Fprintf(a.stdout, "serving %s\n", offers)
	})
	cancel()
	reading.Wait()
	return errors.Join(err, house.Close())
}

// reread takes the configuration as it is now, each time that the process is told to.
func (a *app) reread(ctx context.Context, house *rooms.House, listen string, again <-chan os.Signal, log *slog.Logger) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-again:
		}
		cfg, err := readConfig(a.w.Dir)
		if err != nil {
			log.Error("the configuration stays as it was", "error", err)
			continue
		}
		cfg.Rooms.Serve.Listen = listen
		restart, err := house.Reload(cfg.Rooms, cfg.Config)
		if err != nil {
			log.Error("the configuration stays as it was", "error", err)
			continue
		}
		log.Info("configuration read again", "users", len(cfg.Rooms.Auth.Users), "needs_restart", restart)
	}
}

func userCommand(a *app) *cobra.Command {
	c := &cobra.Command{Use: "user", Short: "Make credentials for the configuration"}
	token := &cobra.Command{
		Use: "token NAME", Short: "A new token, and the lines for the configuration", Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			tok, hash := auth.NewToken()
			if a.json {
				return a.printJSON(map[string]string{"name": args[0], "token": tok, "token_hash": hash})
			}
			err := a.print("token, shown once: %s\n\nauth:\n  users:\n    - name: %s\n      token_hashes: [%s]\n      clearance: green\n", tok, args[0], hash)
			return err
		},
	}
	password := &cobra.Command{
		Use: "password NAME", Short: "Read a password from standard input and print the lines for the configuration", Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			line, err := bufio.NewReader(a.stdin).ReadString('\n')
			pass := strings.TrimRight(line, "\r\n")
			if pass == "" {
				return fmt.Errorf("no password on standard input: %w", err)
			}
			hash, err := auth.HashPassword(pass)
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(map[string]string{"name": args[0], "password_hash": hash})
			}
			err = a.print("auth:\n  users:\n    - name: %s\n      password_hash: %q\n      clearance: green\n", args[0], hash)
			return err
		},
	}
	c.AddCommand(token, password)
	return c
}
