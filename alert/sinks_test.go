package alert_test

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"maps"
	"math/big"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"marque/alert"
	"marque/internal/durable"
	"marque/stix"
)

// hook is a receiver of webhooks that checks every signature.
type hook struct {
	t      *testing.T
	url    string
	secret string // file

	mu     sync.Mutex
	got    map[string]int
	answer func(id string) int // nil: 204
}

const key = "0123456789abcdef0123"

func newHook(t *testing.T) *hook {
	h := &hook{t: t, secret: filepath.Join(t.TempDir(), "secret"), got: map[string]int{}}
	if err := os.WriteFile(h.secret, []byte(key+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	h.url = srv.URL
	return h
}

func (h *hook) sink(name string) alert.Sink {
	return alert.Sink{Name: name, Kind: alert.Webhook, TLP: stix.Green, URL: h.url, SecretFile: h.secret}
}

func (h *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	if want := alert.Signature([]byte(key), r.Header.Get(alert.HeaderTime), body); r.Header.Get(alert.HeaderSignature) != want {
		h.t.Errorf("signature %q, want %q", r.Header.Get(alert.HeaderSignature), want)
	}
	var a alert.Alert
	if err := json.Unmarshal(body, &a); err != nil || a.ID != r.Header.Get(alert.HeaderID) || a.ID == "" {
		h.t.Errorf("%v: %s", err, body)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.answer != nil {
		if code := h.answer(a.ID); code != http.StatusNoContent {
			w.WriteHeader(code)
			return
		}
	}
	h.got[a.ID]++
	w.WriteHeader(http.StatusNoContent)
}

// take returns what came since, by id.
func (h *hook) take() map[string]int {
	h.mu.Lock()
	defer h.mu.Unlock()
	got := h.got
	h.got = map[string]int{}
	return got
}

// ids are the alerts that came, each counted once.
func (h *hook) ids() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Collect(maps.Keys(h.got))
}

// TestDeadLetters: what is refused for good, or for a day, is kept apart, and the others go on.
func TestDeadLetters(t *testing.T) {
	h := newHook(t)
	h.answer = func(id string) int {
		if id == "box-2" {
			return http.StatusUnprocessableEntity
		}
		return http.StatusNoContent
	}
	d := newDisk(hits(3)...)
	if err := run(t, d, durable.OS, known{}, at(noon), h.sink("h")); err != nil {
		t.Fatal(err)
	}
	if got := h.take(); len(got) != 2 || got["box-2"] != 0 || len(d.dead) != 1 || d.dead[0].Seq != 2 || !strings.Contains(d.dead[0].Reason, "422") || !strings.Contains(string(d.dead[0].Alert), "evil0.example") {
		t.Errorf("%v, dead %+v", got, d.dead)
	}

	for _, code := range []int{http.StatusInternalServerError, http.StatusTooManyRequests, http.StatusUnauthorized, http.StatusNotFound, http.StatusFound} {
		h.answer = func(string) int { return code }
		d = newDisk(hits(3)...)
		d.entries[2].At = noon.Add(20 * time.Hour)
		if err := run(t, d, durable.OS, known{}, at(noon.Add(23*time.Hour)), h.sink("h")); err != nil {
			t.Fatal(err)
		}
		if len(d.dead) != 0 || d.at["h"] != 0 {
			t.Errorf("%d within a day: dead %+v, position %d", code, d.dead, d.at["h"])
		}
		if err := run(t, d, durable.OS, known{}, at(noon.Add(25*time.Hour)), h.sink("h")); err != nil {
			t.Fatal(err)
		}
		if len(d.dead) != 2 || d.at["h"] != 2 {
			t.Errorf("%d after a day: dead %+v, position %d", code, d.dead, d.at["h"])
		}
	}
}

// certificate makes one that signs itself, for 127.0.0.1.
func certificate(t *testing.T) (cert tls.Certificate, ca string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	ca = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: private}, ca
}

// listen serves connections on this machine until the test ends.
func listen(t *testing.T, cert *tls.Certificate, serve func(net.Conn)) (address string) {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if cert != nil {
		l = tls.NewListener(l, &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{*cert}})
	}
	var open sync.WaitGroup
	open.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			open.Go(func() {
				defer c.Close()
				serve(c)
			})
		}
	})
	t.Cleanup(func() { _ = l.Close(); open.Wait() })
	return l.Addr().String()
}

