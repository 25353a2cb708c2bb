package serve_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"marque/serve"
)

// room is a handler of everything.
type room struct{ http.Handler }

func (room) Patterns() []string { return []string{"/"} }

// start runs a server until the test ends, or until stop, which returns what Run returned.
func start(t *testing.T, cfg serve.Config, log *slog.Logger, h http.Handler) (url string, stop func() error) {
	t.Helper()
	cfg.Listen = "127.0.0.1:0"
	s, err := serve.New(cfg, log)
	if err != nil {
		t.Fatal(err)
	}
	s.Mount(room{h})
	ctx, cancel := context.WithCancel(t.Context())
	ready, done := make(chan string, 1), make(chan error, 1)
	go func() { done <- s.Run(ctx, func(u string) { ready <- u }) }()
	select {
	case url = <-ready:
	case err := <-done:
		t.Fatal(err)
	}
	var once sync.Once
	var result error
	stop = func() error {
		once.Do(func() { cancel(); result = <-done })
		return result
	}
	t.Cleanup(func() { _ = stop() })
	return url, stop
}

func get(t *testing.T, url, host string) (int, string, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = host
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return res.StatusCode, string(body), err
}

func TestHosts(t *testing.T) {
	hello := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") })
	local, _ := start(t, serve.Config{}, nil, hello)
	named, _ := start(t, serve.Config{Hosts: []string{"Taxii.example"}}, nil, hello)
	proxied, _ := start(t, serve.Config{BehindProxy: true}, nil, hello)
	for _, c := range []struct {
		url, host string
		want      int
	}{
		{local, "", 200},
		{local, "localhost:99", 200},
		{local, "[::1]", 200},
		{local, "evil.example", 421},
		{local, "127.0.0.1.evil.example", 421},
		{named, "taxii.example:443", 200},
		{named, "", 421},
		{proxied, "any.example", 200},
	} {
		if status, _, err := get(t, c.url, c.host); status != c.want || err != nil {
			t.Errorf("host %q: %d, %v, want %d", c.host, status, err, c.want)
		}
	}
}

func TestDrain(t *testing.T) {
	entered, leave := make(chan struct{}), make(chan struct{})
	url, stop := start(t, serve.Config{}, nil, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(entered)
		<-leave
		_, _ = io.WriteString(w, "whole")
	}))
	got := make(chan string, 1)
	go func() {
		_, body, _ := get(t, url, "")
		got <- body
	}()
	<-entered
	stopped := make(chan error, 1)
	go func() { stopped <- stop() }()
	close(leave)
	if body := <-got; body != "whole" {
		t.Errorf("a request under way got %q", body)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}

func TestDrainEnds(t *testing.T) {
	entered := make(chan struct{})
	url, stop := start(t, serve.Config{Drain: 10 * time.Millisecond}, nil, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(entered)
		<-r.Context().Done()
	}))
	go func() { _, _, _ = get(t, url, "") }()
	<-entered
	if err := stop(); err == nil || !strings.Contains(err.Error(), "deadline") {
		t.Errorf("a request that does not end: %v", err)
	}
}

func TestPanics(t *testing.T) {
	var out bytes.Buffer
	var mu sync.Mutex
	log := slog.New(slog.NewTextHandler(writerFunc(func(p []byte) (int, error) {
		mu.Lock()
		defer mu.Unlock()
		return out.Write(p)
	}), nil))
	url, stop := start(t, serve.Config{}, log, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/half" {
			_, _ = io.WriteString(w, "half")
			_ = http.NewResponseController(w).Flush()
		}
		panic("bug")
	}))
	if status, body, err := get(t, url+"/", ""); status != 500 || strings.Contains(body, "bug") || err != nil {
		t.Errorf("%d %q %v", status, body, err)
	}
	if _, _, err := get(t, url+"/half", ""); err == nil {
		t.Error("half a response looks whole")
	}
	_ = stop()
	mu.Lock()
	defer mu.Unlock()
	if s := out.String(); strings.Count(s, "panic=bug") != 2 || !strings.Contains(s, "status=500") {
		t.Errorf("log:\n%s", s)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func TestValidate(t *testing.T) {
	for _, c := range []serve.Config{
		{Listen: "x"}, {Listen: "0.0.0.0:80"}, {Listen: ":80"}, {Certificate: "c"}, {Timeout: -1}, {Drain: -1},
	} {
		if c.Validate() == nil {
			t.Errorf("%+v was taken", c)
		}
	}
	for _, c := range []serve.Config{
		{}, {Listen: "localhost:0"}, {Listen: "[::1]:80"}, {Listen: ":443", Certificate: "c", Key: "k"}, {Listen: ":80", BehindProxy: true},
	} {
		if err := c.Validate(); err != nil {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
