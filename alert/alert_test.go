package alert_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"marque/alert"
	"marque/intake"
	"marque/internal/durable"
	"marque/internal/durable/durabletest"
	"marque/match"
	"marque/stix"
)

var errKilled = errors.New("killed")

// disk is an outbox that survives kills. Each of its methods is a step, and the process is killed before or after step killAt.
type disk struct {
	mu      sync.Mutex
	entries []intake.Outgoing
	at      map[string]int64
	told    map[string]map[intake.Told]bool
	dead    []intake.Dead

	steps, killAt int
	after, killed bool
}

func newDisk(entries ...intake.Outgoing) *disk {
	return &disk{entries: entries, at: map[string]int64{}, told: map[string]map[intake.Told]bool{}, killAt: -1}
}

// step does one durable step, unless the process was killed.
func (d *disk) step(f func()) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.steps == d.killAt
	d.steps++
	if d.killed || now && !d.after {
		d.killed = true
		return errKilled
	}
	f()
	if now {
		d.killed = true
		return errKilled
	}
	return nil
}

func (d *disk) restart() { d.steps, d.killAt, d.killed = 0, -1, false }

func (d *disk) Enrol(_ context.Context, sinks []string) (string, map[string]int64, error) {
	at := map[string]int64{}
	err := d.step(func() {
		for _, s := range sinks {
			at[s] = d.at[s]
		}
	})
	return "box", at, err
}

func (d *disk) Pending(_ context.Context, after int64, limit int) (out []intake.Outgoing, err error) {
	err = d.step(func() {
		for _, e := range d.entries {
			if e.Seq > after && len(out) < limit {
				out = append(out, e)
			}
		}
	})
	return out, err
}

func (d *disk) Advance(_ context.Context, sink string, seq int64, told []intake.Told, buried []intake.Dead) error {
	return d.step(func() {
		d.at[sink] = max(d.at[sink], seq)
		if d.told[sink] == nil {
			d.told[sink] = map[intake.Told]bool{}
		}
		for _, t := range told {
			d.told[sink][t] = true
		}
		d.dead = append(d.dead, buried...)
	})
}

func (d *disk) Told(_ context.Context, sink string, keys []intake.Told) (map[intake.Told]bool, error) {
	out := map[intake.Told]bool{}
	err := d.step(func() {
		for _, k := range keys {
			if d.told[sink][k] {
				out[k] = true
			}
		}
	})
	return out, err
}

func (d *disk) Waiting(_ context.Context, after int64) (n int64, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, e := range d.entries {
		if e.Seq > after {
			n++
		}
	}
	return n, nil
}

// known are dossiers by level: what is known of every indicator.
type known struct {
	level stix.TLP // of the indicator
	named stix.TLP // from which level on the actor is shown
}

func (k known) Dossier(_ context.Context, indicator string, level stix.TLP) (d alert.Dossier, ok bool, err error) {
	if level < k.level {
		return d, false, nil
	}
	d = alert.Dossier{TLP: k.level, Name: "of " + indicator, Reports: []alert.Report{{ID: "report--1", Name: "A report"}}}
	if level >= k.named {
		d.Actor, d.Sponsor = "APT28", "Russia"
	}
	return d, true, nil
}

var noon = time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)

// hits are n hits, of n/2 indicators on two hosts.
func hits(n int) (out []intake.Outgoing) {
	for i := range n {
		out = append(out, intake.Outgoing{Seq: int64(i + 1), At: noon, Why: intake.Live, Hit: match.Hit{
			Indicator: fmt.Sprintf("indicator--%d", i/2), Actor: "above the level", Sponsor: "above", Labels: []string{"above"}, Kind: "domain", Searched: fmt.Sprintf("evil%d.example", i/2),
			Time: noon.Add(time.Duration(i) * time.Minute), Host: fmt.Sprintf("pc-%d", i%2), User: "mk", Src: "192.0.2.1", Dst: "198.51.100.7", Sensor: "fw",
		}})
	}
	return out
}