var header5424 = regexp.MustCompile(`^<108>1 2024-05-01T12:00:00\.000000Z \S+ marque - (box-\d+) - (\{.*\})$`)

func TestSyslog(t *testing.T) {
	cert, ca := certificate(t)
	var mu sync.Mutex
	var got []string
	cut := 1 // the first connection breaks in the middle
	address := listen(t, &cert, func(c net.Conn) {
		mu.Lock()
		defer mu.Unlock()
		in := bufio.NewReader(c)
		if cut > 0 {
			cut--
			secured := c.(*tls.Conn)
			_ = secured.HandshakeContext(context.Background())
			_ = secured.NetConn().(*net.TCPConn).SetLinger(0)
			_ = secured.NetConn().Close()
			return
		}
		for {
			length, err := in.ReadString(' ')
			if err != nil {
				return
			}
			n, err := strconv.Atoi(strings.TrimSpace(length))
			if err != nil {
				t.Errorf("length %q", length)
				return
			}
			msg := make([]byte, n)
			if _, err := io.ReadFull(in, msg); err != nil {
				t.Error(err)
			}
			got = append(got, string(msg))
		}
	})
	d := newDisk(hits(3)...)
	sink := alert.Sink{Name: "s", Kind: alert.Syslog, Address: address, CA: ca}
	for range 2 {
		if err := run(t, d, durable.OS, known{}, at(noon), sink); err != nil {
			t.Fatal(err)
		}
	}
	mu.Lock()
	messages := got
	mu.Unlock()
	if len(messages) != 3 || d.at["s"] != 3 {
		t.Fatalf("%d messages, position %d: %q", len(messages), d.at["s"], messages)
	}
	for i, msg := range messages {
		m := header5424.FindStringSubmatch(msg)
		var a alert.Alert
		if m == nil || m[1] != fmt.Sprintf("box-%d", i+1) || json.Unmarshal([]byte(m[2]), &a) != nil || a.Host == "" {
			t.Errorf("%s", msg)
		}
	}
	// Whose certificate is not known gets nothing.
	_, other := certificate(t)
	d = newDisk(hits(1)...)
	sink.CA = other
	if err := run(t, d, durable.OS, known{}, at(noon), sink); err != nil || d.at["s"] != 0 {
		t.Errorf("%v, position %d", err, d.at["s"])
	}
}

func TestNATS(t *testing.T) {
	srv, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: -1, NoLog: true, NoSigs: true, JetStream: true, StoreDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	srv.Start()
	defer func() { srv.Shutdown(); srv.WaitForShutdown() }()
	if !srv.ReadyForConnections(10 * time.Second) {
		t.Fatal("no server")
	}
	conn, err := nats.Connect(srv.ClientURL())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	sub, err := conn.SubscribeSync("soc.hits")
	if err == nil {
		err = conn.Flush()
	}
	if err != nil {
		t.Fatal(err)
	}
	plain := alert.Sink{Name: "n", Kind: alert.NATS, URL: srv.ClientURL(), Subject: "soc.hits"}
	if err := run(t, newDisk(hits(3)...), durable.OS, known{}, at(noon), plain); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		msg, err := sub.NextMsg(5 * time.Second)
		if err != nil || msg.Header.Get(nats.MsgIdHdr) != fmt.Sprintf("box-%d", i+1) || !strings.Contains(string(msg.Data), `"host":"pc-`) {
			t.Fatalf("%v %+v", err, msg)
		}
	}
	// A stream acknowledges, and knows what comes again.
	stream := alert.Sink{Name: "n", Kind: alert.NATS, URL: srv.ClientURL(), Subject: "kept.hits", Stream: true}
	d := newDisk(hits(3)...)
	if err := run(t, d, durable.OS, known{}, at(noon), stream); err != nil || d.at["n"] != 0 {
		t.Errorf("without a stream: %v, position %d", err, d.at["n"])
	}
	js, err := conn.JetStream()
	if err == nil {
		_, err = js.AddStream(&nats.StreamConfig{Name: "KEPT", Subjects: []string{"kept.>"}})
	}
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := run(t, newDisk(hits(3)...), durable.OS, known{}, at(noon), stream); err != nil {
			t.Fatal(err)
		}
	}
	if info, err := js.StreamInfo("KEPT"); err != nil || info.State.Msgs != 3 {
		t.Errorf("%v %+v", err, info)
	}
}

