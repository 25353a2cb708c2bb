package intake_test

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
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
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"

	"marque/event"
	"marque/intake"
	"marque/lake"
	"marque/match"
	"marque/serve/events"
)

const childEnv = "MARQUE_INTAKE_CHILD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childEnv); dir != "" {
		if err := child(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	if text := os.Getenv(clientEnv); text != "" {
		if err := client(text); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// child serves an intake until it is killed.
func child(dir string) error {
	ctx := context.Background()
	l, err := lake.Open(filepath.Join(dir, "lake"))
	if err != nil {
		return err
	}
	d, err := deps(l)
	if err != nil {
		return err
	}
	in, err := intake.Open(ctx, d, intake.Config{Dir: filepath.Join(dir, "intake"), Segment: 20 * time.Millisecond, SegmentBytes: 2 << 20, Poll: 5 * time.Millisecond, CompactEvery: 30 * time.Millisecond})
	if err != nil {
		return err
	}
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(ln.Addr())
	go func() { _ = in.Run(ctx) }()
	go in.Follow(ctx, filepath.Join(dir, "logs"))
	mux := http.NewServeMux()
	mux.Handle("/", events.New(in, events.Config{}))
	mux.HandleFunc("GET /settled/{events}", func(w http.ResponseWriter, q *http.Request) { answerSettled(w, q, in) })
	return (&http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}).Serve(ln)
}

// answerSettled answers when nothing waits and so many events are committed.
func answerSettled(w http.ResponseWriter, q *http.Request, in *intake.Intake) {
	want, err := strconv.ParseInt(q.PathValue("events"), 10, 64)
	for err == nil {
		changed := in.Changed()
		var s intake.Status
		if s, err = in.Status(q.Context()); err == nil && s.Waiting == 0 && s.Counters["events"] >= want {
			return
		}
		select {
		case <-changed:
		case <-q.Context().Done():
			err = q.Context().Err()
		}
	}
	http.Error(w, err.Error(), http.StatusInternalServerError)
}

// deps knows the domains evil0.example to evil9.example.
func deps(l *lake.Lake) (intake.Deps, error) {
	f, err := event.NewFormats()
	if err != nil {
		return intake.Deps{}, err
	}
	seed := uint64(7)
	if l != nil {
		seed = l.Seed()
	}
	b := match.NewBuilder(seed, 10)
	for i := range 10 {
		if err := b.Add(match.Indicator{ID: indicatorID(i), Kind: event.Domain, Value: fmt.Sprintf("evil%d.example", i), Actor: fmt.Sprintf("actor %d", i%3), Sponsor: "state"}); err != nil {
			return intake.Deps{}, err
		}
	}
	return intake.Deps{Formats: f, Set: match.NewSet(seed, b.Build()), Lake: l}, nil
}

func indicatorID(i int) string { return fmt.Sprintf("indicator--00000000-0000-4000-8000-%012d", i) }

// truth is what a generator knows of the events that it made.
type truth struct {
	mu        sync.Mutex
	sightings map[match.SightingKey]uint64
	events    map[string]bool // by victim, which is different for each
	bad       int64
}

func newTruth() *truth {
	return &truth{sightings: map[match.SightingKey]uint64{}, events: map[string]bool{}}
}

const firstHour = 1_709_287_200

// line writes event n of a generator, and enters it in the truth.
func (t *truth) line(b *bytes.Buffer, r *rand.Rand, name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if r.IntN(50) == 0 {
		t.bad++
		fmt.Fprintf(b, "{\"time\": %q\n", name)
		return
	}
	t.events[name] = true
	at := int64(firstHour + r.IntN(3*3600))
	domain := "good.example"
	sensor := fmt.Sprintf("s%d", r.IntN(4))
	if r.IntN(3) == 0 {
		i := r.IntN(10)
		domain = fmt.Sprintf("x.evil%d.example", i)
		t.sightings[match.SightingKey{Indicator: indicatorID(i), Sensor: sensor, Hour: at / 3600 * 3600}]++
	}
	fmt.Fprintf(b, `{"time":%d,"sensor":%q,"victim":%q,"domain":%q,"technique":"T1566"}`+"\n", at, sensor, name, domain)
}

// check holds journal and lake against the truth.
func (t *truth) check(tt *testing.T, dir string) {
	tt.Helper()
	j, err := intake.OpenJournal(tt.Context(), filepath.Join(dir, "intake", "journal.db"))
	if err != nil {
		tt.Fatal(err)
	}
	defer j.Close()
	tally, err := j.Tally(tt.Context(), intake.Live)
	if err != nil {
		tt.Fatal(err)
	}
	lost, twice := 0, 0
	for k, n := range t.sightings {
		switch got := tally.Sightings[k].Count; {
		case got < n:
			lost += int(n - got)
		case got > n:
			twice += int(got - n)
		}
	}
	var hits, rollup uint64
	for _, n := range t.sightings {
		hits += n
	}
	for _, n := range tally.Rollup {
		rollup += n
	}
	if lost != 0 || twice != 0 || len(tally.Sightings) != len(t.sightings) || rollup != hits {
		tt.Errorf("sightings: %d events lost, %d counted twice; %d keys, want %d; roll-up of %d events, want %d", lost, twice, len(tally.Sightings), len(t.sightings), rollup, hits)
	}
	counters, err := j.Counters(tt.Context())
	if err != nil {
		tt.Fatal(err)
	}
	bad := int64(0)
	for name, n := range counters {
		if strings.HasPrefix(name, "bad:") {
			bad += n
		}
	}
	if counters["events"] != int64(len(t.events)) || bad != t.bad {
		tt.Errorf("counters %v, want %d events and %d bad lines", counters, len(t.events), t.bad)
	}
	quarantined := int64(0)
	for _, err := range j.Quarantine(tt.Context()) {
		if err != nil {
			tt.Fatal(err)
		}
		quarantined++
	}
	if quarantined != t.bad {
		tt.Errorf("%d lines in quarantine, want %d", quarantined, t.bad)
	}
	t.checkLake(tt, dir)
	tt.Logf("%d events, %d hits, %d bad lines; %d messages repeated", len(t.events), hits, t.bad, counters["repeated"])
}

func (t *truth) checkLake(tt *testing.T, dir string) {
	tt.Helper()
	l, err := lake.Open(filepath.Join(dir, "lake"))
	if err != nil {
		tt.Fatal(err)
	}
	rows := map[string]int{}
	var everything []match.Indicator
	for _, v := range []string{"example", "good.example"} {
		everything = append(everything, match.Indicator{ID: indicatorID(99), Kind: event.Domain, Value: v})
	}
	for i := range 10 {
		everything = append(everything, match.Indicator{ID: indicatorID(99), Kind: event.Domain, Value: fmt.Sprintf("evil%d.example", i)})
	}
	if _, _, err := l.Hunt(tt.Context(), everything, lake.HuntConfig{Hit: func(h match.Hit) { rows[h.Victim]++ }}); err != nil {
		tt.Fatal(err)
	}
	missing, double := 0, 0
	for name := range t.events {
		if rows[name] == 0 {
			missing++
		}
	}
	for _, n := range rows {
		double += n - 1
	}
	if missing != 0 || double != 0 || len(rows) != len(t.events) {
		tt.Errorf("lake: %d events missing, %d stand twice; %d in all, want %d", missing, double, len(rows), len(t.events))
	}
}

// process is a child that is killed and started again.
type process struct {
	dir  string
	mu   sync.Mutex
	up   sync.Cond
	cmd  *exec.Cmd
	addr string // empty while it is down
}

func newProcess(dir string) *process {
	p := &process{dir: dir}
	p.up.L = &p.mu
	return p
}

func (p *process) start(ctx context.Context) error {
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), childEnv+"="+p.dir)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	addr, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return fmt.Errorf("child: %w: %w: %s", err, cmd.Wait(), stderr.String())
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cmd, p.addr = cmd, strings.TrimSpace(addr)
	p.up.Broadcast()
	return nil
}

