package intake

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	maxPayload   = 8 << 20 // of a message to the embedded server
	identityKey  = "marque-stream"
	startTimeout = time.Minute // a long stream is read through after a crash
	dedupWindow  = 2 * time.Minute
)

// queue is the stream that holds events from their acknowledgement until their commit.
type queue struct {
	cfg    Config
	log    *slog.Logger
	server *server.Server // nil: external
	conn   *nats.Conn
	js     jetstream.JetStream
	stream jetstream.Stream
	id     string // of this stream, for good
	sync   *syncer
	last   atomic.Uint64 // the last message that was acknowledged to us
}

// openQueue starts or joins the server and opens the stream, making it where there is none.
func openQueue(ctx context.Context, cfg Config, log *slog.Logger) (*queue, error) {
	q := &queue{cfg: cfg, log: log}
	if err := q.connect(); err != nil {
		return nil, errors.Join(err, q.close())
	}
	if err := q.open(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("event stream %s: %w", q.where(), err), q.close())
	}
	if q.server != nil && cfg.Durability == Power {
		q.sync = newSyncer(filepath.Join(q.dir(), "jetstream", server.DEFAULT_GLOBAL_ACCOUNT, "streams", cfg.Stream, "msgs"))
	}
	return q, nil
}

// dir is where the embedded server keeps its streams.
func (q *queue) dir() string { return filepath.Join(q.cfg.Dir, "stream") }

// where names the stream for people.
func (q *queue) where() string {
	if q.server == nil {
		return q.cfg.URL + " " + q.cfg.Stream
	}
	return q.dir()
}

func (q *queue) connect() error {
	opts := []nats.Option{nats.Name("marque intake"), nats.MaxReconnects(-1), nats.ReconnectWait(time.Second)}
	if q.cfg.URL == "" {
		if err := q.start(); err != nil {
			return err
		}
		opts = append(opts, nats.InProcessServer(q.server))
	}
	if q.cfg.Credentials != "" {
		opts = append(opts, nats.UserCredentials(q.cfg.Credentials))
	}
	if q.server != nil && q.cfg.Token != "" {
		opts = append(opts, nats.Token(q.cfg.Token))
	}
	var err error
	if q.conn, err = nats.Connect(q.cfg.URL, opts...); err != nil {
		return fmt.Errorf("connect to NATS: %w", err)
	}
	q.js, err = jetstream.New(q.conn, jetstream.WithPublishAsyncMaxPending(maxPending))
	if err != nil {
		return fmt.Errorf("connect to NATS: %w", err)
	}
	return nil
}

// maxPending is more messages than the memory for requests can hold, so that publishing never waits there.
const maxPending = 1 << 20

// start runs the embedded server.
func (q *queue) start() error {
	opts := &server.Options{
		ServerName: "marque", DontListen: q.cfg.Listen == "", NoSigs: true, JetStream: true, StoreDir: q.dir(),
		JetStreamMaxStore: q.cfg.Backlog + 1<<30, MaxPayload: maxPayload, SyncInterval: time.Second, Authorization: q.cfg.Token,
	}
	if q.cfg.Listen != "" {
		host, port, err := net.SplitHostPort(q.cfg.Listen)
		if err != nil {
			return fmt.Errorf("nats_listen: %w", err)
		}
		n, err := strconv.Atoi(port)
		if err != nil {
			return fmt.Errorf("nats_listen: %w", err)
		}
		opts.Host, opts.Port = host, n
		if n == 0 {
			opts.Port = server.RANDOM_PORT
		}
	}
	s, err := server.NewServer(opts)
	if err != nil {
		return fmt.Errorf("start event stream: %w", err)
	}
	s.SetLogger(serverLog{q.log}, false, false)
	q.server = s
	s.Start()
	if !s.ReadyForConnections(startTimeout) {
		return fmt.Errorf("start event stream %s: not ready after %v", q.dir(), startTimeout)
	}
	if !s.JetStreamEnabled() {
		return fmt.Errorf("start event stream %s: %w: storage could not be opened, see the log", q.dir(), ErrDamaged)
	}
	return nil
}

// open finds or makes the stream.
func (q *queue) open(ctx context.Context) error {
	s, err := q.js.Stream(ctx, q.cfg.Stream)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return q.create(ctx)
	}
	if err != nil {
		return err
	}
	conf := s.CachedInfo().Config
	if id := conf.Metadata[identityKey]; id != "" {
		q.stream, q.id = s, id
		if conf.MaxBytes == q.cfg.Backlog {
			return nil
		}
		conf.MaxBytes = q.cfg.Backlog
		_, err = q.js.UpdateStream(ctx, conf)
		return err
	}
	return fmt.Errorf("stream %s was not made by Marque: name another", q.cfg.Stream)
}

// create makes the stream under a new identity.
func (q *queue) create(ctx context.Context) error {
	id := strings.ReplaceAll(uuid.NewString(), "-", "")[:16]
	s, err := q.js.CreateStream(ctx, jetstream.StreamConfig{
		Name: q.cfg.Stream, Subjects: []string{q.cfg.Subject}, Storage: jetstream.FileStorage, Retention: jetstream.LimitsPolicy,
		Discard: jetstream.DiscardNew, MaxBytes: q.cfg.Backlog, Duplicates: dedupWindow, Replicas: q.cfg.Replicas,
		Metadata: map[string]string{identityKey: id}, AllowDirect: true,
	})
	if err != nil {
		return err
	}
	q.stream, q.id = s, id
	return nil
}

