package main

import (
	"errors"
	"os"

	"github.com/spf13/cobra"

	"marque/ingest"
	"marque/ingest/taxii"
	"marque/workspace"
)

// taxiiCommand reads collections of a TAXII 2.1 server.
func taxiiCommand(a *app) *cobra.Command {
	var cfg taxii.Config
	var tokenEnv, passwordEnv string
	var list bool
	c := &cobra.Command{
		Use: "taxii URL", Short: "Read the collections of a TAXII 2.1 server", Args: cobra.ExactArgs(1),
		Long: `Reads from a server, an API root or a collection, page by page, and goes on after the last complete page when it is run again.
Passwords and tokens are taken from the environment, so that they stand in no history: --token-env NAME, --user with
--password-env NAME.`,
		RunE: a.opened(func(c *cobra.Command, args []string) error {
			cfg.URL = args[0]
			cfg.Token, cfg.Password = os.Getenv(tokenEnv), os.Getenv(passwordEnv)
			cfg.Progress = func(p taxii.Progress) {
				if p.Wait > 0 {
					a.say("  waiting %s: %s", p.Wait, p.Reason)
					return
				}
				a.say("  %s: %d pages, %d objects", p.Collection.Title, p.Pages, p.Objects)
			}
			client, err := a.w.TAXII(cfg)
			if err != nil {
				return usageError{err}
			}
			if list {
				cs, err := client.Collections(c.Context())
				return errors.Join(err, a.printCollections(cs))
			}
			results, err := client.Run(c.Context())
			rows := make([]ingest.Result, len(results))
			for i, r := range results {
				rows[i] = r.Result
			}
			return errors.Join(err, a.printIngest(rows), setAside(rows))
		}),
	}
	f := c.Flags()
	f.StringSliceVar(&cfg.Collections, "collection", nil, "id, title or alias (default: all that may be read)")
	f.BoolVar(&list, "list", false, "only list the collections")
	f.StringVar(&cfg.User, "user", "", "user for HTTP Basic")
	f.StringVar(&passwordEnv, "password-env", "MARQUE_TAXII_PASSWORD", "environment variable that holds the password")
	f.StringVar(&tokenEnv, "token-env", "MARQUE_TAXII_TOKEN", "environment variable that holds a token")
	f.StringVar(&cfg.Guard.CA, "ca", "", "PEM file with the authorities to trust")
	f.StringVar(&cfg.Guard.Certificate, "cert", "", "PEM file with the client's certificate")
	f.StringVar(&cfg.Guard.Key, "key", "", "PEM file with its key")
	f.BoolVar(&cfg.Guard.AllowPrivate, "allow-private", false, "let names resolve to private addresses")
	f.IntVar(&cfg.Limit, "limit", 0, "objects a page (default 1,000)")
	f.Float64Var(&cfg.Rate, "rate", 0, "requests a second (default 10)")
	f.BoolVar(&cfg.Restart, "restart", false, "begin anew instead of where the last run ended")
	return c
}

func (a *app) printCollections(cs []taxii.Collection) error {
	if a.json {
		return a.printJSON(cs)
	}
	for _, c := range cs {
		if err := a.print("%s  %s%s\n", c.ID, c.Title, map[bool]string{false: "  (not readable)"}[c.CanRead]); err != nil {
			return err
		}
	}
	return nil
}

// feedCommand reads a MISP feed.
func feedCommand(a *app) *cobra.Command {
	var private bool
	c := &cobra.Command{
		Use: "feed FOLDER|URL", Short: "Read a MISP feed: the events that are new or changed", Args: cobra.ExactArgs(1),
		RunE: a.opened(func(c *cobra.Command, args []string) error {
			got, err := a.w.IngestFeed(c.Context(), workspace.IngestOptions{}, args[0], private)
			if err != nil {
				return err
			}
			for _, f := range got.Failed {
				a.say("  %v", f)
			}
			a.say("%s in the feed, %d known, %d read, %d not read", count(got.Events, "event"), got.Known, got.Read, len(got.Failed))
			return errors.Join(a.printIngest(got.Results), setAside(got.Results))
		}),
	}
	c.Flags().BoolVar(&private, "allow-private", false, "let the feed lie on this machine or in a private network")
	return c
}
