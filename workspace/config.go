package workspace

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"

	"go.yaml.in/yaml/v3"

	"marque/alert"
	"marque/ingest/prose/propose"
	"marque/intake"
	"marque/stix"
)

// ConfigFile is the name of the configuration in the workspace's folder.
const ConfigFile = "config.yaml"

// Config is what a workspace itself is told by its configuration; servers have sections of their own beside it. [DefaultConfig] has
// the defaults.
type Config struct {
	// Name is the instance in checkpoints of the ledger and in exports.
	Name string `yaml:"name"`
	// TLP is the level of what is read without a marking of its own.
	TLP stix.TLP `yaml:"tlp"`
	// AllowLists are MISP warning lists (files): values that never match.
	AllowLists []string `yaml:"allow_lists"`
	// Mappings are further field mappings for event formats (files).
	Mappings []string `yaml:"event_mappings"`
	// Indicators says what becomes of the indicators that reports give.
	Indicators IndicatorsConfig `yaml:"indicators"`
	// Events are the settings of the event intake.
	Events EventsConfig `yaml:"events"`
	// Alerts are where hits of the intake go.
	Alerts alert.Config `yaml:"alerts"`
	// Proposer may propose claims of reports; nobody does without a URL.
	Proposer propose.Config `yaml:"proposer"`
}

// EventsConfig are the settings of the event intake of a server.
type EventsConfig struct {
	// Enabled starts the intake.
	Enabled bool `yaml:"enabled"`
	// Follow are folders whose event files are read as they grow.
	Follow []string `yaml:"follow"`
	// Hunt is auto (the default): indicators that arrive are looked up in the lake; off: they are not.
	Hunt string `yaml:"hunt"`
	// Intake is the rest: where the stream lies, how durable an acknowledgement is, NATS.
	Intake intake.Config `yaml:",inline"`
}

// DefaultConfig is the configuration of a workspace without one.
func DefaultConfig() Config { return Config{Name: "marque"} }

const configText = `# Marque's configuration. Every setting has a default; marque config check reads it.

# The name of this instance, in the ledger's checkpoints and in what it shares: letters, digits, dots, dashes, slashes.
name: marque

# The level of what is read without a TLP marking: clear, green, amber, amber+strict, red.
tlp: clear

# MISP warning lists (files): values that never count as a match.
allow_lists: []

# What reports give to look for: accept makes indicators of it at once (else marque indicators accept does), which expire so many days after
# the report, by kind; 0 is never.
indicators:
  accept: false
  expiry_days: {ip: 90, url: 180, domain: 365, email: 365, hash: 0}

# Further field mappings for event formats (files), see docs/events.md.
event_mappings: []

# Who may use marque serve, and up to which TLP level they see; marque user token NAME makes credentials.
auth:
  users: []

# Where marque serve listens, and what it offers over TAXII 2.1: docs/taxii.md.
serve:
  listen: 127.0.0.1:7490
taxii:
  title: Marque

# Taking events in over HTTP (POST /v1/events, users in the group sensors), from NATS and from folders: docs/events.md.
events:
  enabled: false
  follow: []
  hunt: auto

# A model that proposes claims of reports beside those that are read (an endpoint like OpenAI's, such as a server on this machine): docs/claims.md.
# Nothing is sent while url is empty, nor what is stricter than tlp.
proposer: {url: "", model: "", key_file: "", tlp: clear, max_bytes: 60000, timeout: 2m}

# Where hits go (file, syslog, webhook, nats, mail), each up to a TLP level: docs/alerts.md.
alerts:
  sinks: []
`

var nameForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._/-]*$`)

// ReadConfig reads a configuration file into a struct that may hold [Config] inline beside the sections of others. A missing or empty
// file leaves every default. Settings that the struct does not have are errors, each with its line.
func ReadConfig(path string, into any) error {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read configuration: %w", err)
	}
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	dec.KnownFields(true)
	err = dec.Decode(into)
	if wrong := new(yaml.TypeError); errors.As(err, &wrong) {
		for i, text := range wrong.Errors {
			wrong.Errors[i] = plainly(raw, unknownSetting.ReplaceAllString(text, "no setting is called $1"))
		}
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("configuration %s: %w", path, err)
	}
	return nil
}

// unknownSetting is how the YAML library tells of one: by the Go type that lacks it.
var unknownSetting = regexp.MustCompile(`field (\S+) not found in type \S+`)

// What the YAML library says of a value of the wrong kind: the line, the value and a Go type.
var wrongKind = regexp.MustCompile("^line ([0-9]+): cannot unmarshal !!\\w+ (`[^`]*` )?into (.+)$")

