package intake_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"marque/claim"
	"marque/event"
	"marque/intake"
	"marque/lake"
	"marque/serve/events"
	"marque/stix"
	"marque/store"
	"marque/store/sqlite"
)

// instance is an intake with its server.
type instance struct {
	t    *testing.T
	in   *intake.Intake
	dir  string
	url  string
	stop func()
}

// open opens an intake in dir; it does not run yet.
func open(t *testing.T, dir string, cfg intake.Config, change ...func(*intake.Deps)) *instance {
	t.Helper()
	l, err := lake.Open(filepath.Join(dir, "lake"))
	if err != nil {
		t.Fatal(err)
	}
	d, err := deps(l)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range change {
		f(&d)
	}
	cfg.Dir, cfg.Segment, cfg.Poll, cfg.Retry = filepath.Join(dir, "intake"), 10*time.Millisecond, 2*time.Millisecond, 10*time.Millisecond
	in, err := intake.Open(t.Context(), d, cfg)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(events.New(in, events.Config{}))
	x := &instance{t: t, in: in, dir: dir, url: s.URL}
	x.stop = sync.OnceFunc(func() {
		s.Close()
		if err := in.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(x.stop)
	return x
}

// run consumes until the returned function is called.
func (x *instance) run() (end func()) {
	ctx, cancel := context.WithCancel(x.t.Context())
	var group sync.WaitGroup
	group.Go(func() {
		if err := x.in.Run(ctx); err != nil {
			x.t.Error(err)
		}
	})
	end = sync.OnceFunc(func() { cancel(); group.Wait() })
	stop := x.stop
	x.stop = func() { end(); stop() }
	x.t.Cleanup(end)
	return end
}

// until waits for the journal's counters to be so.
func (x *instance) until(want string, ok func(map[string]int64) bool) map[string]int64 {
	x.t.Helper()
	for {
		changed := x.in.Changed()
		c, err := x.in.Journal().Counters(x.t.Context())
		if err != nil {
			x.t.Fatal(err)
		}
		if ok(c) {
			return c
		}
		select {
		case <-changed:
		case <-x.t.Context().Done():
			x.t.Fatalf("counters %v, want %s", c, want)
		}
	}
}

func (x *instance) events(n int64) map[string]int64 {
	x.t.Helper()
	return x.until(fmt.Sprint(n, " events"), func(c map[string]int64) bool { return c["events"] >= n })
}

// reply is a response without its body.
type reply struct {
	StatusCode int
	Header     http.Header
}

// send posts a body with headers and returns status and answer.
func (x *instance) send(body []byte, headers ...string) (reply, intake.Answer) {
	x.t.Helper()
	req, err := http.NewRequestWithContext(x.t.Context(), http.MethodPost, x.url+"/v1/events", bytes.NewReader(body))
	if err != nil {
		x.t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		x.t.Fatal(err)
	}
	defer res.Body.Close()
	var a intake.Answer
	if err := json.NewDecoder(res.Body).Decode(&a); err != nil {
		x.t.Fatal(err)
	}
	return reply{res.StatusCode, res.Header}, a
}

func eventLine(domain string, n int) string {
	return fmt.Sprintf(`{"time":%d,"sensor":"s","victim":"v%d","domain":%q}`+"\n", firstHour+n, n, domain)
}

func gzipped(t *testing.T, b []byte) []byte {
	t.Helper()
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return z.Bytes()
}

func TestAnswers(t *testing.T) {
	x := open(t, t.TempDir(), intake.Config{MaxBody: 64 << 10, MaxLine: 1000})
	good := []byte(eventLine("evil1.example", 1) + "{\n\n" + eventLine("good.example", 2) + `{"a":"` + strings.Repeat("x", 2000) + `"}`)
	enc, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	long := bytes.Repeat([]byte(eventLine("evil1.example", 1)), 1000)
	for name, c := range map[string]struct {
		body    []byte
		headers []string
		status  int
	}{
		"plain":          {good, []string{"Idempotency-Key", "a"}, 202},
		"gzip":           {gzipped(t, good), []string{"Content-Encoding", "gzip", "Idempotency-Key", "b"}, 202},
		"zstd":           {enc.EncodeAll(good, nil), []string{"Content-Encoding", "zstd", "Idempotency-Key", "c"}, 202},
		"broken gzip":    {gzipped(t, good)[:40], []string{"Content-Encoding", "gzip"}, 400},
		"no gzip":        {good, []string{"Content-Encoding", "gzip"}, 400},
		"unknown coding": {good, []string{"Content-Encoding", "br"}, 415},
		"large":          {long, nil, 413},
		"large unpacked": {gzipped(t, long), []string{"Content-Encoding", "gzip"}, 413},
		"long key":       {good, []string{"Idempotency-Key", strings.Repeat("k", 256)}, 400},
	} {
		res, a := x.send(c.body, c.headers...)
		if res.StatusCode != c.status {
			t.Errorf("%s: status %d, want %d", name, res.StatusCode, c.status)
		}
		if c.status == 202 && (a.Lines != 5 || a.Events != 2 || a.Bad[event.BadEnd] != 1 || a.Bad[event.BadLength] != 1 || len(a.First) != 2 || a.First[1].Line != 5 || a.Repeated) {
			t.Errorf("%s: %+v", name, a)
		}
		if kind := res.Header.Get("Content-Type"); c.status != 202 && kind != "application/problem+json" {
			t.Errorf("%s: content type %s", name, kind)
		}
	}
	if _, a := x.send(good, "Idempotency-Key", "a"); !a.Repeated {
		t.Errorf("the same again: %+v", a)
	}
	if res, a := x.send(nil); res.StatusCode != http.StatusAccepted || a.Lines != 0 {
		t.Errorf("empty: %d %+v", res.StatusCode, a)
	}
	x.run()
	c := x.events(6)
	if c["events"] != 6 || c["bad:truncated"] != 3 || c["bad:too_long"] != 3 || c["matched"] != 3 {
		t.Errorf("counters %v", c)
	}
}

// TestKeys: what is the same counts once, whenever it comes again; a key that is used for other lines hides none of them.
func TestKeys(t *testing.T) {
	dir := t.TempDir()
	x := open(t, dir, intake.Config{})
	end := x.run()
	x.send([]byte(eventLine("evil1.example", 1)), "Idempotency-Key", "k")
	x.send([]byte(eventLine("evil1.example", 2)), "Idempotency-Key", "k")
	x.send([]byte(eventLine("evil1.example", 3)))
	x.events(3)
	end()
	x.stop()

	x = open(t, dir, intake.Config{}) // the stream has forgotten what was committed, and the server what it knew
	x.run()
	x.send([]byte(eventLine("evil1.example", 1)), "Idempotency-Key", "k")
	x.send([]byte(eventLine("evil1.example", 3)))
	x.send([]byte(eventLine("evil1.example", 1)), "Idempotency-Key", "other")
	c := x.until("2 repeated messages", func(c map[string]int64) bool { return c["repeated"] == 2 && c["events"] >= 4 })
	if c["events"] != 4 {
		t.Errorf("counters %v", c)
	}
}

func TestBackPressure(t *testing.T) {
	t.Run("stream", func(t *testing.T) {
		x := open(t, t.TempDir(), intake.Config{Backlog: 20_000})
		taken := int64(0)
		var res reply
		for i := range 2000 {
			if res, _ = x.send([]byte(eventLine("evil1.example", i))); res.StatusCode != http.StatusAccepted {
				break
			}
			taken++
		}
		if res.StatusCode != http.StatusTooManyRequests || res.Header.Get("Retry-After") == "" {
			t.Fatalf("status %d after %d", res.StatusCode, taken)
		}
		x.run()
		if c := x.events(taken); c["events"] != taken {
			t.Errorf("counters %v, %d were acknowledged", c, taken)
		}
		x.until("room again", func(map[string]int64) bool {
			res, _ := x.send([]byte(eventLine("evil2.example", 1)))
			return res.StatusCode == http.StatusAccepted
		})
	})
	t.Run("memory", func(t *testing.T) {
		x := open(t, t.TempDir(), intake.Config{Memory: 1 << 20, MaxBody: 1 << 20})
		if !x.in.TakeMemory(1<<20 - 1000) {
			t.Fatal("no memory")
		}
		if res, _ := x.send([]byte(eventLine("a.example", 1))); res.StatusCode != http.StatusTooManyRequests || res.Header.Get("Retry-After") == "" {
			t.Errorf("status %d", res.StatusCode)
		}
	})
	t.Run("disk", func(t *testing.T) {
		free := int64(1 << 40)
		cfg := intake.Config{}
		cfg.SetFree(func(string) (int64, error) { return free, nil })
		x := open(t, t.TempDir(), cfg)
		x.send([]byte(eventLine("evil1.example", 1)))
		free = 1000
		if res, _ := x.send([]byte(eventLine("evil1.example", 2))); res.StatusCode != http.StatusInsufficientStorage {
			t.Errorf("status %d", res.StatusCode)
		}
		x.run()
		x.events(1)
	})
	t.Run("ending", func(t *testing.T) {
		x := open(t, t.TempDir(), intake.Config{})
		x.in.Stop()
		if res, _ := x.send([]byte(eventLine("a.example", 1))); res.StatusCode != http.StatusServiceUnavailable || res.Header.Get("Retry-After") == "" {
			t.Errorf("status %d", res.StatusCode)
		}
	})
}

// TestLostStream: the journal is ahead of a stream whose folder is gone; what comes then is not taken for what was counted.
func TestLostStream(t *testing.T) {
	dir := t.TempDir()
	x := open(t, dir, intake.Config{})
	x.run()
	for i := range 5 {
		x.send([]byte(eventLine("evil1.example", i)))
	}
	x.events(5)
	x.stop()
	if err := os.RemoveAll(filepath.Join(dir, "intake", "stream")); err != nil {
		t.Fatal(err)
	}
	x = open(t, dir, intake.Config{})
	x.run()
	x.send([]byte(eventLine("evil1.example", 7)))
	if c := x.events(6); c["events"] != 6 {
		t.Errorf("counters %v", c)
	}
}

// TestDamagedStream: what can be read of the stream counts, and what is missing is said.
func TestDamagedStream(t *testing.T) {
	dir := t.TempDir()
	x := open(t, dir, intake.Config{})
	for i := range 50 {
		x.send([]byte(eventLine("evil1.example", i)))
	}
	x.stop()
	blocks, err := filepath.Glob(filepath.Join(dir, "intake", "stream", "jetstream", "*", "streams", "*", "msgs", "*.blk"))
	if err != nil || len(blocks) != 1 {
		t.Fatal(blocks, err)
	}
	data, err := os.ReadFile(blocks[0])
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(data[len(data)/2:], []byte("evil1")) // in a message, not in a length: with that the server does not open the stream at all
	if at < 0 {
		t.Fatal("no message in the second half of the block")
	}
	data[len(data)/2+at] ^= 0xff
	if err := os.WriteFile(blocks[0], data, 0o600); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	x = open(t, dir, intake.Config{}, logTo(&log))
	x.run()
	if res, a := x.send([]byte(eventLine("evil1.example", 1000)), "Idempotency-Key", "later"); res.StatusCode != http.StatusAccepted || a.Repeated {
		t.Fatalf("status %d, %+v", res.StatusCode, a)
	}
	c := x.until("what can be read, and what is lost", func(c map[string]int64) bool { return c["events"]+c["lost"] >= 51 })
	x.stop()
	if c["events"]+c["lost"] != 51 || c["events"] < 20 || c["lost"] == 0 {
		t.Errorf("counters %v", c)
	}
	if !strings.Contains(log.String(), "damaged") || !strings.Contains(log.String(), filepath.Join(dir, "intake", "stream")) {
		t.Errorf("the log does not name the stream: %s", log.String())
	}
}

func TestDamagedJournal(t *testing.T) {
	dir := t.TempDir()
	x := open(t, dir, intake.Config{})
	x.run()
	x.send([]byte(eventLine("evil1.example", 1)))
	x.events(1)
	x.stop()
	path := filepath.Join(dir, "intake", "journal.db")
	if err := os.WriteFile(path, bytes.Repeat([]byte("no database "), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := deps(nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = intake.Open(t.Context(), d, intake.Config{Dir: filepath.Join(dir, "intake")})
	if !errors.Is(err, intake.ErrDamaged) || !strings.Contains(err.Error(), path) {
		t.Errorf("%v", err)
	}
}

func TestOneProcess(t *testing.T) {
	dir := t.TempDir()
	open(t, dir, intake.Config{})
	d, err := deps(nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = intake.Open(t.Context(), d, intake.Config{Dir: filepath.Join(dir, "intake")}); !errors.Is(err, intake.ErrLocked) {
		t.Errorf("%v", err)
	}
}

func TestNATSClients(t *testing.T) {
	x := open(t, t.TempDir(), intake.Config{Listen: "127.0.0.1:0", Token: "secret"})
	x.run()
	if _, err := nats.Connect(x.in.NATS()); err == nil {
		t.Error("connected without the token")
	}
	nc, err := nats.Connect(x.in.NATS(), nats.Token("secret"))
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	enc, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	lines := []byte(eventLine("evil1.example", 1) + eventLine("evil2.example", 2))
	for i, m := range []*nats.Msg{
		{Subject: "marque.events.a", Data: lines},
		{Subject: "marque.events.b.c", Data: gzipped(t, lines)},
		{Subject: "marque.events.d", Data: enc.EncodeAll(lines, nil)},
		{Subject: "marque.events.e", Data: lines, Header: nats.Header{"Content-Encoding": {"s2"}}}, // which it is not
		{Subject: "marque.events.f", Data: lines, Header: nats.Header{nats.MsgIdHdr: {"x"}}},
		{Subject: "marque.events.f", Data: lines, Header: nats.Header{nats.MsgIdHdr: {"x"}}},
	} {
		if _, err := js.PublishMsg(t.Context(), m); err != nil {
			t.Fatal(i, err)
		}
	}
	c := x.events(8)
	if c["events"] != 8 || c["bad:encoding"] != 1 {
		t.Errorf("counters %v", c)
	}
	if s, err := x.in.Status(t.Context()); err != nil || s.Fault != "" {
		t.Errorf("%+v %v", s, err)
	}
}

func stixIndicator(t *testing.T, n int, domain string) *stix.Object {
	t.Helper()
	id := stix.ID(indicatorID(n))
	at := stix.At(time.Unix(firstHour, 0))
	o, err := stix.New(stix.Indicator{Common: stix.NewCommon(id, at, claim.MarqueIdentity), Pattern: "[domain-name:value = '" + domain + "']", PatternType: "stix", ValidFrom: stix.At(time.Unix(0, 0))})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// TestLookBack: an indicator that arrives is looked up in what came before, and met by what comes after, each event once; a
// restart changes nothing.
func TestLookBack(t *testing.T) {
	dir := t.TempDir()
	db, err := sqlite.Open(t.Context(), filepath.Join(dir, "store.db"), sqlite.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() }) // after the intake, which asks it for indicators
	from := intake.FromStore{Reader: db.View(store.Owner())}
	hunting := func(d *intake.Deps) { d.Indicators = from }
	x := open(t, dir, intake.Config{}, hunting)
	end := x.run()
	for i := range 30 {
		x.send([]byte(eventLine("late.example", i)))
	}
	x.events(30)
	if _, err := db.Put(t.Context(), store.Provenance{Source: "test", Importer: "test", Time: time.Unix(firstHour, 0), TLP: stix.Amber}, []*stix.Object{stixIndicator(t, 50, "late.example")}); err != nil {
		t.Fatal(err)
	}
	x.until("the look back", func(c map[string]int64) bool { return c["look_back_matched"] == 30 })
	for i := range 20 {
		x.send([]byte(eventLine("late.example", 100+i)))
	}
	x.events(50)
	end()
	x.stop()

	x = open(t, dir, intake.Config{}, hunting)
	x.run()
	x.send([]byte(eventLine("late.example", 500)))
	x.events(51)
	counts := map[intake.Reason]uint64{}
	for s, err := range x.in.Journal().Sightings(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		counts[s.Reason] += s.Count
	}
	if counts[intake.LookBack] != 30 || counts[intake.Live] != 21 {
		t.Errorf("%v", counts)
	}
	for i, want := range []int{2, 0} {
		n, err := intake.PutSightings(t.Context(), x.in.Journal(), db.View(store.Owner()), db, func(ctx context.Context, objects []*stix.Object) (int, error) {
			stored := 0
			for _, o := range objects { // whoever keeps a sighting keeps it at the level of its indicator
				level, err := store.LevelOf(ctx, db.View(store.Owner()), o.SightingOfRef)
				if err != nil {
					return stored, err
				}
				res, err := db.Put(ctx, store.Provenance{Source: "test", Importer: "test", Time: time.Unix(firstHour, 0), TLP: level}, []*stix.Object{o})
				if err != nil {
					return stored, err
				}
				stored += res.Stored()
			}
			return stored, nil
		})
		if err != nil || n != want {
			t.Errorf("round %d: %d sightings stored, want %d, %v", i, n, want, err)
		}
	}
	// Of an AMBER indicator, a sighting is AMBER.
	for level, want := range map[stix.TLP]int{stix.Green: 0, stix.Amber: 2} {
		n, err := db.View(store.View{MaxTLP: level}).Count(t.Context(), store.Query{Types: []string{"sighting"}})
		if err != nil || n != want {
			t.Errorf("%d sightings up to %v, want %d, %v", n, level, want, err)
		}
	}
}

func logTo(b *bytes.Buffer) func(*intake.Deps) {
	return func(d *intake.Deps) { d.Log = slog.New(slog.NewTextHandler(&locked{b: b}, nil)) }
}

// locked is a buffer that several goroutines write.
type locked struct {
	mu sync.Mutex
	b  *bytes.Buffer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// TestFollow: what of a folder counts, and what does not.
func TestFollow(t *testing.T) {
	x := open(t, t.TempDir(), intake.Config{MaxLine: 1000, Quiet: 20 * time.Millisecond})
	dir := filepath.Join(x.dir, "logs")
	write := func(name string, data []byte) {
		t.Helper()
		if err := errors.Join(os.MkdirAll(dir, 0o750), os.WriteFile(filepath.Join(dir, name), data, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	lines := func(from, to int) []byte {
		var b bytes.Buffer
		for i := from; i < to; i++ {
			b.WriteString(eventLine("evil3.example", i))
		}
		return b.Bytes()
	}
	write("whole.jsonl", bytes.TrimSuffix(lines(0, 10), []byte("\n")))
	write("packed.gz", gzipped(t, lines(100, 110)))
	write("half.gz", gzipped(t, lines(200, 1200))[:1500])
	write(".hidden", lines(300, 310))
	write("coming.part", lines(300, 310))
	write("bom", append([]byte("\xef\xbb\xbf"), lines(400, 410)...))
	write("long", []byte(strings.Repeat("x", 3<<20)+"\n"+eventLine("evil3.example", 500)+"{\n"))
	ctx, end := context.WithCancel(t.Context())
	var group sync.WaitGroup
	group.Go(func() { x.in.Follow(ctx, dir) })
	defer group.Wait()
	defer end()
	x.until("long lines", func(c map[string]int64) bool {
		return c["bad:too_long"] == 1 && c["bad:truncated"] == 1 && c["events"] >= 31
	})
	write("half.gz", gzipped(t, lines(200, 1200)))
	write("bom", lines(600, 605)) // shorter: another file
	c := x.events(31 + 1000 + 5)
	if c["events"] != 1036 || c["matched"] != 1036 {
		t.Errorf("counters %v", c)
	}
	for b, err := range x.in.Journal().Quarantine(t.Context()) {
		if err != nil || b.Reason == event.BadEnd && (b.Line != 3 || b.Source != filepath.Join(dir, "long")) {
			t.Errorf("%+v %v", b, err)
		}
	}
}

func TestValidateNamesEveryProblem(t *testing.T) {
	err := intake.Config{Durability: "x", Listen: "0.0.0.0:4222", URL: "nats://a", Backlog: -1, MaxLine: 1 << 30}.Validate()
	for _, want := range []string{"dir", "durability", "nats_token", "one of them", "backlog", "max_line"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not named in %v", want, err)
		}
	}
}
