package alert

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"os"
	"time"
)

// network is how long a connection, and what is sent over it, may take.
const network = 30 * time.Second

// security is how a sink's connections are kept from others; nil where it does without.
func (s *Sink) security() (*tls.Config, error) {
	if s.Plain {
		return nil, nil
	}
	host, _, err := net.SplitHostPort(s.Address)
	if err != nil {
		return nil, fmt.Errorf("address %q: %w", s.Address, err)
	}
	cfg := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: host}
	if s.CA != "" {
		pem, err := os.ReadFile(s.CA)
		if err != nil {
			return nil, fmt.Errorf("ca: %w", err)
		}
		cfg.RootCAs = x509.NewCertPool()
		if !cfg.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("ca %s: holds no certificate", s.CA)
		}
	}
	if s.Certificate != "" {
		cert, err := tls.LoadX509KeyPair(s.Certificate, s.Key)
		if err != nil {
			return nil, fmt.Errorf("certificate and key: %w", err)
		}
		cfg.Certificates = []tls.Certificate{cert}
	}
	return cfg, nil
}

// dial connects to the sink's address, with a deadline for all that follows.
func (s *Sink) dial(ctx context.Context, cfg *tls.Config) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, network)
	defer cancel()
	var conn net.Conn
	var err error
	if cfg == nil {
		conn, err = new(net.Dialer).DialContext(ctx, "tcp", s.Address)
	} else {
		conn, err = (&tls.Dialer{Config: cfg}).DialContext(ctx, "tcp", s.Address)
	}
	if err != nil {
		return nil, err
	}
	return conn, conn.SetDeadline(time.Now().Add(network))
}