// run delivers until nothing is left to do, or something fails.
func run(t *testing.T, d *disk, fsys durable.FS, dossiers alert.Dossiers, now func() time.Time, sinks ...alert.Sink) error {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var left sync.WaitGroup
	left.Add(len(sinks))
	idle := func(context.Context, time.Duration) error {
		left.Done()
		return errors.New("idle")
	}
	r, err := alert.Open(ctx, alert.Config{Sinks: sinks}, alert.Deps{Outbox: d, Dossiers: dossiers, FS: fsys, Now: now, Rest: func(c context.Context, wait time.Duration) error {
		err := idle(c, wait)
		left.Wait() // all of them
		cancel()
		return err
	}})
	if err != nil {
		return err
	}
	return r.Run(ctx)
}

func at(t time.Time) func() time.Time { return func() time.Time { return t } }

// inFile reads the alerts of a file and of those put aside, oldest first.
func inFile(t *testing.T, files map[string][]byte, path string) (out []alert.Alert) {
	t.Helper()
	var text []byte
	for n := 60; n >= 0; n-- {
		name := path
		if n > 0 {
			name = fmt.Sprintf("%s.%d", path, n)
		}
		text = append(text, files[name]...)
	}
	for line := range bytes.Lines(text) {
		var a alert.Alert
		if err := json.Unmarshal(line, &a); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		out = append(out, a)
	}
	return out
}

func seqs(list []alert.Alert) (out []int64) {
	for _, a := range list {
		out = append(out, a.Seq)
	}
	return out
}

func upTo(n int64) (out []int64) {
	for i := int64(1); i <= n; i++ {
		out = append(out, i)
	}
	return out
}

// TestKilledAtEveryStep: whenever the process is killed, between any two steps of the outbox or at any step of the disk, with whatever of
// the unsynced data on it, the next run leaves each alert exactly once in the file, in order, and brings each to the webhook.
func TestKilledAtEveryStep(t *testing.T) {
	const n = 7
	hook := newHook(t)
	sinks := []alert.Sink{
		{Name: "file", Kind: alert.File, TLP: stix.Green, Path: "/logs/alerts.jsonl", RotateBytes: 900, Keep: 50},
		hook.sink("hook"),
	}
	check := func(what string, d *disk, fsys *durabletest.FS) {
		t.Helper()
		for range 2 { // the second run has nothing left to do
			d.restart()
			if err := run(t, d, fsys, known{}, at(noon), sinks...); err != nil {
				t.Fatalf("%s: %v", what, err)
			}
		}
		if diff := cmp.Diff(upTo(n), seqs(inFile(t, fsys.Files(), "/logs/alerts.jsonl"))); diff != "" {
			t.Fatalf("%s: the file (-want +got):\n%s", what, diff)
		}
		if got := hook.take(); len(got) != n {
			t.Fatalf("%s: the webhook got %d of %d", what, len(got), n)
		}
	}
	// grow puts the hits into the outbox in three lots, so that there is a file before the kill.
	grow := func(fsys *durabletest.FS, before func(*disk)) *disk {
		all := hits(n)
		d := newDisk(all[:2]...)
		_ = run(t, d, fsys, known{}, at(noon), sinks...)
		d.entries = all[:5]
		before(d)
		_ = run(t, d, fsys, known{}, at(noon), sinks...)
		d.entries = all
		_ = run(t, d, fsys, known{}, at(noon), sinks...)
		return d
	}
	kills := 0
	for _, after := range []bool{false, true} {
		for k := 0; ; k++ {
			fsys := durabletest.New()
			d := grow(fsys, func(d *disk) { d.steps, d.killAt, d.after = 0, k, after })
			killed := d.killed
			check(fmt.Sprintf("outbox, step %d, after %v", k, after), d, fsys)
			if !killed {
				break
			}
			kills++
		}
	}
	for _, keep := range durabletest.Keeps {
		for k := 0; ; k++ {
			fsys := durabletest.New()
			d := grow(fsys, func(*disk) { fsys.CrashAt(k, keep) })
			steps := fsys.Steps()
			fsys.Restart(keep)
			check(fmt.Sprintf("disk, step %d, keeping %d", k, keep), d, fsys)
			if k >= steps {
				break
			}
			kills++
		}
	}
	if kills < 100 {
		t.Errorf("killed %d times, want 100 or more", kills)
	}
}

