package alert

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"net/smtp"
	"os"
	"slices"
	"strings"
	"time"

	"marque/stix"
)

// mailbox sends the alerts of a while in one mail.
type mailbox struct {
	Sink
	tls      *tls.Config // nil: none
	password string
	now      func() time.Time
}

func newMail(s Sink, now func() time.Time) (*mailbox, error) {
	cfg, err := s.security()
	if err != nil {
		return nil, err
	}
	m := &mailbox{Sink: s, tls: cfg, now: now}
	if s.PasswordFile != "" {
		text, err := os.ReadFile(s.PasswordFile)
		if err != nil {
			return nil, fmt.Errorf("password_file: %w", err)
		}
		m.password = strings.TrimRight(string(text), "\r\n")
	}
	return m, nil
}

func (m *mailbox) send(ctx context.Context, list []Alert) (int, error) {
	text, err := m.text(list)
	if err != nil {
		return 0, err
	}
	conn, err := m.connect(ctx)
	if err != nil {
		return 0, err
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if err := m.deliver(conn, text); err != nil {
		return 0, errors.Join(err, conn.Close())
	}
	return len(list), nil
}

// submissions is the port on which mail is sent under TLS from the first byte (RFC 8314); on all others STARTTLS comes first.
const submissions = "465"

func (m *mailbox) connect(ctx context.Context) (net.Conn, error) {
	if _, port, _ := net.SplitHostPort(m.Address); port == submissions {
		return m.dial(ctx, m.tls)
	}
	return m.dial(ctx, nil)
}

func (m *mailbox) deliver(conn net.Conn, text []byte) error {
	host, port, _ := net.SplitHostPort(m.Address)
	c, err := smtp.NewClient(conn, host)
	if err != nil {
		return err
	}
	if m.tls != nil && port != submissions {
		if err := c.StartTLS(m.tls); err != nil {
			return fmt.Errorf("STARTTLS: %w", err)
		}
	}
	if m.User != "" {
		if err := c.Auth(smtp.PlainAuth("", m.User, m.password, host)); err != nil {
			return fmt.Errorf("sign in as %s: %w", m.User, err)
		}
	}
	if err := c.Mail(address(m.From)); err != nil {
		return err
	}
	for _, to := range m.To {
		if err := c.Rcpt(address(to)); err != nil {
			return fmt.Errorf("to %s: %w", to, err)
		}
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write(text); err != nil {
		return err
	}
	if err := w.Close(); err != nil { // the server has it for good when it says so here
		return err
	}
	_ = c.Quit() // it has the mail
	return nil
}

func address(box string) string {
	a, err := mail.ParseAddress(box)
	if err != nil {
		return box // Validate has looked
	}
	return a.Address
}

// text is the mail. Its Message-ID is made of the alerts' ids, so that the same mail sent again can be known.
func (m *mailbox) text(list []Alert) ([]byte, error) {
	level := stix.Clear
	var actors []string
	ids := sha256.New()
	for i := range list {
		a := &list[i]
		level = max(level, a.TLP)
		if a.Actor != "" && !slices.Contains(actors, a.Actor) {
			actors = append(actors, a.Actor)
		}
		_, _ = ids.Write([]byte(a.ID))
	}
	subject := fmt.Sprintf("[%v] Marque: %d hits", level, len(list))
	if len(list) == 1 {
		subject = fmt.Sprintf("[%v] Marque: %s", level, list[0].Searched)
	}
	if len(actors) > 0 {
		subject += ", " + strings.Join(actors[:min(len(actors), 3)], ", ")
	}
	var out bytes.Buffer
	header := func(name, value string) {
		fmt.Fprintf(&out, "%s: %s\r\n", name, strings.NewReplacer("\r", " ", "\n", " ").Replace(value))
	}
	header("From", m.From)
	header("To", strings.Join(m.To, ", "))
	header("Date", m.now().Format(time.RFC1123Z))
	header("Subject", mime.QEncoding.Encode("utf-8", subject))
	_, domain, _ := strings.Cut(address(m.From), "@")
	header("Message-ID", "<"+hex.EncodeToString(ids.Sum(nil)[:16])+"@"+domain+">")
	header("Auto-Submitted", "auto-generated")
	header("MIME-Version", "1.0")
	header("Content-Type", "text/plain; charset=utf-8")
	header("Content-Transfer-Encoding", "quoted-printable")
	out.WriteString("\r\n")
	body := quotedprintable.NewWriter(&out)
	fmt.Fprintf(body, "%v\r\n\r\n", level)
	for i := range list {
		fmt.Fprintf(body, "%s\r\n    %s\r\n", list[i].Line(), list[i].ID)
	}
	if err := body.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func (m *mailbox) close() error { return nil }
