package serve

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// Config says where to listen. The zero Config listens on DefaultListen.
type Config struct {
	// Listen is host:port; empty is DefaultListen. Port 0 takes any free port.
	Listen string `yaml:"listen"`
	// Certificate and Key are PEM files for TLS.
	Certificate string `yaml:"certificate"`
	Key         string `yaml:"key"`
	// BehindProxy says that a proxy in front has TLS, so that plain HTTP is right on other addresses than this machine's.
	BehindProxy bool `yaml:"behind_proxy"`
	// Hosts are the names that requests may be for. Empty: any, but on 127.0.0.1 only those of this machine.
	Hosts []string `yaml:"hosts"`
	// Timeout bounds reading a request, and writing a response unless its handler extends it. Zero is a minute.
	Timeout time.Duration `yaml:"timeout"`
	// Metrics are the users and groups that may read /metrics from other machines. Nil is the groups metrics and sensors.
	Metrics []string `yaml:"metrics"`
	// Drain is how long ending waits for requests under way. Zero is ten seconds.
	Drain time.Duration `yaml:"drain"`
}

// DefaultListen is where a server listens that was told nothing.
const DefaultListen = "127.0.0.1:7490"

func (c Config) withDefaults() Config {
	if c.Listen == "" {
		c.Listen = DefaultListen
	}
	if c.Timeout == 0 {
		c.Timeout = time.Minute
	}
	if c.Drain == 0 {
		c.Drain = 10 * time.Second
	}
	if c.Metrics == nil {
		c.Metrics = []string{"metrics", "sensors"}
	}
	return c
}

// Validate returns every problem at once.
func (c Config) Validate() error {
	c = c.withDefaults()
	var errs []error
	host, _, err := net.SplitHostPort(c.Listen)
	if err != nil {
		errs = append(errs, fmt.Errorf("listen %q: want host:port", c.Listen))
	}
	if (c.Certificate == "") != (c.Key == "") {
		errs = append(errs, errors.New("certificate and key: want both or none"))
	}
	if err == nil && !loopback(host) && c.Certificate == "" && !c.BehindProxy {
		errs = append(errs, fmt.Errorf("listen %q reaches beyond this machine without TLS: set certificate and key, or behind_proxy", c.Listen))
	}
	if c.Timeout < 0 || c.Drain < 0 {
		errs = append(errs, fmt.Errorf("timeout %v, drain %v: want zero or more", c.Timeout, c.Drain))
	}
	return errors.Join(errs...)
}

func loopback(host string) bool {
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Room is a surface: what it answers to, as patterns of http.ServeMux, and the answers.
type Room interface {
	http.Handler
	Patterns() []string
}

// Server serves the rooms that are mounted on it.
type Server struct {
	log   *slog.Logger
	now   atomic.Pointer[settings]
	rooms atomic.Pointer[http.ServeMux]
	count counts
}

// settings are a configuration, and the certificate that it names.
type settings struct {
	Config
	cert *tls.Certificate // nil: no TLS
}

func load(cfg Config) (*settings, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("server: %w", err)
	}
	s := &settings{Config: cfg.withDefaults()}
	if cfg.Certificate == "" {
		return s, nil
	}
	cert, err := tls.LoadX509KeyPair(cfg.Certificate, cfg.Key)
	if err != nil {
		return nil, fmt.Errorf("server: serve: certificate and key: %w", err)
	}
	s.cert = &cert
	return s, nil
}

