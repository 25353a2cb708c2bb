// Package fetch is the one client through which things are fetched from outside.
//
// In goes an address, out comes a body. Addresses of this machine and of private networks are refused after their names are
// resolved, at the moment of connecting, so that neither a redirect nor a changing name leads inside. Sizes, times and
// redirects are bounded; nothing goes from https to http. Proxies of the environment are not used: they would connect to where
// this client may not.
package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// Sentinels.
var (
	// ErrRefused is an address that may not be fetched.
	ErrRefused = errors.New("address refused")
	// ErrTooLarge is a body over the limit.
	ErrTooLarge = errors.New("body too large")
	// ErrStatus is an answer other than 200.
	ErrStatus = errors.New("unexpected status")
)

// Config tunes a client. The zero Config works.
type Config struct {
	// AllowPrivate lets the client connect to this machine and to private networks.
	AllowPrivate bool
	// MaxBytes bounds a body. 0 is 1 GiB.
	MaxBytes int64
	// Timeout bounds a request from connecting to the last byte. 0 is 10 minutes.
	Timeout time.Duration
	// UserAgent is sent; empty is "marque".
	UserAgent string
	// Header is sent with each request to the host that the first address names, such as an authorization.
	Header http.Header
}

// Client fetches. It is safe for concurrent use.
type Client struct {
	cfg  Config
	http *http.Client
}

const maxRedirects = 5

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
	dialer := &net.Dialer{Timeout: 30 * time.Second}
	if !cfg.AllowPrivate {
		dialer.Control = refusePrivate
	}
	transport := &http.Transport{
		DialContext: dialer.DialContext, TLSHandshakeTimeout: 15 * time.Second, ResponseHeaderTimeout: time.Minute,
		IdleConnTimeout: time.Minute, MaxIdleConnsPerHost: 2, MaxResponseHeaderBytes: 1 << 20, ForceAttemptHTTP2: true,
	}
	return &Client{cfg: cfg, http: &http.Client{Transport: transport, CheckRedirect: checkRedirect}}
}

// refusePrivate looks at the address that is about to be connected to.
func refusePrivate(_, address string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("connect to %s: %w", address, ErrRefused)
	}
	if !Public(ap.Addr()) {
		return fmt.Errorf("connect to %s, which is not on the public internet: %w", ap.Addr(), ErrRefused)
	}
	return nil
}

// notPublic are the ranges of the IANA special-purpose registries that netip has no predicate for.
var notPublic = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("240.0.0.0/4"), netip.MustParsePrefix("64:ff9b::/96"),
	netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("fec0::/10"),
}

// Public tells whether an address is one of the public internet.
func Public(a netip.Addr) bool {
	a = a.Unmap()
	if !a.IsGlobalUnicast() || a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() {
		return false
	}
	for _, p := range notPublic {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

func checkRedirect(next *http.Request, via []*http.Request) error {
	switch {
	case len(via) >= maxRedirects:
		return fmt.Errorf("more than %d redirects: %w", maxRedirects, ErrRefused)
	case via[len(via)-1].URL.Scheme == "https" && next.URL.Scheme != "https":
		return fmt.Errorf("redirect from https to %s: %w", next.URL.Scheme, ErrRefused)
	}
	return checkURL(next.URL)
}

func checkURL(u *url.URL) error {
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return fmt.Errorf("%s: want http or https and a host: %w", u.Redacted(), ErrRefused)
	}
	return nil
}

// Get fetches a body. The caller closes it; reading past the limit is ErrTooLarge.
func (c *Client) Get(ctx context.Context, address string) (io.ReadCloser, error) {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil {
		return nil, fmt.Errorf("fetch: %w: %w", err, ErrRefused)
	}
	if err := checkURL(u); err != nil {
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
	resp, err := c.http.Do(req)
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