// url waits until the child is up.
func (p *process) url() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.addr == "" {
		p.up.Wait()
	}
	return "http://" + p.addr
}

func (p *process) kill() {
	p.mu.Lock()
	p.addr = ""
	p.mu.Unlock()
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

// progress counts what goes on, for those who wait for some of it to have gone on.
type progress struct {
	mu   sync.Mutex
	more sync.Cond
	n    int
	over bool
}

func newProgress() *progress {
	p := &progress{}
	p.more.L = &p.mu
	return p
}

func (p *progress) step() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.n++
	p.more.Broadcast()
}

// wait returns after so many steps, or when there will be no more.
func (p *progress) wait(steps int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for until := p.n + steps; p.n < until && !p.over; {
		p.more.Wait()
	}
}

// end lets everybody go on.
func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.over = true
	p.more.Broadcast()
}

func (p *progress) ended() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.over
}

// TestKilledAtAnyMoment posts events to a child that is killed again and again, whatever it is doing then; a batch is sent under its key until it
// is acknowledged. MARQUE_KILLS says how often; 0 acknowledged events may be lost, 0 counted twice.
func TestKilledAtAnyMoment(t *testing.T) {
	kills := 25
	if s := os.Getenv("MARQUE_KILLS"); s != "" {
		var err error
		if kills, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	p := newProcess(t.TempDir())
	if err := os.Mkdir(filepath.Join(p.dir, "logs"), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := p.start(t.Context()); err != nil {
		t.Fatal(err)
	}
	truth, answers := newTruth(), newProgress()
	var retries atomic.Int64
	var senders sync.WaitGroup
	for g := range 4 {
		senders.Go(func() {
			r := rand.New(rand.NewPCG(uint64(g), 5))
			for batch := 0; !answers.ended(); batch++ {
				var body bytes.Buffer
				for i := range 1 + r.IntN(900) {
					truth.line(&body, r, fmt.Sprintf("%d.%d.%d", g, batch, i))
				}
				for !post(t.Context(), p.url(), fmt.Sprintf("g%d-b%d", g, batch), body.Bytes(), batch%2 == 0, batch%3 == 0) {
					retries.Add(1)
				}
				answers.step()
			}
		})
	}
	senders.Go(func() { writeLogs(t, truth, filepath.Join(p.dir, "logs"), answers) })
	seed := rand.Uint64()
	t.Logf("kills after as many answers as seed %d says", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	for range kills {
		answers.wait(r.IntN(20)) // of whichever sender: where the others and the child are then is anybody's guess
		p.kill()
		if err := p.start(t.Context()); err != nil {
			answers.end()
			t.Fatal(err)
		}
	}
	answers.end()
	senders.Wait()
	settled(t, p.url(), len(truth.events))
	p.kill()
	t.Logf("%d kills, %d requests sent again", kills, retries.Load())
	truth.check(t, p.dir)
}

// post sends a batch once and reports whether it was acknowledged.
func post(ctx context.Context, url, key string, body []byte, packed, minimal bool) bool {
	if packed {
		var z bytes.Buffer
		w := gzip.NewWriter(&z)
		_, _ = w.Write(body)
		_ = w.Close()
		body = z.Bytes()
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/v1/events", bytes.NewReader(body))
	if err != nil {
		return false
	}
	req.Header.Set("Idempotency-Key", key)
	if minimal {
		req.Header.Set("Prefer", "return=minimal")
	}
	if packed {
		req.Header.Set("Content-Encoding", "gzip")
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return ctx.Err() != nil
	}
	_, err = io.Copy(io.Discard, res.Body)
	return cmp.Or(err, res.Body.Close()) == nil && res.StatusCode == http.StatusAccepted
}

// settled waits until all events are committed.
func settled(t *testing.T, url string, events int) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, fmt.Sprintf("%s/settled/%d", url, events), http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(res.Body); errors.Join(err, res.Body.Close()) != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("not settled: status %d, %s", res.StatusCode, text)
	}
}

// writeLogs appends to a log in pieces that end anywhere, one between two answers, and rotates it: by renaming, or by copying and truncating, with
// the older ones compressed.
func writeLogs(t *testing.T, truth *truth, dir string, answers *progress) {
	r := rand.New(rand.NewPCG(3, 3))
	path := filepath.Join(dir, "a.log")
	for round := 0; !answers.ended(); round++ {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
		if err != nil {
			t.Error(err)
			return
		}
		for part := range 20 {
			var b bytes.Buffer
			for i := range r.IntN(60) {
				truth.line(&b, r, fmt.Sprintf("log.%d.%d.%d", round, part, i))
			}
			half := r.IntN(b.Len() + 1)
			for _, piece := range [][]byte{b.Bytes()[:half], b.Bytes()[half:]} {
				if _, err := f.Write(piece); err != nil {
					t.Error(err)
				}
				answers.wait(1)
			}
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
		if round%2 == 0 {
			err = os.Rename(path, fmt.Sprintf("%s.%d", path, round))
		} else {
			err = copyAndTruncate(path, fmt.Sprintf("%s.%d.gz", path, round))
		}
		if err != nil {
			t.Error(err)
		}
	}
}

func copyAndTruncate(path, to string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	if _, err := w.Write(data); err != nil {
		return err
	}
	if err := errors.Join(w.Close(), os.WriteFile(to, z.Bytes(), 0o600)); err != nil {
		return err
	}
	return os.Truncate(path, 0)
}
