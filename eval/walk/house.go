package walk

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"marque/stix"
	"marque/workspace"
)

// written is the day on which everything is read and written.
var written = time.Date(2024, 11, 1, 0, 0, 0, 0, time.UTC)

// House is a workspace that read inputs.
type House struct {
	*workspace.Workspace
	dir   string
	upTo  stix.TLP // nothing above it was ever there
	words []string // that are asked about, of every level
	clock time.Time
}

// Opener opens workspaces in folders below its own. It is safe for concurrent use.
type Opener struct {
	dir   string
	empty []byte // the store of a workspace that read nothing
}

// NewOpener makes an opener whose folders are below dir.
func NewOpener(ctx context.Context, dir string) (*Opener, error) {
	w, err := workspace.Open(ctx, workspace.Options{Dir: filepath.Join(dir, "empty"), Config: workspace.DefaultConfig()})
	if err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	empty, err := os.ReadFile(filepath.Join(dir, "empty", "marque.db"))
	return &Opener{dir: dir, empty: empty}, err
}

// Open opens a workspace that reads the inputs of a world up to a level. words are asked about, whether the workspace knows them or not.
func (o *Opener) Open(ctx context.Context, world *World, upTo stix.TLP, words []string) (*House, error) {
	dir, err := os.MkdirTemp(o.dir, "house-")
	if err != nil {
		return nil, err
	}
	h := &House{dir: dir, upTo: upTo, words: words, clock: written}
	if err := os.WriteFile(filepath.Join(dir, "marque.db"), o.empty, 0o600); err != nil { // to make a store anew costs more than all the rest
		return nil, err
	}
	cfg := workspace.DefaultConfig()
	h.Workspace, err = workspace.Open(ctx, workspace.Options{Dir: dir, Config: cfg, Now: func() time.Time { return h.clock }})
	if err != nil {
		return nil, err
	}
	for _, in := range world.Below(upTo) {
		path, err := h.file(in.Name, in.Text())
		if err != nil {
			return h, err
		}
		if _, err := h.Ingest(ctx, workspace.IngestOptions{TLP: &in.Level}, path); err != nil {
			return h, fmt.Errorf("%s: %w\n%s", in.Name, err, in.Text())
		}
	}
	return h, nil
}

// Close closes the workspace and removes its folder.
func (h *House) Close() {
	_ = h.Workspace.Close()
	_ = os.RemoveAll(h.dir)
}

// file writes a file into the folder of the house.
func (h *House) file(name, text string) (string, error) {
	path := filepath.Join(h.dir, name)
	return path, os.WriteFile(path, []byte(text), 0o600)
}

// snapshot is what a level shows.
func (h *House) snapshot(ctx context.Context, level stix.TLP) (*workspace.Snapshot, error) {
	return h.Snapshot(ctx, workspace.View{Level: level})
}

// Do has the owner do each of the deeds, a minute after the other. What the workspace refuses is no matter: what it does not know above
// a level it refuses there.
func (h *House) Do(ctx context.Context, deeds []Deed) {
	for _, d := range deeds {
		h.clock = h.clock.Add(time.Minute)
		_ = d.Do(ctx, h)
	}
}

// Ask asks in one way from a level. An error is an answer. What names the folder is left out.
func (h *House) Ask(ctx context.Context, way Way, level stix.TLP) string {
	var b strings.Builder
	if err := way.Ask(ctx, h, level, &b); err != nil {
		fmt.Fprintf(&b, "\nrefused: %v\n", err)
	}
	return strings.ReplaceAll(b.String(), h.dir, "HOME")
}

// Turn is which of n ways world number i is asked in: each, so many at a time.
func Turn(ways []Way, i, atATime int) []Way {
	out := make([]Way, 0, atATime)
	for k := range min(atATime, len(ways)) {
		out = append(out, ways[(i*atATime+k)%len(ways)])
	}
	slices.SortStableFunc(out, func(a, b Way) int { return cmp.Compare(order[a.Last], order[b.Last]) })
	return out
}

var order = map[bool]int{false: 0, true: 1}

// Some are the deeds that the owner of a world does: each in one of seven worlds, two on average.
func Some(rng *rand.Rand, deeds []Deed) (out []Deed) {
	for _, d := range deeds {
		if rng.IntN(7) == 0 {
			out = append(out, d)
		}
	}
	return out
}
