package intake_test

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"marque/intake"
)

// natsServers starts servers that are not ours, with JetStream and a password; several form a cluster.
func natsServers(t *testing.T, n int) []*server.Server {
	t.Helper()
	var out []*server.Server
	routes := freeRoutes(t, n)
	for i := range n {
		opts := &server.Options{
			ServerName: fmt.Sprintf("other-%d", i), Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true,
			JetStream: true, StoreDir: t.TempDir(), MaxPayload: 8 << 20, Username: "sensor", Password: "secret",
		}
		if n > 1 {
			port, _ := strconv.Atoi(routes[i].Port())
			opts.Cluster = server.ClusterOpts{Name: "others", Host: "127.0.0.1", Port: port}
			opts.Routes = routes
		}
		s, err := server.NewServer(opts)
		if err != nil {
			t.Fatal(err)
		}
		go s.Start()
		t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
		out = append(out, s)
	}
	for _, s := range out {
		if !s.ReadyForConnections(20 * time.Second) {
			t.Fatal("server is not ready")
		}
	}
	for n > 1 && slices.ContainsFunc(out, func(s *server.Server) bool { return !s.JetStreamIsCurrent() }) {
		if t.Context().Err() != nil {
			t.Fatal("the servers did not come together")
		}
		runtime.Gosched() // a server tells nobody when it is current
	}
	return out
}

// freeRoutes are addresses at which the servers of a cluster reach each other.
func freeRoutes(t *testing.T, n int) []*url.URL {
	t.Helper()
	var out []*url.URL
	for range n {
		ln, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = ln.Close() }() // nobody connected
		out = append(out, &url.URL{Scheme: "nats", Host: ln.Addr().String()})
	}
	return out
}

func withPassword(s *server.Server, password string) string {
	return strings.Replace(s.ClientURL(), "nats://", "nats://sensor:"+password+"@", 1)
}

// TestExternalServer takes events from a server that is not ours, over its subjects and over HTTP.
func TestExternalServer(t *testing.T) {
	s := natsServers(t, 1)[0]
	dir := t.TempDir()
	cfg := intake.Config{URL: withPassword(s, "secret"), Stream: "SITE_A", Subject: "site.a.>"}
	x := open(t, dir, cfg)
	end := x.run()
	nc, err := nats.Connect(withPassword(s, "secret"))
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	publish := func(n int) {
		m := nats.NewMsg("site.a.proxy")
		m.Data = []byte(eventLine("evil1.example", n))
		m.Header.Set(nats.MsgIdHdr, fmt.Sprint("event ", n))
		if _, err := nc.RequestMsg(m, 10*time.Second); err != nil { // the stream answers
			t.Fatal(err)
		}
	}
	for i := range 10 {
		publish(i)
	}
	x.send([]byte(eventLine("evil2.example", 100)))
	x.events(11)
	end()
	x.stop()
	for i := range 20 { // ten of them again, while nobody consumes
		publish(i)
	}
	x = open(t, dir, cfg)
	x.run()
	c := x.events(21)
	if c["events"] != 21 || c["lost"] != 0 {
		t.Errorf("%v", c)
	}
}

func TestExternalServerRefuses(t *testing.T) {
	s := natsServers(t, 1)[0]
	d, err := deps(nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = intake.Open(t.Context(), d, intake.Config{Dir: filepath.Join(t.TempDir(), "intake"), URL: withPassword(s, "wrong")})
	if !errors.Is(err, nats.ErrAuthorization) {
		t.Errorf("wrong password: %v", err)
	}
}

// TestClusterLosesItsLeader goes on with two of three servers.
func TestClusterLosesItsLeader(t *testing.T) {
	if testing.Short() {
		t.Skip("electing leaders takes seconds")
	}
	servers := natsServers(t, 3)
	var urls []string
	for _, s := range servers {
		urls = append(urls, withPassword(s, "secret"))
	}
	x := open(t, t.TempDir(), intake.Config{URL: strings.Join(urls, ","), Replicas: 3})
	x.run()
	for i := range 20 {
		x.send([]byte(eventLine("evil1.example", i)))
	}
	x.events(20)
	for _, s := range servers {
		if s.JetStreamIsStreamLeader("$G", "MARQUE_EVENTS") {
			s.Shutdown()
			s.WaitForShutdown()
			break
		}
	}
	for i := range 20 {
		line := []byte(eventLine("evil1.example", 100+i))
		for !post(t.Context(), x.url, fmt.Sprint("after ", i), line, false, false) { // each try waits for the stream itself
		}
	}
	x.until("40 events", func(c map[string]int64) bool { return c["events"] >= 40 })
	c, err := x.in.Journal().Counters(t.Context())
	if err != nil || c["events"] != 40 || c["lost"] != 0 {
		t.Errorf("%v %v", c, err)
	}
}
