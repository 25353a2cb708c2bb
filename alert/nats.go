package alert

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// subject publishes to a NATS subject. Each message has the alert's id as Nats-Msg-Id, by which a stream knows one that comes again.
type subject struct {
	Sink
	conn *nats.Conn // nil: none yet
}

func newNATS(s Sink) *subject { return &subject{Sink: s} }

func (n *subject) send(ctx context.Context, list []Alert) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, network)
	defer cancel()
	if err := n.connect(); err != nil {
		return 0, err
	}
	if n.Stream {
		return n.toStream(ctx, list)
	}
	for i := range list {
		msg, err := n.message(&list[i])
		if err == nil {
			err = n.conn.PublishMsg(msg)
		}
		if err != nil {
			return 0, err
		}
	}
	// The server has them when it answers what was sent behind them.
	if err := n.conn.FlushWithContext(ctx); err != nil {
		return 0, err
	}
	if err := n.conn.LastError(); err != nil { // what it has no rights to
		_ = n.close()
		return 0, err
	}
	return len(list), nil
}

func (n *subject) toStream(ctx context.Context, list []Alert) (int, error) {
	js, err := jetstream.New(n.conn)
	if err != nil {
		return 0, err
	}
	for i := range list {
		msg, err := n.message(&list[i])
		if err != nil {
			return i, err
		}
		if _, err := js.PublishMsg(ctx, msg); err != nil {
			return i, fmt.Errorf("subject %s: %w", n.Subject, err)
		}
	}
	return len(list), nil
}

func (n *subject) message(a *Alert) (*nats.Msg, error) {
	data, err := json.Marshal(a)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	msg := nats.NewMsg(n.Subject)
	msg.Data = data
	msg.Header.Set(nats.MsgIdHdr, a.ID)
	return msg, nil
}

// connect connects anew where there is no connection, or a broken one: what waits in that one may be lost.
func (n *subject) connect() error {
	if n.conn != nil && n.conn.IsConnected() {
		return nil
	}
	_ = n.close()
	options := []nats.Option{nats.Name("marque alerts"), nats.NoReconnect(), nats.Timeout(network)}
	if n.Credentials != "" {
		options = append(options, nats.UserCredentials(n.Credentials))
	}
	if n.CA != "" {
		options = append(options, nats.RootCAs(n.CA))
	}
	if n.Certificate != "" {
		options = append(options, nats.ClientCert(n.Certificate, n.Key))
	}
	var err error
	n.conn, err = nats.Connect(n.URL, options...)
	return err
}

func (n *subject) close() error {
	if n.conn != nil {
		n.conn.Close()
		n.conn = nil
	}
	return nil
}
