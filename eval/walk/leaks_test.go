package walk_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"regexp"
	"slices"
	"testing"
	"time"

	"marque/eval/walk"
	"marque/report"
	"marque/stix"
	"marque/store"
	"marque/workspace"
)

// leak is a fault that Marque had, put in again by hand: what stands between the house and who asks, or what is done in it.
type leak struct {
	name string
	read func(walk.Input) walk.Input // of what is read
	deed func(context.Context, *walk.House) error
	way  func(walk.Way) walk.Way
}

// anySpelling is a level in the spellings that a reader may not know.
var anySpelling = regexp.MustCompile(`(?i)TLP[-_ ][a-z+_ -]+|Traffic Light Protocol: [a-z+]+`)

// leaks are the ways in which what was restricted left: the walk must find each, or it proves nothing.
var leaks = []leak{
	{name: "a spelling of a level is not understood", read: func(in walk.Input) walk.Input {
		return in.Edited(func(text string) string { return anySpelling.ReplaceAllString(text, "handle with care") })
	}},
	{name: "what is concluded is stored at the level of the workspace", deed: func(ctx context.Context, h *walk.House) error {
		s, err := h.Snapshot(ctx, workspace.Owner())
		if err != nil {
			return err
		}
		as, err := s.JudgeAll(ctx, nil)
		if err != nil {
			return err
		}
		var made []*stix.Object
		for _, a := range as {
			o, err := stix.New(a)
			if err != nil {
				return err
			}
			made = append(made, o)
		}
		return put(ctx, h, made)
	}},
	{name: "a sighting is freer than its indicator", deed: func(ctx context.Context, h *walk.House) error {
		var made []*stix.Object
		for rec, err := range h.Reader(workspace.Owner()).Find(ctx, store.Query{Types: []string{"indicator"}}) {
			if err != nil {
				return err
			}
			o, err := stix.New(stix.Sighting{
				Common:        stix.NewCommon(stix.DerivedID("sighting", string(rec.ID)), stix.At(time.Date(2024, 10, 2, 0, 0, 0, 0, time.UTC)), rec.CreatedByRef),
				SightingOfRef: rec.ID,
			})
			if err != nil {
				return err
			}
			made = append(made, o)
		}
		return put(ctx, h, made)
	}},
	{name: "an operation of a free and a secret article is as free as the freest", deed: func(ctx context.Context, h *walk.House) error {
		var made []*stix.Object
		for rec, err := range h.Reader(workspace.Owner()).Find(ctx, store.Query{Types: []string{"campaign", "relationship"}, Importers: []string{"report"}}) {
			if err != nil {
				return err
			}
			o, err := rec.With(map[string]any{"modified": stix.At(time.Date(2024, 11, 2, 0, 0, 0, 0, time.UTC))})
			if err != nil {
				return err
			}
			made = append(made, o)
		}
		return put(ctx, h, made)
	}},
	{name: "the brief is made for the owner and trimmed", way: func(w walk.Way) walk.Way {
		if w.Name != "brief" {
			return w
		}
		w.Ask = func(ctx context.Context, h *walk.House, _ stix.TLP, out io.Writer) error {
			b, err := h.Brief(ctx, workspace.Owner(), report.Options{Generated: time.Date(2024, 11, 1, 0, 0, 0, 0, time.UTC)}, "", nil)
			if err != nil {
				return err
			}
			for i := range b.Operations { // only the probabilities betray it
				b.Operations[i].Name = ""
			}
			return json.NewEncoder(out).Encode([]any{len(b.Operations), b.Counts})
		}
		return w
	}},
	{name: "what one source restricts hides what another gave freely", way: func(w walk.Way) walk.Way {
		if w.Name != "search" {
			return w
		}
		w.Ask = func(ctx context.Context, h *walk.House, level stix.TLP, out io.Writer) error {
			for rec, err := range h.Reader(workspace.View{Level: level}).Find(ctx, store.Query{}) {
				if err != nil {
					return err
				}
				all, err := h.Reader(workspace.Owner()).Sources(ctx, rec.ID)
				if err != nil {
					return err
				}
				if !slices.ContainsFunc(all, func(p store.Provenance) bool { return p.TLP > level }) {
					fmt.Fprintln(out, rec.ID)
				}
			}
			return nil
		}
		return w
	}},
}

// put stores objects as free as can be.
func put(ctx context.Context, h *walk.House, objects []*stix.Object) error {
	at := time.Date(2024, 11, 1, 0, 0, 0, 0, time.UTC)
	_, err := h.Store().Put(ctx, store.Provenance{Importer: "leak", Source: "leak", Time: at, TLP: stix.Clear}, objects)
	return err
}

// TestTheWalkFindsTheLeaksThatWere puts each of the leaks in again that Marque once had, and walks until it is found.
func TestTheWalkFindsTheLeaksThatWere(t *testing.T) {
	const enough = 60
	opener, err := walk.NewOpener(t.Context(), memory(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range append([]leak{{}}, leaks...) { // the first is none
		t.Run(l.name, func(t *testing.T) {
			var ways []walk.Way
			for _, w := range walk.Ways() {
				if slices.Contains([]string{"store", "brief", "search"}, w.Name) {
					if l.way != nil {
						w = l.way(w)
					}
					ways = append(ways, w)
				}
			}
			for seed := range enough {
				rng := rand.New(rand.NewPCG(uint64(seed), 1))
				world := walk.New(rng)
				level := stix.TLP(rng.IntN(int(stix.Red)))
				if l.read != nil {
					world.Edit(l.read)
				}
				var deeds []walk.Deed
				if l.deed != nil {
					deeds = append(deeds, walk.Deed{Name: l.name, Do: l.deed})
				}
				found, err := compare(t.Context(), opener, world, level, world.Asked(6), deeds, ways, func(stix.TLP, int) {})
				if err != nil {
					t.Fatal(err)
				}
				switch {
				case found != "" && l.name == "":
					t.Fatalf("world %d: found without any leak: %s", seed, found)
				case found != "":
					t.Logf("found in world %d: %.150s", seed, found)
					return
				}
			}
			if l.name == "" {
				return
			}
			t.Errorf("%d worlds were walked and nothing was found", enough)
		})
	}
}