// kinds are what the types of settings want, in the words of the handbook.
var kinds = map[string]string{
	"time.Duration": "a length of time such as 30s, 15m or 2160h (90 days)", "bool": "true or false", "int": "a whole number", "int64": "a whole number",
	"string": "a text", "[]string": "a list such as [a, b]", "float64": "a number",
}

// plainly says in plain words that a setting has a value of the wrong kind: which setting, and what it wants.
func plainly(raw []byte, text string) string {
	m := wrongKind.FindStringSubmatch(text)
	if m == nil {
		return text
	}
	number, _ := strconv.Atoi(m[1])
	lines := bytes.Split(raw, []byte("\n"))
	if number < 1 || number > len(lines) {
		return text
	}
	name, _, _ := bytes.Cut(bytes.TrimLeft(lines[number-1], " -"), []byte(":"))
	return fmt.Sprintf("line %d: %s: %swant %s", number, name, m[2], cmp.Or(kinds[m[3]], "something else (docs/operating.md)"))
}

// CheckName refuses a name that an instance cannot have; an empty one is the default.
func CheckName(name string) error {
	if name != "" && !nameForm.MatchString(name) {
		return fmt.Errorf("name %q: want letters, digits, dots, dashes and slashes", name)
	}
	return nil
}

// Validate returns every problem at once. Relative paths are taken from dir, the workspace's folder.
func (c *Config) Validate(dir string) error {
	const follow = "events: follow"
	var errs []error
	if c.Name == "" {
		errs = append(errs, errors.New("name: want one"))
	}
	errs = append(errs, CheckName(c.Name))
	for setting, files := range map[string][]string{"allow_lists": c.AllowLists, "event_mappings": c.Mappings, follow: c.Events.Follow} {
		for i, f := range files {
			if !filepath.IsAbs(f) {
				files[i] = filepath.Join(dir, f)
			}
			info, err := os.Stat(files[i])
			switch {
			case err != nil:
				errs = append(errs, fmt.Errorf("%s: %w", setting, err))
			case info.IsDir() != (setting == follow):
				errs = append(errs, fmt.Errorf("%s: %s: want %s", setting, files[i], map[bool]string{true: "a folder", false: "a file"}[setting == follow]))
			}
		}
	}
	if err := c.Indicators.Validate(); err != nil {
		errs = append(errs, err)
	}
	if err := c.Events.validate(); err != nil {
		errs = append(errs, fmt.Errorf("events: %w", err))
	}
	c.Alerts.Resolve(dir)
	if err := c.Alerts.Validate(); err != nil {
		errs = append(errs, fmt.Errorf("alerts: %w", err))
	}
	if c.Proposer.URL != "" {
		if f := c.Proposer.KeyFile; f != "" && !filepath.IsAbs(f) {
			c.Proposer.KeyFile = filepath.Join(dir, f)
		}
		if _, err := propose.NewEndpoint(c.Proposer); err != nil {
			errs = append(errs, err)
		}
	}
	if len(c.Alerts.Sinks) > 0 && !c.Events.Enabled {
		errs = append(errs, errors.New("alerts: sinks: want events: enabled, for hits of the intake go there"))
	}
	return errors.Join(errs...)
}

func (c EventsConfig) validate() error {
	if c.Hunt != "" && c.Hunt != "auto" && c.Hunt != "off" {
		return fmt.Errorf("hunt %q: want auto or off", c.Hunt)
	}
	if !c.Enabled {
		return nil
	}
	in := c.Intake
	in.Dir = cmp.Or(in.Dir, "intake") // the default is made when it is opened
	return in.Validate()
}