// TestCeiling: nothing of what is above a sink's level goes there.
func TestCeiling(t *testing.T) {
	for _, tt := range []struct {
		name         string
		of           known
		sink         stix.TLP
		alerts       int
		actor, state string
	}{
		{"an indicator above the level", known{level: stix.Amber}, stix.Green, 0, "", ""},
		{"the actor is above it", known{level: stix.Clear, named: stix.Amber}, stix.Green, 4, "", ""},
		{"all of it may go out", known{level: stix.Green, named: stix.Amber}, stix.Amber, 4, "APT28", "Russia"},
		{"a sink without a level is for what is clear", known{level: stix.Green}, stix.Clear, 0, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			fsys := durabletest.New()
			d := newDisk(hits(4)...)
			if err := run(t, d, fsys, tt.of, at(noon), alert.Sink{Name: "f", Kind: alert.File, TLP: tt.sink, Path: "/a.jsonl"}); err != nil {
				t.Fatal(err)
			}
			got := inFile(t, fsys.Files(), "/a.jsonl")
			if len(got) != tt.alerts || d.at["f"] != 4 {
				t.Fatalf("%d alerts, position %d", len(got), d.at["f"])
			}
			for _, a := range got {
				if a.Actor != tt.actor || a.Sponsor != tt.state || len(a.Labels) > 0 {
					t.Errorf("%+v", a)
				}
			}
			if strings.Contains(string(fsys.Files()["/a.jsonl"]), "above") {
				t.Error("what the hit itself carries went out")
			}
		})
	}
}

