package alert_test

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"marque/alert"
	"marque/event"
	"marque/intake"
	"marque/match"
	"marque/serve/events"
	"marque/stix"
)

const childEnv = "MARQUE_ALERT_CHILD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childEnv); dir != "" {
		if err := child(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// child takes events in and sends alerts until it is killed.
func child(dir string) error {
	ctx := context.Background()
	var cfg alert.Config
	text, err := os.ReadFile(filepath.Join(dir, "alerts.json"))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, &cfg); err != nil {
		return err
	}
	formats, err := event.NewFormats()
	if err != nil {
		return err
	}
	b := match.NewBuilder(7, 1)
	if err := b.Add(match.Indicator{ID: "indicator--1", Kind: event.Domain, Value: "evil.example"}); err != nil {
		return err
	}
	d := intake.Deps{Formats: formats, Set: match.NewSet(7, b.Build())}
	in, err := intake.Open(ctx, d, intake.Config{Dir: filepath.Join(dir, "intake"), Segment: 10 * time.Millisecond})
	if err != nil {
		return err
	}
	r, err := alert.Open(ctx, cfg, alert.Deps{Outbox: in.Journal(), Dossiers: known{}})
	if err != nil {
		return err
	}
	in.OnHits(r.Wake)
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	go func() { _ = in.Run(ctx) }()
	go func() { _ = r.Run(ctx) }()
	return (&http.Server{Handler: events.New(in, events.Config{}), ReadHeaderTimeout: time.Second}).Serve(l)
}

// TestKilled kills the process again and again while events come in, as often as MARQUE_ALERT_KILLS says. Each hit of each event that was
// acknowledged is in the file exactly once, and comes to the webhook.
func TestKilled(t *testing.T) {
	kills, err := strconv.Atoi(cmp.Or(os.Getenv("MARQUE_ALERT_KILLS"), "12"))
	if err != nil {
		t.Fatal(err)
	}
	if testing.Short() {
		kills = 4
	}
	dir := t.TempDir()
	hook := newHook(t)
	path := filepath.Join(dir, "alerts", "hits.jsonl")
	cfg, err := json.Marshal(alert.Config{Sinks: []alert.Sink{
		{Name: "file", Kind: alert.File, TLP: stix.Green, Path: path, RotateBytes: int64(max(4, kills/2)) << 10, Keep: 50}, hook.sink("hook"),
	}})
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "alerts.json"), cfg, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	sent := 0
	for k := 0; ; k++ {
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), childEnv+"="+dir)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		address, err := bufio.NewReader(out).ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		url := "http://" + strings.TrimSpace(address) + "/v1/events"
		if k == kills { // the last one lives until everything is told
			for want := send(t, url, &sent, 1); len(hook.ids()) < want || len(inFiles(t, path)) < want; {
				if t.Context().Err() != nil {
					t.Fatal("not told in time")
				}
				time.Sleep(20 * time.Millisecond)
			}
		} else {
			send(t, url, &sent, 1+rng.IntN(4))
			time.Sleep(time.Duration(rng.IntN(60)) * time.Millisecond) // where it dies is left to chance
		}
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if k == kills {
			break
		}
	}
	got := map[string]int{}
	for _, a := range inFiles(t, path) {
		got[a.User]++
	}
	for i := range sent {
		if n := got[fmt.Sprint("user", i)]; n != 1 {
			t.Errorf("event %d is %d times in the file", i, n)
		}
	}
	if len(got) != sent || len(hook.ids()) != sent {
		t.Errorf("%d events: %d in the file, %d at the webhook", sent, len(got), len(hook.ids()))
	}
}

// send posts events, each in a request of its own, until all are acknowledged, and returns how many there were so far. A request whose answer
// was lost is sent again under its key.
func send(t *testing.T, url string, sent *int, n int) int {
	t.Helper()
	for range n {
		line := fmt.Sprintf(`{"time":"2024-05-01T12:00:00Z","domain":"evil.example","user":"user%d"}`+"\n", *sent)
		for {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(line))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Idempotency-Key", fmt.Sprint("event-", *sent))
			res, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, res.Body)
			_ = res.Body.Close()
			if res.StatusCode == http.StatusAccepted {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		*sent++
	}
	return *sent
}

// inFiles reads a file of alerts and those put aside, as far as their lines are whole.
func inFiles(t *testing.T, path string) []alert.Alert {
	t.Helper()
	files := map[string][]byte{}
	for n := range 60 {
		name := path
		if n > 0 {
			name = fmt.Sprintf("%s.%d", path, n)
		}
		text, err := os.ReadFile(name)
		if err == nil {
			files[name] = text[:bytes.LastIndexByte(text, '\n')+1]
		}
	}
	return inFile(t, files, path)
}