// New makes a server without rooms.
func New(cfg Config, log *slog.Logger) (*Server, error) {
	first, err := load(cfg)
	if err != nil {
		return nil, err
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	s := &Server{log: log, count: newCounts()}
	s.now.Store(first)
	s.rooms.Store(http.NewServeMux())
	return s, nil
}

// Config is what the server works with, with its defaults.
func (s *Server) Config() Config { return s.now.Load().Config }

// Mount puts rooms in the place of those that were there, for all requests that come from now on.
func (s *Server) Mount(rooms ...Room) {
	mux := http.NewServeMux()
	for _, r := range rooms {
		for _, p := range r.Patterns() {
			mux.Handle(p, r)
		}
	}
	s.rooms.Store(mux)
}

// Reload takes a new configuration, and reads the certificate again. It returns the settings that only a restart can change. A
// configuration with problems changes nothing.
func (s *Server) Reload(cfg Config) (restart []string, err error) {
	next, err := load(cfg)
	if err != nil {
		return nil, err
	}
	was := s.now.Load()
	for _, x := range []struct {
		name string
		same bool
	}{
		{"listen", next.Listen == was.Listen},
		{"timeout", next.Timeout == was.Timeout},
		{"certificate", (next.cert == nil) == (was.cert == nil)},
	} {
		if !x.same {
			restart = append(restart, "serve: "+x.name)
		}
	}
	next.Listen, next.Timeout = was.Listen, was.Timeout
	if (next.cert == nil) != (was.cert == nil) {
		next.cert = was.cert
	}
	s.now.Store(next)
	return restart, nil
}

// Run listens until ctx ends, tells ready the address (ready may be nil), and then waits for the requests under way, up to
// Config.Drain.
func (s *Server) Run(ctx context.Context, ready func(url string)) error {
	var lc net.ListenConfig
	cfg := s.now.Load()
	l, err := lc.Listen(ctx, "tcp", cfg.Listen)
	if err != nil {
		return fmt.Errorf("serve: listen %s: %w", cfg.Listen, err)
	}
	hs := &http.Server{
		Handler:           s.handler(),
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: cfg.Timeout, WriteTimeout: cfg.Timeout, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 64 << 10,
		ErrorLog:       slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
		BaseContext:    func(net.Listener) context.Context { return context.WithoutCancel(ctx) },
		TLSConfig: &tls.Config{
			MinVersion:     tls.VersionTLS12,
			GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return s.now.Load().cert, nil },
		},
	}
	scheme := "http"
	serve := func() error { return hs.Serve(l) }
	if cfg.cert != nil {
		scheme = "https"
		serve = func() error { return hs.ServeTLS(l, "", "") }
	}
	if ready != nil {
		ready(scheme + "://" + l.Addr().String())
	}
	done := make(chan error, 1)
	go func() { done <- serve() }()
	select {
	case err := <-done:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.now.Load().Drain)
	defer cancel()
	err = hs.Shutdown(drain)
	if err != nil { // requests that would not end
		err = fmt.Errorf("end serving: %w", errors.Join(err, hs.Close()))
	}
	if serr := <-done; !errors.Is(serr, http.ErrServerClosed) {
		err = errors.Join(err, serr)
	}
	return err
}

// handler wraps the surfaces in what all requests need.
func (s *Server) handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := &recorder{ResponseWriter: w}
		start := time.Now()
		s.count.inFlight.Inc()
		defer func() {
			p := recover()
			begun := rec.status != 0
			if p != nil && p != http.ErrAbortHandler { //nolint:errorlint // net/http compares so, too
				s.log.Error("request panicked", "path", r.URL.Path, "panic", p, "stack", string(debug.Stack()))
				if !begun {
					http.Error(rec, "internal error", http.StatusInternalServerError)
				}
			}
			s.count.answered(r, rec.status, time.Since(start))
			s.log.Info("request", "method", r.Method, "path", r.URL.Path, "status", rec.status, "bytes", rec.bytes,
				"took", time.Since(start), "from", r.RemoteAddr)
			if p != nil && begun {
				panic(http.ErrAbortHandler) // close the connection: the response is not whole
			}
		}()
		if !s.mayServe(r.Host) {
			http.Error(rec, "this server does not answer for "+r.Host, http.StatusMisdirectedRequest)
			return
		}
		s.rooms.Load().ServeHTTP(rec, r)
	})
}

func (s *Server) mayServe(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	cfg := s.now.Load()
	if len(cfg.Hosts) > 0 {
		return slices.ContainsFunc(cfg.Hosts, func(h string) bool { return strings.EqualFold(h, host) })
	}
	listen, _, _ := net.SplitHostPort(cfg.Listen)
	return !loopback(listen) || cfg.BehindProxy || loopback(strings.Trim(host, "[]"))
}

// recorder notes what was answered.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(p []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(p)
	r.bytes += int64(n)
	return n, err
}

// Unwrap is for http.ResponseController.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
