package health_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"marque/serve/auth"
	"marque/serve/health"
)

func ask(t *testing.T, h http.Handler, path, from, token string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody)
	r.RemoteAddr = from
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// TestReadyNamesThePart: the answer names what does not work and not why; the log says why, once until it changes.
func TestReadyNamesThePart(t *testing.T) {
	var log bytes.Buffer
	var fault error
	room, err := health.New(health.Config{
		Parts: []health.Part{
			{Name: "disk", Check: func(context.Context) error { return fault }},
			{Name: "store", Check: func(context.Context) error { return nil }},
		},
		Log: slog.New(slog.NewTextHandler(&log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	fault = errors.New("no room under /secret")
	for range 3 {
		w := ask(t, room, "/readyz", "198.51.100.1:1", "")
		if body := w.Body.String(); w.Code != http.StatusServiceUnavailable || strings.TrimSpace(body) != `{"ready":false,"parts":{"disk":false,"store":true}}` {
			t.Fatalf("%d %s", w.Code, body)
		}
	}
	if n := strings.Count(log.String(), "/secret"); n != 1 {
		t.Errorf("logged %d times: %s", n, &log)
	}
	if w := ask(t, room, "/healthz", "198.51.100.1:1", ""); w.Code != http.StatusOK {
		t.Errorf("/healthz: %d", w.Code)
	}
	fault = nil
	if w := ask(t, room, "/readyz", "198.51.100.1:1", ""); w.Code != http.StatusOK || !strings.Contains(log.String(), "works again") {
		t.Errorf("%d %s", w.Code, &log)
	}
}

func TestWhoReadsMetrics(t *testing.T) {
	reader, readerHash := auth.NewToken()
	other, otherHash := auth.NewToken()
	users, err := auth.New(auth.Config{Users: []auth.Account{
		{Name: "prometheus", TokenHashes: []string{readerHash}, Groups: []string{"metrics"}}, {Name: "ann", TokenHashes: []string{otherHash}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		from, token string
		proxy       bool
		want        int
	}{
		{"127.0.0.1:9", "", false, 200},
		{"[::1]:9", "", false, 200},
		{"127.0.0.1:9", "", true, 401},
		{"198.51.100.1:9", "", false, 401},
		{"198.51.100.1:9", other, false, 403},
		{"198.51.100.1:9", reader, false, 200},
		{"127.0.0.1:9", reader, true, 200},
	} {
		room, err := health.New(health.Config{Users: users, Readers: []string{"metrics"}, BehindProxy: tt.proxy})
		if err != nil {
			t.Fatal(err)
		}
		if w := ask(t, room, "/metrics", tt.from, tt.token); w.Code != tt.want {
			t.Errorf("%+v: %d", tt, w.Code)
		}
	}
}
