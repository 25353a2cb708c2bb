package rooms_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"marque/alert"
	"marque/serve"
	"marque/serve/auth"
	"marque/serve/rooms"
	"marque/serve/taxii"
	"marque/workspace"
)

// open serves a new workspace until the test ends.
func open(t *testing.T, own workspace.Config, cfg rooms.Config) (house *rooms.House, url string) {
	t.Helper()
	w, err := workspace.Open(t.Context(), workspace.Options{Dir: t.TempDir(), Config: own})
	if err != nil {
		t.Fatal(err)
	}
	cfg.Serve.Listen = "127.0.0.1:0"
	house, err = rooms.Open(t.Context(), w, cfg, "v9", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ready, done := make(chan string, 1), make(chan error, 1)
	go func() { done <- house.Run(ctx, func(u string) { ready <- u }) }()
	select {
	case url = <-ready:
	case err := <-done:
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := house.Close(); err != nil {
			t.Error(err)
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return house, url
}

func get(t *testing.T, url, token string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", taxii.MediaType+", */*")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

func withEvents(t *testing.T) workspace.Config {
	own := workspace.DefaultConfig()
	own.Events.Enabled = true
	own.Alerts.Sinks = []alert.Sink{{Name: "soc", Kind: alert.File, Path: filepath.Join(t.TempDir(), "a.jsonl")}}
	return own
}

func TestHealth(t *testing.T) {
	_, url := open(t, withEvents(t), rooms.Config{})
	if code, body := get(t, url+"/healthz", ""); code != http.StatusOK || body != "ok\n" {
		t.Errorf("/healthz: %d %s", code, body)
	}
	code, body := get(t, url+"/readyz", "")
	var got struct {
		Ready bool
		Parts map[string]bool
	}
	if err := json.Unmarshal([]byte(body), &got); err != nil || code != http.StatusOK || !got.Ready || !got.Parts["store"] || !got.Parts["intake"] {
		t.Errorf("/readyz: %d %s %v", code, body, err)
	}
	if code, body := get(t, url+"/metrics", ""); code != http.StatusOK || !strings.Contains(body, `marque_build_info{version="v9"} 1`) ||
		!strings.Contains(body, `marque_ready{part="intake"} 1`) || !strings.Contains(body, `marque_http_requests_total{code="200",method="GET",pattern="GET /healthz"} 1`) {
		t.Errorf("/metrics: %d %s", code, body)
	}
}

var (
	typed = regexp.MustCompile(`(?m)^# TYPE (marque_[a-z_]+) `)
	named = regexp.MustCompile("`(marque_[a-z_]+)")
)

// TestEveryMetricIsDocumented: the handbook lists what the process counts, and nothing else.
func TestEveryMetricIsDocumented(t *testing.T) {
	page, err := os.ReadFile("../../docs/operating.md")
	if err != nil {
		t.Fatal(err)
	}
	var documented, there []string
	for _, m := range named.FindAllStringSubmatch(string(page), -1) {
		documented = append(documented, m[1])
	}
	_, url := open(t, withEvents(t), rooms.Config{})
	get(t, url+"/healthz", "") // so that there is a request to count
	_, body := get(t, url+"/metrics", "")
	for _, m := range typed.FindAllStringSubmatch(body, -1) {
		there = append(there, m[1])
		if !slices.Contains(documented, m[1]) {
			t.Errorf("%s is not in docs/operating.md", m[1])
		}
	}
	for _, name := range documented {
		if !slices.Contains(there, name) && name != "marque_intake_counted_total" { // empty until something was counted
			t.Errorf("%s is in docs/operating.md and is not counted", name)
		}
	}
}

// TestReload: what a configuration takes away is gone at the next request, what it adds is there, and a wrong one changes nothing.
func TestReload(t *testing.T) {
	first, firstHash := auth.NewToken()
	second, secondHash := auth.NewToken()
	user := func(hash string) auth.Config {
		return auth.Config{Users: []auth.Account{{Name: "ann", TokenHashes: []string{hash}}}}
	}
	own := workspace.DefaultConfig()
	house, url := open(t, own, rooms.Config{Auth: user(firstHash)})
	if code, _ := get(t, url+"/taxii2/", first); code != http.StatusOK {
		t.Fatal(code)
	}
	root := rooms.Config{Auth: user(secondHash), Serve: serve.Config{Listen: "127.0.0.1:1"}, Taxii: taxii.Config{Roots: []taxii.Root{{Path: "moved", Title: "Moved"}}}}
	changed := own
	changed.Events.Enabled = true
	restart, err := house.Reload(root, changed)
	if err != nil || !slices.Equal(restart, []string{"serve: listen", "events"}) {
		t.Errorf("%v, needs a restart: %v", err, restart)
	}
	for _, tt := range []struct {
		path, token string
		code        int
	}{
		{"/taxii2/", first, 401}, {"/taxii2/", second, 200}, {"/moved/", second, 200}, {"/marque/", second, 404}, {"/moved/", first, 401}, {"/healthz", "", 200},
	} {
		if code, body := get(t, url+tt.path, tt.token); code != tt.code {
			t.Errorf("%s: %d, want %d: %s", tt.path, code, tt.code, body)
		}
	}
	wrong := rooms.Config{Auth: user(firstHash), Taxii: taxii.Config{PageLimit: -1}}
	if _, err := house.Reload(wrong, own); err == nil || !strings.Contains(err.Error(), "taxii: page_limit -1") {
		t.Errorf("a wrong configuration: %v", err)
	}
	if code, _ := get(t, url+"/taxii2/", second); code != http.StatusOK {
		t.Errorf("after a wrong configuration: %d", code)
	}
	missing := rooms.Config{Auth: user(firstHash), Serve: serve.Config{Certificate: filepath.Join(t.TempDir(), "x"), Key: "y"}}
	if _, err := house.Reload(missing, own); err == nil || !strings.Contains(err.Error(), "serve: certificate and key") {
		t.Errorf("a certificate that is not there: %v", err)
	}
	if code, _ := get(t, url+"/taxii2/", first); code != http.StatusUnauthorized {
		t.Errorf("half of a configuration was taken: %d", code)
	}
}
