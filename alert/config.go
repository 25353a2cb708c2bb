package alert

import (
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"marque/stix"
)

// Config is where hits go. The zero Config sends them nowhere.
type Config struct {
	Sinks []Sink `yaml:"sinks"`
}

// Kind says what a sink is.
type Kind string

// The kinds of sinks.
const (
	File    Kind = "file"
	Syslog  Kind = "syslog"
	Webhook Kind = "webhook"
	NATS    Kind = "nats"
	Mail    Kind = "mail"
)

// Sink is one place where hits go. Secrets stand in files of their own, which nobody else can read.
type Sink struct {
	// Name stands in logs, metrics and positions: a sink with another name begins anew.
	Name string `yaml:"name"`
	Kind Kind   `yaml:"kind"`
	// TLP is the highest level that goes there; clear where it is not set.
	TLP  stix.TLP `yaml:"tlp"`
	Only Filter   `yaml:"only"`

	// Path is the file; RotateBytes the size at which it is put aside (zero: 64 MiB), Keep how many such files stay (zero: 10).
	Path        string `yaml:"path"`
	RotateBytes int64  `yaml:"rotate_bytes"`
	Keep        int    `yaml:"keep"`

	// URL is that of the webhook, or of the NATS server. SecretFile holds the key of the webhook's signature.
	URL        string `yaml:"url"`
	SecretFile string `yaml:"secret_file"`

	// Address is host:port of the syslog receiver or the SMTP server. CA is a PEM file of who signs its certificate (empty: the
	// system's), Certificate and Key are those to show to it. Plain does without TLS, which is refused beyond this machine.
	Address     string `yaml:"address"`
	CA          string `yaml:"ca"`
	Certificate string `yaml:"certificate"`
	Key         string `yaml:"key"`
	Plain       bool   `yaml:"plain"`

	// Subject is the NATS subject; Credentials a file for that server; Stream says that a stream takes the subject, and has to acknowledge.
	Subject     string `yaml:"subject"`
	Credentials string `yaml:"credentials"`
	Stream      bool   `yaml:"stream"`

	// From and To are mailboxes; User and PasswordFile sign in to the SMTP server; Every is the least time between two mails (zero: five minutes).
	From         string        `yaml:"from"`
	To           []string      `yaml:"to"`
	User         string        `yaml:"user"`
	PasswordFile string        `yaml:"password_file"`
	Every        time.Duration `yaml:"every"`
}

// DefaultEvery is the least time between two mails.
const DefaultEvery = 5 * time.Minute

var nameForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// Resolve takes relative paths from a folder.
func (c *Config) Resolve(dir string) {
	for i := range c.Sinks {
		s := &c.Sinks[i]
		for _, p := range []*string{&s.Path, &s.SecretFile, &s.CA, &s.Certificate, &s.Key, &s.Credentials, &s.PasswordFile} {
			if *p != "" && !filepath.IsAbs(*p) {
				*p = filepath.Join(dir, *p)
			}
		}
	}
}

// Validate returns every problem at once.
func (c Config) Validate() error {
	var errs []error
	names, paths := map[string]bool{}, map[string]bool{}
	for i := range c.Sinks {
		s := &c.Sinks[i]
		bad := func(format string, args ...any) {
			errs = append(errs, fmt.Errorf("sink %d (%q): %w", i+1, s.Name, fmt.Errorf(format, args...)))
		}
		if !nameForm.MatchString(s.Name) {
			bad("name: want letters, digits, dots and dashes")
		}
		if names[s.Name] {
			bad("name is there twice")
		}
		names[s.Name] = true
		if s.TLP < stix.Clear || s.TLP > stix.Red {
			bad("tlp %v: want clear to red", s.TLP)
		}
		if s.RotateBytes < 0 || s.Keep < 0 || s.Every < 0 {
			bad("rotate_bytes %d, keep %d, every %v: want zero or more", s.RotateBytes, s.Keep, s.Every)
		}
		s.Only.check(bad)
		s.check(bad)
		for _, f := range []struct{ setting, path string }{{"secret_file", s.SecretFile}, {"ca", s.CA}, {"certificate", s.Certificate}, {"key", s.Key}, {"credentials", s.Credentials}, {"password_file", s.PasswordFile}} {
			if f.path == "" {
				continue
			}
			if _, err := os.Stat(f.path); err != nil {
				bad("%s: %w", f.setting, err)
			}
		}
		if s.Kind == File && paths[s.Path] {
			bad("path %s: another sink writes there", s.Path)
		}
		paths[s.Path] = true
	}
	return errors.Join(errs...)
}

