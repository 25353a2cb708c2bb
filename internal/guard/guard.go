// Package guard makes HTTP clients for addresses that users name, and that servers then lead on from.
//
// Such a client reaches the public internet. It reaches this machine and private networks only where the user named such an
// address, or allowed it: a public name that resolves to a private address is refused, after resolution and for every
// connection, so neither DNS nor a redirect leads inside. It follows redirects on the same server only: credentials go
// nowhere else.
package guard

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"syscall"
	"time"
)

// Sentinels.
var (
	// ErrPrivate is an address inside that the user did not name.
	ErrPrivate = errors.New("address is on this machine or in a private network")
	// ErrRedirect is a redirect to another server.
	ErrRedirect = errors.New("redirect to another server")
)

// Config adjusts a client. The zero value works.
type Config struct {
	// AllowPrivate lets names resolve to private addresses.
	AllowPrivate bool
	// CA is a PEM file with the authorities to trust instead of the system's.
	CA string
	// Certificate and Key are PEM files by which the client authenticates itself.
	Certificate string
	Key         string
	// HeaderTimeout is how long a server may think before it answers. Zero is a minute.
	HeaderTimeout time.Duration
}

// maxRedirects on one server.
const maxRedirects = 5

// Client makes a client for the server of a URL.
func Client(named *url.URL, cfg Config) (*http.Client, error) {
	conf := &tls.Config{MinVersion: tls.VersionTLS12}
	if cfg.CA != "" {
		pem, err := os.ReadFile(cfg.CA)
		if err != nil {
			return nil, fmt.Errorf("read certificate authorities: %w", err)
		}
		conf.RootCAs = x509.NewCertPool()
		if !conf.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("read certificate authorities: no certificate in %s", cfg.CA)
		}
	}
	if cfg.Certificate != "" || cfg.Key != "" {
		pair, err := tls.LoadX509KeyPair(cfg.Certificate, cfg.Key)
		if err != nil {
			return nil, fmt.Errorf("read client certificate: %w", err)
		}
		conf.Certificates = []tls.Certificate{pair}
	}
	if cfg.HeaderTimeout == 0 {
		cfg.HeaderTimeout = time.Minute
	}
	dialer := &net.Dialer{Timeout: 15 * time.Second, Control: func(_, address string, _ syscall.RawConn) error {
		return check(named.Hostname(), address, cfg.AllowPrivate)
	}}
	return &http.Client{
		Transport: &http.Transport{
			DialContext: dialer.DialContext, TLSClientConfig: conf, ForceAttemptHTTP2: true, TLSHandshakeTimeout: 15 * time.Second,
			ResponseHeaderTimeout: cfg.HeaderTimeout, IdleConnTimeout: time.Minute, MaxResponseHeaderBytes: 256 << 10,
		},
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if len(via) > maxRedirects {
				return fmt.Errorf("more than %d redirects: %w", maxRedirects, ErrRedirect)
			}
			if !Same(via[0].URL, r.URL) {
				return fmt.Errorf("%s://%s leads to %s://%s: %w", via[0].URL.Scheme, via[0].URL.Host, r.URL.Scheme, r.URL.Host, ErrRedirect)
			}
			return nil
		},
	}, nil
}

// Same tells whether two URLs are of one server: scheme, host and port.
func Same(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && strings.EqualFold(hostPort(a), hostPort(b))
}

func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return net.JoinHostPort(u.Hostname(), port)
}

// check looks at an address after the name was resolved, right before the connection.
func check(named, address string, allowPrivate bool) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	ip := ap.Addr().Unmap().WithZone("")
	if allowPrivate || Public(ip) {
		return nil
	}
	if lit, err := netip.ParseAddr(named); err == nil && lit.Unmap().WithZone("") == ip {
		return nil
	}
	if strings.EqualFold(named, "localhost") && ip.IsLoopback() {
		return nil
	}
	return fmt.Errorf("%s is %s: %w", named, ip, ErrPrivate)
}

// Public tells whether an address belongs to the public internet (IANA special-purpose address registries).
func Public(ip netip.Addr) bool {
	ip = ip.Unmap()
	if !ip.IsGlobalUnicast() || ip.IsPrivate() {
		return false
	}
	for _, p := range special() {
		if p.Contains(ip) {
			return false
		}
	}
	return true
}

func special() []netip.Prefix {
	return []netip.Prefix{
		netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
		netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("198.51.100.0/24"),
		netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"),
		// IPv6 that carries an IPv4 address, which may be a private one, and what is reserved.
		netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("2002::/16"),
		netip.MustParsePrefix("2001::/23"), netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("100::/64"),
		netip.MustParsePrefix("::/96"), netip.MustParsePrefix("fec0::/10"),
	}
}
