package taxii

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"marque/ingest"
	"marque/internal/guard"
	"marque/store"
)

// Store is what the client needs of a store.
type Store interface {
	ingest.Store
	store.Marks
}

// Client reads from one server. It is not safe for concurrent use.
type Client struct {
	store Store
	cfg   Config
	base  *url.URL
	http  *http.Client
	free  time.Time // when the next request may go out
}

// New makes a client.
func New(st Store, cfg Config) (*Client, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("TAXII client: %w", err)
	}
	cfg = cfg.withDefaults()
	base, err := url.Parse(cfg.URL)
	if err != nil {
		return nil, fmt.Errorf("TAXII client: %w", err)
	}
	base.Fragment, base.RawQuery = "", ""
	if !strings.HasSuffix(base.Path, "/") {
		base.Path += "/"
	}
	hc, err := guard.Client(base, cfg.Guard)
	if err != nil {
		return nil, fmt.Errorf("TAXII client: %w", err)
	}
	return &Client{store: st, cfg: cfg, base: base, http: hc}, nil
}

// Collection is a collection of the server.
type Collection struct {
	ID          string `json:"id"`
	Title       string `json:"title"`
	Description string `json:"description"`
	Alias       string `json:"alias"`
	CanRead     bool   `json:"can_read"`
	CanWrite    bool   `json:"can_write"`

	root *url.URL
}

// URL is that of the collection's objects.
func (c Collection) URL() string { return c.objects().String() }

func (c Collection) objects() *url.URL { return c.root.JoinPath("collections", c.ID, "objects/") }

func (c Collection) is(name string) bool {
	return strings.EqualFold(c.ID, name) || c.Alias != "" && c.Alias == name || strings.EqualFold(c.Title, name)
}

// resource is any of the resources that a user's URL may lead to: the fields tell which.
type resource struct {
	Roots    []string `json:"api_roots"`
	Versions []string `json:"versions"`
	Collection
	Title string `json:"title"`
}

// Collections finds the collections behind the URL. API roots that cannot be read do not hide the others: their errors come
// with what was found.
func (c *Client) Collections(ctx context.Context) ([]Collection, error) {
	at := c.base
	if at.Path == "/" {
		at = at.JoinPath("taxii2/") // section 8.2.1: discovery is always there
	}
	var res resource
	if err := c.fetch(ctx, at, &res); err != nil {
		if _, refused := errors.AsType[*statusError](err); refused && errors.Is(err, ErrRefused) && c.is20(ctx, at) {
			return nil, fmt.Errorf("%s: %w", at, ErrVersion)
		}
		return nil, err
	}
	switch {
	case res.ID != "":
		res.root = at.JoinPath("../../")
		res.Collection.Title = res.Title
		return []Collection{res.Collection}, nil
	case len(res.Versions) > 0:
		return c.rootCollections(ctx, at)
	case len(res.Roots) == 0:
		return nil, fmt.Errorf("%s: neither a TAXII server, nor an API root, nor a collection: %w", at, ErrRefused)
	}
	var all []Collection
	var errs []error
	for _, s := range res.Roots {
		root, err := c.rootURL(at, s)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		cols, err := c.rootCollections(ctx, root)
		if err != nil {
			errs = append(errs, err)
		}
		all = append(all, cols...)
	}
	return all, errors.Join(errs...)
}

// rootURL resolves an API root of a discovery. Another server is never asked: it is not the one that the user trusts.
func (c *Client) rootURL(at *url.URL, s string) (*url.URL, error) {
	u, err := at.Parse(s)
	if err != nil {
		return nil, fmt.Errorf("API root %q: %w", printable(s), ErrRefused)
	}
	if !guard.Same(u, c.base) {
		return nil, fmt.Errorf("%s: %w", printable(u.Redacted()), ErrElsewhere)
	}
	u.RawQuery, u.Fragment, u.User = "", "", nil
	if !strings.HasSuffix(u.Path, "/") {
		u.Path += "/"
	}
	return u, nil
}

func (c *Client) rootCollections(ctx context.Context, root *url.URL) ([]Collection, error) {
	var list struct {
		Collections []Collection `json:"collections"`
	}
	if err := c.fetch(ctx, root.JoinPath("collections/"), &list); err != nil {
		return nil, err
	}
	for i, col := range list.Collections {
		if col.ID == "" || strings.ContainsAny(col.ID, "/\\?#%") || strings.Trim(col.ID, ".") == "" {
			return nil, fmt.Errorf("%s: collection %d has the id %q: %w", root, i, printable(col.ID), ErrRefused)
		}
		list.Collections[i].root = root
	}
	return list.Collections, nil
}

// fetch reads a small resource.
func (c *Client) fetch(ctx context.Context, u *url.URL, into any) error {
	_, err := c.get(ctx, u, func(a *answer) error { return decode(a.body, into) }, func(d time.Duration, why string) {
		c.cfg.Progress(Progress{Wait: d, Reason: why})
	})
	return err
}

// decode reads a resource. A property of the wrong type is named; the server will answer so again.
func decode(body []byte, into any) error {
	err := json.Unmarshal(body, into)
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Errorf("%s: want %s, this is %s: %w", cmp.Or(wrong.Field, "the answer"), wrong.Type.Kind(), wrong.Value, ErrRefused)
	}
	return err
}

// choose picks the collections that the user wants.
func (c *Client) choose(all []Collection) (chosen []Collection, errs []error) {
	if len(c.cfg.Collections) == 0 {
		return slices.DeleteFunc(slices.Clone(all), func(col Collection) bool { return !col.CanRead }), nil
	}
	for _, name := range c.cfg.Collections {
		found := false
		for _, col := range all {
			if !col.is(name) {
				continue
			}
			found = true
			if !col.CanRead {
				errs = append(errs, fmt.Errorf("collection %q: you may not read it: %w", name, ErrRefused))
				continue
			}
			if !slices.ContainsFunc(chosen, func(o Collection) bool { return o.URL() == col.URL() }) {
				chosen = append(chosen, col)
			}
		}
		if !found {
			titles := make([]string, len(all))
			for i, col := range all {
				titles[i] = printable(col.Title)
			}
			errs = append(errs, fmt.Errorf("collection %q is not among %q: %w", name, titles, ErrRefused))
		}
	}
	return chosen, errs
}

// Run reads the chosen collections in turn. A collection that fails does not stop the others; what was read is told beside the
// errors. It ends early when the context does, and the next run goes on from there.
func (c *Client) Run(ctx context.Context) ([]Result, error) {
	all, err := c.Collections(ctx)
	if err != nil && len(all) == 0 {
		return nil, err
	}
	chosen, errs := c.choose(all)
	if err != nil {
		errs = append(errs, err)
	}
	var results []Result
	for _, col := range chosen {
		res, err := c.read(ctx, col)
		results = append(results, res)
		if err != nil {
			errs = append(errs, fmt.Errorf("collection %q: %w", printable(col.Title), err))
		}
		if ctx.Err() != nil {
			break
		}
	}
	return results, errors.Join(errs...)
}
