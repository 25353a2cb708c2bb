package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/spf13/cobra"

	"marque/serve"
	"marque/serve/auth"
	"marque/serve/events"
	"marque/serve/taxii"
	"marque/workspace"
)

func serveCommand(a *app) *cobra.Command {
	var listen string
	c := &cobra.Command{
		Use: "serve", Short: "Serve the workspace: TAXII 2.1, and the intake of events", Args: cobra.NoArgs,
		Long: `Serves TAXII 2.1 on 127.0.0.1 until interrupted. Who is let in, up to which TLP level, and which collections there are
stands in the configuration (sections serve, auth and taxii; docs/taxii.md). Without any user nobody is let in.

With events.enabled, POST /v1/events takes events from users in the group sensors and acknowledges them when they are durable;
events.follow names folders whose files are read as they grow; indicators that arrive are looked up in the past
(docs/events.md).`,
		RunE: a.opened(func(c *cobra.Command, _ []string) error {
			cfg := a.cfg.Serve
			if listen != "" {
				cfg.Listen = listen
			}
			if err := cfg.Validate(); err != nil {
				return usageError{fmt.Errorf("serve: %w", err)}
			}
			return a.serve(c.Context(), cfg)
		}),
	}
	c.Flags().StringVar(&listen, "listen", "", "host:port (default "+serve.DefaultListen+")")
	return c
}

// serve runs the server with the rooms that the configuration names, until the context ends.
func (a *app) serve(ctx context.Context, cfg serve.Config) error {
	log := slog.New(slog.NewTextHandler(a.stderr, nil))
	users, err := auth.New(a.cfg.Auth)
	if err != nil {
		return fmt.Errorf("configuration: auth: %w", err)
	}
	if len(a.cfg.Auth.Users) == 0 && a.cfg.Auth.Anonymous == nil {
		a.say("no users are configured, so nobody is let in; marque user token NAME prints what belongs into %s", workspace.ConfigFile)
	}
	tx, err := taxii.New(a.w.Store(), users, log, a.cfg.Taxii)
	if err != nil {
		return fmt.Errorf("configuration: taxii: %w", err)
	}
	s, err := serve.New(cfg, log)
	if err != nil {
		return fmt.Errorf("configuration: serve: %w", err)
	}
	for _, p := range tx.Patterns() {
		s.Handle(p, tx)
	}
	if !a.cfg.Events.Enabled {
		return s.Run(ctx, func(url string) { fmt.Fprintf(a.stdout, "serving %s/taxii2/\n", url) })
	}
	in, err := a.w.StartIntake(ctx, log)
	if err != nil {
		return err
	}
	room := events.New(in, events.Config{Users: users, Log: log})
	for _, p := range room.Patterns() {
		s.Handle(p, room)
	}
	err = s.Run(ctx, func(url string) { fmt.Fprintf(a.stdout, "serving %s/taxii2/ and %s/v1/events\n", url, url) })
	return errors.Join(err, in.Stop())
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
