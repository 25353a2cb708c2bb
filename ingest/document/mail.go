package document

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"strings"

	"marque/ingest"
	"marque/internal/charset"
)

// Limits of a message.
const (
	maxParts   = 1000
	maxNesting = 8
)

// isMail tells a message, or a page saved as one (.mht), by its header: two fields at least that only messages have, and a blank line.
func isMail(text []byte) bool {
	known := 0
	for i, line := range strings.SplitN(string(text[:min(len(text), 32<<10)]), "\n", 400) {
		line = strings.TrimRight(line, "\r")
		name, _, ok := strings.Cut(line, ":")
		switch {
		case line == "" && i > 0:
			return known >= 2
		case strings.HasPrefix(line, " "), strings.HasPrefix(line, "\t"), strings.HasPrefix(line, ">From "), i == 0 && strings.HasPrefix(line, "From "):
			if i == 0 && !strings.HasPrefix(line, "From ") {
				return false
			}
		case !ok || name == "" || strings.ContainsAny(name, " \t"):
			return false
		default:
			switch textproto.CanonicalMIMEHeaderKey(name) {
			case "Mime-Version", "Received", "Return-Path", "Message-Id", "Content-Type", "Content-Transfer-Encoding", "Delivered-To", "Dkim-Signature",
				"Subject", "From", "Date", "X-Mailer", "Snapshot-Content-Location":
				known++
			}
		}
	}
	return false
}

// readMail takes the body out of a message: the plain text where there is one, else the page.
func readMail(ctx context.Context, b []byte, name string) (Document, error) {
	m, err := mail.ReadMessage(bufio.NewReader(bytes.NewReader(dropEnvelope(b))))
	if err != nil {
		return Document{}, fmt.Errorf("read mail: %w: %w", err, ingest.ErrMalformed)
	}
	body := &mailBody{}
	if err := body.read(textproto.MIMEHeader(m.Header), m.Body, 0); err != nil {
		return Document{}, err
	}
	var d Document
	switch {
	case len(body.plain) > 0 && strings.TrimSpace(strings.Join(body.plain, "")) != "":
		d.Text = strings.Join(body.plain, "\n\n")
	case len(body.pages) > 0:
		if d, err = readHTML(body.pages[0], name); err != nil {
			return Document{}, err
		}
		for _, more := range body.pages[1:] {
			if ctx.Err() != nil {
				return Document{}, ctx.Err()
			}
			if p, err := readHTML(more, name); err == nil {
				d.Page += "\n\n" + p.Text
			}
		}
	default:
		return Document{}, fmt.Errorf("mail: %w", ingest.ErrNoText)
	}
	d.Missed = body.missed
	words := &mime.WordDecoder{CharsetReader: func(name string, in io.Reader) (io.Reader, error) {
		raw, err := io.ReadAll(in)
		text, _ := charset.ToUTF8(raw, "text/plain; charset="+name)
		return bytes.NewReader(text), err
	}}
	if subject, err := words.DecodeHeader(m.Header.Get("Subject")); err == nil && subject != "" {
		d.Title = subject
	}
	if at, err := m.Header.Date(); err == nil {
		d.Published = at.UTC()
	}
	parser := mail.AddressParser{WordDecoder: words}
	if from, err := parser.Parse(m.Header.Get("From")); err == nil && d.Publisher == "" {
		if d.Publisher = from.Name; d.Publisher == "" {
			_, d.Publisher, _ = strings.Cut(from.Address, "@")
		}
	}
	if at := m.Header.Get("Snapshot-Content-Location") + m.Header.Get("Content-Location"); d.URL == "" && strings.Contains(at, "://") {
		d.URL = at
	}
	return d, nil
}

// dropEnvelope drops the line "From x" of a mailbox.
func dropEnvelope(b []byte) []byte {
	if bytes.HasPrefix(b, []byte("From ")) {
		_, b, _ = bytes.Cut(b, []byte("\n"))
	}
	return b
}

// mailBody collects what can be read of a message.
type mailBody struct {
	plain  []string
	pages  [][]byte
	missed []string
	parts  int
}

func (m *mailBody) read(h textproto.MIMEHeader, r io.Reader, depth int) error {
	if m.parts++; m.parts > maxParts || depth > maxNesting {
		return fmt.Errorf("mail with more than %d parts or %d levels: %w", maxParts, maxNesting, ingest.ErrTooLarge)
	}
	media, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		media = "text/plain" // section 5.2 of RFC 2045
	}
	switch {
	case media == "multipart/encrypted", strings.HasSuffix(media, "pkcs7-mime") && params["smime-type"] == "enveloped-data":
		return fmt.Errorf("mail is encrypted: decrypt it first: %w", ingest.ErrNoText)
	case strings.HasPrefix(media, "multipart/"):
		return m.readParts(multipart.NewReader(r, params["boundary"]), depth)
	}
	raw, err := io.ReadAll(decoded(h.Get("Content-Transfer-Encoding"), r))
	if err != nil && len(raw) == 0 {
		return fmt.Errorf("read mail: %w: %w", err, ingest.ErrMalformed)
	}
	attached, file, _ := mime.ParseMediaType(h.Get("Content-Disposition"))
	switch {
	case attached == "attachment":
		m.missed = append(m.missed, fmt.Sprintf("attachment %.80q is not read: save it and read it by itself", file["filename"]))
	case media == "text/html", media == "application/xhtml+xml":
		text, _ := charset.ToUTF8(raw, h.Get("Content-Type"))
		m.pages = append(m.pages, text)
	case media == "text/plain":
		text, _ := charset.ToUTF8(raw, h.Get("Content-Type"))
		m.plain = append(m.plain, string(text))
	case media == "message/rfc822":
		inner, err := mail.ReadMessage(bytes.NewReader(raw))
		if err != nil {
			return nil //nolint:nilerr // a forwarded message that is none tells nothing
		}
		return m.read(textproto.MIMEHeader(inner.Header), inner.Body, depth+1)
	}
	return nil
}

func (m *mailBody) readParts(parts *multipart.Reader, depth int) error {
	for {
		p, err := parts.NextRawPart()
		if err != nil {
			return nil //nolint:nilerr // io.EOF, or a message that breaks off: what was good is kept
		}
		if err := m.read(p.Header, p, depth+1); err != nil {
			return err
		}
	}
}

// decoded undoes a transfer encoding (RFC 2045, section 6).
func decoded(encoding string, r io.Reader) io.Reader {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, r)
	case "quoted-printable":
		return quotedprintable.NewReader(r)
	default:
		return r
	}
}
