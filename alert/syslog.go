package alert

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"
)

// syslog sends RFC 5424 messages over TLS, each behind its length (RFC 5425). The protocol has no acknowledgement, and what was written to a
// connection that then breaks may never have been read. So each lot has a connection of its own, which is closed for writing behind
// the last message: a receiver that closes it in its turn has read all of it, for the system resets a connection with bytes left unread.
type syslog struct {
	Sink
	tls  *tls.Config // nil: none
	host string
	now  func() time.Time
}

func newSyslog(s Sink, now func() time.Time) (*syslog, error) {
	cfg, err := s.security()
	if err != nil {
		return nil, err
	}
	host, err := os.Hostname()
	if err != nil {
		host = "-"
	}
	return &syslog{Sink: s, tls: cfg, host: printable(host), now: now}, nil
}

// priority is that of facility 13, log audit, and severity 4, warning (RFC 5424 section 6.2.1).
const priority = 13*8 + 4

func (s *syslog) send(ctx context.Context, list []Alert) (int, error) {
	var out bytes.Buffer
	for i := range list {
		text, err := json.Marshal(&list[i])
		if err != nil {
			return 0, err
		}
		msg := fmt.Sprintf("<%d>1 %s %s marque - %s - %s", priority, s.now().UTC().Format("2006-01-02T15:04:05.000000Z"), s.host, list[i].ID, text)
		fmt.Fprintf(&out, "%d %s", len(msg), msg)
	}
	conn, err := s.dial(ctx, s.tls)
	if err != nil {
		return 0, err
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if err := errors.Join(all(conn, out.Bytes()), conn.Close()); err != nil {
		return 0, err
	}
	return len(list), nil
}

// all writes everything, and waits until the other side has read it and closed the connection.
func all(conn net.Conn, data []byte) error {
	if _, err := conn.Write(data); err != nil {
		return err
	}
	half, ok := conn.(interface{ CloseWrite() error })
	if !ok {
		return fmt.Errorf("%T cannot be closed for writing", conn) // unreachable: TCP and TLS can
	}
	if err := half.CloseWrite(); err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, io.LimitReader(conn, 1<<20)); err != nil {
		return fmt.Errorf("the receiver did not confirm by closing: %w", err)
	}
	if t, ok := conn.(*tls.Conn); ok { // behind the end of TLS stands that of TCP, which is a reset where bytes were left unread
		if _, err := io.Copy(io.Discard, io.LimitReader(t.NetConn(), 1<<20)); err != nil {
			return fmt.Errorf("the receiver did not read all: %w", err)
		}
	}
	return nil
}

// printable keeps what RFC 5424 takes in a header field.
func printable(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < 33 || r > 126 {
			return -1
		}
		return r
	}, s)
	if s == "" {
		return "-"
	}
	return s[:min(len(s), 255)]
}

func (s *syslog) close() error { return nil }