// smtpServer takes mails with STARTTLS and a password, and keeps them.
type smtpServer struct {
	cert tls.Certificate
	mu   sync.Mutex
	got  []string
	auth []string
}

func (s *smtpServer) serve(c net.Conn) {
	in := bufio.NewReader(c)
	say := func(line string) { _, _ = io.WriteString(c, line+"\r\n") }
	say("220 test")
	secure := false
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		switch verb := strings.ToUpper(strings.Fields(line + " x")[0]); verb {
		case "EHLO":
			if !secure {
				say("250-test\r\n250 STARTTLS")
			} else {
				say("250-test\r\n250 AUTH PLAIN")
			}
		case "STARTTLS":
			say("220 go")
			t := tls.Server(c, &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{s.cert}})
			c, in, secure = t, bufio.NewReader(t), true
		case "AUTH":
			s.mu.Lock()
			s.auth = append(s.auth, strings.TrimSpace(line))
			s.mu.Unlock()
			say("235 yes")
		case "DATA":
			say("354 go on")
			var text strings.Builder
			for {
				l, err := in.ReadString('\n')
				if err != nil {
					return
				}
				if l == ".\r\n" {
					break
				}
				text.WriteString(l)
			}
			s.mu.Lock()
			s.got = append(s.got, text.String())
			s.mu.Unlock()
			say("250 kept")
		case "QUIT":
			say("221 bye")
			return
		default:
			if !secure {
				say("530 STARTTLS first")
			} else {
				say("250 yes")
			}
		}
	}
}

func TestMail(t *testing.T) {
	cert, ca := certificate(t)
	srv := &smtpServer{cert: cert}
	address := listen(t, nil, srv.serve)
	password := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(password, []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	d := newDisk(hits(5)...)
	sink := alert.Sink{
		Name: "m", Kind: alert.Mail, TLP: stix.Green, Address: address, CA: ca, From: "Marque <marque@example.org>", To: []string{"soc@example.org", "b@example.org"},
		User: "marque", PasswordFile: password,
	}
	if err := run(t, d, durable.OS, known{level: stix.Green}, at(noon), sink); err != nil {
		t.Fatal(err)
	}
	srv.mu.Lock()
	defer srv.mu.Unlock()
	if len(srv.got) != 1 || len(srv.auth) != 1 || d.at["m"] != 5 {
		t.Fatalf("%d mails, %d sign-ins, position %d", len(srv.got), len(srv.auth), d.at["m"])
	}
	msg, err := mail.ReadMessage(strings.NewReader(srv.got[0]))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(msg.Header.Get("Subject"))
	if err != nil || subject != "[TLP:GREEN] Marque: 5 hits, APT28" {
		t.Errorf("subject %q, %v", subject, err)
	}
	body, err := io.ReadAll(quotedprintable.NewReader(msg.Body))
	if err != nil || strings.Count(string(body), "evil") != 5 || !strings.Contains(string(body), "box-5") || !strings.HasPrefix(string(body), "TLP:GREEN") {
		t.Errorf("%v: %s", err, body)
	}
	if !strings.HasSuffix(msg.Header.Get("Message-ID"), "@example.org>") {
		t.Errorf("Message-ID %q", msg.Header.Get("Message-ID"))
	}
}
