package intake

import (
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"time"

	"marque/event"
	"marque/lake"
	"marque/match"
)

// Durability says what an acknowledgement over HTTP outlives.
type Durability string

// Durabilities.
const (
	// Power: the events are on the disk itself, and outlive a power cut. Requests that wait at the same time share one fsync.
	Power Durability = "power"
	// Process: the events are with the operating system, and outlive the death of the process, not that of the machine; what
	// was written in the last second may be lost then.
	Process Durability = "process"
)

// Config is how events are taken in. The zero value works.
type Config struct {
	// Dir holds the stream and the journal.
	Dir string `yaml:"dir"`
	// URL is that of a NATS server with JetStream to use instead of the embedded one; Credentials is a file for it.
	URL         string `yaml:"nats_url"`
	Credentials string `yaml:"nats_credentials"`
	// Replicas of the stream, on a cluster. Zero is one.
	Replicas int `yaml:"nats_replicas"`
	// Listen is host:port where the embedded server takes NATS clients; empty: it does not. Token is what they have to
	// show, and must be set beyond this machine.
	Listen string `yaml:"nats_listen"`
	Token  string `yaml:"nats_token"`
	// Stream is the stream's name, and Subject what it takes in. Instances that share a server need their own.
	Stream  string `yaml:"stream"`
	Subject string `yaml:"subject"`

	// Durability of an acknowledgement; empty is Power. It is the embedded server's; another one is set up by its owner.
	Durability Durability `yaml:"durability"`
	// Backlog is how many bytes (compressed) may wait in the stream. Zero is 8 GiB.
	Backlog int64 `yaml:"backlog"`
	// MinFree is how much room on the disk is left alone. Zero is 256 MiB.
	MinFree int64 `yaml:"min_free"`
	// Memory bounds the requests under way together, uncompressed. Zero is 256 MiB.
	Memory int64 `yaml:"memory"`
	// MaxBody is the size of one request, uncompressed. Zero is 32 MiB.
	MaxBody int64 `yaml:"max_body"`
	// MaxLine is the longest line. Zero is 1 MiB.
	MaxLine int `yaml:"max_line"`

	// Workers match. Zero is GOMAXPROCS.
	Workers int `yaml:"workers"`
	// Segment is how long events wait at most for their commit while others arrive. Zero is five seconds.
	Segment time.Duration `yaml:"segment"`
	// SegmentBytes is the size at which a segment is committed earlier, uncompressed. Zero is 512 MiB.
	SegmentBytes int64 `yaml:"segment_bytes"`
	// Remember is of how many messages the identities are kept. Zero is 262,144.
	Remember int `yaml:"remember"`
	// Retry is how long the consumer rests after a fault. Zero is two seconds.
	Retry time.Duration `yaml:"retry"`
	// Poll is how often a followed folder is looked at. Zero is one second.
	Poll time.Duration `yaml:"poll"`
	// Quiet is how long the end of a followed file must rest until its last line counts without a newline. Zero is a minute.
	Quiet time.Duration `yaml:"quiet"`

	// CompactEvery is how often the lake's small files are joined, those of hours that ended an hour ago or earlier. Zero is ten
	// minutes. NoCompact leaves them.
	CompactEvery time.Duration `yaml:"compact_every"`
	NoCompact    bool          `yaml:"no_compact"`
	// KeepFor is how long events stay in the lake, and KeepBytes how large it may be before its oldest hours go. Zero is for good, and
	// any size.
	KeepFor   time.Duration `yaml:"keep_for"`
	KeepBytes int64         `yaml:"keep_bytes"`

	now  func() time.Time
	free func(dir string) (int64, error) // of the disk
}

// Deps are what an intake works with. Lake may be nil: then events are matched and not kept.
type Deps struct {
	Formats    *event.Formats
	Set        *match.Set      // hashing with the lake's seed, where there is a lake
	Patterns   *match.Patterns // those of Set; nil: patterns that arrive are not matched
	Indicators Indicators      // asked for what arrives; nil: Set stays as it is
	Mark       int64           // what of Indicators Set holds already
	Lake       *lake.Lake
	Log        *slog.Logger
}

func (c Config) withDefaults() Config {
	def(&c.Stream, "MARQUE_EVENTS")
	def(&c.Subject, "marque.events.>")
	def(&c.Replicas, 1)
	def(&c.Durability, Power)
	def(&c.Backlog, 8<<30)
	def(&c.MinFree, 256<<20)
	def(&c.Memory, 256<<20)
	def(&c.MaxBody, 32<<20)
	def(&c.MaxLine, match.DefaultMaxLine)
	def(&c.Workers, runtime.GOMAXPROCS(0))
	def(&c.Segment, 5*time.Second)
	def(&c.SegmentBytes, 512<<20)
	def(&c.Remember, 262_144)
	def(&c.Retry, 2*time.Second)
	def(&c.Poll, time.Second)
	def(&c.Quiet, time.Minute)
	def(&c.CompactEvery, 10*time.Minute)
	if c.now == nil {
		c.now = time.Now
	}
	if c.free == nil {
		c.free = diskFree
	}
	return c
}

func def[T comparable](v *T, value T) {
	var zero T
	if *v == zero {
		*v = value
	}
}

// Validate returns every problem at once.
func (c Config) Validate() error {
	c = c.withDefaults()
	var errs []error
	if c.Dir == "" {
		errs = append(errs, errors.New("dir: want a folder"))
	}
	if c.Durability != Power && c.Durability != Process {
		errs = append(errs, fmt.Errorf("durability %q: want %s or %s", c.Durability, Power, Process))
	}
	if c.URL != "" && c.Listen != "" {
		errs = append(errs, errors.New("nats_url and nats_listen: want one of them, the embedded server listens only where it runs"))
	}
	if c.Listen != "" {
		errs = append(errs, checkListen(c.Listen, c.Token))
	}
	for name, n := range map[string]int64{
		"backlog": c.Backlog, "min_free": c.MinFree, "memory": c.Memory, "max_body": c.MaxBody, "max_line": int64(c.MaxLine),
		"workers": int64(c.Workers), "segment": int64(c.Segment), "segment_bytes": c.SegmentBytes, "remember": int64(c.Remember),
		"retry": int64(c.Retry), "poll": int64(c.Poll), "quiet": int64(c.Quiet), "nats_replicas": int64(c.Replicas),
		"compact_every": int64(c.CompactEvery), "keep_for": int64(c.KeepFor), "keep_bytes": c.KeepBytes,
	} {
		if n < 0 {
			errs = append(errs, fmt.Errorf("%s: want zero or more", name))
		}
	}
	if c.MaxLine > maxPayload/2 {
		errs = append(errs, fmt.Errorf("max_line %d: want no more than %d", c.MaxLine, maxPayload/2))
	}
	if c.MaxBody > c.Memory {
		errs = append(errs, fmt.Errorf("max_body %d: want no more than memory %d", c.MaxBody, c.Memory))
	}
	return errors.Join(errs...)
}
