package document_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"marque/ingest"
	"marque/ingest/document"
)

func TestMail(t *testing.T) {
	const head = "From: \"Example Labs\" <labs@example.test>\r\nDate: Tue, 12 Mar 2024 08:00:00 +0100\r\nSubject: Bear breaks in\r\nMIME-Version: 1.0\r\n"
	two := "Content-Type: multipart/alternative; boundary=xx\r\n\r\n--xx\r\nContent-Type: text/plain\r\n\r\nThe bear broke in.\r\n--xx\r\n" +
		"Content-Type: text/html\r\n\r\n<html><body><p>The page.</p></body></html>\r\n--xx--\r\n"
	for name, in := range map[string]string{
		"plain":            head + "\r\nThe bear broke in.\r\n",
		"line feeds":       strings.ReplaceAll(head, "\r", "") + "\nThe bear broke in.\n",
		"base64":           head + "Content-Transfer-Encoding: base64\r\n\r\nVGhlIGJlYXIg\r\nYnJva2UgaW4u\r\n",
		"quoted-printable": head + "Content-Transfer-Encoding: quoted-printable\r\n\r\nThe bear =\r\nbroke=20in.\r\n",
		"another charset":  head + "Content-Type: text/plain; charset=utf-16le\r\nContent-Transfer-Encoding: base64\r\n\r\nVABoAGUAIABiAGUAYQByACAAYgByAG8AawBlACAAaQBuAC4A\r\n",
		"two forms":        head + two,
		"page":             head + "Content-Type: text/html\r\n\r\n<html><body><p>The bear broke in.</p></body></html>",
		"mailbox":          "From labs@example.test Tue Mar 12 08:00:00 2024\n" + head + "\r\nThe bear broke in.\r\n",
		"saved page": "From: <Saved by a browser>\r\nSubject: Bear breaks in\r\nDate: Tue, 12 Mar 2024 08:00:00 +0100\r\nMIME-Version: 1.0\r\n" +
			"Content-Type: multipart/related; type=\"text/html\"; boundary=\"b\"\r\n\r\n--b\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" +
			"<html><body><p>The bear =\r\nbroke in.</p></body></html>\r\n--b\r\nContent-Type: image/png\r\n\r\nx\r\n--b--\r\n",
		"encoded subject": strings.Replace(head, "Bear breaks in", "=?utf-8?q?Bear_breaks_in?=", 1) + "\r\nThe bear broke in.\r\n",
		"forwarded":       head + "Content-Type: message/rfc822\r\n\r\nSubject: x\r\nFrom: a@b.test\r\n\r\nThe bear broke in.\r\n",
		"cut off":         head + strings.TrimSuffix(two, "--xx--\r\n"),
	} {
		d, err := document.Parse(t.Context(), []byte(in), name+".eml")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if strings.TrimSpace(d.Text) != "The bear broke in." || d.Title != "Bear breaks in" || !d.Published.Equal(time.Date(2024, 3, 12, 7, 0, 0, 0, time.UTC)) {
			t.Errorf("%s: %q, %q, %v", name, d.Text, d.Title, d.Published)
		}
	}
	for name, in := range map[string]string{
		"encrypted": head + "Content-Type: multipart/encrypted; boundary=x\r\n\r\n--x\r\n\r\nabc\r\n--x--\r\n",
		"no text":   head + "Content-Type: image/png\r\n\r\nabc\r\n",
	} {
		if _, err := document.Parse(t.Context(), []byte(in), "x.eml"); !errors.Is(err, ingest.ErrNoText) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, in := range []string{"Note: this is writing.\nIt goes on: and on.\n\nSo.\n", "Title: A\nDate: 2024-01-01\n\nText that tells of it.\n", "From here on it went well.\n\nYes."} {
		if got := document.MediaType([]byte(in), "x.txt"); got != "text/plain" {
			t.Errorf("%q is taken for %s", in, got)
		}
	}
}

func FuzzMail(f *testing.F) {
	f.Add("Subject: a\nFrom: b@c.test\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\na\n--x--")
	f.Fuzz(func(t *testing.T, in string) { _, _ = document.Parse(t.Context(), []byte(in), "x.eml") })
}
