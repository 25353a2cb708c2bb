package taxii

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"marque/ingest/bundle"
	"marque/internal/guard"
	"marque/stix"
)

// Sentinels.
var (
	// ErrLoop is a server whose pages lead nowhere.
	ErrLoop = errors.New("the server's pages do not advance")
	// ErrRefused is an answer that asking again will not change: no access, not there, not TAXII.
	ErrRefused = errors.New("the server refuses")
	// ErrVersion is a server of TAXII 2.0.
	ErrVersion = fmt.Errorf("the server speaks TAXII 2.0 here, only 2.1 is read: ask its owner for another address: %w", ErrRefused)
	// ErrUnavailable is a server that did not answer well, however often it was asked.
	ErrUnavailable = errors.New("the server is not available")
	// ErrTooLarge is a page or a collection over a limit.
	ErrTooLarge = errors.New("over the limit")
	// ErrElsewhere is an API root on another server than the one that the user named.
	ErrElsewhere = errors.New("the API root is on another server: name it to read it")
)

// Config says what to read and how. Only URL is needed.
type Config struct {
	// URL is that of a server (its discovery, or just its address), an API root or a collection.
	URL string
	// Collections are ids, titles or aliases. Empty: all that may be read.
	Collections []string

	User, Password string // HTTP Basic
	Token          string // Bearer, instead
	Guard          guard.Config

	// TLP is the level of objects without a marking of their own.
	TLP stix.TLP
	// Lift turns STIX 2.0 objects into 2.1; nil keeps them as they are.
	Lift bundle.Lift
	// Limit is how many objects a page is asked to have. 0 is 1,000.
	Limit int
	// MaxPageBytes bounds a page. 0 is 256 MiB.
	MaxPageBytes int64
	// MaxPages bounds one run over a collection. 0 is 1,000,000.
	MaxPages int
	// Timeout bounds one request with its answer. 0 is five minutes.
	Timeout time.Duration
	// Attempts is how often a request is tried. 0 is six.
	Attempts int
	// MaxWait is the longest that a server may tell one to wait. 0 is ten minutes.
	MaxWait time.Duration
	// Rate bounds the requests per second. 0 is ten.
	Rate float64
	// Restart forgets where earlier runs ended.
	Restart bool
	// Progress is told after each page, and before each wait.
	Progress func(Progress)

	// Now, Sleep and Random are the clock and the dice; nil are the real ones.
	Now    func() time.Time
	Sleep  func(context.Context, time.Duration) error
	Random func() float64
}

// Progress is how far a collection was read.
type Progress struct {
	Collection Collection
	Pages      int
	Objects    int
	Wait       time.Duration // before the next request, where it must wait
	Reason     string        // for the wait
}

// Validate returns every problem at once.
func (c Config) Validate() error {
	var errs []error
	u, err := url.Parse(c.URL)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		errs = append(errs, fmt.Errorf("URL %q: want https://…", c.URL))
	} else {
		if u.User != nil {
			errs = append(errs, errors.New("URL: credentials do not belong in it"))
		}
		if u.Scheme == "http" && (c.User != "" || c.Token != "") && !inside(u.Hostname()) {
			errs = append(errs, errors.New("URL: credentials are not sent over plain HTTP"))
		}
	}
	if c.Token != "" && c.User != "" {
		errs = append(errs, errors.New("token and user: want one of them"))
	}
	if strings.Contains(c.User, ":") || strings.ContainsAny(c.User+c.Password+c.Token, "\r\n") {
		errs = append(errs, errors.New("user, password or token: has a character that HTTP cannot send"))
	}
	if c.Limit < 0 || c.MaxPageBytes < 0 || c.MaxPages < 0 || c.Attempts < 0 || c.Timeout < 0 || c.MaxWait < 0 || c.Rate < 0 {
		errs = append(errs, errors.New("limits: want zero or more"))
	}
	return errors.Join(errs...)
}

func inside(host string) bool {
	ip, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && !guard.Public(ip)
}

func (c Config) withDefaults() Config {
	if c.Limit == 0 {
		c.Limit = 1000
	}
	if c.MaxPageBytes == 0 {
		c.MaxPageBytes = 256 << 20
	}
	if c.MaxPages == 0 {
		c.MaxPages = 1_000_000
	}
	if c.Timeout == 0 {
		c.Timeout = 5 * time.Minute
	}
	if c.Attempts == 0 {
		c.Attempts = 6
	}
	if c.MaxWait == 0 {
		c.MaxWait = 10 * time.Minute
	}
	if c.Rate == 0 {
		c.Rate = 10
	}
	if c.Progress == nil {
		c.Progress = func(Progress) {}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Sleep == nil {
		c.Sleep = sleep
	}
	if c.Random == nil {
		c.Random = rand.Float64
	}
	return c
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