func TestFilters(t *testing.T) {
	for _, tt := range []struct {
		name string
		only alert.Filter
		want []int64
	}{
		{"nothing", alert.Filter{}, upTo(6)},
		{"actor, in any case", alert.Filter{Actors: []string{"x", "apt28"}}, upTo(6)},
		{"another actor", alert.Filter{Actors: []string{"APT29"}}, nil},
		{"state and kind", alert.Filter{Sponsors: []string{"Russia"}, Kinds: []string{"domain"}}, upTo(6)},
		{"another kind", alert.Filter{Kinds: []string{"url"}}, nil},
		{"another level", alert.Filter{Levels: []stix.TLP{stix.Amber}}, nil},
		{"a confidence that is not told", alert.Filter{Confidence: 50}, nil},
		{"a technique", alert.Filter{Techniques: []string{"T1566"}}, nil},
		{"first per day", alert.Filter{FirstPerDay: true}, upTo(6)},
	} {
		fsys := durabletest.New()
		if err := run(t, newDisk(hits(6)...), fsys, known{}, at(noon), alert.Sink{Name: "f", Kind: alert.File, Only: tt.only, Path: "/a.jsonl"}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.want, seqs(inFile(t, fsys.Files(), "/a.jsonl"))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
	// The same again, later the same day, in another run, and the day after.
	list := hits(4)
	for i, e := range hits(4) {
		e.Seq += 4
		list = append(list, e)
		e.Seq += 4
		e.Hit.Time = e.Hit.Time.Add(24 * time.Hour)
		list = append(list, e)
		_ = i
	}
	slices.SortFunc(list, func(a, b intake.Outgoing) int { return int(a.Seq - b.Seq) })
	fsys, d := durabletest.New(), newDisk(list[:6]...)
	for _, part := range []int{6, 12} {
		d.entries = list[:part]
		if err := run(t, d, fsys, known{}, at(noon), alert.Sink{Name: "f", Kind: alert.File, Only: alert.Filter{FirstPerDay: true}, Path: "/a.jsonl"}); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]int64{1, 2, 3, 4, 9, 10, 11, 12}, seqs(inFile(t, fsys.Files(), "/a.jsonl"))); diff != "" {
		t.Errorf("first per day (-want +got):\n%s", diff)
	}
}

// TestFilesOfOthers: a file that is no file of alerts is left alone, and one of another outbox says nothing of this one's numbers.
func TestFilesOfOthers(t *testing.T) {
	fsys := durabletest.New()
	sink := alert.Sink{Name: "f", Kind: alert.File, Path: "/a.jsonl"}
	put := func(text string) {
		if err := durable.WriteFile(fsys, "/a.jsonl", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put("my notes\n")
	d := newDisk(hits(3)...)
	if err := run(t, d, fsys, known{}, at(noon), sink); err != nil {
		t.Fatal(err)
	}
	if got := string(fsys.Files()["/a.jsonl"]); got != "my notes\n" || d.at["f"] != 0 {
		t.Errorf("%q, position %d", got, d.at["f"])
	}
	put(`{"seq":1000,"outbox":"another"}` + "\n" + `{"seq":10`)
	if err := run(t, d, fsys, known{}, at(noon), sink); err != nil {
		t.Fatal(err)
	}
	if got := seqs(inFile(t, fsys.Files(), "/a.jsonl")); !slices.Equal(got, []int64{1000, 1, 2, 3}) {
		t.Errorf("%v", got)
	}
}

func TestValidateNamesTheSetting(t *testing.T) {
	dir := t.TempDir()
	secret := filepath.Join(dir, "secret")
	if err := os.WriteFile(secret, []byte("0123456789abcdef"), 0o600); err != nil {
		t.Fatal(err)
	}
	good := []alert.Sink{
		{Name: "a", Kind: alert.File, Path: "x"},
		{Name: "b", Kind: alert.Webhook, URL: "https://hook.example/x", SecretFile: secret},
		{Name: "c", Kind: alert.Syslog, Address: "log.example:6514"},
		{Name: "d", Kind: alert.NATS, URL: "nats://127.0.0.1:4222", Subject: "soc.hits"},
		{Name: "e", Kind: alert.Mail, Address: "mail.example:587", From: "marque@example.org", To: []string{"SOC <soc@example.org>"}},
	}
	if err := (alert.Config{Sinks: good}).Validate(); err != nil {
		t.Error(err)
	}
	for want, s := range map[string]alert.Sink{
		"name: want":                {Kind: alert.File, Path: "x"},
		"path: want a file":         {Name: "a", Kind: alert.File},
		"kind \"pager\": want file": {Name: "a", Kind: "pager"},
		"url \"http://hook":         {Name: "a", Kind: alert.Webhook, URL: "http://hook.example/", SecretFile: secret},
		"secret_file: want":         {Name: "a", Kind: alert.Webhook, URL: "https://hook.example/"},
		"secret_file: stat":         {Name: "a", Kind: alert.Webhook, URL: "https://hook.example/", SecretFile: secret + "x"},
		"address \"log\"":           {Name: "a", Kind: alert.Syslog, Address: "log"},
		"plain: log.example":        {Name: "a", Kind: alert.Syslog, Address: "log.example:514", Plain: true},
		"subject \"soc.>\"":         {Name: "a", Kind: alert.NATS, URL: "nats://x", Subject: "soc.>"},
		"to: want at least one":     {Name: "a", Kind: alert.Mail, Address: "mail.example:25", From: "a@b.example"},
		"is no mailbox":             {Name: "a", Kind: alert.Mail, Address: "mail.example:25", From: "a", To: []string{"a@b.example"}},
		"user and password_file":    {Name: "a", Kind: alert.Mail, Address: "mail.example:25", From: "a@b.example", To: []string{"a@b.example"}, User: "x"},
		"only: kinds: \"ip\"":       {Name: "a", Kind: alert.File, Path: "x", Only: alert.Filter{Kinds: []string{"ip"}}},
		"only: confidence 101":      {Name: "a", Kind: alert.File, Path: "x", Only: alert.Filter{Confidence: 101}},
		"tlp":                       {Name: "a", Kind: alert.File, Path: "x", TLP: 9},
	} {
		if err := (alert.Config{Sinks: []alert.Sink{s}}).Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q: %v", want, err)
		}
	}
	twice := alert.Config{Sinks: []alert.Sink{good[0], {Name: "z", Kind: alert.File, Path: "x"}, good[0]}}
	if err := twice.Validate(); err == nil || !strings.Contains(err.Error(), "another sink writes there") || !strings.Contains(err.Error(), "name is there twice") {
		t.Error(err)
	}
}

// TestLine: people read who was hit, by what, and who points to it.
func TestLine(t *testing.T) {
	e := hits(1)[0]
	e.Hit.Technique = "T1566.001"
	e.Hit.User = "m\x1b[31mk"
	a := alert.New("box", &e, &alert.Dossier{Name: "Lure site", Actor: "APT28", Sponsor: "Russia", Reports: []alert.Report{{Name: "One"}, {Name: "Two"}}})
	want := `2024-05-01T12:00:00Z evil0.example at m[31mk, pc-0, 192.0.2.1 → 198.51.100.7, seen by fw, indicator "Lure site", points to APT28 (Russia), T1566.001; One and 1 more`
	if got := a.Line(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
