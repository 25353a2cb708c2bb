// Package fetch gets files from outside, through clients of package guard.
//
// In goes an address, out comes a body. Where the client may connect to, and what redirects it follows, is guard's to say; this
// package bounds sizes and times, and keeps a connection per server open from one file to the next.
package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"marque/internal/guard"
)

// Sentinels.
var (
	// ErrRefused is an address that is none of the web.
	ErrRefused = errors.New("address refused")
	// ErrTooLarge is a body over the limit.
	ErrTooLarge = errors.New("body too large")
	// ErrStatus is an answer other than 200.
	ErrStatus = errors.New("unexpected status")
)

// Config tunes a client. The zero Config works.
type Config struct {
	// AllowPrivate lets names resolve to this machine and to private networks.
	AllowPrivate bool
	// MaxBytes bounds a body. 0 is 1 GiB.
	MaxBytes int64
	// Timeout bounds a request from connecting to the last byte. 0 is 10 minutes.
	Timeout time.Duration
	// UserAgent is sent; empty is "marque".
	UserAgent string
	// Header is sent with each request, such as an authorization.
	Header http.Header
}

// maxServers bounds how many servers are remembered.
const maxServers = 100

// Client fetches. It is safe for concurrent use.
type Client struct {
	cfg Config

	mu      sync.Mutex
	servers map[string]*http.Client // by scheme and host
}

// New makes a client.
func New(cfg Config) *Client {
	if cfg.MaxBytes <= 0 {
		cfg.MaxBytes = 1 << 30
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = 10 * time.Minute
	}
	if cfg.UserAgent == "" {
		cfg.UserAgent = "marque"
	}
	return &Client{cfg: cfg, servers: map[string]*http.Client{}}
}

// server is the client for the server of an address.
func (c *Client) server(u *url.URL) (*http.Client, error) {
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("%s: want http or https and a host: %w", u.Redacted(), ErrRefused)
	}
	key := u.Scheme + "://" + u.Host
	c.mu.Lock()
	defer c.mu.Unlock()
	if h, ok := c.servers[key]; ok {
		return h, nil
	}
	h, err := guard.Client(u, guard.Config{AllowPrivate: c.cfg.AllowPrivate})
	if err == nil && len(c.servers) < maxServers {
		c.servers[key] = h
	}
	return h, err
}

// Get fetches a body. The caller closes it; reading past the limit is ErrTooLarge.
func (c *Client) Get(ctx context.Context, address string) (io.ReadCloser, error) {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil {
		return nil, fmt.Errorf("fetch: %w: %w", err, ErrRefused)
	}
	server, err := c.server(u)
	if err != nil {
		return nil, fmt.Errorf("fetch: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		cancel()
		return nil, fmt.Errorf("fetch %s: %w", u.Redacted(), err)
	}
	maps.Copy(req.Header, c.cfg.Header)
	req.Header.Set("User-Agent", c.cfg.UserAgent)
	resp, err := server.Do(req)
	if err != nil {
		cancel()
		return nil, fmt.Errorf("fetch %s: %w", u.Redacted(), err)
	}
	if resp.StatusCode != http.StatusOK {
		_ = resp.Body.Close()
		cancel()
		return nil, fmt.Errorf("fetch %s: %s: %w", u.Redacted(), resp.Status, ErrStatus)
	}
	return &body{r: resp.Body, left: c.cfg.MaxBytes, cancel: cancel}, nil
}

// body bounds what is read.
type body struct {
	r      io.ReadCloser
	left   int64
	cancel context.CancelFunc
}

func (b *body) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, ErrTooLarge
	}
	n, err := b.r.Read(p[:min(int64(len(p)), b.left+1)])
	if b.left -= int64(n); b.left < 0 {
		return n - 1, ErrTooLarge
	}
	return n, err
}

func (b *body) Close() error {
	defer b.cancel()
	return b.r.Close()
}