// renew replaces the stream with an empty one under a new identity.
func (q *queue) renew(ctx context.Context) error {
	if err := q.js.DeleteStream(ctx, q.cfg.Stream); err != nil {
		return err
	}
	return q.create(ctx)
}

// publish stores messages and returns when all of them are durable, and how many the stream knew already.
func (q *queue) publish(ctx context.Context, msgs []*nats.Msg) (known int, err error) {
	acks := make([]jetstream.PubAckFuture, len(msgs))
	for i, m := range msgs {
		if acks[i], err = q.js.PublishMsgAsync(m); err != nil {
			return 0, publishError(err)
		}
	}
	for _, a := range acks {
		select {
		case ack := <-a.Ok():
			if ack.Duplicate {
				known++
			}
			q.reached(ack.Sequence)
		case err := <-a.Err():
			return 0, publishError(err)
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
	if q.sync != nil {
		if err := q.sync.wait(ctx); err != nil {
			return 0, fmt.Errorf("event stream %s: %w", q.where(), err)
		}
	}
	return known, nil
}

func (q *queue) reached(seq uint64) {
	for {
		last := q.last.Load()
		if seq <= last || q.last.CompareAndSwap(last, seq) {
			return
		}
	}
}

// publishError tells a full stream and a full disk from other faults. A server sends codes; what made it fail to store is told in
// its words alone, which are compared with those of the server that is built in.
func publishError(err error) error {
	api := new(jetstream.APIError)
	if !errors.As(err, &api) {
		return fmt.Errorf("event stream: %w", err)
	}
	switch server.ErrorIdentifier(api.ErrorCode) {
	case server.JSStreamStoreFailedF:
		switch what := api.Description; {
		case what == server.ErrMaxBytes.Error(), what == server.ErrMaxMsgs.Error():
			return fmt.Errorf("%w in the event stream", ErrBusy)
		case strings.HasSuffix(what, syscall.ENOSPC.Error()):
			return fmt.Errorf("event stream: %w: %w", ErrFull, err)
		}
	case server.JSInsufficientResourcesErr, server.JSAccountResourcesExceededErr, server.JSStorageResourcesExceededErr:
		return fmt.Errorf("event stream: %w: %w", ErrFull, err)
	}
	return fmt.Errorf("event stream: %w", err)
}

// alive reports a storage that gave up.
func (q *queue) alive() error {
	if q.server != nil && !q.server.JetStreamEnabled() {
		return fmt.Errorf("event stream %s: %w: its storage gave up, see the log", q.where(), ErrFull)
	}
	return nil
}

func (q *queue) state(ctx context.Context) (jetstream.StreamState, error) {
	info, err := q.stream.Info(ctx)
	if err != nil {
		return jetstream.StreamState{}, fmt.Errorf("event stream %s: %w", q.where(), err)
	}
	return info.State, nil
}

// messages reads the stream from a sequence number on, in order.
func (q *queue) messages(ctx context.Context, from uint64) (jetstream.MessagesContext, error) {
	c, err := q.stream.OrderedConsumer(ctx, jetstream.OrderedConsumerConfig{DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: from})
	if err != nil {
		return nil, fmt.Errorf("event stream %s: %w", q.where(), err)
	}
	m, err := c.Messages(jetstream.PullMaxBytes(16 << 20))
	if err != nil {
		return nil, fmt.Errorf("event stream %s: %w", q.where(), err)
	}
	return m, nil
}

// forget removes what was committed.
func (q *queue) forget(ctx context.Context, until uint64) error {
	return q.stream.Purge(ctx, jetstream.WithPurgeSequence(until+1))
}

func (q *queue) close() error {
	var err error
	if q.sync != nil {
		err = q.sync.close()
	}
	if q.conn != nil {
		q.conn.Close()
	}
	if q.server != nil {
		q.server.Shutdown()
		q.server.WaitForShutdown()
	}
	return err
}

// clientURL is where NATS clients reach the embedded server; empty where they do not.
func (q *queue) clientURL() string {
	if q.server == nil || q.cfg.Listen == "" {
		return ""
	}
	return q.server.ClientURL()
}

// checkListen refuses to listen beyond this machine without a token.
func checkListen(addr, token string) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("nats_listen %q: want host:port", addr)
	}
	ip := net.ParseIP(host)
	if host != "localhost" && (ip == nil || !ip.IsLoopback()) && token == "" {
		return fmt.Errorf("nats_listen %q reaches beyond this machine: set nats_token", addr)
	}
	return nil
}

// serverLog hands the embedded server's warnings and errors to ours; they name files of the stream that are damaged.
type serverLog struct{ log *slog.Logger }

func (l serverLog) Noticef(format string, v ...any) {
	l.log.Debug("nats: " + fmt.Sprintf(format, v...))
}

func (l serverLog) Warnf(format string, v ...any) { l.log.Warn("nats: " + fmt.Sprintf(format, v...)) }

func (l serverLog) Fatalf(format string, v ...any) { l.log.Error("nats: " + fmt.Sprintf(format, v...)) }

func (l serverLog) Errorf(format string, v ...any) { l.log.Error("nats: " + fmt.Sprintf(format, v...)) }
func (l serverLog) Debugf(string, ...any)          {}
func (l serverLog) Tracef(string, ...any)          {}
