package intake_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/klauspost/compress/s2"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"marque/event"
	"marque/intake"
	"marque/lake"
	"marque/lake/bench"
	"marque/match"
	"marque/serve/events"
)

// BenchmarkIntake compares, in one run and over the same events: the file matched into a lake, JetStream alone, and the whole
// way from HTTP into the lake, until the last event is committed. The clients are a process of their own, whose processor time is told
// apart. MARQUE_EVENTS says how many events.
func BenchmarkIntake(b *testing.B) {
	n := 500_000
	if s := os.Getenv("MARQUE_EVENTS"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			b.Fatal(err)
		}
	}
	w := bench.Workload{Seed: 1, Events: n, Indicators: 1_000_000}
	var text bytes.Buffer
	if err := w.WriteEvents(b.Context(), &text); err != nil {
		b.Fatal(err)
	}
	steps := []struct {
		name string
		run  func(*testing.B, bench.Workload, []byte) span
	}{{"file", fromFile}, {"jetstream", streamAlone}, {"http-process", overHTTP(intake.Process, true)}, {"http-power", overHTTP(intake.Power, true)}, {"http-power-checked", overHTTP(intake.Power, false)}}
	for _, s := range steps {
		b.Run(s.name, func(b *testing.B) {
			for b.Loop() {
				took := s.run(b, w, text.Bytes())
				b.ReportMetric(float64(n)/took.clock.Seconds()/1e6, "Mevents/s")
				b.ReportMetric(float64(n)/took.cpu.Seconds()/1e6, "Mevents/cpu-s")
			}
		})
	}
}

// span is the time that a step took, by the clock and of the processor.
type span struct{ clock, cpu time.Duration }

type started struct {
	at  time.Time
	cpu time.Duration
}

func start() started { return started{time.Now(), cpu()} }

func (s started) end() span { return span{time.Since(s.at), cpu() - s.cpu} }

func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// requests cuts lines into bodies of about a megabyte.
func requests(text []byte) [][]byte {
	var out [][]byte
	for len(text) > 0 {
		cut := len(text)
		if cut > 1<<20 {
			cut = bytes.LastIndexByte(text[:1<<20], '\n') + 1
		}
		out, text = append(out, text[:cut]), text[cut:]
	}
	return out
}

func benchDeps(b *testing.B, w bench.Workload, dir string) intake.Deps {
	b.Helper()
	l, err := lake.Open(filepath.Join(dir, "lake"))
	if err != nil {
		b.Fatal(err)
	}
	t, err := w.Table(l.Seed())
	if err != nil {
		b.Fatal(err)
	}
	f, err := event.NewFormats()
	if err != nil {
		b.Fatal(err)
	}
	return intake.Deps{Formats: f, Set: match.NewSet(l.Seed(), t), Lake: l}
}

func fromFile(b *testing.B, w bench.Workload, text []byte) span {
	dir := b.TempDir()
	d := benchDeps(b, w, dir)
	path := filepath.Join(dir, "events.jsonl")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		b.Fatal(err)
	}
	began := start()
	if _, _, err := match.Run(b.Context(), []match.Source{{Path: path}}, d.Formats, d.Set, match.Config{Keep: d.Lake}); err != nil {
		b.Fatal(err)
	}
	return began.end()
}

// streamAlone publishes the events, 256 to a message and compressed, and does nothing with them.
func streamAlone(b *testing.B, _ bench.Workload, text []byte) span {
	s, err := server.NewServer(&server.Options{DontListen: true, JetStream: true, StoreDir: b.TempDir(), NoSigs: true, NoLog: true, MaxPayload: 8 << 20})
	if err != nil {
		b.Fatal(err)
	}
	s.Start()
	defer s.Shutdown()
	if !s.ReadyForConnections(time.Minute) {
		b.Fatal("not ready")
	}
	nc, err := nats.Connect("", nats.InProcessServer(s))
	if err != nil {
		b.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc, jetstream.WithPublishAsyncMaxPending(1<<20))
	if err != nil {
		b.Fatal(err)
	}
	if _, err := js.CreateStream(b.Context(), jetstream.StreamConfig{Name: "E", Subjects: []string{"e"}}); err != nil {
		b.Fatal(err)
	}
	began := start()
	for n := 0; len(text) > 0; n++ {
		at := 0
		for range 256 {
			at += bytes.IndexByte(text[at:], '\n') + 1
			if at == len(text) {
				break
			}
		}
		m := nats.NewMsg("e")
		m.Data = s2.Encode(nil, text[:at])
		m.Header.Set(nats.MsgIdHdr, fmt.Sprint(n))
		if _, err := js.PublishMsgAsync(m); err != nil {
			b.Fatal(err)
		}
		text = text[at:]
	}
	<-js.PublishAsyncComplete()
	return began.end()
}

