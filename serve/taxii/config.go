package taxii

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/google/uuid"

	"marque/serve/auth"
	"marque/stix"
	"marque/store"
)

// Config says what is served. The zero Config serves everything, read-only, to everybody who is let in, up to their clearance.
type Config struct {
	Title       string `yaml:"title"`
	Description string `yaml:"description"`
	Contact     string `yaml:"contact"`
	// URL is the address by which clients reach the server, for example https://taxii.example.org. Empty: API roots are
	// given relative to the server (section 4.1.1 allows both).
	URL string `yaml:"url"`
	// Roots are the API roots. Empty: one, with everything.
	Roots []Root `yaml:"roots"`
	// PageLimit bounds the objects of a response. 0 is 10,000.
	PageLimit int `yaml:"page_limit"`
	// MaxContentLength bounds the body of a request in bytes. 0 is 16 MiB.
	MaxContentLength int64 `yaml:"max_content_length"`
}

// Root is an API root.
type Root struct {
	// Path is the first part of its URLs, without slashes.
	Path        string       `yaml:"path"`
	Title       string       `yaml:"title"`
	Description string       `yaml:"description"`
	Collections []Collection `yaml:"collections"`
}

// Collection is what a client reads from and writes to.
type Collection struct {
	// ID is a UUID that must never change: clients remember it.
	ID          string `yaml:"id"`
	Title       string `yaml:"title"`
	Description string `yaml:"description"`
	Alias       string `yaml:"alias"`
	// Types limits the collection to objects of these types.
	Types []string `yaml:"types"`
	// Importers limits it to what these importers brought.
	Importers []string `yaml:"importers"`
	// Use is what its readers may do with it, as far as PAP markings permit: knowledge (the default), detection or blocking.
	Use store.Use `yaml:"use"`
	// Own makes it a collection with members of its own, instead of a query: what its writers post, and what Add puts in.
	Own bool `yaml:"own"`
	// Readers and Writers are names of users and groups; "*" is who is let in. Empty Readers are nobody.
	Readers []string `yaml:"readers"`
	Writers []string `yaml:"writers"`
	// TLP is the level of posted objects without a marking of their own.
	TLP stix.TLP `yaml:"tlp"`
	// SpeaksFor are the identities for whom the writers may speak: what they post of these is the creator's word. All else that is
	// posted stands beside what others gave of the same object, and neither replaces, hides nor revokes it.
	SpeaksFor []stix.ID `yaml:"speaks_for"`
}

// EverythingID is the collection that the zero Config serves.
const EverythingID = "6c1f9f3a-2b0e-4d57-9c39-0a3f3f0f7d11"

func (c Config) withDefaults() Config {
	if c.Title == "" {
		c.Title = "Marque"
	}
	if c.PageLimit == 0 {
		c.PageLimit = 10_000
	}
	if c.MaxContentLength == 0 {
		c.MaxContentLength = 16 << 20
	}
	if len(c.Roots) == 0 {
		c.Roots = []Root{{Path: "marque", Title: c.Title, Collections: []Collection{
			{ID: EverythingID, Title: "Everything", Alias: "everything", Readers: []string{auth.Everybody}},
		}}}
	}
	return c
}

var (
	pathForm  = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)
	aliasForm = regexp.MustCompile(`^[A-Za-z0-9._~-]+$`)
)

// Validate returns every problem at once.
func (c Config) Validate() error {
	c = c.withDefaults()
	var errs []error
	if c.URL != "" {
		u, err := url.Parse(c.URL)
		if err != nil || u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || strings.Trim(u.Path, "/") != "" {
			errs = append(errs, fmt.Errorf("url %q: want https://host", c.URL))
		}
	}
	if c.PageLimit < 0 || c.MaxContentLength < 0 {
		errs = append(errs, fmt.Errorf("page_limit %d, max_content_length %d: want zero or more", c.PageLimit, c.MaxContentLength))
	}
	paths, ids := map[string]bool{}, map[string]bool{}
	for _, root := range c.Roots {
		switch {
		case !pathForm.MatchString(root.Path) || strings.Trim(root.Path, ".") == "" || root.Path == discoveryPath:
			errs = append(errs, fmt.Errorf("root %q: want a path of letters, digits, dots and dashes that is not %q", root.Path, discoveryPath))
		case paths[root.Path]:
			errs = append(errs, fmt.Errorf("root %q is there twice", root.Path))
		}
		paths[root.Path] = true
		if root.Title == "" {
			errs = append(errs, fmt.Errorf("root %q: title is needed", root.Path))
		}
		aliases := map[string]bool{}
		for _, col := range root.Collections {
			for _, err := range col.problems(ids, aliases) {
				errs = append(errs, fmt.Errorf("root %q: collection %q: %w", root.Path, col.ID, err))
			}
		}
	}
	return errors.Join(errs...)
}

func (c Collection) problems(ids, aliases map[string]bool) (errs []error) {
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if u, err := uuid.Parse(c.ID); err != nil || u.String() != c.ID {
		bad("id: want a UUID in lower case")
	}
	if ids[c.ID] {
		bad("id is there twice")
	}
	ids[c.ID] = true
	if c.Title == "" {
		bad("title is needed")
	}
	if c.Alias != "" {
		if _, err := uuid.Parse(c.Alias); err == nil || !aliasForm.MatchString(c.Alias) || strings.Trim(c.Alias, ".") == "" {
			bad("alias %q: want letters, digits and dashes, and no UUID", c.Alias)
		}
		if aliases[c.Alias] {
			bad("alias %q is there twice", c.Alias)
		}
		aliases[c.Alias] = true
	}
	if len(c.Writers) > 0 && !c.Own {
		bad("writers: only a collection with own members can be written to")
	}
	if len(c.Importers) > 0 && c.Own {
		bad("importers: a collection with own members holds nothing else")
	}
	if len(c.SpeaksFor) > 0 && !c.Own {
		bad("speaks_for: only a collection with own members has writers")
	}
	for _, id := range c.SpeaksFor {
		if parsed, err := stix.ParseID(string(id)); err != nil || parsed.Type() != "identity" {
			bad("speaks_for %q: want the id of an identity", id)
		}
	}
	if c.Use < store.Knowledge || c.Use > store.Blocking {
		bad("use %v: want knowledge, detection or blocking", c.Use)
	}
	if c.TLP < stix.Clear || c.TLP > stix.Red {
		bad("tlp %v: want clear to red", c.TLP)
	}
	return errs
}
