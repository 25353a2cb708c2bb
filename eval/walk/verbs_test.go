package walk_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"marque/eval/walk"
	"marque/export"
	"marque/report"
	"marque/stix"
	"marque/store"
	"marque/workspace"
)

// TestVerbsTellNothingOfWhatIsAbove walks random workspaces whose owner has judged everything and kept the judgements: whoever asks from
// below gets, by every verb and in every export, what a workspace would answer that never held anything above.
func TestVerbsTellNothingOfWhatIsAbove(t *testing.T) {
	for seed := range max(10, runs(t)/4) {
		rng := rand.New(rand.NewPCG(uint64(seed), 2))
		world := walk.New(rng)
		level := stix.TLP(rng.IntN(int(stix.Red)))
		got, want := ask(t, world.Inputs, level), ask(t, world.Below(level), level)
		for way, text := range got {
			if leaks := world.Leaks(text, level); len(leaks) > 0 {
				t.Errorf("seed %d: %s up to %v shows %v", seed, way, level, leaks)
			}
			if text != want[way] {
				t.Errorf("seed %d: %s up to %v tells of what is above:\n%s", seed, way, level, difference(text, want[way]))
			}
		}
		if t.Failed() {
			return
		}
	}
}

// ask reads inputs into a workspace, judges as its owner, and returns what it answers from a level.
func ask(t *testing.T, inputs []walk.Input, level stix.TLP) map[string]string {
	t.Helper()
	ctx := t.Context()
	now := time.Date(2024, 11, 1, 0, 0, 0, 0, time.UTC)
	w, err := workspace.Open(ctx, workspace.Options{Dir: t.TempDir(), Config: workspace.DefaultConfig(), Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	for _, in := range inputs {
		o := workspace.IngestOptions{TLP: &in.Level, Stdin: strings.NewReader(in.Text())}
		if _, err := w.Ingest(ctx, o, "-"); err != nil {
			t.Fatalf("%s: %v\n%s", in.Name, err, in.Text())
		}
	}
	owner, err := w.Snapshot(ctx, workspace.Owner())
	if err != nil {
		t.Fatal(err)
	}
	as, err := owner.JudgeAll(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.KeepJudgements(ctx, owner, as, true); err != nil {
		t.Fatal(err)
	}
	v := workspace.View{Level: level}
	out := map[string]string{}
	note := func(way string, answer any, err error) {
		raw, jerr := json.Marshal(answer)
		if jerr != nil {
			t.Fatal(jerr)
		}
		out[way] = fmt.Sprint(string(raw), err)
	}
	s, err := w.Snapshot(ctx, v)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := w.Claims(ctx, v, workspace.ClaimFilter{})
	note("claims", rows, err)
	judged, err := s.JudgeAll(ctx, nil)
	note("attribute", judged, err)
	for _, name := range []string{"Actor 0", "Actor 1", "APT28", "canary", "report on a break-in"} {
		actor, err := s.Actor(name)
		note("actor "+name, actor, err)
		entity, err := s.Entity(name)
		note("entity "+name, entity, err)
		op, err := s.Operation(name)
		note("operation "+name, op, err)
	}
	b, err := w.Brief(ctx, v, report.Options{Generated: now}, "", nil)
	note("brief", b, err)
	r, err := w.Export(level, store.Knowledge)
	if err != nil {
		t.Fatal(err)
	}
	var bundle bytes.Buffer
	sum, err := export.Bundle(ctx, &bundle, r, store.Query{})
	note("export", sum, err)
	out["bundle"] = bundle.String()
	return out
}