// check looks at the settings of the sink's kind.
func (s *Sink) check(bad func(string, ...any)) {
	switch s.Kind {
	case File:
		if s.Path == "" {
			bad("path: want a file")
		}
	case Webhook:
		u, err := url.Parse(s.URL)
		if err != nil || u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
			bad("url %q: want https://…, or http:// on this machine", s.URL)
		}
		if s.SecretFile == "" {
			bad("secret_file: want a file with the key of the signature")
		}
	case NATS:
		if s.URL == "" {
			bad("url: want that of a NATS server")
		}
		if s.Subject == "" || strings.ContainsAny(s.Subject, "*> \t\r\n") {
			bad("subject %q: want one without * and >", s.Subject)
		}
	case Syslog:
		s.checkAddress(bad)
	case Mail:
		s.checkAddress(bad)
		for _, box := range append([]string{s.From}, s.To...) {
			if a, err := mail.ParseAddress(box); err != nil || strings.ContainsAny(a.Address, "\r\n") {
				bad("from and to: %q is no mailbox", box)
			}
		}
		if len(s.To) == 0 {
			bad("to: want at least one mailbox")
		}
		if (s.User == "") != (s.PasswordFile == "") {
			bad("user and password_file: want both or none")
		}
	default:
		bad("kind %q: want %s, %s, %s, %s or %s", s.Kind, File, Syslog, Webhook, NATS, Mail)
	}
}

func (s *Sink) checkAddress(bad func(string, ...any)) {
	host, _, err := net.SplitHostPort(s.Address)
	if err != nil || host == "" {
		bad("address %q: want host:port", s.Address)
	}
	if s.Plain && !loopback(host) {
		bad("plain: %s is not this machine, and what goes there must not be read on the way", host)
	}
	if (s.Certificate == "") != (s.Key == "") {
		bad("certificate and key: want both or none")
	}
}

func loopback(host string) bool {
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Filter chooses among the hits. Its lists are joined by AND, the values of one by OR; an empty list lets everything pass.
type Filter struct {
	Actors     []string   `yaml:"actors"`     // names, in any case
	Sponsors   []string   `yaml:"sponsors"`   // states, as hits spell them
	Levels     []stix.TLP `yaml:"levels"`     // of the indicator
	Kinds      []string   `yaml:"kinds"`      // of the value: ipv4, domain, url, sha256, …
	Techniques []string   `yaml:"techniques"` // ATT&CK; T1566 takes T1566.001 too
	// Confidence is the least confidence of the indicator; above zero, those without one stay out.
	Confidence int `yaml:"confidence"`
	// FirstPerDay lets the first hit of an indicator at a host (or address) pass, and no other of the same day, UTC, of the event.
	FirstPerDay bool `yaml:"first_per_day"`
}

func (f *Filter) check(bad func(string, ...any)) {
	for _, l := range f.Levels {
		if l < stix.Clear || l > stix.Red {
			bad("only: levels: %v: want clear to red", l)
		}
	}
	if f.Confidence < 0 || f.Confidence > 100 {
		bad("only: confidence %d: want 0 to 100", f.Confidence)
	}
	for _, k := range f.Kinds {
		if !knownKind(k) {
			bad("only: kinds: %q is none of those that hits have", k)
		}
	}
}