func overHTTP(durability intake.Durability, minimal bool) func(*testing.B, bench.Workload, []byte) span {
	return func(b *testing.B, w bench.Workload, _ []byte) span {
		dir := b.TempDir()
		in, err := intake.Open(b.Context(), benchDeps(b, w, dir), intake.Config{Dir: filepath.Join(dir, "intake"), Durability: durability, Segment: 500 * time.Millisecond})
		if err != nil {
			b.Fatal(err)
		}
		ln, err := new(net.ListenConfig).Listen(b.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			b.Fatal(err)
		}
		s := &http.Server{Handler: events.New(in, events.Config{}), ReadHeaderTimeout: time.Second}
		go func() { _ = s.Serve(ln) }()
		ctx, end := context.WithCancel(b.Context())
		var run sync.WaitGroup
		run.Go(func() {
			if err := in.Run(ctx); err != nil {
				b.Error(err)
			}
		})
		c := startClient(b, clientJob{URL: "http://" + ln.Addr().String(), Events: w.Events, Minimal: minimal})
		began := start()
		theirs := c.send(b)
		acknowledged := began.end().clock
		counters := func() int64 {
			c, err := in.Journal().Counters(b.Context())
			if err != nil {
				b.Fatal(err)
			}
			return c["events"]
		}
		for changed := in.Changed(); counters() < int64(w.Events); changed = in.Changed() {
			<-changed // until the last segment is committed
		}
		took := began.end()
		b.ReportMetric(float64(w.Events)/acknowledged.Seconds()/1e6, "Macked/s")
		b.ReportMetric(float64(w.Events)/(took.cpu+theirs).Seconds()/1e6, "Mevents/cpu-s-with-clients")
		end()
		run.Wait()
		if err := s.Close(); err != nil {
			b.Error(err)
		}
		if err := in.Close(); err != nil {
			b.Error(err)
		}
		return took
	}
}

// clientEnv makes a child that posts events; its value is a clientJob.
const clientEnv = "MARQUE_INTAKE_CLIENT"

type clientJob struct {
	URL     string
	Events  int
	Minimal bool
}

// client makes the requests, waits for a line, sends them over eight connections and tells the processor time of that.
func client(text string) error {
	var job clientJob
	if err := json.Unmarshal([]byte(text), &job); err != nil {
		return err
	}
	var lines bytes.Buffer
	if err := (bench.Workload{Seed: 1, Events: job.Events, Indicators: 1_000_000}).WriteEvents(context.Background(), &lines); err != nil {
		return err
	}
	bodies := requests(lines.Bytes())
	fmt.Println("ready")
	if _, err := bufio.NewReader(os.Stdin).ReadString('\n'); err != nil {
		return err
	}
	began := start()
	var next atomic.Int64
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(bodies)); i = next.Add(1) - 1 {
				for !post(context.Background(), job.URL, fmt.Sprint(i), bodies[i], false, job.Minimal) {
					runtime.Gosched() // told to wait
				}
			}
		})
	}
	group.Wait()
	fmt.Println(began.end().cpu.Nanoseconds())
	return nil
}

// clients is a child that is ready to send.
type clients struct {
	cmd *exec.Cmd
	in  io.Writer
	out *bufio.Reader
}

func startClient(b *testing.B, job clientJob) *clients {
	b.Helper()
	text, err := json.Marshal(job)
	if err != nil {
		b.Fatal(err)
	}
	c := &clients{cmd: exec.CommandContext(b.Context(), os.Args[0], "-test.run=^$")}
	c.cmd.Env = append(os.Environ(), clientEnv+"="+string(text))
	c.cmd.Stderr = os.Stderr
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		b.Fatal(err)
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	c.out = bufio.NewReader(out)
	if err := c.cmd.Start(); err != nil {
		b.Fatal(err)
	}
	if _, err := c.out.ReadString('\n'); err != nil {
		b.Fatal(err)
	}
	return c
}

// send returns when everything is acknowledged, and what the clients used.
func (c *clients) send(b *testing.B) time.Duration {
	b.Helper()
	if _, err := fmt.Fprintln(c.in); err != nil {
		b.Fatal(err)
	}
	line, err := c.out.ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	nanos, err := strconv.ParseInt(strings.TrimSpace(line), 10, 64)
	if err := errors.Join(err, c.cmd.Wait()); err != nil {
		b.Fatal(err)
	}
	return time.Duration(nanos)
}
